"""Dates and integers as text: the library's functions, with JavaScript's reading of ISO 8601 and JSONata's errors."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import date
from typing import Any

from jsonata.constants import Constants
from jsonata.functions import Functions

from everypath.asl.jsonata.messages import JsonataError

#: What JSONata lets pass for a timestamp, and what JavaScript's `Date.parse` reads of it.
_ALLOWED = re.compile(
    r"[0-9]{4}(-[01][0-9])*(-[0-3][0-9])*(T[0-2][0-9]:[0-5][0-9]:[0-5][0-9])*(\.[0-9]+)?([+-][0-2][0-9]:?[0-5][0-9]|Z)?"
)
_ISO = re.compile(
    r"([0-9]{4})(?:-([0-9]{2}))?(?:-([0-9]{2}))?"
    r"(?:T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]+))?)?(?:([+-])([0-9]{2}):?([0-9]{2})|Z)?"
)
_EPOCH = date(1970, 1, 1).toordinal()

_CODES = {
    Constants.ERR_MSG_SEQUENCE_UNSUPPORTED: "D3130",
    Constants.ERR_MSG_DIFF_DECIMAL_GROUP: "D3131",
    Constants.ERR_MSG_UNKNOWN_COMPONENT_SPECIFIER: "D3132",
    Constants.ERR_MSG_INVALID_NAME_MODIFIER: "D3133",
    Constants.ERR_MSG_TIMEZONE_FORMAT: "D3134",
    Constants.ERR_MSG_NO_CLOSING_BRACKET: "D3135",
    Constants.ERR_MSG_MISSING_FORMAT: "D3136",
}


def to_millis(timestamp: str | None, picture: str | None = None) -> float | None:
    """Return the milliseconds since the epoch of a timestamp, in ISO 8601 or as a picture describes it."""
    if timestamp is None:
        return None
    if picture is not None:
        found: float | None = _coded(Functions.datetime_to_millis, timestamp, picture)
        return found
    if _ALLOWED.fullmatch(timestamp) is None:
        raise JsonataError("D3110", value=timestamp)
    match = _ISO.fullmatch(timestamp)
    return math.nan if match is None else _millis(match)


def from_millis(millis: float | None, picture: str | None = None, timezone: str | None = None) -> str | None:
    """Return milliseconds since the epoch as text, in ISO 8601 or as a picture describes it.

    A time zone is a number such as ``+0530``; of ``+05:30`` only the 5 is read (measured on AWS: ministack issue 1519).
    What is no number, such as ``utc``, is UTC (measured on AWS: iwamot/sfnx, docs/design.md).
    """
    if millis is None:
        return None
    if timezone is not None:
        digits = re.match(r"\s*([+-]?[0-9]+)", timezone)
        timezone = digits[1] if digits else None
    text: str = _coded(Functions.datetime_from_millis, int(millis), picture, timezone)
    return text


def format_integer(value: float | None, picture: str | None) -> str | None:
    """Return a whole number in words, Roman numerals, letters or digits."""
    text: str | None = _coded(Functions.format_integer, value, picture)
    return text


def parse_integer(text: str | None, picture: str | None) -> float | None:
    """Return the number that a text means; no number where the picture cannot read it."""
    try:
        found: float | None = _coded(Functions.parse_integer, text, picture)
    except (ValueError, LookupError):
        return math.nan
    return found


def _millis(match: re.Match[str]) -> float:
    year, month, day, hour, minute, second = (int(match[group] or group in (2, 3)) for group in range(1, 7))
    if not (year and 1 <= month <= 12 and 1 <= day <= 31 and hour <= 24) or (hour == 24 and (minute or second)):
        return math.nan
    days = date(year, month, 1).toordinal() - _EPOCH + day - 1  # the 30th of February is the 2nd of March
    offset = 0
    if match[8]:
        offset = (int(match[9]) * 60 + int(match[10])) * (-1 if match[8] == "-" else 1)
    seconds = ((days * 24 + hour) * 60 + minute - offset) * 60 + second
    return seconds * 1000 + int((match[7] or "").ljust(3, "0")[:3])


def _coded(function: Callable[..., Any], *arguments: Any) -> Any:
    """Call a function of the library, whose errors here are Python's and carry JSONata's message at best."""
    try:
        return function(*arguments)
    except KeyError as error:
        raise JsonataError("D3132", value=error.args[0]) from error
    except RuntimeError as error:
        code = _CODES.get(str(error))
        if code is None:
            raise
        picture = arguments[1] if code == "D3130" else None
        raise JsonataError(code, **({"value": picture[:1]} if picture else {})) from error
