"""Reads from a recorded history where its execution is to be resumed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from everypath.asl import json_text
from everypath.asl.error_catalog import DATA_LIMIT_EXCEEDED
from everypath.history.branches import Branch
from everypath.history.events import (
    CONTAINER_STARTED,
    EXECUTION,
    MAP_ITERATION,
    MAP_RUN_STARTED,
    STATE_ENTERED,
    STATE_EXITED,
    Event,
    data_of,
    details,
)
from everypath.history.resume_point import BranchProgress, FinishedBranch, PendingAttempt, ResumePoint, Retried
from everypath.history.visits import Visit, Visits

#: Events of a branch that none of its other events follows from.
_NOT_FOLLOWED = MAP_ITERATION | EXECUTION


def read_resume_point(
    events: Sequence[Event], retried: Iterable[Retried] = (), *, redrive: bool = False
) -> BranchProgress:
    """Return where an execution is to be resumed.

    Parameters
    ----------
    events : sequence of Event
        Its history.
    retried : iterable of Retried
        The errors that its retriers have taken.
    redrive : bool
        Whether it has ended, and the states that did not succeed are to be run again, with all their retries.
    """
    visits = Visits(events)
    since = len(events) if redrive else _last_redrive(events)
    counted = [each for each in retried if each.after > since]
    rerun = redrive and details(events[-1]).get("error") == DATA_LIMIT_EXCEEDED
    return _Reader(visits, counted, since, redrive=redrive, rerun=rerun).progress(visits.branches.root)


def _last_redrive(events: Sequence[Event]) -> int:
    return max((event["id"] for event in events if event["type"] == "ExecutionRedriven"), default=0)


class _Reader:
    """Reads the progress of branches.

    Parameters
    ----------
    visits : Visits
        The visits of the history.
    retried : list of Retried
        Those that count.
    since : int
        The event after which an attempt is still pending.
    rerun : bool
        Whether a Parallel or a Map that has failed though its branches have not is to be run again from its start.
    """

    def __init__(self, visits: Visits, retried: list[Retried], since: int, *, redrive: bool, rerun: bool) -> None:
        self._visits = visits
        self._retried = retried
        self._since = since
        self._redrive = redrive
        self._rerun = rerun

    def progress(self, branch: Branch) -> BranchProgress:
        """Return how far a branch has come."""
        visit = self._visits.last(branch)
        if visit is None:
            return None
        if visit.exited is not None:
            return _finished(branch, visit.exited)
        started = _started(visit)
        resume_point = ResumePoint(
            state=visit.name,
            value=data_of(details(visit.entered)["input"]),
            last=next(event["id"] for event in reversed(branch.events) if event["type"] not in _NOT_FOLLOWED),
            entered=visit.entered["id"],
            entered_previous=visit.entered["previousEventId"],
            entered_at=visit.entered["timestamp"].timestamp(),
            assigned=_assigned(branch),
            retried=tuple(each for each in self._retried if each.entered == visit.entered["id"]),
            pending=self._pending(visit),
            started=started,
            map_run=_map_run(branch),
            branches={child.name: self.progress(child) for child in branch.current_children()} if started else {},
            redriven=self._redrive or visit.entered["id"] <= self._since,
        )
        branches = resume_point.branches.values()
        if self._rerun and branches and all(isinstance(progress, FinishedBranch) for progress in branches):
            return resume_point.anew()
        return resume_point

    def _pending(self, visit: Visit) -> PendingAttempt | None:
        last = visit.attempts[-1] if visit.attempts else None
        if last is None or not last.is_cut_off or not last.was_scheduled or last.begun["id"] <= self._since:
            return None
        return PendingAttempt(
            id=last.begun["id"],
            scheduled=last.scheduled.timestamp(),
            details=details(last.begun),
            started=last.started is not None,
            submitted=None if last.submitted is None else details(last.submitted),
        )


def _started(visit: Visit) -> int:
    """The id of the …StateStarted event of the current attempt of a Parallel or a Map; 0 where there is none."""
    begun = (attempt.begun for attempt in reversed(visit.attempts))
    return next((event["id"] for event in begun if event["type"] in CONTAINER_STARTED), 0)


def _finished(branch: Branch, exited: Event) -> FinishedBranch:
    succeeded = (event["id"] for event in reversed(branch.events) if event["type"] == "MapIterationSucceeded")
    return FinishedBranch(json_text.load(details(exited)["output"]), exited["id"], next(succeeded, exited["id"]))


def _assigned(branch: Branch) -> dict[str, object]:
    """The variables that a branch has assigned."""
    assigned: dict[str, object] = {}
    for event in branch.events:
        if event["type"] in STATE_EXITED:
            variables = details(event).get("assignedVariables") or {}
            assigned |= {name: json_text.load(text) for name, text in variables.items()}
    return assigned


def _map_run(branch: Branch) -> str:
    """The ARN of the map run that a Map has started in its current attempt and that did not succeed.

    What fails after its success is the state alone: another attempt of that is another map run.
    """
    for event in reversed(branch.events):
        if event["type"] in MAP_RUN_STARTED:
            return str(details(event)["mapRunArn"])
        if event["type"] == "MapRunSucceeded" or event["type"] in CONTAINER_STARTED | STATE_ENTERED:
            break
    return ""
