"""Runs executions: which coroutine runs a type of state, from state to state, from the input to the result."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from functools import partial
from typing import Any

from everypath.asl import tree
from everypath.engine.clock import VirtualClock
from everypath.engine.context import MAX_EXPRESS_SECONDS, MAX_STANDARD_SECONDS, RunContext
from everypath.engine.cursor import Cursor
from everypath.engine.dataflow import Step
from everypath.engine.scheduler import Signal
from everypath.engine.states.flow_states import run_choice, run_fail, run_pass, run_succeed, run_wait
from everypath.engine.states.map import run_map
from everypath.engine.states.parallel import run_parallel
from everypath.engine.states.task import run_task
from everypath.history.execution import Execution, RecordedHistory
from everypath.history.outcome import Failure, Outcome, Success
from everypath.history.resume_point import BranchProgress, FinishedBranch

StateRunner = Callable[[Any, Cursor, Any], Coroutine[Signal, None, Step | Failure]]


class Run(RunContext):
    """An execution that is run on its own; see `RunContext` for what it is made of."""

    async def execute(self) -> Execution:
        """Run to the end and return the result."""
        await self.finish()
        return self.result()

    async def finish(self) -> None:
        """Run to the end: of the states, of the time, or by `stop`."""
        if not self.history.events:
            self.begin()
        job = self.scheduler.spawn(run_machine(self))
        timer = self.scheduler.timer(self._seconds_left())
        timer.then(self.time_out)
        try:
            await self.ended
        finally:
            timer.stop()
            job.cancel()

    def result(self) -> Execution:
        """Return the result of an execution that has ended."""
        outcome = self.outcome
        return Execution(
            arn=self.identity.arn,
            name=self.identity.name,
            state_machine_arn=self.identity.state_machine_arn,
            status=self.status,
            input=self.input,
            output=None if isinstance(outcome, Failure) else outcome.output,
            error=outcome.error if isinstance(outcome, Failure) else None,
            cause=outcome.details().get("cause") if isinstance(outcome, Failure) else None,
            start=datetime.fromtimestamp(self.started, UTC),
            stop=datetime.fromtimestamp(self.scheduler.clock.now(), UTC),
            history=RecordedHistory(self.history.events, tuple(self.path), self.transitions),
            logs="".join(self.logs),
            virtual=isinstance(self.scheduler.clock, VirtualClock),
        )

    def _seconds_left(self) -> float:
        """How long it may still run; a redrive starts the time anew (AWS: "Restarting … with redrive")."""
        limit = MAX_EXPRESS_SECONDS if self.machine.express else MAX_STANDARD_SECONDS
        seconds = min(self.machine.timeout_seconds or limit, limit)
        redriven = None if self.resume_state is None else self.resume_state.redriven
        return seconds - (self.scheduler.clock.now() - (self.started if redriven is None else redriven))


async def run_machine(run: RunContext) -> None:
    """Run the states of an execution, from the first one or from where it is resumed, and end it."""
    cursor = Cursor(run)
    resume_point = run.resume_state.resume_point if run.resume_state else None
    if isinstance(resume_point, FinishedBranch):
        cursor.last = resume_point.last
    outcome = await run_graph(run.machine.graph, cursor, run.input, resume_point)
    run.end(outcome, cursor.last)


async def run_graph(graph: tree.StateGraph, cursor: Cursor, value: Any, resume_point: BranchProgress = None) -> Outcome:
    """Run a StartAt and its states from `value`, or from where they are resumed, to an outcome."""
    if isinstance(resume_point, FinishedBranch):
        return Success(resume_point.output)
    following: str | None = graph.start_at
    if resume_point is not None:
        following, value = resume_point.state, resume_point.value
    while following is not None:
        state = graph.states[following]
        if resume_point is None:
            cursor.enter(state, value)
        else:
            cursor.resume_at(state, resume_point)
            resume_point = None
        step = await RUNNERS[type(state)](state, cursor, value)
        if isinstance(step, Failure):
            return step
        value, following = step.output, step.next
    return Success(value)


def _run_map(state: tree.Map, cursor: Cursor, value: Any) -> Coroutine[Signal, None, Step | Failure]:
    if state.distributed:
        # Loaded for the first one that runs: most processes run none, and start sooner.
        from everypath.engine.distributed.map_state import run_distributed_map

        return run_distributed_map(state, cursor, value, run_machine)
    return run_map(state, cursor, value, run_graph)


#: What runs a state, by its type.
RUNNERS: dict[type[tree.State], StateRunner] = {
    tree.Task: run_task,
    tree.Pass: run_pass,
    tree.Wait: run_wait,
    tree.Choice: run_choice,
    tree.Succeed: run_succeed,
    tree.Fail: run_fail,
    tree.Parallel: partial(run_parallel, run_graph=run_graph),
    tree.Map: _run_map,
}
