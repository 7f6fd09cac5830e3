"""Time limits."""

from __future__ import annotations

from collections.abc import Iterator

from everypath.check.checked_definition import CheckedDefinition
from everypath.check.finding import Hit, rule
from everypath.check.view import number

_LIMITS = ("TimeoutSeconds", "TimeoutSecondsPath", "HeartbeatSeconds", "HeartbeatSecondsPath")


@rule("EP212", "warning", "TimeoutSeconds is shorter than the function's own timeout")
def shorter_than_function(checked: CheckedDefinition) -> Iterator[Hit]:
    """Tasks that are given up while their function may still be working."""
    for state in checked.tasks:
        function = checked.function(state)
        limit = number(state.data.get("TimeoutSeconds"), 0)
        waits = state.resource is not None and state.resource.needs_token
        if function is not None and not waits and 0 < limit < function.timeout:
            message = f"The task is given up after {limit:g} s, while {function.logical_id} may run for"
            advice = f"{message} {function.timeout:g} s: what it does then is not seen. Make this the longer one."
            yield Hit((*state.place, "TimeoutSeconds"), advice)


@rule("EP213", "warning", "A callback without a time limit")
def endless_callback(checked: CheckedDefinition) -> Iterator[Hit]:
    """Tasks that wait for a token or an activity's worker, for up to a year."""
    for state in checked.tasks:
        resource = state.resource
        if resource is not None and resource.needs_token and not any(field in state.data for field in _LIMITS):
            message = "If nobody answers, the task waits for a year: add TimeoutSeconds or HeartbeatSeconds, and catch"
            yield Hit(state.place, f"{message} States.Timeout.")
