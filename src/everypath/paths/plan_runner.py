"""Runs plans on the embedded engine, and says where a run deviated from its plan."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from everypath.asl.error_catalog import QUERY_EVALUATION_ERROR
from everypath.asl.resource import READING, parse_map_resource
from everypath.asl.settings import Constant
from everypath.asl.tree import (
    Choice,
    ErrorHandlingState,
    Fail,
    Map,
    Parallel,
    Reader,
    State,
    StateGraph,
    StateMachine,
    Writer,
    all_states,
)
from everypath.coverage.elements import pointer
from everypath.coverage.trace import Trace, trace
from everypath.engine.clock import VirtualClock
from everypath.engine.context import RunContext
from everypath.engine.data import to_text
from everypath.engine.identity import Identity, execution_arn
from everypath.engine.interpreter import Run
from everypath.engine.map_run import MapRun
from everypath.engine.scheduler import Scheduler
from everypath.engine.task_call import Tasks
from everypath.history.attempts import Attempt
from everypath.history.events import Event, details
from everypath.history.execution import Execution
from everypath.history.visits import Visit
from everypath.paths.places import plain
from everypath.paths.plan import Plan, PlannedOutcome
from everypath.paths.planner import attempts_to_exhaust
from everypath.paths.scripted_tasks import ScriptedTasks
from everypath.paths.tolerance import MANY_ITEMS
from everypath.paths.tracking import Restart, Tracker, raw_states, tracked_graph

IDENTITY = Identity(
    name="case",
    arn="arn:aws:states:us-east-1:123456789012:execution:everypath:case",
    state_machine_name="everypath",
    state_machine_arn="arn:aws:states:us-east-1:123456789012:stateMachine:everypath",
    role_arn="arn:aws:iam::123456789012:role/everypath",
    account="123456789012",
    region="us-east-1",
)
_EXPRESS = replace(IDENTITY, arn=execution_arn(IDENTITY.state_machine_arn, IDENTITY.name, str(uuid.UUID(int=0))))
#: An execution is stopped once it visits a task so many times more often than planned: a loop does not end by itself.
PATIENCE = 2 * MANY_ITEMS
_GET_OBJECT = parse_map_resource("arn:aws:states:::s3:getObject", READING)


@dataclass(frozen=True, slots=True)
class PlanRun:
    """One run of a plan: the execution, what it covers, and the tasks that it called."""

    execution: Execution
    trace: Trace
    scripted_tasks: ScriptedTasks


@dataclass(frozen=True, slots=True)
class Deviation:
    """A visit that did not go as planned.

    Parameters
    ----------
    number : int
        Which visit of its state it is, from 0.
    wanted : str or None
        The planned exit of a Choice; None where data was missing.
    reason : str
        What could not be had, as the report words it.
    items : int
        How many items a Map should have had; 0 if its items are not the matter.
    """

    visit: Visit
    number: int
    wanted: str | None
    reason: str
    items: int = 0


class PlanRunner:
    """Runs the plans of one definition.

    Parameters
    ----------
    tree : StateMachine
        The definition.
    real_tasks : Tasks, optional
        Makes the attempts of Lambda functions that succeed; scripted where it is left out.
    tracker : Tracker
        Has the data.
    """

    def __init__(self, tree: StateMachine, real_tasks: Tasks | None, tracker: Tracker) -> None:
        self._tree = replace(tree, graph=_with_own_store(tree.graph))
        raw = dict(raw_states(tree.definition))
        self._tracked = replace(self._tree, graph=tracked_graph(tree.graph, raw, tracker))
        self._tracked = replace(self._tracked, graph=_with_own_store(self._tracked.graph))
        self._tracker = tracker
        self._real_tasks = real_tasks

    def run(self, plan: Plan, patience: int | None = PATIENCE) -> PlanRun | None:
        """Run a plan once; None where its data turned out to be wrong on the way. See `ScriptedTasks` for the patience.

        What the run lacks is supplied for the next one.
        """
        value = self._tracker.begin_run()
        tasks = ScriptedTasks(self._outcomes(plan), self._tracker, self._real_tasks, patience)
        try:
            return _run(self._tracked, self._tree, value, tasks)
        except Restart:
            return None

    def run_plainly(self, plan: Plan, patience: int | None = PATIENCE) -> PlanRun:
        """Run a plan once, as the definition is: with the readers and writers of its Maps."""
        value = plain(self._tracker.begin_run())
        tasks = ScriptedTasks(self._outcomes(plan), self._tracker, self._real_tasks, patience)
        return _run(self._tree, self._tree, value, tasks)

    def _outcomes(self, plan: Plan) -> dict[str, list[PlannedOutcome]]:
        """The planned outcomes, with the errors whose names a Choice compares."""
        outcomes = dict(plan.outcomes)
        for place, error in self._tracker.decisions.items():
            state, visit = place.source.state, place.source.visit
            if place.source.kind == "error" and isinstance(error, str):
                task = self._state(state)
                planned = PlannedOutcome(error, attempts_to_exhaust(task, error))
                others = [*outcomes.get(state, ()), *[PlannedOutcome()] * (visit + 1)]
                outcomes[state] = [*others[:visit], planned, *others[visit + 1 :]]
        return outcomes

    def _state(self, name: str) -> ErrorHandlingState:
        found = next(state for state in all_states(self._tree.graph) if state.name == name)
        assert isinstance(found, ErrorHandlingState)
        return found

    def deviation(self, plan: Plan, run: PlanRun) -> Deviation | None:
        """The first deviation that has no other one inside of it: a container fails with what it contains."""
        deviations = list(self.deviations(plan, run))
        for one in deviations:
            if not any(other is not one and is_inside(other.visit, one.visit) for other in deviations):
                return one
        return None

    def deviations(self, plan: Plan, run: PlanRun) -> Iterator[Deviation]:
        """All deviations, in the order of the visits."""
        counts: dict[str, int] = {}
        for visit, exit in zip(run.trace.visits, run.trace.exits, strict=True):
            state = run.trace.states[visit.name]
            number = counts[state.name] = counts.get(state.name, -1) + 1
            planned = plan.exits.get(state.name) if isinstance(state, Choice) else None
            if planned:
                wanted = planned[min(number, len(planned) - 1)]
                ended = visit.exited is not None or visit.execution_failed or not run.execution.succeeded
                if wanted != exit and ended:
                    yield Deviation(visit, number, wanted, f"no data was found for which {_condition(wanted, state)}")
            elif lacks_items(run, visit, plan.items.get(state.name, 0)):
                items = plan.items[state.name]
                reason = f"no data was found with which {state.name} has {items} items"
                yield Deviation(visit, number, None, reason, items)
            elif _lacks_data(state, visit, exit):
                reason = f"no data was found with which {state.name} works: {run.execution.cause or ''}".rstrip(": ")
                yield Deviation(visit, number, None, reason)


def is_inside(visit: Visit | None, container: Visit) -> bool:
    """Whether a visit is that of a container, or inside of it."""
    while visit is not None and visit is not container:
        visit = visit.parent
    return visit is not None


def failed_at_work(attempt: Attempt) -> bool:
    """Whether an attempt failed, and not because one of its state's own fields could not be evaluated."""
    return attempt.failed and not attempt.has_unusable_result and attempt.error not in (None, QUERY_EVALUATION_ERROR)


def lacks_items(run: PlanRun, visit: Visit, planned: int) -> bool:
    """Whether a Map had another number of items than planned; one with a reader always gets as many as it needs."""
    state = run.trace.states[visit.name]
    if not planned or not isinstance(state, Map) or state.reader is not None or not visit.attempts:
        return False
    return bool(details(visit.attempts[0].begun).get("length", planned) != planned)


def _lacks_data(state: State, visit: Visit, exit: str) -> bool:
    """Whether a visit ended in an error that was not planned: its own fields could not be evaluated."""
    if exit.startswith("catch:"):
        return not visit.attempts or not failed_at_work(visit.attempts[-1])
    if visit.exited is not None or isinstance(state, Fail) or not visit.execution_failed:
        return False
    if isinstance(state, ErrorHandlingState) and visit.attempts:
        last = visit.attempts[-1]
        if visit.evaluation_failed is not None:
            return True
        if isinstance(state, Map) and last.source is not None:  # not an error of its own, but of an iteration
            return False
        return last.failed and not failed_at_work(last)
    return not isinstance(state, Choice) or state.next is not None


def _condition(exit: str, state: State) -> str:
    """What holds when a Choice takes an exit, with the place in the definition."""
    if not exit:
        return f"no rule of {state.name} holds"
    place = pointer(state.place)
    if exit.startswith("default:"):
        return f"{state.name} takes its default ({place}/Default)"
    return f"the rule {place}/Choices/{exit.rpartition('/')[2]} holds and none before it"


class _LongestWaits(Random):
    """Draws what `Random` draws, but for jitter, which is the only thing drawn as a number between two others."""

    def uniform(self, a: float, b: float) -> float:
        """Return the larger one."""
        return b


def _run(tree: StateMachine, definition: StateMachine, value: Any, scripted_tasks: ScriptedTasks) -> PlanRun:
    """Run an input; only the scripted tasks are called, and jitter waits as long as it may.

    Parameters
    ----------
    tree, definition : StateMachine
        What is run, and the definition that its elements are of.
    """
    scheduler = Scheduler(VirtualClock())
    identity = _EXPRESS if tree.express else IDENTITY
    run = Run(tree, value, to_text(value), identity, scripted_tasks, scheduler, _LongestWaits(0))
    children: list[RunContext] = []
    items: list[tuple[str, int]] = []
    started: dict[str, int] = {}

    def observe(map_run: MapRun, child: RunContext) -> None:
        index = started[map_run.arn] = started.get(map_run.arn, -1) + 1
        children.append(child)
        items.append((map_run.state, index))

    run.map_runs.on_child = observe
    execution: Execution = scheduler.run(run.execute())
    histories: Sequence[Sequence[Event]] = [run.history.events, *(child.history.events for child in children)]
    return PlanRun(execution, trace(definition, execution.status, histories, items), scripted_tasks)


def _with_own_store(graph: StateGraph) -> StateGraph:
    """A flow whose distributed Maps read their items from `ScriptedTasks`, and write their results to it, by name."""
    return StateGraph(graph.start_at, {name: _state_with_own_store(state) for name, state in graph.states.items()})


def _state_with_own_store(state: State) -> State:
    if isinstance(state, Parallel):
        return replace(state, branches=tuple(_with_own_store(branch) for branch in state.branches))
    if not isinstance(state, Map):
        return state
    state = replace(state, processor=_with_own_store(state.processor))
    if state.reader is not None:
        state = replace(state, reader=Reader(_GET_OBJECT, Constant({"Map": state.name}), {"InputType": "JSON"}))
    if state.writer is not None and state.writer.resource is not None:
        parameters = Constant({"Map": state.name, "Bucket": "made-up"})
        state = replace(state, writer=Writer(state.writer.resource, parameters, state.writer.config))
    return state
