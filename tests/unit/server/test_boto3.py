"""boto3 as its users have it: every paginator of the service, and a waiter, of which the service's model has none."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import WaiterError
from botocore.waiter import WaiterModel, create_waiter_with_client

from tests.support.server import PASS, create, ended

FAIL = {"StartAt": "Only", "States": {"Only": {"Type": "Fail", "Error": "OutOfStock"}}}


def over_items(state: str, **next: Any) -> dict[str, Any]:
    config = {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
    processor = {"ProcessorConfig": config, "StartAt": state, "States": {state: {"Type": "Pass", "End": True}}}
    return {"Type": "Map", "ItemProcessor": processor, **next}


MAPS = {
    "StartAt": "Each",
    "States": {"Each": over_items("First", Next="Again"), "Again": over_items("Second", End=True)},
}
ENDED = WaiterModel(
    {
        "version": 2,
        "waiters": {
            "ExecutionSucceeded": {
                "operation": "DescribeExecution",
                "delay": 0.01,
                "maxAttempts": 1000,
                "acceptors": [
                    {"matcher": "path", "argument": "status", "expected": "SUCCEEDED", "state": "success"},
                    {"matcher": "path", "argument": "status", "expected": "FAILED", "state": "failure"},
                ],
            }
        },
    }
)


def paged(sfn: Any, operation: str, key: str, **request: Any) -> list[Any]:
    """What the pages of two items each hold together."""
    pages = list(sfn.get_paginator(operation).paginate(**request, PaginationConfig={"PageSize": 2}))
    assert all(len(page[key]) <= 2 for page in pages)
    return [item for page in pages for item in page[key]]


def test_a_waiter_waits_for_the_end_of_an_execution(sfn: Any, machine: str) -> None:
    waiter = create_waiter_with_client("ExecutionSucceeded", ENDED, sfn)
    execution = sfn.start_execution(stateMachineArn=machine)["executionArn"]
    waiter.wait(executionArn=execution)
    assert sfn.describe_execution(executionArn=execution)["status"] == "SUCCEEDED"


def test_a_waiter_gives_up_on_an_execution_that_has_failed(sfn: Any, name: str) -> None:
    waiter = create_waiter_with_client("ExecutionSucceeded", ENDED, sfn)
    execution = sfn.start_execution(stateMachineArn=create(sfn, name, FAIL))["executionArn"]
    with pytest.raises(WaiterError, match="terminal failure"):
        waiter.wait(executionArn=execution)


def test_executions_are_paged_through_the_newest_first(sfn: Any, machine: str) -> None:
    started = [sfn.start_execution(stateMachineArn=machine)["executionArn"] for _ in range(5)]
    found = paged(sfn, "list_executions", "executions", stateMachineArn=machine)
    assert [execution["executionArn"] for execution in found] == started[::-1]


def test_a_history_is_paged_through(sfn: Any, machine: str) -> None:
    execution = sfn.start_execution(stateMachineArn=machine)["executionArn"]
    ended(sfn, execution)
    found = paged(sfn, "get_execution_history", "events", executionArn=execution)
    assert [event["id"] for event in found] == [1, 2, 3, 4]


def test_activities_and_state_machines_are_paged_through(sfn: Any, name: str) -> None:
    activities = {sfn.create_activity(name=f"{name}-{number}")["activityArn"] for number in range(3)}
    machines = {create(sfn, f"{name}-{number}", PASS) for number in range(3)}
    assert activities <= {each["activityArn"] for each in paged(sfn, "list_activities", "activities")}
    assert machines <= {each["stateMachineArn"] for each in paged(sfn, "list_state_machines", "stateMachines")}


def test_map_runs_and_their_executions_are_paged_through(sfn: Any, name: str) -> None:
    arn = create(sfn, name, MAPS)
    execution = sfn.start_execution(stateMachineArn=arn, input=json.dumps([1, 2, 3]))["executionArn"]
    ended(sfn, execution)
    runs = paged(sfn, "list_map_runs", "mapRuns", executionArn=execution)
    assert len(runs) == 2
    for run in runs:
        assert len(paged(sfn, "list_executions", "executions", mapRunArn=run["mapRunArn"])) == 3
