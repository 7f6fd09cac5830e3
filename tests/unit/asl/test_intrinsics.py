from __future__ import annotations

import re
from random import Random
from typing import Any
from uuid import UUID

import pytest

from everypath.asl.errors import ExpressionSyntaxError, StateError
from everypath.asl.java_values import java_text, json_text, map_order, unique
from everypath.asl.jsonpath.intrinsics import DEEPEST, compile_intrinsic
from everypath.asl.scope import Scope


def scope(value: Any, seed: int = 0, **variables: Any) -> Scope:
    context = {"StateMachine": {"Id": "arn:x", "Name": "a-b-c"}}
    return Scope(value, lambda: context, variables, Random(seed), lambda: 0.0)


def call(text: str, value: Any = None, **variables: Any) -> Any:
    return compile_intrinsic(text).evaluate(scope({} if value is None else value, **variables))


def cause_of(text: str, value: Any = None) -> str:
    with pytest.raises(StateError) as caught:
        call(text, value)
    assert caught.value.error == "States.Runtime"
    assert caught.value.cause is not None
    return caught.value.cause


def refused(text: str, value: Any = None) -> bool:
    name = text.split("(")[0]
    sentence = "There was an error while evaluating the intrinsic function"
    return cause_of(text, value) == f"{sentence}: {text}. Invalid arguments in {name}"


# The language


def test_arguments_are_strings_numbers_words_paths_and_calls() -> None:
    text = "States.Array('a', 1, -2.5, 1e3, true, false, null, $.x, $$.StateMachine.Name, $v.y[0], States.Array())"
    found = call(text, {"x": {"k": 1}}, v={"y": [7]})
    assert found == ["a", 1, -2.5, 1000.0, True, False, None, {"k": 1}, "a-b-c", 7, []]


def test_blanks_between_the_parts_do_not_matter() -> None:
    assert call(" States.Array( $.a ,$.b , 'x' ) ", {"a": 1, "b": 2}) == [1, 2, "x"]


def test_a_string_may_hold_escaped_characters_and_anything_else() -> None:
    assert call(r"States.Array('it\'s \{a\} \\ b, (c) $.d')") == [r"it's {a} \ b, (c) $.d"]
    assert call("States.StringSplit('Hello\nWorld', '\n')") == ["Hello", "World"]


def test_a_path_argument_may_hold_brackets_and_filters() -> None:
    value = {"a b": [{"n": 1}, {"n": 2}], "length()": 3}
    assert call("States.Array($['a b'][?(@.n == 2)].n, $['a b'][(@.length-1)].n, $.length())", value) == [[2], 2, 3]


@pytest.mark.parametrize(
    "text",
    [
        "States.Nothing()", "States.Array", "States.Array(", "States.Array(1", "States.Array(1,)", "States.Array(,1)",
        "States.Array(1 2)", "States.Array(1) x", "States.Array([1])", "States.Array('a)", r"States.Array('\n')",
        "States.Array(1.)", "States.Array(.5)", "States.Array(1a)", "States.Array(nullx)", 'States.Array("a")',
        "States.Array($.a b)", "states.Array()", "Array()", "",
    ],
)  # fmt: skip
def test_what_is_no_call_is_refused(text: str) -> None:
    with pytest.raises(ExpressionSyntaxError):
        compile_intrinsic(text)


def test_calls_may_be_nested_ten_deep() -> None:
    assert call("States.Array(" * DEEPEST + ")" * DEEPEST) == [[[[[[[[[[]]]]]]]]]]
    with pytest.raises(ExpressionSyntaxError):
        compile_intrinsic("States.Array(" * 11 + ")" * 11)


def test_a_missing_argument_names_the_whole_call_and_the_input() -> None:
    text = "States.Format('{}', States.Array($.a,$.no.x))"
    assert cause_of(text, {"a": 1}) == (
        f"The function '{text}' had the following error: "
        "The JsonPath argument for the field '$.no.x' could not be found in the input '{\"a\":1}'"
    )


def test_a_missing_context_argument_reads_as_a_path_from_the_context_object() -> None:
    assert "for the field '$.Nope.Deep' could not be found in the input '{}'" in cause_of("States.Array($$.Nope.Deep)")


def test_beyond_the_end_of_an_array_there_is_no_argument() -> None:
    assert "for the field '$.items[5]' could not be found" in cause_of("States.Array($.items[5])", {"items": [1]})


def test_an_index_into_what_is_no_array_shows_the_words_of_json_path() -> None:
    assert cause_of("States.Array($.a[0])", {"a": 1}).endswith(
        "error: Filter: [0] can only be applied to arrays. Current context is: 1"
    )


def test_an_argument_to_many_that_finds_nothing_is_an_empty_array() -> None:
    assert call("States.ArrayLength($.items[*].nope)", {"items": [1, 2]}) == 0


def test_a_refusal_deep_inside_names_the_whole_call_and_the_function_that_refused() -> None:
    text = "States.Array(States.MathAdd('a', 1))"
    sentence = "There was an error while evaluating the intrinsic function"
    assert cause_of(text) == f"{sentence}: {text}. Invalid arguments in States.MathAdd"


@pytest.mark.parametrize(
    "text",
    [
        "States.ArrayLength()", "States.ArrayContains($)", "States.ArrayRange(1, 2)", "States.MathAdd(1, 2, 3)",
        "States.Format()", "States.MathRandom(1)", "States.JsonMerge($, $)", "States.Hash('a')",
    ],
)  # fmt: skip
def test_too_few_or_too_many_arguments_are_refused_when_the_call_is_made(text: str) -> None:
    assert refused(text)


# Arrays


def test_an_array_is_cut_into_parts() -> None:
    assert call("States.ArrayPartition($, 4)", [1, 2, 3, 4, 5]) == [[1, 2, 3, 4], [5]]
    assert call("States.ArrayPartition($, 9)", [1, 2]) == [[1, 2]]
    assert call("States.ArrayPartition($, 2)", []) == []


def test_the_size_of_a_part_is_cut_to_an_integer() -> None:
    assert call("States.ArrayPartition($, 2.6)", [1, 2, 3]) == [[1, 2], [3]]


@pytest.mark.parametrize("size", ["0", "-1", "0.6", "'2'", "null", "true"])
def test_a_part_has_at_least_one_element(size: str) -> None:
    assert refused(f"States.ArrayPartition($, {size})", [1, 2])


@pytest.mark.parametrize(
    ("array", "wanted", "expected"),
    [
        ([], None, False),
        ([1, None], None, True),
        ([[1, 2, 3], 2], [1, 2, 3], True),
        ([[1, 2, 3], 2], None, False),
        ([{"a": 1}], {"a": 1}, True),
        ([{"a": 1, "b": 2}], {"b": 2, "a": 1}, False),
        ([True, False], False, True),
        ([0, 1], False, False),
        (["true"], True, True),
        (["12"], 12, True),
        ([1], 1.0, False),
    ],
)
def test_an_array_contains_what_reads_the_same(array: list[Any], wanted: Any, expected: bool) -> None:
    assert call("States.ArrayContains($.a, $.w)", {"a": array, "w": wanted}) is expected


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("1, 9, 2", [1, 3, 5, 7, 9]),
        ("0, 10, 3", [0, 3, 6, 9]),
        ("5, 1, -2", [5, 3, 1]),
        ("3, 3, -1", [3]),
        ("5, 1, 1", []),
        ("1.6, 1.4, 1", [1]),
        ("5.4, -0.6, -2.4", [5, 3, 1]),
    ],
)
def test_a_range_includes_both_ends_and_cuts_fractions(arguments: str, expected: list[int]) -> None:
    assert call(f"States.ArrayRange({arguments})") == expected


def test_a_range_has_at_most_a_thousand_elements() -> None:
    assert len(call("States.ArrayRange(1, 1000, 1)")) == 1000
    assert len(call("States.ArrayRange(1999, 1, -2)")) == 1000
    assert refused("States.ArrayRange(1, 1001, 1)")
    assert refused("States.ArrayRange(1001, 1, -1)")
    assert call("States.ArrayRange(5000, 1, 1)") == []


@pytest.mark.parametrize("arguments", ["1, 10, 0", "1, 10, 0.49", "'a', 5, 1", "1, null, 1"])
def test_a_range_needs_numbers_and_a_step(arguments: str) -> None:
    assert refused(f"States.ArrayRange({arguments})")


def test_an_element_is_taken_by_its_index_which_is_cut() -> None:
    assert call("States.ArrayGetItem($, 0)", ["a", "b"]) == "a"
    assert call("States.ArrayGetItem($, 1.9)", ["a", "b"]) == "b"


def test_an_empty_array_has_null_everywhere_and_another_one_ends() -> None:
    assert call("States.ArrayGetItem($, 9)", []) is None
    assert refused("States.ArrayGetItem($, 2)", ["a", "b"])
    assert refused("States.ArrayGetItem($, -1)", ["a", "b"])
    assert refused("States.ArrayGetItem($, '0')", ["a", "b"])


def test_only_an_array_has_a_length() -> None:
    assert call("States.ArrayLength($)", [[1], [2]]) == 2
    assert refused("States.ArrayLength('ab')")
    assert refused("States.ArrayLength($)", {"a": 1})


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        ([1, 2, 3, 3, 4, 1], [1, 2, 3, 4]),
        (["a", "b", "a", "c"], ["a", "b", "c"]),
        ([True, False, True], [False, True]),
        ([[1, 2], [1, 2], [2, 1]], [[2, 1], [1, 2]]),
        ([1, None, None], [None, 1]),
        ([1, "1", "01"], [1, "1", "01"]),
        ([{"a": 1, "b": 2}, {"b": 2, "a": 1}], [{"a": 1, "b": 2}]),
        ([1, 1.0, True], [1.0, 1, True]),
    ],
)
def test_different_elements_come_in_the_order_of_a_hash_set(array: list[Any], expected: list[Any]) -> None:
    found = call("States.ArrayUnique($)", array)
    assert found == expected
    assert list(map(type, found)) == list(map(type, expected))


# Texts


def test_base64_goes_both_ways() -> None:
    assert call("States.Base64Encode('Data to encode ✓')") == "RGF0YSB0byBlbmNvZGUg4pyT"
    assert call("States.Base64Decode('RGF0YSB0byBlbmNvZGUg4pyT')") == "Data to encode ✓"
    assert call("States.Base64Decode('')") == ""


@pytest.mark.parametrize(("text", "expected"), [("YWJj\nZA", "abcd"), (" YWJjZA== ", "abcd"), ("YQ==YQ==", "a")])
def test_decoding_overlooks_blanks_and_padding(text: str, expected: str) -> None:
    assert call("States.Base64Decode($)", text) == expected


@pytest.mark.parametrize("call_", ["States.Base64Encode($)", "States.Base64Decode($)", "States.Hash($, 'MD5')"])
def test_a_text_has_at_most_ten_thousand_characters(call_: str) -> None:
    call(call_, "A" * 10_000)
    assert refused(call_, "A" * 10_001)


@pytest.mark.parametrize(
    ("algorithm", "expected"),
    [
        ("MD5", "5d41402abc4b2a76b9719d911017c592"),
        ("SHA-1", "aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d"),
        ("SHA-256", "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"),
        ("SHA-384", "59e1748777448c69de6b800d7a33bbfb9ff1b463e44354c3553bcdb9c666fa90125a3c79f90397bdf5f6a13de828684f"),
    ],
)
def test_a_hash_is_hexadecimal(algorithm: str, expected: str) -> None:
    assert call(f"States.Hash('hello', '{algorithm}')") == expected
    assert len(call("States.Hash('', 'SHA-512')")) == 128


def test_a_hash_takes_any_data_but_only_known_algorithms() -> None:
    assert call("States.Hash(12, 'MD5')") == call("States.Hash('12', 'MD5')")
    for algorithm in ("'SHA256'", "'sha-256'", "''", "5", "$"):
        assert refused(f"States.Hash('data', {algorithm})")


@pytest.mark.parametrize(
    ("text", "delimiters", "expected"),
    [
        ("1,2,3", ",", ["1", "2", "3"]),
        ("This.is+a,test=string", ".+,=", ["This", "is", "a", "test", "string"]),
        (",a,,b,", ",", ["a", "b"]),
        (",,", ",", []),
        ("", ",", []),
        ("abc", "", ["abc"]),
        ("a]b^c-d", "^-]", ["a", "b", "c", "d"]),
    ],
)
def test_each_delimiter_splits_and_empty_parts_are_dropped(text: str, delimiters: str, expected: list[str]) -> None:
    assert call("States.StringSplit($.t, $.d)", {"t": text, "d": delimiters}) == expected


def test_only_a_text_is_split() -> None:
    assert refused("States.StringSplit(1, ',')")
    assert refused("States.StringSplit('a,b', null)")


# JSON


@pytest.mark.parametrize(
    ("text", "expected"),
    [('{"a":[1,null]}', {"a": [1, None]}), (' "x" ', "x"), ("-0", 0), ("1.1", 1.1), ("", None), ("  ", None)],
)
def test_a_text_is_parsed_as_json(text: str, expected: Any) -> None:
    assert call("States.StringToJson($)", text) == expected


@pytest.mark.parametrize("value", [1, {"a": 1}])
def test_what_is_no_text_is_not_parsed_as_json(value: Any) -> None:
    assert refused("States.StringToJson($)", value)


@pytest.mark.parametrize("text", ["{bad json}", '{"a":1', "undefined", "NaN"])
def test_what_is_no_json_text_is_refused(text: str) -> None:
    assert ". Cannot convert String to Json in States.StringToJson, caused by: " in cause_of(
        "States.StringToJson($)", text
    )


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"a": [1, "ü\n", None, True]}, '{"a":[1,"ü\\n",null,true]}'),
        ("x", '"x"'),
        (1.1, "1.1"),
        (1e10, "1.0E10"),
        (0.0001, "1.0E-4"),
        (9007199254740991, "9007199254740991"),
    ],
)
def test_a_value_is_written_as_compact_json(value: Any, expected: str) -> None:
    assert call("States.JsonToString($.v)", {"v": value}) == expected


def test_the_second_object_wins_at_the_top_level_only() -> None:
    value = {"a": {"n": {"x": 1}, "d": 3, "b": 2}, "b": {"n": {"y": 2}, "c": 1, "d": 4}}
    merged = call("States.JsonMerge($.a, $.b, false)", value)
    assert merged == {"n": {"y": 2}, "b": 2, "c": 1, "d": 4}
    assert list(merged) == ["b", "c", "d", "n"]


def test_a_deep_merge_and_what_is_no_object_are_refused() -> None:
    assert refused("States.JsonMerge($.a, $.a, true)", {"a": {}})
    assert refused("States.JsonMerge($.a, null, false)", {"a": {}})
    assert refused("States.JsonMerge($.a, $.a, false)", {"a": []})


# Numbers


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (-9, 3, -6),
        (1.49, 1.5, 3),
        (-1.5, 0, -1),
        (-1.51, 0, -2),
        (2.5, 0, 3),
        (0.1, 0.2, 0),
        (2147483646, 1, 2147483647),
    ],
)
def test_addends_are_rounded_halves_upwards(first: Any, second: Any, expected: int) -> None:
    found = call("States.MathAdd($.a, $.b)", {"a": first, "b": second})
    assert found == expected
    assert isinstance(found, int)


@pytest.mark.parametrize(
    "arguments", ["2147483647, 1", "-2147483648, -1", "3000000000, -1", "'1', 2", "null, 1", "true, 1"]
)
def test_a_sum_takes_numbers_and_stays_in_32_bits(arguments: str) -> None:
    assert refused(f"States.MathAdd({arguments})")


def test_a_random_number_is_from_the_start_to_before_the_end() -> None:
    compiled = compile_intrinsic("States.MathRandom(1.6, 4.4)")
    assert {compiled.evaluate(scope({}, seed)) for seed in range(100)} == {1, 2, 3}


def test_the_same_execution_or_the_same_seed_gives_the_same_random_number() -> None:
    compiled = compile_intrinsic("States.MathRandom(0, 1000000)")
    assert compiled.evaluate(scope({}, 5)) == compiled.evaluate(scope({}, 5))
    seeded = compile_intrinsic("States.MathRandom(0, 1000000, -42)")
    assert seeded.evaluate(scope({}, 5)) == seeded.evaluate(scope({}, 6))


@pytest.mark.parametrize("arguments", ["1, 1", "10, 5", "1.4, 1.6", "'a', 9", "1, 9, 'seed'", "1, 9, null"])
def test_a_random_number_needs_a_range(arguments: str) -> None:
    assert refused(f"States.MathRandom({arguments})")


def test_a_unique_id_is_a_version_4_uuid_from_the_executions_randomness() -> None:
    compiled = compile_intrinsic("States.UUID()")
    found = compiled.evaluate(scope({}, 1))
    assert UUID(found).version == 4
    assert found == compiled.evaluate(scope({}, 1)) != compiled.evaluate(scope({}, 2))


# Format


def test_values_take_the_places_of_a_template() -> None:
    assert call("States.Format('Hello {}, {} {}!', $.n, 2, true)", {"n": "Ada"}) == "Hello Ada, 2 true!"
    assert call("States.Format('no places')") == "no places"
    assert call("States.Format($.t, $.n)", {"t": "<{}>", "n": 1.5}) == "<1.5>"


def test_objects_arrays_and_null_are_shown_as_java_shows_them() -> None:
    value = {"o": {"Id": "x", "n": [1, {"k": None}], "f": 1e-4}}
    assert call("States.Format('{} {}', $.o, null)", value) == "{Id=x, n=[1, {k=null}], f=1.0E-4} null"


def test_what_was_parsed_from_text_is_shown_as_json() -> None:
    assert call("States.Format('{}', States.StringToJson($))", '"x"') == '"x"'


def test_escaped_braces_are_no_place() -> None:
    assert call(r"States.Format('\{{}\} it\'s \\{}', 1, 2)") == r"{1} it's \2"


@pytest.mark.parametrize("text", ["States.Format('{} {}', 1)", "States.Format('{}', 1, 2)", "States.Format(123, 1)"])
def test_there_are_as_many_values_as_places(text: str) -> None:
    assert cause_of(text).endswith(
        ". Invalid arguments in States.Format: number of arguments do not match the occurrences of {}."
    )


def test_a_brace_may_not_stand_alone() -> None:
    assert cause_of("States.Format('Hello {', 1)").endswith("States.Format: matching '}' not found for '{'.")
    assert cause_of("States.Format('}')").endswith("States.Format: matching '{' not found for '}'.")


# Java's values


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.0, "0.0"), (1.0, "1.0"), (0.001, "0.001"), (9999999.0, "9999999.0"), (1e7, "1.0E7"), (-1.5e-5, "-1.5E-5"),
        (1.23456789e8, "1.23456789E8"), (1e20, "1.0E20"), (1e-4, "1.0E-4"), (12345678.5, "1.23456785E7"),
        (5e-324, "4.9E-324"), (-1e23, "-1.0E23"),
    ],
)  # fmt: skip
def test_a_fraction_is_written_as_java_writes_it(value: float, expected: str) -> None:
    assert java_text(value) == json_text([value])[1:-1] == expected


@pytest.mark.parametrize("name", ["Infinity", "-Infinity", "NaN"])
def test_what_json_has_no_number_for_is_written_as_its_name(name: str) -> None:
    assert java_text(float(name)) == name
    assert json_text({"v": float(name)}) == f'{{"v":"{name}"}}'


def test_keys_of_a_large_map_are_spread_over_a_larger_table() -> None:
    keys = [f"key{number}" for number in range(40)]
    assert sorted(map_order(keys)) == sorted(keys)
    assert map_order(keys)[:3] == ["key1", "key2", "key0"]


def test_large_numbers_and_unusual_texts_have_a_place_too() -> None:
    values = [2**40, -(2**40), 2**70, -(2**70), 1.5, "😀", {"a": [1]}]
    assert len(unique(values * 2)) == len(values)


@pytest.mark.parametrize("arguments", ["'x'", "$.x", "1, 2", "null"])
def test_a_uuid_ignores_arguments(arguments: str) -> None:
    assert re.fullmatch("[0-9a-f-]{36}", call(f"States.UUID({arguments})", {"x": "ignored"}))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (
            '{"a":1',
            "Unexpected end-of-input: expected close marker for Object (start marker at [Source: REDACTED "
            "(`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: 1, column: 1])\n at [Source: REDACTED "
            "(`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: 1, column: 7]",
        ),
        (
            "nope",
            "Unrecognized token 'nope': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or "
            "'false')\n at [Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: 1, "
            "column: 5]",
        ),
    ],
)
def test_a_text_that_is_no_json_is_refused_in_the_words_of_its_parser(text: str, reason: str) -> None:
    assert cause_of("States.StringToJson($.json)", {"json": text}) == (
        "There was an error while evaluating the intrinsic function: States.StringToJson($.json). "
        f"Cannot convert String to Json in States.StringToJson, caused by: {reason}"
    )


def test_an_integer_that_no_double_holds_is_taken() -> None:
    assert call("States.MathAdd(1e309, 1)") == 0
