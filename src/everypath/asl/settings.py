"""Fields of a state that hold one value: a constant, or a value at a path, which may have to be of a kind."""

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
    """A value that the definition gives; evaluating it returns the same object each time."""

    value: Any

    def evaluate(self, scope: Scope) -> Any:
        """Return the value."""
        return self.value


@dataclass(frozen=True, slots=True)
class AtPath:
    """A value at a path, as ``InputPath``, ``OutputPath`` and ``ItemsPath`` find it."""

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
            ``States.Runtime``, in AWS's words: there is no value (recorded: logs), or one that is not whole (recorded:
            base/wait). The sentence for a negative one is known from LocalStack's interpreter only.
        """
        value = _wait_value(self.path, "SecondsPath", scope)
        if isinstance(value, bool) or not isinstance(value, int):
            raise _refusal("The SecondsPath parameter cannot be parsed as a long value", self.path.text, value)
        if value < 0:
            raise _refusal("The SecondsPath parameter references a negative value", self.path.text, value)
        return value


@dataclass(frozen=True, slots=True)
class Moment:
    """``TimestampPath`` of a Wait; what it finds is checked by the state."""

    path: Path

    def evaluate(self, scope: Scope) -> Any:
        """Return the value at the path; raises `StateError` where there is none."""
        return _wait_value(self.path, "TimestampPath", scope)


@dataclass(frozen=True, slots=True)
class WholeNumber:
    """``TimeoutSecondsPath`` and ``HeartbeatSecondsPath`` of a Task.

    A path that leads nowhere is refused as InputPath is (recorded: scenarios/invalid_jsonpath); what AWS says of
    another value is not known, the sentence is ours.
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
