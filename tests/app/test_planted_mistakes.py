"""Every mistake that ``everypath check`` knows, planted in a copy of ``examples/order``, is named with its place."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from everypath.check.rules import RULES
from everypath.cli.main import main

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "order"
APPROVAL, CHARGE = "/States/Ask for Approval", "/States/Charge"
CHARGE_ALL = f"{CHARGE}/Catch/1"
RESERVE = "/States/Prepare/Branches/0/States/Reserve Items/ItemProcessor/States/Reserve Item"
Found = set[tuple[str, str, str]]


@dataclass
class Order:
    """A copy of the example that mistakes are planted in."""

    folder: Path

    def edit(self, change: Callable[[dict[str, Any]], None]) -> None:
        """Change the definition."""
        definition = json.loads(self.file.read_text())
        change(definition)
        self.file.write_text(json.dumps(definition, indent=2))

    def replace(self, file: str, old: str, new: str) -> None:
        """Change a text, which is there once."""
        path = self.folder / file
        text = path.read_text()
        assert text.count(old) == 1, old
        path.write_text(text.replace(old, new))

    @property
    def file(self) -> Path:
        return self.folder / "workflow" / "order.asl.json"


@pytest.fixture
def order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Order:
    folder = tmp_path / "order"
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns("__pycache__", ".aws-sam"))
    monkeypatch.chdir(folder)
    return Order(folder)


def check(capsys: pytest.CaptureFixture[str]) -> tuple[int, Found]:
    code = main(["check", "--format", "json"])
    found = json.loads(capsys.readouterr().out)
    return code, {(each["code"], each["place"], each["severity"]) for each in found}


def state(definition: dict[str, Any], place: str) -> Any:
    """The state, or what else is at a place."""
    found: Any = definition
    for step in place.split("/")[1:]:
        found = found[int(step)] if isinstance(found, list) else found[step]
    return found


def put(place: str, **fields: Any) -> Callable[[Order], None]:
    """Set fields of what is at a place; None takes one away."""

    def change(definition: dict[str, Any]) -> None:
        target = state(definition, place)
        for name, value in fields.items():
            if value is None:
                del target[name]
            else:
                target[name] = value

    return lambda order: order.edit(change)


def names(place: str, *listed: str) -> Callable[[Order], None]:
    """Let a retrier or a catcher name something else."""
    return put(place, ErrorEquals=list(listed))


def add(place: str, *items: Any, at: int | None = None) -> Callable[[Order], None]:
    """Put something into a list."""

    def change(definition: dict[str, Any]) -> None:
        target = state(definition, place)
        index = len(target) if at is None else at
        target[index:index] = items

    return lambda order: order.edit(change)


def source(file: str, old: str, new: str) -> Callable[[Order], None]:
    """Change a handler."""
    return lambda order: order.replace(f"functions/{file}", old, new)


def template(old: str, new: str) -> Callable[[Order], None]:
    """Change the template."""
    return lambda order: order.replace("template.yaml", old, new)


def text(change: Callable[[str], str]) -> Callable[[Order], None]:
    """Change the text of the definition."""

    def plant(order: Order) -> None:
        order.file.write_text(change(order.file.read_text()))

    return plant


def all_of(*plants: Callable[[Order], None]) -> Callable[[Order], None]:
    """Several changes."""

    def plant(order: Order) -> None:
        for each in plants:
            each(order)

    return plant


def parsing(order: Order) -> None:
    """Let what comes after a catcher parse the Cause."""
    why = {"Type": "Pass", "Parameters": {"why.$": "States.StringToJson($.unreleased.Cause)"}, "Next": "Items Kept"}
    order.edit(lambda all: all["States"].update({"Why Kept": why}))
    put("/States/Release Reserved/Catch/0", Next="Why Kept")(order)


def endless(order: Order) -> None:
    """Let every state go on to another one."""

    def change(definition: dict[str, Any]) -> None:
        for name, data in definition["States"].items():
            if data["Type"] in ("Fail", "Succeed"):
                definition["States"][name] = {"Type": "Pass", "Next": "Has Items?"}

    order.edit(change)


def backlog(order: Order) -> None:
    """Let the handler raise a second class called OutOfStock."""
    (order.folder / "functions/inventory/backlog.py").write_text("class OutOfStock(Exception): ...\n")
    order.replace("functions/inventory/app.py", "from errors", "import backlog\nfrom errors")
    raising = "    if sku == 'pen':\n        raise backlog.OutOfStock(sku)\n    if quantity > left:"
    order.replace("functions/inventory/app.py", "    if quantity > left:", raising)


def unasked(order: Order) -> None:
    """Let nothing lead to a state."""
    order.edit(lambda definition: definition["States"]["Why Not?"]["Choices"].pop())


def unretried(order: Order) -> None:
    """Take a retrier away."""
    order.edit(lambda definition: definition["States"]["Charge"]["Retry"].pop(0))


def catcher(*listed: str, next: str = "Release Reserved", **fields: Any) -> dict[str, Any]:
    output = "{% $merge([$states.input, {'problem': $states.errorOutput}]) %}"
    return {"ErrorEquals": list(listed), "Output": output, "Next": next, **fields}


def require(text: str, plant: Callable[[Order], None]) -> Callable[[Order], None]:
    """Let the project require something that it does not do."""

    def write(order: Order) -> None:
        (order.folder / "pyproject.toml").write_text(f"[tool.everypath.require]\n{text}\n")
        plant(order)

    return write


LONG = "x" * 81
SWALLOWING = """    try:
        if event["card"] == "declined":
            raise CardDeclined("the bank says no")
    except CardDeclined:
        return {"receipt": "none"}
"""
DECLINING = """    if event["card"] == "declined":
        raise CardDeclined("the bank says no")
"""

#: What is planted, and where the check must see it.
MISTAKES: list[tuple[str, str, Callable[[Order], None]]] = [
    ("EP001", "", text(lambda definition: definition[:-20])),
    ("EP002", f"{RESERVE}/Retry/0/MaxAttempts", put(f"{RESERVE}/Retry/0", MaxAttempts=-1)),
    ("EP002", APPROVAL, put(APPROVAL, TimoutSeconds=5)),
    ("EP003", f"{CHARGE}/Next", put(CHARGE, Next="Confirm")),
    ("EP003", "/States/Nobody Answered", unasked),
    ("EP004", "", endless),
    ("EP005", CHARGE, text(lambda definition: definition.replace("Assume Risk", "Charge"))),
    ("EP006", f"/States/{LONG}", text(lambda definition: definition.replace('"Denied"', f'"{LONG}"'))),
    ("EP007", "/States/Add Up/Output", put("/States/Add Up", Output="{% $merge([$states.input, %}")),
    ("EP008", "", put("", Comment="x" * 1_100_000)),
    (
        "EP010",
        f"{CHARGE}/Arguments/FunctionName",
        template("        ChargeFunctionArn: !GetAtt ChargeFunction.Arn\n", ""),
    ),
    (
        "EP011",
        "",
        template("        ChargeFunctionArn:", "        ChargesFunctionArn: none\n        ChargeFunctionArn:"),
    ),
    (
        "EP101",
        CHARGE,
        all_of(
            lambda order: order.edit(lambda all: all["States"]["Charge"]["Catch"].pop()),
            source("payment/app.py", 'raise CardDeclined("the', 'raise LookupError("the'),
        ),
    ),
    ("EP102", f"{CHARGE}/Catch/0/ErrorEquals/0", names(f"{CHARGE}/Catch/0", "CardDeclinded")),
    ("EP102", f"{CHARGE}/Catch/0/ErrorEquals/0", names(f"{CHARGE}/Catch/0", "carddeclined")),
    ("EP102", f"{CHARGE}/Catch/0/ErrorEquals/0", names(f"{CHARGE}/Catch/0", "errors.CardDeclined")),
    ("EP103", f"{RESERVE}/Retry/1/ErrorEquals/0", names(f"{RESERVE}/Retry/1", "StockLocked")),
    (
        "EP104",
        f"{CHARGE}/Catch/0/ErrorEquals/0",
        all_of(
            source(
                "payment/errors.py",
                "class CardDeclined(Exception)",
                "class PaymentError(Exception): ...\n\n\nclass CardDeclined(PaymentError)",
            ),
            names(f"{CHARGE}/Catch/0", "PaymentError"),
        ),
    ),
    ("EP105", RESERVE, backlog),
    ("EP106", RESERVE, source("inventory/app.py", "raise WarehouseBusy(", "raise Exception(")),
    ("EP107", CHARGE, source("payment/app.py", DECLINING, SWALLOWING)),
    ("EP108", f"{CHARGE}/Retry/0/ErrorEquals/0", names(f"{CHARGE}/Retry/0", "ThrottlingException")),
    ("EP109", f"{APPROVAL}/Retry/0/ErrorEquals/0", names(f"{APPROVAL}/Retry/0", "Sqs.SqsException")),
    ("EP109", f"{CHARGE_ALL}/ErrorEquals/0", names(CHARGE_ALL, "State.ALL")),
    ("EP109", f"{CHARGE}/Retry/0/ErrorEquals/0", names(f"{CHARGE}/Retry/0", "Lambda.TooManyRequestException")),
    (
        "EP110",
        CHARGE,
        template(
            "      CodeUri: functions/payment/\n      Handler: app.charge",
            "      CodeUri: functions/payment/\n      Handler: app.charged",
        ),
    ),
    ("EP201", f"{CHARGE}/Catch/0/ErrorEquals/0", add(f"{CHARGE}/Catch", catcher("States.ALL"), at=0)),
    ("EP201", f"{CHARGE_ALL}/ErrorEquals/1", names(CHARGE_ALL, "ProviderUnavailable", "States.ALL")),
    ("EP201", f"{CHARGE}/Retry/0/ErrorEquals/0", names(f"{CHARGE}/Retry/0", "States.ALL")),
    ("EP201", f"{CHARGE}/Retry/1/ErrorEquals/0", names(f"{CHARGE}/Retry/1", "States.ALL", "ProviderUnavailable")),
    ("EP202", f"{APPROVAL}/Catch/0/ErrorEquals/1", names(f"{APPROVAL}/Catch/0", "ApprovalDenied", "States.Timedout")),
    ("EP203", f"{CHARGE}/Catch/1", add(f"{CHARGE}/Catch", catcher("CardDeclined"), at=0)),
    ("EP203", f"{CHARGE}/Retry/2", add(f"{CHARGE}/Retry", {"ErrorEquals": ["ProviderUnavailable"]})),
    ("EP204", f"{CHARGE}/Catch/1", add(f"{CHARGE}/Catch", catcher("States.Runtime"), at=1)),
    ("EP205", f"{CHARGE_ALL}", names(CHARGE_ALL, "States.HeartbeatTimeout")),
    ("EP205", "/States/Prepare/Catch/0", names("/States/Prepare/Catch/0", "States.BranchFailed")),
    ("EP206", CHARGE, unretried),
    ("EP207", f"{CHARGE}/Retry/1/ErrorEquals/1", names(f"{CHARGE}/Retry/1", "ProviderUnavailable", "States.Timeout")),
    ("EP208", f"{RESERVE}/Retry/1", put(f"{RESERVE}/Retry/1", JitterStrategy=None)),
    ("EP209", f"{CHARGE}/Retry/1", put(f"{CHARGE}/Retry/1", MaxAttempts=8, MaxDelaySeconds=None)),
    ("EP210", f"{CHARGE}/Retry", put("", TimeoutSeconds=20)),
    ("EP211", f"{APPROVAL}/Retry", put(APPROVAL, TimeoutSeconds=6, HeartbeatSeconds=2)),
    ("EP212", f"{CHARGE}/TimeoutSeconds", put(CHARGE, TimeoutSeconds=3)),
    ("EP213", APPROVAL, put(APPROVAL, TimeoutSeconds=None, HeartbeatSeconds=None)),
    ("EP214", f"{APPROVAL}/Catch/0", put(f"{APPROVAL}/Catch/0", ResultPath=None)),
    ("EP216", f"{CHARGE_ALL}/Next", put(CHARGE_ALL, Next="Confirmed")),
    ("EP217", "/States/Why Kept/Parameters/why.$", parsing),
    ("EP219", f"{CHARGE_ALL}/ErrorEquals/0", names(CHARGE_ALL, "Lambda.Unknown")),
    (
        "EP220",
        f"{RESERVE.partition('/ItemProcessor')[0]}/ToleratedFailureCount",
        put(RESERVE.partition("/ItemProcessor")[0], ToleratedFailureCount=1),
    ),
    ("EP221", f"{APPROVAL}/Catch/0/ErrorEquals/0", names(f"{APPROVAL}/Catch/0", "States.HeartbeatTimeout")),
    ("EP301", "/States/Needs Approval?", put("/States/Needs Approval?", Default=None)),
    (
        "EP302",
        "/States/Release Reserved",
        all_of(put("", TimeoutSeconds=None), put("/States/Release Reserved/Catch/0", Next="Release Reserved")),
    ),
    ("EP401", CHARGE, require('lambda-retries = ["Lambda.TooManyRequestsException"]', unretried)),
    (
        "EP402",
        CHARGE,
        require(
            'task-catches = ["States.ALL"]',
            lambda order: order.edit(lambda all: all["States"]["Charge"]["Catch"].pop()),
        ),
    ),
    ("EP403", CHARGE, require('task-fields = ["TimeoutSeconds"]', put(CHARGE, TimeoutSeconds=None))),
    (
        "EP404",
        f"{APPROVAL}/Catch/0",
        require("catcher-keeps-input = true", put(f"{APPROVAL}/Catch/0", ResultPath=None)),
    ),
]


def test_a_mistake_is_planted_for_every_rule() -> None:
    assert {code for code, _, _ in MISTAKES} == {rule.code for rule in RULES}


@pytest.mark.parametrize(
    ("code", "place", "plant"), MISTAKES, ids=[f"{code}-{number}" for number, (code, _, _) in enumerate(MISTAKES)]
)
def test_a_planted_mistake_is_named_with_its_place(
    code: str, place: str, plant: Callable[[Order], None], order: Order, capsys: pytest.CaptureFixture[str]
) -> None:
    _, before = check(capsys)
    plant(order)
    exit_code, found = check(capsys)
    new = {(rule, where): severity for rule, where, severity in found - before}
    assert (code, place) in new, sorted(new)
    assert exit_code == ("error" in {severity for _, _, severity in found})


def test_the_example_as_it_is_has_no_errors(order: Order, capsys: pytest.CaptureFixture[str]) -> None:
    exit_code, found = check(capsys)
    assert exit_code == 0
    assert {code for code, _, severity in found if severity != "info"} == set()
