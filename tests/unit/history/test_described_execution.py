"""Executions made of what the API tells, beside those that the engine itself made."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from everypath.api import read_machine
from everypath.history.described_execution import execution_of, is_over, transitions_of
from everypath.history.execution import Execution
from everypath.paths.machine_cases import enumerate_machine
from tests.support.application import ROOT


def described(execution: Execution) -> dict[str, Any]:
    from everypath.engine.data import to_text

    found = {
        "executionArn": execution.arn,
        "stateMachineArn": execution.state_machine_arn,
        "name": execution.name,
        "status": execution.status,
        "startDate": execution.start,
        "stopDate": execution.stop,
    }
    if execution.succeeded:
        return found | {"output": to_text(execution.output)}
    return found | {"error": execution.error, "cause": execution.cause}


@pytest.mark.parametrize("template", [ROOT / "template.yaml", ROOT / "examples/order/template.yaml"])
def test_every_case_of_a_workflow_reads_back_as_it_was(template: Path) -> None:
    found = enumerate_machine(read_machine(template))
    assert len(found.cases) > 5
    for case in found.cases:
        made = case.execution
        assert execution_of(described(made), reversed(made.require_history().events), made.input) == made, case.id


def test_a_history_is_over_with_its_last_event_only() -> None:
    started = {"id": 1, "type": "ExecutionStarted"}
    assert not is_over([])
    assert not is_over([started])
    assert is_over([{"id": 2, "type": "ExecutionTimedOut"}, started])
    assert transitions_of([]) == 0


def test_error_and_cause_are_those_of_the_history_where_the_description_has_none() -> None:
    found = enumerate_machine(read_machine(ROOT / "template.yaml"))
    failed = [case.execution for case in found.cases if not case.execution.succeeded]
    assert failed
    for made in failed:
        told = {name: value for name, value in described(made).items() if name not in ("error", "cause")}
        assert execution_of(told, made.require_history().events, made.input) == made
