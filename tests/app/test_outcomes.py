"""What the tutorial shows, on the real handler and the committed definition."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import everypath
from everypath import Machine, Throw

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def machine() -> Machine:
    return everypath.load(ROOT / "template.yaml", "MyAPIStateMachine")


def test_200_succeeds_with_the_answer_of_the_api(machine: Machine) -> None:
    execution = machine.run({"statusCode": "200"})
    assert execution.status == "SUCCEEDED"
    assert execution.output == "The request has succeeded."
    assert execution.path == ("Call API", "OK")
    assert execution.output_of("Call API") == ['"200 OK"']
    assert len(execution.event_types) == 9


def test_503_fails_with_exactly_the_eight_events_of_the_tutorial(machine: Machine) -> None:
    execution = machine.run({"statusCode": "503"})
    assert execution.status == "FAILED"
    assert execution.event_types == [
        "ExecutionStarted",
        "TaskStateEntered",
        "LambdaFunctionScheduled",
        "LambdaFunctionStarted",
        "LambdaFunctionFailed",
        "TaskStateExited",
        "FailStateEntered",
        "ExecutionFailed",
    ]
    failed = execution.require_history().events[4]["lambdaFunctionFailedEventDetails"]
    assert failed["error"] == "ServerUnavailableException"
    cause = json.loads(failed["cause"])
    assert list(cause) == ["errorMessage", "errorType", "requestId", "stackTrace"]
    assert cause["errorMessage"] == "503 Server Unavailable"
    assert cause["errorType"] == "ServerUnavailableException"
    assert all(line.startswith('  File "/var/task/') for line in cause["stackTrace"])
    assert execution.require_history().events[6]["stateEnteredEventDetails"]["name"] == "Server Unavailable"
    assert execution.error == "ServerUnavailable"
    assert execution.cause == "The server is currently unable to handle the request."


def test_429_is_retried_twice_caught_waited_for_and_succeeds_after_four_seconds(machine: Machine) -> None:
    execution = machine.run({"statusCode": "429"})
    assert execution.status == "SUCCEEDED"
    assert execution.path == ("Call API", "Wait and Try Later", "Change to 200", "Call API", "OK")
    attempt = ["LambdaFunctionScheduled", "LambdaFunctionStarted", "LambdaFunctionFailed"]
    assert execution.event_types == [
        "ExecutionStarted",
        "TaskStateEntered",
        *attempt,
        *attempt,
        *attempt,
        "TaskStateExited",
        "WaitStateEntered",
        "WaitStateExited",
        "PassStateEntered",
        "PassStateExited",
        "TaskStateEntered",
        "LambdaFunctionScheduled",
        "LambdaFunctionStarted",
        "LambdaFunctionSucceeded",
        "TaskStateExited",
        "PassStateEntered",
        "PassStateExited",
        "ExecutionSucceeded",
    ]
    assert execution.waited(4)
    for each, seconds in zip(execution.attempts("Call API"), (0, 1, 3, 4), strict=True):
        assert execution.waited(seconds, until=each.scheduled)
    assert execution.transitions == 7


@pytest.mark.parametrize("code", ["999", "ok", "200 "])
def test_anything_else_fails_by_catch_all(machine: Machine, code: str) -> None:
    execution = machine.run({"statusCode": code})
    assert execution.path == ("Call API", "Catch All")
    assert (execution.status, execution.error, execution.cause) == (
        "FAILED",
        "An error of unknown type occurred",
        "Unknown error!",
    )
    assert [attempt.error for attempt in execution.attempts("Call API")] == ["UnknownException"]


@pytest.mark.parametrize("input", [{}, {"statusCode": ""}, {"statusCode": 200}, {"statuscode": "200"}])
def test_a_missing_code_fails_by_catch_all_and_the_cause_says_what_came(
    machine: Machine, input: dict[str, str]
) -> None:
    execution = machine.run(input)
    assert execution.path == ("Call API", "Catch All")
    [attempt] = execution.attempts("Call API")
    assert attempt.error == "InvalidStatusCodeException"
    assert "expected" in json.loads(attempt.cause or "")["errorMessage"]


def test_throttling_of_the_function_itself_is_not_retried_and_ends_in_catch_all(machine: Machine) -> None:
    throttled = Throw("Lambda.TooManyRequestsException", "Rate Exceeded.")
    execution = machine.run({"statusCode": "200"}, faults={"Call API": [throttled]})
    assert execution.path == ("Call API", "Catch All")


def test_the_same_input_gives_the_same_history_byte_for_byte(machine: Machine) -> None:
    if machine.target is not None:
        pytest.skip("the clock and the ids of another target are its own")
    first, second = (json.dumps(machine.run({"statusCode": "429"}).to_dict()) for _ in range(2))
    assert first == second
    assert json.dumps(everypath.load(ROOT / "template.yaml").run({"statusCode": "429"}).to_dict()) == first
