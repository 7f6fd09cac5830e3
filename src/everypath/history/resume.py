"""Reads from a history where its execution stands."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace

from everypath.history.attempts import FAILED, data_of
from everypath.history.branches import SCHEDULED, STARTED, Line, Lines, details
from everypath.history.log import Event
from everypath.history.resume_point import Done, Flight, Member, Retried, Standing

_ENDED = FAILED | {
    f"{prefix}{end}" for prefix in ("Task", "LambdaFunction", "Activity") for end in ("Succeeded", "TimedOut")
}
_CONTAINER_STARTED = ("ParallelStateStarted", "MapStateStarted")
_MAP_RUN_GOES_ON = ("MapRunStarted", "MapRunRedriven")
_TOO_LARGE = "States.DataLimitExceeded"


def where_it_stands(events: Sequence[Event], retried: Iterable[Retried] = (), *, redrive: bool = False) -> Member:
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
    lines = Lines(events)
    since = len(events) if redrive else _last_redrive(events)
    kept = [each for each in retried if each.after > since]
    rerun = redrive and details(events[-1]).get("error") == _TOO_LARGE
    return _Reader(kept, since, redrive=redrive, rerun=rerun).member(lines.root)


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

    def member(self, line: Line) -> Member:
        """Return where a line stands."""
        standing: Member = None
        assigned: dict[str, object] = {}
        last, starts = 0, 0
        for event in line.events:
            kind, told = event["type"], details(event)
            if kind.endswith("StateEntered"):
                standing = _entered(event, told)
            elif kind.endswith("StateExited"):
                assigned |= {name: json.loads(text) for name, text in told.get("assignedVariables", {}).items()}
                standing = Done(json.loads(told["output"]), event["id"], event["id"])
            elif isinstance(standing, Standing):
                standing = self._after(standing, event)
            elif isinstance(standing, Done) and kind == "MapIterationSucceeded":
                standing = replace(standing, end=event["id"])
            if kind in _CONTAINER_STARTED:
                starts += 1
            if not kind.startswith(("MapIteration", "Execution")):
                last = event["id"]
        return self._whole(line, standing, assigned, last, starts) if isinstance(standing, Standing) else standing

    def _after(self, standing: Standing, event: Event) -> Standing:
        kind, told = event["type"], details(event)
        if kind in _CONTAINER_STARTED:
            return replace(standing, started=event["id"], map_run="")
        if kind in _MAP_RUN_GOES_ON:
            return replace(standing, map_run=told["mapRunArn"])
        if kind == "MapRunSucceeded":
            # What fails after that is the state alone: another attempt of it is another map run.
            return replace(standing, map_run="")
        if event["id"] <= self._since:
            return standing
        if kind in SCHEDULED:
            return replace(standing, flight=Flight(event["id"], event["timestamp"].timestamp(), told))
        if kind in _ENDED:
            return replace(standing, flight=None)
        if standing.flight is None:
            return standing
        if kind in STARTED:
            return replace(standing, flight=replace(standing.flight, started=True))
        if kind == "TaskSubmitted":
            return replace(standing, flight=replace(standing.flight, submitted=told))
        return standing

    def _whole(self, line: Line, standing: Standing, assigned: dict[str, object], last: int, starts: int) -> Standing:
        """What the lines inside it, and the retriers, say of a state."""
        members = {}
        if standing.started:
            inside = (child for child in line.children.values() if child.key[-1][0] == starts)
            members = {child.key[-1][1]: self.member(child) for child in inside}
        retried = tuple(each for each in self._retried if each.entered == standing.entered)
        redriven = self._redrive or standing.entered <= self._since
        standing = replace(standing, last=last, assigned=assigned, retried=retried, members=members, redriven=redriven)
        if self._rerun and members and all(isinstance(member, Done) for member in members.values()):
            return standing.anew()
        return standing


def _entered(event: Event, told: dict[str, str]) -> Standing:
    return Standing(
        state=told["name"],
        value=data_of(told["input"]),
        last=event["id"],
        entered=event["id"],
        entered_previous=event["previousEventId"],
        entered_at=event["timestamp"].timestamp(),
    )
