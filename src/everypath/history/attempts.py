"""Attempts of Task, Parallel and Map states: what their retriers count."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from everypath.asl.error_catalog import HEARTBEAT_TIMEOUT
from everypath.history.branches import Branch
from everypath.history.events import (
    CONTAINER_SUCCEEDED,
    TASK_FAILED,
    TASK_SCHEDULED,
    TASK_STARTED,
    TASK_SUBMITTED,
    TASK_SUCCEEDED,
    TASK_TIMED_OUT,
    Event,
    details,
)

#: The limits of a Task; one of them has passed when an attempt times out.
TIMEOUT, HEARTBEAT = "timeout", "heartbeat"

_SUCCEEDED = TASK_SUCCEEDED | CONTAINER_SUCCEEDED | {"MapRunSucceeded"}
_FAILED = TASK_FAILED | TASK_TIMED_OUT | {"MapRunFailed"}
#: Events between the beginning of an attempt and its end.
PROGRESS = TASK_STARTED | TASK_SUBMITTED | _SUCCEEDED | _FAILED


@dataclass(slots=True)
class Attempt:
    """One attempt of a Task, a Parallel or a Map.

    It begins when the task is scheduled or the branches are started, or with the failure of an expression before that.
    It fails when the task, a branch or an iteration fails, when a limit passes, and when the state cannot make its
    output of the result: its retriers and catchers take that error like any other.

    Parameters
    ----------
    number : int
        1 for the first attempt since the state was entered.
    scheduled : datetime
        When it was scheduled, or began.
    error, cause : str or None
        What it failed with, as far as the history says.
    output : str or None
        JSON text of what the task returned, even where the state could not make its output of that.
    failed : bool
        Whether it failed.
    expired : str
        The limit that passed, `TIMEOUT` or `HEARTBEAT`; empty where none did.
    alias : str or None
        Another name by which retriers and catchers take its error: that of an expired heartbeat, its own or that of a
        branch inside it.
    redrives : int
        How often the execution had been redriven when it began.
    begun : Event
        The event that it begins with: …Scheduled or …StateStarted; EvaluationFailed where an expression failed before
        that; ExecutionRedriven where the branches of the attempt before it go on in a redrive.
    started, submitted : Event or None
        Of a Task, its …Started and TaskSubmitted events.
    answered : Event or None
        The event with which the task or the branches ended. None where an expression failed before that, and where
        the execution or the branch was stopped or is still running.
    source : Branch or None
        Of a Parallel or an inline Map, the branch or iteration that failed.
    """

    number: int
    scheduled: datetime
    error: str | None = None
    cause: str | None = None
    output: str | None = None
    failed: bool = False
    expired: str = ""
    alias: str | None = None
    redrives: int = 0
    begun: Event = field(default_factory=dict, repr=False, compare=False)
    started: Event | None = field(default=None, repr=False, compare=False)
    submitted: Event | None = field(default=None, repr=False, compare=False)
    answered: Event | None = field(default=None, repr=False, compare=False)
    source: Branch | None = field(default=None, repr=False, compare=False)

    @property
    def succeeded(self) -> bool:
        """Whether there was a result, and the state could make its output of it."""
        return self.answered is not None and not self.failed

    @property
    def is_cut_off(self) -> bool:
        """Whether it has no outcome: the execution or the branch was stopped, or is still running."""
        return self.answered is None and not self.failed

    @property
    def was_scheduled(self) -> bool:
        """Whether it is an attempt of a Task that was scheduled."""
        return self.begun["type"] in TASK_SCHEDULED

    @property
    def has_unusable_result(self) -> bool:
        """Whether there was a result, and the state could not make its output of it."""
        return self.failed and self.answered is not None and self.answered["type"] in _SUCCEEDED

    @property
    def seconds(self) -> float:
        """The seconds from its beginning to `answered`; 0 where that is None."""
        return 0.0 if self.answered is None else self.seconds_to(self.answered)

    def seconds_to(self, event: Event) -> float:
        """Return the seconds from its beginning to one of its events."""
        moment: datetime = event["timestamp"]
        return max((moment - self.scheduled).total_seconds(), 0.0)


def begin(attempts: list[Attempt], event: Event, redrives: int) -> Attempt:
    """Add the attempt that begins with an event."""
    attempt = Attempt(len(attempts) + 1, event["timestamp"], redrives=redrives, begun=event)
    attempts.append(attempt)
    return attempt


def tell(attempt: Attempt, event: Event) -> None:
    """Add what an event of `PROGRESS` says about an attempt."""
    kind = event["type"]
    if kind in TASK_STARTED:
        attempt.started = event
    elif kind in TASK_SUBMITTED:
        attempt.submitted = event
    else:
        attempt.answered = event
        if kind in TASK_SUCCEEDED:
            attempt.output = details(event).get("output")
        elif kind in _FAILED:
            fail(attempt, details(event).get("error"), details(event).get("cause"))
            if kind in TASK_TIMED_OUT:
                attempt.expired = _expired(attempt, event)
                attempt.alias = HEARTBEAT_TIMEOUT if attempt.expired == HEARTBEAT else None


def fail(attempt: Attempt, error: str | None, cause: str | None) -> None:
    """Let an attempt fail; the first failure counts, unless it had no error name."""
    if not attempt.failed or attempt.error is None:
        attempt.failed, attempt.error, attempt.cause = True, error, cause


def _expired(attempt: Attempt, event: Event) -> str:
    limit = details(attempt.begun).get("timeoutInSeconds")
    return TIMEOUT if limit is not None and attempt.seconds_to(event) >= limit else HEARTBEAT
