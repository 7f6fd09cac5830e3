"""JSONPath and JSONata: fields and expressions of one do not go with the other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from everypath.steps import (
    Catch,
    Choice,
    ChoiceRule,
    Fail,
    ItemReader,
    Map,
    Parallel,
    Pass,
    State,
    StateMachine,
    StepError,
    Succeed,
    Task,
    Wait,
)

ARN = "arn:aws:lambda:us-east-1:123456789012:function:F"


def choice(rule: Any, **fields: Any) -> Choice:
    state = Choice("C", **fields)
    state.add_choice(rule, Succeed("S"))
    return state


def reader(**fields: Any) -> Map:
    return Map(
        "M",
        mode="DISTRIBUTED",
        execution_type="EXPRESS",
        item_reader=ItemReader(resource="arn:aws:states:::s3:getObject", **fields),
        item_processor=Pass("P", end=True),
        end=True,
    )


def foreign(place: str, field: str, mine: str, other: str) -> str:
    return (
        f"{place}: The QueryLanguage is set to '{mine}', but field '{field}' is only supported for the '{other}' "
        "QueryLanguage"
    )


JSONPATH: list[tuple[Callable[..., State], str, str]] = [
    (lambda **f: Task("T", resource=ARN, input_path="$", end=True, **f), "Task 'T'", "InputPath"),
    (lambda **f: Task("T", resource=ARN, parameters={}, end=True, **f), "Task 'T'", "Parameters"),
    (lambda **f: Task("T", resource=ARN, result_selector={}, end=True, **f), "Task 'T'", "ResultSelector"),
    (lambda **f: Task("T", resource=ARN, result_path=None, end=True, **f), "Task 'T'", "ResultPath"),
    (lambda **f: Task("T", resource=ARN, output_path="$.x", end=True, **f), "Task 'T'", "OutputPath"),
    (lambda **f: Task("T", resource=ARN, timeout_seconds_path="$.x", end=True, **f), "Task 'T'", "TimeoutSecondsPath"),
    (lambda **f: Pass("P", result=1, end=True, **f), "Pass 'P'", "Result"),
    (lambda **f: Wait("W", seconds_path="$.s", end=True, **f), "Wait 'W'", "SecondsPath"),
    (lambda **f: Fail("F", error_path="$.e", **f), "Fail 'F'", "ErrorPath"),
    (lambda **f: choice(ChoiceRule.IsNull("$.a", True), **f), "Choice 'C': Choices[0]", "Variable"),
    (lambda **f: Map("M", items_path="$.i", item_processor=Pass("P", end=True), end=True, **f), "Map 'M'", "ItemsPath"),
]
JSONATA: list[tuple[Callable[..., State], str]] = [
    (
        lambda **f: Task("T", resource=ARN, arguments={}, end=True, **f),
        foreign("Task 'T'", "Arguments", "JSONPath", "JSONata"),
    ),
    (
        lambda **f: Task("T", resource=ARN, output=1, end=True, **f),
        foreign("Task 'T'", "Output", "JSONPath", "JSONata"),
    ),
    (
        lambda **f: Task("T", resource=ARN, timeout_seconds="{% 1 %}", end=True, **f),
        "Task 'T': TimeoutSeconds: Expected value of type Integer (got '{% 1 %}')",
    ),
    (
        lambda **f: Pass("P", output="{% 1 %}", end=True, **f),
        foreign("Pass 'P'", "Output", "JSONPath", "JSONata"),
    ),
    (
        lambda **f: Wait("W", seconds="{% 1 %}", end=True, **f),
        "Wait 'W': Seconds: Expected value of type Integer (got '{% 1 %}')",
    ),
    (
        lambda **f: Wait("W", timestamp="{% $now() %}", end=True, **f),
        "Wait 'W': Timestamp: String does not match RFC3339 timestamp (got '{% $now() %}')",
    ),
    (lambda **f: Succeed("S", output=1, **f), foreign("Succeed 'S'", "Output", "JSONPath", "JSONata")),
    (
        lambda **f: choice("{% true %}", **f),
        foreign("Choice 'C': Choices[0]", "Condition", "JSONPath", "JSONata"),
    ),
    (
        lambda **f: Map("M", items=[1], item_processor=Pass("P", end=True), end=True, **f),
        foreign("Map 'M'", "Items", "JSONPath", "JSONata"),
    ),
    (
        lambda **f: Task(
            "T", resource=ARN, catch=Catch(error_equals=["E"], next_step=Fail("F"), output=1), end=True, **f
        ),
        foreign("Task 'T': Catch[0]", "Output", "JSONPath", "JSONata"),
    ),
    (
        lambda **f: Parallel("P", branches=[Pass("A", end=True)], arguments=1, end=True, **f),
        foreign("Parallel 'P'", "Arguments", "JSONPath", "JSONata"),
    ),
]


@pytest.mark.parametrize(("make", "place", "field"), JSONPATH)
def test_a_field_of_jsonpath_is_refused_in_a_state_in_jsonata(
    make: Callable[..., State], place: str, field: str
) -> None:
    with pytest.raises(StepError) as refusal:
        make(query_language="JSONata")
    assert foreign(place, field, "JSONata", "JSONPath") in str(refusal.value)


@pytest.mark.parametrize(("make", "place", "field"), JSONPATH)
def test_a_field_of_jsonpath_is_refused_in_a_state_machine_in_jsonata(
    make: Callable[..., State], place: str, field: str
) -> None:
    machine = StateMachine(make(), query_language="JSONata")
    with pytest.raises(StepError) as refusal:
        machine.to_definition()
    assert foreign(place, field, "JSONata", "JSONPath") in str(refusal.value)


@pytest.mark.parametrize(("make", "message"), JSONATA)
def test_a_field_or_expression_of_jsonata_is_refused_in_a_state_in_jsonpath(
    make: Callable[..., State], message: str
) -> None:
    with pytest.raises(StepError) as refusal:
        make(query_language="JSONPath")
    assert str(refusal.value) == message


@pytest.mark.parametrize(("make", "message"), JSONATA)
def test_a_field_or_expression_of_jsonata_is_refused_in_a_state_machine_that_says_nothing(
    make: Callable[..., State], message: str
) -> None:
    with pytest.raises(StepError) as refusal:
        StateMachine(make()).to_definition()
    assert str(refusal.value) == message


@pytest.mark.parametrize(("make", "_message"), JSONATA)
def test_a_state_in_jsonata_is_taken_in_either_way_to_say_so(make: Callable[..., State], _message: str) -> None:
    assert StateMachine(make(), query_language="JSONata").to_definition()["QueryLanguage"] == "JSONata"
    if make().TYPE not in ("Map", "Parallel"):
        found = StateMachine(make(query_language="JSONata")).to_definition()
        assert found["States"][found["StartAt"]]["QueryLanguage"] == "JSONata"


def test_fields_of_both_languages_are_refused_at_once() -> None:
    with pytest.raises(StepError) as refusal:
        Task("T", resource=ARN, input_path="$.a", arguments={})
    assert str(refusal.value) == foreign("Task 'T'", "Arguments", "JSONPath", "JSONata")


def test_a_mistake_is_told_in_the_language_whose_fields_the_state_has() -> None:
    with pytest.raises(StepError, match=r"^Task 'T': InputPath: Value must be a valid JSONPath. \(got 'a'\)$"):
        Task("T", resource=ARN, input_path="a")
    with pytest.raises(StepError, match=r"^Task 'T': Arguments: .* \(got '{% \( %}'\)$"):
        Task("T", resource=ARN, arguments="{% ( %}")


def test_a_state_cannot_go_back_to_jsonpath_in_a_state_machine_in_jsonata() -> None:
    machine = StateMachine(Pass("P", query_language="JSONPath", end=True), query_language="JSONata")
    message = "Pass 'P': 'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine"
    with pytest.raises(StepError, match=message):
        machine.to_definition()


def test_a_state_inside_another_has_the_language_of_the_machine_not_of_the_state_around_it() -> None:
    inner = Pass("Inner", result=1, end=True)
    outer = Map("Outer", query_language="JSONata", items=[1], item_processor=inner, end=True)
    found = StateMachine(outer).to_definition()["States"]["Outer"]
    assert found["QueryLanguage"] == "JSONata"
    assert "QueryLanguage" not in found["ItemProcessor"]["States"]["Inner"]


def test_the_parts_of_a_map_keep_to_its_language() -> None:
    with pytest.raises(StepError, match=r"^Map 'M': ItemReader: These fields are required: \[Parameters\]$"):
        StateMachine(reader(arguments={})).to_definition()
    with pytest.raises(StepError, match=r"^Map 'M': ItemReader: These fields are required: \[Arguments\]$"):
        StateMachine(reader(parameters={}), query_language="JSONata").to_definition()


@pytest.mark.parametrize("text", ["{% $a", "{%", "{% $a %} "])
def test_an_expression_that_does_not_close_is_refused(text: str) -> None:
    message = r"^Pass 'P': Output.list\[1\]: JSONata string must start with {% and end with %} \(got '"
    with pytest.raises(StepError, match=message):
        Pass("P", output={"list": ["{% $a %}", text]})


@pytest.mark.parametrize("field", [{"assign": {"v": "{% 1"}}, {"item_selector": {"v": "{% 1"}}])
def test_an_expression_in_a_field_of_both_languages_is_checked_where_the_language_is_jsonata(field: Any) -> None:
    with pytest.raises(StepError, match=r"\.v: JSONata string must start with {% and end with %} \(got '{% 1'\)"):
        Map("M", query_language="JSONata", **field)
    StateMachine(Map("M", item_processor=Pass("P", end=True), end=True, **field)).to_definition()


def test_a_blank_before_the_braces_makes_a_constant_as_on_aws() -> None:
    output = [" {% $a %} ", "100 %", "a {% b %} c"]
    state = Pass("P", output=output, end=True)
    assert StateMachine(state, query_language="JSONata").to_definition()["States"]["P"]["Output"] == output


def test_a_dollar_key_is_a_path_in_jsonpath_and_a_constant_in_jsonata() -> None:
    StateMachine(Map("M", item_selector={"v.$": 1}, item_processor=Pass("P", end=True), query_language="JSONata"))
    with pytest.raises(StepError, match=r"Map 'M': ItemSelector: The value for the field 'v.\$' must be a STRING"):
        Map("M", item_selector={"v.$": 1}, query_language="JSONPath")


def test_a_comment_is_no_expression() -> None:
    comment = "{% is where an expression begins"
    state = Pass("P", comment=comment, query_language="JSONata", end=True)
    assert StateMachine(state).to_definition()["States"]["P"]["Comment"] == comment
