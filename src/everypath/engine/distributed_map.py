"""The Map state in DISTRIBUTED mode: a map run, whose child executions have histories of their own."""

from __future__ import annotations

import uuid
from typing import Any

from everypath.asl.errors import StateError
from everypath.asl.scope import Expression
from everypath.asl.tree import Map
from everypath.engine import dataflow
from everypath.engine.child_runs import ChildRuns, Tolerance
from everypath.engine.cursor import Cursor
from everypath.engine.handling import handle
from everypath.engine.item_batcher import child_inputs
from everypath.engine.item_reader import FAILED as READER_FAILED
from everypath.engine.item_reader import read_items
from everypath.engine.map_items import given_items, selected
from everypath.engine.map_run import MapRun
from everypath.engine.outcome import Failure, Outcome, Success
from everypath.engine.result_writer import FAILED as WRITER_FAILED
from everypath.engine.result_writer import results_as_output, write_results
from everypath.engine.steps import Step

#: A map run in which too many items failed; the cause is recorded (TestState).
EXCEEDED = Failure("States.ExceedToleratedFailureThreshold", "The specified tolerated failure threshold was exceeded")


async def run_distributed_map(state: Map, cursor: Cursor, value: Any) -> Step | Failure:
    """Run a Map state in DISTRIBUTED mode; each attempt is a map run of its own."""

    async def attempt() -> Outcome:
        return await _attempt(state, cursor, value)

    return await handle(state, cursor, value, attempt)


async def _attempt(state: Map, cursor: Cursor, value: Any) -> Outcome:
    """Run one map run.

    The order in which the fields are evaluated shows in the history (recorded, ``distributed_map``): MaxConcurrency
    and the items that the input has before MapStateStarted, the tolerated failures before MapRunStarted, and what has
    to do with an item reader only after that. The length of items that are yet to be read is 0.
    """
    # A map run that was interrupted is not gone on with: another one begins.
    cursor.take_standing()
    effective = dataflow.effective_input(state, cursor, value)
    concurrency = int(number(state.max_concurrency, cursor, effective) or 0)
    given = given_items(state, cursor, effective) if state.reader is None else None
    length = 0 if given is None else len(given)
    cursor.add("MapStateStarted", "mapStateStartedEventDetails", {"length": length})
    tolerance = tolerated_failures(state, cursor, effective)
    map_run = _start(state, cursor, concurrency, tolerance)
    cursor.add("MapRunStarted", "mapRunStartedEventDetails", {"mapRunArn": map_run.arn})
    try:
        items = given if given is not None else await read_items(state, cursor, effective)
        inputs = child_inputs(state.batcher, cursor, effective, selected(state, cursor, effective, items))
        children = ChildRuns(cursor.run, state, map_run, inputs, tolerance)
        tolerated = await children.run()
        result = await _result(state, cursor, effective, map_run, children)
    except StateError as error:
        return _fail(cursor, map_run, _failure(cursor, error))
    except BaseException:
        # The execution, or the branch in which the Map is, has been stopped.
        map_run.end("ABORTED", cursor.run.scheduler.clock.now())
        raise
    if not tolerated:
        return _fail(cursor, map_run, EXCEEDED)
    map_run.end("SUCCEEDED", cursor.run.scheduler.clock.now())
    _succeed(cursor)
    return Success(result)


def _start(state: Map, cursor: Cursor, concurrency: int, tolerance: Tolerance) -> MapRun:
    run, identity = cursor.run, cursor.run.identity
    # A Map in a child execution is of the same state machine: its label stands in place of the outer Map's.
    machine = identity.state_machine_arn.rpartition("/")[0] or identity.state_machine_arn
    # The label of a Map that has none is an id of the state, not of the run (recorded, ``api_map_run``).
    label = state.label or str(uuid.uuid3(uuid.NAMESPACE_URL, f"{machine}/{state.name}"))
    map_run = MapRun(
        arn=f"{machine.replace(':stateMachine:', ':mapRun:', 1)}/{label}:{run.new_uuid()}",
        state=state.name,
        execution_arn=identity.arn,
        state_machine_arn=f"{machine}/{label}",
        start=run.scheduler.clock.now(),
        max_concurrency=concurrency,
        tolerated_failure_count=tolerance.count or 0,
        tolerated_failure_percentage=tolerance.percentage or 0.0,
    )
    run.map_runs.started.append(map_run)
    return map_run


async def _result(state: Map, cursor: Cursor, effective: Any, map_run: MapRun, children: ChildRuns) -> Any:
    """The Map's result; results that go to a bucket are written there even where too many items failed."""
    for counts in (map_run.executions, map_run.items):
        counts.results_written = counts.ended
    if state.writer is not None and state.writer.resource is not None:
        return await write_results(state, cursor, effective, map_run, children)
    return results_as_output(state.writer, children.results)


def _succeed(cursor: Cursor) -> None:
    """Write the end of a map run; what follows it follows from MapRunSucceeded, not from MapStateSucceeded (recorded).

    AWS has changed this for all definitions in autumn 2024: in the recordings since then, a third of all,
    MapStateExited follows from MapRunStarted. Setting `cursor.last` back to that event is all that there is to it.
    """
    cursor.add("MapRunSucceeded")
    cursor.run.history.add("MapStateSucceeded", cursor.last)


def _failure(cursor: Cursor, error: StateError) -> Failure:
    """What a map run fails with; what its reader and its writer say stands alone, without the state's name."""
    if error.error in (READER_FAILED, WRITER_FAILED):
        return Failure(error.error, error.cause)
    return cursor.failure(error, evaluated_late=True)


def _fail(cursor: Cursor, map_run: MapRun, failure: Failure) -> Failure:
    map_run.end("FAILED", cursor.run.scheduler.clock.now())
    cursor.add("MapRunFailed", "mapRunFailedEventDetails", failure.details())
    return failure


def tolerated_failures(state: Map, cursor: Cursor, effective: Any) -> Tolerance:
    """How many items of a Map may fail."""
    try:
        count = number(state.tolerated_failure_count, cursor, effective)
        percentage = number(state.tolerated_failure_percentage, cursor, effective)
    except StateError:
        if state.jsonata:  # its EvaluationFailed follows from what that of any other field of the state does
            cursor.last = cursor.entered_id
        raise
    return Tolerance(None if count is None else int(count), percentage)


def number(field: Expression | None, cursor: Cursor, effective: Any) -> float | None:
    """The number that a field of a Map comes to; None where there is no such field."""
    return None if field is None else field.evaluate(cursor.scope(effective))
