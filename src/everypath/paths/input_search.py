"""Searches for the input and the task results with which a plan runs as planned."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from everypath.asl.tree import Choice, Map, StateMachine, Task, all_states
from everypath.engine.task_call import Tasks
from everypath.history.events import details
from everypath.history.visits import Visit
from everypath.paths.plan import Plan, PlanData, PlannedOutcome, Source
from everypath.paths.plan_runner import Deviation, PlanRun, PlanRunner, failure_message, lacks_items, same_visit
from everypath.paths.planner import attempts_to_exhaust
from everypath.paths.scripted_tasks import least_result
from everypath.paths.solve import (
    MISSING,
    Assignment,
    DataPath,
    Steps,
    get,
    non_empty_containers,
    put,
    referenced_paths,
    resize,
    solutions,
)
from everypath.paths.sources import (
    Sources,
    named_places,
    named_result_places,
    raw_states,
    sources_before,
    value_at,
    variables_before,
)

#: How many deviations from a plan are resolved, how many runs that may take, and how many places in a source are tried.
REPAIRS, RUNS, PLACES = 40, 400, 16
#: How many solutions of a rule are tried, and how many that change the same places.
SOLUTIONS, SOLUTIONS_ALIKE = 12, 2

#: Data, and the run of a plan with them.
Trial = tuple[PlanData, PlanRun]


class InputSearch:
    """Finds data for the plans of one definition, and remembers what all of them need.

    Parameters
    ----------
    tree : StateMachine
        The definition.
    value : JSON data
        The input to begin with.
    real_tasks : Tasks, optional
        Makes the attempts of Lambda functions that succeed; scripted where it is left out.
    """

    def __init__(self, tree: StateMachine, value: Any, real_tasks: Tasks | None) -> None:
        self._tree = tree
        self._runner = PlanRunner(tree, real_tasks)
        self._input = value
        self._sources = Sources(tree)
        self._raw = dict(raw_states(tree.definition))
        self._maps_with_reader = [
            state.name for state in all_states(tree.graph) if isinstance(state, Map) and state.reader is not None
        ]
        self._known_places: dict[tuple[str, DataPath], str] = {}

    def run(self, plan: Plan, goal: str) -> tuple[PlanRun, str]:
        """Run a plan with data that let it run as planned; return the run, and the reason where there are none.

        Once the execution takes its `goal`, an element, no deviation is resolved at that cost.
        """
        self._runner.runs = 0
        data, run, reason = self._resolve_all(plan, goal)
        return (self._runner.run(plan, data, patience=None) if run.scripted_tasks.stopped else run), reason

    def _resolve_all(self, plan: Plan, goal: str) -> tuple[PlanData, PlanRun, str]:
        data = PlanData(self._input, items={name: [{}] * plan.items.get(name, 1) for name in self._maps_with_reader})
        run = self._runner.run(plan, data)
        for _ in range(REPAIRS):
            deviation = self._runner.deviation(plan, run)
            if deviation is None:
                return data, run, ""
            reached = goal in run.trace.covered
            resolved = self._resolve(plan, data, run, deviation, change_errors=not reached)
            if resolved is None or (reached and goal not in resolved[1].trace.covered):
                return data, run, deviation.reason
            data, run = resolved
        return data, run, "more data had to be made up than is tried"

    def _resolve(
        self, plan: Plan, data: PlanData, run: PlanRun, deviation: Deviation, *, change_errors: bool
    ) -> Trial | None:
        if deviation.items:
            return self._resize_items(plan, data, run, deviation)
        resolved = self._supply_missing(plan, data, run, deviation)
        if resolved is None and change_errors:
            resolved = self._change_error(plan, data, run, deviation)
        if resolved is not None:
            return resolved
        for changes in self._changes(run, deviation):
            if len(changes) > 1:
                resolved = self._change_separately(plan, data, run, deviation, changes)
            resolved = resolved or self._change_one_source(plan, data, run, deviation, changes)
            if resolved is not None:
                return resolved
            if self._runner.runs > RUNS:
                return None
        return None

    def _changes(self, run: PlanRun, deviation: Deviation) -> Iterator[Assignment]:
        """What the visit may have to see, one alternative after another."""
        visit = deviation.visit
        value = json.loads(details(visit.entered)["input"])
        raw, state = self._raw.get(visit.name, {}), run.trace.states[visit.name]
        if deviation.wanted is not None and isinstance(state, Choice):
            path = raw.get("InputPath")
            prefix = referenced_paths(path, jsonata=False)[0].steps if isinstance(path, str) and path != "$" else ()
            effective = get(value, prefix)
            variables = variables_before(run, visit)
            effective = {} if effective is MISSING else effective
            for changes in _select(solutions(state, raw, deviation.wanted, effective, variables)):
                yield {DataPath(path.root, path.steps if path.root else prefix + path.steps): new
                       for path, new in changes.items()}  # fmt: skip
            return
        for data_path, sample in _likely_values(raw).items():
            alternatives: tuple[Any, ...] = (sample, 1, "text", [{}], "2026-01-01T00:00:10Z")
            for new in alternatives:
                yield {data_path: new}

    def _supply_missing(self, plan: Plan, data: PlanData, run: PlanRun, deviation: Deviation) -> Trial | None:
        """Supply what the fields of a state name and do not find, one place after another."""
        visit = deviation.visit
        if deviation.wanted is not None:
            return None
        samples = _likely_values(self._raw.get(visit.name, {}))
        missing = [data_path for data_path in samples if value_at(run, visit, data_path) is MISSING]
        alternatives: tuple[Any, ...] = (None, 1, [{}], {})
        for other in alternatives:
            changed, again = data, run
            for data_path in missing:
                sample = samples[data_path] if other is None else other
                changed, again = self._supply(plan, changed, again, deviation, data_path, sample)
            if missing and self._runner.is_resolved(plan, again, deviation):
                self._remember(changed, data)
                return changed, again
        return self._supply_result(plan, data, run, deviation)

    def _supply_result(self, plan: Plan, data: PlanData, run: PlanRun, deviation: Deviation) -> Trial | None:
        """Supply what a state looks for in its own result, one place after another."""
        visit = deviation.visit
        sources = [one for one in sources_before(run, visit) if one is not None]
        for data_path, sample in named_result_places(self._raw.get(visit.name, {})):
            for source in sources:
                for steps in self._places(data_path, visit, source):
                    changed = self._changed(data, source, steps, sample)
                    again = self._runner.run(plan, changed)
                    message = failure_message(again, deviation)
                    other = message is not None and message != failure_message(run, deviation)
                    if other:
                        left = self._runner.deviation(plan, again)
                        other = left is None or left.visit.name == visit.name
                    if other or self._runner.is_resolved(plan, again, deviation):
                        return changed, again
                    if self._runner.runs > RUNS:
                        return None
        return None

    def _supply(
        self, plan: Plan, data: PlanData, run: PlanRun, deviation: Deviation, data_path: DataPath, sample: Any
    ) -> Trial:
        """Put a value where it makes a state see one at a place."""
        for source in sources_before(run, deviation.visit):
            for steps in self._places(data_path, deviation.visit, source):
                changed = self._changed(data, source, steps, sample)
                again = self._runner.run(plan, changed)
                visit = same_visit(again, deviation)
                if visit is not None and value_at(again, visit, data_path) is not MISSING:
                    return changed, again
                if self._runner.runs > RUNS:
                    return data, run
        return data, run

    def _change_error(self, plan: Plan, data: PlanData, run: PlanRun, deviation: Deviation) -> Trial | None:
        """Where a Choice compares the name of an error, let a task that failed before it fail with another one."""
        if deviation.wanted is None:
            return None
        counts: dict[str, int] = {}
        failed = []
        for visit in run.trace.visits:
            if visit is deviation.visit:
                break
            name = visit.name
            counts[name] = counts.get(name, -1) + 1
            state = run.trace.states[name]
            if isinstance(state, Task) and visit.attempts and visit.attempts[-1].failed:
                failed.append((state, counts[name]))
        for changes in self._changes(run, deviation):
            names = [
                new for data_path, new in changes.items() if data_path.steps[-1:] == ("Error",) and isinstance(new, str)
            ]
            for task, number in reversed(failed) if len(names) == len(changes) else ():
                planned = PlannedOutcome(names[0], attempts_to_exhaust(task, names[0]))
                changed = replace(data, outcomes=data.outcomes | {(task.name, number): planned})
                again = self._runner.run(plan, changed)
                if self._runner.is_resolved(plan, again, deviation):
                    return changed, again
        return None

    def _resize_items(self, plan: Plan, data: PlanData, run: PlanRun, deviation: Deviation) -> Trial | None:
        """Give a Map the planned number of items, by the array that they come from."""
        for source in sources_before(run, deviation.visit):
            for steps, items in _arrays_first(self._value(data, source))[:PLACES]:
                changed = self._changed(data, source, steps, resize(items, deviation.items))
                again = self._runner.run(plan, changed)
                visit = same_visit(again, deviation)
                if visit is not None and not lacks_items(again, visit, deviation.items):
                    return changed, again
                if self._runner.runs > RUNS:
                    return None
        return None

    def _remember(self, changed: PlanData, data: PlanData) -> None:
        """Keep what was added to the input: other plans need it, too."""
        if changed.input is not data.input and changed.results == data.results:
            self._input = changed.input

    def _change_separately(
        self, plan: Plan, data: PlanData, run: PlanRun, deviation: Deviation, changes: Assignment
    ) -> Trial | None:
        """Make each change where it makes the visit see it, whichever source that is in."""
        for data_path, new in changes.items():
            changed = self._show(plan, data, run, deviation, data_path, new)
            if changed is None:
                return None
            data, run = changed
        return (data, run) if self._runner.is_resolved(plan, run, deviation) else None

    def _show(
        self, plan: Plan, data: PlanData, run: PlanRun, deviation: Deviation, data_path: DataPath, new: Any
    ) -> Trial | None:
        """Let a visit see a value at a place."""
        known = self._known_places.get((deviation.visit.name, data_path))
        places = [
            (source, steps)
            for source in sources_before(run, deviation.visit)
            for steps in self._places(data_path, deviation.visit, source)
        ]
        for source, steps in sorted(places, key=lambda place: repr(place[1]) != known):
            changed = self._changed(data, source, steps, new)
            again = self._runner.run(plan, changed)
            visit = same_visit(again, deviation)
            if visit is not None and value_at(again, visit, data_path) == new:
                self._known_places[deviation.visit.name, data_path] = repr(steps)
                return changed, again
            if self._runner.runs > RUNS:
                return None
        return None

    def _change_one_source(
        self, plan: Plan, data: PlanData, run: PlanRun, deviation: Deviation, changes: Assignment
    ) -> Trial | None:
        """Make all changes in one source after another, until the visit goes as planned."""
        for source in sources_before(run, deviation.visit):
            options = [self._places(data_path, deviation.visit, source) for data_path in changes]
            for option in range(max((len(one) for one in options), default=0)):
                changed = data
                for places, new in zip(options, changes.values(), strict=True):
                    changed = self._changed(changed, source, places[min(option, len(places) - 1)], new)
                again = self._runner.run(plan, changed)
                if self._runner.is_resolved(plan, again, deviation):
                    if source is None and deviation.wanted is None:
                        for places, new in zip(options, changes.values(), strict=True):
                            self._input = put(self._input, places[min(option, len(places) - 1)], new)
                    return changed, again
                if self._runner.runs > RUNS:
                    return None
        return None

    def _places(self, data_path: DataPath, visit: Visit, source: Source | None) -> list[Steps]:
        return list(self._sources.places(data_path, visit, source))[:PLACES]

    def _changed(self, data: PlanData, source: Source | None, steps: Steps, new: Any) -> PlanData:
        return data.changed(source, put(self._value(data, source), steps, new), lambda: self._value(data, source))

    def _value(self, data: PlanData, source: Source | None) -> Any:
        value = data.value(source)
        if source is None or value is not MISSING:
            return value
        task = self._task(source[0])
        return least_result(task.resource, asynchronous=task.asynchronous)

    def _task(self, name: str) -> Task:
        return next(state for state in all_states(self._tree.graph) if state.name == name and isinstance(state, Task))


def _select(candidates: Iterator[Assignment]) -> Iterator[Assignment]:
    """The first solutions, but few that change the same places."""
    counts: dict[frozenset[DataPath], int] = {}
    selected = 0
    for _, changes in zip(range(SOLUTIONS * 100), candidates, strict=False):
        data_paths = frozenset(changes)
        counts[data_paths] = counts.get(data_paths, 0) + 1
        if counts[data_paths] <= SOLUTIONS_ALIKE:
            selected += 1
            yield changes
        if selected == SOLUTIONS:
            return


def _likely_values(raw: Mapping[str, Any]) -> dict[DataPath, Any]:
    """The places that a state's fields name, the last one first, each with the first likely value for it."""
    return dict(reversed(list(named_places(raw))))


def _arrays_first(value: Any) -> list[tuple[Steps, Any]]:
    return sorted(non_empty_containers(value), key=lambda one: isinstance(one[1], dict))
