"""The branches of an execution: which events belong to which branch of a Parallel and which iteration of a Map.

The events of concurrent branches are interleaved in a history. ``previousEventId`` and the names in the events show
which events belong together. The same rules read a recorded history and the history of a run, so that both have the
same branches, however their events are interleaved.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from everypath.history.events import (
    ABORTED,
    CONTAINER_FAILED,
    CONTAINER_STARTED,
    CONTAINER_SUCCEEDED,
    EXECUTION,
    MAP_ITERATION,
    STATE_ENTERED,
    STATE_EXITED,
    Event,
    details,
)

#: Identifies a branch: for each Parallel or Map around it, the number of its start in its own branch (1 for the first),
#: and the branch's first state or, as ``STATE [INDEX]``, the iteration. Empty for the execution itself.
BranchKey = tuple[tuple[int, str], ...]


@dataclass(slots=True, eq=False)
class Branch:
    """The execution itself, a branch of a Parallel, or an iteration of a Map.

    Parameters
    ----------
    key : BranchKey
        Identifies it; empty for the execution itself.
    parent : Branch or None
        The branch that the Parallel or Map is in.
    index : int or None
        Of an iteration, the index of its item.

    Attributes
    ----------
    events : list of Event
        Its events in order, without those of `everypath.history.events.ABORTED`, which are a matter of time.
    is_complete : bool
        Whether it came to its own end. A branch that was stopped because another one failed has only the events that
        it had time for.
    redriven : list of int
        The number of its events at each redrive of the execution.
    state, state_type : str
        The state that was entered last, and its type; the type is empty once the state was left or has failed.
    starts : int
        How often a Parallel or a Map has started in it.
    children : dict of BranchKey to Branch
        The branches directly inside it.
    """

    key: BranchKey
    parent: Branch | None = None
    index: int | None = None
    events: list[Event] = field(default_factory=list)
    is_complete: bool = False
    redriven: list[int] = field(default_factory=list)
    state: str = ""
    state_type: str = ""
    starts: int = 0
    children: dict[BranchKey, Branch] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The branch's first state or, as ``STATE [INDEX]``, the iteration; empty for the execution itself."""
        return self.key[-1][1] if self.key else ""

    def current_children(self) -> list[Branch]:
        """Return the branches of the Parallel or Map that was started last here."""
        return [child for child in self.children.values() if child.key[-1][0] == self.starts]


class Branches:
    """The branches of a history, read event by event.

    Parameters
    ----------
    events : iterable of Event
        The events that there are already.

    Attributes
    ----------
    root : Branch
        The execution itself.
    all : dict of BranchKey to Branch
        All branches, in the order in which they began.
    """

    def __init__(self, events: Iterable[Event] = ()) -> None:
        self.root = Branch(())
        self.all: dict[BranchKey, Branch] = {(): self.root}
        self._branch_of: dict[int, Branch] = {}
        self._parallel_started: set[int] = set()
        for event in events:
            self.add(event)

    def add(self, event: Event) -> Branch:
        """Add the next event and return the branch that it belongs to."""
        kind = event["type"]
        branch = self._branch_of.get(event["previousEventId"], self.root)
        find = _FIND.get(kind)
        if find is not None:
            branch = find(self, branch, event)
        if kind not in ABORTED:
            branch.events.append(event)
        self._branch_of[event["id"]] = branch
        return branch

    def branch_of(self, event_id: int) -> Branch:
        """Return the branch of an event that was added; the execution itself for any other id, such as 0."""
        return self._branch_of.get(event_id, self.root)

    def _child(self, parent: Branch, name: str, index: int | None = None) -> Branch:
        """The branch or iteration of that name in what was started last in a branch."""
        key = (*parent.key, (parent.starts, name))
        branch = parent.children.get(key)
        if branch is None:
            branch = parent.children[key] = self.all[key] = Branch(key, parent, index)
        return branch

    def _execution(self, previous: Branch, event: Event) -> Branch:
        if event["type"] == "ExecutionRedriven":
            self._redrive()
        return _back(previous, self.root)

    def _redrive(self) -> None:
        """Let each branch be in its state again, even where a Parallel or a Map has failed there."""
        for branch in self.all.values():
            branch.redriven.append(len(branch.events))
            for event in reversed(branch.events):
                if event["type"] in STATE_EXITED:
                    break
                if event["type"] in STATE_ENTERED:
                    branch.state_type, branch.is_complete = event["type"].removesuffix("StateEntered"), False
                    break

    def _entered(self, previous: Branch, event: Event) -> Branch:
        name = event["stateEnteredEventDetails"]["name"]
        if event["previousEventId"] in self._parallel_started:
            previous = self._child(previous, name)
        previous.state, previous.state_type = name, event["type"].removesuffix("StateEntered")
        return previous

    def _exited(self, previous: Branch, event: Event) -> Branch:
        branch = _back(previous, _owner(previous, event["stateExitedEventDetails"]["name"]))
        branch.state_type = ""
        return branch

    def _iteration(self, previous: Branch, event: Event) -> Branch:
        told = details(event)
        parent = _owner(previous, told["name"])
        child = self._child(parent, f"{told['name']} [{told['index']}]", told["index"])
        if event["type"] in ("MapIterationSucceeded", "MapIterationFailed"):
            child.is_complete = True
            if event["type"] == "MapIterationFailed":
                _back(previous, child)
        return child

    def _evaluation_failed(self, previous: Branch, event: Event) -> Branch:
        """The event may follow from the event before its state was entered, which may be in the branch around."""
        state = details(event).get("state", "")
        if event["previousEventId"] in self._parallel_started:
            for child in previous.current_children():
                if child.state == state:
                    return child
        return _owner(previous, state)

    def _container(self, previous: Branch, event: Event) -> Branch:
        """The events of a Parallel or a Map itself do not name it."""
        kind = event["type"]
        container = "Parallel" if kind.startswith("Parallel") else "Map"
        owner: Branch | None = previous
        while owner is not None and owner.state_type != container:
            owner = owner.parent
        branch = _back(previous, owner or previous)
        if kind in CONTAINER_STARTED:
            branch.starts += 1
            if container == "Parallel":
                self._parallel_started.add(event["id"])
        elif kind in CONTAINER_FAILED:
            branch.state_type = ""
        else:
            for child in branch.current_children():
                child.is_complete = True
        return branch


def states_of(events: Iterable[Event]) -> list[str]:
    """Return the name of the state that each event belongs to; empty for the events of the execution itself."""
    branches, names = Branches(), list[str]()
    aborted: set[Branch] = set()
    iteration: Branch | None = None  # in which a state is aborted if that comes next
    for event in events:
        kind, branch = event["type"], branches.add(event)
        if kind in EXECUTION:
            names.append("")
        elif kind in ABORTED and kind not in MAP_ITERATION and kind != "MapRunAborted":
            branch = iteration or _aborted(branches, branch, kind.removesuffix("StateAborted"), aborted)
            aborted.add(branch)
            names.append(branch.state)
        else:
            names.append(str(details(event).get("name", branch.state)))
        iteration = branch if kind in ("MapIterationFailed", "MapIterationAborted") else None
    return names


def _aborted(branches: Branches, failed: Branch, state_type: str, aborted: set[Branch]) -> Branch:
    """Return the branch whose state is aborted as another one has failed: all such events follow from the failure."""
    container = failed.parent or failed
    inside = (branch for branch in branches.all.values() if branch.key[: len(container.key)] == container.key)
    return next((branch for branch in inside if branch.state_type == state_type and branch not in aborted), failed)


#: How the branch of an event is found from that of the event before it; the same branch where nothing is given here.
_FIND: dict[str, Callable[[Branches, Branch, Event], Branch]] = {
    **dict.fromkeys(EXECUTION, Branches._execution),
    **dict.fromkeys(STATE_ENTERED, Branches._entered),
    **dict.fromkeys(STATE_EXITED, Branches._exited),
    **dict.fromkeys(MAP_ITERATION, Branches._iteration),
    **dict.fromkeys(CONTAINER_STARTED | CONTAINER_SUCCEEDED | CONTAINER_FAILED, Branches._container),
    "EvaluationFailed": Branches._evaluation_failed,
}


def _owner(branch: Branch, state: str) -> Branch:
    """The branch, this one or one around it, that is in a state."""
    found: Branch | None = branch
    while found is not None and found.state != state:
        found = found.parent
    return found or branch


def _back(branch: Branch, owner: Branch) -> Branch:
    """Go back to a branch from one inside it, which has then come to its own end."""
    while branch is not owner and branch.parent is not None:
        branch.is_complete = True
        branch = branch.parent
    branch.is_complete = branch.is_complete or branch.parent is None
    return branch
