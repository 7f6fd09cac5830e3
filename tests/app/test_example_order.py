"""The order workflow of ``examples/order``: its happy path, and the ways in which it goes wrong."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

import everypath
from everypath import Machine, Return, Throw
from everypath.cli.main import main
from everypath.coverage.trace import covered
from everypath.paths.machine_cases import enumerate_machine
from everypath.replay.recording import read_recording
from everypath.replay.replayer import run_again

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "order"
GIVEN_BACK = "Release Reserved"


@pytest.fixture(scope="module")
def machine() -> Machine:
    return everypath.load(EXAMPLE / "template.yaml")


def order(**changes: Any) -> dict[str, Any]:
    items = [{"sku": "pen", "quantity": 10, "price": 2}, {"sku": "desk", "quantity": 1, "price": 200}]
    return {"orderId": "4711", "customer": "regular", "card": "valid", "items": items} | changes


def item(sku: str, quantity: int = 1, **more: Any) -> dict[str, Any]:
    return {"sku": sku, "quantity": quantity, "price": 10, **more}


def test_an_ordinary_order_is_reserved_scored_and_charged(machine: Machine) -> None:
    execution = machine.run(order())
    assert execution.output == {"orderId": "4711", "receipt": "R-4711", "total": 220, "backOrders": []}
    assert execution.entered("Reserve Item") == 2
    assert execution.entered("Ask for Approval") == 0


def test_an_item_that_is_out_of_stock_is_put_on_back_order_and_the_others_are_sold(machine: Machine) -> None:
    execution = machine.run(order(items=[item("pen"), item("lamp")]))
    assert execution.succeeded
    assert execution.output["backOrders"] == ["lamp"]
    assert execution.attempts("Reserve Item")[1].error == "OutOfStock"


def test_an_order_without_items_is_refused(machine: Machine) -> None:
    execution = machine.run(order(items=[]))
    assert (execution.error, execution.path) == ("EmptyOrder", ("Has Items?", "Empty Order"))


def test_a_large_order_waits_for_its_approval_and_is_then_charged(machine: Machine) -> None:
    large = order(items=[item("desk", 2, price=400)])
    execution = machine.run(large, faults={"Ask for Approval": [Return({"by": "Ada"}, seconds=7200)]})
    assert execution.output["receipt"] == "R-4711"
    assert execution.elapsed == 7200


def test_a_denied_order_gives_its_items_back(machine: Machine) -> None:
    execution = machine.run(order(customer="new"), faults={"Ask for Approval": [Throw("ApprovalDenied")]})
    assert execution.error == "ApprovalDenied"
    assert execution.path[-3:] == (GIVEN_BACK, "Why Not?", "Denied")


def test_an_approval_that_nobody_gives_expires_with_the_heartbeat(machine: Machine) -> None:
    execution = machine.run(order(customer="new"), faults={"Ask for Approval": [Return({}, seconds=90_000)]})
    assert execution.error == "ApprovalExpired"
    assert execution.elapsed == 21_600


def test_a_customer_who_cannot_be_scored_is_taken_for_risky(machine: Machine) -> None:
    execution = machine.run(order(customer="unknown"), faults={"Ask for Approval": [Return({"by": "Ada"})]})
    assert execution.succeeded
    assert {"Assume Risk", "Ask for Approval"} <= set(execution.path)


def test_a_declined_card_gives_the_items_back(machine: Machine) -> None:
    execution = machine.run(order(card="declined"))
    assert execution.error == "CardDeclined"
    assert len(execution.attempts("Charge")) == 1
    assert '"released":["pen","desk"]' in execution.output_of(GIVEN_BACK)[0]


def test_an_unreachable_provider_is_retried_three_times_and_then_fails_the_order_by_its_name(machine: Machine) -> None:
    execution = machine.run(order(card="unreachable"))
    assert execution.error == "ProviderUnavailable"
    assert len(execution.attempts("Charge")) == 4


def test_a_provider_that_comes_back_is_charged_after_all(machine: Machine) -> None:
    execution = machine.run(order(), faults={"Charge": [Throw("ProviderUnavailable")]})
    assert execution.succeeded
    assert [attempt.succeeded for attempt in execution.attempts("Charge")] == [False, True]


def test_a_busy_warehouse_fails_the_parallel_state_and_what_was_asked_for_is_given_back(machine: Machine) -> None:
    execution = machine.run(order(items=[item("pen", warehouse="busy"), item("desk")]))
    assert execution.error == "WarehouseBusy"
    assert execution.path[-2:] == ("Release What Was Asked For", "Cannot Prepare")


@pytest.mark.parametrize(
    ("release", "changes"),
    [
        ("Release Reserved", {"card": "declined"}),
        ("Release What Was Asked For", {"items": [item("pen", warehouse="busy")]}),
    ],
)
def test_items_that_cannot_be_given_back_end_the_order_as_kept(
    machine: Machine, release: str, changes: dict[str, Any]
) -> None:
    assert machine.run(order(**changes), faults={release: [Throw("Lambda.Unknown")]}).error == "ItemsKept"


@pytest.mark.parametrize("name", ["ordinary", "declined", "empty", "busy-warehouse"])
def test_a_recorded_order_replays_on_the_same_path(machine: Machine, name: str) -> None:
    execution = machine.run_text((EXAMPLE / "events" / f"{name}.json").read_text())
    recording = read_recording([execution.to_dict()])
    assert run_again(recording, machine.tree, machine.tasks, machine.template.stack).difference is None


def test_an_order_that_was_recorded_under_another_stack_and_account_replays_on_the_same_path(machine: Machine) -> None:
    execution = machine.run(order(customer="new"), faults={"Ask for Approval": [Return({"by": "Ada"}, seconds=60)]})
    text = json.dumps(execution.to_dict())
    stack, account, region = machine.template.stack, machine.template.account, machine.template.region
    assert f"{stack}-ScoreFunction" in text
    assert f"{stack}-ApprovalQueue" in text
    text = re.sub(rf"{stack}-(\w+)", r"production-\1-1A2B3C4D5E", text)
    text = text.replace(account, "999999999999").replace(region, "eu-central-1")
    recording = read_recording([json.loads(text)])
    assert run_again(recording, machine.tree, machine.tasks, stack).difference is None
    other = read_recording([json.loads(text.replace("-ScoreFunction-", "-RiskFunction-"))])
    assert run_again(other, machine.tree, machine.tasks, stack).difference is not None


def test_the_command_line_runs_it_with_no_configuration(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(EXAMPLE)
    assert main(["run", "--event", "events/ordinary.json"]) == 0
    assert "R-4711" in capsys.readouterr().out


def test_the_example_of_its_readme_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(EXAMPLE)
    (example,) = re.findall(r"^```python\n(.*?)^```", (EXAMPLE / "README.md").read_text(), re.M | re.S)
    namespace: dict[str, Any] = {}
    exec(compile(example, "README.md", "exec"), namespace)
    assert namespace["execution"].succeeded
    assert namespace["execution"].output["receipt"] == "R-1"


def test_an_approval_that_is_worked_on_for_too_long_expires_with_its_timeout(machine: Machine) -> None:
    slow = Return({}, seconds=90_000, heartbeats=True)
    execution = machine.run(order(customer="new"), faults={"Ask for Approval": [slow]})
    assert execution.error == "ApprovalExpired"
    assert execution.elapsed == 86_400


def test_every_exported_case_of_the_order_is_taken_and_covers_all_that_it_can(machine: Machine) -> None:
    found = enumerate_machine(machine)
    assert [one.element.id for one in found.unreachable] == ["branch:Prepare/1"]
    everywhere = frozenset[str]().union(
        *(covered(machine.tree, machine.run(case.input, faults=case.outcomes)) for case in found.cases)
    )
    assert {one.id for one in found.elements} - everywhere == {"branch:Prepare/1"}
