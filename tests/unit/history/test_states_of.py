"""Which state each event of a history belongs to."""

from __future__ import annotations

from typing import Any

from everypath import Throw
from everypath.history.branches import states_of
from tests.unit.engine.distributed import World, distributed, failing_children, run_map
from tests.unit.engine.machines import chain, run_machine, task

WAIT = {"Type": "Wait", "Seconds": 60, "End": True}
FAIL = [Throw("Bad", "no")]


def graph(**states: dict[str, Any]) -> dict[str, Any]:
    return {"StartAt": next(iter(states)), "States": states}


def parallel(*branches: dict[str, Any]) -> dict[str, Any]:
    return {"Type": "Parallel", "Branches": list(branches), "End": True}


def rows(definition: dict[str, Any], input: Any = None, **outcomes: Any) -> list[tuple[str, str]]:
    """The type of each event that is a state's, and the name of the state."""
    events = run_machine(definition, input, outcomes).require_history().events
    names = states_of(events)
    return [(event["type"], name) for event, name in zip(events, names, strict=True) if name]


def test_what_a_failed_branch_ends_belongs_to_the_states_that_are_aborted_and_to_the_parallel() -> None:
    found = rows(chain(("Both", parallel(graph(Charge=task()), graph(Rest=WAIT)))), Charge=FAIL)
    assert found[-3:] == [("TaskStateAborted", "Charge"), ("WaitStateAborted", "Rest"), ("ParallelStateFailed", "Both")]


def test_the_events_of_containers_inside_each_other_name_each_of_them() -> None:
    inner = parallel(graph(Charge=task()), graph(Rest=WAIT))
    found = rows(chain(("Outer", parallel(graph(Inner=inner), graph(Later=WAIT)))), Charge=FAIL)
    assert found[-5:] == [
        ("TaskStateAborted", "Charge"), ("WaitStateAborted", "Rest"), ("ParallelStateFailed", "Inner"),
        ("WaitStateAborted", "Later"), ("ParallelStateFailed", "Outer"),
    ]  # fmt: skip


def test_a_failed_map_names_the_map_and_the_states_of_its_iterations() -> None:
    choice = {"Type": "Choice", "Choices": [{"Variable": "$", "NumericEquals": 1, "Next": "Charge"}], "Default": "Rest"}
    state = {"Type": "Map", "ItemProcessor": graph(Which=choice, Charge=task(), Rest=WAIT), "End": True}
    found = rows(chain(("Each", state)), [1, 2], Charge=FAIL)
    assert found[-5:] == [
        ("MapIterationFailed", "Each"), ("TaskStateAborted", "Charge"), ("MapIterationAborted", "Each"),
        ("WaitStateAborted", "Rest"), ("MapStateFailed", "Each"),
    ]  # fmt: skip
    assert ("MapStateSucceeded", "Each") in rows(chain(("Each", state)), [2])


def test_the_events_of_a_map_run_belong_to_its_map() -> None:
    for state, failing in ((distributed(), ()), (failing_children(), (2,))):
        events = run_map(state, [1, 2], World(failing=failing))[0].require_history().events
        assert {name for name in states_of(events) if name} == {"M"}
