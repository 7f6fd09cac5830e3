"""The data that cases are run with: what was learned of each source, and what one plan has decided."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from everypath.history.events import Event
from everypath.history.visits import Visits
from everypath.paths.places import INPUT_SOURCE, MISSING, Place, Source, Steps, get, plain, put, resized

#: A source without the visit: what is learned of one visit of a task is true of all.
Kind = tuple[str, str]


@dataclass(frozen=True, slots=True)
class GivenData:
    """Real data, which are not made up.

    Parameters
    ----------
    input : JSON data, optional
        The input; `MISSING` where it is made up.
    results : mapping
        Results by state and visit; the last one of a state is that of its further visits.
    """

    input: Any = MISSING
    results: Mapping[str, Sequence[Any]] = field(default_factory=dict)

    def value(self, source: Source) -> Any:
        """What is given for a source, or `MISSING`."""
        if source == INPUT_SOURCE:
            return self.input
        results = self.results.get(source.state, ()) if source.kind == "result" else ()
        return results[min(source.visit, len(results) - 1)] if results else MISSING


def recorded_results(events: Iterable[Event]) -> dict[str, list[Any]]:
    """The results of the tasks of a recorded execution, by state and visit; visits that failed have none."""
    results: dict[str, list[Any]] = {}
    for visit in Visits(events).all:
        if visit.type == "Task" and visit.attempts and visit.attempts[-1].output is not None:
            results.setdefault(visit.name, []).append(json.loads(visit.attempts[-1].output))
    return results


@dataclass(frozen=True, slots=True)
class ItemCount:
    """An array or an object with so many items, which are copies of the last one."""

    number: int


class Knowledge:
    """What the states of a definition were found to need, by source.

    Parameters
    ----------
    given : GivenData
        What is not made up.
    least : callable
        Returns the least that a source gives.
    """

    def __init__(self, given: GivenData, least: Callable[[Source], Any]) -> None:
        self.given = given
        self.versions: dict[Kind, int] = {}
        self._least = least
        self._learned: dict[Kind, dict[Steps, Any]] = {}

    def learn(self, place: Place, value: Any) -> None:
        """Remember that there must be a value at a place."""
        kind = (place.source.kind, place.source.state)
        learned = self._learned.setdefault(kind, {})
        for steps in [one for one in learned if one[: len(place.steps)] == place.steps]:
            del learned[steps]
        learned[place.steps] = plain(value)
        self.versions[kind] = self.versions.get(kind, 0) + 1

    def value(self, source: Source, decisions: Mapping[Place, Any]) -> Any:
        """What a source gives, with what a plan has decided."""
        given = self.given.value(source)
        value = self._least(source) if given is MISSING else given
        for steps, learned in self._learned.get((source.kind, source.state), {}).items():
            if given is MISSING or get(given, steps) is MISSING:
                value = put(value, steps, learned)
        for place, decided in decisions.items():
            if place.source == source:
                if isinstance(decided, ItemCount):
                    decided = resized(get(value, place.steps), decided.number)
                value = put(value, place.steps, decided)
        return plain(value)

    def is_given(self, place: Place) -> bool:
        """Whether there is real data at a place."""
        given = self.given.value(place.source)
        return given is not MISSING and get(given, place.steps) is not MISSING
