"""A plan: the outcome of each visit of a task, the exit of each visit of a Choice, and the data to run it with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from everypath.asl.tree import ErrorHandlingState, Map
from everypath.coverage.elements import tolerates
from everypath.paths.solve import MISSING
from everypath.paths.tolerance import ItemCounts

#: Where data come from: the result of a task, by state and visit; with `READ` as the visit, what a Map's reader reads.
Source = tuple[str, int]
READ = -1


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


@dataclass(frozen=True, slots=True)
class PlanData:
    """The data that a plan is run with: the input, the results of tasks, and the items that distributed Maps read.

    Parameters
    ----------
    results : dict
        By state and visit; a visit without a result of its own has the one of the visit before it.
    outcomes : dict
        Errors whose names a Choice compares, by state and visit of the task that ends with them.
    items : dict
        By the name of the Map.
    """

    input: Any
    results: dict[Source, Any] = field(default_factory=dict)
    outcomes: dict[Source, PlannedOutcome] = field(default_factory=dict)
    items: dict[str, list[Any]] = field(default_factory=dict)

    def value(self, source: Source | None) -> Any:
        """What a source gives, None meaning the input; `MISSING` for a task that no result was chosen for."""
        if source is None:
            return self.input
        state, number = source
        if number == READ:
            return self.items[state]
        known = self._known_visits(source)
        return self.results[max(known)] if known else MISSING

    def changed(self, source: Source | None, value: Any, before: Callable[[], Any]) -> PlanData:
        """Data in which one source gives another value; the other visits of its task keep their results.

        Parameters
        ----------
        before : callable
            Returns what the source gives now.
        """
        if source is None:
            return replace(self, input=value)
        state, number = source
        if number == READ:
            return replace(self, items={**self.items, state: value})
        known, results = self._known_visits(source), dict(self.results)
        if not known and number > 0:
            results.setdefault((state, 0), before())
        if (state, number + 1) not in results and known and max(known)[1] == number:
            results[state, number + 1] = before()
        results[source] = value
        return replace(self, results=results)

    def _known_visits(self, source: Source) -> list[Source]:
        return [one for one in self.results if one[0] == source[0] and one[1] <= source[1]]
