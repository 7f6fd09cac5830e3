"""Payload templates of JSONPath states: JSON in which a field ``name.$`` holds a path or an intrinsic function."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from everypath.asl.error_catalog import RUNTIME
from everypath.asl.errors import ExpressionSyntaxError, StateError
from everypath.asl.java_values import json_text, map_order
from everypath.asl.jsonpath.intrinsics import compile_intrinsic, is_intrinsic
from everypath.asl.jsonpath.path import PathNotFound, compile_path, refuse_null_input
from everypath.asl.scope import Scope

Value = Callable[[Scope], Any]

_KINDS = {dict: "OBJECT", list: "ARRAY", int: "NUMBER", float: "NUMBER", bool: "BOOLEAN"}


@dataclass(frozen=True, slots=True)
class PayloadTemplate:
    """A compiled payload template.

    Parameters
    ----------
    value : callable
        Returns the payload in a scope.
    constant : bool
        Whether it has no expressions; evaluating it then returns the object in the definition itself.
    """

    value: Value
    constant: bool

    def evaluate(self, scope: Scope) -> Any:
        """Return the payload in `scope`.

        Raises
        ------
        StateError
            A path leads nowhere: ``States.Runtime``, with the recorded text "The JSONPath '$.x' specified for the
            field 'x.$' could not be found in the input '{…}'"; or an intrinsic function fails.
        """
        return self.value(scope)


def compile_template(data: Any) -> PayloadTemplate:
    """Compile a payload template: ``Parameters``, ``ResultSelector``, ``ItemSelector``, ``Assign`` and the like.

    Raises
    ------
    ExpressionSyntaxError
        A field ``name.$`` holds neither a path nor an intrinsic function, or there is a field ``name``, too; the
        messages are AWS's.
    """
    value = _compile(data)
    return PayloadTemplate(value or (lambda scope: data), constant=value is None)


def compile_value(text: str, field: str) -> PayloadTemplate:
    """Compile ``ErrorPath`` or ``CausePath``, which hold what a field ``name.$`` of a template does.

    Messages have the field's name as it is (recorded: "specified for the field 'ErrorPath'").

    Raises
    ------
    ExpressionSyntaxError
        The text is neither a path nor an intrinsic function.
    """
    return PayloadTemplate(_expression(field, text), constant=False)


def _compile(data: Any) -> Value | None:
    """Compile a part of the payload; return None where it is constant."""
    if isinstance(data, dict):
        return _object(data)
    return _array(data) if isinstance(data, list) else None


def _object(data: dict[str, Any]) -> Value | None:
    parts: list[tuple[str, Value]] = []
    for name, value in data.items():
        if name.endswith(".$"):
            if name[:-2] in data:
                raise ExpressionSyntaxError(both_fields(name))
            parts.append((name[:-2], _expression(name, value)))
        elif (inner := _compile(value)) is not None:
            parts.append((name, inner))
    if not parts:
        return None
    # Recorded: constant fields come first, evaluated ones follow in the order of a hash map.
    blank = {name: value for name, value in data.items() if not name.endswith(".$")}
    blank.update(dict.fromkeys(map_order(name[:-2] for name in data if name.endswith(".$"))))

    def make(scope: Scope) -> dict[str, Any]:
        made = blank.copy()
        for name, value in parts:
            made[name] = value(scope)
        return made

    return make


def both_fields(name: str) -> str:
    """Return what AWS says of a template that has a field both with and without ``.$`` (Step Functions Local)."""
    return f"Cannot have both the field '{name}' and the field '{name[:-2]}' at the same time"


def _array(data: list[Any]) -> Value | None:
    parts = [(place, inner) for place, item in enumerate(data) if (inner := _compile(item)) is not None]
    if not parts:
        return None

    def make(scope: Scope) -> list[Any]:
        made = list(data)
        for place, value in parts:
            made[place] = value(scope)
        return made

    return make


def _expression(name: str, text: Any) -> Value:
    if not isinstance(text, str):
        kind = _KINDS.get(type(text), "NULL")
        raise ExpressionSyntaxError(
            f"The value for the field '{name}' must be a STRING that contains a JSONPath but was an {kind}"
        )
    try:
        return compile_intrinsic(text).evaluate if is_intrinsic(text) else _at(name, text)
    except ExpressionSyntaxError as error:
        raise ExpressionSyntaxError(
            f"The value for the field '{name}' must be a valid JSONPath or a valid intrinsic function call"
        ) from error


def _at(name: str, text: str) -> Value:
    path = compile_path(text)

    def value(scope: Scope) -> Any:
        refuse_null_input(path, scope)
        try:
            return path.evaluate(scope)
        except PathNotFound:
            document = json_text(path.document(scope))
            cause = (
                f"The JSONPath '{text}' specified for the field '{name}' could not be found in the input '{document}'"
            )
            raise StateError(RUNTIME, cause) from None

    return value
