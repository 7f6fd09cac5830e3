from __future__ import annotations

import json
from typing import Any

import pytest

from everypath.asl.parse import parse
from everypath.server.brief import LONGEST_INPUT, MOST_STATES, is_brief
from tests.support.server import client_of, create, ended, serve

END: dict[str, Any] = {"Type": "Pass", "End": True}
INNER = {"StartAt": "Inside", "States": {"Inside": END}}
HAS_MORE = {"Variable": "$.left", "NumericGreaterThan": 0}
EVERY_BRIEF_KIND: dict[str, Any] = {
    "StartAt": "Prepare",
    "States": {
        "Prepare": {"Type": "Pass", "Next": "Rest"},
        "Rest": {"Type": "Wait", "Seconds": 3600, "Next": "Decide"},
        "Decide": {"Type": "Choice", "Choices": [{**HAS_MORE, "Next": "Stop"}], "Default": "Done"},
        "Stop": {"Type": "Fail", "Error": "Left", "Cause": "over"},
        "Done": {"Type": "Succeed"},
    },
}


def brief(definition: dict[str, Any]) -> bool:
    return is_brief(parse(definition))


def only(state: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"StartAt": "Only", "States": {"Only": state}, **more}


def test_states_that_reach_nothing_outside_and_come_one_after_another_are_over_soon() -> None:
    assert brief(EVERY_BRIEF_KIND)


@pytest.mark.parametrize(
    "state",
    [
        {
            "Type": "Task",
            "Resource": "arn:aws:states:::lambda:invoke",
            "Parameters": {"FunctionName": "f"},
            "End": True,
        },
        {"Type": "Parallel", "Branches": [INNER], "End": True},
        {"Type": "Map", "ItemProcessor": INNER, "End": True},
        {"Type": "Pass", "QueryLanguage": "JSONata", "Output": "{% $sum([1..10000000]) %}", "End": True},
    ],
    ids=lambda state: state["Type"],
)
def test_a_state_that_may_take_its_time_makes_an_execution_long(state: dict[str, Any]) -> None:
    assert not brief(only(state))


def test_a_machine_in_jsonata_is_not_over_soon() -> None:
    assert not brief(only({"Type": "Pass", "Output": "{% 1 %}", "End": True}, QueryLanguage="JSONata"))


@pytest.mark.parametrize(
    ("rule", "default", "after"),
    [("Step", "Other", "Last"), ("Other", "Step", "Last"), ("Other", "Last", "Step")],
    ids=["rule", "default", "next"],
)
def test_a_loop_is_not_over_soon(rule: str, default: str, after: str) -> None:
    def machine(rule: str, default: str, after: str) -> dict[str, Any]:
        decide = {"Type": "Choice", "Choices": [{**HAS_MORE, "Next": rule}], "Default": default}
        step, other = {"Type": "Pass", "Next": "Decide"}, {"Type": "Pass", "Next": after}
        return {"StartAt": "Step", "States": {"Step": step, "Decide": decide, "Other": other, "Last": END}}

    assert brief(machine("Other", "Last", "Last"))
    assert not brief(machine(rule, default, after))


@pytest.mark.parametrize(("number", "expected"), [(MOST_STATES, True), (MOST_STATES + 1, False)])
def test_many_states_are_not_over_soon(number: int, expected: bool) -> None:
    states = {f"S{index}": {"Type": "Pass", "Next": f"S{index + 1}"} for index in range(1, number)}
    assert brief({"StartAt": "S1", "States": {**states, f"S{number}": END}}) is expected


@pytest.mark.parametrize(("given", "status"), [({"left": 0}, "SUCCEEDED"), ({"left": 1}, "FAILED")])
def test_a_brief_execution_is_over_when_its_start_is_answered(sfn: Any, name: str, given: Any, status: str) -> None:
    machine = create(sfn, name, EVERY_BRIEF_KIND)
    execution = sfn.start_execution(stateMachineArn=machine, input=json.dumps(given))["executionArn"]
    found = sfn.describe_execution(executionArn=execution)
    assert found["status"] == status
    assert (found["stopDate"] - found["startDate"]).total_seconds() == 3600


def test_an_execution_with_a_long_input_ends_as_one_with_a_short_input(sfn: Any, machine: str) -> None:
    for size in (LONGEST_INPUT - 2, LONGEST_INPUT - 1):
        execution = sfn.start_execution(stateMachineArn=machine, input=json.dumps("x" * size))["executionArn"]
        found = ended(sfn, execution)
        assert (found["status"], len(found["input"])) == ("SUCCEEDED", size + 2)


def test_a_brief_execution_waits_on_a_real_clock_while_others_are_answered(name: str) -> None:
    with serve("--clock", "real") as running:
        sfn = client_of(running)
        machine = create(sfn, name, EVERY_BRIEF_KIND)
        execution = sfn.start_execution(stateMachineArn=machine, input='{"left": 0}')["executionArn"]
        assert sfn.describe_execution(executionArn=execution)["status"] == "RUNNING"
        sfn.stop_execution(executionArn=execution)
        assert ended(sfn, execution)["status"] == "ABORTED"
