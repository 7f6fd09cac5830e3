"""Which elements an execution took."""

from __future__ import annotations

from everypath import Return, Throw
from everypath.asl.tree import StateMachine
from everypath.coverage import trace
from everypath.coverage.elements import elements
from everypath.paths.case_data import GivenData
from everypath.paths.impossible import impossible
from everypath.paths.input_search import InputSearch
from everypath.paths.plan import Plan, PlannedOutcome
from everypath.paths.plan_runner import PlanRun
from tests.unit.paths.machines import machine, task


def run(tree: StateMachine, outcomes: dict[str, list[PlannedOutcome]]) -> PlanRun:
    return InputSearch(tree, GivenData({}), None).run(Plan(outcomes), "").run


def covered(tree: StateMachine, outcomes: dict[str, list[PlannedOutcome]]) -> frozenset[str]:
    return run(tree, outcomes).trace.covered


def test_places_are_json_pointers() -> None:
    tree = machine({"a/b": task("c", Catch=[{"ErrorEquals": ["X"], "Next": "c"}]), "c": {"Type": "Succeed"}})
    assert {one.id: one.place for one in elements(tree)}["catch:a/b/0"] == "/States/a~1b/Catch/0"


def test_a_retry_that_succeeds_is_no_exhausted_one() -> None:
    tree = machine({"A": task(Retry=[{"ErrorEquals": ["Busy"], "MaxAttempts": 2}])})
    assert covered(tree, {"A": [PlannedOutcome("Busy", 1)]}) == {"state:A", "retry:A/0/first"}
    assert covered(tree, {"A": [PlannedOutcome("Busy", 2)]}) == {"state:A", "retry:A/0/last"}
    assert covered(tree, {"A": [PlannedOutcome("Busy", 3)]}) == {"state:A", "retry:A/0/exhausted", "unhandled:A"}


def test_a_catcher_that_leads_where_next_does_is_told_from_it() -> None:
    tree = machine({"A": task("B", Catch=[{"ErrorEquals": ["X"], "Next": "B"}]), "B": {"Type": "Succeed"}})
    assert "catch:A/0" in covered(tree, {"A": [PlannedOutcome("X", 1)]})
    assert covered(tree, {}) == {"state:A", "next:A", "state:B"}


def test_a_branch_that_is_aborted_has_not_failed() -> None:
    branches = [
        {"StartAt": "P", "States": {"P": task()}},
        {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 9, "Next": "Q"}, "Q": task()}},
    ]
    tree = machine({"A": {"Type": "Parallel", "Branches": branches, "End": True}})
    ids = covered(tree, {"P": [PlannedOutcome("X", 1)]})
    assert {"branch:A/0", "unhandled:P", "unhandled:A"} <= ids
    assert "branch:A/1" not in ids


def test_enumeration_and_coverage_give_the_same_answer() -> None:
    tree = machine({"A": task(Retry=[{"ErrorEquals": ["Busy"], "MaxAttempts": 2}])})
    plan_run = run(tree, {"A": [PlannedOutcome("Busy", 1)]})
    assert trace.covered(tree, plan_run.execution) == plan_run.trace.covered
    assert plan_run.scripted_tasks.outcomes == {"A": [Throw("Busy"), Return({})]}


def test_what_no_error_can_reach_is_not_asked_for() -> None:
    retry = [{"ErrorEquals": ["X"]}, {"ErrorEquals": ["X"]}]
    assert set(impossible(machine({"A": task(Retry=retry)}))) == {
        "retry:A/1/first",
        "retry:A/1/last",
        "retry:A/1/exhausted",
    }
