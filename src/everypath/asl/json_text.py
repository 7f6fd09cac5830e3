"""Reads JSON texts, and reports what is wrong with one in the words of Jackson, with which AWS reads JSON.

The message for a text that is not JSON at all is recorded; the others are those of Jackson 2.10, from its documentation
and from what users of AWS quote. Python's parser finds the position.
"""

from __future__ import annotations

import json
import math
import re
from collections import deque
from typing import Any, NoReturn

from everypath.asl.utf16 import encodable

#: Characters of the text that a message shows.
SHOWN = 500
#: What newer versions of Jackson show instead of the text (recorded: the causes of ``States.StringToJson``).
REDACTED = "REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled)"
_VALUES = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')"
_WORD = re.compile(r"[\w$]+")
_BLANKS = re.compile(r"[ \t\r\n]*")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


class JsonTextError(Exception):
    """A text that is not JSON.

    Parameters
    ----------
    message : str
        What is wrong with it.
    location : str
        Where, such as ``[Source: (String)"not JSON"; line: 1, column: 4]``.
    """

    def __init__(self, message: str, location: str) -> None:
        self.message = message
        self.location = location
        super().__init__(self.whole)

    @property
    def whole(self) -> str:
        """Message and location together, as the service writes them."""
        return f"{self.message}\n at {self.location}"


def load(text: str | bytes) -> Any:
    """Return the value of a JSON text, as Java reads it.

    A number beyond the range of a double is infinite in Java, and the service writes the name of that, a string (see
    `java_values.json_text`). Half of a character, escaped, is a question mark once it has been written.

    Raises
    ------
    ValueError
        The text is not JSON.
    """
    try:
        value = json.loads(text, parse_constant=_refuse_constant, parse_float=_double)
    except RecursionError:
        raise ValueError("Document nesting depth exceeds the maximum allowed") from None
    if isinstance(text, str) and _SURROGATE.search(text):
        # Most such escapes come in pairs, which Python reads as one character; the others are put right in the text.
        value = json.loads(encodable(json.dumps(value, ensure_ascii=False)))
    return value


def read(text: str, *, redacted: bool = False) -> Any:
    """Return the value of a JSON text.

    Where an object has a name twice, the last value counts, as with Jackson.

    Parameters
    ----------
    text : str
        The text.
    redacted : bool
        Whether a message is without the text.

    Raises
    ------
    JsonTextError
        The text is not JSON.
    """
    try:
        return load(text)
    except json.JSONDecodeError as error:
        message, end = _explained(text, error, REDACTED if redacted else _shown(text))
    except ValueError as error:  # a constant of JavaScript's, too many levels or digits
        message, end = str(error), 0
    raise JsonTextError(message, f"[Source: {REDACTED if redacted else _shown(text)}; {_position(text, end)}]")


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"Non-standard token '{name}': enable JsonParser.Feature.ALLOW_NON_NUMERIC_NUMBERS to allow")


def _double(text: str) -> float | str:
    value = float(text)
    return value if math.isfinite(value) else "Infinity" if value > 0 else "-Infinity"


def _shown(text: str) -> str:
    rest = f"[truncated {len(text) - SHOWN} chars]" if len(text) > SHOWN else ""
    return f'(String)"{text[:SHOWN]}"{rest}'


def _position(text: str, end: int) -> str:
    """Return line and column of the first character that was not read."""
    return f"line: {text.count(chr(10), 0, end) + 1}, column: {end - text.rfind(chr(10), 0, end)}"


def _explained(text: str, error: json.JSONDecodeError, source: str) -> tuple[str, int]:
    """Return Jackson's message, and how far it reads the text to find the error."""
    place, reason = error.pos, error.msg
    if reason.startswith("Unterminated string"):
        if _is_name(text[:place]):
            return "Unexpected end-of-input in field name", len(text)
        return "Unexpected end-of-input: was expecting closing quote for a string value", len(text)
    if reason.startswith("Invalid control character"):
        sentence = "has to be escaped using backslash to be included in string value"
        return f"Illegal unquoted character ((CTRL-CHAR, code {ord(text[place])})): {sentence}", place + 1
    if reason.startswith("Invalid") and place + 1 < len(text):
        escaped = text[place + 1]
        return f"Unrecognized character escape '{escaped}' (code {ord(escaped)})", place + 2
    if reason.startswith("Illegal trailing comma"):  # Python 3.13 points at the comma, Jackson at what follows
        place = _next(text, place + 1)
    if place >= len(text):
        return _ended(text, source), len(text)
    mismatched = _mismatched(text, place, source)
    if mismatched:
        return mismatched, place + 1
    found = f"Unexpected character ('{text[place]}' (code {ord(text[place])}))"
    sentence = _expected(text, place, reason)
    if sentence:
        return f"{found}: {sentence}", place + 1
    word = _WORD.match(text, place)
    if word:
        return f"Unrecognized token '{word[0]}': was expecting {_VALUES}", word.end()
    return f"{found}: expected a valid value {_VALUES}", place + 1


def _expected(text: str, place: int, reason: str) -> str:
    """Return what Jackson expects at a position; nothing where it expects a value."""
    if reason.startswith("Expecting property name") or (reason.startswith("Illegal") and text[place] == "}"):
        return "was expecting double-quote to start field name"
    if reason.startswith("Expecting ':'"):
        return "was expecting a colon to separate field name and value"
    if reason.startswith("Expecting ','"):
        opened = _open(text[:place])
        return f"was expecting comma to separate {_container(text, opened)} entries"
    return "expected a value" if text[place] == "}" else ""


def _ended(text: str, source: str) -> str:
    opened = _open(text)
    if not opened:
        return "No content to map due to end-of-input"
    last = deque(_STRING.finditer(text), maxlen=1)
    ends_in_name = bool(last) and last[0].end() == len(text.rstrip()) and _is_name(text[: last[0].start()])
    if ends_in_name or text.rstrip().endswith((",", ":")):
        return f"Unexpected end-of-input within/between {_container(text, opened)} entries"
    start = f"[Source: {source}; {_position(text, opened[-1])}]"
    return f"Unexpected end-of-input: expected close marker for {_container(text, opened)} (start marker at {start})"


def _is_name(before: str) -> bool:
    """Whether a string that begins after a text is the name of a member."""
    opened = _open(before)
    return bool(opened) and before[opened[-1]] == "{" and before.rstrip().endswith(("{", ","))


def _mismatched(text: str, place: int, source: str) -> str:
    """Return what Jackson says of a bracket that closes what is not open; nothing of any other character."""
    opened = _open(text[:place])
    if text[place] not in "}]" or not opened or text[:place].rstrip().endswith((",", ":")):
        return ""
    expected = "}" if text[opened[-1]] == "{" else "]"
    if text[place] == expected:
        return ""
    start = f"{_container(text, opened)} starting at [Source: {source}; {_position(text, opened[-1])}]"
    return f"Unexpected close marker '{text[place]}': expected '{expected}' (for {start})"


def _container(text: str, opened: list[int]) -> str:
    return "Object" if opened and text[opened[-1]] == "{" else "Array"


def _next(text: str, place: int) -> int:
    match = _BLANKS.match(text, place)
    return match.end() if match else place


def _open(text: str) -> list[int]:
    """Return where the objects and arrays begin that are not closed."""
    opened: list[int] = []
    for match in re.finditer(r'"(?:[^"\\]|\\.)*"|[{}\[\]]', text, re.DOTALL):
        if match[0] in "{[":
            opened.append(match.start())
        elif match[0] in "}]" and opened:
            opened.pop()
    return opened
