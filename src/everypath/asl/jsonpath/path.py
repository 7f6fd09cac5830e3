"""JSONPath as Step Functions evaluates it, compiled once: ``$.a.b[0]``, ``$$.Execution.Id``, ``$variable.x``.

A path that identifies one value must find it. The value of a path with a wildcard, a slice, a filter or ``..`` is a
list, which is empty where nothing is found, even where the beginning of the path is missing (recorded:
``base/json_path_array…_no_input``).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from everypath.asl.error_catalog import RUNTIME
from everypath.asl.errors import ExpressionSyntaxError, StateError
from everypath.asl.jsonpath.filter import read_filter, read_quoted, unescaped
from everypath.asl.jsonpath.steps import (
    Child,
    Filter,
    FromEnd,
    Index,
    PathNotFound,
    Scan,
    Slice,
    Step,
    Wildcard,
    collect,
    is_definite,
    locate,
)
from everypath.asl.scanner import Scanner
from everypath.asl.scope import Scope

__all__ = [
    "Path", "PathNotFound", "check_path", "compile_path", "evaluate_path", "is_reference",
    "read_path", "refuse_null_input",
]  # fmt: skip

_INVALID = "Value must be a valid JSONPath."
_NOT_REFERENCE = "Value is not a Reference Path"
_NO_ROOT = "Value is not a Reference Path: Reference path didn't start with '$'"
_VARIABLE = re.compile(r"[^\W\d]\w*")
#: A name after a dot: anything up to the next step (recorded: ``$.delivery-partner``), so ``length()`` is a name, too.
#: A backslash escapes what would end it (specification, "Reference Paths").
_NAME = re.compile(r"(?:\\.|[^.\[\s\\])+")
#: A name in a filter or in an intrinsic function also ends where the expression around it continues.
_INNER_NAME = re.compile(r"(?:\\.|[^.\[(\s,)=<>!&|~\\])+(?:\(\))?")
_INTEGER = re.compile(r"-?\d+")
_FROM_END = re.compile(r"\(\s*@\.(?:length|size(?:\(\))?)\s*-\s*(\d+)\s*\)")
#: Numbers are Java's integers.
_NO_INTEGER = 2**31
_LONGEST_INTEGER = 40
_STEP_WIDTH = re.compile(r"\s*:\s*-?\d*")


@dataclass(frozen=True, slots=True)
class Path:
    """A compiled path.

    Parameters
    ----------
    text : str
        The path as it is in the definition.
    root : str
        What it starts at: ``$`` for the input, ``$$`` for the context object, otherwise the name of a variable.
    steps : tuple of Step
        Its steps.
    definite : bool
        Whether it identifies one value.
    find : callable
        Returns what the path leads to from a root; raises `PathNotFound`.
    """

    text: str
    root: str
    steps: tuple[Step, ...]
    definite: bool
    find: Callable[[Any], Any]

    @property
    def document_text(self) -> str:
        """The path relative to its document: ``$.Execution`` for ``$$.Execution``."""
        return self.text[1:] if self.root == "$$" else self.text

    def evaluate(self, scope: Scope) -> Any:
        """Return the value in `scope`.

        Raises
        ------
        PathNotFound
            The path leads nowhere, or its variable is not assigned.
        """
        return self.find(self.document(scope))

    def require(self, scope: Scope) -> Any:
        """Return the value in `scope`; an element beyond the end of an array is missing, not null."""
        document = self.document(scope)
        value = self.find(document)
        if value is None and is_definite(self.steps):
            return locate(self.steps, document, document, strict=True)
        return value

    def document(self, scope: Scope) -> Any:
        """Return what the path is applied to: the input, the context object, or the variables."""
        if self.root == "$":
            return scope.value
        return scope.context() if self.root == "$$" else scope.variables


def compile_path(text: str) -> Path:
    """Compile a path.

    Raises
    ------
    ExpressionSyntaxError
        The text is not a JSONPath; the message is AWS's.
    """
    scanner = Scanner(text.rstrip())
    try:
        found = _read(scanner, _read_steps)
    except ExpressionSyntaxError as error:
        raise ExpressionSyntaxError(_INVALID) from error
    if not scanner.at_end:
        raise ExpressionSyntaxError(_INVALID)
    return found


def read_path(scanner: Scanner) -> Path:
    """Read a path that is an argument of an intrinsic function."""
    return _read(scanner, _read_inner_steps)


def evaluate_path(path: Path, scope: Scope) -> Any:
    """Return the value of a field such as ``InputPath``, ``OutputPath`` or ``TimeoutSecondsPath``.

    Raises
    ------
    StateError
        ``States.Runtime``, with the recorded text: "Invalid path '$.x' : No results for path: $['x']".
    """
    refuse_null_input(path, scope)
    try:
        return path.evaluate(scope)
    except PathNotFound as error:
        raise StateError(RUNTIME, f"Invalid path '{path.text}' : {error.detail}") from None


def refuse_null_input(path: Path, scope: Scope) -> None:
    """Raise `StateError` for a path into an input that is null, as AWS does."""
    if scope.value is None and path.root == "$":
        raise StateError(RUNTIME, "Unable to apply Path transformation to null or empty input.")


def is_reference(path: Path) -> bool:
    """Whether a path is a reference path: names and array indices, starting at ``$`` or at a variable."""
    return path.root != "$$" and all(
        (isinstance(step, Child) and len(step.names) == 1 and not step.names[0].endswith("()"))
        or (isinstance(step, Index) and len(step.indices) == 1)
        for step in path.steps
    )


def check_path(text: str, *, reference: bool = False) -> str | None:
    """Return what is wrong with a path, in AWS's words; None where nothing is wrong.

    Parameters
    ----------
    text : str
        The path.
    reference : bool
        Whether the field needs a reference path, as ``ResultPath``, ``SecondsPath`` and a rule's ``Variable`` do.
    """
    try:
        path = compile_path(text)
    except ExpressionSyntaxError as error:
        return (_NO_ROOT if not text.startswith("$") else _NOT_REFERENCE) if reference else str(error)
    return _NOT_REFERENCE if reference and not is_reference(path) else None


def _read(scanner: Scanner, steps_of: Callable[[Scanner], tuple[Step, ...]]) -> Path:
    start = scanner.position
    scanner.expect("$")
    root = "$"
    steps: tuple[Step, ...] = ()
    if scanner.take("$"):
        root = "$$"
    else:
        name = scanner.read(_VARIABLE)
        if name:
            root, steps = name, (Child((name,)),)
    steps += steps_of(scanner)
    text = scanner.text[start : scanner.position]
    return Path(text, root, steps, is_definite(steps), _finder(steps))


def _finder(steps: tuple[Step, ...]) -> Callable[[Any], Any]:
    """Return the fastest function that follows the steps."""
    if not steps:
        return _itself
    if not is_definite(steps):
        return lambda root: collect(steps, root, root)
    keys: list[str | int] = []
    for step in steps:
        if isinstance(step, Index) and step.indices[0] >= 0:
            keys.append(step.indices[0])
        elif isinstance(step, Child) and len(step.names) == 1:
            keys.append(step.names[0])
        else:
            return lambda root: locate(steps, root, root)
    return _keyed(keys, steps)


def _itself(root: Any) -> Any:
    return root


def _keyed(keys: list[str | int], steps: tuple[Step, ...]) -> Callable[[Any], Any]:
    """Follow names and indices; where one does not apply, `locate` decides what that means."""
    indexed = any(isinstance(key, int) for key in keys)

    def find(root: Any) -> Any:
        value = root
        try:
            for key in keys:
                # A text can be indexed in Python, too.
                if indexed and isinstance(value, str):
                    return locate(steps, root, root)
                value = value[key]
        except (KeyError, IndexError, TypeError):
            return locate(steps, root, root)
        return value

    return find


def _read_steps(scanner: Scanner, name: re.Pattern[str] = _NAME) -> tuple[Step, ...]:
    """Read the steps of a path, as far as there are any.

    Parameters
    ----------
    scanner : Scanner
        Its position is after the ``$`` or ``@``.
    name : pattern
        Matches a name after a dot.

    Raises
    ------
    ExpressionSyntaxError
        A step is malformed.
    """
    steps: list[Step] = []
    while True:
        if scanner.take(".."):
            steps.append(Scan(_step(scanner, name)))
        elif scanner.take(".") or scanner.peek() == "[":
            steps.append(_step(scanner, name))
        else:
            break
    return tuple(steps)


def _read_inner_steps(scanner: Scanner) -> tuple[Step, ...]:
    """Read the steps of a path in a filter or in an intrinsic function."""
    return _read_steps(scanner, _INNER_NAME)


def _step(scanner: Scanner, name: re.Pattern[str]) -> Step:
    if scanner.take("["):
        scanner.skip_blanks()
        step = _bracketed(scanner)
        scanner.skip_blanks()
        scanner.expect("]")
        return step
    if scanner.take("*"):
        return Wildcard()
    text = scanner.read(name)
    if not text:
        scanner.fail("a name, '*' or '['")
    return Child((unescaped(text),))


def _bracketed(scanner: Scanner) -> Step:
    if scanner.take("*"):
        return Wildcard()
    if scanner.take("?"):
        scanner.skip_blanks()
        scanner.expect("(")
        accepts = read_filter(scanner, _read_inner_steps)
        scanner.expect(")")
        return Filter(accepts)
    if scanner.peek() == "'":
        return Child(tuple(_names(scanner)))
    return _indexed(scanner)


def _names(scanner: Scanner) -> list[str]:
    names: list[str] = []
    while True:
        scanner.skip_blanks()
        name = read_quoted(scanner)
        if name is None:
            scanner.fail("a quoted name")
        names.append(name)
        scanner.skip_blanks()
        if not scanner.take(","):
            return names


def _indexed(scanner: Scanner) -> Step:
    from_end = _FROM_END.fullmatch(scanner.read(_FROM_END))
    if from_end:
        return FromEnd(_of_32_bits(scanner, from_end[1]))
    first = _integer(scanner)
    if scanner.take(":"):
        last = _integer(scanner)
        if first is None and last is None:
            scanner.fail("a number")
        scanner.read(_STEP_WIDTH)
        return Slice(first, last)
    indices = [first]
    while scanner.take(","):
        indices.append(_integer(scanner))
    if None in indices:
        scanner.fail("a number, a quoted name, '*' or '?'")
    return Index(tuple(index for index in indices if index is not None))


def _integer(scanner: Scanner) -> int | None:
    scanner.skip_blanks()
    text = scanner.read(_INTEGER)
    scanner.skip_blanks()
    return _of_32_bits(scanner, text) if text else None


def _of_32_bits(scanner: Scanner, text: str) -> int:
    number = int(text) if len(text) <= _LONGEST_INTEGER else _NO_INTEGER
    if not -_NO_INTEGER <= number < _NO_INTEGER:
        scanner.fail("a number of 32 bits")
    return number
