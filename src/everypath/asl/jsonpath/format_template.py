"""The templates of ``States.Format``."""

from __future__ import annotations

import re
from functools import lru_cache

_TOKEN = re.compile(r"\\([\\'{}])|(\{\})|([{}])|[^\\{}]+|\\", re.DOTALL)


class IntrinsicError(Exception):
    """Why an intrinsic function has no value, in AWS's words."""


def fill(template: str, values: list[str]) -> str:
    r"""Replace each ``{}`` of a template by the next value; ``\{``, ``\}``, ``\'`` and ``\\`` stand for themselves.

    Raises
    ------
    IntrinsicError
        A brace is alone, or there are more or fewer values than places.
    """
    parts = _parse(template)
    if parts.count(None) != len(values):
        raise IntrinsicError(
            "Invalid arguments in States.Format: number of arguments do not match the occurrences of {}."
        )
    following = iter(values)
    return "".join(next(following) if part is None else part for part in parts)


@lru_cache(maxsize=512)
def _parse(template: str) -> tuple[str | None, ...]:
    """The texts of a template, with None for each place."""
    parts: list[str | None] = []
    for token in _TOKEN.finditer(template):
        if token[3]:
            other = "}" if token[3] == "{" else "{"
            raise IntrinsicError(f"Invalid template in States.Format: matching '{other}' not found for '{token[3]}'.")
        parts.append(None if token[2] else token[1] or token[0])
    return tuple(parts)
