"""What a plan runs with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from everypath.paths.needs import READ, Source
from everypath.paths.plan import PlannedOutcome
from everypath.paths.solve import MISSING


@dataclass(frozen=True, slots=True)
class Data:
    """The input, the results of tasks, and what distributed Maps read.

    Parameters
    ----------
    results : dict
        By state and visit; a visit without one has that of the visit before.
    outcomes : dict
        Errors by which a Choice goes, by state and visit.
    items : dict
        By the name of the Map.
    """

    input: Any
    results: dict[Source, Any] = field(default_factory=dict)
    outcomes: dict[Source, PlannedOutcome] = field(default_factory=dict)
    items: dict[str, list[Any]] = field(default_factory=dict)

    def value(self, source: Source | None) -> Any:
        """What a source gives as things stand; `MISSING` for a task whose result is not said."""
        if source is None:
            return self.input
        state, number = source
        if number == READ:
            return self.items[state]
        known = self._known(source)
        return self.results[max(known)] if known else MISSING

    def changed(self, source: Source | None, value: Any, before: Callable[[], Any]) -> Data:
        """Data in which a source gives a value; visits of a task before and after it keep what they had.

        Parameters
        ----------
        before : callable
            Says what the source gives as things stand.
        """
        if source is None:
            return replace(self, input=value)
        state, number = source
        if number == READ:
            return replace(self, items={**self.items, state: value})
        known, results = self._known(source), dict(self.results)
        if not known and number > 0:
            results.setdefault((state, 0), before())
        if (state, number + 1) not in results and known and max(known)[1] == number:
            results[state, number + 1] = before()
        results[source] = value
        return replace(self, results=results)

    def _known(self, source: Source) -> list[Source]:
        return [one for one in self.results if one[0] == source[0] and one[1] <= source[1]]
