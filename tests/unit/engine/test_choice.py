"""Choices of which no rule matches."""

from __future__ import annotations

from typing import Any

import pytest

from .machines import run_machine

RULE = {"Variable": "$.kind", "StringEquals": "a", "Next": "A"}
WHICH = {
    "StartAt": "Which",
    "States": {"Which": {"Type": "Choice", "Choices": [RULE]}, "A": {"Type": "Pass", "End": True}},
}
TIMED = {
    "Type": "Choice",
    "Choices": [{"Variable": "$.at", "TimestampLessThan": "2026-01-01T00:00:00Z", "Next": "Early"}],
}
CAUSE = "Failed to transition out of the state. The state does not point to a next state."


def test_a_choice_without_a_matching_rule_fails_with_a_runtime_error() -> None:
    execution = run_machine(WHICH, {"kind": "b"})
    assert (execution.status, execution.error) == ("FAILED", "States.Runtime")
    assert (
        execution.cause == f"An error occurred while executing the state 'Which' (entered at the event id #2). {CAUSE}"
    )


@pytest.mark.parametrize("name", ["States.NoChoiceMatched", "States.Runtime", "States.ALL"])
def test_no_catcher_around_a_choice_takes_that_no_rule_matches(name: str) -> None:
    handlers = {"Retry": [{"ErrorEquals": [name]}], "Catch": [{"ErrorEquals": [name], "Next": "Handled"}]}
    guarded: dict[str, Any] = {"Type": "Parallel", "Branches": [WHICH], "End": True, **handlers}
    definition = {"StartAt": "Guarded", "States": {"Guarded": guarded, "Handled": {"Type": "Pass", "End": True}}}
    execution = run_machine(definition, {"kind": "b"})
    assert (execution.status, execution.error) == ("FAILED", "States.Runtime")
    assert execution.event_types.count("ParallelStateStarted") == 1


@pytest.mark.parametrize("at", ["2025-12-31T23:59Z", "2025-12-31t23:59:59z", "2026-01-01T00:30+01:00"])
def test_a_timestamp_in_the_data_is_read_as_java_reads_it(at: str) -> None:
    states = {"C": TIMED | {"Default": "Late"}, "Early": {"Type": "Succeed"}, "Late": {"Type": "Fail", "Error": "Late"}}
    assert run_machine({"StartAt": "C", "States": states}, {"at": at}).status == "SUCCEEDED"
    wait = {"StartAt": "W", "States": {"W": {"Type": "Wait", "TimestampPath": "$.at", "End": True}}}
    assert run_machine(wait, {"at": at}).status == "SUCCEEDED"
