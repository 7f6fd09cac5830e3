"""What a field or a function needs of a value: an example of it, and whether another value will do."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from everypath.asl.timestamps import parse_timestamp
from everypath.paths.places import MISSING, SAMPLE_TEXT, Base64Text, is_number
from everypath.paths.tolerance import ASSUMED_COUNT, ASSUMED_PERCENTAGE

#: A moment that is near the beginning of an execution, so that a Wait until then is short.
SAMPLE_TIME = "2026-01-01T00:00:10Z"


@dataclass(frozen=True, slots=True)
class Want:
    """What is needed of a value.

    Parameters
    ----------
    sample : JSON data
        A value that will do.
    fits : callable
        Whether another one will.
    """

    sample: Any
    fits: Callable[[Any], bool]


def _is_json(value: Any) -> bool:
    if not isinstance(value, str):
        return False
    try:
        json.loads(value)
    except ValueError:
        return False
    return True


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


ANY = Want(SAMPLE_TEXT, lambda value: True)
TEXT = Want(SAMPLE_TEXT, _is_text)
JSON = Want("{}", _is_json)
BASE64 = Want("dGV4dA==", lambda value: isinstance(value, str) and Base64Text().read(value) is not MISSING)
ALGORITHM = Want("SHA-256", lambda value: value in ("MD5", "SHA-1", "SHA-256", "SHA-384", "SHA-512"))
TIME = Want(SAMPLE_TIME, lambda value: isinstance(value, str) and parse_timestamp(value) is not None)
NUMBER = Want(1, is_number)
BOOLEAN = Want(True, lambda value: isinstance(value, bool))
OBJECT = Want({}, lambda value: isinstance(value, dict))
ARRAY = Want([{}], lambda value: isinstance(value, list))
#: The items of a Map: an object will do in a distributed one.
ITEMS = Want([{}], lambda value: isinstance(value, list | dict))


def numbers_or_one(value: Any) -> bool:
    """Whether a value can be summed up."""
    return is_number(value) or (isinstance(value, list) and all(is_number(item) for item in value))


NUMBERS = Want([1], numbers_or_one)


def array_of(number: int) -> Want:
    """An array with so many items at least."""
    return Want([{} for _ in range(number)], lambda value: isinstance(value, list) and len(value) >= number)


def _whole(sample: int) -> Want:
    return Want(sample, lambda value: is_number(value) and value == int(value) and value >= 0)


_FIELDS = {
    "Seconds": _whole(1),
    "TimeoutSeconds": Want(60, lambda value: isinstance(value, int) and not isinstance(value, bool) and value > 0),
    "HeartbeatSeconds": Want(30, lambda value: isinstance(value, int) and not isinstance(value, bool) and value > 0),
    "Timestamp": TIME,
    "MaxConcurrency": _whole(1),
    "ToleratedFailureCount": _whole(ASSUMED_COUNT),
    "ToleratedFailurePercentage": _whole(ASSUMED_PERCENTAGE),
    "MaxItemsPerBatch": _whole(1),
    "MaxInputBytesPerBatch": _whole(100_000),
    "MaxItems": _whole(1),
    "InputPath": Want({}, lambda value: True),
    "OutputPath": Want({}, lambda value: True),
    "Error": TEXT,
    "Cause": TEXT,
}


def wanted_by_field(field: str) -> Want:
    """What a field of a state needs, with or without ``Path`` at the end of its name."""
    return _FIELDS.get(field) or _FIELDS.get(field.removesuffix("Path")) or ANY


#: What the intrinsic functions need of their arguments.
INTRINSICS: dict[str, tuple[Want, ...]] = {
    "States.StringToJson": (JSON,),
    "States.ArrayPartition": (ARRAY, NUMBER),
    "States.ArrayContains": (ARRAY, ANY),
    "States.ArrayRange": (NUMBER, NUMBER, NUMBER),
    "States.ArrayGetItem": (ARRAY, Want(0, is_number)),
    "States.ArrayLength": (ARRAY,),
    "States.ArrayUnique": (ARRAY,),
    "States.Hash": (TEXT, ALGORITHM),
    "States.Base64Encode": (TEXT,),
    "States.Base64Decode": (BASE64,),
    "States.JsonMerge": (OBJECT, OBJECT),
    "States.MathRandom": (Want(0, is_number), Want(10, is_number), NUMBER),
    "States.MathAdd": (NUMBER, NUMBER),
    "States.StringSplit": (TEXT, Want(",", _is_text)),
}

#: What the functions of JSONata need of their first argument, and those that look whether something is there.
FUNCTIONS: dict[str, Want] = (
    dict.fromkeys(
        ("uppercase", "lowercase", "trim", "substring", "substringBefore", "substringAfter", "contains", "replace",
         "split", "pad", "match", "base64encode", "encodeUrl", "encodeUrlComponent", "length", "eval"),
        TEXT,
    )
    | dict.fromkeys(
        ("floor", "ceil", "round", "abs", "sqrt", "power", "formatNumber", "formatBase", "fromMillis", "range",
         "formatInteger", "number"),
        NUMBER,
    )
    | dict.fromkeys(("map", "filter", "reduce", "single", "sort", "partition", "zip", "shuffle", "reverse"), ARRAY)
    | dict.fromkeys(("sum", "max", "min", "average"), NUMBERS)
    | dict.fromkeys(("each", "sift", "keys", "lookup", "spread"), OBJECT)
    | {"parse": JSON, "toMillis": TIME, "base64decode": BASE64}
)  # fmt: skip
LOOKS = frozenset({"exists", "boolean", "not", "type"})
#: The functions that call their second argument with each item of the first.
ITERATES = frozenset({"map", "filter", "reduce", "single", "sort", "each", "sift"})

#: What is tried in turn where an expression fails on made-up data, and nothing says why.
ALTERNATIVES: tuple[Any, ...] = (
    1, "{}", [{}], SAMPLE_TIME, {}, True, "1", "dGV4dA==", "a,b,c,d", "a/b/c/d", "a-b-c-d", [1], ["text"], [[{}]],
    "[{}]", 1_767_225_600_000,
)  # fmt: skip
