from __future__ import annotations

import json
import math
from collections import OrderedDict, namedtuple
from decimal import Decimal
from enum import IntEnum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from everypath.lambda_runtime.result_json import marshal

Point = namedtuple("Point", "x y")


class Level(IntEnum):
    HIGH = 3


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"),
        (True, "true"),
        (1.0, "1.0"),
        (1e22, "1e+22"),
        ('a\n"\x7f', '"a\\n\\"\x7f"'),
        ({"b": 1, "a": [True, {}, []]}, '{"b": 1, "a": [true, {}, []]}'),
        ((1, 2), "[1, 2]"),
        (OrderedDict(a=1), '{"a": 1}'),
        (Point(1, Point(2, 3)), '{"x": 1, "y": {"x": 2, "y": 3}}'),
        ({"a": b"bytes"}, '{"a": "bytes"}'),
        (Decimal("1.10"), "1.10"),
        ({"a": [Decimal("1E+2"), Decimal("NaN")]}, '{"a": [1E+2, NaN]}'),
        ([math.nan, math.inf, -math.inf], "[NaN, Infinity, -Infinity]"),
        (Level.HIGH, "3"),
        ({1: 1, 1.5: 2, None: 3, False: 4, b"b": 5}, '{"1": 1, "1.5": 2, "null": 3, "false": 4, "b": 5}'),
        ({Level.HIGH: 1}, '{"3": 1}'),
        ("é\N{GRINNING FACE}", '"é\N{GRINNING FACE}"'),
    ],
)
def test_a_value_is_written_as_the_runtime_writes_it(value: Any, text: str) -> None:
    assert marshal(value, ascii_only=False) == text


def test_non_ascii_characters_are_escaped_on_request() -> None:
    assert marshal({"é": "\N{GRINNING FACE}"}, ascii_only=True) == r'{"\u00e9": "\ud83d\ude00"}'


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({1, 2}, "Object of type set is not JSON serializable"),
        ([object()], "Object of type object is not JSON serializable"),
        ({(1, 2): 3}, "keys must be str, int, float, bool or None, not tuple"),
        ({Decimal(1): 3}, "keys must be str, int, float, bool or None, not Decimal"),
    ],
)
def test_what_cannot_be_written_is_told_in_the_runtimes_words(value: Any, message: str) -> None:
    with pytest.raises(TypeError) as caught:
        marshal(value, ascii_only=False)
    assert str(caught.value) == message


def test_a_value_that_contains_itself_is_told() -> None:
    loop: dict[str, Any] = {}
    loop["a"] = [loop]
    with pytest.raises(ValueError, match=r"^Circular reference detected$"):
        marshal(loop, ascii_only=False)


def test_a_value_may_stand_twice_beside_itself() -> None:
    shared = [1]
    assert marshal({"a": shared, "b": shared}, ascii_only=False) == '{"a": [1], "b": [1]}'


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(plain, st.booleans())
def test_plain_data_is_written_as_the_standard_library_writes_it(value: Any, ascii_only: bool) -> None:
    assert marshal(value, ascii_only=ascii_only) == json.dumps(value, ensure_ascii=ascii_only)
