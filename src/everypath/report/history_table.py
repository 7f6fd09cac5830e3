"""The event history as a table with the columns of the Step Functions console."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime

from everypath.history.branches import states_of
from everypath.history.events import Event, details
from everypath.history.execution import Execution

HEADERS = ("ID", "Type", "Step", "Resource", "Elapsed Time (ms)", "Timestamp")
_RESOURCES = {"LambdaFunction": "Lambda", "Activity": "Activity"}


def history_table(execution: Execution) -> str:
    """Return an execution's history as a table of text."""
    from tabulate import tabulate

    rows = list(_rows(execution))
    align = ("right", "left", "left", "left", "right", "left")
    return tabulate(rows, HEADERS, tablefmt="simple", colalign=align, disable_numparse=True)


def _rows(execution: Execution) -> Iterator[tuple[str, ...]]:
    events = execution.require_history().events
    for event, step in zip(events, states_of(events), strict=True):
        elapsed = (event["timestamp"] - execution.start).total_seconds() * 1000
        yield (
            str(event["id"]),
            event["type"],
            step or "-",
            _resource(event),
            f"{elapsed:.0f}",
            _timestamp(event["timestamp"]),
        )


def _resource(event: Event) -> str:
    for prefix, name in _RESOURCES.items():
        if event["type"].startswith(prefix):
            return name
    return str(details(event).get("resourceType", "-"))


def errors(execution: Execution) -> Iterator[tuple[Event, str, str]]:
    """The events with an error, each with the name of the error and its cause in words."""
    for event in execution.require_history().events:
        found = details(event)
        if "error" in found or "cause" in found:
            yield event, found.get("error", ""), cause_in_words(found.get("cause", ""))


def cause_in_words(cause: str) -> str:
    """The message in a cause that is the JSON text of a Lambda function's error; any other cause as it is."""
    try:
        data = json.loads(cause)
    except ValueError:
        return cause
    if isinstance(data, dict) and isinstance(data.get("errorMessage"), str):
        return str(data["errorMessage"])
    return cause


def _timestamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
