"""A plan: the outcome of each visit of a task, and the exit of each visit of a Choice."""

from __future__ import annotations

from dataclasses import dataclass, field

from everypath.asl.tree import ErrorHandlingState, Map
from everypath.coverage.elements import tolerates
from everypath.paths.tolerance import ItemCounts


@dataclass(frozen=True, slots=True)
class PlannedOutcome:
    """The outcome of one visit of a task: attempts that fail, and then one that succeeds.

    For a Map it is the outcome of reading its items, or of writing its results.

    Parameters
    ----------
    error : str
        The error of the attempts that fail.
    times : int
        How many of them fail.
    expires : {"", "timeout", "heartbeat", "slow"}
        Whether they fail with the error, or because one of the limits expires. ``slow``: no limit expires, and every
        attempt, the last one included, takes as long as its limits allow.
    """

    error: str = ""
    times: int = 0
    expires: str = ""


@dataclass(slots=True)
class Plan:
    """Outcomes of tasks and exits of Choice states, by state, one for each visit; and how many items a Map needs."""

    outcomes: dict[str, list[PlannedOutcome]] = field(default_factory=dict)
    exits: dict[str, list[str]] = field(default_factory=dict)
    items: dict[str, int] = field(default_factory=dict)

    def add(self, other: Plan) -> None:
        """Append another plan."""
        for name, outcomes in other.outcomes.items():
            self.outcomes.setdefault(name, []).extend(outcomes)
        for name, exits in other.exits.items():
            self.exits.setdefault(name, []).extend(exits)
        for name, number in other.items.items():
            self.items[name] = max(number, self.items.get(name, 1))

    def require_items(self, state: ErrorHandlingState, items: ItemCounts) -> None:
        """Give a Map that many items at least, if it tolerates failed ones."""
        if isinstance(state, Map) and state.distributed and tolerates(state):
            self.items[state.name] = max(items.number, self.items.get(state.name, 1))
