"""Retry and Catch of Task, Parallel and Map: what is retried, after which delay, and what is caught."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from random import Random
from typing import Any

from everypath.asl.error_catalog import first_taker
from everypath.asl.errors import StateError
from everypath.asl.tree import LONGEST_DELAY, ErrorHandlingState, Retrier, Task
from everypath.engine import dataflow
from everypath.engine.cursor import Cursor
from everypath.engine.dataflow import Step, leave
from everypath.history.outcome import Failure, Outcome
from everypath.history.resume_point import ResumePoint, Retried


async def run_attempts(
    state: ErrorHandlingState, cursor: Cursor, value: Any, attempt: Callable[[], Awaitable[Outcome]]
) -> Step | Failure:
    """Run `attempt` until it succeeds or no retrier takes its error; then leave the state, catch, or fail.

    A retry adds no event of its own and does not enter the state again (recorded). Every retrier counts its own
    retries, and only the first one that takes an error is considered.
    """
    retries = [0] * len(state.retriers)
    if cursor.resume_point is not None:
        await _resume(cursor, cursor.resume_point, retries)
    while True:
        failure = await attempt_once(state, cursor, value, attempt)
        if not isinstance(failure, Failure):
            return failure
        index = None if failure.fatal else first_taker(state.retriers, failure.error, failure.alias)
        if index is None or retries[index] >= state.retriers[index].max_attempts:
            return give_up(state, cursor, value, failure)
        seconds = retry_delay(state.retriers[index], retries[index], cursor.run.random)
        _record_retry(cursor, index, seconds)
        await cursor.run.scheduler.sleep(seconds)
        retries[index] += 1
        cursor.retry_count += 1
        cursor.run.transitions += 1


def _record_retry(cursor: Cursor, retrier: int, seconds: float) -> None:
    """Record that a retrier has taken an error, so that the execution can be resumed: no event says so."""
    run = cursor.run
    due = run.scheduler.clock.now() + seconds
    run.retried.append(Retried(cursor.entered_id, len(run.history.events), retrier, due, cursor.last))


async def _resume(cursor: Cursor, resume_point: ResumePoint, retries: list[int]) -> None:
    """Count the retries from before an interruption, and wait until the one that is pending is due."""
    for retried in resume_point.retried:
        retries[retried.retrier] += 1
    if resume_point.due is not None:
        cursor.resume_point = resume_point.anew()
        cursor.last = cursor.resume_point.last
        await cursor.run.scheduler.sleep(resume_point.due - cursor.run.scheduler.clock.now())


async def attempt_once(
    state: ErrorHandlingState, cursor: Cursor, value: Any, attempt: Callable[[], Awaitable[Outcome]]
) -> Step | Failure:
    """Run `attempt` once and leave the state, unless it fails."""
    try:
        outcome = await attempt()
        if isinstance(outcome, Failure):
            return outcome
        output, assigned = dataflow.finish(state, cursor, value, outcome.output)
    except StateError as error:
        return cursor.failure(error)
    return leave(state, cursor, output, assigned, state.next)


def give_up(state: ErrorHandlingState, cursor: Cursor, value: Any, failure: Failure) -> Step | Failure:
    """Leave the state by the catcher that takes a failure which is not retried; fail where there is none."""
    if failure.fatal:
        # What goes wrong in the state's own fields ends it at once, without a ...StateFailed event (recorded).
        return failure
    if not isinstance(state, Task):
        cursor.add(f"{type(state).__name__}StateFailed")
    index = first_taker(state.catchers, failure.error, failure.alias)
    if index is None:
        return failure
    catcher = state.catchers[index]
    try:
        output, assigned = dataflow.catch(state, catcher, cursor, value, failure.output())
    except StateError as error:
        return cursor.failure(error)
    return leave(state, cursor, output, assigned, catcher.next)


def retry_delay(retrier: Retrier, retries: int, random: Random) -> float:
    """Return the seconds that a retrier waits before its next attempt.

    Parameters
    ----------
    retrier : Retrier
        The retrier.
    retries : int
        How often it has retried in this visit of the state.
    random : Random
        Where jitter comes from: with FULL, the wait is anything from 0 to what it would otherwise be.
    """
    # A backoff without a MaxDelaySeconds has to stop growing somewhere.
    limit = float(LONGEST_DELAY) if retrier.max_delay_seconds is None else retrier.max_delay_seconds
    try:
        seconds = min(retrier.interval_seconds * retrier.backoff_rate**retries, limit)
    except OverflowError:
        seconds = limit
    return random.uniform(0, seconds) if retrier.full_jitter else seconds
