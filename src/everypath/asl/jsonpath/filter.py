"""The filters of JSONPath: ``[?(@.price < 10 && @.name =~ /a.*/i)]``.

They are those of Jayway's JsonPath 2.0.0: what AWS accepts and refuses of later versions' filters, and what AWS's own
Step Functions Local selects, shows that Step Functions uses it. There are no operators in words. What stands beside an
operator is a path that leads to one value, a regular expression, or a text, quoted in single quotes or not at all; a
number or ``true`` in a filter is such a text, and is compared by what it is compared with.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

from everypath.asl.errors import ExpressionSyntaxError
from everypath.asl.java_values import java_text
from everypath.asl.jsonpath.steps import PathNotFound, Predicate, Step, is_definite, locate
from everypath.asl.scanner import Scanner
from everypath.asl.utf16 import sort_key

Operand = Callable[[Any, Any], Any]
ReadSteps = Callable[[Scanner], tuple[Step, ...]]

_SYMBOL = re.compile(r"==|>=|<=|!=|=~|<|>")
_PATTERN = re.compile(r"/((?:[^/\\]|\\.)*)/(i?)(?=\s*(?:\)|&&|\|\||[=!<>]))", re.DOTALL)
#: A text without quotes: it ends with the condition, or before an operator.
_BARE = re.compile(r"(?:(?!&&|\|\||[()=!<>]).)+", re.DOTALL)
_QUOTED = re.compile(r"'((?:[^'\\]|\\.)*)'", re.DOTALL)
_ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))", re.DOTALL)
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")

#: The value of a path that leads nowhere; no comparison with it is true.
MISSING = object()


def read_quoted(scanner: Scanner) -> str | None:
    """Read a string in single quotes; return None where no string comes next."""
    if scanner.peek() != "'":
        return None
    text = scanner.read(_QUOTED)
    if not text:
        scanner.fail("a closing quote")
    return unescaped(text[1:-1])


def unescaped(text: str) -> str:
    """Return a text without the backslashes that escape its characters."""
    return _ESCAPE.sub(lambda found: chr(int(found[1], 16)) if found[1] else _ESCAPES.get(found[2], found[2]), text)


def read_filter(scanner: Scanner, read_steps: ReadSteps) -> Predicate:
    """Read a filter's condition, up to its closing parenthesis.

    Parameters
    ----------
    scanner : Scanner
        Its position is after the opening parenthesis.
    read_steps : callable
        Reads the steps of a path in the filter.

    Returns
    -------
    callable
        Takes an element and the document, and tells whether the filter accepts the element.
    """
    found = _Reader(scanner, read_steps).either()
    scanner.skip_blanks()
    return found


class _Reader:
    """Reads a condition by recursive descent: ``!`` binds tightest, then ``&&``, then ``||``."""

    def __init__(self, scanner: Scanner, read_steps: ReadSteps) -> None:
        self.scanner = scanner
        self.read_steps = read_steps

    def either(self) -> Predicate:
        parts = [self.both()]
        while self.token("||"):
            parts.append(self.both())
        return parts[0] if len(parts) == 1 else lambda item, root: any(part(item, root) for part in parts)

    def both(self) -> Predicate:
        parts = [self.negated()]
        while self.token("&&"):
            parts.append(self.negated())
        return parts[0] if len(parts) == 1 else lambda item, root: all(part(item, root) for part in parts)

    def negated(self) -> Predicate:
        if self.token("!"):
            inner = self.negated()
            return lambda item, root: not inner(item, root)
        if self.token("("):
            inner = self.either()
            self.scanner.skip_blanks()
            self.scanner.expect(")")
            return inner
        return self.relation()

    def relation(self) -> Predicate:
        left, is_path = self.operand()
        self.scanner.skip_blanks()
        symbol = self.scanner.read(_SYMBOL)
        if not symbol:
            if not is_path:
                self.scanner.fail("an operator")
            return lambda item, root: left(item, root) not in (MISSING, None)
        compare = OPERATORS[symbol]
        right = self.operand()[0]
        return lambda item, root: compare(left(item, root), right(item, root))

    def operand(self) -> tuple[Operand, bool]:
        self.scanner.skip_blanks()
        if self.scanner.peek() in ("@", "$"):
            return self.path(), True
        constant = self.constant()
        return (lambda item, root: constant), False

    def path(self) -> Operand:
        from_item = self.scanner.take("@")
        if not from_item:
            self.scanner.expect("$")
        steps = self.read_steps(self.scanner)
        if not is_definite(steps):
            raise ExpressionSyntaxError(f"A path in a filter must be definite: {self.scanner.text}")
        return lambda item, root: _located(steps, item if from_item else root, root)

    def constant(self) -> Any:
        pattern = _PATTERN.match(self.scanner.text, self.scanner.position)
        if pattern is not None:
            self.scanner.position = pattern.end()
            return _compiled(pattern[1], re.IGNORECASE if pattern[2] else 0)
        quoted = read_quoted(self.scanner)
        if quoted is not None:
            return quoted
        bare = self.scanner.read(_BARE).rstrip()
        if not bare:
            self.scanner.fail("a value")
        return _Bare(bare)

    def token(self, token: str) -> bool:
        self.scanner.skip_blanks()
        return self.scanner.take(token)


class _Bare(str):
    """A text without quotes, which may be meant as a number."""


def _compiled(pattern: str, flags: int) -> re.Pattern[str]:
    try:
        return re.compile(pattern, flags)
    except re.error as error:
        raise ExpressionSyntaxError(f"{error} in /{pattern}/") from error


def _located(steps: tuple[Step, ...], start: Any, root: Any) -> Any:
    try:
        return locate(steps, start, root, strict=True)
    except PathNotFound:
        return MISSING


def _order(left: Any, right: Any) -> int | None:
    """Compare two values; None where JsonPath cannot."""
    first: Any
    second: Any
    if _is_null(left) or _is_null(right):
        return 0 if _is_null(left) and _is_null(right) else None
    if isinstance(left, bool) or isinstance(right, bool):
        first, second = _boolean(left), _boolean(right)
    elif isinstance(left, str) and isinstance(right, str) and not _meant_as_numbers(left, right):
        first, second = sort_key(left), sort_key(right)
    else:
        first, second = _decimal(left), _decimal(right)
    if first is None or second is None:
        return None
    return int(first > second) - int(first < second)


def _is_null(value: Any) -> bool:
    return value is None or value == "null"


def _boolean(value: Any) -> bool | None:
    if isinstance(value, str):
        return value.lower() == "true"
    return value if isinstance(value, bool) else None


def _meant_as_numbers(left: str, right: str) -> bool:
    bare = isinstance(left, _Bare) or isinstance(right, _Bare)
    return bare and _NUMBER.fullmatch(left) is not None and _NUMBER.fullmatch(right) is not None


def _decimal(value: Any) -> Decimal | None:
    if not isinstance(value, (str, int, float)):
        return None
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None


def _compared(test: Callable[[int], bool]) -> Callable[[Any, Any], bool]:
    """An operator that an absent or a null member makes false, unless it is compared with null."""

    def compare(left: Any, right: Any) -> bool:
        if left is MISSING or right is MISSING:
            return False
        order = _order(left, right)
        return order is not None and test(order)

    return compare


def _differs(left: Any, right: Any) -> bool:
    if left is MISSING or right is MISSING or left is None:
        return False
    return True if _is_null(right) else _compared(lambda order: order != 0)(left, right)


def _matches(left: Any, right: Any) -> bool:
    pattern, target = (left, right) if isinstance(left, re.Pattern) else (right, left)
    if not isinstance(pattern, re.Pattern) or isinstance(target, re.Pattern) or target in (MISSING, None):
        return False
    return pattern.fullmatch(java_text(target)) is not None


#: The operators by their symbols.
OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "==": _compared(lambda order: order == 0),
    "!=": _differs,
    "<": _compared(lambda order: order < 0),
    "<=": _compared(lambda order: order <= 0),
    ">": _compared(lambda order: order > 0),
    ">=": _compared(lambda order: order >= 0),
    "=~": _matches,
}
