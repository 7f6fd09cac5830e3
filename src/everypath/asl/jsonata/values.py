"""JSON data on its way into the JSONata engine and out of it.

The engine keeps JSONata's *undefined* as ``None`` and its *null* as a marker. Numbers are JSON's: a whole number is
an ``int`` however it was written, as AWS prints ``1.0`` as ``1``.
"""

from __future__ import annotations

import math
import re
import sys
from typing import Any, Final

from jsonata.jsonata import Jsonata
from jsonata.parser import Parser
from jsonata.utils import Utils

from everypath.asl.jsonata.messages import UnsupportedResultError
from everypath.asl.utf16 import encodable

NULL: Final[Any] = Utils.NULL_VALUE
_LONG = 2**63
_LARGEST = int(sys.float_info.max)

_FUNCTIONS = (Jsonata.JFunctionCallable, Parser.Symbol, re.Pattern)


def to_engine(value: Any) -> Any:
    """Return JSON data as the engine wants it; values that already are the engine's stay as they are.

    Objects and arrays are copied, so that no evaluation can change the data of an execution.
    """
    if value is None:
        return NULL
    kind = type(value)
    if kind is dict:
        return {key: to_engine(item) for key, item in value.items()}
    if kind is list:
        return [to_engine(item) for item in value]
    if kind is float:
        return whole(value)
    if kind is int and not -_LONG <= value < _LONG:
        return float(value) if abs(value) < _LARGEST else math.copysign(math.inf, value)
    return value


def to_json(value: Any) -> Any:
    """Return an engine's value as JSON data.

    Raises
    ------
    UnsupportedResultError
        Where there is a function in it.
    """
    kind = type(value)
    if kind is str:
        return encodable(value)
    if kind is bool or value is None:  # None is a JSON null, or undefined in an array: null too
        return value
    if value is NULL:
        return None
    if isinstance(value, dict):
        return {encodable(key): to_json(item) for key, item in value.items()}
    if isinstance(value, list):
        return [to_json(item) for item in value]
    if isinstance(value, (int, float)):
        return number_to_json(value)
    if isinstance(value, _FUNCTIONS):
        raise UnsupportedResultError
    return value


def number_to_json(value: float) -> float | str:
    """Return a number as AWS writes it to JSON.

    Whole numbers are exact within 64 bits and doubles beyond; JSON has no infinity, so AWS writes its name
    (measured on AWS with TestState: floci-io/floci issue 2737).
    """
    if isinstance(value, int):
        return value if -_LONG <= value < _LONG else number_to_json(to_engine(value))
    if math.isfinite(value):
        return whole(value)
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def whole(value: float) -> float:
    """Return a double as an integer where it is one and fits into 64 bits."""
    return int(value) if value.is_integer() and -_LONG <= value < _LONG else value


def is_number(value: Any) -> bool:
    """Whether a value is a number and no boolean."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def is_function(value: Any) -> bool:
    """Whether a value can be called."""
    return isinstance(value, _FUNCTIONS)
