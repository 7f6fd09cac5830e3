"""A handler's result as JSON, as the Lambda runtime for Python writes it.

The runtime (awslambdaric, ``lambda_runtime_marshaller.py``) uses simplejson, which differs from the standard library
where results are concerned: a named tuple is an object, bytes in a result are text, a Decimal keeps its digits. Since
Python 3.12 the runtime writes non-ASCII characters as they are.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from decimal import Decimal
from json.encoder import encode_basestring, encode_basestring_ascii
from typing import Any

_ESCAPES_NON_ASCII = frozenset({"python3.8", "python3.9", "python3.10", "python3.11"})


def escapes_non_ascii(runtime: str) -> bool:
    """Whether a Lambda runtime writes only ASCII, and anything else as an escape."""
    return runtime in _ESCAPES_NON_ASCII


def marshal(value: Any, *, ascii_only: bool) -> str:
    """Return a result as JSON text.

    Raises
    ------
    TypeError
        ``Object of type set is not JSON serializable``, and for a key that is no scalar.
    ValueError
        For a value that contains itself.
    """
    if type(value) is str and ascii_only:
        return json.dumps(value)
    pieces: list[str] = []
    _Writer(encode_basestring_ascii if ascii_only else encode_basestring, pieces.append).write(value)
    return "".join(pieces)


class _Writer:
    __slots__ = ("_add", "_open", "_quoted")

    def __init__(self, quoted: Callable[[str], str], add: Callable[[str], object]) -> None:
        self._quoted = quoted
        self._add = add
        self._open: set[int] = set()

    def write(self, value: Any) -> None:
        """Write a value; the order of the cases is simplejson's."""
        scalar = self._scalar(value)
        if scalar is not None:
            self._add(scalar)
            return
        if id(value) in self._open:
            raise ValueError("Circular reference detected")
        self._open.add(id(value))
        as_dict = getattr(value, "_asdict", None)
        if callable(as_dict):
            self._object(as_dict())
        elif isinstance(value, list | tuple):
            self._array(value)
        elif isinstance(value, dict):
            self._object(value)
        else:
            raise TypeError(f"Object of type {value.__class__.__name__} is not JSON serializable")
        self._open.discard(id(value))

    def _scalar(self, value: Any) -> str | None:
        if isinstance(value, str):
            return self._quoted(str.__str__(value))
        if isinstance(value, bytes):
            return self._quoted(value.decode())
        if value is None:
            return "null"
        if value is True:
            return "true"
        if value is False:
            return "false"
        if isinstance(value, int):
            return int.__repr__(value)
        if isinstance(value, float):
            return _float(value)
        if isinstance(value, Decimal):
            return "NaN" if value.is_nan() else str(value)
        return None

    def _array(self, items: list[Any] | tuple[Any, ...]) -> None:
        separator = "["
        for item in items:
            self._add(separator)
            separator = ", "
            self.write(item)
        self._add("]" if items else "[]")

    def _object(self, pairs: Any) -> None:
        if not isinstance(pairs, dict):
            raise TypeError(f"_asdict() must return a dict, not {type(pairs).__name__}")
        separator = "{"
        for key, value in pairs.items():
            self._add(separator)
            separator = ", "
            self._add(self._quoted(_key(key)))
            self._add(": ")
            self.write(value)
        self._add("}" if pairs else "{}")


def _key(key: Any) -> str:
    if isinstance(key, str):
        return str.__str__(key)
    if isinstance(key, bytes):
        return key.decode()
    if isinstance(key, float):
        return _float(key)
    if key is None or isinstance(key, bool):
        return {None: "null", True: "true", False: "false"}[key]
    if isinstance(key, int):
        return int.__repr__(key)
    raise TypeError(f"keys must be str, int, float, bool or None, not {key.__class__.__name__}")


def _float(value: float) -> str:
    if math.isfinite(value):
        return float.__repr__(value)
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
