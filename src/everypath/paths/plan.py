"""A plan: what each visit of a task is to come to, and which way each visit of a Choice is to go."""

from __future__ import annotations

from dataclasses import dataclass, field

from everypath.asl.tree import ErrorHandlingState, Map
from everypath.coverage.elements import tolerates
from everypath.paths.tolerance import ItemCounts


@dataclass(frozen=True, slots=True)
class PlannedOutcome:
    """What one visit of a task comes to: attempts that fail, and then one that succeeds.

    Of a Map it is what reading its items, or writing its results, comes to.

    Parameters
    ----------
    error : str
        What they fail with.
    times : int
        How many do.
    expires : {"", "timeout", "heartbeat", "slow"}
        Whether they fail by themselves or because one of the limits passes; ``slow``: none does, and each attempt,
        the last one included, takes as long as it may.
    """

    error: str = ""
    times: int = 0
    expires: str = ""


@dataclass(slots=True)
class Plan:
    """Moves of tasks and exits of Choice states, by state, one for each visit; and how many items a Map needs."""

    outcomes: dict[str, list[PlannedOutcome]] = field(default_factory=dict)
    exits: dict[str, list[str]] = field(default_factory=dict)
    items: dict[str, int] = field(default_factory=dict)

    def add(self, other: Plan) -> None:
        """Let another plan follow."""
        for name, outcomes in other.outcomes.items():
            self.outcomes.setdefault(name, []).extend(outcomes)
        for name, exits in other.exits.items():
            self.exits.setdefault(name, []).extend(exits)
        for name, number in other.items.items():
            self.items[name] = max(number, self.items.get(name, 1))

    def needs_items(self, state: ErrorHandlingState, items: ItemCounts) -> None:
        """Let a Map have so many items, if it matters how many of them fail."""
        if isinstance(state, Map) and state.distributed and tolerates(state):
            self.items[state.name] = max(items.number, self.items.get(state.name, 1))
