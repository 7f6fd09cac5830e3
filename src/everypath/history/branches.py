"""Branches of execution: which events of a history belong to which branch and iteration.

Events of concurrent branches stand in a history as they happened. What belongs together is told by ``previousEventId``
and by the names in the events. The same rules read a recorded history and that of a run, so that both fall into the
same lines, however their events are interleaved.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from everypath.history.log import Event

#: Where a line is: for each Parallel or Map around it, the how manieth start in its line, and the first state of the
#: branch or the index of the iteration.
Key = tuple[tuple[int, str], ...]

CONTAINERS = ("Parallel", "Map")
_TASKS = ("Task", "LambdaFunction", "Activity")
SCHEDULED = frozenset(f"{prefix}Scheduled" for prefix in _TASKS)
STARTED = frozenset(f"{prefix}Started" for prefix in _TASKS)


def details(event: Event) -> dict[str, Any]:
    """The details of an event, under the key that follows from its type; empty where it has none."""
    found: dict[str, Any] = event.get(_key_of(event["type"])) or {}
    return found


@lru_cache(maxsize=256)
def _key_of(kind: str) -> str:
    for state in ("stateEntered", "stateExited"):
        if kind.endswith(state[0].upper() + state[1:]):
            kind = state
    return f"{kind[0].lower()}{kind[1:]}EventDetails"


@dataclass(slots=True)
class Branch:
    """The execution itself, a branch or an iteration.

    Parameters
    ----------
    key : Key
        Where it is; empty for the execution itself.
    parent : Branch or None
        The line in which the Parallel or Map is.
    events : list of Event
        In the order in which they happened.
    whole : bool
        Whether it came to its own end; one that was stopped because another failed shows no more than it had time for.
    redriven : list of int
        How many events there were at each redrive of the execution.
    """

    key: Key
    parent: Branch | None = None
    events: list[Event] = field(default_factory=list)
    whole: bool = False
    redriven: list[int] = field(default_factory=list)
    state: str = ""
    kind: str = ""
    starts: int = 0
    scheduled: dict[str, int] = field(default_factory=dict)
    children: dict[Key, Branch] = field(default_factory=dict)

    def child(self, name: str) -> Branch:
        """The line of a branch or iteration of what was started last here."""
        key = (*self.key, (self.starts, name))
        if key not in self.children:
            self.children[key] = Branch(key, self)
        return self.children[key]


class Branches:
    """The lines of a history, made as its events come.

    Parameters
    ----------
    events : iterable of Event
        Those that are there already.
    """

    def __init__(self, events: Iterable[Event] = ()) -> None:
        self.root = Branch(())
        self.all: dict[Key, Branch] = {(): self.root}
        self._of: dict[int, tuple[Branch, Event]] = {}
        for event in events:
            self.add(event)

    def add(self, event: Event) -> Branch:
        """Take the next event and return the line that it belongs to."""
        branch = self._branch(event)
        if not event["type"].endswith("Aborted") or event["type"] == "ExecutionAborted":
            # What is aborted when a branch fails is a matter of time, and follows from the branch that failed.
            branch.events.append(event)
        self.all[branch.key] = branch
        self._of[event["id"]] = (branch, event)
        if event["type"] in SCHEDULED:
            branch.scheduled[branch.state] = branch.scheduled.get(branch.state, 0) + 1
        return branch

    def _branch(self, event: Event) -> Branch:
        kind, found = event["type"], details(event)
        if kind == "ExecutionRedriven":
            self._redrive()
        before = self._of.get(event["previousEventId"])
        previous = self.root if before is None else before[0]
        if kind.startswith("Execution"):
            return _back(previous, self.root)
        if kind.endswith("StateEntered"):
            if before is not None and before[1]["type"] == "ParallelStateStarted":
                previous = previous.child(found["name"])
            previous.state, previous.kind = found["name"], kind.removesuffix("StateEntered")
            return previous
        if kind.endswith("StateExited"):
            return _left(_back(previous, _owner(previous, found["name"])))
        if kind.startswith("MapIteration"):
            return _iteration(previous, event)
        if kind == "EvaluationFailed":
            return _evaluating(previous, found.get("state", ""))
        if kind.startswith(("ParallelState", "MapState")) and not kind.endswith("Aborted"):
            return _container(previous, kind)
        return previous

    def _redrive(self) -> None:
        """Let each line stand in its state again, though a Parallel or a Map may have failed there."""
        for branch in self.all.values():
            branch.redriven.append(len(branch.events))
            for event in reversed(branch.events):
                if event["type"].endswith("StateExited"):
                    break
                if event["type"].endswith("StateEntered"):
                    branch.kind, branch.whole = event["type"].removesuffix("StateEntered"), False
                    break


def _owner(branch: Branch, state: str) -> Branch:
    """The line, this one or one around it, that stands in a state."""
    found: Branch | None = branch
    while found is not None and found.state != state:
        found = found.parent
    return found or branch


def _back(branch: Branch, owner: Branch) -> Branch:
    """Go back to a line from one inside it, which has then come to its own end."""
    while branch is not owner and branch.parent is not None:
        branch.whole = True
        branch = branch.parent
    branch.whole = branch.whole or branch.parent is None
    return branch


def _left(branch: Branch) -> Branch:
    branch.kind = ""
    return branch


def _iteration(previous: Branch, event: Event) -> Branch:
    found = details(event)
    parent = _owner(previous, found["name"])
    child = parent.child(f"{found['name']} [{found['index']}]")
    if event["type"] in ("MapIterationSucceeded", "MapIterationFailed"):
        child.whole = True
        if event["type"] == "MapIterationFailed":
            _back(previous, child)
    return child


def _evaluating(previous: Branch, state: str) -> Branch:
    """The line of an EvaluationFailed event, which may follow from the event before its state was entered."""
    for child in reversed(previous.children.values()):
        if child.state == state and child.key[-1][0] == previous.starts:
            return child
    return _owner(previous, state)


def _container(previous: Branch, kind: str) -> Branch:
    """The line in which a Parallel or a Map is, of an event that does not name it."""
    container = "Parallel" if kind.startswith("Parallel") else "Map"
    owner: Branch | None = previous
    while owner is not None and owner.kind != container:
        owner = owner.parent
    branch = _back(previous, owner or previous)
    if kind.endswith("Started"):
        branch.starts += 1
    elif kind.endswith("Failed"):
        branch.kind = ""
    else:
        for child in branch.children.values():
            child.whole = child.whole or child.key[-1][0] == branch.starts
    return branch
