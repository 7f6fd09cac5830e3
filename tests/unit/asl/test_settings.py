from __future__ import annotations

from random import Random
from typing import Any

import pytest

from everypath.asl.errors import StateError
from everypath.asl.parser.definition import parse
from everypath.asl.scope import Scope
from tests.unit.asl.definitions import TASK, machine

WAIT = {"Type": "Wait", "End": True}


def value(state: dict[str, Any], field: str, data: Any) -> Any:
    expression = getattr(parse(machine(state)).graph.states["X"], field)
    return expression.evaluate(Scope(data, dict, {}, Random(0), lambda: 0.0))


def cause(state: dict[str, Any], field: str, data: Any) -> str:
    with pytest.raises(StateError) as caught:
        value(state, field, data)
    assert caught.value.error == "States.Runtime"
    return str(caught.value.cause)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({}, "The SecondsPath parameter does not reference an input value: $.s"),
        ({"s": None}, "The SecondsPath parameter does not reference an input value: $.s"),
        ({"s": 1.5}, "The SecondsPath parameter cannot be parsed as a long value: $.s == 1.5"),
        ({"s": -1.5}, "The SecondsPath parameter cannot be parsed as a long value: $.s == -1.5"),
        ({"s": -1}, "The SecondsPath parameter references a negative value: $.s == -1"),
    ],
)
def test_seconds_that_are_none_fail_the_wait(data: Any, expected: str) -> None:
    assert cause(WAIT | {"SecondsPath": "$.s"}, "seconds", data) == expected


def test_a_timestamp_path_that_leads_nowhere_fails_the_wait() -> None:
    expected = "The TimestampPath parameter does not reference an input value: $.t"
    assert cause(WAIT | {"TimestampPath": "$.t"}, "timestamp", {}) == expected


def test_a_timeout_is_a_whole_number() -> None:
    state = TASK | {"TimeoutSecondsPath": "$.t"}
    assert value(state, "timeout_seconds", {"t": 5}) == 5
    assert cause(state, "timeout_seconds", {}) == "Invalid path '$.t' : No results for path: $['t']"
    assert "does not reference an integer value: $.t == x" in cause(state, "timeout_seconds", {"t": "x"})
