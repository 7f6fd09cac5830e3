"""Functions of arrays and objects that call other functions, or that compare; the library's skip signatures there."""

from __future__ import annotations

from functools import cmp_to_key
from typing import Any

from jsonata.functions import Functions
from jsonata.utils import Utils

from everypath.asl.jsonata.messages import JsonataError
from everypath.asl.jsonata.values import is_number
from everypath.asl.utf16 import sort_key

Engine = Any  # engine.Engine, which needs this module


def map_items(engine: Engine, array: Any, function: Any) -> Any:
    """Return what a function makes of each item; undefined values are left out."""
    if array is None:
        return None
    made = (_called(engine, function, item, index, array) for index, item in enumerate(array))
    return Utils.create_sequence_from_iter(value for value in made if value is not None)


def filter_items(engine: Engine, array: Any, function: Any) -> Any:
    """Return the items of which a function is true."""
    if array is None:
        return None
    return Utils.create_sequence_from_iter(
        item for index, item in enumerate(array) if _truth(_called(engine, function, item, index, array))
    )


def single(engine: Engine, array: Any, function: Any = None) -> Any:
    """Return the only item of which a function is true."""
    if array is None:
        return None
    found = array if function is None else filter_items(engine, array, function)
    if len(found) != 1:
        raise JsonataError("D3138" if found else "D3139")
    return found[0]


def reduce(engine: Engine, array: Any, function: Any, start: Any = None) -> Any:
    """Return what a function makes of the items one after another."""
    if array is None:
        return None
    if _arity(function) < 2:
        raise JsonataError("D3050")
    items = list(enumerate(array))
    result = start
    if start is None and items:
        result = items.pop(0)[1]
    for index, item in items:
        result = _called(engine, function, result, item, index, array)
    return result


def each(engine: Engine, value: Any, function: Any) -> Any:
    """Return what a function makes of each field of an object."""
    if value is None:
        return None
    made = (_called(engine, function, item, key, value) for key, item in value.items())
    return Utils.create_sequence_from_iter(item for item in made if item is not None)


def sift(engine: Engine, value: Any, function: Any) -> Any:
    """Return an object with the fields of which a function is true; nothing where there are none."""
    if value is None:
        return None
    kept = {key: item for key, item in value.items() if _truth(_called(engine, function, item, key, value))}
    return kept or None


def sort(engine: Engine, array: Any, comparator: Any = None) -> Any:
    """Sort numbers or strings, or anything by a function that says whether to swap two items; it is stable."""
    if array is None or len(array) <= 1:
        return array
    if comparator is None:
        if all(isinstance(item, str) for item in array):
            return sorted(array, key=sort_key)
        if not all(map(is_number, array)):
            raise JsonataError("D3070")
        return sorted(array)

    def order(later: Any, earlier: Any) -> int:  # Python asks whether a later item is smaller than an earlier one
        return -1 if _truth(_called(engine, comparator, earlier, later)) else 0

    return sorted(array, key=cmp_to_key(order))


def merge(engine: Engine, array: Any) -> Any:
    """Return an object with the fields of all objects of an array, and of the arrays in it (measured on AWS)."""
    if array is None:
        return None
    merged: dict[str, Any] = {}
    for item in array:
        found = merge(engine, item) if isinstance(item, list) else item
        if not isinstance(found, dict):
            raise JsonataError("T0412", index=1, type="objects")
        merged |= found
    return merged


def shuffle(engine: Engine, array: Any) -> Any:
    """Return the items in an order drawn from the execution's source of randomness."""
    if array is None or len(array) <= 1:
        return array
    shuffled = list(array)
    engine.scope.random.shuffle(shuffled)
    return shuffled


def distinct(engine: Engine, array: Any) -> Any:
    """Return the items without those that equal an earlier one."""
    if not isinstance(array, list) or len(array) <= 1:
        return array
    made = Utils.create_sequence() if Utils.is_sequence(array) else Utils.JList()
    for item in array:
        if not any(Utils.is_deep_equal(item, other) for other in made):
            made.append(item)
    return made


def _arity(function: Any) -> int:
    """How many arguments a function takes; a lambda is a node of the tree, anything else takes one."""
    arity = getattr(function, "arity", None)
    return arity if isinstance(arity, int) else len(getattr(function, "arguments", None) or "?")


def _called(engine: Engine, function: Any, *arguments: Any) -> Any:
    """Call a function with as many of the arguments as it takes, but at least one."""
    return engine.apply(function, list(arguments[: max(1, _arity(function))]), None, engine.environment)


def _truth(value: Any) -> bool:
    return bool(Functions.to_boolean(value))
