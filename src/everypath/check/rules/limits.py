"""Limits: of time, and of failed items."""

from __future__ import annotations

from collections.abc import Iterator

from everypath.check.checked_definition import CheckedDefinition
from everypath.check.finding import Hit, rule
from everypath.check.view import number

_TIME_LIMITS = ("TimeoutSeconds", "TimeoutSecondsPath", "HeartbeatSeconds", "HeartbeatSecondsPath")
_TOLERANCE = (
    "ToleratedFailurePercentage", "ToleratedFailurePercentagePath", "ToleratedFailureCount",
    "ToleratedFailureCountPath",
)  # fmt: skip


@rule("EP212", "warning", "TimeoutSeconds is shorter than the function's own timeout")
def shorter_than_function(checked: CheckedDefinition) -> Iterator[Hit]:
    """Tasks that time out while their function may still be running."""
    for state in checked.tasks:
        function = checked.function(state)
        limit = number(state.data.get("TimeoutSeconds"), 0)
        waits = state.resource is not None and state.resource.needs_token
        if function is not None and not waits and 0 < limit < function.timeout:
            message = f"The task times out after {limit:g} s, while {function.logical_id} may run for"
            advice = f"{message} {function.timeout:g} s, and its result is lost: give the task the longer timeout."
            yield Hit((*state.place, "TimeoutSeconds"), advice)


@rule("EP213", "warning", "A callback without a time limit")
def endless_callback(checked: CheckedDefinition) -> Iterator[Hit]:
    """Tasks that wait for a token or an activity's worker, for up to a year."""
    for state in checked.tasks:
        resource = state.resource
        if resource is not None and resource.needs_token and not any(field in state.data for field in _TIME_LIMITS):
            message = "If nobody answers, the task waits for a year: add TimeoutSeconds or HeartbeatSeconds, and catch"
            yield Hit(state.place, f"{message} States.Timeout.")


@rule("EP220", "warning", "A Map in INLINE mode tolerates no failed item")
def inline_tolerance(checked: CheckedDefinition) -> Iterator[Hit]:
    """``ToleratedFailure…`` on a Map that is not distributed (AWS lists it among the distributed Map's fields only)."""
    for state in checked.states:
        processor = state.data.get("ItemProcessor", state.data.get("Iterator"))
        config = processor.get("ProcessorConfig") if isinstance(processor, dict) else None
        distributed = isinstance(config, dict) and config.get("Mode") == "DISTRIBUTED"
        if state.type == "Map" and not distributed:
            for field in (name for name in _TOLERANCE if name in state.data):
                message = f"{field} is for distributed Maps: here, the first failed item fails the Map. Catch the error"
                yield Hit((*state.place, field), f"{message} inside the Map, or make it a distributed one.")
