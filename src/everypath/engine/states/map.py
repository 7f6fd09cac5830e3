"""The Map state in INLINE mode: its iterations are part of the execution."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from everypath.asl.errors import StateError
from everypath.asl.tree import Map
from everypath.engine import dataflow
from everypath.engine.concurrent_branches import ConcurrentBranch, ConcurrentBranches, GraphRunner, abort_state
from everypath.engine.cursor import Cursor
from everypath.engine.dataflow import Step
from everypath.engine.map_items import find_items, select
from everypath.engine.retry_catch import run_attempts
from everypath.history.outcome import Failure, Outcome, Success
from everypath.history.resume_point import BranchProgress, FinishedBranch

#: Iterations that run at the same time where MaxConcurrency is 0 (AWS: "Map state in Inline mode").
DEFAULT_CONCURRENCY = 40


async def run_map(state: Map, cursor: Cursor, value: Any, run_graph: GraphRunner) -> Step | Failure:
    """Run a Map state in INLINE mode: the result is the list of its iterations' outputs."""

    async def attempt() -> Outcome:
        return await _attempt(state, cursor, value, run_graph)

    return await run_attempts(state, cursor, value, attempt)


async def _attempt(state: Map, cursor: Cursor, value: Any, run_graph: GraphRunner) -> Outcome:
    resume_point = cursor.take_resume_point()
    effective = dataflow.effective_input(state, cursor, value)
    items = find_items(state, cursor, effective)
    limit = _limit(state, cursor, effective)
    begun: dict[int, BranchProgress] = {}
    if resume_point is not None and resume_point.started:
        started = resume_point.started
        names = {f"{state.name} [{index}]": index for index in range(len(items))}
        begun = {names[name]: progress for name, progress in resume_point.branches.items()}
    else:
        started = cursor.add("MapStateStarted", "mapStateStartedEventDetails", {"length": len(items)})

    last_succeeded = max((done.end for done in begun.values() if isinstance(done, FinishedBranch)), default=started)

    def start(index: int, previous: int) -> ConcurrentBranch:
        branch = resume(index, previous)
        branch.cursor.add("MapIterationStarted", "mapIterationStartedEventDetails", _iteration(state, index))
        return branch

    def resume(index: int, last: int = started) -> ConcurrentBranch:
        return ConcurrentBranch(index, cursor.child(last, {"Item": {"Index": index, "Value": items[index]}}))

    async def work(branch: ConcurrentBranch) -> Outcome:
        selected = None
        if branch.resume_point is None:
            try:
                selected = select(state, cursor, branch.cursor, effective, items[branch.index])
            except StateError as error:
                return cursor.failure(error)
        outcome = await run_graph(state.processor, branch.cursor, selected, branch.resume_point)
        if isinstance(outcome, Success):
            nonlocal last_succeeded
            last_succeeded = cursor.run.history.add(
                "MapIterationSucceeded",
                branch.cursor.last,
                "mapIterationSucceededEventDetails",
                _iteration(state, branch.index),
            )
        return outcome

    concurrent = ConcurrentBranches(cursor.run.scheduler, len(items), limit, start, work, resume)
    failed = await concurrent.run(started, begun)
    if failed is not None:
        _abort(state, cursor, concurrent, failed)
        assert failed.failure is not None
        return replace(failed.failure, fatal=False)
    cursor.last = last_succeeded
    cursor.run.history.add("MapStateSucceeded", cursor.last)
    return Success(concurrent.outputs)


def _limit(state: Map, cursor: Cursor, effective: Any) -> int:
    limit = 0 if state.max_concurrency is None else int(state.max_concurrency.evaluate(cursor.scope(effective)))
    return limit or DEFAULT_CONCURRENCY


def _iteration(state: Map, index: int) -> dict[str, Any]:
    return {"name": state.name, "index": index}


def _abort(state: Map, cursor: Cursor, concurrent: ConcurrentBranches, failed: ConcurrentBranch) -> None:
    """Write that an iteration has failed and that the others are aborted; all of that follows from what failed."""
    cursor.last = failed.cursor.last
    add = cursor.run.history.add
    details = _iteration(state, failed.index)
    add("MapIterationFailed", cursor.last, "mapIterationFailedEventDetails", details)
    abort_state(failed.cursor, cursor.last)
    for branch in concurrent.active.values():
        if branch is not failed:
            details = _iteration(state, branch.index)
            add("MapIterationAborted", cursor.last, "mapIterationAbortedEventDetails", details)
            abort_state(branch.cursor, cursor.last)
