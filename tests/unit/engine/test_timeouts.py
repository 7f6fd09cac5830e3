from __future__ import annotations

from typing import Any

import pytest

from everypath.tasks.scripted_outcomes import Return, Throw

from .machines import MACHINE, chain, run_machine, task

SLOW = {"T": [Return("late", seconds=10)]}
CALLBACK = "arn:aws:states:::sqs:sendMessage.waitForTaskToken"


def test_a_task_that_takes_longer_than_its_timeout_fails_when_the_timeout_fires() -> None:
    execution = run_machine(chain(("T", task(TimeoutSeconds=5))), outcomes=SLOW)
    assert (execution.status, execution.error, execution.cause) == ("FAILED", "States.Timeout", None)
    assert execution.elapsed == 5
    assert execution.require_history().events[2]["lambdaFunctionScheduledEventDetails"]["timeoutInSeconds"] == 5
    assert execution.require_history().events[4]["type"] == "LambdaFunctionTimedOut"
    assert execution.require_history().events[4]["lambdaFunctionTimedOutEventDetails"] == {"error": "States.Timeout"}


def test_a_task_that_is_quicker_than_its_timeout_succeeds() -> None:
    execution = run_machine(chain(("T", task(TimeoutSeconds=11))), outcomes=SLOW)
    assert execution.output == "late"
    assert execution.elapsed == 10


def test_a_caught_timeout_has_an_empty_cause() -> None:
    catch = [{"ErrorEquals": ["States.Timeout"], "Next": "Caught"}]
    definition = chain(("T", task(TimeoutSeconds=1, Catch=catch)), ("Caught", {"Type": "Pass", "End": True}))
    assert run_machine(definition, outcomes=SLOW).output == {"Error": "States.Timeout", "Cause": ""}


def test_every_attempt_has_a_timeout_of_its_own() -> None:
    retrier = {"ErrorEquals": ["States.Timeout"], "MaxAttempts": 1}
    outcomes = {"T": [Return(1, seconds=10), Return(2, seconds=3)]}
    execution = run_machine(chain(("T", task(TimeoutSeconds=5, Retry=[retrier]))), outcomes=outcomes)
    assert execution.output == 2
    assert execution.elapsed == 5 + 1 + 3


def test_a_timeout_may_come_from_the_input() -> None:
    execution = run_machine(chain(("T", task(TimeoutSecondsPath="$.limit"))), {"limit": 4}, SLOW)
    assert execution.elapsed == 4


def test_a_callback_that_misses_its_heartbeat_is_reported_as_a_timeout() -> None:
    parameters = {"QueueUrl": "q", "MessageBody": {"token.$": "$$.Task.Token"}}
    state = task(Resource=CALLBACK, Parameters=parameters, HeartbeatSeconds=3, TimeoutSeconds=60)
    execution = run_machine(chain(("T", state)), outcomes=SLOW)
    assert execution.error == "States.Timeout"
    assert execution.elapsed == 3
    assert execution.event_types[2:6] == ["TaskScheduled", "TaskStarted", "TaskSubmitted", "TaskTimedOut"]
    assert execution.require_history().events[2]["taskScheduledEventDetails"]["heartbeatInSeconds"] == 3


def test_an_execution_that_times_out_has_neither_error_nor_cause() -> None:
    execution = run_machine(chain(("W", {"Type": "Wait", "Seconds": 100, "End": True}), TimeoutSeconds=7))
    assert (execution.status, execution.error, execution.cause) == ("TIMED_OUT", None, None)
    assert execution.elapsed == 7
    assert execution.event_types[-1] == "ExecutionTimedOut"


def test_a_standard_execution_ends_after_a_year() -> None:
    definition = chain(
        ("W", {"Type": "Wait", "Seconds": 31_000_000, "Next": "V"}),
        ("V", {"Type": "Wait", "Seconds": 31_000_000, "End": True}),
    )
    execution = run_machine(definition)
    assert (execution.status, execution.elapsed) == ("TIMED_OUT", 31_536_000)


def test_an_express_execution_ends_after_five_minutes() -> None:
    execution = run_machine(chain(("W", {"Type": "Wait", "Seconds": 301, "End": True})), kind="EXPRESS")
    assert (execution.status, execution.elapsed) == ("TIMED_OUT", 300)


def test_timeouts_of_a_map_that_fire_together_are_all_seen_before_it_fails() -> None:
    definition = chain(("M", {"Type": "Map", "ItemProcessor": chain(("T", task(TimeoutSeconds=5))), "End": True}))
    execution = run_machine(definition, [1, 2], {"T": [Return(0, seconds=60)] * 2})
    assert [(event["type"], event["previousEventId"]) for event in execution.require_history().events[6:]] == [
        ("LambdaFunctionScheduled", 6),
        ("TaskStateEntered", 5),
        ("LambdaFunctionScheduled", 8),
        ("LambdaFunctionStarted", 7),
        ("LambdaFunctionStarted", 9),
        ("LambdaFunctionTimedOut", 10),
        ("LambdaFunctionTimedOut", 11),
        ("MapIterationFailed", 12),
        ("TaskStateAborted", 12),
        ("MapIterationAborted", 12),
        ("TaskStateAborted", 12),
        ("MapStateFailed", 12),
        ("ExecutionFailed", 18),
    ]


def test_a_branch_that_fails_aborts_the_others_where_they_stand() -> None:
    definition = chain(
        (
            "P",
            {
                "Type": "Parallel",
                "End": True,
                "Branches": [
                    chain(("T", task())),
                    chain(("Later", {"Type": "Wait", "Seconds": 9, "End": True})),
                ],
            },
        )
    )
    execution = run_machine(definition, outcomes={"T": [Throw("E", seconds=2)]})
    assert execution.elapsed == 2
    assert execution.event_types[-4:] == [
        "TaskStateAborted",
        "WaitStateAborted",
        "ParallelStateFailed",
        "ExecutionFailed",
    ]


@pytest.mark.parametrize("limit", ["soon", 0, -1, 1.5, None])
def test_a_timeout_path_that_gives_no_positive_integer_fails_the_execution(limit: Any) -> None:
    execution = run_machine(chain(("T", task(TimeoutSecondsPath="$.limit"))), {"limit": limit})
    assert execution.error == "States.Runtime"
    assert "TimeoutSecondsPath" in (execution.cause or "")


def test_the_arn_of_an_execution_names_its_machine() -> None:
    execution = run_machine(chain(("S", {"Type": "Succeed"})))
    assert execution.state_machine_arn == MACHINE
    assert execution.arn == "arn:aws:states:us-east-1:123456789012:execution:M:e"


def test_an_attempt_that_sends_heartbeats_lives_until_its_timeout() -> None:
    limits = {"TimeoutSeconds": 60, "HeartbeatSeconds": 10}
    for outcome, elapsed in (
        (Return("late", seconds=100), 10),
        (Return("late", seconds=100, heartbeats=True), 60),
        (Throw("Refused", seconds=50, heartbeats=True), 50),
    ):
        assert run_machine(chain(("T", task(**limits))), outcomes={"T": [outcome]}).elapsed == elapsed


@pytest.mark.parametrize("name", ["States.HeartbeatTimeout", "States.Timeout"])
def test_an_expired_heartbeat_is_taken_by_either_of_its_names(name: str) -> None:
    parameters = {"QueueUrl": "q", "MessageBody": {"token.$": "$$.Task.Token"}}
    handlers = {
        "Retry": [{"ErrorEquals": [name], "MaxAttempts": 1}],
        "Catch": [{"ErrorEquals": [name], "Next": "Caught"}],
    }
    state = task(Resource=CALLBACK, Parameters=parameters, HeartbeatSeconds=3, TimeoutSeconds=60, **handlers)
    definition = chain(("T", state), ("Caught", {"Type": "Pass", "End": True}))
    execution = run_machine(definition, outcomes={"T": [Return("late", seconds=10), Return("late", seconds=10)]})
    assert execution.output == {"Error": "States.Timeout", "Cause": ""}
    assert execution.elapsed == 3 + 1 + 3


def test_a_timeout_is_not_taken_by_the_name_of_a_heartbeat() -> None:
    catch = [{"ErrorEquals": ["States.HeartbeatTimeout"], "Next": "Caught"}]
    definition = chain(("T", task(TimeoutSeconds=5, Catch=catch)), ("Caught", {"Type": "Pass", "End": True}))
    assert run_machine(definition, outcomes=SLOW).error == "States.Timeout"
