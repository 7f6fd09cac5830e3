from __future__ import annotations

import itertools
from typing import Any

import pytest

from everypath.history.execution import Execution
from everypath.tasks.scripted_outcomes import Return, Throw

from .machines import Outcomes, chain, run_machine, task


def waits(execution: Execution) -> list[float]:
    """The seconds between the attempts of the state T."""
    times = [attempt.scheduled.timestamp() for attempt in execution.attempts("T")]
    return [later - earlier for earlier, later in itertools.pairwise(times)]


def retry(*retriers: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return chain(("T", task(Retry=list(retriers), **fields)))


def test_a_retrier_waits_one_second_and_doubles_three_times_unless_told_otherwise() -> None:
    execution = run_machine(retry({"ErrorEquals": ["E"]}), outcomes={"T": [Throw("E")] * 4})
    assert execution.status == "FAILED"
    assert waits(execution) == [1, 2, 4]


def test_a_retry_adds_no_event_of_its_own_and_does_not_enter_the_state_again() -> None:
    execution = run_machine(retry({"ErrorEquals": ["E"], "MaxAttempts": 1}), outcomes={"T": [Throw("E"), Return(1)]})
    assert execution.event_types == [
        "ExecutionStarted",
        "TaskStateEntered",
        "LambdaFunctionScheduled",
        "LambdaFunctionStarted",
        "LambdaFunctionFailed",
        "LambdaFunctionScheduled",
        "LambdaFunctionStarted",
        "LambdaFunctionSucceeded",
        "TaskStateExited",
        "ExecutionSucceeded",
    ]
    assert [event["previousEventId"] for event in execution.require_history().events] == [0, 0, 2, 3, 4, 5, 6, 7, 8, 9]


def test_a_backoff_rate_multiplies_the_interval() -> None:
    retrier = {"ErrorEquals": ["E"], "IntervalSeconds": 2, "BackoffRate": 1.5, "MaxAttempts": 3}
    execution = run_machine(retry(retrier), outcomes={"T": [Throw("E")] * 4})
    assert waits(execution) == [2, 3, 4.5]


def test_max_delay_seconds_caps_the_wait() -> None:
    retrier = {"ErrorEquals": ["E"], "IntervalSeconds": 3, "MaxDelaySeconds": 5, "MaxAttempts": 3}
    execution = run_machine(retry(retrier), outcomes={"T": [Throw("E")] * 4})
    assert waits(execution) == [3, 5, 5]


def test_full_jitter_waits_anything_up_to_the_wait_and_is_the_same_for_the_same_seed() -> None:
    retrier = {"ErrorEquals": ["E"], "IntervalSeconds": 10, "JitterStrategy": "FULL", "BackoffRate": 1.0}
    seen = [waits(run_machine(retry(retrier), outcomes={"T": [Throw("E")] * 4}, seed=seed)) for seed in (1, 1, 2)]
    assert seen[0] == seen[1] != seen[2]
    assert all(0 <= wait <= 10 for wait in seen[0])
    assert len(set(seen[0])) == 3


def test_max_attempts_zero_never_retries() -> None:
    execution = run_machine(retry({"ErrorEquals": ["E"], "MaxAttempts": 0}), outcomes={"T": [Throw("E"), Return(1)]})
    assert execution.status == "FAILED"


def test_every_retrier_counts_for_itself() -> None:
    definition = retry({"ErrorEquals": ["A"], "MaxAttempts": 2}, {"ErrorEquals": ["B"], "MaxAttempts": 1})
    outcomes: Outcomes = {"T": [Throw("A"), Throw("B"), Throw("A"), Return("done")]}
    execution = run_machine(definition, outcomes=outcomes)
    assert execution.output == "done"
    assert waits(execution) == [1, 1, 2]


def test_only_the_first_retrier_that_takes_an_error_is_asked() -> None:
    definition = retry({"ErrorEquals": ["A"], "MaxAttempts": 1}, {"ErrorEquals": ["States.ALL"], "MaxAttempts": 5})
    execution = run_machine(definition, outcomes={"T": [Throw("A")] * 3})
    assert len(execution.attempts("T")) == 2


def test_counters_start_again_when_the_state_is_entered_again() -> None:
    definition = chain(
        ("T", task(Retry=[{"ErrorEquals": ["E"], "MaxAttempts": 1}], Catch=[{"ErrorEquals": ["E"], "Next": "Again"}])),
        ("Again", {"Type": "Pass", "Next": "T"}),
    )
    execution = run_machine(definition, outcomes={"T": [Throw("E")] * 3 + [Return(1)]})
    assert execution.path == ("T", "Again", "T")
    assert [attempt.number for attempt in execution.attempts("T")] == [1, 2, 1, 2]
    assert execution.succeeded


def test_a_retry_counts_as_a_state_transition() -> None:
    execution = run_machine(retry({"ErrorEquals": ["E"]}), outcomes={"T": [Throw("E"), Throw("E"), Return(1)]})
    assert execution.transitions == 3


@pytest.mark.parametrize(
    ("names", "error", "taken"),
    [
        (["States.ALL"], "Anything", True),
        (["States.ALL"], "States.Timeout", True),
        (["States.ALL"], "States.Runtime", False),
        (["States.Runtime"], "States.Runtime", False),
        (["States.TaskFailed"], "MyError", True),
        (["States.TaskFailed"], "States.Timeout", False),
        (["States.Timeout"], "States.Timeout", True),
        (["MyError"], "myerror", False),
        (["Exception"], "MyError", False),
        (["State.ALL"], "MyError", False),
        (["A", "B"], "B", True),
    ],
)
def test_names_are_compared_letter_by_letter_and_wildcards_take_what_aws_lets_them(
    names: list[str], error: str, taken: bool
) -> None:
    execution = run_machine(retry({"ErrorEquals": names, "MaxAttempts": 1}), outcomes={"T": [Throw(error), Return(1)]})
    assert execution.succeeded is taken


def test_the_context_object_counts_the_retries() -> None:
    definition = retry({"ErrorEquals": ["E"]}, Parameters={"count.$": "$$.State.RetryCount"})
    execution = run_machine(definition, outcomes={"T": [Throw("E"), Throw("E")]})
    assert execution.output == {"count": 2}


def test_a_parallel_is_retried_as_a_whole() -> None:
    branch = chain(("Branch", task()))
    definition = chain(
        ("P", {"Type": "Parallel", "Branches": [branch], "Retry": [{"ErrorEquals": ["E"]}], "End": True})
    )
    execution = run_machine(definition, {"x": 1}, {"Branch": [Throw("E")]})
    assert execution.output == [{"x": 1}]
    assert execution.event_types.count("ParallelStateStarted") == 2
    assert execution.event_types.count("ParallelStateEntered") == 1
    assert execution.elapsed == 1
