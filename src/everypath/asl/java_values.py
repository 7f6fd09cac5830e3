"""JSON values as the Java of Step Functions prints, hashes and orders them.

Parts of the service work on Java objects, which shows: ``States.Format`` prints an object as ``{Id=1, Name=x}``, the
evaluated fields of a payload template are in the order of a hash map (both recorded), and ``States.ArrayUnique``
returns its elements in the order of a hash set.
"""

from __future__ import annotations

import json
import math
import re
import struct
from collections.abc import Callable, Iterable
from decimal import Decimal
from json.encoder import encode_basestring
from typing import Any

from everypath.asl.utf16 import encodable, sort_key

_encode = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode
_NOT_FINITE = "Out of range float values"
#: A number that Java writes in another way than Python does, in compact JSON text.
_OTHERWISE = re.compile(r"[:,\[]-?(?:\d{8,}\.\d|0\.000|\d(?:\.\d+)?e[+-]\d)")
_SUSPICIOUS = re.compile(r"\.(?:(?<=\d{8}\.)\d|(?<=0\.)000)")

_INT_MASK = 0xFFFFFFFF
_FEWEST_BUCKETS = 16


def json_text(value: Any) -> str:
    """Return the compact JSON text of a value as the service writes it, not escaped to ASCII.

    Fractions are written as Java's ``Double.toString`` does: ``1.23456785E7`` (recorded). JSON has no infinity, so its
    name is written (measured on AWS with TestState: floci-io/floci issue 2737).
    """
    try:
        text = _encode(value)
    except ValueError as error:
        if not str(error).startswith(_NOT_FINITE):
            raise
        return encodable(_written(value))
    if isinstance(value, float) or _is_written_otherwise(text):
        text = _written(value)
    return encodable(text)


def java_text(value: Any) -> str:
    """Return a value as Java's ``String.valueOf`` prints it: ``{a=1, b=[x, null]}``."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}={java_text(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(java_text, value)) + "]"
    return _scalar_text(value)


def map_order(keys: Iterable[str]) -> list[str]:
    """Return the keys of a Java ``HashMap`` in the order in which it yields them."""
    found = list(keys)
    buckets = _FEWEST_BUCKETS
    while len(found) > buckets * 0.75:
        buckets *= 2
    return _in_buckets(found, buckets)


def unique(values: list[Any]) -> list[Any]:
    """Return the distinct values of a list in the order in which a Java ``HashSet`` yields them."""
    found: dict[Any, Any] = {}
    for value in values:
        found.setdefault(_identity(value), value)
    buckets = _FEWEST_BUCKETS
    while buckets < int(len(values) / 0.75) + 1:
        buckets *= 2
    return _in_buckets(list(found.values()), buckets)


def _in_buckets(values: list[Any], buckets: int) -> list[Any]:
    """Sort by bucket of the hash table; within one, values keep their order."""

    def bucket(value: Any) -> int:
        code = _hash_code(value)
        return (code ^ code >> 16) & (buckets - 1)

    return sorted(values, key=bucket)


def _scalar_text(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    return double_text(value) if isinstance(value, float) else str(value)


def double_text(value: float) -> str:
    """Return Java's ``Double.toString``: decimal from a thousandth to ten millions, otherwise like ``1.0E10``."""
    if not math.isfinite(value):
        return "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        return repr(value)
    shortest = repr(value)
    if "." not in shortest and float(f"{value:.1e}") == value:
        shortest = f"{value:.1e}"  # of the texts of two figures the nearest: 4.9E-324, not 5.0E-324
    sign, digits, exponent = Decimal(shortest).as_tuple()
    assert isinstance(exponent, int)
    text = "".join(map(str, digits))
    fraction = text[1:].rstrip("0") or "0"
    return f"{'-' if sign else ''}{text[0]}.{fraction}E{exponent + len(digits) - 1}"


def _is_written_otherwise(text: str) -> bool:
    # What is quickly found to be missing comes first: nearly no text has such a number, and every text is searched.
    if ("+" in text and "e+" in text) or ("-" in text and "e-" in text):
        return _OTHERWISE.search(text) is not None
    return "." in text and _SUSPICIOUS.search(text) is not None and _OTHERWISE.search(text) is not None


def _written(value: Any) -> str:
    if isinstance(value, str):
        return encode_basestring(value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{encode_basestring(key)}:{_written(item)}" for key, item in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(map(_written, value)) + "]"
    text = _scalar_text(value)
    return text if not isinstance(value, float) or math.isfinite(value) else f'"{text}"'


def _identity(value: Any) -> Any:
    """Return a key that is equal for values that are equal in Java, where 1, 1.0 and true differ."""
    if isinstance(value, dict):
        return dict, frozenset((key, _identity(item)) for key, item in value.items())
    if isinstance(value, list):
        return list, tuple(map(_identity, value))
    return type(value), value


def _hash_code(value: Any) -> int:
    """Return Java's ``hashCode`` of a value, without its sign."""
    return _HASHES[type(value)](value) & _INT_MASK


def _hash_long(bits: int) -> int:
    return (bits ^ bits >> 32) & _INT_MASK


def _hash_integer(value: int) -> int:
    if -(2**31) <= value < 2**31:
        return value
    if -(2**63) <= value < 2**63:
        return _hash_long(value & 0xFFFFFFFFFFFFFFFF)
    code, magnitude = 0, abs(value)
    for shift in range((magnitude.bit_length() - 1) // 32 * 32, -1, -32):
        code = 31 * code + (magnitude >> shift & _INT_MASK)
    return code if value > 0 else -code


def _hash_string(value: str) -> int:
    code = 0
    units = sort_key(value)
    for index in range(0, len(units), 2):
        code = (31 * code + (units[index] << 8 | units[index + 1])) & _INT_MASK
    return code


def _hash_list(values: list[Any]) -> int:
    code = 1
    for value in values:
        code = (31 * code + _hash_code(value)) & _INT_MASK
    return code


_HASHES: dict[type, Callable[[Any], int]] = {
    type(None): lambda value: 0,
    bool: lambda value: 1231 if value else 1237,
    int: _hash_integer,
    float: lambda value: _hash_long(struct.unpack(">Q", struct.pack(">d", value))[0]),
    str: _hash_string,
    list: _hash_list,
    dict: lambda value: sum(_hash_code(key) ^ _hash_code(item) for key, item in value.items()),
}
