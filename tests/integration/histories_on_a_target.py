"""Whole histories of the workflow on a target, held to the embedded runs; `make sfn-local` runs them beside its tests.

pytest tests/integration/histories_on_a_target.py --everypath-target=http://127.0.0.1:8083
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import everypath
from everypath import Execution, Machine
from tests.integration.sam import ROOT


@pytest.fixture(scope="module")
def machine() -> Machine:
    machine = everypath.load(ROOT / "template.yaml", "MyAPIStateMachine")
    assert machine.target is not None, "say where: --everypath-target=http://127.0.0.1:8083"
    return machine


@pytest.mark.parametrize("event", sorted((ROOT / "events").glob("*.json")), ids=lambda path: path.stem)
def test_an_event_has_the_history_of_the_embedded_run(machine: Machine, event: Path) -> None:
    text = event.read_text().strip()
    there, here = machine.run_text(text), machine.run_embedded(text)
    assert there.event_types == here.event_types
    assert there.path == here.path
    assert there.outcome() == here.outcome()
    assert there.transitions == here.transitions
    for state in set(here.path):
        assert data(there.input_of(state)) == data(here.input_of(state))
        assert data(there.output_of(state)) == data(here.output_of(state))
        assert attempts(there, state) == attempts(here, state)


def data(texts: list[str]) -> list[Any]:
    return [without_place(json.loads(text)) for text in texts]


def attempts(execution: Execution, state: str) -> list[Any]:
    return [(one.number, one.error, one.output) for one in execution.attempts(state)]


def without_place(value: Any) -> Any:
    """The data of a state in which an error's cause does not name the lines of the place where it happened."""
    if isinstance(value, dict) and "Cause" in value:
        cause = json.loads(value["Cause"])
        return value | {"Cause": (cause["errorType"], cause["errorMessage"])}
    return value
