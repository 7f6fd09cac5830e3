"""The events of an execution's history: their types, and where an event holds its details.

An event is what boto3's GetExecutionHistory returns for one: ``id``, ``previousEventId``, ``type``, ``timestamp`` (a
datetime), and its details under a key that follows from the type.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

Event = dict[str, Any]

_STATES = ("Task", "Pass", "Choice", "Wait", "Succeed", "Fail", "Parallel", "Map")
#: A Task has events of one of three families, by the kind of its resource.
_TASKS = ("Task", "LambdaFunction", "Activity")
#: The states that run other states.
CONTAINERS = ("Parallel", "Map")

STATE_ENTERED = frozenset(f"{state}StateEntered" for state in _STATES)
STATE_EXITED = frozenset(f"{state}StateExited" for state in _STATES if state != "Fail")

TASK_SCHEDULED = frozenset(f"{task}Scheduled" for task in _TASKS)
TASK_STARTED = frozenset(f"{task}Started" for task in _TASKS)
TASK_SUBMITTED = frozenset({"TaskSubmitted"})
TASK_SUCCEEDED = frozenset(f"{task}Succeeded" for task in _TASKS)
#: The call itself failed, or could not be made.
TASK_FAILED = frozenset(
    {f"{task}Failed" for task in _TASKS}
    | {f"{task}ScheduleFailed" for task in ("LambdaFunction", "Activity")}
    | {"TaskStartFailed", "LambdaFunctionStartFailed", "TaskSubmitFailed"}
)
TASK_TIMED_OUT = frozenset(f"{task}TimedOut" for task in _TASKS)

CONTAINER_STARTED = frozenset(f"{state}StateStarted" for state in CONTAINERS)
CONTAINER_SUCCEEDED = frozenset(f"{state}StateSucceeded" for state in CONTAINERS)
CONTAINER_FAILED = frozenset(f"{state}StateFailed" for state in CONTAINERS)
MAP_ITERATION = frozenset(f"MapIteration{phase}" for phase in ("Started", "Succeeded", "Failed", "Aborted"))
#: A map run begins, or goes on in a redrive.
MAP_RUN_STARTED = frozenset({"MapRunStarted", "MapRunRedriven"})
#: A state, an iteration or a map run was stopped because something else had failed; follows from what failed.
ABORTED = frozenset(
    {f"{state}StateAborted" for state in ("Task", "Wait", *CONTAINERS)} | {"MapIterationAborted", "MapRunAborted"}
)

#: The status of an execution, by the event that ends it.
STATUSES = {
    "ExecutionSucceeded": "SUCCEEDED",
    "ExecutionFailed": "FAILED",
    "ExecutionTimedOut": "TIMED_OUT",
    "ExecutionAborted": "ABORTED",
}
EXECUTION = frozenset({"ExecutionStarted", "ExecutionRedriven", *STATUSES})

#: What a cause begins with where a state's own fields have failed (recorded).
FAILED_IN_STATE = re.compile(
    r"An error occurred while executing the state '.*?' \(entered at the event id #\d+\)\. ?", re.DOTALL
)


@lru_cache(maxsize=256)
def details_key(kind: str) -> str:
    """Return the key under which an event of this type holds its details."""
    if kind in STATE_ENTERED:
        return "stateEnteredEventDetails"
    if kind in STATE_EXITED:
        return "stateExitedEventDetails"
    return f"{kind[0].lower()}{kind[1:]}EventDetails"


def details(event: Event) -> dict[str, Any]:
    """Return the details of an event; empty where it has none."""
    found: dict[str, Any] = event.get(details_key(event["type"])) or {}
    return found


def status_of(events: Sequence[Event]) -> str:
    """Return the status of an execution by the last event of its history; ``RUNNING`` where that ends nothing."""
    return STATUSES.get(events[-1]["type"], "RUNNING") if events else "RUNNING"


def data_of(text: str) -> Any:
    """Return the data of a JSON text; the text itself where it is none."""
    try:
        return json.loads(text)
    except ValueError:
        return text
