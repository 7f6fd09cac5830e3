"""Runs one plan on the embedded engine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from everypath.asl.resource import READING, parse_map_resource
from everypath.asl.settings import Constant
from everypath.asl.tree import Map, Parallel, Reader, State, StateGraph, StateMachine, Writer
from everypath.coverage.trace import Trace, trace
from everypath.engine.clock import VirtualClock
from everypath.engine.context import RunContext
from everypath.engine.data import to_text
from everypath.engine.distributed.map_run import MapRun
from everypath.engine.identity import Identity
from everypath.engine.interpreter import Run
from everypath.engine.scheduler import Scheduler
from everypath.history.execution import Execution
from everypath.history.log import Event
from everypath.paths.scripted_tasks import ScriptedTasks

IDENTITY = Identity(
    name="case",
    arn="arn:aws:states:us-east-1:123456789012:execution:everypath:case",
    state_machine_name="everypath",
    state_machine_arn="arn:aws:states:us-east-1:123456789012:stateMachine:everypath",
    role_arn="arn:aws:iam::123456789012:role/everypath",
    account="123456789012",
    region="us-east-1",
)
_GET = parse_map_resource("arn:aws:states:::s3:getObject", READING)


@dataclass(frozen=True, slots=True)
class Played:
    """An execution of a plan and what it took."""

    execution: Execution
    trace: Trace
    scripted_tasks: ScriptedTasks


class _LongestWaits(Random):
    """Draws what `Random` draws, but for jitter, which is the only thing drawn as a number between two others."""

    def uniform(self, a: float, b: float) -> float:
        """Return the larger one."""
        return b


def play(tree: StateMachine, value: Any, scripted_tasks: ScriptedTasks) -> Played:
    """Run an input; nothing but the director's tasks is reached, and jitter waits as long as it may."""
    scheduler = Scheduler(VirtualClock())
    run = Run(tree, value, to_text(value), IDENTITY, scripted_tasks, scheduler, _LongestWaits(0))
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
    return Played(execution, trace(tree, execution.status, histories, items), scripted_tasks)


def playable(tree: StateMachine) -> StateMachine:
    """The definition whose distributed Maps read from the director, and write to it, in their own names."""
    return replace(tree, graph=_graph(tree.graph))


def _graph(graph: StateGraph) -> StateGraph:
    return StateGraph(graph.start_at, {name: _state(state) for name, state in graph.states.items()})


def _state(state: State) -> State:
    if isinstance(state, Parallel):
        return replace(state, branches=tuple(_graph(branch) for branch in state.branches))
    if not isinstance(state, Map):
        return state
    state = replace(state, processor=_graph(state.processor))
    if state.reader is not None:
        state = replace(state, reader=Reader(_GET, Constant({"Map": state.name}), {"InputType": "JSON"}))
    if state.writer is not None and state.writer.resource is not None:
        where = Constant({"Map": state.name, "Bucket": "made-up"})
        state = replace(state, writer=Writer(state.writer.resource, where, state.writer.config))
    return state
