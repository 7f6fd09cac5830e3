"""Runs a plan, and finds the input and the task results with which it goes as planned."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from everypath.asl.tree import Choice, Map, StateMachine, Task, all_states
from everypath.engine.task_call import Tasks
from everypath.paths.data import Data
from everypath.paths.needs import (
    Deviation,
    Source,
    before,
    complaint,
    lacks_items,
    needs,
    present,
    raw_states,
    result_needs,
    same_visit,
    seen,
    variables,
    various,
)
from everypath.paths.plan import Plan, PlannedOutcome
from everypath.paths.plan_runner import PlanRunner
from everypath.paths.planner import times
from everypath.paths.play import Played
from everypath.paths.scripted_tasks import least_result
from everypath.paths.solve import MISSING, Assignment, DataPath, collections, get, of_length, put, referenced, solutions
from everypath.paths.sources import Sources, Steps

#: How many deviations from a plan are mended, how many runs it may take, and how many places in a source are tried.
REPAIRS, RUNS, PLACES = 40, 400, 16


class InputSearch:
    """Finds data for the plans of one definition, and remembers what all of them need.

    Parameters
    ----------
    tree : StateMachine
        A playable definition.
    value : JSON data
        The input to begin with.
    behind : Tasks, optional
        Who really makes attempts that succeed.
    """

    def __init__(self, tree: StateMachine, value: Any, behind: Tasks | None) -> None:
        self._tree = tree
        self._stage = PlanRunner(tree, behind)
        self._base = value
        self._sources = Sources(tree)
        self._raw = dict(raw_states(tree.definition))
        self._readers = [
            state.name for state in all_states(tree.graph) if isinstance(state, Map) and state.reader is not None
        ]
        self._shown: dict[tuple[str, DataPath], str] = {}

    def play(self, plan: Plan, goal: str) -> tuple[Played, str]:
        """Run a plan, mended as often as need be; return the run, and what could not be mended.

        Once the execution takes its `goal`, an element, nothing is mended at that cost.
        """
        self._stage.runs = 0
        data, played, problem = self._mended(plan, goal)
        return (self._stage.run(plan, data, patience=None) if played.scripted_tasks.stopped else played), problem

    def _mended(self, plan: Plan, goal: str) -> tuple[Data, Played, str]:
        data = Data(self._base, items={name: [{}] * plan.items.get(name, 1) for name in self._readers})
        played = self._stage.run(plan, data)
        for _ in range(REPAIRS):
            deviation = self._stage.deviation(plan, played)
            if deviation is None:
                return data, played, ""
            reached = goal in played.trace.covered
            mended = self._mend(plan, data, played, deviation, renaming=not reached)
            if mended is None or (reached and goal not in mended[1].trace.covered):
                return data, played, deviation.what
            data, played = mended
        return data, played, "more data had to be made up than is tried"

    def _mend(
        self, plan: Plan, data: Data, played: Played, deviation: Deviation, *, renaming: bool
    ) -> tuple[Data, Played] | None:
        if deviation.items:
            return self._lengthened(plan, data, played, deviation)
        supplied = self._supplied(plan, data, played, deviation)
        if supplied is None and renaming:
            supplied = self._renamed(plan, data, played, deviation)
        if supplied is not None:
            return supplied
        for changes in self._changes(played, deviation):
            found = self._scatter(plan, data, played, deviation, changes) if len(changes) > 1 else None
            found = found or self._apply(plan, data, played, deviation, changes)
            if found is not None:
                return found
            if self._stage.runs > RUNS:
                return None
        return None

    def _changes(self, played: Played, deviation: Deviation) -> Iterator[Assignment]:
        visit = deviation.visit
        value = json.loads(visit.entered["stateEnteredEventDetails"]["input"])
        raw = self._raw.get(visit.state.name, {})
        if deviation.wanted is not None and isinstance(visit.state, Choice):
            path = raw.get("InputPath")
            steps = referenced(path, jsonata=False)[0].steps if isinstance(path, str) and path != "$" else ()
            seen = get(value, steps)
            known = variables(played, visit)
            found = solutions(visit.state, raw, deviation.wanted, {} if seen is MISSING else seen, known)
            for changes in various(found):
                yield {DataPath(data_path.root, steps + data_path.steps if not data_path.root else data_path.steps): new
                       for data_path, new in changes.items()}  # fmt: skip
            return
        samples = dict(reversed(list(needs(raw, visit.state))))
        for data_path, sample in samples.items():
            others: tuple[Any, ...] = (sample, 1, "text", [{}], "2026-01-01T00:00:10Z")
            for one in others:
                yield {data_path: one}

    def _supplied(self, plan: Plan, data: Data, played: Played, deviation: Deviation) -> tuple[Data, Played] | None:
        """Supply what the fields of a state name and do not find, one place after another."""
        visit = deviation.visit
        if deviation.wanted is not None:
            return None
        samples = dict(reversed(list(needs(self._raw.get(visit.state.name, {}), visit.state))))
        missing = [data_path for data_path in samples if not present(played, visit, data_path)]
        alternatives: tuple[Any, ...] = (None, 1, [{}], {})
        for other in alternatives:
            changed, again = data, played
            for data_path in missing:
                sample = samples[data_path] if other is None else other
                changed, again = self._supply(plan, changed, again, deviation, data_path, sample)
            if missing and self._stage.goes(plan, again, deviation):
                self._remember(changed, data)
                return changed, again
        return self._supplied_result(plan, data, played, deviation)

    def _supplied_result(
        self, plan: Plan, data: Data, played: Played, deviation: Deviation
    ) -> tuple[Data, Played] | None:
        """Supply what a state looks for in its own result, one place after another."""
        visit = deviation.visit
        sources = [one for one in before(played, visit) if one is not None]
        for data_path, sample in result_needs(self._raw.get(visit.state.name, {})):
            for source in sources:
                for steps in list(self._sources.places(data_path, visit, source))[:PLACES]:
                    changed = self._changed(data, source, steps, sample)
                    again = self._stage.run(plan, changed)
                    words = complaint(again, deviation)
                    other = words is not None and words != complaint(played, deviation)
                    if other:
                        left = self._stage.deviation(plan, again)
                        other = left is None or left.visit.state is visit.state
                    if other or self._stage.goes(plan, again, deviation):
                        return changed, again
                    if self._stage.runs > RUNS:
                        return None
        return None

    def _supply(
        self, plan: Plan, data: Data, played: Played, deviation: Deviation, data_path: DataPath, sample: Any
    ) -> tuple[Data, Played]:
        """Put a value where it makes a state see one at a spot."""
        for source in before(played, deviation.visit):
            for steps in list(self._sources.places(data_path, deviation.visit, source))[:PLACES]:
                changed = self._changed(data, source, steps, sample)
                again = self._stage.run(plan, changed)
                visit = same_visit(again, deviation)
                if visit is not None and present(again, visit, data_path):
                    return changed, again
                if self._stage.runs > RUNS:
                    return data, played
        return data, played

    def _renamed(self, plan: Plan, data: Data, played: Played, deviation: Deviation) -> tuple[Data, Played] | None:
        """Let a Choice that asks for the name of an error have another one, from a task that fails before it."""
        if deviation.wanted is None:
            return None
        counts: dict[str, int] = {}
        failed = []
        for visit in played.trace.visits:
            if visit is deviation.visit:
                break
            name = visit.state.name
            counts[name] = counts.get(name, -1) + 1
            if isinstance(visit.state, Task) and visit.attempts and visit.attempts[-1].error is not None:
                failed.append((visit.state, counts[name]))
        for changes in self._changes(played, deviation):
            names = [
                new for data_path, new in changes.items() if data_path.steps[-1:] == ("Error",) and isinstance(new, str)
            ]
            for task, number in reversed(failed) if len(names) == len(changes) else ():
                planned = PlannedOutcome(names[0], times(task, names[0]))
                changed = replace(data, outcomes=data.outcomes | {(task.name, number): planned})
                again = self._stage.run(plan, changed)
                if self._stage.goes(plan, again, deviation):
                    return changed, again
        return None

    def _lengthened(self, plan: Plan, data: Data, played: Played, deviation: Deviation) -> tuple[Data, Played] | None:
        """Let a Map have as many items as it should, by the array that makes it so."""
        for source in before(played, deviation.visit):
            for steps, found in _arrays_first(self._value(data, source))[:PLACES]:
                changed = self._changed(data, source, steps, of_length(found, deviation.items))
                again = self._stage.run(plan, changed)
                visit = same_visit(again, deviation)
                if visit is not None and not lacks_items(visit, deviation.items):
                    return changed, again
                if self._stage.runs > RUNS:
                    return None
        return None

    def _remember(self, changed: Data, data: Data) -> None:
        """Keep what was added to the input: other plans need it, too."""
        if changed.input is not data.input and changed.results == data.results:
            self._base = changed.input

    def _scatter(
        self, plan: Plan, data: Data, played: Played, deviation: Deviation, changes: Assignment
    ) -> tuple[Data, Played] | None:
        """Put each change where it makes the visit see it, whichever source that is in."""
        for data_path, new in changes.items():
            found = self._show(plan, data, played, deviation, data_path, new)
            if found is None:
                return None
            data, played = found
        return (data, played) if self._stage.goes(plan, played, deviation) else None

    def _show(
        self, plan: Plan, data: Data, played: Played, deviation: Deviation, data_path: DataPath, new: Any
    ) -> tuple[Data, Played] | None:
        """Let a visit see a value at a spot."""
        known = self._shown.get((deviation.visit.state.name, data_path))
        places = [
            (source, steps)
            for source in before(played, deviation.visit)
            for steps in list(self._sources.places(data_path, deviation.visit, source))[:PLACES]
        ]
        for source, steps in sorted(places, key=lambda place: repr(place[1]) != known):
            changed = self._changed(data, source, steps, new)
            again = self._stage.run(plan, changed)
            visit = same_visit(again, deviation)
            if visit is not None and seen(again, visit, data_path) == new:
                self._shown[deviation.visit.state.name, data_path] = repr(steps)
                return changed, again
            if self._stage.runs > RUNS:
                return None
        return None

    def _apply(
        self, plan: Plan, data: Data, played: Played, deviation: Deviation, changes: Assignment
    ) -> tuple[Data, Played] | None:
        """Put all changes into one source after another, until the visit goes as planned."""
        for source in before(played, deviation.visit):
            options = [list(self._sources.places(data_path, deviation.visit, source))[:PLACES] for data_path in changes]
            for option in range(max((len(one) for one in options), default=0)):
                changed = data
                for places, new in zip(options, changes.values(), strict=True):
                    changed = self._changed(changed, source, places[min(option, len(places) - 1)], new)
                again = self._stage.run(plan, changed)
                if self._stage.goes(plan, again, deviation):
                    if source is None and deviation.wanted is None:
                        for places, new in zip(options, changes.values(), strict=True):
                            self._base = put(self._base, places[min(option, len(places) - 1)], new)
                    return changed, again
                if self._stage.runs > RUNS:
                    return None
        return None

    def _changed(self, data: Data, source: Source | None, steps: Steps, new: Any) -> Data:
        return data.changed(source, put(self._value(data, source), steps, new), lambda: self._value(data, source))

    def _value(self, data: Data, source: Source | None) -> Any:
        found = data.value(source)
        return least_result(self._task(source[0]).resource) if source is not None and found is MISSING else found

    def _task(self, name: str) -> Task:
        return next(state for state in all_states(self._tree.graph) if state.name == name and isinstance(state, Task))


def _arrays_first(value: Any) -> list[tuple[Steps, Any]]:
    return sorted(collections(value), key=lambda one: isinstance(one[1], dict))
