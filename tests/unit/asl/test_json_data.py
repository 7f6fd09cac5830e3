"""JSON texts as Java reads them and writes them."""

from __future__ import annotations

from typing import Any

import pytest

from everypath.asl import json_text
from everypath.asl.java_values import json_text as written


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12345678.5", "1.23456785E7"),
        ("100000000000000000000", "100000000000000000000"),
        ("1e20", "1.0E20"),
        ('{"a":[0.0001,1.0,1]}', '{"a":[1.0E-4,1.0,1]}'),
        ('["e-1 .5 0.0001 123456789.5,","a:1e+20"]', '["e-1 .5 0.0001 123456789.5,","a:1e+20"]'),
        ("[1e400,-1e400]", '["Infinity","-Infinity"]'),
        (r'"\ud83d\ude00"', '"😀"'),
        (r'{"\ud83d":"x\ude00\ud83d"}', '{"?":"x??"}'),
    ],
)
def test_a_text_is_written_as_java_writes_what_it_has_read(text: str, expected: str) -> None:
    assert written(json_text.load(text)) == expected


@pytest.mark.parametrize("text", ["NaN", "[Infinity]", "-Infinity", "", "[" * 100_000, "{'a':1}"])
def test_a_text_that_is_not_json_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        json_text.load(text)


@pytest.mark.parametrize("value", ["\ud83d", {"\ude00": 1}, ["a\ud83d", 1e8], "é\udc00"])
def test_every_text_that_is_written_can_be_encoded(value: Any) -> None:
    assert "?" in written(value).encode().decode()
