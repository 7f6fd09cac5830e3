from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from .machines import chain, run_machine, task

PASS = {"Type": "Pass", "End": True}


def test_the_first_event_holds_the_input_and_the_role() -> None:
    event = run_machine(chain(("S", PASS)), {"a": 1}).require_history().events[0]
    assert event == {
        "timestamp": datetime(2026, 1, 1, tzinfo=UTC),
        "type": "ExecutionStarted",
        "id": 1,
        "previousEventId": 0,
        "executionStartedEventDetails": {
            "input": '{"a":1}',
            "inputDetails": {"truncated": False},
            "roleArn": "arn:aws:iam::123456789012:role/R",
        },
    }


def test_the_second_event_follows_from_nothing() -> None:
    execution = run_machine(chain(("S", PASS)))
    assert [event["previousEventId"] for event in execution.require_history().events] == [0, 0, 2, 3]


def test_the_same_input_gives_the_same_history() -> None:
    definition = chain(("T", task(Retry=[{"ErrorEquals": ["States.ALL"], "JitterStrategy": "FULL"}])))
    first, second = (run_machine(definition, {"a": 1}) for _ in range(2))
    assert first.events == second.events


def test_timestamps_are_those_of_the_virtual_clock() -> None:
    execution = run_machine(chain(("W", {"Type": "Wait", "Seconds": 86_400, "Next": "S"}), ("S", PASS)))
    assert execution.require_history().events[-1]["timestamp"] == datetime(2026, 1, 2, tzinfo=UTC)
    assert execution.elapsed == 86_400


def test_a_history_ends_with_its_25000th_event() -> None:
    definition = chain(
        ("A", {"Type": "Pass", "Next": "B"}),
        ("B", {"Type": "Choice", "Choices": [{"Variable": "$.go", "IsPresent": True, "Next": "A"}], "Default": "C"}),
        ("C", {"Type": "Succeed"}),
    )
    execution = run_machine(definition, {"go": True})
    assert len(execution.require_history().events) == 25_000
    assert execution.status == "FAILED"
    assert execution.error == "States.Runtime"
    assert execution.cause == "The execution reached the maximum number of history events (25000)."
    assert execution.require_history().events[-1]["type"] == "ExecutionFailed"
    assert execution.require_history().events[-1]["previousEventId"] == 24_999


def test_a_history_that_fills_up_inside_a_map_ends_the_whole_execution() -> None:
    loop = chain(
        ("A", {"Type": "Pass", "Next": "B"}),
        ("B", {"Type": "Choice", "Choices": [{"Variable": "$", "NumericEquals": 0, "Next": "A"}], "Default": "C"}),
        ("C", {"Type": "Succeed"}),
    )
    execution = run_machine(chain(("M", {"Type": "Map", "ItemProcessor": loop, "End": True})), [1, 0, 1])
    assert (execution.status, len(execution.require_history().events)) == ("FAILED", 25_000)


def test_a_map_gives_its_results_in_the_order_of_its_items() -> None:
    inner = chain(("W", {"Type": "Wait", "SecondsPath": "$", "End": True}))
    execution = run_machine(chain(("M", {"Type": "Map", "ItemProcessor": inner, "End": True})), [3, 1, 2])
    assert execution.output == [3, 1, 2]
    assert execution.elapsed == 3


def test_iterations_follow_from_the_one_whose_place_they_take() -> None:
    state = {"Type": "Map", "MaxConcurrency": 1, "ItemProcessor": chain(("S", PASS)), "End": True}
    execution = run_machine(chain(("M", state)), ["a", "b"])
    events = execution.require_history().events[2:]
    assert [(event["id"], event["previousEventId"], event["type"]) for event in events] == [
        (3, 2, "MapStateStarted"),
        (4, 3, "MapIterationStarted"),
        (5, 4, "PassStateEntered"),
        (6, 5, "PassStateExited"),
        (7, 6, "MapIterationSucceeded"),
        (8, 6, "MapIterationStarted"),
        (9, 8, "PassStateEntered"),
        (10, 9, "PassStateExited"),
        (11, 10, "MapIterationSucceeded"),
        (12, 11, "MapStateSucceeded"),
        (13, 11, "MapStateExited"),
        (14, 13, "ExecutionSucceeded"),
    ]


def test_max_concurrency_bounds_the_iterations_that_run_together() -> None:
    state = {
        "Type": "Map",
        "MaxConcurrency": 2,
        "ItemProcessor": chain(("W", {"Type": "Wait", "Seconds": 1, "End": True})),
        "End": True,
    }
    assert run_machine(chain(("M", state)), list(range(5))).elapsed == 3


def test_a_map_of_nothing_succeeds_with_nothing() -> None:
    execution = run_machine(chain(("M", {"Type": "Map", "ItemProcessor": chain(("S", PASS)), "End": True})), [])
    assert execution.output == []
    assert execution.event_types[2:4] == ["MapStateStarted", "MapStateSucceeded"]


def test_branches_run_at_the_same_time_and_in_the_order_of_virtual_time() -> None:
    def branch(name: str, seconds: int) -> dict[str, Any]:
        return chain((name, {"Type": "Wait", "Seconds": seconds, "End": True}))

    definition = chain(("P", {"Type": "Parallel", "Branches": [branch("slow", 5), branch("quick", 2)], "End": True}))
    execution = run_machine(definition, "x")
    assert execution.output == ["x", "x"]
    assert execution.elapsed == 5
    exits = [
        e["stateExitedEventDetails"]["name"]
        for e in execution.require_history().events
        if e["type"] == "WaitStateExited"
    ]
    assert exits == ["quick", "slow"]


def test_what_a_branch_assigns_stays_in_the_branch() -> None:
    inner = chain(("S", {"Type": "Pass", "Assign": {"x": "inner"}, "End": True}))
    definition = chain(
        ("P", {"Type": "Parallel", "Branches": [inner], "Assign": {"x": "outer"}, "Next": "B"}),
        ("B", {"Type": "Pass", "Parameters": {"x.$": "$x"}, "End": True}),
    )
    assert run_machine(definition).output == {"x": "outer"}


def test_assigned_variables_are_shown_where_the_state_is_left() -> None:
    details = (
        run_machine(chain(("S", PASS | {"Assign": {"x": 1}}))).require_history().events[2]["stateExitedEventDetails"]
    )
    assert details["assignedVariables"] == {"x": "1"}
    assert details["assignedVariablesDetails"] == {"truncated": False}


def test_an_output_above_the_limit_fails_the_execution() -> None:
    execution = run_machine(chain(("S", PASS | {"Result": "x" * 262_144})))
    assert execution.error == "States.DataLimitExceeded"
    assert execution.cause == (
        "The state/task 'S' returned a result with a size exceeding the maximum number of bytes service limit."
    )


def test_the_limit_counts_bytes_and_not_characters() -> None:
    assert run_machine(chain(("S", PASS | {"Result": "x" * 200_000}))).succeeded
    assert not run_machine(chain(("S", PASS | {"Result": "é" * 200_000}))).succeeded


def test_an_oversize_task_result_can_be_caught() -> None:
    from everypath.tasks.scripted_outcomes import Return

    catch = [{"ErrorEquals": ["States.ALL"], "Next": "Caught"}]
    definition = chain(("T", task(Catch=catch)), ("Caught", PASS))
    execution = run_machine(definition, outcomes={"T": [Return("x" * 262_144)]})
    assert execution.output["Error"] == "States.DataLimitExceeded"
    assert "F' returned a result" in execution.output["Cause"]
