"""Intrinsic functions, compiled from their text: ``States.Format('Hello {}', $.name)``."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from everypath.asl.error_catalog import RUNTIME
from everypath.asl.errors import ExpressionSyntaxError, StateError
from everypath.asl.java_values import json_text
from everypath.asl.jsonpath.intrinsic_functions import (
    FUNCTIONS,
    ArgumentNotFoundError,
    IntrinsicError,
    IntrinsicFunction,
)
from everypath.asl.jsonpath.path import Path, PathNotFound, read_path, refuse_null_input
from everypath.asl.scanner import Scanner
from everypath.asl.scope import Scope

Argument = Callable[[Scope], Any]

#: How deep calls may be nested (developer guide, "Intrinsic functions for JSONPath states").
DEEPEST = 10

_NAME = re.compile(r"States\.\w+")
_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?(?![\w.])")
_WORD = re.compile(r"(true|false|null)\b")
_STRING = re.compile(r"'(?:[^'\\]|\\['{}\\])*'", re.DOTALL)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_FORMAT, _STRING_TO_JSON = "States.Format", "States.StringToJson"


@dataclass(frozen=True, slots=True)
class Intrinsic:
    """A compiled call of an intrinsic function.

    Parameters
    ----------
    text : str
        The call as the definition has it.
    value : callable
        Returns its value in a scope.
    """

    text: str
    value: Argument

    def evaluate(self, scope: Scope) -> Any:
        """Return the function's value in `scope`.

        Raises
        ------
        StateError
            A path leads nowhere, or a function does not accept its arguments. The error is ``States.Runtime`` and the
            cause quotes the outermost call (both measured on AWS; the specification and the developer guide have
            ``States.IntrinsicFailure``).
        """
        try:
            return self.value(scope)
        except ArgumentNotFoundError as error:
            cause = f"The function '{self.text}' had the following error: {error}"
            raise StateError(RUNTIME, cause) from None
        except IntrinsicError as error:
            cause = f"There was an error while evaluating the intrinsic function: {self.text}. {error}"
            raise StateError(RUNTIME, cause) from None


def is_intrinsic(text: str) -> bool:
    """Whether a text is meant to call an intrinsic function."""
    return text.startswith("States.")


def compile_intrinsic(text: str) -> Intrinsic:
    """Compile a call.

    Raises
    ------
    ExpressionSyntaxError
        The text is not a call, its function is unknown, or calls are nested too deeply.
    """
    scanner = Scanner(text.strip())
    value = _call(scanner, 1)[1]
    if not scanner.at_end:
        scanner.fail("the end")
    return Intrinsic(text, value)


def _call(scanner: Scanner, depth: int) -> tuple[IntrinsicFunction, Argument]:
    name = scanner.read(_NAME)
    function = FUNCTIONS.get(name)
    if function is None or depth > DEEPEST:
        scanner.fail(f"an intrinsic function, at most {DEEPEST} deep")
    scanner.skip_blanks()
    scanner.expect("(")
    arguments: list[Argument] = []
    scanner.skip_blanks()
    while not scanner.take(")"):
        if arguments:
            scanner.expect(",")
        raw = name == _FORMAT and not arguments
        arguments.append(_argument(scanner, depth, raw=raw, shown=name == _FORMAT))
        scanner.skip_blanks()
    return function, lambda scope: function.call([argument(scope) for argument in arguments], scope.random)


def _argument(scanner: Scanner, depth: int, *, raw: bool, shown: bool) -> Argument:
    """Read an argument.

    Parameters
    ----------
    scanner : Scanner
        Its position is before the argument.
    depth : int
        How deeply the call is nested.
    raw : bool
        Whether a string keeps its escapes, as the template of ``States.Format`` does.
    shown : bool
        Whether the value is formatted as text: the result of ``States.StringToJson`` is then JSON, quotes included.
    """
    scanner.skip_blanks()
    if scanner.peek() == "$":
        return _at(read_path(scanner))
    if scanner.peek() == "S":
        function, value = _call(scanner, depth + 1)
        return (lambda scope: json_text(value(scope))) if shown and function.name == _STRING_TO_JSON else value
    constant = _constant(scanner, raw)
    return lambda scope: constant


def _constant(scanner: Scanner, raw: bool) -> Any:
    string = scanner.read(_STRING)
    if string:
        return string[1:-1] if raw else _ESCAPE.sub(r"\1", string[1:-1])
    text = scanner.read(_NUMBER) or scanner.read(_WORD)
    if not text:
        scanner.fail("an argument")
    try:
        return json.loads(text)
    except ValueError as error:
        raise ExpressionSyntaxError(str(error)) from error


def _at(path: Path) -> Argument:
    """Compile a path as an argument; unlike in a payload template, an index beyond the end of an array is an error."""

    def value(scope: Scope) -> Any:
        refuse_null_input(path, scope)
        try:
            return path.require(scope)
        except PathNotFound as error:
            where = f"The JsonPath argument for the field '{path.document_text}' could not be found in the input"
            raise ArgumentNotFoundError(
                error.detail if error.shown else f"{where} '{json_text(scope.value)}'"
            ) from None

    return value
