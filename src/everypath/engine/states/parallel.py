"""The Parallel state."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from everypath.asl.tree import Parallel
from everypath.engine import dataflow
from everypath.engine.concurrent_branches import ConcurrentBranch, ConcurrentBranches, GraphRunner, abort_state
from everypath.engine.cursor import Cursor
from everypath.engine.dataflow import Step
from everypath.engine.retry_catch import run_attempts
from everypath.history.outcome import Failure, Outcome, Success
from everypath.history.resume_point import BranchProgress


async def run_parallel(state: Parallel, cursor: Cursor, value: Any, run_graph: GraphRunner) -> Step | Failure:
    """Run a Parallel state: all branches with the same input; the result is the list of their outputs."""

    async def attempt() -> Outcome:
        return await _attempt(state, cursor, value, run_graph)

    return await run_attempts(state, cursor, value, attempt)


async def _attempt(state: Parallel, cursor: Cursor, value: Any, run_graph: GraphRunner) -> Outcome:
    resume_point = cursor.take_resume_point()
    arguments = dataflow.arguments(state, cursor, value)
    begun: dict[int, BranchProgress] = {}
    if resume_point is not None and resume_point.started:
        started = resume_point.started
        begun = {index: resume_point.branches.get(branch.start_at) for index, branch in enumerate(state.branches)}
    else:
        started = cursor.add("ParallelStateStarted")
    concurrent = ConcurrentBranches(
        cursor.run.scheduler,
        count=len(state.branches),
        limit=len(state.branches),
        start=lambda index, previous: ConcurrentBranch(index, cursor.child(previous)),
        work=lambda branch: run_graph(state.branches[branch.index], branch.cursor, arguments, branch.resume_point),
        resume=lambda index: ConcurrentBranch(index, cursor.child(started)),
    )
    failed = await concurrent.run(started, begun)
    if failed is not None:
        assert failed.failure is not None
        cursor.last = failed.cursor.last
        for branch in [failed, *(other for other in concurrent.active.values() if other is not failed)]:
            abort_state(branch.cursor, cursor.last)
        return replace(failed.failure, fatal=False)
    cursor.last = concurrent.last
    cursor.run.history.add("ParallelStateSucceeded", cursor.last)
    return Success(concurrent.outputs)
