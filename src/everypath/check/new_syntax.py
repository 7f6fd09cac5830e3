"""Tells source that is wrong from source that only this Python is too old for.

Nothing but a newer Python can parse newer syntax. What is known of it is rewritten as an older Python would have it
(the expressions in f-strings are parsed one by one); if the rest can then be parsed, the source is right.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

_TYPE_STATEMENT = re.compile(r"^([ \t]*)type[ \t]+([A-Za-z_]\w*)", re.MULTILINE)
_GENERIC = re.compile(r"^[ \t]*(?:(?:async[ \t]+)?def|class|type)[ \t]+[A-Za-z_]\w*[ \t]*\[", re.MULTILINE)
_EXCEPT = re.compile(r"^([ \t]*except\*?[ \t]+)([^():#\n]+,[^():#\n]+):", re.MULTILINE)
_STRING = re.compile(r"(?i)(?<![A-Za-z0-9_])([rbuft]{0,2})('''|\"\"\"|'|\")")
_OPENING, _CLOSING = "([{", ")]}"

_GENERIC_VERSION = (3, 12)
_TEMPLATE_STRING_VERSION = _EXCEPT_VERSION = (3, 14)


def runtime_version(runtime: str) -> tuple[int, int] | None:
    """Return the Python of a Lambda runtime: (3, 13) of ``python3.13``."""
    match = re.fullmatch(r"python(\d+)\.(\d+)", runtime)
    return (int(match[1]), int(match[2])) if match else None


def parses_with(text: str, version: tuple[int, int]) -> bool:
    """Tell whether source that this Python cannot parse is correct for another version, as far as its syntax is known.

    Parameters
    ----------
    text : str
        The source.
    version : tuple of int
        The Python that it is written for: (3, 13).
    """
    if version < _GENERIC_VERSION:
        return False
    try:
        return _parses(_Rewriter(text, version).module())
    except (IndexError, RecursionError):  # a string or a bracket that has no end
        return False


def _parses(text: str) -> bool:
    try:
        ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


class _Rewriter:
    def __init__(self, text: str, version: tuple[int, int]) -> None:
        self.text = text
        self.version = version
        self.expressions: list[str] = []

    def module(self) -> str:
        """Return the module as an older Python would have it, followed by the expressions of its f-strings."""
        code = self._without_formatted_strings(self.text)
        for match in reversed(list(_GENERIC.finditer(code))):
            end = _closing(code, match.end() - 1)
            code = code[: match.end() - 1] + code[end + 1 :]
        code = _TYPE_STATEMENT.sub(r"\1\2", code)
        if self.version >= _EXCEPT_VERSION:
            code = _EXCEPT.sub(r"\1(\2):", code)
        return "\n".join([code, *(f"({expression}\n)" for expression in self.expressions)])

    def _without_formatted_strings(self, text: str) -> str:
        result, position = "", 0
        for prefix, start, end in _strings(text):
            if self._is_formatted(prefix):
                result += text[position:start] + '""'
                position = end
                self._fields(text[start:end], prefix)
        return result + text[position:]

    def _is_formatted(self, prefix: str) -> bool:
        folded = prefix.casefold()
        return "f" in folded or ("t" in folded and self.version >= _TEMPLATE_STRING_VERSION)

    def _fields(self, literal: str, prefix: str) -> None:
        for expression in _field_expressions(literal, len(prefix)):
            self.expressions.append(self._without_formatted_strings(expression))


def _strings(text: str) -> Iterator[tuple[str, int, int]]:
    """The prefix, the start and the end of each string literal that is not inside another one or a comment."""
    position = 0
    while position < len(text):
        if text[position] == "#":
            end = text.find("\n", position)
            position = len(text) if end < 0 else end
            continue
        match = _STRING.match(text, position)
        if match is None:
            position += 1
            continue
        end = _string_end(text, match)
        yield match[1], position, end
        position = end


def _string_end(text: str, opening: re.Match[str]) -> int:
    quote, formatted, position = opening[2], set(opening[1].casefold()) & set("ft"), opening.end()
    while not text.startswith(quote, position):
        if text[position] == "\\" or (formatted and text.startswith("{{", position)):
            position += 2
        elif formatted and text[position] == "{":
            position = _closing(text, position) + 1
        else:
            position += 1
    return position + len(quote)


def _closing(text: str, position: int) -> int:
    """The index of the bracket that closes the one at an index."""
    depth = 0
    while True:
        string = _STRING.match(text, position)
        if string is not None:
            position = _string_end(text, string)
            continue
        depth += (text[position] in _OPENING) - (text[position] in _CLOSING)
        if not depth:
            return position
        position += 1


def _field_expressions(literal: str, prefix: int) -> Iterator[str]:
    """The expressions in the braces of an f-string, without conversions and formats."""
    position = prefix + 1
    while position < len(literal):
        if literal.startswith(("{{", "\\{"), position):
            position += 2
        elif literal[position] == "{":
            end = _closing(literal, position)
            yield _expression(literal[position + 1 : end])
            position = end + 1
        else:
            position += 1


def _expression(field: str) -> str:
    position = 0
    while position < len(field):
        string = _STRING.match(field, position)
        if string is not None:
            position = _string_end(field, string)
        elif field[position] in _OPENING:
            position = _closing(field, position) + 1
        elif field[position] == ":" or (field[position] == "!" and not field.startswith("!=", position)):
            break
        else:
            position += 1
    return field[:position].rstrip().removesuffix("=")  # {name=} shows the name
