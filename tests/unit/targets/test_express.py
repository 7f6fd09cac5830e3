"""Express workflows on targets: what came of an execution, and no history of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import everypath
from everypath import NotOnTargetError, Throw
from tests.support.nested_pytest import run_pytest
from tests.support.server import Running
from tests.support.templates import write_template
from tests.unit.targets.conftest import Application, on


@pytest.mark.parametrize(
    ("quantity", "status"), [(3, "SUCCEEDED"), (11, "SUCCEEDED"), (101, "FAILED")], ids=["result", "caught", "failed"]
)
def test_an_outcome_is_that_of_the_embedded_engine(
    shop: Application, template: Path, quantity: int, status: str
) -> None:
    there = on(shop.url, template).run({"quantity": quantity}, name="mine")
    here = everypath.load(template, target="embedded").run({"quantity": quantity})
    assert there.status == here.status == status
    for name in ("input", "output", "error", "elapsed", "succeeded", "state_machine_arn"):
        assert getattr(there, name) == getattr(here, name), name
    assert (there.name, there.arn.split(":")[5]) == ("mine", "express")
    if quantity == 101:
        assert json.loads(there.cause or "")["errorMessage"] == json.loads(here.cause or "")["errorMessage"]


@pytest.mark.parametrize(
    ("ask", "what"),
    [
        (lambda execution: execution.event_types, "events"),
        (lambda execution: execution.attempts("Reserve"), "events"),
        (lambda execution: execution.input_of("Reserve"), "events"),
        (lambda execution: execution.output_of("Reserve"), "events"),
        (lambda execution: execution.path, "path"),
        (lambda execution: execution.entered("Reserve"), "path"),
        (lambda execution: execution.transitions, "transitions"),
    ],
)
def test_what_only_a_history_tells_is_refused_by_name(
    shop: Application, template: Path, ask: Callable[[Any], object], what: str
) -> None:
    execution = on(shop.url, template).run({"quantity": 3})
    assert execution.events is None
    assert not execution.has_history
    with pytest.raises(NotOnTargetError) as refused:
        ask(execution)
    assert str(refused.value) == (
        f"order: is an Express workflow, of whose executions {shop.url} keeps no history: there is no {what}"
    )


def test_an_execution_without_history_can_be_shown(shop: Application, template: Path) -> None:
    execution = on(shop.url, template).run({"quantity": 3})
    assert execution.to_dict() == {"status": "SUCCEEDED", "output": {"reserved": 3}, "elapsed_seconds": 0.0}
    assert repr(execution).startswith("Execution(arn='arn:aws:states:us-east-1:123456789012:express:order:")


def test_an_execution_without_history_is_a_value_like_any_other(shop: Application, template: Path) -> None:
    execution = on(shop.url, template).run({"quantity": 3}, name="mine")
    twin = replace(execution)
    assert twin == execution
    assert replace(twin, status="FAILED") != execution
    assert replace(twin, input="text", output=1) in {replace(execution, input="text", output=1)}
    with pytest.raises(NotOnTargetError, match="keeps no history: there is no path"):
        _ = twin.path


def test_a_fault_is_injected_through_the_mock_configuration(shop: Application, template: Path) -> None:
    machine = on(shop.url, template, shop.mocks)
    execution = machine.run({"quantity": 3}, faults={"Reserve": [Throw("Busy")]})
    assert (execution.output, execution.elapsed) == ({"reserved": 3}, 2)
    execution = machine.run({"quantity": 3}, faults={"Reserve": [Throw("Busy", "very"), Throw("Busy", "very")]})
    assert (execution.status, execution.error, execution.cause) == ("FAILED", "Busy", "very")


def test_a_machine_that_is_not_there_is_created_as_an_express_workflow(bare: Running, tmp_path: Path) -> None:
    definition = {"StartAt": "Only", "States": {"Only": {"Type": "Pass", "Result": [1], "End": True}}}
    execution = on(bare.url, write_template(tmp_path, definition, "EXPRESS", name="express")).run({})
    assert execution.output == [1]


# In pytest

TESTS = """
import everypath

def run(quantity):
    return everypath.load("template.yaml").run({"quantity": quantity})

def test_outcome():
    assert run(101).error == "Broken"
    assert run(11).waited(20)

def test_path():
    assert run(11).path == ("Reserve", "Apologise")
"""


def test_a_test_that_needs_the_history_is_skipped_by_name(shop: Application, template: Path, tmp_path: Path) -> None:
    for name in ("app.py", "template.yaml"):
        (tmp_path / name).write_text(template.with_name(name).read_text())
    (tmp_path / "test_order.py").write_text(TESTS)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    assert "2 passed" in run_pytest(tmp_path).stdout
    done = run_pytest(tmp_path, "-rs", f"--everypath-target={shop.url}", "--everypath-cov")
    assert done.returncode == 0, done.stdout
    assert "1 passed, 1 skipped" in done.stdout
    assert f"test_path: order: is an Express workflow, of whose executions {shop.url} keeps no history" in done.stdout
    assert "no state machine was run" in done.stdout  # whose history could be counted
