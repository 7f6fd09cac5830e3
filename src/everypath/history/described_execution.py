"""Makes an `Execution` from the responses of DescribeExecution and GetExecutionHistory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC
from typing import Any

from everypath.history.events import STATE_ENTERED, Event, data_of, details, status_of
from everypath.history.execution import Execution, RecordedHistory
from everypath.history.visits import Visit, Visits


def execution_of(described: Mapping[str, Any], events: Iterable[Event], input: Any) -> Execution:
    """Return a finished execution.

    Parameters
    ----------
    described : mapping
        The response of DescribeExecution.
    events : iterable of Event
        The whole history, as boto3 returns it.
    input : JSON data
        The execution's input.
    """
    told = sorted(({**event, "timestamp": utc(event["timestamp"])} for event in events), key=lambda one: one["id"])
    # Step Functions Local leaves error and cause to the history.
    ended = details(told[-1])
    path = tuple(details(event)["name"] for event in told if event["type"] in STATE_ENTERED)
    return Execution(
        arn=described["executionArn"],
        name=described.get("name") or described["executionArn"].rpartition(":")[2],
        state_machine_arn=described["stateMachineArn"],
        status=described["status"],
        input=input,
        output=output_of(described),
        error=described.get("error", ended.get("error")),
        cause=described.get("cause", ended.get("cause")),
        start=utc(described["startDate"]),
        stop=utc(described["stopDate"]),
        history=RecordedHistory(told, path, transitions_of(told)),
    )


def output_of(described: Mapping[str, Any]) -> Any:
    """Return the output in a response of the API, as JSON data; None where there is none."""
    output = described.get("output")
    # moto leaves out the quotes of an output that is a string.
    return None if output is None else data_of(output)


def is_over(events: Sequence[Event]) -> bool:
    """Whether a history ends with the end of its execution."""
    return status_of(sorted(events, key=lambda event: int(event["id"]))) != "RUNNING"


def transitions_of(events: Iterable[Event]) -> int:
    """Return the state transitions that a Standard workflow is charged for: states entered, and retries."""
    return sum(1 + max(_beginnings(visit) - 1, 0) for visit in Visits(events).all)


def _beginnings(visit: Visit) -> int:
    """How often a state began its work; branches that are resumed in a redrive do not count."""
    return sum(attempt.begun["type"] != "ExecutionRedriven" for attempt in visit.attempts)


def utc(moment: Any) -> Any:
    """Return a time that boto3 gives in the machine's time zone, in UTC."""
    return moment.astimezone(UTC)
