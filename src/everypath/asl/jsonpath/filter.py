"""The filters of JSONPath: ``[?(@.price < 10 && @.name =~ /a.*/i)]``.

The operators, and what they make of values of different types, are those of Jayway's JsonPath, which Step Functions
uses.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

from everypath.asl.errors import ExpressionSyntaxError
from everypath.asl.jsonpath.steps import PathNotFound, Predicate, Step, collect, is_definite, locate
from everypath.asl.scanner import Scanner

Operand = Callable[[Any, Any], Any]
ReadSteps = Callable[[Scanner], tuple[Step, ...]]

_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?")
_SYMBOL = re.compile(r"===|!==|==|!=|<=|>=|=~|<|>")
_WORD = re.compile(r"[A-Za-z]+")
_PATTERN = re.compile(r"/((?:[^/\\]|\\.)*)/([a-z]*)", re.DOTALL)
_FLAGS = {"i": re.IGNORECASE, "m": re.MULTILINE, "s": re.DOTALL, "x": re.VERBOSE, "u": re.UNICODE, "d": 0}
_QUOTED = {quote: re.compile(rf"{quote}((?:[^{quote}\\]|\\.)*){quote}", re.DOTALL) for quote in "'\""}
_ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))", re.DOTALL)

#: The value of a path that leads nowhere; it equals nothing, not even itself.
MISSING = object()


def read_quoted(scanner: Scanner) -> str | None:
    """Read a string in single or double quotes; return None where no string comes next."""
    pattern = _QUOTED.get(scanner.peek())
    if pattern is None:
        return None
    text = scanner.read(pattern)
    if not text:
        scanner.fail("a closing quote")
    return _ESCAPE.sub(lambda found: _unescaped(found[1], found[2]), text[1:-1])


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


def _unescaped(code: str | None, letter: str) -> str:
    return chr(int(code, 16)) if code else _ESCAPES.get(letter, letter)


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
        name = self.scanner.read(_SYMBOL) or self.scanner.read(_WORD).lower()
        if not name:
            if not is_path:
                self.scanner.fail("an operator")
            return lambda item, root: left(item, root) is not MISSING
        if name not in OPERATORS:
            self.scanner.fail("an operator")
        compare = OPERATORS[name]
        right = self.operand()[0]
        return lambda item, root: compare(left(item, root), right(item, root))

    def operand(self) -> tuple[Operand, bool]:
        self.scanner.skip_blanks()
        if self.scanner.peek() in ("@", "$"):
            return self.path(), True
        constant = self.pattern() if self.scanner.peek() == "/" else self.literal()
        return (lambda item, root: constant), False

    def path(self) -> Operand:
        from_item = self.scanner.take("@")
        if not from_item:
            self.scanner.expect("$")
        steps = self.read_steps(self.scanner)
        if is_definite(steps):
            return lambda item, root: _located(steps, item if from_item else root, root)
        return lambda item, root: collect(steps, item if from_item else root, root)

    def pattern(self) -> re.Pattern[str]:
        found = _PATTERN.match(self.scanner.text, self.scanner.position)
        if found is None:
            self.scanner.fail("a closing /")
        self.scanner.position = found.end()
        flags = 0
        for letter in found[2]:
            flags |= _FLAGS.get(letter, 0)
        try:
            return re.compile(found[1], flags)
        except re.error as error:
            raise ExpressionSyntaxError(f"{error} in /{found[1]}/") from error

    def literal(self) -> Any:
        scanner = self.scanner
        scanner.skip_blanks()
        text = read_quoted(scanner)
        if text is not None:
            return text
        for word, value in (("true", True), ("false", False), ("null", None)):
            if scanner.take(word):
                return value
        if scanner.take("["):
            return self.elements()
        if scanner.peek() == "{":
            try:
                value, scanner.position = json.JSONDecoder().raw_decode(scanner.text, scanner.position)
            except ValueError as error:
                raise ExpressionSyntaxError(str(error)) from error
            return value
        number = scanner.read(_NUMBER)
        if not number:
            scanner.fail("a value")
        return int(number) if number.lstrip("-").isdigit() else float(number)

    def elements(self) -> list[Any]:
        found: list[Any] = []
        while not self.token("]"):
            if found and not self.token(","):
                self.scanner.fail("',' or ']'")
            found.append(self.literal())
        return found

    def token(self, token: str) -> bool:
        self.scanner.skip_blanks()
        return self.scanner.take(token)


def _located(steps: tuple[Step, ...], start: Any, root: Any) -> Any:
    try:
        return locate(steps, start, root, strict=True)
    except PathNotFound:
        return MISSING


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _equal(left: Any, right: Any) -> bool:
    """Compare for equality; a number equals its text (JsonPath's NumberNode and StringNode)."""
    if _is_number(left) and isinstance(right, str):
        try:
            return Decimal(str(left)) == Decimal(right)
        except InvalidOperation:
            return False
    if isinstance(left, str) and _is_number(right):
        return left == str(right)
    return _identical(left, right)


def _identical(left: Any, right: Any) -> bool:
    if left is MISSING or isinstance(left, bool) is not isinstance(right, bool):
        return False
    return bool(left == right)


def _ordered(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def test(left: Any, right: Any) -> bool:
        both_numbers = _is_number(left) and _is_number(right)
        return (both_numbers or (isinstance(left, str) and isinstance(right, str))) and compare(left, right)

    return test


def _matches(left: Any, right: Any) -> bool:
    if isinstance(left, re.Pattern):
        left, right = right, left
    if not isinstance(right, re.Pattern):
        return False
    text = left if isinstance(left, str) else json.dumps(left) if _is_number(left) or isinstance(left, bool) else ""
    return right.fullmatch(text) is not None


def _contains(left: Any, right: Any) -> bool:
    if isinstance(left, list):
        return any(_equal(item, right) for item in left)
    return isinstance(left, str) and isinstance(right, str) and right in left


def _lists(test: Callable[[list[Any], list[Any]], bool]) -> Callable[[Any, Any], bool]:
    return lambda left, right: isinstance(left, list) and isinstance(right, list) and test(left, right)


def _any_of(left: list[Any], right: list[Any]) -> bool:
    return any(_contains(right, item) for item in left)


def _size(left: Any, right: Any) -> bool:
    return isinstance(left, (str, list)) and _is_number(right) and len(left) == int(right)


def _empty(left: Any, right: Any) -> bool:
    return isinstance(left, (str, list, dict)) and (not left) is right


#: The operators by name; the words may be in upper case, too.
OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "==": _equal,
    "!=": lambda left, right: not _equal(left, right),
    "===": _identical,
    "!==": lambda left, right: not _identical(left, right),
    "<": _ordered(lambda left, right: left < right),
    "<=": _ordered(lambda left, right: left <= right),
    ">": _ordered(lambda left, right: left > right),
    ">=": _ordered(lambda left, right: left >= right),
    "=~": _matches,
    "in": lambda left, right: isinstance(right, list) and _contains(right, left),
    "nin": lambda left, right: not (isinstance(right, list) and _contains(right, left)),
    "contains": _contains,
    "all": _lists(lambda left, right: all(_contains(left, item) for item in right)),
    "subsetof": _lists(lambda left, right: all(_contains(right, item) for item in left)),
    "anyof": _lists(_any_of),
    "noneof": _lists(lambda left, right: not _any_of(left, right)),
    "size": _size,
    "empty": _empty,
}
