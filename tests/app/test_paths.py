"""The paths of the application's workflow that the tutorial does not show, and that none is left."""

from __future__ import annotations

from pathlib import Path

import pytest

import everypath
from everypath import Machine, Throw
from everypath.coverage.collector import Collector
from everypath.coverage.trace import covered
from everypath.paths.impossible import impossible
from everypath.paths.machine_cases import enumerate_machine

ROOT = Path(__file__).resolve().parents[2]
CASES = {case.id: case for case in enumerate_machine(everypath.load(ROOT / "template.yaml", "MyAPIStateMachine")).cases}
THROTTLED = Throw("TooManyRequestsException", "429 Too Many Requests")
TRANSIENT = (
    "Lambda.TooManyRequestsException",
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Sandbox.Timedout",
    "Runtime.ExitError",
)


@pytest.fixture(scope="module")
def machine() -> Machine:
    return everypath.load(ROOT / "template.yaml", "MyAPIStateMachine")


@pytest.mark.parametrize(("failures", "seconds"), [(1, 1), (2, 3)])
def test_throttling_that_passes_is_over_after_a_retry(machine: Machine, failures: int, seconds: float) -> None:
    execution = machine.run({"statusCode": "200"}, faults={"Call API": [THROTTLED] * failures})
    assert execution.path == ("Call API", "OK")
    assert len(execution.attempts("Call API")) == failures + 1
    assert execution.waited(seconds)


@pytest.mark.parametrize("error", TRANSIENT)
def test_what_lambda_itself_reports_is_not_retried(machine: Machine, error: str) -> None:
    execution = machine.run({"statusCode": "200"}, faults={"Call API": [Throw(error)]})
    assert execution.path == ("Call API", "Catch All")
    assert len(execution.attempts("Call API")) == 1


def test_every_element_of_the_workflow_has_a_case(machine: Machine) -> None:
    enumeration = enumerate_machine(machine)
    assert enumeration.unreachable == ()
    assert {case.execution.path[-1] for case in enumeration.cases} == {"OK", "Server Unavailable", "Catch All"}
    [other] = [case for case in enumeration.cases if case.id == "catch:Call API/2"]
    assert set(TRANSIENT) < set(other.errors)


def test_the_runs_of_the_tutorial_and_of_the_retries_take_everything(machine: Machine) -> None:
    collector = Collector(impossible)
    for code in ("200", "429", "503", "999"):
        collector.add(machine, machine.run({"statusCode": code}))
    [coverage] = collector.machines.values()
    assert [one.kind for one in coverage.missing()] == ["retriers recovered"] * 2
    for failures in (1, 2):
        collector.add(machine, machine.run({"statusCode": "200"}, faults={"Call API": [THROTTLED] * failures}))
    assert coverage.missing() == []


@pytest.mark.parametrize("id", CASES)
def test_a_case_taken_again_by_its_faults_takes_the_same_course(machine: Machine, id: str) -> None:
    case = CASES[id]
    execution = machine.run(case.input, faults=case.outcomes)
    assert covered(machine.tree, execution) == case.covered
    assert execution.event_types == case.execution.event_types
    assert execution.outcome() == case.execution.outcome()
    assert execution.waited(case.execution.elapsed)
