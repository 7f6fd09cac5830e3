"""Functions of strings and numbers that differ from the library's: regular expressions, replacements and casts."""

from __future__ import annotations

import base64
import math
import re
import urllib.parse
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from typing import Any

from jsonata.functions import Functions
from jsonata.utils import Utils

from everypath.asl.jsonata.messages import JsonataError
from everypath.asl.jsonata.values import NULL, is_number
from everypath.asl.utf16 import paired, units

Engine = Any  # engine.Engine, which needs this module

_DECIMAL = re.compile(r"-?[0-9]+(\.[0-9]+)?([Ee][-+]?[0-9]+)?")
_WITH_BASE = re.compile(r"0[xX][0-9A-Fa-f]+|0[oO][0-7]+|0[bB][01]+")
_REFERENCE = re.compile(r"\$(?:(\$)|(0)|([0-9]*))")
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")


def contains(engine: Engine, text: str | None, token: Any) -> bool | None:
    """Whether a string holds another one, or a match of a regular expression."""
    if text is None or token is None:
        return None
    return token in text if isinstance(token, str) else next(_matches(token, text), None) is not None


def match(engine: Engine, text: str | None, pattern: Any, limit: float | None = None) -> Any:
    """Return what matches a regular expression, and where."""
    if text is None:
        return None
    found = _limited(_matches(pattern, text), _checked(limit, "D3040"))
    return Utils.create_sequence_from_iter(
        {"match": each.group(), "index": each.start(), "groups": list(each.groups())} for each in found
    )


def split(engine: Engine, text: str | None, separator: Any, limit: float | None = None) -> Any:
    """Return the parts of a string between separators."""
    if text is None:
        return None
    _checked(limit, "D3020")
    parts: list[str] = []
    if isinstance(separator, str):
        parts = text.split(separator) if separator else list(units(text))
        return parts if limit is None else parts[: int(limit)]
    start = 0
    for each in _matches(separator, text):
        parts.append(text[start : each.start()])
        start = each.end()
    parts.append(text[start:])
    return parts if limit is None else parts[: int(limit)]


def replace(engine: Engine, text: str | None, pattern: Any, replacement: Any, limit: float | None = None) -> str | None:
    """Return a string with what matches replaced by a string, or by what a function makes of the match."""
    if text is None:
        return None
    if pattern == "":
        raise JsonataError("D3010", value=pattern)
    _checked(limit, "D3011")
    if isinstance(pattern, str):  # then `$` in the replacement has no meaning
        return text.replace(pattern, replacement, -1 if limit is None else int(limit))
    parts: list[str] = []
    start = 0
    for each in _limited(_matches(pattern, text), limit):
        parts += (text[start : each.start()], _substitute(engine, each, replacement))
        start = each.end()
    return "".join([*parts, text[start:]])


def number(engine: Engine, value: Any) -> Any:
    """Return a number for a number, a boolean or a text that is a number to JavaScript."""
    if value is None or is_number(value):
        return value
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, str):
        if _DECIMAL.fullmatch(value) and math.isfinite(float(value)):
            return float(value)
        if _WITH_BASE.fullmatch(value):
            return int(value, 0)
    raise JsonataError("D3030", value=value)


def power(engine: Engine, base: Any, exponent: Any) -> Any:
    """Return a power that is a real and finite number."""
    if base is None:
        return None
    try:
        result = float(base) ** float(exponent)
    except (ArithmeticError, TypeError):
        result = math.nan
    if isinstance(result, complex) or not math.isfinite(result):
        raise JsonataError("D3061", value=base, **({} if exponent is None else {"exp": exponent}))
    return result


def format_base(engine: Engine, value: Any, radix: Any = None) -> Any:
    """Return a whole number in a base from 2 to 36."""
    if value is None:
        return None
    if radix is not None and not 2 <= round(radix) <= 36:
        raise JsonataError("D3100", value=round(radix))
    return Functions.format_base(value, None if radix is None else round(radix))


def decoder(name: str) -> Callable[[Engine, str | None], str | None]:
    """Return the function of this name, which decodes a URL or a part of one, as Java's ``URLDecoder`` does.

    A plus sign is a space, and what is no UTF-8 is U+FFFD (measured on AWS: iwamot/sfnx, docs/design.md).
    """

    def decode(engine: Engine, text: str | None) -> str | None:
        if text is None:
            return None
        if _BAD_ESCAPE.search(text):
            raise JsonataError("D3140", value=text, function_name=name)
        return urllib.parse.unquote_plus(text)

    return decode


def base64decode(engine: Engine, text: str | None) -> str | None:
    """Return the text that was encoded; what is no Base64 is an internal error, as on AWS."""
    if text is None:
        return None
    return base64.b64decode(text + "=" * (-len(text) % 4), validate=True).decode(errors="replace")


def substring(engine: Engine, text: str | None, start: float | None, length: float | None = None) -> str | None:
    """Return a part of a text, from a start that counts from the end where it is negative.

    Java's text has two units for a character beyond the Basic Multilingual Plane. AWS counts a start in characters, but
    a length and the whole text in units, so that it cuts such characters, and fails where it takes more units to be
    characters than there are (measured on AWS: iwamot/sfnx, docs/design.md).
    """
    if text is None or start is None:
        return text if length is None else None if text is None else ""
    whole = units(text)
    first, count = int(start), len(whole) if length is None else int(length)
    if len(whole) + first < 0:
        first = 0
    if count <= 0 or first >= len(text):
        return ""
    begin = len(units(text[: first if first >= 0 else max(0, len(text) + first)]))
    count = min(count, len(whole))
    if count > len(text):
        raise IndexError(count)  # as Java does
    return paired(whole[begin : begin + len(units(text[:count]))])


def join(engine: Engine, parts: Any, separator: str | None = None) -> str | None:
    """Return strings as one, with a separator between them."""
    return None if parts is None else paired((separator or "").join(parts))


def count(engine: Engine, value: Any = None) -> int:
    """Return how many items there are: one where it is no array, none of null (measured on AWS: iwamot/sfnx)."""
    if value is None or value is NULL:
        return 0
    return len(value) if isinstance(value, list) else 1


def rounding(function: Callable[[float], float]) -> Callable[[Engine, float | None], float | None]:
    """Return a function of numbers that leaves infinity and what is no number as they are (measured on AWS)."""

    def rounded(engine: Engine, value: float | None) -> float | None:
        return value if value is None or not math.isfinite(value) else function(value)

    return rounded


def round_half_even(engine: Engine, value: float | None, precision: float | None = None) -> float | None:
    """Return a number rounded half to even, of the digits that it is written in."""
    if value is None or not math.isfinite(value):
        return value
    digits = 0 if precision is None else int(precision)
    return float(round(Decimal(repr(value)), digits))


def _checked(limit: float | None, code: str) -> float | None:
    if limit is not None and limit < 0:
        raise JsonataError(code, value=limit)
    return limit


def _limited(items: Iterable[Any], limit: float | None) -> Iterator[Any]:
    for count, item in enumerate(items):
        if limit is not None and count >= int(limit):
            return
        yield item


def _matches(pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    """The matches of a regular expression; a later one of no length is an error, because it would never end."""
    found = pattern.search(text)
    while found is not None:
        yield found
        if found.end() >= len(text):
            return
        found = pattern.search(text, found.end())
        if found is not None and not found.group():
            raise JsonataError("D1004", value=pattern.pattern)


def _substitute(engine: Engine, found: re.Match[str], replacement: Any) -> str:
    if isinstance(replacement, str):
        return _REFERENCE.sub(lambda reference: _referred(reference, found), replacement)
    described = {
        "match": found.group(),
        "start": found.start(),
        "end": found.end(),
        "groups": list(found.groups()),
    }
    text = engine.apply(replacement, [described], None, engine.environment)
    if not isinstance(text, str):
        raise JsonataError("D3012", value=text)
    return text


def _referred(reference: re.Match[str], found: re.Match[str]) -> str:
    """What ``$$``, ``$0`` or ``$12`` stands for: a group's number has no more digits than the last one's."""
    dollar, whole_match, digits = reference.groups()
    if whole_match:
        return found.group()
    if dollar or not digits:
        return "$"
    groups = found.groups()
    most = len(str(len(groups)))
    if most > 1 and int(digits[:most]) > len(groups):
        most -= 1
    group = int(digits[:most])
    text = groups[group - 1] if 0 < group <= len(groups) else ""
    return (text or "") + digits[len(str(group)) :]
