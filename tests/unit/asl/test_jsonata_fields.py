from typing import Any

import pytest

from everypath.asl.jsonata import (
    QueryEvaluationError,
    compile_boolean,
    compile_items,
    compile_number,
    compile_string,
    compile_timestamp,
)

from .test_jsonata_expression import a_scope


def refusal(compiled: Any, value: Any = None) -> Any:
    with pytest.raises(QueryEvaluationError) as caught:
        compiled.evaluate(a_scope(value))
    return caught.value


@pytest.mark.parametrize(
    ("text", "found", "value"),
    [
        ("true", "boolean", "true"),
        ("1", "number", "1"),
        ("'é'", "string", '"é"'),
        ("null", "null", "null"),
        ("{'a': [1, null]}", "object", '{"a":[1,null]}'),
    ],
)
def test_items_must_be_an_array(text: str, found: str, value: str) -> None:
    error = refusal(compile_items("{% " + text + " %}", "Items"))
    assert error.cause == (
        f"The JSONata expression '{text}' specified for the field 'Items' returned an unexpected result type."
        f" Expected 'array', but was '{found}' for value: {value}"
    )
    assert error.location == "Items"


def test_items_may_be_an_array_with_expressions_in_it() -> None:
    assert compile_items([1, "{% $number('2') %}"], "Items").evaluate(a_scope()) == [1, 2]
    assert compile_items("{% [0] %}", "Items").evaluate(a_scope()) == [0]


def test_items_that_are_a_function_are_of_no_type_at_all() -> None:
    error = refusal(compile_items("{% $fn := function($x){$x} %}", "Items"))
    assert error.cause.endswith("for the field 'Items' returned an unsupported result type.")


def test_a_condition_must_be_a_boolean() -> None:
    assert compile_boolean("{% $states.input > 1 %}", "Condition").evaluate(a_scope(2)) is True
    error = refusal(compile_boolean("{% 'yes' %}", "Choices[0]/Condition"))
    assert "Expected 'boolean', but was 'string'" in error.cause
    assert error.location == "Choices[0]/Condition"


def test_a_cause_must_be_a_string() -> None:
    assert compile_string("{% 'a' & 1 %}", "Cause").evaluate(a_scope()) == "a1"
    assert "Expected 'string', but was 'number' for value: 1" in refusal(compile_string("{% 1 %}", "Cause")).cause


def timeout(text: Any) -> Any:
    return compile_number("{% " + text + " %}", "TimeoutSeconds", 1, 99_999_999)


def test_a_timeout_may_be_any_expression_that_gives_a_whole_number() -> None:
    assert timeout("$t := 3").evaluate(a_scope()) == 3
    assert timeout("6 / 2").evaluate(a_scope()) == 3


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("1.6", "The TimeoutSeconds field cannot be parsed as an integer: 1.6"),
        ("-1", "TimeoutSeconds must be between 0 and 99999999 but was: -1"),
        ("1e8", "TimeoutSeconds must be between 0 and 99999999 but was: 100000000"),
        (
            "'3'",
            "The JSONata expression ''3'' specified for the field 'TimeoutSeconds' returned an unexpected result"
            " type. Expected 'number', but was 'string' for value: \"3\"",
        ),
    ],
)
def test_any_other_timeout_is_refused_as_on_aws(text: str, cause: str) -> None:
    error = refusal(timeout(text))
    assert (error.cause, error.location) == (cause, "TimeoutSeconds")


def test_a_percentage_may_be_a_fraction() -> None:
    assert compile_number("{% 0.5 %}", "ToleratedFailurePercentage", 0, 100, False).evaluate(a_scope()) == 0.5


@pytest.mark.parametrize(
    "text", ["2016-03-14T01:59:00Z", "2016-03-05T21:29:29.243167252Z", "2016-03-14T01:59:00+02:00"]
)
def test_a_timestamp_is_returned_as_it_is_written(text: str) -> None:
    assert compile_timestamp("{% $states.input %}", "Timestamp").evaluate(a_scope(text)) == text


@pytest.mark.parametrize(
    "text", ["2016-13-05T21:29:29Z", "05-12-2016T21:29:29Z", "2016-12-05 21:29:29Z", "2016-12-05T25:29:29Z"]
)
def test_what_is_no_timestamp_is_refused_as_on_aws(text: str) -> None:
    error = refusal(compile_timestamp("{% $states.input %}", "Timestamp"), text)
    assert error.cause == (
        f"The Timestamp field cannot be parsed as an ISO-8601 extended offset date-time format string: {text}"
    )
    assert error.location == "Timestamp"
