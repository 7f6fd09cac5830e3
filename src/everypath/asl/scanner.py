"""Reads a text from left to right; JSONPath, its filters and intrinsic functions are parsed with it."""

from __future__ import annotations

import re
from typing import NoReturn

from everypath.asl.errors import ExpressionSyntaxError

_BLANKS = re.compile(r"\s*")


class Scanner:
    """A text that is being parsed, and the position in it.

    Parameters
    ----------
    text : str
        What is being parsed.
    position : int
        Where to begin.
    """

    __slots__ = ("position", "text")

    def __init__(self, text: str, position: int = 0) -> None:
        self.text = text
        self.position = position

    @property
    def at_end(self) -> bool:
        """Whether the whole text is read."""
        return self.position >= len(self.text)

    def peek(self) -> str:
        """Return the next character; nothing at the end."""
        return self.text[self.position : self.position + 1]

    def skip_blanks(self) -> None:
        """Skip white space."""
        self.read(_BLANKS)

    def read(self, pattern: re.Pattern[str]) -> str:
        """Read what matches here; nothing where nothing matches."""
        found = pattern.match(self.text, self.position)
        if found is None:
            return ""
        self.position = found.end()
        return found.group()

    def take(self, token: str) -> bool:
        """Read `token` if it comes next, and return whether it did."""
        if not self.text.startswith(token, self.position):
            return False
        self.position += len(token)
        return True

    def expect(self, token: str) -> None:
        """Read `token`; raises `ExpressionSyntaxError` where something else comes next."""
        if not self.take(token):
            self.fail(f"'{token}'")

    def fail(self, expected: str) -> NoReturn:
        """Raise `ExpressionSyntaxError`, saying what should have come next."""
        raise ExpressionSyntaxError(f"Expected {expected} at position {self.position} of {self.text}")
