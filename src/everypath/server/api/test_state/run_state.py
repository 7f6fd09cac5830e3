"""Runs one state with the engine's own code: once, without retries, and with its data after each field."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from everypath.asl.error_catalog import RUNTIME, first_taker
from everypath.asl.errors import StateError
from everypath.asl.tree import ErrorHandlingState, Map, Parallel, Pass, State, Task
from everypath.engine import dataflow, retry_catch
from everypath.engine.context import MAX_EXPRESS_SECONDS, RunContext
from everypath.engine.cursor import Cursor
from everypath.engine.dataflow import Step
from everypath.engine.distributed.item_batcher import child_inputs
from everypath.engine.distributed.item_reader import read_items
from everypath.engine.distributed.map_state import EXCEEDED, number, tolerated_failures
from everypath.engine.interpreter import RUNNERS
from everypath.engine.map_items import MapItems, find_items, given_items, selected
from everypath.engine.states.task import Race, attempt_task
from everypath.history.outcome import TIMEOUT, Failure, Outcome, Success
from everypath.server.protocol import ApiError, Json

_TOO_MANY_FAILURES = "Map iteration failure count must be less than or equal to the number of Map iterations"


@dataclass(frozen=True, slots=True)
class StateResult:
    """The result of a state.

    Parameters
    ----------
    status : str
        ``SUCCEEDED``, ``FAILED``, ``RETRIABLE`` or ``CAUGHT_ERROR``.
    step : Step or None
        Its output and the next state, if the state was left.
    failure : Failure or None
        The error in it, caught or not.
    handled_by : dict
        ``errorDetails``: the retrier or the catcher that matches the error.
    """

    status: str
    step: Step | None = None
    failure: Failure | None = None
    handled_by: Json | None = None


class TestedCursor(Cursor):
    """The cursor of an execution in which one state is tested.

    Parameters
    ----------
    context : dict or None
        The context object of the request; None for that of the execution.
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
        """Return the failure of an expression; its cause does not name the state (recorded)."""
        return Failure(error.error, error.cause, fatal=error.error == RUNTIME)


def run_state(state: State, cursor: Cursor, value: Any, mocked: Outcome | None, configuration: Json) -> StateResult:
    """Run a state from its raw input, for at most five minutes (AWS: API reference).

    Parameters
    ----------
    mocked : Outcome or None
        The result of its work, if the work is not to be done.
    configuration : dict
        ``stateConfiguration`` of the request.
    """
    scheduler = cursor.run.scheduler

    async def work() -> Outcome:
        return Success(await _test(state, cursor, value, mocked, configuration))

    outcome = scheduler.run(Race(scheduler, MAX_EXPRESS_SECONDS, None).run(work()))
    if isinstance(outcome, Failure):
        return StateResult("FAILED", failure=TIMEOUT)
    result: StateResult = outcome.output
    return result


async def _test(state: State, cursor: Cursor, value: Any, mocked: Outcome | None, configuration: Json) -> StateResult:
    cursor.enter(state, value)
    if isinstance(state, ErrorHandlingState):
        retries = _retries(cursor, configuration)
        return await _attempt_once(state, cursor, value, _attempt(state, cursor, value, mocked, configuration), retries)
    step = await RUNNERS[type(state)](state, cursor, value)
    if isinstance(state, Pass) and state.has_result and cursor.stages is not None:
        cursor.stages["result"] = state.result
    return StateResult("FAILED", failure=step) if isinstance(step, Failure) else StateResult("SUCCEEDED", step)


def _retries(cursor: Cursor, configuration: Json) -> int:
    """Return how often the retrier of the mocked error has retried, and set it in the context object.

    If only the request's context object says it, that counts (AWS's guide to TestState: "Testing catch handlers").
    """
    retries: int | None = configuration.get("retrierRetryCount")
    if retries is None:
        retries = cursor.context().get("State", {}).get("RetryCount", 0)
    cursor.retry_count = retries
    return retries


def _attempt(
    state: ErrorHandlingState, cursor: Cursor, value: Any, mocked: Outcome | None, configuration: Json
) -> Callable[[], Awaitable[Outcome]]:
    """Return the function that does a state's work once."""

    async def attempt() -> Outcome:
        if isinstance(state, Task):
            outcome = await attempt_task(state, cursor, value)
            if isinstance(outcome, Success) and cursor.stages is not None:
                cursor.stages["result"] = outcome.output
            return outcome
        assert mocked is not None
        if isinstance(state, Map):
            return await _attempt_map(state, cursor, value, mocked, configuration)
        # TestState does not show the input of the branches (recorded), so it is not evaluated.
        assert isinstance(state, Parallel)
        return mocked

    return attempt


async def _attempt_once(
    state: ErrorHandlingState, cursor: Cursor, value: Any, attempt: Callable[[], Awaitable[Outcome]], retries: int
) -> StateResult:
    """Make one attempt, and return what the state would do about its failure.

    If nothing catches the failure, a retrier with no retries left is reported (recorded).
    """
    step = await retry_catch.attempt_once(state, cursor, value, attempt)
    if not isinstance(step, Failure):
        return StateResult("SUCCEEDED", step)
    failure = step
    retrier = None if failure.fatal else first_taker(state.retriers, failure.error, failure.alias)
    if retrier is not None and retries < state.retriers[retrier].max_attempts:
        seconds = retry_catch.retry_delay(state.retriers[retrier], retries, cursor.run.random)
        # In the API's model the interval is a whole number.
        details = {"retryIndex": retrier, "retryBackoffIntervalSeconds": int(seconds)}
        return StateResult("RETRIABLE", None, failure, details)
    catcher = first_taker(state.catchers, failure.error, failure.alias)
    left = retry_catch.give_up(state, cursor, value, failure)
    if not isinstance(left, Failure):
        return StateResult("CAUGHT_ERROR", left, failure, {"catchIndex": catcher})
    return StateResult("FAILED", None, left, None if retrier is None else {"retryIndex": retrier})


async def _attempt_map(state: Map, cursor: Cursor, value: Any, mocked: Outcome, configuration: Json) -> Outcome:
    """Return the outcome of a mocked Map: its fields are evaluated, and its iterations do not run.

    Which fields TestState shows, and the result of iterations that fail, is recorded (``test_state_api``).

    Raises
    ------
    StateError
        A field cannot be evaluated.
    ApiError
        The request says that more iterations failed than there are.
    """
    stages = cursor.stages
    assert stages is not None
    effective = dataflow.effective_input(state, cursor, value)
    items = await _items(state, cursor, effective, configuration)
    if items is not None:
        _show_items(state, cursor, effective, items)
    stages["maxConcurrency"] = int(number(state.max_concurrency, cursor, effective) or 0)
    tolerance = tolerated_failures(state, cursor, effective)
    if tolerance.count is not None:
        stages["toleratedFailureCount"] = tolerance.count
    if tolerance.percentage is not None:
        stages["toleratedFailurePercentage"] = float(tolerance.percentage)
    failed, total = configuration.get("mapIterationFailureCount"), _total(mocked, items)
    if failed is None or total is None:
        return mocked
    if failed > total:
        raise ApiError("ValidationException", _TOO_MANY_FAILURES)
    # Without a tolerance any number of iterations may fail (recorded), although in an execution none may.
    limited = tolerance.count is not None or tolerance.percentage is not None
    if not isinstance(mocked, Failure) and limited and tolerance.exceeded(failed, total):
        return EXCEEDED
    return mocked


async def _items(state: Map, cursor: Cursor, effective: Any, configuration: Json) -> MapItems | None:
    """Return the items; None if an item reader would have to read them and the request has no data for it."""
    if state.reader is not None:
        return await read_items(state, cursor, effective) if configuration.get("mapItemReaderData") else None
    if state.distributed:
        return given_items(state, cursor, effective)
    return MapItems(find_items(state, cursor, effective))


def _show_items(state: Map, cursor: Cursor, effective: Any, items: MapItems) -> None:
    """Show the items after each field; all but ItemsPath is from the API reference, and not recorded."""
    stages = cursor.stages
    assert stages is not None
    if state.reader is not None:
        if state.reader.config.get("ItemsPointer"):
            stages["afterItemsPointer"] = list(items.values)
    elif not state.jsonata:
        stages["afterItemsPath"] = list(items.values)
    inputs = list(selected(state, cursor, effective, items))
    if state.item_selector is not None:
        stages["afterItemSelector"] = inputs
    if state.batcher is not None:
        stages["afterItemBatcher"] = [batch for batch, _ in child_inputs(state.batcher, cursor, effective, inputs)]


def _total(mocked: Outcome, items: MapItems | None) -> int | None:
    if not isinstance(mocked, Failure) and isinstance(mocked.output, list):
        return len(mocked.output)
    return None if items is None else len(items)
