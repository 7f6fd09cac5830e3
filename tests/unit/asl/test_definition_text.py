from __future__ import annotations

import pytest

from everypath.asl.parser.definition_text import LARGEST_DEFINITION
from tests.unit.asl.definitions import problems

FOUND = "Unexpected character"
VALUES = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')"


def test_a_text_that_is_no_json_is_refused_in_the_words_of_jackson() -> None:
    where = '[Source: (String)"not a definition"; line: 1, column: 4]'
    message = f"Unrecognized token 'not': was expecting {VALUES}\n at {where}"
    assert problems("not a definition") == [("INVALID_JSON_DESCRIPTION", where, message)]


@pytest.mark.parametrize(
    ("text", "message", "line", "column"),
    [
        ("", "No content to map due to end-of-input", 1, 1),
        ('{"a" 1}', f"{FOUND} ('1' (code 49)): was expecting a colon to separate field name and value", 1, 7),
        ('{"a": 1\n "b": 2}', f"{FOUND} ('\"' (code 34)): was expecting comma to separate Object entries", 2, 3),
        ('["a" "b"]', "Unexpected character ('\"' (code 34)): was expecting comma to separate Array entries", 1, 7),
        ('{"a": 1,}', "Unexpected character ('}' (code 125)): was expecting double-quote to start field name", 1, 10),
        ("{'a': 1}", "Unexpected character (''' (code 39)): was expecting double-quote to start field name", 1, 3),
        ("[1,]", f"Unexpected character (']' (code 93)): expected a valid value {VALUES}", 1, 5),
        ('{"a": True}', f"Unrecognized token 'True': was expecting {VALUES}", 1, 11),
        ('["a', "Unexpected end-of-input: was expecting closing quote for a string value", 1, 4),
        ('{"a": "b', "Unexpected end-of-input: was expecting closing quote for a string value", 1, 9),
        ('{"a', "Unexpected end-of-input in field name", 1, 4),
        ('{"a"', "Unexpected end-of-input within/between Object entries", 1, 5),
        ('{"a":', "Unexpected end-of-input within/between Object entries", 1, 6),
        ('{"a": 1, ', "Unexpected end-of-input within/between Object entries", 1, 10),
        (
            '{"k,": 1',
            "Unexpected end-of-input: expected close marker for Object "
            '(start marker at [Source: (String)"{"k,": 1"; line: 1, column: 1])',
            1,
            9,
        ),
        ("[1,", "Unexpected end-of-input within/between Array entries", 1, 4),
        ('{"a":}', f"{FOUND} ('}}' (code 125)): expected a value", 1, 7),
        (
            '{"a": 1]',
            "Unexpected close marker ']': expected '}' "
            '(for Object starting at [Source: (String)"{"a": 1]"; line: 1, column: 1])',
            1,
            9,
        ),
        (
            '{"a": "b"',
            "Unexpected end-of-input: expected close marker for Object "
            '(start marker at [Source: (String)"{"a": "b""; line: 1, column: 1])',
            1,
            10,
        ),
        (
            '{"a": 1',
            "Unexpected end-of-input: expected close marker for Object "
            '(start marker at [Source: (String)"{"a": 1"; line: 1, column: 1])',
            1,
            8,
        ),
    ],
)  # fmt: skip
def test_the_common_mistakes_are_named_with_line_and_column(text: str, message: str, line: int, column: int) -> None:
    where = f'[Source: (String)"{text}"; line: {line}, column: {column}]'
    assert problems(text) == [("INVALID_JSON_DESCRIPTION", where, f"{message}\n at {where}")]


def test_a_long_text_is_not_shown_whole() -> None:
    ((_, location, _),) = problems("x" * 501)
    assert location == f'[Source: (String)"{"x" * 500}"[truncated 1 chars]; line: 1, column: 502]'


@pytest.mark.parametrize("text", ["[]", "5", "null"])
def test_a_definition_is_an_object(text: str) -> None:
    assert problems(text) == [("SCHEMA_VALIDATION_FAILED", "/", "Expected value of type [OBJECT]")]


def test_what_only_python_reads_is_no_json() -> None:
    ((code, _, message),) = problems('{"a": NaN}')
    assert (code, message[:25]) == ("INVALID_JSON_DESCRIPTION", "Non-standard token 'NaN':")


def test_a_definition_has_at_most_a_mebibyte() -> None:
    ((code, _, _),) = problems('"' + "x" * LARGEST_DEFINITION + '"')
    assert code == "DEFINITION_TOO_LARGE"
