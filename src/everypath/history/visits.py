"""Visits of states, from the event that enters a state to the one that leaves it, with the attempts in between."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from everypath.asl.error_catalog import REFERENCE_PATH_CONFLICT
from everypath.history.attempts import PROGRESS, Attempt, begin, fail, tell
from everypath.history.branches import Branch, Branches
from everypath.history.events import (
    CONTAINER_FAILED,
    CONTAINER_STARTED,
    CONTAINERS,
    STATE_ENTERED,
    STATE_EXITED,
    STATUSES,
    TASK_FAILED,
    TASK_SCHEDULED,
    Event,
    details,
)


@dataclass(slots=True, eq=False)
class Visit:
    """One visit of a state.

    Parameters
    ----------
    name, type : str
        The state and its type, such as ``Task``.
    branch : Branch
        The branch that it is in.
    parent : Visit or None
        The visit of the Parallel or Map that it is inside of.
    entered, exited : Event
        Its first and its last event; `exited` is None where it was not left.
    index : int or None
        The index of the item, where its Map is directly around it.
    variables : mapping of str to str
        The variables that the state can see when it is entered, as JSON texts.
    following : str or None
        The state that was entered next.
    attempts : list of Attempt
        The attempts of a Task, a Parallel or a Map.
    evaluation_failed : Event or None
        The EvaluationFailed event of a catcher, or of a state that makes no attempts.
    execution_failed : bool
        Whether the execution, or the child execution, that it is in has failed.
    """

    name: str
    type: str
    branch: Branch
    parent: Visit | None
    entered: Event
    exited: Event | None = None
    index: int | None = None
    variables: Mapping[str, str] = field(default_factory=dict)
    following: str | None = None
    attempts: list[Attempt] = field(default_factory=list)
    evaluation_failed: Event | None = None
    execution_failed: bool = False

    @property
    def failed(self) -> bool:
        """Whether an error ended the state, and no catcher took it."""
        return self.exited is None and (
            self.evaluation_failed is not None or (bool(self.attempts) and self.attempts[-1].failed)
        )


class Visits:
    """The visits of a history, read event by event.

    Parameters
    ----------
    events : iterable of Event
        The events that there are already.
    thrown : mapping of str to str, optional
        The errors of Fail and Choice states by the states' names; no event has them where they end a branch.

    Attributes
    ----------
    all : list of Visit
        In the order in which the states were entered.
    branches : Branches
        The branches of the history.
    """

    def __init__(self, events: Iterable[Event] = (), thrown: Mapping[str, str] | None = None) -> None:
        self.all: list[Visit] = []
        self.branches = Branches()
        self._last: dict[Branch, Visit] = {}
        self._thrown = thrown or {}
        self._redrives = 0
        for event in events:
            self.add(event)

    def add(self, event: Event) -> None:
        """Add the next event."""
        branch = self.branches.add(event)
        read = _READ.get(event["type"])
        if read is not None:
            visit = self._last.get(branch)
            if visit is not None:
                read(self, visit, event)
        elif event["type"] in STATE_ENTERED:
            self._enter(event, branch)

    def last(self, branch: Branch) -> Visit | None:
        """Return the last visit in a branch; None where it has entered no state."""
        return self._last.get(branch)

    def _enter(self, event: Event, branch: Branch) -> None:
        before = self._last.get(branch)
        if before is not None:
            before.following = branch.state
            parent, index, variables = before.parent, before.index, before.variables
            assigned = details(before.exited).get("assignedVariables") if before.exited is not None else None
            if assigned:
                variables = {**variables, **assigned}
        else:
            parent = self._last.get(branch.parent) if branch.parent is not None else None
            index, variables = branch.index, {} if parent is None else parent.variables
        visit = Visit(branch.state, branch.state_type, branch, parent, event, None, index, variables)
        self._last[branch] = visit
        self.all.append(visit)

    def _exit(self, visit: Visit, event: Event) -> None:
        visit.exited = event
        if not visit.attempts:
            return
        last = visit.attempts[-1]
        if last.answered is None and not last.failed:
            last.answered = event
        elif not last.failed and _caught_conflict(visit, last.output, details(event).get("output", "")):
            fail(last, REFERENCE_PATH_CONFLICT, None)

    def _begin(self, visit: Visit, event: Event) -> None:
        """Begin another attempt: the one before it has failed, unless it was cut off before a redrive."""
        if visit.attempts:
            last, source = visit.attempts[-1], self._source(visit, event)
            if last.is_cut_off and last.begun["type"] == "ExecutionRedriven" and source is None:
                visit.attempts.pop()  # nothing has gone on in it: the state begins anew
            elif not last.failed and last.redrives == self._redrives:
                self._blame(last, source)
        visit.evaluation_failed = None
        begin(visit.attempts, event, self._redrives)

    def _tell(self, visit: Visit, event: Event) -> None:
        if visit.attempts:
            tell(visit.attempts[-1], event)

    def _container_failed(self, visit: Visit, event: Event) -> None:
        if visit.attempts and not visit.attempts[-1].failed:
            last = visit.attempts[-1]
            last.answered = last.answered or event
            self._blame(last, self._source(visit, event))

    def _evaluation_failed(self, visit: Visit, event: Event) -> None:
        told = details(event)
        if visit.type not in ("Task", *CONTAINERS) or told.get("location", "").startswith("Catch"):
            visit.evaluation_failed = event
            return
        last = visit.attempts[-1] if visit.attempts else None
        if last is None or last.failed or last.redrives != self._redrives:
            last = begin(visit.attempts, event, self._redrives)
        fail(last, told.get("error"), told.get("cause"))

    def _end(self, visit: Visit, event: Event) -> None:
        """End the execution: an attempt with a result whose state was not left has failed."""
        if event["type"] == "ExecutionFailed":
            self._name_error(visit, details(event))
        for each in self.all:
            if each.exited is None and each.attempts and each.attempts[-1].succeeded:
                fail(each.attempts[-1], None, None)

    def _name_error(self, visit: Visit, told: Mapping[str, str]) -> None:
        """Give the execution's error to its last state, and to the states inside it that the error came from."""
        failed: Visit | None = visit
        while failed is not None and failed.exited is None and failed.evaluation_failed is None and failed.attempts:
            last = failed.attempts[-1]
            if last.is_cut_off or (last.answered is not None and last.answered["type"] in TASK_FAILED):
                return
            fail(last, told.get("error"), told.get("cause"))
            failed = self._last.get(last.source) if last.source is not None else None

    def _redrive(self, visit: Visit, event: Event) -> None:
        """Begin an attempt of each Parallel and Map whose branches are resumed."""
        self._redrives += 1
        self._resume_branches(visit.branch, event)

    def _resume_branches(self, branch: Branch, event: Event) -> None:
        visit = self._last.get(branch)
        if visit is None or visit.exited is not None or visit.type not in CONTAINERS:
            return
        if visit.attempts:
            begin(visit.attempts, event, self._redrives)
        for child in branch.current_children():
            self._resume_branches(child, event)

    def _source(self, visit: Visit, event: Event) -> Branch | None:
        """The branch or iteration whose failure an event of a Parallel or a Map follows from."""
        branch = self.branches.branch_of(event["previousEventId"])
        while branch.parent is not None and branch.parent is not visit.branch:
            branch = branch.parent
        inner = self._last.get(branch) if branch.parent is not None else None
        return branch if inner is not None and inner.exited is None else None

    def _blame(self, attempt: Attempt, source: Branch | None) -> None:
        """Let an attempt fail with the error that ended a branch inside it."""
        attempt.source = source
        inner = self._last.get(source) if source is not None else None
        if inner is None:
            fail(attempt, None, None)
        elif inner.evaluation_failed is not None:
            told = details(inner.evaluation_failed)
            fail(attempt, told.get("error"), told.get("cause"))
        elif inner.attempts:
            if inner.attempts[-1].succeeded:
                fail(inner.attempts[-1], None, None)
            fail(attempt, inner.attempts[-1].error, inner.attempts[-1].cause)
            attempt.alias = inner.attempts[-1].alias
        else:
            fail(attempt, self._thrown.get(inner.name), None)


_READ: dict[str, Callable[[Visits, Visit, Event], None]] = {
    **dict.fromkeys(STATE_EXITED, Visits._exit),
    **dict.fromkeys(TASK_SCHEDULED | CONTAINER_STARTED, Visits._begin),
    **dict.fromkeys(PROGRESS, Visits._tell),
    **dict.fromkeys(CONTAINER_FAILED, Visits._container_failed),
    "EvaluationFailed": Visits._evaluation_failed,
    **dict.fromkeys(STATUSES, Visits._end),
    "ExecutionRedriven": Visits._redrive,
}


def _caught_conflict(visit: Visit, result: str | None, output: str) -> bool:
    """Whether a catcher took the error of a ResultPath that does not fit.

    No event says so, but the state is left with the error's name, which was neither in its input nor in the result.
    """
    if visit.type != "Task" or REFERENCE_PATH_CONFLICT not in output:
        return False
    sources = (details(visit.entered).get("input", ""), result or "")
    return not any(REFERENCE_PATH_CONFLICT in source for source in sources)
