import hashlib
import uuid
from typing import Any

import pytest

from everypath.asl.jsonata import compile_jsonata

from .test_jsonata_expression import a_scope, failure_of, value_of


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("$partition([1,2,3,4,5], 2)", [[1, 2], [3, 4], [5]]),
        ("$partition([0], 1)", [[0]]),
        ("$partition([0, 1], 5)", [[0, 1]]),
        ("$partition([1,2,3,4,5], 2.6)", [[1, 2], [3, 4], [5]]),
        ("$partition([1,2,3])", [[1, 2, 3]]),
    ],
)
def test_partition_cuts_an_array_into_pieces(text: str, value: list[Any]) -> None:
    assert value_of(text) == value


@pytest.mark.parametrize(
    "text", ["$partition([], 2)", "$partition([1], 0)", "$partition([1], -0.5)", "$partition($nope, 2)"]
)
def test_partition_of_nothing_is_undefined(text: str) -> None:
    assert failure_of(text).cause.endswith("returned nothing (undefined).")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("$partition('abc', 2)", 'T0412: Argument 1 of function "partition" must be an array of undefined'),
        ("$partition([1], null)", 'T0410: Argument 2 of function "partition" does not match function signature'),
        ("$partition([1], 1, 1)", 'T0410: Argument 3 of function "partition" does not match function signature'),
        ("$partition([1], -1)", "D3137: Second argument must be zero or greater"),
    ],
)
def test_partition_refuses_other_arguments_as_on_aws(text: str, message: str) -> None:
    assert failure_of(text).cause.endswith(f"threw an error during evaluation. {message}")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("$range(1, 9, 2)", [1, 3, 5, 7, 9]),
        ("$range(1, 8, 2)", [1, 3, 5, 7]),
        ("$range(9, 1, -2)", [9, 7, 5, 3, 1]),
        ("$range(1.4, 5.6, 2.2)", [1, 3, 5]),
        ("$range(-1.7, 2, 1)", [-1, 0, 1, 2]),
        ("$range(1, 9, 9)", 1),
        ("$range(3, 3, 1)", 3),
        ("$count($range(-9223372036854775807, 9223372036854775807, 9223372036854775807))", 3),
    ],
)
def test_range_counts_from_one_number_to_another_and_a_single_one_is_no_array(text: str, value: Any) -> None:
    assert value_of(text) == value


@pytest.mark.parametrize(
    "text", ["$range(1, 5, 0)", "$range(1, 5, 0.49)", "$range(1, 5)", "$range(5, 1, 1)", "$range(1, 5, -1)"]
)
def test_range_that_leads_nowhere_is_undefined(text: str) -> None:
    assert failure_of(text).cause.endswith("returned nothing (undefined).")


@pytest.mark.parametrize(
    ("text", "argument"),
    [("$range('0', 4, 1)", 1), ("$range(1, null, 1)", 2), ("$range(0,4,1,2)", 4), ("$range(1)", 2)],
)
def test_range_takes_numbers(text: str, argument: int) -> None:
    assert failure_of(text).cause.endswith(
        f'T0410: Argument {argument} of function "range" does not match function signature'
    )


@pytest.mark.parametrize("algorithm", ["MD5", "SHA-1", "SHA-256", "SHA-384", "SHA-512"])
def test_hash_is_that_of_the_utf8_bytes_in_hexadecimal_digits(algorithm: str) -> None:
    expected = hashlib.new(algorithm.replace("-", ""), "né ✓".encode()).hexdigest()
    assert value_of(f"$hash('né ✓', '{algorithm}')") == expected


@pytest.mark.parametrize("algorithm", ["md5", "sha-256", "UNSUPPORTED"])
def test_hash_knows_five_algorithms_in_capital_letters(algorithm: str) -> None:
    assert failure_of(f"$hash('a', '{algorithm}')").cause.endswith(
        f"D3137: Hash algorithm '{algorithm}' must be one of SHA-1, SHA-384, SHA-256, SHA-512, MD5"
    )


def test_hash_takes_strings() -> None:
    assert failure_of("$hash(42, 'MD5')").cause.endswith("does not match function signature")
    assert failure_of("$hash('a')").cause.endswith("returned nothing (undefined).")


@pytest.mark.parametrize(
    ("seed", "value"),
    [("42", 0.7275636800328681), ("0", 0.730967787376657), ("7", 0.7306990420600421), ("0.9", 0.730967787376657)],
)
def test_random_with_a_seed_is_that_of_java(seed: str, value: float) -> None:
    assert value_of(f"$random({seed})") == value


@pytest.mark.parametrize("text", ["$random()", "$uuid()", "$shuffle([1..20])"])
def test_randomness_comes_from_the_execution(text: str) -> None:
    expression = compile_jsonata("{% " + text + " %}", "Output")
    scope = a_scope()
    first, second = expression.evaluate(scope), expression.evaluate(scope)
    assert first != second
    assert expression.evaluate(a_scope()) == first


def test_random_is_between_0_and_1() -> None:
    assert 0 <= value_of("$random()") < 1


def test_uuid_is_of_version_4_and_takes_nothing() -> None:
    assert uuid.UUID(value_of("$uuid()")).version == 4
    assert failure_of("$uuid(1)").cause.endswith('Argument 1 of function "uuid" does not match function signature')


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("-0", 0),
        ("1.0", 1),
        ("1.1", 1.1),
        ("true", True),
        ("null", None),
        ('"Hello"', "Hello"),
        (' [1, 2, "a"] ', [1, 2, "a"]),
        ('{"b":1,"a":{"n":null}}', {"b": 1, "a": {"n": None}}),
        ("9223372036854775807", 9223372036854775807),
    ],
)
def test_parse_reads_json(text: str, value: Any) -> None:
    assert value_of("$parse($states.input)", text) == value


def test_parsed_data_is_data_like_any_other() -> None:
    assert value_of("$parse('{\"a\": [null, 1]}').a[1]") == 1
    assert value_of("$exists($parse('null'))") is True
    assert value_of("$map(['{\"a\":1}', '{\"a\":2}'], $parse).a") == [1, 2]


@pytest.mark.parametrize("text", ["", "  ", "{bad}", '{"a":1}{"b":2}', '{"a":1,"a":2}', "1e400", "NaN"])
def test_parse_refuses_what_is_no_strict_json(text: str) -> None:
    assert failure_of("$parse($states.input)", text).cause.endswith("D3137: Invalid JSON")


@pytest.mark.parametrize("text", ["$parse(1)", "$parse(null)", "$parse('1', 1)"])
def test_parse_takes_one_string(text: str) -> None:
    assert "T0410" in failure_of(text).cause


def test_now_and_millis_are_those_of_the_clock_and_one_for_an_evaluation() -> None:
    moments = iter(range(10))
    scope = a_scope()
    scope.now = lambda: 1_700_000_000 + next(moments)
    text = "{% [$millis(), $millis(), $now(), $now('[Y]')] %}"
    assert compile_jsonata(text, "Output").evaluate(scope) == [
        1_700_000_000_000,
        1_700_000_000_000,
        "2023-11-14T22:13:20.000Z",
        "2023",
    ]
