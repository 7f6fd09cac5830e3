"""Searches for the input and the task results with which a plan runs as planned."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from everypath.asl.tree import Choice, Map, State, StateGraph, StateMachine, Task, all_states
from everypath.engine.task_call import Tasks
from everypath.paths.case_data import GivenData, ItemCount, Knowledge
from everypath.paths.errors import inner_graphs
from everypath.paths.places import INPUT_SOURCE, MISSING, Place, Source
from everypath.paths.plan import Plan
from everypath.paths.plan_runner import Deviation, PlanRun, PlanRunner
from everypath.paths.scripted_tasks import least_result
from everypath.paths.tracking import Tracker, Undecided

#: How often a plan is run until nothing new is learned, and how many values are tried where an exit depends on
#: something that is computed.
RUNS, TRIES = 60, 40
#: The input unless told otherwise; it is there to be looked for after an error.
INPUT = {"id": "case"}


@dataclass(frozen=True, slots=True)
class SearchResult:
    """A run of a plan with the best data that were found.

    Parameters
    ----------
    reason : str
        Why it is not as planned; empty where it is.
    undecided : Undecided or None
        What failed in it because of data that could not be found.
    decisions : dict
        The data that it needs of its own.
    versions : dict
        How much was learned of each source that it uses.
    """

    run: PlanRun
    reason: str
    undecided: Undecided | None
    decisions: dict[Place, Any]
    versions: dict[tuple[str, str], int]


class InputSearch:
    """Finds data for the plans of one definition, and remembers what all of them need.

    Parameters
    ----------
    tree : StateMachine
        The definition.
    given : GivenData
        Real data.
    real_tasks : Tasks, optional
        Makes the attempts of Lambda functions that succeed; scripted where it is left out.
    """

    def __init__(self, tree: StateMachine, given: GivenData, real_tasks: Tasks | None) -> None:
        self._tasks = {state.name: state for state in all_states(tree.graph) if isinstance(state, Task)}
        self._readers = {
            state.name for state in all_states(tree.graph) if isinstance(state, Map) and state.reader is not None
        }
        self._knowledge = Knowledge(given, self._least)
        self._tracker = Tracker(self._knowledge)
        self._tracker.leads_back = dict(_exits_back(tree.graph))
        self._runner = PlanRunner(tree, real_tasks, self._tracker)
        #: What the first plan needed: most others need the same until they leave its route.
        self._usual: dict[Place, Any] = {}

    def run(self, plan: Plan, goal: str, decisions: dict[Place, Any] | None = None) -> SearchResult:
        """Run a plan with data that let it run as planned.

        Parameters
        ----------
        goal : str
            The element that the plan is for: once it is taken, no data are tried at its cost.
        decisions : dict, optional
            The data that the plan needed of its own when it was run before.
        """
        self._tracker.begin_plan(plan)
        self._tracker.decisions |= self._usual if decisions is None else decisions
        run = self._settle(plan)
        deviation = self._runner.deviation(plan, run)
        if deviation is not None and goal not in run.trace.covered:
            self._tracker.changes_errors = True
            run = self._settle(plan)
            deviation = self._runner.deviation(plan, run)
        if deviation is not None and self._tracker.unsolved and goal not in run.trace.covered:
            run, deviation = self._try_computed(plan, run, deviation)
        undecided = next(iter(self._tracker.undecided), None)
        versions = {kind: self._version(kind) for kind in self._tracker.used}
        decided = dict(self._tracker.decisions)
        if not self._usual and deviation is None and undecided is None:
            self._usual = {
                place: value for place, value in decided.items()
                if place.source.kind in ("input", "result") and not isinstance(value, ItemCount)
            }  # fmt: skip
        if run.scripted_tasks.stopped:
            run = self._runner.run(plan, patience=None) or run
        if not self._readers.isdisjoint(run.execution.path):
            run = self._runner.run_plainly(plan)
        return SearchResult(run, "" if deviation is None else deviation.reason, undecided, decided, versions)

    def learned_since(self, result: SearchResult) -> bool:
        """Whether something was learned after a run of the sources that the run uses."""
        return any(self._version(kind) > version for kind, version in result.versions.items())

    def _version(self, kind: tuple[str, str]) -> int:
        return self._knowledge.versions.get(kind, 0)

    def _settle(self, plan: Plan) -> PlanRun:
        """Run a plan until nothing new is learned."""
        best: PlanRun | None = None
        for _ in range(RUNS):
            run = self._runner.run(plan)
            best = run or best
            if run is not None and not self._tracker.changes:
                return run
        return best or self._runner.run_plainly(plan)

    def _try_computed(self, plan: Plan, run: PlanRun, deviation: Deviation) -> tuple[PlanRun, Deviation | None]:
        """Try other values of what an exit is computed from."""
        before, tries = dict(self._tracker.decisions), 0
        places, pool = next(iter(self._tracker.unsolved.values()))
        for place in places:
            for value in _around(pool):
                tries += 1
                if tries > TRIES or place.source.kind == "error":
                    break
                self._tracker.decisions = {**before, place: value}
                again = self._settle(plan)
                left = self._runner.deviation(plan, again)
                if left is None or (deviation.visit.name != left.visit.name and not self._tracker.undecided):
                    return again, left
        self._tracker.decisions = before
        return self._settle(plan), deviation

    def _least(self, source: Source) -> Any:
        if source == INPUT_SOURCE:
            return INPUT
        if source.kind == "items":
            return [{}]
        if source.kind != "result":
            return ""
        task = self._tasks[source.state]
        return least_result(task.resource, asynchronous=task.asynchronous)


def _exits_back(graph: StateGraph) -> Iterator[tuple[str, frozenset[int | None]]]:
    """The exits of each Choice that lead back to it: rules by index, None for the default."""
    following = {name: _following(state) for name, state in graph.states.items()}
    for state in graph.states.values():
        if isinstance(state, Choice):
            exits = {index: rule.next for index, rule in enumerate(state.choices)} | {None: state.next}
            yield (
                state.name,
                frozenset(
                    exit for exit, target in exits.items() if target and state.name in _reachable(following, target)
                ),
            )
        for inner in inner_graphs(state):
            yield from _exits_back(inner)


def _following(state: State) -> list[str]:
    targets = [state.next] if state.next is not None else []
    if isinstance(state, Choice):
        targets += [rule.next for rule in state.choices]
    return targets


def _reachable(following: dict[str, list[str]], start: str) -> set[str]:
    reached, waiting = {start}, [start]
    while waiting:
        for target in following[waiting.pop()]:
            if target not in reached:
                reached.add(target)
                waiting.append(target)
    return reached


def _around(pool: list[Any]) -> list[Any]:
    """The values that a rule compares with, and some near them."""
    numbers = [value for value in pool if isinstance(value, int) and not isinstance(value, bool)]
    near = [number + more for number in numbers[:2] for more in (0, -1, 1, -2, 2, 10, -10, 100)]
    values = [value for value in pool if value is not MISSING]
    return list({repr(value): value for value in [*near, *values]}.values())
