"""The visits of states that a history tells of: attempts, errors, and how each state was left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from everypath.asl.error_catalog import HEARTBEAT_TIMEOUT, RUNTIME
from everypath.asl.settings import Constant
from everypath.asl.tree import Fail, Map, Parallel, State, Task
from everypath.history.log import Event

UNKNOWN = "(unknown)"


@dataclass(slots=True)
class VisitAttempt:
    """One attempt of a Task, a Parallel or a Map.

    ``error`` is None while there is none, `UNKNOWN` where the history does not name it.
    """

    scheduled: Event
    error: str | None = None
    done: bool = False
    expired: str | None = None
    output: str | None = None
    source: Visit | None = None

    @property
    def alias(self) -> str | None:
        """Another name by which its error is taken: that of an expired heartbeat, its own or that of a branch."""
        if self.expired is not None:
            return HEARTBEAT_TIMEOUT if self.expired == "heartbeat" else None
        return self.source.attempts[-1].alias if self.source is not None and self.source.attempts else None


@dataclass(slots=True)
class Visit:
    """One visit of a state.

    Parameters
    ----------
    parent : Visit or None
        The visit of the Parallel or Map that it is inside of.
    entered, exited : Event
        Its first and its last event; `exited` is None where it was not left.
    following : str or None
        The state that was entered next.
    index : int or None
        Which item of its Map it is for.
    failed : bool
        Whether the execution, or the child execution, that it is in has failed.
    variables : mapping of str to str
        The variables that the state can see when it is entered, as JSON texts.
    """

    state: State
    parent: Visit | None
    entered: Event
    exited: Event | None = None
    following: str | None = None
    attempts: list[VisitAttempt] = field(default_factory=list)
    index: int | None = None
    failed: bool = False
    variables: Mapping[str, str] = field(default_factory=dict)


def visits(states: Mapping[str, State], events: Sequence[Event]) -> list[Visit]:
    """The visits of an execution, in the order in which the states were entered.

    Parameters
    ----------
    states : mapping of str to State
        All states of the definition by name.
    """
    reader = _Reader(states)
    for event in events:
        reader.read(event)
    return reader.visits


class _Reader:
    """Assigns each event to the visit that it belongs to, by the event that it follows from."""

    def __init__(self, states: Mapping[str, State]) -> None:
        self.visits: list[Visit] = []
        self._states = states
        self._owner: dict[int, Visit | None] = {0: None}
        self._items: dict[int, int] = {}  # by the event that begins an iteration

    def read(self, event: Event) -> None:
        kind: str = event["type"]
        previous = self._owner.get(event["previousEventId"])
        if kind.endswith("StateEntered"):
            self._owner[event["id"]] = self._enter(event, previous)
            return
        if kind.startswith("Execution"):
            return
        visit = self._find(event, previous)
        self._owner[event["id"]] = visit
        if visit is None:
            return
        if kind == "MapIterationStarted":
            self._items[event["id"]] = event["mapIterationStartedEventDetails"]["index"]
        if kind.endswith("StateExited"):
            visit.exited = event
            _settle(visit, None)
        elif kind.endswith("Scheduled") or kind in ("ParallelStateStarted", "MapStateStarted"):
            _settle(visit, self._failed(event, visit))
            visit.attempts.append(VisitAttempt(event))
        elif kind == "EvaluationFailed":
            if not visit.attempts or visit.attempts[-1].error is not None:  # before anything was attempted
                visit.attempts.append(VisitAttempt(event))
            visit.attempts[-1].error, visit.attempts[-1].done = event["evaluationFailedEventDetails"]["error"], True
        elif visit.attempts:
            self._outcome(event, visit)

    def _enter(self, event: Event, previous: Visit | None) -> Visit | None:
        state = self._states.get(event["stateEnteredEventDetails"]["name"])
        if state is None:
            return None
        parent, index = previous, self._items.get(event["previousEventId"])
        variables = {} if previous is None else previous.variables
        if previous is not None and previous.exited is not None and previous.exited["id"] == event["previousEventId"]:
            previous.following = state.name
            parent, index = previous.parent, previous.index
            assigned = previous.exited["stateExitedEventDetails"].get("assignedVariables", {})
            variables = {**variables, **assigned}
        visit = Visit(state, parent, event, index=index, variables=variables)
        self.visits.append(visit)
        return visit

    def _find(self, event: Event, previous: Visit | None) -> Visit | None:
        kind: str = event["type"]
        if kind == "EvaluationFailed":
            failed = event["evaluationFailedEventDetails"]["state"]
            return next((visit for visit in reversed(self.visits) if visit.state.name == failed), None)
        name = event.get("stateExitedEventDetails", {}).get("name")
        container = Map if kind.startswith("Map") else Parallel if kind.startswith("Parallel") else None
        visit = previous
        if name is not None:
            while visit is not None and (visit.state.name != name or visit.exited is not None):
                visit = visit.parent
        elif container is not None:
            while visit is not None and (not isinstance(visit.state, container) or visit.exited is not None):
                visit = visit.parent
        return visit

    def _outcome(self, event: Event, visit: Visit) -> None:
        kind: str = event["type"]
        last = visit.attempts[-1]
        if kind in ("ParallelStateFailed", "MapStateFailed", "MapRunFailed"):
            if last.error is None:
                last.source = self._failed(event, visit)
                last.error = event.get("mapRunFailedEventDetails", {}).get("error") or _error_of(last.source)
            last.done = True
        elif kind.endswith("Succeeded") and not kind.startswith("MapIteration"):
            last.done = True
            last.output = event.get(kind[0].lower() + kind[1:] + "EventDetails", {}).get("output")
        elif isinstance(visit.state, Task) and kind.endswith(("Failed", "TimedOut")):
            details = event[kind[0].lower() + kind[1:] + "EventDetails"]
            last.error, last.done = details.get("error", UNKNOWN), True
            if kind.endswith("TimedOut"):
                last.expired = _expired(last.scheduled, event)

    def _failed(self, event: Event, container: Visit) -> Visit | None:
        """The visit inside a container that its failure, or its next attempt, follows from."""
        owner = self._owner.get(event["previousEventId"])
        return owner if owner is not container else None


def _settle(visit: Visit, source: Visit | None) -> None:
    """Another attempt begins, or the state is left: an attempt without an outcome has failed or succeeded by now."""
    if not visit.attempts:
        return
    last = visit.attempts[-1]
    if visit.exited is not None:
        last.done = True
    elif last.error is None:
        last.error, last.done, last.source = _error_of(source), True, source


def _error_of(visit: Visit | None) -> str:
    """The error with which a visit ended its branch."""
    if visit is None:
        return UNKNOWN
    if isinstance(visit.state, Fail):
        return str(visit.state.error.value) if isinstance(visit.state.error, Constant) else UNKNOWN
    if visit.attempts:
        return visit.attempts[-1].error or UNKNOWN
    return RUNTIME if type(visit.state).__name__ == "Choice" else UNKNOWN


def _expired(scheduled: Event, event: Event) -> str:
    """Which of a task's two limits has passed."""
    kind: str = scheduled["type"]
    details = scheduled.get(kind[0].lower() + kind[1:] + "EventDetails", {})
    seconds = (event["timestamp"] - scheduled["timestamp"]).total_seconds()
    limit = details.get("timeoutInSeconds")
    return "timeout" if limit is not None and seconds >= limit else "heartbeat"
