from __future__ import annotations

import json
import sys
from typing import Any

import pytest

from everypath.asl.errors import DefinitionError
from everypath.asl.parser.definition import parse
from everypath.asl.tree import Task
from tests.unit.asl.definitions import FLOW, FUNCTION, PASS, TASK, complaints, machine, problems

JSONATA = {"QueryLanguage": "JSONata"}
WAIT = {"Type": "Wait", "End": True}
MAP = {"Type": "Map", "ItemProcessor": FLOW, "End": True}
SCHEMA = "SCHEMA_VALIDATION_FAILED"
NONE_OF = "This object should have only one of the following fields: [{}]"
MORE_OF = "There should only be one of the following fields: [{}]"
WAITS = "SecondsPath, Seconds, TimestampPath, Timestamp"
FOREIGN = "The QueryLanguage is set to '{}', but field '{}' is only supported for the '{}' QueryLanguage"


def only_jsonata(field: str) -> str:
    return FOREIGN.format("JSONPath", field, "JSONata")


def only_jsonpath(field: str) -> str:
    return FOREIGN.format("JSONata", field, "JSONPath")


@pytest.mark.parametrize(
    ("definition", "expected"),
    [
        ({"States": {"A": PASS}}, [(SCHEMA, "/", "These fields are required: [StartAt]")]),
        ({"StartAt": "A"}, [(SCHEMA, "/", "These fields are required: [States]")]),
        ({}, [(SCHEMA, "/", "These fields are required: [States, StartAt]")]),
        (machine(PASS, Comments=""), [(SCHEMA, "/", "Field 'Comments' is not supported")]),
        (machine(PASS, Version="2.0"), [(SCHEMA, "/Version", "Value should be one of the following: [1.0]")]),
        (machine(PASS, Comment=5), [(SCHEMA, "/Comment", "Expected value of type [STRING]")]),
        (machine(PASS, TimeoutSeconds="5"), [(SCHEMA, "/TimeoutSeconds", "Expected value of type Integer")]),
        (machine(PASS, TimeoutSeconds=-1), [(SCHEMA, "/TimeoutSeconds", "Minimum value is 0")]),
        (machine(PASS, QueryLanguage=5), [(SCHEMA, "/QueryLanguage", "Expected value of type [STRING]")]),
        (
            {"StartAt": "A", "States": {}},
            [
                (SCHEMA, "/States", "Value cannot be empty"),
                ("MISSING_TRANSITION_TARGET", "/StartAt", "Missing 'Next' target: A"),
                ("MISSING_END_STATE", "", "Workflow has no terminal state"),
            ],
        ),
        (
            {"StartAt": "A", "States": {"A": {"End": True}}},
            [
                (SCHEMA, "/States/A", "The field 'Type' is required"),
                ("MISSING_END_STATE", "", "Workflow has no terminal state"),
            ],
        ),
        ({"StartAt": "A", "States": {"A": 1}}, [(SCHEMA, "/States/A", "Expected value of type [OBJECT]")]),
    ],
)
def test_a_machine_has_a_start_states_and_nothing_unknown(definition: dict[str, Any], expected: list[Any]) -> None:
    assert problems(definition) == expected


@pytest.mark.parametrize("fields", [{"TimeoutSeconds": 0}, {"Version": "1.0"}, {"Comment": ""}, JSONATA])
def test_what_aws_takes_at_the_top_is_taken(fields: dict[str, Any]) -> None:
    assert problems(machine(PASS, **fields)) == []


@pytest.mark.parametrize(
    ("state", "place", "message"),
    [
        ({}, "", "The field 'Type' is required"),
        ({"Type": "Task", "End": True}, "", "These fields are required: [Resource]"),
        ({"Type": "Choice"}, "", "These fields are required: [Choices]"),
        ({"Type": "Parallel", "End": True}, "", "These fields are required: [Branches]"),
        ({"Type": "Parallel", "Branches": [], "End": True}, "/Branches", "Value cannot be empty"),
        ({"Type": "Pass"}, "", NONE_OF.format("Next, End")),
        ({"Type": "Pass", "End": False}, "", NONE_OF.format("Next, End")),
        (PASS | {"Next": "Y"}, "", MORE_OF.format("Next, End")),
        (PASS | {"End": "yes"}, "/End", "Expected value of type [BOOLEAN]"),
        ({"Type": "Pass", "Next": 5}, "/Next", "Expected value of type [STRING]"),
        (PASS | {"Comment": None}, "/Comment", "Expected value of type [STRING]"),
        (PASS | {"Retry": []}, "", "Field 'Retry' is not supported"),
        (PASS | {"Catch": []}, "", "Field 'Catch' is not supported"),
        (PASS | {"TimeoutSeconds": 5}, "", "Field 'TimeoutSeconds' is not supported"),
        (MAP | {"TimeoutSeconds": 5}, "", "Field 'TimeoutSeconds' is not supported"),
        ({"Type": "Succeed", "End": True}, "", "Field 'End' is not supported"),
        ({"Type": "Fail", "InputPath": "$"}, "", "Field 'InputPath' is not supported"),
        (PASS | {"end": True}, "", "Field 'end' is not supported"),
        (PASS | {"Output": 1}, "", only_jsonata("Output")),
        (TASK | {"Arguments": {}}, "", only_jsonata("Arguments")),
        (MAP | {"Items": []}, "", only_jsonata("Items")),
        (PASS | {"InputPath": "a"}, "/InputPath", "Value must be a valid JSONPath."),
        (PASS | {"InputPath": 5}, "/InputPath", "Expected value of type [STRING]"),
        (PASS | {"InputPath": "States.UUID()"}, "/InputPath", "Value must be a valid JSONPath."),
        (PASS | {"ResultPath": "$.a[*]"}, "/ResultPath", "Value is not a Reference Path"),
        (MAP | {"ItemsPath": "$.a[*]"}, "/ItemsPath", "Value is not a Reference Path"),
        (
            PASS | {"Parameters": {"a.$": "b"}},
            "/Parameters",
            "The value for the field 'a.$' must be a valid JSONPath or a valid intrinsic function call",
        ),
        (WAIT, "", NONE_OF.format(WAITS)),
        (
            WAIT | {"Seconds": 1, "Timestamp": "2030-01-01T00:00:00Z"},
            "",
            MORE_OF.format(WAITS),
        ),
        (WAIT | {"Seconds": -1}, "/Seconds", "Minimum value is 0"),
        (WAIT | {"Seconds": 10**16}, "/Seconds", "Maximum value is 99999999"),
        (WAIT | {"Seconds": 1.5}, "/Seconds", "Expected value of type Integer"),
        (WAIT | {"SecondsPath": "$$.Execution.Input.n"}, "/SecondsPath", "Value is not a Reference Path"),
        (WAIT | {"Timestamp": "2016-13-05T21:29:29Z"}, "/Timestamp", "String does not match RFC3339 timestamp"),
        (WAIT | {"Timestamp": 5}, "/Timestamp", "Expected value of type [STRING]"),
        (TASK | {"TimeoutSeconds": 0}, "/TimeoutSeconds", "Minimum value is 1"),
        (
            TASK | {"TimeoutSeconds": 1, "TimeoutSecondsPath": "$.t"},
            "",
            MORE_OF.format("TimeoutSeconds, TimeoutSecondsPath"),
        ),
        (TASK | {"TimeoutSecondsPath": "$$.t"}, "/TimeoutSecondsPath", "Value is not a Reference Path"),
        ({"Type": "Fail", "Error": "E", "ErrorPath": "$.e"}, "", MORE_OF.format("Error, ErrorPath")),
        ({"Type": "Fail", "Error": 5}, "/Error", "Expected value of type [STRING]"),
        (TASK | {"Resource": "nonsense"}, "/Resource", "Value is not a valid resource ARN"),
        (
            TASK | {"Resource": "arn:aws:states:::lambda:invoke"},
            "/Resource",
            "Parameters field is required for resource ARN: arn:aws:states:::lambda:invoke",
        ),
        (
            TASK | {"Resource": "arn:aws:states:::sqs:sendMessage", "Parameters": {"QueueUrl.$": "$.q"}},
            "/Parameters",
            "The field 'MessageBody' is required but was missing",
        ),
        (TASK | {"Credentials": {}}, "/Credentials", "The field 'RoleArn' is required but was missing"),
        (
            {"Type": "Parallel", "Branches": [FLOW | JSONATA], "End": True},
            "/Branches[0]",
            "Field 'QueryLanguage' is not supported",
        ),
        (
            {"Type": "Parallel", "Branches": [{}], "End": True},
            "/Branches[0]",
            "These fields are required: [States, StartAt]",
        ),
        (
            {"Type": "Map", "End": True},
            "",
            NONE_OF.format("ItemProcessor, Iterator"),
        ),
        (MAP | {"ItemProcessor": FLOW | JSONATA}, "/ItemProcessor", "Field 'QueryLanguage' is not supported"),
    ],
)  # fmt: skip
def test_a_wrong_state_is_refused_in_the_words_of_aws(state: dict[str, Any], place: str, message: str) -> None:
    assert complaints(state) == [("/States/X" + place, message)]


@pytest.mark.parametrize(
    "state",
    [
        {"Type": "Pass", "End": False, "Next": "Y"},
        PASS | {"InputPath": None, "OutputPath": None, "ResultPath": None},
        PASS | {"InputPath": "$$.Execution", "OutputPath": "$variable"},
        PASS | {"Assign": {"a": 1, "b.$": "$.b"}, "Comment": "", "QueryLanguage": "JSONPath"},
        TASK | {"Retry": [], "Catch": []},
        TASK | {"Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName.$": "$.f"}},
        TASK | {"TimeoutSeconds": 99_999_999, "HeartbeatSecondsPath": "$heartbeat"},
        WAIT | {"Seconds": 0},
        WAIT | {"TimestampPath": "$startAt"},
        WAIT | {"Timestamp": "2016-12-05T21:29:29.123456789+02:00"},
        MAP | {"ItemsPath": "$$.Execution.Input.values"},
        {"Type": "Fail", "ErrorPath": "States.Format('{}', $.e)", "CausePath": "$.c"},
        {"Type": "Fail"},
    ],
)
def test_what_aws_takes_in_a_state_is_taken(state: dict[str, Any]) -> None:
    assert complaints(state) == []


@pytest.mark.parametrize(
    ("state", "place", "message"),
    [
        (PASS | {"InputPath": "$.a"}, "", only_jsonpath("InputPath")),
        (WAIT | {"SecondsPath": "$.a"}, "", only_jsonpath("SecondsPath")),
        (PASS | {"Catch": []}, "", "Field 'Catch' is not supported"),
        (WAIT | {"Seconds": "5"}, "/Seconds", "Expected value of type Integer"),
        (WAIT | {"Seconds": "{% 5"}, "/Seconds", "JSONata string must start with {% and end with %}"),
        (PASS | {"Output": {"a": ["{% 5"]}}, "/Output/a[0]", "JSONata string must start with {% and end with %}"),
        (
            TASK | {"Resource": "arn:aws:states:::sqs:sendMessage"},
            "/Resource",
            "Arguments field is required for resource ARN: arn:aws:states:::sqs:sendMessage",
        ),
        (
            TASK | {"Catch": [{"ErrorEquals": ["E"], "Next": "Y", "ResultPath": "$.e"}]},
            "/Catch[0]",
            only_jsonpath("ResultPath"),
        ),
    ],
)
def test_a_wrong_jsonata_state_is_refused(state: dict[str, Any], place: str, message: str) -> None:
    assert complaints(state, **JSONATA) == [("/States/X" + place, message)]


def test_every_jsonata_expression_is_compiled_when_the_definition_is_read() -> None:
    state = TASK | {"Output": {"a": "{% phone %}", "b": ["{% 1 + %}"], "c": "{% $states.errorOutput %}"}}
    assert problems(machine(state, **JSONATA)) == [
        (
            "UNSUPPORTED_JSONATA_EXPRESSION",
            "/States/X/Output/a",
            "Reference to 'phone' at the top level is not supported.",
        ),
        ("INVALID_JSONATA_EXPRESSION", "/States/X/Output/b[0]", "Unexpected end of expression"),
        ("UNSUPPORTED_JSONATA_EXPRESSION", "/States/X/Output/c", "Field '$states.errorOutput' does not exist."),
    ]


def test_a_catcher_sees_the_error_and_no_argument_sees_a_result() -> None:
    catcher = {"ErrorEquals": ["E"], "Next": "Y", "Output": "{% $states.errorOutput %}"}
    assert problems(machine(TASK | {"Catch": [catcher]}, **JSONATA)) == []
    found = problems(machine(TASK | {"Arguments": "{% $states.result %}"}, **JSONATA))
    assert [message for _, _, message in found] == ["Field '$states.result' does not exist."]


def test_every_wrong_path_of_a_template_is_named() -> None:
    found = complaints(PASS | {"Parameters": {"a.$": "b", "c": [{"d.$": "e"}], "f.$": "$.g"}})
    assert [location for location, _ in found] == ["/States/X/Parameters"] * 2
    assert ["'a.$'" in found[0][1], "'d.$'" in found[1][1]] == [True, True]


@pytest.mark.parametrize(
    ("name", "code", "message"),
    [
        ("states", "RESERVED_VARIABLE_NAME", "Cannot assign to reserved variable '$states'."),
        (
            "a-b",
            "INVALID_VARIABLE_NAME",
            "Invalid variable name 'a-b': the variable name contains invalid characters.",
        ),
    ],
)
def test_a_variable_has_a_name_that_aws_takes(name: str, code: str, message: str) -> None:
    assert problems(machine(PASS | {"Assign": {name: 1}})) == [(code, f"/States/X/Assign/{name}", message)]


@pytest.mark.parametrize("language", ["jsonata", "jsonpath", "foo"])
def test_a_language_that_aws_does_not_know_is_refused_and_stands_for_jsonata(language: str) -> None:
    unknown = ("/States/X/QueryLanguage", "Value should be one of the following: [JSONPath, JSONata]")
    assert complaints(PASS | {"QueryLanguage": language, "Output": "{% 1 %}"}) == [unknown]
    found = complaints(PASS | {"QueryLanguage": language, "InputPath": "$.a"})
    assert found == [("/States/X", only_jsonpath("InputPath")), unknown]


def test_a_state_cannot_go_back_to_jsonpath_and_aws_says_nothing_of_its_fields() -> None:
    message = "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine"
    state = PASS | {"QueryLanguage": "JSONPath", "Output": "{% 1 %}"}
    assert complaints(state, **JSONATA) == [("/States/X", message)]


def test_states_inside_a_map_have_the_language_of_the_machine() -> None:
    inner = {"StartAt": "P", "States": {"P": PASS | {"Output": 1}}}
    found = complaints(MAP | JSONATA | {"ItemProcessor": inner})
    assert found == [("/States/X/ItemProcessor/States/P", only_jsonata("Output"))]
    assert complaints(MAP | {"ItemProcessor": inner}, **JSONATA) == []


@pytest.mark.parametrize(
    ("state", "place", "message"),
    [
        (
            TASK | {"Resource": "arn:aws:states:us-east-1:123456789012:activity:a"},
            "/Resource",
            "Express state machine does not support Activity ARN",
        ),
        (
            TASK | {
                "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
                "Parameters": {"QueueUrl": "q", "MessageBody.$": "$$.Task.Token"},
            },
            "/Resource",
            "Express state machine does not support '.waitForTaskToken' service integration ",
        ),
        (
            MAP | {"ItemProcessor": FLOW | {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"}}},
            "/ItemProcessor/ProcessorConfig/Mode",
            "The field 'Mode' with value 'DISTRIBUTED' is not supported inside 'EXPRESS' state machines",
        ),
    ],
)  # fmt: skip
def test_express_workflows_do_not_wait_and_do_not_distribute(state: dict[str, Any], place: str, message: str) -> None:
    assert complaints(state) == []
    assert complaints(state, "EXPRESS") == [("/States/X" + place, message)]


def test_credentials_are_not_for_activities() -> None:
    state = TASK | {"Resource": "arn:aws:states:us-east-1:123456789012:activity:a", "Credentials": {"RoleArn": "r"}}
    assert complaints(state) == [
        ("/States/X/Credentials", "The field 'Credentials' is not supported for activities"),
    ]


def test_all_problems_are_reported_the_schema_first_and_then_the_graph() -> None:
    states = {
        "A": {"Type": "Pass", "Next": "Nowhere", "Retry": []},
        "B": {"Type": "Task", "TimeoutSeconds": 0, "End": True},
    }
    assert [(location, message) for _, location, message in problems({"StartAt": "A", "States": states})] == [
        ("/States/A", "Field 'Retry' is not supported"),
        ("/States/B", "These fields are required: [Resource]"),
        ("/States/B/TimeoutSeconds", "Minimum value is 1"),
        ("/States/A/Next", "Missing 'Next' target: Nowhere"),
        ("/States/B", 'State "B" is not reachable.'),
    ]


def test_the_places_of_expressions_are_known_to_the_run() -> None:
    state = {"Type": "Choice", "Choices": [{"Condition": "{% true %}", "Next": "Y", "Output": {"a": "{% 1 %}"}}]}
    tree = parse(machine(state, **JSONATA))
    output: Any = tree.graph.states["X"].choices[0].output  # type: ignore[attr-defined]
    assert output.data["a"].field == "Choices[0]/Output/a"


def test_the_error_names_the_source_the_places_and_the_rules() -> None:
    with pytest.raises(DefinitionError, match=r"(?s)my\.asl\.json: 1 problem.*at /States/X/Seconds") as caught:
        parse(machine(WAIT | {"Seconds": -1}), source="my.asl.json")
    assert caught.value.problems[0].pointer == "/States/X/Seconds"


def test_a_good_definition_becomes_a_tree() -> None:
    tree = parse(json.dumps(machine(TASK | {"TimeoutSeconds": 5}, Comment="c", TimeoutSeconds=60)))
    state = tree.graph.states["X"]
    assert isinstance(state, Task)
    assert (tree.comment, tree.timeout_seconds, state.resource.text) == ("c", 60, FUNCTION)


def test_twice_the_states_take_twice_the_work_to_parse() -> None:
    catch = [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.e", "Next": "S0"}]
    step = {"Type": "Task", "Resource": FUNCTION, "Parameters": {"a.$": "$.a"}, "Catch": catch}

    def calls(count: int) -> int:
        states: dict[str, Any] = {f"S{number}": step | {"Next": f"S{number + 1}"} for number in range(count)}
        text = json.dumps({"StartAt": "S0", "States": states | {f"S{count}": PASS}})
        made = 0

        def note(frame: Any, event: str, argument: Any) -> None:
            nonlocal made
            made += event == "call"

        sys.setprofile(note)
        try:
            parse(text)
        finally:
            sys.setprofile(None)
        return made

    calls(1)  # what is loaded or compiled once
    assert calls(200) < 2.2 * calls(100)


@pytest.mark.parametrize(
    "state",
    [
        {"Type": "Pass", "Output": "{% $states.result %}", "End": True},
        {"Type": "Pass", "Assign": {"x": "{% $states.result %}"}, "End": True},
        {"Type": "Pass", "Output": "{% $states.result[0] %}", "End": True},
        {"Type": "Pass", "Output": "{% $states.`result` %}", "End": True},
        {"Type": "Wait", "Seconds": 0, "Output": "{% $states.result %}", "End": True},
        {"Type": "Succeed", "Output": "{% $states.result %}"},
        {"Type": "Choice", "Choices": [{"Condition": True, "Next": "Y", "Output": "{% $states.result %}"}]},
        {"Type": "Choice", "Choices": [{"Condition": True, "Next": "Y"}], "Assign": {"x": "{% $states.result %}"}},
    ],
)
def test_only_a_state_that_does_work_has_a_result(state: dict[str, Any]) -> None:
    [(code, _, message)] = problems(machine(state, **JSONATA))
    assert (code, message) == ("UNSUPPORTED_JSONATA_EXPRESSION", "Field '$states.result' does not exist.")


@pytest.mark.parametrize("text", ["{% $exists(($states).result) %}", "{% $states %}", "{% $states.input.result %}"])
def test_only_paths_that_begin_at_states_are_looked_at(text: str) -> None:
    assert problems(machine({"Type": "Pass", "Output": text, "End": True}, **JSONATA)) == []


@pytest.mark.parametrize(
    ("field", "data"),
    [("Parameters", {"name": "static", "name.$": "$.v"}), ("Assign", {"name.$": "$.v", "name": 1}),
     ("Parameters", {"a": [{"name.$": "$.v", "name": None}]})],
)  # fmt: skip
def test_a_template_has_no_field_both_with_and_without_a_path(field: str, data: dict[str, Any]) -> None:
    assert complaints({"Type": "Pass", field: data, "End": True}) == [
        (f"/States/X/{field}", "Cannot have both the field 'name.$' and the field 'name' at the same time")
    ]


@pytest.mark.parametrize("text", ["{% a remark", "{% if x %} then", "{% ( %}"])
def test_a_comment_may_hold_anything(text: str) -> None:
    assert problems(machine({"Type": "Pass", "Comment": text, "Output": 1, "End": True}, Comment=text, **JSONATA)) == []


@pytest.mark.parametrize(
    ("state", "place"),
    [
        (
            {"Type": "Choice", "Choices": [{"Variable": "$$Execution.Name", "IsNull": True, "Next": "Y"}]},
            "Choices[0]/Variable",
        ),
        ({"Type": "Map", "ItemsPath": "$$Execution.Input.items", "ItemProcessor": FLOW, "End": True}, "ItemsPath"),
    ],
)
def test_a_path_into_the_context_object_needs_a_dot(state: dict[str, Any], place: str) -> None:
    assert complaints(state) == [(f"/States/X/{place}", "Value is not a Reference Path")]


@pytest.mark.parametrize(
    ("resource", "message"),
    [
        (
            "arn:aws:states:::glue:startJobRun.sync",
            "Express state machine does not support '.sync' service integration ",
        ),
        (
            "arn:aws:states:us-east-1:123456789012:activity:a",
            "Express state machine does not support Activity ARN",
        ),
    ],
)
def test_the_express_children_of_a_map_run_no_jobs(resource: str, message: str) -> None:
    task = {"Type": "Task", "Resource": resource, "Parameters": {"JobName": "j"}, "End": True}
    inner = {"StartAt": "T", "States": {"T": task}}

    def found(kind: str) -> list[tuple[str, str]]:
        config = {"Mode": "DISTRIBUTED", "ExecutionType": kind}
        return complaints({"Type": "Map", "ItemProcessor": inner | {"ProcessorConfig": config}, "End": True})

    assert found("STANDARD") == []
    assert found("EXPRESS") == [("/States/X/ItemProcessor/States/T/Resource", message)]
