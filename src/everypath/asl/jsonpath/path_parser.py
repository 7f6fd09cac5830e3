"""Parses the text of a JSONPath into its steps."""

from __future__ import annotations

import re

from everypath.asl.jsonpath.filter import read_filter, read_quoted
from everypath.asl.jsonpath.steps import Child, Filter, Function, Index, Members, Scan, Slice, Step, Wildcard
from everypath.asl.scanner import Scanner

#: A name after a dot: anything up to the next step (recorded: ``$.delivery-partner``).
_NAME = re.compile(r"[^.\[(\s]+")
#: A name inside a filter or an intrinsic function also ends where the expression around it goes on.
_INNER_NAME = re.compile(r"[^.\[(\s,)=<>!&|~]+")
_CALL = re.compile(r"\(\s*\)")
_INTEGER = re.compile(r"-?\d+")


def read_steps(scanner: Scanner, name: re.Pattern[str] = _NAME) -> tuple[Step, ...]:
    """Read the steps of a path, up to what can be none.

    Parameters
    ----------
    scanner : Scanner
        Stands behind the ``$`` or ``@``.
    name : pattern
        What a name after a dot may be.

    Raises
    ------
    ExpressionSyntaxError
        A step is broken.
    """
    steps: list[Step] = []
    while True:
        if scanner.take(".."):
            steps.append(Scan(_step(scanner, name)))
        elif scanner.take(".") or scanner.peek() == "[":
            steps.append(_step(scanner, name))
        else:
            break
    for place, step in enumerate(steps[:-1]):
        if isinstance(step, Child) and len(step.names) > 1:
            steps[place] = Members(step.names)
    return tuple(steps)


def read_inner_steps(scanner: Scanner) -> tuple[Step, ...]:
    """Read the steps of a path that stands inside a filter or an intrinsic function."""
    return read_steps(scanner, _INNER_NAME)


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
    if scanner.peek() == "(":
        if not scanner.read(_CALL):
            scanner.fail("'()'")
        return Function(text)
    return Child((text,))


def _bracketed(scanner: Scanner) -> Step:
    if scanner.take("*"):
        return Wildcard()
    if scanner.take("?"):
        scanner.skip_blanks()
        scanner.expect("(")
        accepts = read_filter(scanner, read_inner_steps)
        scanner.expect(")")
        return Filter(accepts)
    if scanner.peek() in ("'", '"'):
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
    first = _integer(scanner)
    if scanner.take(":"):
        last = _integer(scanner)
        if first is None and last is None:
            scanner.fail("a number")
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
    return int(text) if text else None
