"""Makes an `Execution` of what the API tells of one: DescribeExecution and GetExecutionHistory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC
from typing import Any

from everypath.history.attempts import FAILED, data_of
from everypath.history.branches import SCHEDULED, Branches, Key, details
from everypath.history.execution import Execution, RecordedHistory
from everypath.history.log import Event

_ENDS = frozenset(f"Execution{end}" for end in ("Succeeded", "Failed", "TimedOut", "Aborted"))
_STARTS = SCHEDULED | {"ParallelStateStarted", "MapStateStarted"}
_TIMED_OUT = frozenset({"TaskTimedOut", "LambdaFunctionTimedOut", "ActivityTimedOut"})


def execution_of(described: Mapping[str, Any], events: Iterable[Event], input: Any) -> Execution:
    """Return a finished execution.

    Parameters
    ----------
    described : mapping
        What DescribeExecution answered.
    events : iterable of Event
        The whole history, as boto3 returns it.
    input : JSON data
        What it was started with.
    """
    told = sorted(({**event, "timestamp": utc(event["timestamp"])} for event in events), key=lambda one: one["id"])
    # Step Functions Local leaves error and cause to the history.
    ended = details(told[-1])
    path = tuple(details(event)["name"] for event in told if event["type"].endswith("StateEntered"))
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
    """The output that an answer of the API tells, as JSON data; None where there is none."""
    output = described.get("output")
    # moto leaves out the quotes of an output that is a string.
    return None if output is None else data_of(output)


def is_over(events: Sequence[Event]) -> bool:
    """Whether a history ends with the end of its execution."""
    return bool(events) and max(events, key=lambda event: event["id"])["type"] in _ENDS


def transitions_of(events: Iterable[Event]) -> int:
    """The state transitions that a Standard workflow is charged for: states entered, and retries.

    A retry has no event of its own (recorded): it shows in that a state which was entered once begins again.
    """
    branches = Branches()
    count = 0
    begun: dict[Key, bool] = {}  # whether the state was tried already, by line
    tried: dict[Key, bool] = {}  # whether a try is under way
    for event in events:
        key, kind = branches.add(event).key, event["type"]
        if kind.endswith("StateEntered"):
            count += 1
            begun[key] = tried[key] = False
        elif kind in _STARTS or (kind == "EvaluationFailed" and not tried.get(key)):
            count += begun.get(key, False)
            begun[key], tried[key] = True, kind in _STARTS
        elif kind in FAILED or kind in _TIMED_OUT or kind == "EvaluationFailed":
            tried[key] = False
    return count


def utc(moment: Any) -> Any:
    """A moment that boto3 tells in the machine's time zone, in UTC."""
    return moment.astimezone(UTC)
