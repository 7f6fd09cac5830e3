"""TestState: one state, mocked or not, looked at stage by stage."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from everypath.cli.main import main
from tests.support.application import ROOT
from tests.support.server import ROLE, Running, client_of, refused, serve

PUT = {"Type": "Task", "Resource": "arn:aws:states:::events:putEvents", "Parameters": {"Entries.$": "$"}, "End": True}
INVOKE = {
    "Type": "Task",
    "QueryLanguage": "JSONata",
    "Resource": "arn:aws:states:::lambda:invoke",
    "Arguments": {"FunctionName": "charge", "Payload": "{% $states.input %}"},
    "Retry": [{"ErrorEquals": ["Busy"], "MaxAttempts": 3, "IntervalSeconds": 2}],
    "Catch": [
        {"ErrorEquals": ["Declined"], "Next": "Declined"},
        {"ErrorEquals": ["States.ALL"], "Output": "{% $states.errorOutput.Cause %}", "Next": "Anything"},
    ],
    "End": True,
}
ONE = {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}
EACH = {"Type": "Map", "ItemsPath": "$.items", "ItemProcessor": ONE, "End": True}
DISTRIBUTED = ONE | {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}}
MANY = {"Type": "Map", "QueryLanguage": "JSONata", "ItemProcessor": DISTRIBUTED, "End": True}
ASK = {"Type": "Task", "Resource": "arn:aws:states:us-east-1:123456789012:activity:ask", "End": True}
BOTH = {"Type": "Parallel", "Branches": [ONE, {"StartAt": "B", "States": {"B": {"Type": "Succeed"}}}], "End": True}


def answer_of(sfn: Any, state: Any, value: Any = None, **more: Any) -> dict[str, Any]:
    """The answer of TestState, with its JSON texts parsed."""
    answer: dict[str, Any] = sfn.test_state(
        **{"definition": json.dumps(state), "input": json.dumps(value if value is not None else {}), **more}
    )
    answer.pop("ResponseMetadata")
    found = answer.get("inspectionData", {})
    for holder in (answer, found):
        for name, text in holder.items():
            if isinstance(text, str) and name in ("output", "input", "result", "variables", *_STAGES):
                holder[name] = json.loads(text)
    return answer


_STAGES = (
    "afterArguments", "afterInputPath", "afterItemBatcher", "afterItemSelector", "afterItemsPath", "afterItemsPointer",
    "afterParameters", "afterResultPath", "afterResultSelector",
)  # fmt: skip


def returning(result: Any, **more: Any) -> dict[str, Any]:
    return {"mock": {"result": json.dumps(result), **more}}


def throwing(error: str, cause: str = "made up", **configuration: Any) -> dict[str, Any]:
    mock = {"mock": {"errorOutput": {"error": error, "cause": cause}}}
    return mock | ({"stateConfiguration": configuration} if configuration else {})


# How a state is run


def test_a_state_without_a_machine_is_run(sfn: Any) -> None:
    assert answer_of(sfn, {"Type": "Pass", "Next": "Nowhere"}, 1) == {
        "status": "SUCCEEDED",
        "output": 1,
        "nextState": "Nowhere",
    }


def test_a_state_of_a_machine_is_found_by_its_name_wherever_it_is(sfn: Any) -> None:
    machine = {"StartAt": "Each", "States": {"Each": EACH}}
    assert answer_of(sfn, machine, 1, stateName="A") == {"status": "SUCCEEDED", "output": 1}


def test_a_choice_says_where_it_goes(sfn: Any) -> None:
    state = {"Type": "Choice", "Choices": [{"Variable": "$.n", "NumericGreaterThan": 1, "Next": "Many"}]}
    assert answer_of(sfn, state, {"n": 2})["nextState"] == "Many"
    none = answer_of(sfn, state, {"n": 1})
    assert (none["status"], none["error"]) == ("FAILED", "States.Runtime")


def test_a_fail_gives_its_error_and_its_cause(sfn: Any) -> None:
    found = answer_of(sfn, {"Type": "Fail", "Error": "Empty", "Cause": "none left"})
    assert found == {"status": "FAILED", "error": "Empty", "cause": "none left"}


def test_a_wait_takes_no_time_and_no_more_than_five_minutes(sfn: Any) -> None:
    assert answer_of(sfn, {"Type": "Wait", "Seconds": 299, "End": True})["status"] == "SUCCEEDED"
    late = answer_of(sfn, {"Type": "Wait", "Seconds": 301, "End": True})
    assert (late["status"], late["error"]) == ("FAILED", "States.Timeout")


def test_the_input_is_an_empty_object_where_there_is_none(sfn: Any) -> None:
    assert sfn.test_state(definition='{"Type": "Succeed"}')["output"] == "{}"


def test_what_goes_wrong_in_a_field_does_not_name_the_state(sfn: Any) -> None:
    found = answer_of(sfn, {"Type": "Pass", "QueryLanguage": "JSONata", "Output": "{% $nothing %}", "End": True})
    assert found == {
        "status": "FAILED",
        "error": "States.QueryEvaluationError",
        "cause": "The JSONata expression '$nothing' specified for the field 'Output' returned nothing (undefined).",
    }


def test_a_task_that_is_not_mocked_is_called(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("def handler(event, context):\n    return event['n'] + 1\n")
    with serve("--function", f"add={tmp_path}:app.handler") as server:
        sfn = client_of(server)
        task = {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:123456789012:function:add", "End": True}
        found = answer_of(sfn, task, {"n": 1}, roleArn=ROLE, inspectionLevel="DEBUG")
        assert (found["output"], found["inspectionData"]["result"]) == (2, 2)
        failed = answer_of(sfn, task, {"m": 1}, roleArn=ROLE)
        assert (failed["status"], failed["error"]) == ("FAILED", "KeyError")


def test_the_context_is_that_of_an_express_execution_which_is_named_by_chance(sfn: Any) -> None:
    state = {"Type": "Pass", "QueryLanguage": "JSONata", "Output": "{% $states.context %}", "End": True}
    context = answer_of(sfn, state, {"n": 1})["output"]
    name, machine = context["Execution"]["Name"], context["StateMachine"]["Name"]
    assert context["Execution"]["Id"] == f"arn:aws:states:us-east-1:123456789012:express:{machine}:{name}"
    assert context["Execution"]["Input"] == {"n": 1}
    assert context["Execution"]["RoleArn"] is None
    assert "RedriveCount" not in context["Execution"]
    assert context["State"]["Name"] == "StateName"
    assert answer_of(sfn, state, roleArn=ROLE)["output"]["Execution"]["RoleArn"] == ROLE


# What is shown of it


def test_info_shows_no_inspection_data(sfn: Any) -> None:
    assert "inspectionData" not in answer_of(sfn, {"Type": "Succeed"}, inspectionLevel="INFO")


def test_every_stage_of_a_task_in_jsonpath_is_shown(sfn: Any) -> None:
    state = PUT | {"InputPath": "$.in", "ResultSelector": {"n.$": "$.FailedEntryCount"}, "ResultPath": "$.out"}
    found = answer_of(sfn, state, {"in": []}, inspectionLevel="DEBUG", **returning({"FailedEntryCount": 0}))
    assert found["inspectionData"] == {
        "input": {"in": []},
        "afterInputPath": [],
        "afterParameters": {"Entries": []},
        "result": {"FailedEntryCount": 0},
        "afterResultSelector": {"n": 0},
        "afterResultPath": {"in": [], "out": {"n": 0}},
    }
    assert found["output"] == {"in": [], "out": {"n": 0}}


def test_arguments_and_result_of_a_task_in_jsonata_are_shown(sfn: Any) -> None:
    found = answer_of(sfn, INVOKE, 7, inspectionLevel="TRACE", **returning({"Payload": 8}))
    assert found["inspectionData"] == {
        "input": 7,
        "afterArguments": {"FunctionName": "charge", "Payload": 7},
        "result": {"Payload": 8},
    }


def test_a_pass_with_a_result_does_not_look_at_its_input(sfn: Any) -> None:
    found = answer_of(sfn, {"Type": "Pass", "InputPath": "$.no", "Result": 1, "End": True}, inspectionLevel="DEBUG")
    assert found["inspectionData"] == {"input": {}, "result": 1, "afterResultSelector": 1, "afterResultPath": 1}


@pytest.mark.parametrize("state", [{"Type": "Succeed"}, {"Type": "Fail"}])
def test_states_without_a_result_show_what_comes_after_the_input_path(sfn: Any, state: Any) -> None:
    assert answer_of(sfn, state, 1, inspectionLevel="DEBUG")["inspectionData"] == {"input": 1, "afterInputPath": 1}
    queried = state | {"QueryLanguage": "JSONata"}
    assert answer_of(sfn, queried, 1, inspectionLevel="DEBUG")["inspectionData"] == {"input": 1}


def test_of_what_goes_into_a_parallel_nothing_is_shown(sfn: Any) -> None:
    found = answer_of(sfn, BOTH | {"InputPath": "$.in"}, {"in": 1}, inspectionLevel="DEBUG", **returning([1, 2]))
    assert found["inspectionData"] == {"input": {"in": 1}, "afterResultSelector": [1, 2], "afterResultPath": [1, 2]}


def test_variables_are_shown_as_they_are_after_the_state(sfn: Any) -> None:
    state = {
        "Type": "Pass",
        "QueryLanguage": "JSONata",
        "Output": "{% $n %}",
        "Assign": {"m": "{% $n + 1 %}"},
        "End": True,
    }
    found = answer_of(sfn, state, variables='{"n": 1}', inspectionLevel="DEBUG")
    assert (found["output"], found["inspectionData"]["variables"]) == (1, {"n": 1, "m": 2})
    assert "variables" not in answer_of(sfn, {"Type": "Succeed"}, inspectionLevel="DEBUG")["inspectionData"]


def test_the_input_is_shown_as_it_was_given(sfn: Any) -> None:
    found = sfn.test_state(definition='{"Type": "Succeed"}', input=" [1,  2] ", inspectionLevel="DEBUG")
    assert found["inspectionData"]["input"] == " [1,  2] "


# Errors


def test_a_retrier_that_takes_an_error_tells_its_backoff(sfn: Any) -> None:
    found = answer_of(sfn, INVOKE, inspectionLevel="DEBUG", **throwing("Busy", retrierRetryCount=2))
    assert (found["status"], found["error"], found["cause"]) == ("RETRIABLE", "Busy", "made up")
    assert found["inspectionData"]["errorDetails"] == {"retryIndex": 0, "retryBackoffIntervalSeconds": 8}
    assert "nextState" not in found


def test_an_exhausted_retrier_leaves_the_error_to_the_catchers(sfn: Any) -> None:
    found = answer_of(sfn, INVOKE, inspectionLevel="DEBUG", **throwing("Busy", retrierRetryCount=3))
    assert (found["status"], found["nextState"], found["output"]) == ("CAUGHT_ERROR", "Anything", "made up")
    assert found["inspectionData"]["errorDetails"] == {"catchIndex": 1}


def test_an_exhausted_retrier_without_a_catcher_is_named(sfn: Any) -> None:
    state = {name: value for name, value in INVOKE.items() if name != "Catch"}
    found = answer_of(sfn, state, inspectionLevel="DEBUG", **throwing("Busy", retrierRetryCount=3))
    assert (found["status"], found["inspectionData"]["errorDetails"]) == ("FAILED", {"retryIndex": 0})


def test_a_catcher_tells_where_it_goes_and_with_what(sfn: Any) -> None:
    found = answer_of(sfn, INVOKE, **throwing("Declined"))
    assert found == {
        "status": "CAUGHT_ERROR",
        "error": "Declined",
        "cause": "made up",
        "output": {"Error": "Declined", "Cause": "made up"},
        "nextState": "Declined",
    }


def test_an_error_that_nothing_takes_has_no_details(sfn: Any) -> None:
    found = answer_of(sfn, PUT, inspectionLevel="DEBUG", **throwing("Odd"))
    assert found["status"] == "FAILED"
    assert "errorDetails" not in found["inspectionData"]


def test_a_retry_is_counted_in_the_context_object(sfn: Any) -> None:
    state = INVOKE | {"Catch": [{"ErrorEquals": ["Odd"], "Output": "{% $states.context.State %}", "Next": "End"}]}
    found = answer_of(sfn, state, **throwing("Odd", retrierRetryCount=2))
    assert found["output"]["RetryCount"] == 2
    paths = PUT | {"Parameters": {"Entries.$": "States.Array($$.State.RetryCount)"}}
    configuration = {"stateConfiguration": {"retrierRetryCount": 1}}
    found = answer_of(sfn, paths, inspectionLevel="DEBUG", **configuration, **returning({}))
    assert found["inspectionData"]["afterParameters"] == {"Entries": [1]}
    assert answer_of(sfn, state, **throwing("Odd"))["output"]["RetryCount"] == 0


def test_the_retries_of_a_given_context_object_count_where_nothing_else_says_how_many(sfn: Any) -> None:
    given = {"context": json.dumps({"State": {"RetryCount": 3}})}
    assert answer_of(sfn, INVOKE, **given, **throwing("Busy"))["nextState"] == "Anything"
    found = answer_of(sfn, INVOKE, inspectionLevel="DEBUG", **given, **throwing("Busy", retrierRetryCount=1))
    assert found["inspectionData"]["errorDetails"] == {"retryIndex": 0, "retryBackoffIntervalSeconds": 4}


@pytest.mark.parametrize(
    ("fields", "retries", "seconds"),
    [
        ({"IntervalSeconds": 1, "BackoffRate": 1.5}, 2, 2),  # 2.25
        ({"IntervalSeconds": 10, "BackoffRate": 10, "MaxDelaySeconds": 60}, 1, 60),
        ({}, 1, 2),
    ],
)
def test_a_backoff_is_told_in_whole_seconds(sfn: Any, fields: Any, retries: int, seconds: int) -> None:
    state = PUT | {"Retry": [{"ErrorEquals": ["Busy"], "MaxAttempts": 9, **fields}]}
    found = answer_of(sfn, state, inspectionLevel="DEBUG", **throwing("Busy", retrierRetryCount=retries))
    assert found["inspectionData"]["errorDetails"] == {"retryIndex": 0, "retryBackoffIntervalSeconds": seconds}


# Map and Parallel


FAILING = {"StartAt": "Give up", "States": {"Give up": {"Type": "Fail", "Error": "Odd"}}}
CALLING = {"StartAt": "Put", "States": {"Put": PUT}}
FIRST_TASKS = [{"ErrorEquals": ["States.TaskFailed"], "Next": "Of a task"}, {"ErrorEquals": ["Odd"], "Next": "Other"}]
GUARDED = {"Type": "Parallel", "Branches": [CALLING, FAILING], "Catch": FIRST_TASKS, "End": True}


@pytest.mark.parametrize(
    ("origin", "index", "following"), [("Put", 0, "Of a task"), ("Give up", 1, "Other"), (None, 0, "Of a task")]
)
def test_task_failed_takes_what_a_task_inside_has_failed_with(
    sfn: Any, origin: str | None, index: int, following: str
) -> None:
    configuration = {} if origin is None else {"errorCausedByState": origin}
    found = answer_of(sfn, GUARDED, inspectionLevel="DEBUG", **throwing("Odd", **configuration))
    assert (found["status"], found["nextState"]) == ("CAUGHT_ERROR", following)
    assert found["inspectionData"]["errorDetails"] == {"catchIndex": index}


def test_a_retrier_that_takes_what_tasks_fail_with_is_asked_for_no_other_state(sfn: Any) -> None:
    state = {"Type": "Map", "ItemsPath": "$.items", "ItemProcessor": FAILING, "End": True}
    state |= {"Retry": [{"ErrorEquals": ["States.TaskFailed"]}, {"ErrorEquals": ["States.ALL"], "IntervalSeconds": 7}]}
    error = throwing("Odd", errorCausedByState="Give up")
    found = answer_of(sfn, state, {"items": [1]}, inspectionLevel="DEBUG", **error)
    assert found["inspectionData"]["errorDetails"] == {"retryIndex": 1, "retryBackoffIntervalSeconds": 7}


def test_the_state_that_an_error_is_from_may_be_deep_inside(sfn: Any) -> None:
    state = {"Type": "Parallel", "Branches": [{"StartAt": "Each", "States": {"Each": EACH}}], "End": True}
    assert answer_of(sfn, state, **throwing("Odd", errorCausedByState="A"))["status"] == "FAILED"


@pytest.mark.parametrize(
    ("state", "kind"), [(GUARDED, "Parallel"), (EACH, "Map"), (PUT, "Task"), ({"Type": "Pass", "End": True}, "Pass")]
)
def test_an_error_from_a_state_that_is_not_inside_is_refused(sfn: Any, state: Any, kind: str) -> None:
    mock = throwing("Odd") if kind != "Pass" else {}
    with refused("ValidationException") as caught:
        answer_of(sfn, state, {"items": []}, stateConfiguration={"errorCausedByState": "Nobody"}, **mock)
    assert f"State 'Nobody' of errorCausedByState not found in the {kind} state" in str(caught.value)


def test_the_fields_of_a_map_are_evaluated_though_it_is_mocked(sfn: Any) -> None:
    state = EACH | {"MaxConcurrency": 2, "ItemSelector": {"n.$": "$$.Map.Item.Value"}}
    found = answer_of(sfn, state, {"items": [1, 2]}, inspectionLevel="DEBUG", **returning([3, 4]))
    shown = found["inspectionData"]
    assert (shown["afterItemsPath"], shown["maxConcurrency"]) == ([1, 2], 2)
    assert shown["afterItemSelector"] == [{"n": 1}, {"n": 2}]
    assert found["output"] == [3, 4]


def test_a_map_whose_items_are_no_array_fails_before_anything_else(sfn: Any) -> None:
    found = answer_of(sfn, EACH | {"ItemsPath": "$$.Execution.Input"}, 1, inspectionLevel="DEBUG", **returning([]))
    assert (found["error"], found["cause"]) == (
        "States.Runtime",
        'Reference path "$.Execution.Input" must point to array.',
    )
    assert found["inspectionData"] == {"input": 1, "afterInputPath": 1}


@pytest.mark.parametrize(
    ("threshold", "failed", "status"),
    [
        ({"ToleratedFailureCount": 1}, 1, "SUCCEEDED"),
        ({"ToleratedFailureCount": 1}, 2, "FAILED"),
        ({"ToleratedFailurePercentage": 50}, 1, "SUCCEEDED"),
        ({"ToleratedFailurePercentage": 50}, 2, "FAILED"),
        ({}, 2, "SUCCEEDED"),
    ],
)
def test_failed_iterations_count_against_the_threshold_if_there_is_one(
    sfn: Any, threshold: Any, failed: int, status: str
) -> None:
    configuration = {"mapIterationFailureCount": failed}
    mock = returning([0, 0, 1])
    found = answer_of(sfn, MANY | threshold, [1, 2, 3], stateConfiguration=configuration, **mock)
    assert found["status"] == status
    if status == "FAILED":
        assert found["error"] == "States.ExceedToleratedFailureThreshold"
        assert found["cause"] == "The specified tolerated failure threshold was exceeded"


def test_more_failed_iterations_than_there_are_are_refused(sfn: Any) -> None:
    with refused("ValidationException") as caught:
        answer_of(sfn, MANY, [1], stateConfiguration={"mapIterationFailureCount": 2}, **throwing("Odd"))
    assert "must be less than or equal to the number of Map iterations" in str(caught.value)


def test_an_item_reader_reads_what_the_request_says(sfn: Any) -> None:
    reader = {
        "Resource": "arn:aws:states:::s3:getObject",
        "ReaderConfig": {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"},
        "Arguments": {"Bucket": "orders", "Key": "today.csv"},
    }
    state = MANY | {"ItemReader": reader, "ItemSelector": {"id": "{% $states.context.Map.Item.Value.id %}"}}
    data = {"mapItemReaderData": "id,n\na,1\nb,2\n"}
    found = answer_of(sfn, state, stateConfiguration=data, inspectionLevel="DEBUG", **returning([1, 2]))
    assert found["inspectionData"]["afterItemSelector"] == [{"id": "a"}, {"id": "b"}]


# What is refused


@pytest.mark.parametrize(
    ("state", "more", "code", "message"),
    [
        (PUT, {}, "ValidationException", "RoleArn must be specified when testing a Task state"),
        ({"Type": "Succeed"}, {"roleArn": "me"}, "InvalidArn", "Invalid Role Arn: 'me'"),
        (BOTH, {}, "InvalidDefinition", "TestState API does not support Map or Parallel states."),
        (ASK, {"roleArn": ROLE}, "ValidationException", "unless a mock is specified"),
        ({"Type": "Succeed"}, returning(1), "ValidationException", "State type 'Succeed' is not supported when a mock"),
        (PUT, returning({}) | {"revealSecrets": True}, "ValidationException", "does not support RevealSecrets when"),
        (PUT, {"mock": {"result": "{"}}, "ValidationException", "Mocked result must be valid JSON"),
        (PUT, {"mock": {}}, "ValidationException", "one of the following fields: [result, errorOutput]"),
        (PUT, {"mock": {"errorOutput": {}}}, "ValidationException", "The field 'error' is required"),
        (BOTH, returning({}), "ValidationException", "Mocked result must be an array."),
        (BOTH, returning([1]), "ValidationException", "the same number of items as number of Parallel branches."),
        (EACH, returning({}), "ValidationException", "Mocked result must be an array."),
        (PUT, returning({"Entries": 1}), "ValidationException", "Field 'Entries' must be an array"),
        (PUT, {"stateName": "No"}, "InvalidDefinition", "These fields are required: [States, StartAt]"),
        ({"Type": "Odd"}, {}, "InvalidDefinition", "at /States/StateName/Type"),
        (BOTH | {"Branches": []}, {}, "InvalidDefinition", "Value cannot be empty at /States/StateName/Branches"),
        (ONE, {"stateName": "No"}, "ValidationException", "State not found in definition"),
        ({"Type": "Succeed"}, {"input": "{"}, "InvalidExecutionInput", "Invalid State Machine Execution Input"),
        ({"Type": "Succeed"}, {"variables": "[]"}, "ValidationException", "Variables must be a JSON object"),
        ({"Type": "Succeed"}, {"context": "{}"}, "ValidationException", "only be specified when a mock is specified"),
    ],
)
def test_what_cannot_be_tested_is_refused(sfn: Any, state: Any, more: Any, code: str, message: str) -> None:
    with refused(code) as caught:
        answer_of(sfn, state, **more)
    assert message in str(caught.value)


def test_a_mock_has_a_result_or_an_error(sfn: Any) -> None:
    both = {"result": "1", "errorOutput": {"error": "Odd"}}
    with refused("ValidationException") as caught:
        answer_of(sfn, PUT, mock=both)
    assert "should have only one of the following fields: [result, errorOutput]." in str(caught.value)


def test_the_mode_says_how_strictly_a_mocked_result_is_checked(sfn: Any) -> None:
    start = {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution", "Parameters": {}, "End": True}
    start["Parameters"] = {"StateMachineArn": "arn:aws:states:us-east-1:123456789012:stateMachine:other"}
    with refused("ValidationException") as caught:
        answer_of(sfn, start, **returning({}))
    assert "Required field 'ExecutionArn' is missing" in str(caught.value)
    assert answer_of(sfn, start, **returning({}, fieldValidationMode="PRESENT"))["status"] == "SUCCEEDED"
    with refused("ValidationException"):
        answer_of(sfn, start, **returning({"ExecutionArn": 1}, fieldValidationMode="PRESENT"))
    assert answer_of(sfn, start, **returning({"ExecutionArn": 1}, fieldValidationMode="NONE"))["status"] == "SUCCEEDED"


# The context object


def test_a_given_context_object_is_all_that_there_is(sfn: Any) -> None:
    state = PUT | {"ResultSelector": {"context.$": "$$"}}
    given = {"Execution": {"Input": [1]}, "State": {}}
    assert answer_of(sfn, state, context=json.dumps(given), **returning({}))["output"] == {"context": given}


def test_a_task_that_waits_for_its_token_may_be_given_one(sfn: Any) -> None:
    state = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
        "Parameters": {"QueueUrl": "queue", "MessageBody.$": "$$.Task.Token"},
        "End": True,
    }
    found = answer_of(
        sfn, state, context='{"Task": {"Token": "abc"}}', inspectionLevel="DEBUG", **returning({"answer": "yes"})
    )
    assert found["inspectionData"]["afterParameters"]["MessageBody"] == "abc"
    assert found["output"] == {"answer": "yes"}


def test_a_state_in_a_map_is_in_its_first_iteration(sfn: Any) -> None:
    shown = {"Type": "Pass", "Parameters": {"item.$": "$$.Map.Item"}, "End": True}
    processor: dict[str, Any] = {"StartAt": "Show", "States": {"Show": shown}}
    machine = {"StartAt": "Each", "States": {"Each": EACH | {"ItemProcessor": processor}}}
    found = answer_of(sfn, machine, {"n": 1}, stateName="Show")
    assert found["output"] == {"item": {"Index": 0, "Value": {"n": 1}}}
    processor["ProcessorConfig"] = {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
    found = answer_of(sfn, machine, {"n": 1}, stateName="Show")
    assert found["output"] == {"item": {"Index": 0, "Value": {"n": 1}, "Source": "STATE_DATA"}}
    assert answer_of(sfn, shown, {"n": 1})["error"] == "States.Runtime"


@pytest.mark.parametrize(
    ("context", "problem"),
    [
        ({"Odd": {}}, "Field 'Odd' is not allowed"),
        ({"Execution": {"Odd": 1}}, "Field 'Odd' is not allowed"),
        ({"Map": {}}, "'Map' field is not supported when mocking a Context object"),
        ({"Task": {"Token": "abc"}}, "Context object contains 'Task' when state is not a Task state with"),
        ({"Execution": {"Id": 1}}, "Execution.Id must be a string"),
        ({"State": {"RetryCount": True}}, "State.RetryCount must be an integer"),
        ({"State": 1}, "State must be an object"),
        (1, "it must be a JSON object"),
    ],
)
def test_a_context_object_that_is_none_is_refused(sfn: Any, context: Any, problem: str) -> None:
    with refused("ValidationException") as caught:
        answer_of(sfn, PUT, context=json.dumps(context), **returning({}))
    assert f"Invalid Context object provided: {problem}" in str(caught.value)


# What `everypath paths` exports


@pytest.mark.parametrize("application", [".", "examples/order"])
def test_every_exported_call_gives_what_is_expected_of_it(
    server: Running,
    application: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name in ("template.yaml", "functions", "workflow"):
        copy = shutil.copytree if (ROOT / application / name).is_dir() else shutil.copy
        copy(ROOT / application / name, tmp_path / name)
    monkeypatch.chdir(tmp_path)
    assert main(["paths", "--export", "test-state"]) == 0
    calls = json.loads(capsys.readouterr().out)
    assert len(calls) > 10
    for exported in calls:
        answer = server.post("TestState", exported["call"]).body
        details = exported["expected"].pop("inspectionData", {}).get("errorDetails", {})
        assert exported["expected"].items() <= answer.items(), exported["edge"]
        assert details.items() <= answer["inspectionData"].get("errorDetails", {}).items(), exported["edge"]
