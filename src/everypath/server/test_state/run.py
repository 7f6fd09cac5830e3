"""Runs one state with the engine's own code: once, without retries, and keeping what each stage of it gave."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from everypath.asl.errors import StateError
from everypath.asl.tree import ErrorHandlingState, Map, Parallel, Pass, State, Task
from everypath.engine import matching
from everypath.engine import retry_catch as handling
from everypath.engine.context import MAX_EXPRESS_SECONDS, RunContext
from everypath.engine.cursor import Cursor
from everypath.engine.dataflow import Step
from everypath.engine.interpreter import RUNNERS
from everypath.engine.states.task import Race, attempt_task
from everypath.history.outcome import TIMEOUT, Failure, Outcome, Success
from everypath.server.protocol import Json
from everypath.server.test_state.map_work import attempt_map


@dataclass(frozen=True, slots=True)
class Tested:
    """What a state came to.

    Parameters
    ----------
    status : str
        ``SUCCEEDED``, ``FAILED``, ``RETRIABLE`` or ``CAUGHT_ERROR``.
    step : Step or None
        How it was left, if it was.
    failure : Failure or None
        What went wrong in it, caught or not.
    handled_by : dict
        ``errorDetails``: the retrier or the catcher that took the failure.
    """

    status: str
    step: Step | None = None
    failure: Failure | None = None
    handled_by: Json | None = None


class TestedCursor(Cursor):
    """The line of an execution in which one state is tested.

    Parameters
    ----------
    context : dict or None
        The context object; None for that of the execution.
    item : dict or None
        ``Map`` of the execution's context object.
    """

    def __init__(
        self, run: RunContext, variables: dict[str, Any], context: dict[str, Any] | None, item: dict[str, Any] | None
    ) -> None:
        super().__init__(run, variables=variables, item=item)
        self.stages = {}
        self._context = context

    def context(self) -> dict[str, Any]:
        """Return the context object."""
        return super().context() if self._context is None else self._context

    def failure(self, error: StateError, *, evaluated_late: bool = False) -> Failure:
        """Turn what an expression raised into a failure; its cause does not name the state (recorded)."""
        return Failure(error.error, error.cause, fatal=error.error == matching.RUNTIME)


def run_state(state: State, cursor: Cursor, value: Any, mocked: Outcome | None, configuration: Json) -> Tested:
    """Run a state from its raw input; it has five minutes (AWS: API reference).

    Parameters
    ----------
    mocked : Outcome or None
        What its work comes to, where it is not to be done.
    configuration : dict
        ``stateConfiguration`` of the request.
    """
    scheduler = cursor.run.scheduler

    async def work() -> Outcome:
        return Success(await _test(state, cursor, value, mocked, configuration))

    outcome = scheduler.run(Race(scheduler, MAX_EXPRESS_SECONDS, None).run(work()))
    if isinstance(outcome, Failure):
        return Tested("FAILED", failure=TIMEOUT)
    tested: Tested = outcome.output
    return tested


async def _test(state: State, cursor: Cursor, value: Any, mocked: Outcome | None, configuration: Json) -> Tested:
    cursor.enter(state, value)
    if isinstance(state, ErrorHandlingState):
        retries = _retries(cursor, configuration)
        return await _handled(state, cursor, value, _attempt(state, cursor, value, mocked, configuration), retries)
    step = await RUNNERS[type(state)](state, cursor, value)
    if isinstance(state, Pass) and state.has_result and cursor.stages is not None:
        cursor.stages["result"] = state.result
    return Tested("FAILED", failure=step) if isinstance(step, Failure) else Tested("SUCCEEDED", step)


def _retries(cursor: Cursor, configuration: Json) -> int:
    """Return how often the retrier of the mocked error has retried, and let the context object say so, too.

    Where only the context object says it, that counts (AWS's guide to TestState: "Testing catch handlers").
    """
    retries: int | None = configuration.get("retrierRetryCount")
    if retries is None:
        retries = cursor.context().get("State", {}).get("RetryCount", 0)
    cursor.retry_count = retries
    return retries


def _attempt(
    state: ErrorHandlingState, cursor: Cursor, value: Any, mocked: Outcome | None, configuration: Json
) -> Callable[[], Awaitable[Outcome]]:
    """Return what does a state's work once."""

    async def attempt() -> Outcome:
        if isinstance(state, Task):
            outcome = await attempt_task(state, cursor, value)
            if isinstance(outcome, Success) and cursor.stages is not None:
                cursor.stages["result"] = outcome.output
            return outcome
        assert mocked is not None
        if isinstance(state, Map):
            return await attempt_map(state, cursor, value, mocked, configuration)
        # Of what the branches are given TestState shows nothing (recorded): it is not worked out.
        assert isinstance(state, Parallel)
        return mocked

    return attempt


async def _handled(
    state: ErrorHandlingState, cursor: Cursor, value: Any, attempt: Callable[[], Awaitable[Outcome]], retries: int
) -> Tested:
    """Make one attempt, and say what the state would do about its failure.

    A retrier that has retried as often as it may is named where nothing catches the failure (recorded).
    """
    step = await handling.attempt_once(state, cursor, value, attempt)
    if not isinstance(step, Failure):
        return Tested("SUCCEEDED", step)
    failure = step
    retrier = matching.find(state.retriers, failure)
    if retrier is not None and retries < state.retriers[retrier].max_attempts:
        seconds = matching.delay(state.retriers[retrier], retries, cursor.run.random)
        # The API's model has whole seconds.
        return Tested("RETRIABLE", None, failure, {"retryIndex": retrier, "retryBackoffIntervalSeconds": int(seconds)})
    catcher = matching.find(state.catchers, failure)
    left = handling.give_up(state, cursor, value, failure)
    if not isinstance(left, Failure):
        return Tested("CAUGHT_ERROR", left, failure, {"catchIndex": catcher})
    return Tested("FAILED", None, left, None if retrier is None else {"retryIndex": retrier})
