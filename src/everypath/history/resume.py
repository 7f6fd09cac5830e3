"""Reads from a history where its execution stands."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from everypath.asl import json_text
from everypath.asl.error_catalog import DATA_LIMIT_EXCEEDED
from everypath.history.attempts import FAILED, data_of
from everypath.history.branches import SCHEDULED, STARTED, Branch, Branches, details
from everypath.history.log import Event
from everypath.history.resume_point import BranchProgress, Done, PendingAttempt, ResumePoint, Retried

_ENDED = FAILED | {
    f"{prefix}{end}" for prefix in ("Task", "LambdaFunction", "Activity") for end in ("Succeeded", "TimedOut")
}
_CONTAINER_STARTED = ("ParallelStateStarted", "MapStateStarted")
_MAP_RUN_GOES_ON = ("MapRunStarted", "MapRunRedriven")
_TOO_LARGE = DATA_LIMIT_EXCEEDED


def read_resume_point(
    events: Sequence[Event], retried: Iterable[Retried] = (), *, redrive: bool = False
) -> BranchProgress:
    """Return where an execution stands.

    Parameters
    ----------
    events : sequence of Event
        Its history; timestamps as datetimes.
    retried : iterable of Retried
        What its retriers have taken.
    redrive : bool
        Whether it has ended and what was not successful is to be done again, with all its retries.
    """
    branches = Branches(events)
    since = len(events) if redrive else _last_redrive(events)
    kept = [each for each in retried if each.after > since]
    rerun = redrive and details(events[-1]).get("error") == _TOO_LARGE
    return _Reader(kept, since, redrive=redrive, rerun=rerun).progress(branches.root)


def _last_redrive(events: Sequence[Event]) -> int:
    return max((event["id"] for event in events if event["type"] == "ExecutionRedriven"), default=0)


class _Reader:
    """Reads the lines of a history.

    Parameters
    ----------
    retried : list of Retried
        Those that count.
    since : int
        The event after which an attempt is the current one.
    rerun : bool
        Whether a Parallel or a Map that has failed though its members have not is to be run again as a whole.
    """

    def __init__(self, retried: list[Retried], since: int, *, redrive: bool, rerun: bool) -> None:
        self._retried = retried
        self._since = since
        self._redrive = redrive
        self._rerun = rerun

    def progress(self, branch: Branch) -> BranchProgress:
        """Return where a line stands."""
        resume_point: BranchProgress = None
        assigned: dict[str, object] = {}
        last, starts = 0, 0
        for event in branch.events:
            kind, told = event["type"], details(event)
            if kind.endswith("StateEntered"):
                resume_point = _entered(event, told)
            elif kind.endswith("StateExited"):
                assigned |= {name: json_text.load(text) for name, text in told.get("assignedVariables", {}).items()}
                resume_point = Done(json_text.load(told["output"]), event["id"], event["id"])
            elif isinstance(resume_point, ResumePoint):
                resume_point = self._after(resume_point, event)
            elif isinstance(resume_point, Done) and kind == "MapIterationSucceeded":
                resume_point = replace(resume_point, end=event["id"])
            if kind in _CONTAINER_STARTED:
                starts += 1
            if not kind.startswith(("MapIteration", "Execution")):
                last = event["id"]
        return (
            self._whole(branch, resume_point, assigned, last, starts)
            if isinstance(resume_point, ResumePoint)
            else resume_point
        )

    def _after(self, resume_point: ResumePoint, event: Event) -> ResumePoint:
        kind, told = event["type"], details(event)
        if kind in _CONTAINER_STARTED:
            return replace(resume_point, started=event["id"], map_run="")
        if kind in _MAP_RUN_GOES_ON:
            return replace(resume_point, map_run=told["mapRunArn"])
        if kind == "MapRunSucceeded":
            # What fails after that is the state alone: another attempt of it is another map run.
            return replace(resume_point, map_run="")
        if event["id"] <= self._since:
            return resume_point
        if kind in SCHEDULED:
            return replace(resume_point, pending=PendingAttempt(event["id"], event["timestamp"].timestamp(), told))
        if kind in _ENDED:
            return replace(resume_point, pending=None)
        if resume_point.pending is None:
            return resume_point
        if kind in STARTED:
            return replace(resume_point, pending=replace(resume_point.pending, started=True))
        if kind == "TaskSubmitted":
            return replace(resume_point, pending=replace(resume_point.pending, submitted=told))
        return resume_point

    def _whole(
        self, branch: Branch, resume_point: ResumePoint, assigned: dict[str, object], last: int, starts: int
    ) -> ResumePoint:
        """What the lines inside it, and the retriers, say of a state."""
        branches = {}
        if resume_point.started:
            inside = (child for child in branch.children.values() if child.key[-1][0] == starts)
            branches = {child.key[-1][1]: self.progress(child) for child in inside}
        retried = tuple(each for each in self._retried if each.entered == resume_point.entered)
        redriven = self._redrive or resume_point.entered <= self._since
        resume_point = replace(
            resume_point, last=last, assigned=assigned, retried=retried, branches=branches, redriven=redriven
        )
        if self._rerun and branches and all(isinstance(progress, Done) for progress in branches.values()):
            return resume_point.anew()
        return resume_point


def _entered(event: Event, told: dict[str, str]) -> ResumePoint:
    return ResumePoint(
        state=told["name"],
        value=data_of(told["input"]),
        last=event["id"],
        entered=event["id"],
        entered_previous=event["previousEventId"],
        entered_at=event["timestamp"].timestamp(),
    )
