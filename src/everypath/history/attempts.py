"""What the attempts of a recorded execution's tasks came to."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from everypath.history.branches import SCHEDULED, Branches, Key, details
from everypath.history.log import Event
from everypath.history.outcome import Failure, Outcome, Success

#: Where an attempt is: its line and its state.
Place = tuple[Key, str]

FAILED = frozenset(
    prefix + end
    for prefix in ("Task", "LambdaFunction", "Activity")
    for end in ("Failed", "ScheduleFailed", "StartFailed", "SubmitFailed")
)


@dataclass(slots=True)
class RecordedAttempt:
    """One attempt of a task.

    Parameters
    ----------
    scheduled : float
        When it was scheduled, in seconds since the epoch.
    outcome : Outcome or None
        None where a timeout, or the end of the execution, came first.
    seconds : float
        From being scheduled to the outcome.
    submitted : tuple of JSON data and float, or None
        What the request answered whose job or callback was then waited for, and the seconds up to that.
    timed_out : bool
        Whether a timeout came first.
    worker : dict
        The details of an activity's start.
    redrives : int
        How often the execution had been redriven when it was scheduled.
    """

    scheduled: float
    outcome: Outcome | None = None
    seconds: float = 0.0
    submitted: tuple[Any, float] | None = None
    timed_out: bool = False
    worker: dict[str, Any] | None = None
    redrives: int = 0

    @property
    def is_cut_off(self) -> bool:
        """Whether the execution, or its branch, was stopped before it came to anything."""
        return self.outcome is None and not self.timed_out


def recorded_attempts(events: Iterable[Event], branches: Branches) -> dict[Place, deque[RecordedAttempt]]:
    """Return the attempts of a history by their places, in the order in which they were made."""
    found: dict[Place, deque[RecordedAttempt]] = {}
    current: dict[Key, RecordedAttempt] = {}
    redrives = 0
    for event in events:
        branch = branches.add(event)
        if event["type"] == "ExecutionRedriven":
            redrives += 1
            current.clear()
        elif event["type"] in SCHEDULED:
            attempt = current[branch.key] = RecordedAttempt(event["timestamp"], redrives=redrives)
            found.setdefault((branch.key, branch.state), deque()).append(attempt)
        elif branch.key in current:
            _tell(current[branch.key], event)
    return found


def _tell(attempt: RecordedAttempt, event: Event) -> None:
    kind, told = event["type"], details(event)
    seconds = max(event["timestamp"] - attempt.scheduled, 0.0)
    if kind == "TaskSubmitted":
        attempt.submitted = (data_of(told.get("output", "null")), seconds)
    elif kind == "ActivityStarted":
        attempt.worker = told
    elif kind in ("TaskSucceeded", "LambdaFunctionSucceeded", "ActivitySucceeded"):
        attempt.outcome, attempt.seconds = Success(data_of(told["output"])), seconds
    elif kind in FAILED:
        attempt.outcome, attempt.seconds = Failure(told.get("error"), told.get("cause")), seconds
    elif kind in ("TaskTimedOut", "LambdaFunctionTimedOut", "ActivityTimedOut"):
        attempt.timed_out, attempt.seconds = True, seconds


def data_of(text: str) -> Any:
    """The data of a JSON text; the text itself where it is none."""
    try:
        return json.loads(text)
    except ValueError:
        return text
