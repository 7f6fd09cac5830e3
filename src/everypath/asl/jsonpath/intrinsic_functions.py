"""The intrinsic functions, by name.

Source: "Intrinsic functions for JSONPath states" in the developer guide, and recordings. What those leave open, such as
the truncation of fractions, was measured on AWS by others. Every refusal is "Invalid arguments in States.…" there.
"""

from __future__ import annotations

import base64
import hashlib
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from random import Random
from typing import Any
from uuid import UUID

from everypath.asl import java_values, json_text
from everypath.asl.java_values import java_text, map_order, unique

#: Characters of a text to encode, decode or hash.
_LONGEST_TEXT = 10_000
_LONGEST_RANGE = 1_000
_INTEGERS = range(-(2**31), 2**31)
_HASHES = {"MD5": "md5", "SHA-1": "sha1", "SHA-256": "sha256", "SHA-384": "sha384", "SHA-512": "sha512"}
_NOT_BASE64 = re.compile(r"[^A-Za-z0-9+/]")
_URL_SAFE = str.maketrans("-_", "+/")
_TEMPLATE_TOKEN = re.compile(r"\\([\\'{}])|(\{\})|([{}])|[^\\{}]+|\\", re.DOTALL)


class IntrinsicError(Exception):
    """The reason why an intrinsic function failed, in AWS's words."""


class ArgumentNotFoundError(IntrinsicError):
    """An argument's path leads nowhere."""


@dataclass(frozen=True, slots=True)
class IntrinsicFunction:
    """An intrinsic function.

    Parameters
    ----------
    name : str
        ``States.Array``, for example.
    apply : callable
        Takes the arguments; before them the source of randomness if `random`.
    fewest, most : int
        Its number of arguments; `most` is -1 for any number.
    random : bool
        Whether it needs a source of randomness.
    """

    name: str
    apply: Callable[..., Any]
    fewest: int
    most: int
    random: bool = False

    def call(self, arguments: list[Any], random: Random) -> Any:
        """Return the function's value.

        Raises
        ------
        IntrinsicError
            There are too few or too many arguments, or the function does not accept them.
        """
        if len(arguments) < self.fewest or (len(arguments) > self.most >= 0):
            raise self._refusal()
        try:
            return self.apply(random, *arguments) if self.random else self.apply(*arguments)
        except (TypeError, ValueError, ArithmeticError) as error:
            raise self._refusal() from error

    def _refusal(self) -> IntrinsicError:
        return IntrinsicError(f"Invalid arguments in {self.name}")


FUNCTIONS: dict[str, IntrinsicFunction] = {}


def _function(
    name: str, fewest: int, most: int | None = None, *, random: bool = False
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    def register(apply: Callable[..., Any]) -> Callable[..., Any]:
        FUNCTIONS[name] = IntrinsicFunction(name, apply, fewest, fewest if most is None else most, random)
        return apply

    return register


def _array(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str) or len(value) > _LONGEST_TEXT:
        raise TypeError
    return value


def _number(value: Any) -> int | float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError
    return value


def _cut(value: Any) -> int:
    """Return an integer argument; a fraction is truncated (measured on AWS: a chunk size of 2.6 is 2)."""
    return int(_number(value))


@_function("States.Array", 0, -1)
def _new_array(*items: Any) -> list[Any]:
    return list(items)


@_function("States.ArrayPartition", 2)
def _array_partition(array: Any, size: Any) -> list[list[Any]]:
    items, step = _array(array), _cut(size)
    if step < 1:
        raise ValueError
    return [items[start : start + step] for start in range(0, len(items), step)]


@_function("States.ArrayContains", 2)
def _array_contains(array: Any, wanted: Any) -> bool:
    # AWS compares texts: true is found among ["true"], and an object is not where its keys have another order.
    text = java_text(wanted)
    return any(java_text(item) == text for item in _array(array))


@_function("States.ArrayRange", 3)
def _array_range(first: Any, last: Any, step: Any) -> list[int]:
    start, stop, stride = _cut(first), _cut(last), _cut(step)
    found = range(start, stop + (1 if stride > 0 else -1), stride)
    if abs(stop - start) // abs(stride) >= _LONGEST_RANGE and found:
        raise ValueError
    return list(found)


@_function("States.ArrayGetItem", 2)
def _array_get_item(array: Any, index: Any) -> Any:
    items, place = _array(array), _cut(index)
    if place < 0 or (items and place >= len(items)):
        raise ValueError
    return items[place] if items else None  # an empty array has null everywhere (measured on AWS)


@_function("States.ArrayLength", 1)
def _array_length(array: Any) -> int:
    return len(_array(array))


@_function("States.ArrayUnique", 1)
def _array_unique(array: Any) -> list[Any]:
    return unique(_array(array))


@_function("States.Base64Encode", 1)
def _base64_encode(text: Any) -> str:
    return base64.b64encode(_text(text).encode()).decode()


@_function("States.Base64Decode", 1)
def _base64_decode(text: Any) -> str:
    # AWS ignores characters that are not Base64, stops at the padding, and does not require any.
    digits = _NOT_BASE64.sub("", _text(text).split("=")[0].translate(_URL_SAFE))
    if len(digits) % 4 == 1:
        digits = digits[:-1]
    return base64.b64decode(digits + "=" * (-len(digits) % 4)).decode(errors="replace")


@_function("States.Hash", 2)
def _hash(data: Any, algorithm: Any) -> str:
    text = _text(java_text(data))  # AWS hashes the text of a number or an object
    if algorithm not in _HASHES:
        raise ValueError
    return hashlib.new(_HASHES[algorithm], text.encode(), usedforsecurity=False).hexdigest()


@_function("States.JsonMerge", 3)
def _json_merge(first: Any, second: Any, deep: Any) -> dict[str, Any]:
    if not isinstance(first, dict) or not isinstance(second, dict) or deep is True:
        raise TypeError
    merged = {**first, **second}
    return {name: merged[name] for name in map_order(merged)}  # recorded: the order of a hash map


@_function("States.StringToJson", 1)
def _string_to_json(text: Any) -> Any:
    if not isinstance(text, str):
        raise TypeError
    if not text.strip():
        return None  # recorded
    try:
        return json_text.read(text, redacted=True)
    except json_text.JsonTextError as error:
        raise IntrinsicError(
            f"Cannot convert String to Json in States.StringToJson, caused by: {error.whole}"
        ) from error


@_function("States.JsonToString", 1)
def _json_to_string(value: Any) -> str:
    return java_values.json_text(value)


@_function("States.MathRandom", 2, 3, random=True)
def _math_random(random: Random, first: Any, last: Any, *seed: Any) -> int:
    # The same seed gives the same number each time, though not the one that AWS would draw.
    source = Random(_cut(seed[0])) if seed else random
    return source.randrange(_cut(first), _cut(last))


@_function("States.MathAdd", 2)
def _math_add(first: Any, second: Any) -> int:
    one, other = _rounded(first), _rounded(second)
    if one not in _INTEGERS or other not in _INTEGERS or one + other not in _INTEGERS:
        raise ValueError
    return one + other


def _rounded(value: Any) -> int:
    """Return the nearest integer, halves rounded up: -1.5 is -1 (recorded).

    AWS accepts a number beyond what a double holds, such as ``1e309`` (measured in 2026). What it takes it for is not
    known: here it is the largest or the smallest long, cut to an int, as Java's ``(int) Math.round(…)`` does.
    """
    number = _number(value)
    if isinstance(number, float) and math.isinf(number):
        return -1 if number > 0 else 0
    return int(number) if isinstance(number, int) else math.floor(number + 0.5)


@_function("States.StringSplit", 2)
def _string_split(text: Any, delimiters: Any) -> list[str]:
    # Each character is a delimiter, and empty parts are dropped (recorded).
    if not isinstance(text, str) or not isinstance(delimiters, str):
        raise TypeError
    parts = re.split(f"[{re.escape(delimiters)}]", text) if delimiters else [text]
    return [part for part in parts if part]


@_function("States.UUID", 0, -1, random=True)
def _uuid(random: Random, *ignored: Any) -> str:
    # AWS ignores arguments (measured in 2026).
    return str(UUID(int=random.getrandbits(128), version=4))


@_function("States.Format", 1, -1)
def _format(template: Any, *values: Any) -> str:
    return _filled(java_text(template), [java_text(value) for value in values])


def _filled(template: str, values: list[str]) -> str:
    r"""Replace each ``{}`` of a template with the next value; ``\{``, ``\}``, ``\'`` and ``\\`` are escapes.

    Raises
    ------
    IntrinsicError
        A brace is unmatched, or the numbers of values and placeholders differ.
    """
    parts = _parts(template)
    if parts.count(None) != len(values):
        raise IntrinsicError(
            "Invalid arguments in States.Format: number of arguments do not match the occurrences of {}."
        )
    following = iter(values)
    return "".join(next(following) if part is None else part for part in parts)


@lru_cache(maxsize=512)
def _parts(template: str) -> tuple[str | None, ...]:
    """Split a template into its texts, with None for each placeholder."""
    parts: list[str | None] = []
    for token in _TEMPLATE_TOKEN.finditer(template):
        if token[3]:
            other = "}" if token[3] == "{" else "{"
            raise IntrinsicError(f"Invalid template in States.Format: matching '{other}' not found for '{token[3]}'.")
        parts.append(None if token[2] else token[1] or token[0])
    return tuple(parts)
