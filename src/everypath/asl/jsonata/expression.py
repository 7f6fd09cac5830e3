"""A JSONata expression of a definition, and the causes that AWS gives where it fails."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeGuard

from everypath.asl.error_catalog import QUERY_EVALUATION_ERROR
from everypath.asl.errors import ExpressionSyntaxError, StateError
from everypath.asl.jsonata.messages import JsonataError, UnsupportedResultError, json_text
from everypath.asl.jsonata.plain import ABSENT
from everypath.asl.scope import Scope

if TYPE_CHECKING:
    from everypath.asl.jsonata.program import Program

INVALID = "INVALID_JSONATA_EXPRESSION"
UNSUPPORTED = "UNSUPPORTED_JSONATA_EXPRESSION"


class QueryEvaluationError(StateError):
    """A JSONata expression failed, or its value is not of the type that its field needs.

    AWS notes it in the history as ``EvaluationFailed``, with `location`, and puts "An error occurred while executing
    the state …" before `cause`.

    Parameters
    ----------
    cause : str
        AWS's sentence, without what it says of the state.
    location : str
        The field, such as ``Arguments/Payload``.
    expression : str
        The text of the expression, without ``{%`` and ``%}``.
    """

    def __init__(self, cause: str, location: str, expression: str = "") -> None:
        super().__init__(QUERY_EVALUATION_ERROR, cause, location)
        self.expression = expression


class JsonataSyntaxError(ExpressionSyntaxError):
    """An expression that AWS refuses when the definition is created.

    Parameters
    ----------
    message : str
        AWS's message.
    code : str
        ``INVALID_JSONATA_EXPRESSION`` or ``UNSUPPORTED_JSONATA_EXPRESSION``.
    place : tuple
        Where it is below its block: the field, and the keys and indices in it.
    """

    def __init__(self, message: str, code: str, place: tuple[str | int, ...]) -> None:
        super().__init__(message)
        self.code = code
        self.place = place


@dataclass(frozen=True, slots=True)
class JsonataExpression:
    """A compiled expression; threads may share it.

    Parameters
    ----------
    text : str
        The expression without ``{%`` and ``%}``, as AWS quotes it.
    field : str
        The field it is in, as AWS names it.
    program : Program
        What runs.
    """

    text: str
    field: str
    program: Program

    @property
    def variables(self) -> tuple[str, ...]:
        """The workflow variables that it reads, without ``$``."""
        return self.program.variables

    def evaluate(self, scope: Scope) -> Any:
        """Return the JSON data that the expression stands for.

        Raises
        ------
        QueryEvaluationError
            Where it fails, is undefined, or returns a function. The sentences are recorded (assign, scenarios,
            intrinsic_functions), but for those of AWS's bounds and of errors that JSONata does not know (measured
            with TestState: floci-io/floci issue 2736).
        """
        try:
            value = self.program.run(scope)
        except JsonataError as error:
            separator = ": " if error.code is None else f". {error.code}: "
            raise self._failure(f"threw an error during evaluation{separator}{error.message}") from error
        except UnsupportedResultError as error:
            raise self._failure("returned an unsupported result type.") from error
        except Exception as error:
            raise self._failure("threw an internal error during evaluation.") from error
        if value is ABSENT:
            raise self._failure("returned nothing (undefined).")
        return value

    def of_type(self, scope: Scope, *wanted: str) -> Any:
        """Return the value, which must be of one of some types, such as ``array``, ``boolean`` or ``number``.

        Raises
        ------
        QueryEvaluationError
            Where it is of another type (recorded: scenarios, for ``Items``), or cannot be had.
        """
        value = self.evaluate(scope)
        found = type_name(value)
        if found not in wanted:
            raise self._failure(
                f"returned an unexpected result type. Expected '{wanted[0]}', but was '{found}' "
                f"for value: {json_text(value)}"
            )
        return value

    def _failure(self, what: str) -> QueryEvaluationError:
        sentence = f"The JSONata expression '{self.text}' specified for the field '{self.field}' {what}"
        return QueryEvaluationError(sentence, self.field, self.text)


def is_jsonata(value: object) -> TypeGuard[str]:
    """Whether a value is an expression: a string from ``{%`` to ``%}``, without even a space around them (recorded)."""
    return isinstance(value, str) and value.startswith("{%") and value.endswith("%}") and len(value) >= 4


def compile_jsonata(
    text: str,
    field: str = "",
    *,
    place: tuple[str | int, ...] | None = None,
    states: frozenset[str] | None = None,
) -> JsonataExpression:
    """Compile an expression.

    Parameters
    ----------
    text : str
        The expression with ``{%`` and ``%}``.
    field : str
        The field it is in, as AWS names it: relative to the state, such as ``Output/order[0]``.
    place : tuple, optional
        Where it is below its block; by default what follows the last ``/`` of `field`.
    states : frozenset of str, optional
        The fields that ``$states`` has there; by default it is not checked which of them are read.

    Raises
    ------
    JsonataSyntaxError
        Where AWS refuses it: it cannot be parsed, or it refers to the top-level context, which does not exist
        (measured on AWS: floci-io/floci issues 2670 and 2745), or to a field that ``$states`` does not have there.
    """
    from everypath.asl.jsonata.program import program

    source = text[2:-2].strip()
    where = (field.rpartition("/")[2],) if place is None else place
    try:
        found = program(source)
    except JsonataError as error:
        raise JsonataSyntaxError(error.message, INVALID, where) from error
    refusal = _refusal(found, states)
    if refusal is not None:
        raise JsonataSyntaxError(refusal, UNSUPPORTED, where)
    return JsonataExpression(source, field, found)


def _refusal(program: Program, states: frozenset[str] | None) -> str | None:
    """What AWS says of the first reference that it does not support."""
    for name in program.parsed.outside:
        return f"Reference to '{name}'{'' if name == '$$' else ' at the top level'} is not supported."
    if states is not None and program.parsed.states is not None:
        for name in sorted(program.parsed.states - states):
            return f"Field '$states.{name}' does not exist."
    return None


def type_name(value: Any) -> str:
    """Return what AWS's messages call the type of JSON data."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, str):
        return "string"
    if isinstance(value, (int, float)):
        return "number"
    return "array" if isinstance(value, list) else "object"
