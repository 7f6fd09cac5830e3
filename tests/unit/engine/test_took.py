"""How long an execution took, in words that are true on every clock."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from everypath.history.execution import Execution
from tests.unit.engine.machines import run_machine


@pytest.fixture(scope="module")
def execution() -> Execution:
    first = {"Type": "Wait", "Seconds": 3, "Next": "Second"}
    second = {"Type": "Wait", "Seconds": 4, "End": True}
    return run_machine({"StartAt": "First", "States": {"First": first, "Second": second}})


def test_on_a_virtual_clock_it_took_exactly_as_long_as_it_waited(execution: Execution) -> None:
    assert execution.virtual
    assert execution.waited(7)
    assert not execution.waited(6.999)
    assert not execution.waited(7.001)


def test_up_to_a_moment_it_took_as_long_as_what_came_before(execution: Execution) -> None:
    [first, _] = [
        event["timestamp"] for event in execution.require_history().events if event["type"] == "WaitStateExited"
    ]
    assert execution.waited(3, until=first)
    assert not execution.waited(7, until=first)


def test_on_another_clock_it_took_at_least_as_long(execution: Execution) -> None:
    real = replace(execution, virtual=False, stop=execution.stop + timedelta(seconds=0.4))
    assert real.waited(7)
    assert real.waited(6)
    assert not real.waited(8)


def test_what_is_below_a_millisecond_is_not_recorded_and_not_asked_for(execution: Execution) -> None:
    cut = replace(execution, virtual=False, stop=execution.stop - timedelta(microseconds=900))
    assert cut.waited(7)
    assert not replace(cut, stop=cut.stop - timedelta(microseconds=200)).waited(7)
