"""Fields of a state whose expression must give a value of one type: ``Condition``, ``Items``, ``TimeoutSeconds``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from everypath.asl.jsonata.expression import JsonataExpression, QueryEvaluationError, compile_jsonata
from everypath.asl.jsonata.messages import json_text
from everypath.asl.jsonata.template import JsonataTemplate, compile_jsonata_template
from everypath.asl.scope import Scope
from everypath.asl.timestamps import parse_timestamp


@dataclass(frozen=True, slots=True)
class Typed:
    """An expression whose value must be of one of some types."""

    expression: JsonataExpression
    types: tuple[str, ...]

    def evaluate(self, scope: Scope) -> Any:
        """Return the value; raises `QueryEvaluationError` where it is of another type."""
        return self.expression.of_type(scope, *self.types)


@dataclass(frozen=True, slots=True)
class Number:
    """An expression that must give a number within bounds."""

    expression: JsonataExpression
    minimum: float
    maximum: float
    integer: bool

    def evaluate(self, scope: Scope) -> float:
        """Return the number.

        Raises
        ------
        QueryEvaluationError
            Where it is none. The sentences are those of AWS for ``TimeoutSeconds`` (recorded by the conformance
            suite of gabrielmoreira/tiny-asl-machine, Feature.JSONataValidation).
        """
        value: float = self.expression.of_type(scope, "number")
        name = _name(self.expression)
        if self.integer and not isinstance(value, int):
            raise _refused(self.expression, f"The {name} field cannot be parsed as an integer: {json_text(value)}")
        if not self.minimum <= value <= self.maximum:
            bounds = f"{json_text(self.minimum)} and {json_text(self.maximum)}"
            raise _refused(self.expression, f"{name} must be between {bounds} but was: {json_text(value)}")
        return value


@dataclass(frozen=True, slots=True)
class Timestamp:
    """An expression that must give a timestamp."""

    expression: JsonataExpression

    def evaluate(self, scope: Scope) -> str:
        """Return the timestamp's text.

        Raises
        ------
        QueryEvaluationError
            Where it is none (recorded: scenarios, wait_timestamp_jsonata).
        """
        text: str = self.expression.of_type(scope, "string")
        if parse_timestamp(text) is None:
            message = "field cannot be parsed as an ISO-8601 extended offset date-time format string"
            raise _refused(self.expression, f"The {_name(self.expression)} {message}: {text}")
        return text


def compile_boolean(text: str, field: str) -> Typed:
    """Compile the ``Condition`` of a choice rule."""
    return Typed(compile_jsonata(text, field), ("boolean",))


def compile_string(text: str, field: str) -> Typed:
    """Compile a field that must be a string: ``Error``, ``Cause``, ``RoleArn``."""
    return Typed(compile_jsonata(text, field), ("string",))


def compile_number(text: str, field: str, minimum: float, maximum: float, integer: bool = True) -> Number:
    """Compile a field that must be a number.

    An expression may give 0 where a constant may not: AWS names 0 as the least ``TimeoutSeconds``.
    """
    return Number(compile_jsonata(text, field), min(minimum, 0), maximum, integer)


def compile_timestamp(text: str, field: str) -> Timestamp:
    """Compile the ``Timestamp`` of a Wait."""
    return Timestamp(compile_jsonata(text, field))


def compile_items(data: Any, field: str, *, distributed: bool = False) -> Typed | JsonataTemplate:
    """Compile the ``Items`` of a Map: an expression that must give an array, or an array with expressions in it.

    Of a `distributed` Map it may be an object as well (measured on AWS).
    """
    compiled = compile_jsonata_template(data, field)
    return (
        Typed(compiled, ("array", "object") if distributed else ("array",))
        if isinstance(compiled, JsonataExpression)
        else compiled
    )


def _name(expression: JsonataExpression) -> str:
    return expression.field.rpartition("/")[2]


def _refused(expression: JsonataExpression, cause: str) -> QueryEvaluationError:
    return QueryEvaluationError(cause, expression.field, expression.text)
