"""JSONata's operators where the library's differ from JavaScript's.

The library raises Python's error at a division by zero, cuts the remainder of fractions off, compares objects with
``in`` by their contents, and makes ranges as lists that are longer than they say.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from operator import ge, gt, le, lt
from typing import Any

from jsonata.functions import Functions
from jsonata.utils import Utils

from everypath.asl.jsonata.messages import MEMORY, JsonataError
from everypath.asl.jsonata.text import text_of
from everypath.asl.jsonata.values import is_function, is_number, whole
from everypath.asl.utf16 import paired

_LONGEST_RANGE = 873_782  # measured on AWS with TestState: floci-io/floci issue 2737

_ARITHMETIC: dict[str, Callable[[float, float], float]] = {
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "*": lambda left, right: left * right,
    "/": lambda left, right: left / right if right else _by_zero(left, right),
    "%": lambda left, right: math.fmod(left, right) if right and math.isfinite(left) else math.nan,
}


def calculated(left: Any, right: Any, operator: str) -> Any:
    """Calculate in doubles, as JavaScript does: division by zero is infinity, or no number."""
    for value, code in ((left, "T2001"), (right, "T2002")):
        if value is not None and not is_numeric(value):
            raise JsonataError(code, token=operator, value=value)
    if left is None or right is None:
        return None
    return whole(_ARITHMETIC[operator](float(left), float(right)))


def negated(value: Any) -> Any:
    """Return the number with the other sign."""
    if value is None:
        return None
    if not is_numeric(value):
        raise JsonataError("D1002", token="-", value=value)
    return -value


def concatenated(left: Any, right: Any, operator: str) -> str:
    """Return two values as one text."""
    return paired((text_of(left) or "") + (text_of(right) or ""))


def contained(left: Any, right: Any, operator: str) -> bool:
    """Whether a value is in an array; an object or an array is equal to no other one there."""
    if left is None or right is None:
        return False
    return any(_identical(left, item) for item in as_list(right))


def number_range(left: Any, right: Any, operator: str) -> Any:
    """Return the whole numbers from one to another."""
    for value, code in ((left, "T2003"), (right, "T2004")):
        if value is not None and not (isinstance(value, int) and not isinstance(value, bool)):
            raise JsonataError(code, value=value)
    if left is None or right is None or left > right:
        return None
    size = right - left + 1
    if size > 1e7:
        raise JsonataError("D2014", value=size)
    if size > _LONGEST_RANGE:
        raise JsonataError(None, MEMORY)
    return Utils.create_sequence_from_iter(range(left, right + 1))


OPERATORS: dict[str, Callable[[Any, Any, str], Any]] = {
    **dict.fromkeys(_ARITHMETIC, calculated),
    "&": concatenated,
    "in": contained,
    "..": number_range,
}


COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "<": lt,
    "<=": le,
    ">": gt,
    ">=": ge,
}


def truth(value: Any) -> bool:
    """Whether a value counts as true; a function does."""
    if isinstance(value, bool):
        return value
    return is_function(value) or bool(Functions.to_boolean(value))


def is_numeric(value: Any) -> bool:
    """Whether a value can be calculated with.

    Raises
    ------
    JsonataError
        D1001 for infinity.
    """
    if not is_number(value) or math.isnan(value):
        return False
    if math.isinf(value):
        raise JsonataError("D1001", value=None)
    return True


def as_list(value: Any) -> list[Any]:
    """Return an array as it is, another value in a list, and undefined as an empty one."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _by_zero(left: float, zero: float) -> float:
    if left == 0 or math.isnan(left):
        return math.nan
    return math.inf * math.copysign(1, left) * math.copysign(1, zero)


def _identical(left: Any, right: Any) -> bool:
    if isinstance(left, (dict, list)):
        return left is right
    return isinstance(left, bool) == isinstance(right, bool) and bool(left == right)
