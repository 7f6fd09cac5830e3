"""Fields that hold one value: a constant, or what is found at a path, which may have to be of some type."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from everypath.asl.error_catalog import RUNTIME
from everypath.asl.errors import StateError
from everypath.asl.jsonpath.path import Path, PathNotFound, evaluate_path
from everypath.asl.scope import Expression, Scope


@dataclass(frozen=True, slots=True)
class Constant:
    """A value in the definition itself; evaluating it returns the same object each time."""

    value: Any

    def evaluate(self, scope: Scope) -> Any:
        """Return the value."""
        return self.value


@dataclass(frozen=True, slots=True)
class AtPath:
    """A value at a path: ``InputPath``, ``OutputPath``, ``ItemsPath`` and others."""

    path: Path

    def evaluate(self, scope: Scope) -> Any:
        """Return the value at the path."""
        return evaluate_path(self.path, scope)


@dataclass(frozen=True, slots=True)
class Seconds:
    """``SecondsPath`` of a Wait."""

    path: Path

    def evaluate(self, scope: Scope) -> int:
        """Return the seconds.

        Raises
        ------
        StateError
            ``States.Runtime``: there is no value (recorded: logs), or it is not whole (recorded: base/wait). The
            message for a negative value is known from LocalStack's interpreter only.
        """
        value = _wait_value(self.path, "SecondsPath", scope)
        if isinstance(value, bool) or not isinstance(value, int):
            raise _refusal("The SecondsPath parameter cannot be parsed as a long value", self.path.text, value)
        if value < 0:
            raise _refusal("The SecondsPath parameter references a negative value", self.path.text, value)
        return value


@dataclass(frozen=True, slots=True)
class Moment:
    """``TimestampPath`` of a Wait; the state checks what it finds."""

    path: Path

    def evaluate(self, scope: Scope) -> Any:
        """Return the value at the path; raises `StateError` where there is none."""
        return _wait_value(self.path, "TimestampPath", scope)


@dataclass(frozen=True, slots=True)
class WholeNumber:
    """``TimeoutSecondsPath`` and ``HeartbeatSecondsPath`` of a Task.

    A path that leads nowhere fails as InputPath does (recorded: scenarios/invalid_jsonpath). AWS's message for a value
    that is not whole, or too small, is not known.
    """

    expression: Expression
    field: str
    text: str
    minimum: float

    def evaluate(self, scope: Scope) -> int:
        """Return the number; raises `StateError` where there is none."""
        value = self.expression.evaluate(scope)
        if isinstance(value, bool) or not isinstance(value, int) or value < self.minimum:
            raise _refusal(f"The {self.field} parameter does not reference an integer value", self.text, value)
        return value


@dataclass(frozen=True, slots=True)
class NumberAt:
    """A number of a Map at a path, such as ``MaxConcurrencyPath``; a string of digits is a number, too (recorded).

    Parameters
    ----------
    expression : Expression
        Finds the value.
    field, path : str
        What the cause names where the value is not a number.
    integer : bool
        Whether it must be whole.
    minimum, maximum : float
        Its bounds.
    refusal : str
        The cause where the number is out of bounds.
    error : str
        The error where it is out of bounds; that of a value which is no number is ``States.Runtime`` (measured on AWS).
    """

    expression: Expression
    field: str
    path: str
    integer: bool
    minimum: float
    maximum: float
    refusal: str
    error: str

    def evaluate(self, scope: Scope) -> int | float:
        """Return the number; raises `StateError` where there is none, or one out of bounds."""
        value = self.expression.evaluate(scope)
        found = _converted(value, int if self.integer else float)
        if found is None:
            kind = "integer" if self.integer else "float"
            text = value if isinstance(value, str) else json.dumps(value, separators=(",", ":"), ensure_ascii=False)
            raise StateError(
                RUNTIME,
                f'The {self.field}Path field refers to value "{text}" which is not a valid {kind}: {self.path}',
            )
        if not self.minimum <= found <= self.maximum:
            raise StateError(self.error, self.refusal)
        return found


def _wait_value(path: Path, field: str, scope: Scope) -> Any:
    try:
        value = path.evaluate(scope)
    except PathNotFound:
        value = None
    if value is None:
        raise StateError(RUNTIME, f"The {field} parameter does not reference an input value: {path.text}")
    return value


def _refusal(sentence: str, text: str, value: Any) -> StateError:
    shown = value if isinstance(value, str) else json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    return StateError(RUNTIME, f"{sentence}: {text} == {shown}")


def _converted(value: Any, kind: type[int] | type[float]) -> int | float | None:
    if isinstance(value, bool) or not isinstance(value, str | int | kind):
        return None
    try:
        return kind(value)
    except ValueError:
        return None
