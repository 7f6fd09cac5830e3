"""The Parallel state."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from everypath.asl.tree import Parallel
from everypath.engine import dataflow
from everypath.engine.abort import abort_state
from everypath.engine.concurrent_branches import Group, Member
from everypath.engine.cursor import Cursor
from everypath.engine.retry_catch import handle
from everypath.engine.steps import Step
from everypath.history.outcome import Failure, Outcome, Success
from everypath.history.resume_point import Member as Stands


async def run_parallel(state: Parallel, cursor: Cursor, value: Any) -> Step | Failure:
    """Run a Parallel state: all branches with the same input; the result is the list of their outputs."""

    async def attempt() -> Outcome:
        return await _attempt(state, cursor, value)

    return await handle(state, cursor, value, attempt)


async def _attempt(state: Parallel, cursor: Cursor, value: Any) -> Outcome:
    standing = cursor.take_standing()
    arguments = dataflow.arguments(state, cursor, value)
    begun: dict[int, Stands] = {}
    if standing is not None and standing.started:
        started = standing.started
        begun = {index: standing.members.get(branch.start_at) for index, branch in enumerate(state.branches)}
    else:
        started = cursor.add("ParallelStateStarted")
    group = Group(
        cursor.run.scheduler,
        count=len(state.branches),
        limit=len(state.branches),
        start=lambda index, previous: Member(index, cursor.child(previous)),
        work=lambda member: cursor.run.run_flow(
            state.branches[member.index], member.cursor, arguments, member.standing
        ),
        resume=lambda index: Member(index, cursor.child(started)),
    )
    failed = await group.run(started, begun)
    if failed is not None:
        assert failed.failure is not None
        cursor.last = failed.cursor.last
        for member in [failed, *(other for other in group.active.values() if other is not failed)]:
            abort_state(member.cursor, cursor.last)
        return replace(failed.failure, fatal=False)
    cursor.last = group.last
    cursor.run.history.add("ParallelStateSucceeded", cursor.last)
    return Success(group.outputs)
