"""Histories of executions that were redriven are replayed, too."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from everypath.replay.recording import Recording
from everypath.tasks.scripted_outcomes import Return, Throw
from tests.unit.engine.machines import Outcomes, chain, task
from tests.unit.replay.recorded import again, redriven
from tests.unit.replay.test_same_path import CATCH, END, RETRY, mapped, parallel

CONFIG = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}}
DISTRIBUTED = mapped(chain(("A", task())) | CONFIG, Label="L", MaxConcurrency=1)
SHOWS = {"Type": "Pass", "Parameters": {"redrives.$": "$$.Execution.RedriveCount", "at.$": "$$.Execution.RedriveTime"}}
BRANCHES = parallel(chain(("A", task())), chain(("B", task(Next="C")), ("C", task())), chain(("W", {"Type": "Pass"})))
BRANCHES["Branches"][2]["States"]["W"] = {"Type": "Wait", "Seconds": 4, "End": True}

CASES: dict[str, tuple[dict[str, Any], Any, Outcomes, dict[str, Any]]] = {
    "a task": (
        chain(("A", task(Next="Shows")), ("Shows", {**SHOWS, "End": True})), None, {"A": [Throw("No"), Return(1)]}, {},
    ),
    "a task with all its retries, twice": (
        chain(("A", task(Retry=RETRY))), None, {"A": [*[Throw("Busy", seconds=2)] * 7, Return(1)]}, {"redrives": 2},
    ),
    "a task that never succeeds": (chain(("A", task())), None, {"A": [Throw("No")] * 2}, {}),
    "branches": (
        chain(("P", BRANCHES)),
        None,
        {"A": [Throw("No", seconds=2), Return(1)], "B": [Return(2, seconds=1)], "C": [Return(3, seconds=9)] * 2},
        {},
    ),
    "iterations": (
        chain(("M", mapped(chain(("A", task(Next="B")), ("B", task())), MaxConcurrency=1))),
        [1, 2, 3],
        {"A": [Return(1), Throw("No"), Return(2), Return(3)], "B": [Return(4, seconds=1)] * 3},
        {},
    ),
    "an execution that has timed out": (
        chain(("A", task()), TimeoutSeconds=5), None, {"A": [Return(1, seconds=9), Return(2, seconds=3)]}, {},
    ),
    "an execution that was stopped": (
        chain(("A", task(Next="B")), ("B", task())),
        None,
        {"A": [Return(1, seconds=2)], "B": [Return(2, seconds=9)] * 2},
        {"stop": 5},
    ),
    "a map run": (
        chain(("M", DISTRIBUTED | {"ResultPath": "$.made", "ItemsPath": "$.items"})),
        {"items": [1, 2]},
        {"A": [Return("x"), Throw("No"), Return("y")]},
        {},
    ),
    "a map run that fails again": (chain(("M", DISTRIBUTED)), [1], {"A": [Throw("No")] * 2}, {}),
    "a map run that fails again, and is redriven again": (
        chain(("M", DISTRIBUTED)), [1, 2], {"A": [Throw("No"), Throw("No"), Return(1), Return(2)]}, {"redrives": 2},
    ),
    "a map run that was stopped": (
        chain(("M", DISTRIBUTED)), [1, 2], {"A": [Return(1, seconds=2), Return(2, seconds=9)]}, {"stop": 5},
    ),
    "a map run that another one follows": (
        chain(("M", DISTRIBUTED | {"ItemSelector": {"a.$": "$.missing"}})), [1], {}, {},
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_redriven_execution_takes_the_same_path_again(case: str) -> None:
    definition, input, outcomes, options = CASES[case]
    recorded = redriven(definition, input, outcomes, **options)
    found = again(recorded, definition)
    assert found.difference is None
    assert [event["type"] for event in found.execution.require_history().events] == [
        event["type"] for event in recorded.events
    ]


def at_another_time(recorded: Recording, kind: str, nth: int, seconds: float) -> Recording:
    """The recording with one event, of all of a type, at another time."""
    number = [event["id"] for event in recorded.events if event["type"] == kind][nth] - 1
    event = recorded.events[number] | {"timestamp": recorded.events[number]["timestamp"] + timedelta(seconds=seconds)}
    return replace(recorded, events=(*recorded.events[:number], event, *recorded.events[number + 1 :]))


@pytest.mark.parametrize("seconds", [-1.5, 1.5])
def test_how_far_a_branch_had_come_when_another_one_failed_is_no_difference(seconds: float) -> None:
    definition = chain(("P", parallel(chain(("A", task())), chain(("B", task(Next="C")), ("C", task())))))
    recorded = redriven(
        definition,
        None,
        {"A": [Throw("No", seconds=2), Return(1)], "B": [Return(2, seconds=1)], "C": [Return(3, seconds=9)] * 2},
    )
    found = again(at_another_time(recorded, "LambdaFunctionFailed", 0, seconds), definition)
    assert found.difference is None
    assert found.execution.status == "SUCCEEDED"


def test_an_execution_that_does_not_fail_today_has_nothing_to_redrive() -> None:
    definition = chain(("A", task()))
    recorded = redriven(definition, None, {"A": [Throw("No"), Return(1)]})
    found = again(recorded, chain(("A", task(Catch=CATCH)), END))
    assert found.execution.status == "SUCCEEDED"
    assert found.difference is not None
    assert found.difference.recorded is not None
    assert found.difference.recorded["type"] == "ExecutionFailed"


def test_what_differs_after_a_redrive_is_shown() -> None:
    first = chain(("A", task(Next="B")), ("B", {"Type": "Pass", "Result": 1, "End": True}))
    recorded = redriven(first, None, {"A": [Throw("No"), Return(1)]})
    second = chain(("A", task(Next="B")), ("B", {"Type": "Pass", "Result": 2, "End": True}))
    found = again(recorded, second)
    assert found.difference is not None
    assert found.difference.fields == (("output", 1, 2),)
