from __future__ import annotations

import json
from typing import Any

import pytest

from everypath.asl.parser.definition import parse
from everypath.server.inline_execution import MAX_INPUT, MAX_STATES, runs_inline
from tests.support.server import client_of, create, ended, serve

END: dict[str, Any] = {"Type": "Pass", "End": True}
INNER = {"StartAt": "Inside", "States": {"Inside": END}}
HAS_MORE = {"Variable": "$.left", "NumericGreaterThan": 0}
EVERY_INLINE_STATE: dict[str, Any] = {
    "StartAt": "Prepare",
    "States": {
        "Prepare": {"Type": "Pass", "Next": "Rest"},
        "Rest": {"Type": "Wait", "Seconds": 3600, "Next": "Decide"},
        "Decide": {"Type": "Choice", "Choices": [{**HAS_MORE, "Next": "Stop"}], "Default": "Done"},
        "Stop": {"Type": "Fail", "Error": "Left", "Cause": "over"},
        "Done": {"Type": "Succeed"},
    },
}


def inline(definition: dict[str, Any]) -> bool:
    return runs_inline(parse(definition))


def only(state: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"StartAt": "Only", "States": {"Only": state}, **more}


def test_states_that_call_nothing_and_follow_one_another_run_inline() -> None:
    assert inline(EVERY_INLINE_STATE)


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
def test_an_execution_with_a_state_that_may_take_long_does_not_run_inline(state: dict[str, Any]) -> None:
    assert not inline(only(state))


def test_a_machine_in_jsonata_does_not_run_inline() -> None:
    assert not inline(only({"Type": "Pass", "Output": "{% 1 %}", "End": True}, QueryLanguage="JSONata"))


@pytest.mark.parametrize(
    ("rule", "default", "after"),
    [("Step", "Other", "Last"), ("Other", "Step", "Last"), ("Other", "Last", "Step")],
    ids=["rule", "default", "next"],
)
def test_a_loop_does_not_run_inline(rule: str, default: str, after: str) -> None:
    def machine(rule: str, default: str, after: str) -> dict[str, Any]:
        decide = {"Type": "Choice", "Choices": [{**HAS_MORE, "Next": rule}], "Default": default}
        step, other = {"Type": "Pass", "Next": "Decide"}, {"Type": "Pass", "Next": after}
        return {"StartAt": "Step", "States": {"Step": step, "Decide": decide, "Other": other, "Last": END}}

    assert inline(machine("Other", "Last", "Last"))
    assert not inline(machine(rule, default, after))


@pytest.mark.parametrize(("number", "expected"), [(MAX_STATES, True), (MAX_STATES + 1, False)])
def test_many_states_do_not_run_inline(number: int, expected: bool) -> None:
    states = {f"S{index}": {"Type": "Pass", "Next": f"S{index + 1}"} for index in range(1, number)}
    assert inline({"StartAt": "S1", "States": {**states, f"S{number}": END}}) is expected


@pytest.mark.parametrize(("given", "status"), [({"left": 0}, "SUCCEEDED"), ({"left": 1}, "FAILED")])
def test_an_inline_execution_has_ended_when_its_start_is_answered(sfn: Any, name: str, given: Any, status: str) -> None:
    machine = create(sfn, name, EVERY_INLINE_STATE)
    execution = sfn.start_execution(stateMachineArn=machine, input=json.dumps(given))["executionArn"]
    found = sfn.describe_execution(executionArn=execution)
    assert found["status"] == status
    assert (found["stopDate"] - found["startDate"]).total_seconds() == 3600


def test_an_execution_with_a_long_input_ends_as_one_with_a_short_input(sfn: Any, machine: str) -> None:
    for size in (MAX_INPUT - 2, MAX_INPUT - 1):
        execution = sfn.start_execution(stateMachineArn=machine, input=json.dumps("x" * size))["executionArn"]
        found = ended(sfn, execution)
        assert (found["status"], len(found["input"])) == ("SUCCEEDED", size + 2)


def test_an_execution_does_not_run_inline_on_a_real_clock(name: str) -> None:
    with serve("--clock", "real") as running:
        sfn = client_of(running)
        machine = create(sfn, name, EVERY_INLINE_STATE)
        execution = sfn.start_execution(stateMachineArn=machine, input='{"left": 0}')["executionArn"]
        assert sfn.describe_execution(executionArn=execution)["status"] == "RUNNING"
        sfn.stop_execution(executionArn=execution)
        assert ended(sfn, execution)["status"] == "ABORTED"
