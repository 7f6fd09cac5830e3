from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.server import PASS, Running, create, ended, refused

FAIL = {"StartAt": "Only", "States": {"Only": {"Type": "Fail", "Error": "OutOfStock", "Cause": "none left"}}}
A_YEAR = {"StartAt": "Only", "States": {"Only": {"Type": "Wait", "Seconds": 31_000_000, "End": True}}}
NOT_JSON = (
    "Unrecognized token 'not': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')"
)


def waiting(sfn: Any, name: str) -> Any:
    """An execution that runs until somebody answers."""
    activity = sfn.create_activity(name=name)["activityArn"]
    task = {"Type": "Task", "Resource": activity, "End": True}
    arn = create(sfn, name, {"StartAt": "Ask", "States": {"Ask": task}})
    return sfn.start_execution(stateMachineArn=arn, name="one", input='{"a": 1}'), arn


def test_an_execution_is_described_when_it_has_ended(sfn: Any, machine: str) -> None:
    started = sfn.start_execution(stateMachineArn=machine, name="first", input='{"a": 1}')
    found = ended(sfn, started["executionArn"])
    assert started["executionArn"] == f"{machine.replace(':stateMachine:', ':execution:')}:first"
    assert found["status"] == "SUCCEEDED"
    assert found["input"] == '{"a": 1}'
    assert json.loads(found["output"]) == {"done": True}
    assert found["startDate"] <= found["stopDate"]
    assert found["redriveStatus"] == "NOT_REDRIVABLE"
    assert found["redriveStatusReason"] == "Execution is SUCCEEDED and cannot be redriven"


def test_the_date_of_a_start_has_microseconds_and_that_of_a_description_milliseconds(sfn: Any, machine: str) -> None:
    starts = [sfn.start_execution(stateMachineArn=machine) for _ in range(3)]
    # One in a thousand moments is a whole millisecond, and three in a row are one in a thousand million.
    assert any(start["startDate"].microsecond % 1000 for start in starts)
    for start in starts:
        described = ended(sfn, start["executionArn"])["startDate"]
        assert described.microsecond % 1000 == 0
        assert abs((described - start["startDate"]).total_seconds()) <= 0.0005


def test_a_failed_execution_has_error_and_cause(sfn: Any, name: str) -> None:
    found = ended(sfn, sfn.start_execution(stateMachineArn=create(sfn, name, FAIL))["executionArn"])
    assert (found["status"], found["error"], found["cause"]) == ("FAILED", "OutOfStock", "none left")
    assert "output" not in found


def test_the_history_comes_in_pages_and_in_either_order(sfn: Any, machine: str) -> None:
    execution = sfn.start_execution(stateMachineArn=machine)["executionArn"]
    ended(sfn, execution)
    paginator = sfn.get_paginator("get_execution_history")
    pages = list(paginator.paginate(executionArn=execution, PaginationConfig={"PageSize": 3}))
    events = [event for page in pages for event in page["events"]]
    assert [len(page["events"]) for page in pages] == [3, 1]
    assert [event["id"] for event in events] == [1, 2, 3, 4]
    assert [event["type"] for event in events] == [
        "ExecutionStarted", "PassStateEntered", "PassStateExited", "ExecutionSucceeded",
    ]  # fmt: skip
    backwards = sfn.get_execution_history(executionArn=execution, reverseOrder=True)["events"]
    assert backwards == events[::-1]


def test_a_history_without_data_has_neither_inputs_nor_outputs(sfn: Any, machine: str) -> None:
    execution = sfn.start_execution(stateMachineArn=machine)["executionArn"]
    ended(sfn, execution)
    events = sfn.get_execution_history(executionArn=execution, includeExecutionData=False)["events"]
    assert events[1]["stateEnteredEventDetails"] == {"name": "Only", "inputDetails": {"truncated": False}}


def test_virtual_time_passes_in_no_time(sfn: Any, name: str) -> None:
    found = ended(sfn, sfn.start_execution(stateMachineArn=create(sfn, name, A_YEAR))["executionArn"])
    assert (found["stopDate"] - found["startDate"]).total_seconds() == 31_000_000


def test_a_name_starts_a_running_execution_only_once(sfn: Any, name: str) -> None:
    first, arn = waiting(sfn, name)
    again = sfn.start_execution(stateMachineArn=arn, name="one", input='{"a": 1}')
    assert (again["executionArn"], again["startDate"]) == (first["executionArn"], first["startDate"])
    with refused("ExecutionAlreadyExists"):
        sfn.start_execution(stateMachineArn=arn, name="one", input='{"a": 2}')
    sfn.stop_execution(executionArn=first["executionArn"])
    with refused("ExecutionAlreadyExists"):
        sfn.start_execution(stateMachineArn=arn, name="one", input='{"a": 1}')


def test_a_stopped_execution_is_aborted_for_the_reason_given(sfn: Any, name: str) -> None:
    execution = waiting(sfn, name)[0]["executionArn"]
    stopped = sfn.stop_execution(executionArn=execution, error="Changed", cause="my mind")
    found = sfn.describe_execution(executionArn=execution)
    assert (found["status"], found["error"], found["cause"]) == ("ABORTED", "Changed", "my mind")
    assert found["stopDate"] == stopped["stopDate"]
    assert sfn.stop_execution(executionArn=execution)["stopDate"] == stopped["stopDate"]
    last = sfn.get_execution_history(executionArn=execution, reverseOrder=True)["events"][0]
    assert (last["type"], last["previousEventId"]) == ("ExecutionAborted", 0)


def test_executions_are_listed_newest_first_and_by_status(sfn: Any, machine: str) -> None:
    started = [sfn.start_execution(stateMachineArn=machine)["executionArn"] for _ in range(3)]
    for execution in started:
        ended(sfn, execution)
    listed = sfn.list_executions(stateMachineArn=machine, maxResults=2)
    rest = sfn.list_executions(stateMachineArn=machine, nextToken=listed["nextToken"])
    found = [each["executionArn"] for page in (listed, rest) for each in page["executions"]]
    assert found == started[::-1]
    assert sfn.list_executions(stateMachineArn=machine, statusFilter="FAILED")["executions"] == []


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "Invalid execution input."),
        ("not json", NOT_JSON),
        ("{'a': 1}", "Unexpected character (''' (code 39)): was expecting double-quote to start field name"),
        ('{"a" 1}', "Unexpected character ('1' (code 49)): was expecting a colon to separate field name and value"),
        ('{"a": 1 "b": 2}', "Unexpected character ('\"' (code 34)): was expecting comma to separate Object entries"),
        ('{"a": [1 2]}', "Unexpected character ('2' (code 50)): was expecting comma to separate Array entries"),
        (
            '{"a": 1',
            "Unexpected end-of-input: expected close marker for Object "
            '(start marker at [Source: (String)"{"a": 1"; line: 1, column: 1])',
        ),
    ],
)
def test_an_input_that_is_no_json_is_refused(sfn: Any, machine: str, text: str, reason: str) -> None:
    with refused("InvalidExecutionInput") as caught:
        sfn.start_execution(stateMachineArn=machine, input=text)
    message = caught.value.response["Error"]["Message"]
    assert message == f"Invalid State Machine Execution Input: '{reason}'"


def test_an_express_execution_is_answered_when_it_has_ended(sfn: Any, name: str) -> None:
    arn = create(sfn, name, PASS, type="EXPRESS")
    found = sfn.start_sync_execution(stateMachineArn=arn, name="now", input="[]")
    assert found["executionArn"].startswith(f"{arn.replace(':stateMachine:', ':express:')}:now:")
    assert (found["status"], json.loads(found["output"]), found["input"]) == ("SUCCEEDED", {"done": True}, "[]")
    assert found["billingDetails"] == {"billedMemoryUsedInMB": 64, "billedDurationInMilliseconds": 100}


def test_an_express_execution_is_not_kept(sfn: Any, name: str) -> None:
    arn = create(sfn, name, PASS, type="EXPRESS")
    execution = sfn.start_execution(stateMachineArn=arn)["executionArn"]
    with refused("InvalidArn"):
        sfn.describe_execution(executionArn=execution)
    with refused("StateMachineTypeNotSupported"):
        sfn.list_executions(stateMachineArn=arn)


def test_a_standard_execution_is_not_started_synchronously(sfn: Any, machine: str) -> None:
    with refused("StateMachineTypeNotSupported"):
        sfn.start_sync_execution(stateMachineArn=machine)


def test_an_execution_that_is_not_there_is_named(server: Running, machine: str) -> None:
    arn = f"{machine.replace(':stateMachine:', ':execution:')}:never"
    answer = server.post("DescribeExecution", {"executionArn": arn})
    assert (answer.status, answer.body) == (
        400,
        {"__type": "ExecutionDoesNotExist", "message": f"Execution Does Not Exist: '{arn}'"},
    )
    assert answer.headers["x-amzn-ErrorType"] == "ExecutionDoesNotExist"


def test_a_distributed_map_is_a_map_run_with_child_executions(sfn: Any, name: str) -> None:
    processor = {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
        "StartAt": "Item",
        "States": {"Item": {"Type": "Pass", "End": True}},
    }
    each = {"Type": "Map", "ItemProcessor": processor, "Label": "Each", "End": True}
    arn = create(sfn, name, {"StartAt": "Each", "States": {"Each": each}})
    execution = ended(sfn, sfn.start_execution(stateMachineArn=arn, input="[1, 2, 3]")["executionArn"])
    assert execution["status"] == "SUCCEEDED"
    [run] = sfn.list_map_runs(executionArn=execution["executionArn"])["mapRuns"]
    assert run["stateMachineArn"] == f"{arn}/Each"
    described = sfn.describe_map_run(mapRunArn=run["mapRunArn"])
    assert described["status"] == "SUCCEEDED"
    assert described["itemCounts"]["succeeded"] == 3
    children = sfn.list_executions(mapRunArn=run["mapRunArn"])["executions"]
    found = [sfn.describe_execution(executionArn=child["executionArn"]) for child in children]
    assert sorted(child["output"] for child in found) == ["1", "2", "3"]
    assert {child["mapRunArn"] for child in found} == {run["mapRunArn"]}
    with refused("ValidationException"):
        sfn.update_map_run(mapRunArn=run["mapRunArn"], maxConcurrency=1)


def test_an_execution_starts_another_one_on_the_same_server(sfn: Any, machine: str, name: str) -> None:
    nested = {
        "Type": "Task",
        "Resource": "arn:aws:states:::states:startExecution.sync:2",
        "Parameters": {"StateMachineArn": machine, "Input": {"from.$": "$$.Execution.Name"}},
        "OutputPath": "$.Output",
        "End": True,
    }
    arn = create(sfn, f"{name}-outer", {"StartAt": "Nested", "States": {"Nested": nested}})
    found = ended(sfn, sfn.start_execution(stateMachineArn=arn, name="outer")["executionArn"])
    assert json.loads(found["output"]) == {"done": True}
    [inner] = sfn.list_executions(stateMachineArn=machine)["executions"]
    assert json.loads(sfn.describe_execution(executionArn=inner["executionArn"])["input"]) == {"from": "outer"}


def test_who_was_given_the_token_of_a_job_answers_before_the_job_is_looked_at(sfn: Any, name: str) -> None:
    child = create(sfn, f"{name}-child", PASS)
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::states:startExecution.sync",
        "Parameters": {"StateMachineArn": child, "Input": {"Token.$": "$$.Task.Token"}},
        "End": True,
    }
    parent = sfn.start_execution(stateMachineArn=create(sfn, name, {"StartAt": "Run", "States": {"Run": task}}))
    while not (started := sfn.list_executions(stateMachineArn=child)["executions"]):
        pass
    given = json.loads(ended(sfn, started[0]["executionArn"])["input"])
    sfn.send_task_success(taskToken=given["Token"], output='"answered"')
    assert ended(sfn, parent["executionArn"])["output"] == '"answered"'
