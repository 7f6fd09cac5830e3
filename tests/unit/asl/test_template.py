from __future__ import annotations

from random import Random
from typing import Any

import pytest

from everypath.asl.errors import ExpressionSyntaxError, StateError
from everypath.asl.jsonpath.payload_template import compile_template, compile_value
from everypath.asl.scope import Scope


def scope(value: Any, **variables: Any) -> Scope:
    return Scope(value, lambda: {"State": {"Name": "S"}}, variables, Random(0), lambda: 0.0)


def evaluate(data: Any, value: Any, **variables: Any) -> Any:
    return compile_template(data).evaluate(scope(value, **variables))


def cause_of(data: Any, value: Any) -> str | None:
    with pytest.raises(StateError) as caught:
        evaluate(data, value)
    assert caught.value.error == "States.Runtime"
    return caught.value.cause


def test_a_field_that_ends_in_dollar_holds_a_path_or_an_intrinsic_function() -> None:
    data = {
        "path.$": "$.a",
        "context.$": "$$.State.Name",
        "variable.$": "$v.x",
        "call.$": "States.Format('{}!', $.a)",
        "plain": "$.a",
    }
    assert evaluate(data, {"a": 1}, v={"x": 2}) == {
        "path": 1,
        "context": "S",
        "variable": 2,
        "call": "1!",
        "plain": "$.a",
    }


def test_objects_and_arrays_are_searched_for_such_fields() -> None:
    data = {"list": ["$.a", {"a.$": "$.a", "deep": [{"b.$": "$.b"}]}], "object": {"inner": {"c.$": "$"}}}
    expected = {"list": ["$.a", {"a": 1, "deep": [{"b": [2]}]}], "object": {"inner": {"c": {"a": 1, "b": [2]}}}}
    assert evaluate(data, {"a": 1, "b": [2]}) == expected


def test_a_template_may_be_an_array_or_a_scalar() -> None:
    assert evaluate([0, {"x.$": "$.a"}], {"a": 1}) == [0, {"x": 1}]
    assert evaluate(5, {}) == 5


def test_a_template_without_expressions_is_the_same_object_each_time() -> None:
    data = {"a": [1, {"b": "$.c"}], "d": None}
    template = compile_template(data)
    assert template.constant
    assert template.evaluate(scope({})) is data


def test_evaluating_changes_neither_the_definition_nor_an_earlier_payload() -> None:
    data = {"a.$": "$.a", "list": [{"b.$": "$.a"}]}
    template = compile_template(data)
    first = template.evaluate(scope({"a": 1}))
    assert template.evaluate(scope({"a": 2})) == {"a": 2, "list": [{"b": 2}]}
    assert first == {"a": 1, "list": [{"b": 1}]}
    assert data == {"a.$": "$.a", "list": [{"b.$": "$.a"}]}


def test_what_is_written_out_comes_before_what_is_evaluated_in_the_order_of_a_hash_map() -> None:
    data = {"Question.$": "$", "first": 1, "Answer.$": "$", "nested": {"x.$": "$"}}
    assert list(evaluate(data, 0)) == ["first", "nested", "Answer", "Question"]


def test_a_path_that_leads_nowhere_names_the_field_and_the_input() -> None:
    assert cause_of({"a": [{"value.$": "$.no.such"}]}, {"b": 1.5}) == (
        "The JSONPath '$.no.such' specified for the field 'value.$' could not be found in the input '{\"b\":1.5}'"
    )


def test_a_context_path_that_leads_nowhere_names_the_context_object() -> None:
    assert cause_of({"value.$": "$$.No"}, {}) == (
        "The JSONPath '$$.No' specified for the field 'value.$' could not be found in the input "
        '\'{"State":{"Name":"S"}}\''
    )


def test_a_variable_that_was_not_assigned_fails_the_state() -> None:
    cause = cause_of({"value.$": "$unknown"}, {})
    assert cause is not None
    assert cause.startswith("The JSONPath '$unknown' specified for the field 'value.$' could not be found")


def test_a_path_beyond_the_end_of_an_array_gives_null() -> None:
    assert evaluate({"x.$": "$.items[5]"}, {"items": [1]}) == {"x": None}


def test_a_path_to_many_that_finds_nothing_gives_an_empty_array() -> None:
    assert evaluate({"x.$": "$.item.items[*]"}, {}) == {"x": []}


def test_a_path_into_an_input_that_is_null_fails() -> None:
    assert cause_of({"x.$": "$"}, None) == "Unable to apply Path transformation to null or empty input."
    assert evaluate({"x.$": "$$.State.Name", "y.$": "$v"}, None, v=1) == {"x": "S", "y": 1}


@pytest.mark.parametrize("text", ["Test", "", "$.", "$.a b", "States.Nothing()", "States.Array(", "states.UUID()"])
def test_a_field_that_holds_neither_is_refused_in_the_words_of_aws(text: str) -> None:
    with pytest.raises(ExpressionSyntaxError) as caught:
        compile_template({"a": {"x.$": text}})
    assert str(caught.value) == (
        "The value for the field 'x.$' must be a valid JSONPath or a valid intrinsic function call"
    )


@pytest.mark.parametrize(("value", "kind"), [(["$.a"], "ARRAY"), ({}, "OBJECT"), (1, "NUMBER"), (None, "NULL")])
def test_a_field_that_holds_no_text_is_refused(value: Any, kind: str) -> None:
    with pytest.raises(ExpressionSyntaxError, match=f"must be a STRING that contains a JSONPath but was an {kind}"):
        compile_template({"x.$": value})


def test_a_single_value_is_compiled_under_the_name_of_its_field() -> None:
    assert compile_value("$.e", "ErrorPath").evaluate(scope({"e": "Boom"})) == "Boom"
    assert compile_value("States.Format('{}!', $.e)", "CausePath").evaluate(scope({"e": "Boom"})) == "Boom!"
    with pytest.raises(StateError) as caught:
        compile_value("$.ErrorX", "ErrorPath").evaluate(scope({"e": 1}))
    assert caught.value.cause == (
        "The JSONPath '$.ErrorX' specified for the field 'ErrorPath' could not be found in the input '{\"e\":1}'"
    )
