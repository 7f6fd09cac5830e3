"""The Map state in DISTRIBUTED mode: a map run, whose child executions have histories of their own."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Coroutine
from typing import Any

from everypath.asl.error_catalog import (
    EXCEED_TOLERATED_FAILURE_THRESHOLD,
    ITEM_READER_FAILED,
    RESULT_WRITER_FAILED,
    RUNTIME,
)
from everypath.asl.errors import StateError
from everypath.asl.scope import Expression
from everypath.asl.tree import Map
from everypath.engine import dataflow
from everypath.engine.child_result import Tolerance
from everypath.engine.cursor import Cursor
from everypath.engine.dataflow import Step
from everypath.engine.distributed.child_runs import ChildRuns, MachineRunner
from everypath.engine.distributed.item_batcher import child_inputs
from everypath.engine.distributed.item_reader import read_items
from everypath.engine.distributed.result_writer import results_as_output, write_results
from everypath.engine.map_items import given_items, selected
from everypath.engine.map_run import Changes, MapRun
from everypath.engine.retry_catch import run_attempts
from everypath.engine.scheduler import Signal
from everypath.history.outcome import Failure, Outcome, Success
from everypath.history.resume_point import ResumePoint

#: A map run in which too many items failed; the cause is recorded (TestState).
EXCEEDED = Failure(EXCEED_TOLERATED_FAILURE_THRESHOLD, "The specified tolerated failure threshold was exceeded")

#: How often a map run can be redriven (AWS: "Redriving Map Runs"); the words are everypath's.
MAX_REDRIVES = 1000
_TOO_MANY_REDRIVES = f"The maximum number of redrives ({MAX_REDRIVES}) of the Map Run has been reached."


async def run_distributed_map(state: Map, cursor: Cursor, value: Any, run_machine: MachineRunner) -> Step | Failure:
    """Run a Map state in DISTRIBUTED mode; each attempt is a map run of its own."""
    visit = _MapRunState(state, cursor, value, run_machine)
    step = await run_attempts(state, cursor, value, visit.attempt)
    if isinstance(step, Step):
        visit.forget()
    return step


class _MapRunState:
    """One visit of the state, and the map run that it has started last."""

    def __init__(self, state: Map, cursor: Cursor, value: Any, run_machine: MachineRunner) -> None:
        self._state = state
        self._cursor = cursor
        self._value = value
        self._run_machine = run_machine
        self._map_run: MapRun | None = None
        self._children: ChildRuns | None = None
        self._changed: list[Changes] = []

    async def attempt(self) -> Outcome:
        """Run one map run, or redrive the last one.

        The order in which the fields are evaluated shows in the history (recorded, ``distributed_map``): MaxConcurrency
        and the items that the input has before MapStateStarted, the tolerated failures before MapRunStarted, and the
        fields of an item reader only after that. The length of items that are yet to be read is 0.
        """
        state, cursor = self._state, self._cursor
        resume_point = cursor.take_resume_point()
        effective = dataflow.effective_input(state, cursor, self._value)
        unsuccessful = None if resume_point is None else _to_redrive(cursor, resume_point)
        if unsuccessful is not None:
            return await self._redrive(effective, unsuccessful)
        # A map run that was interrupted is not resumed: another one begins.
        self.forget()
        concurrency = int(number(state.max_concurrency, cursor, effective) or 0)
        given = given_items(state, cursor, effective) if state.reader is None else None
        length = 0 if given is None else len(given)
        cursor.add("MapStateStarted", "mapStateStartedEventDetails", {"length": length})
        tolerance = tolerated_failures(state, cursor, effective)
        map_run = self._map_run = _start(state, cursor, concurrency, tolerance)
        cursor.add("MapRunStarted", "mapRunStartedEventDetails", {"mapRunArn": map_run.arn})

        async def children() -> ChildRuns:
            items = given if given is not None else await read_items(state, cursor, effective)
            inputs = child_inputs(state.batcher, cursor, effective, selected(state, cursor, effective, items))
            return ChildRuns(cursor.run, state, map_run, inputs, tolerance, self._run_machine)

        return await self._run(effective, map_run, children)

    def forget(self) -> None:
        """Give up what it would take to redrive the last map run: another one follows, or the state is left."""
        if self._map_run is not None:
            self._map_run.remains = None

    async def _redrive(self, effective: Any, map_run: MapRun) -> Outcome:
        """Redrive a map run: run the children that were not successful. Its state is not started again."""
        state, cursor = self._state, self._cursor
        self._map_run, remains = map_run, map_run.remains
        assert remains is not None
        if map_run.redrives >= MAX_REDRIVES:
            raise StateError(RUNTIME, _TOO_MANY_REDRIVES)
        map_run.remains = None
        map_run.redrive(cursor.run.scheduler.clock.now())
        details = {"mapRunArn": map_run.arn, "redriveCount": map_run.redrives}
        cursor.add("MapRunRedriven", "mapRunRedrivenEventDetails", details)

        async def children() -> ChildRuns:
            return ChildRuns(
                cursor.run, state, map_run, remains.inputs, remains.tolerance, self._run_machine, remains.results
            )

        return await self._run(effective, map_run, children)

    async def _run(
        self, effective: Any, map_run: MapRun, make: Callable[[], Coroutine[Signal, None, ChildRuns]]
    ) -> Outcome:
        """Run a map run, which has been started or redriven, to its end."""
        cursor = self._cursor
        self._children, self._changed = None, []
        running = cursor.run.map_runs.running
        running[map_run.arn] = self._change
        try:
            tolerated, result = await self._work(effective, map_run, make)
        except StateError as error:
            return self._fail(map_run, _failure(cursor, error))
        except BaseException:
            # The execution, or the branch in which the Map is, has been stopped.
            self._end(map_run, "ABORTED")
            raise
        finally:
            del running[map_run.arn]
        if not tolerated:
            return self._fail(map_run, EXCEEDED)
        map_run.end("SUCCEEDED", cursor.run.scheduler.clock.now())
        _succeed(cursor)
        return Success(result)

    async def _work(
        self, effective: Any, map_run: MapRun, make: Callable[[], Coroutine[Signal, None, ChildRuns]]
    ) -> tuple[bool, Any]:
        """Return whether no more items failed than are tolerated, and the result."""
        children = await make()
        play = self._cursor.run.map_runs.play
        if play is not None:
            return True, await play(map_run, self._cursor.item, self._cursor.run.scheduler)
        self._children = children
        for changes in self._changed:
            children.change(changes)
        tolerated = await children.run()
        return tolerated, await _result(self._state, self._cursor, effective, map_run, children)

    def _change(self, changes: Changes) -> None:
        """Apply what UpdateMapRun changes; while the items are being read, keep it for the children."""
        if self._children is None:
            self._changed.append(changes)
        else:
            self._children.change(changes)

    def _fail(self, map_run: MapRun, failure: Failure) -> Failure:
        self._end(map_run, "FAILED")
        self._cursor.add("MapRunFailed", "mapRunFailedEventDetails", failure.details())
        return failure

    def _end(self, map_run: MapRun, status: str) -> None:
        """End a map run that was not successful; if it had its items, it can be redriven."""
        if self._children is not None:
            map_run.remains = self._children.remains()
        map_run.end(status, self._cursor.run.scheduler.clock.now())


def _to_redrive(cursor: Cursor, resume_point: ResumePoint) -> MapRun | None:
    """Return the map run that is redriven with its state; None where another one begins.

    Another one begins where the last one did not get as far as its items, or succeeded although its state then failed
    (AWS: "Redriving Map Runs").
    """
    if not resume_point.redriven:
        return None
    unsuccessful = (each for each in cursor.run.map_runs.started if each.arn == resume_point.map_run)
    return next((each for each in unsuccessful if each.remains is not None), None)


def _start(state: Map, cursor: Cursor, concurrency: int, tolerance: Tolerance) -> MapRun:
    run, identity = cursor.run, cursor.run.identity
    # A Map in a child execution is of the same state machine: its label takes the place of the outer Map's.
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
    """Return the Map's result; results that go to a bucket are written there even where too many items failed."""
    for counts in (map_run.executions, map_run.items):
        counts.results_written = counts.ended
    if state.writer is not None and state.writer.resource is None and not state.writer.config:
        # AWS accepts such a definition and fails its executions (aws/aws-cdk pull request 33831), in unknown words.
        raise StateError(RESULT_WRITER_FAILED, "ResultWriter must have a Resource or a WriterConfig.")
    if state.writer is not None and state.writer.resource is not None:
        return await write_results(state, cursor, effective, map_run, children)
    return results_as_output(state.writer, children.results)


def _succeed(cursor: Cursor) -> None:
    """Write the end of a map run; what comes after it follows from MapRunSucceeded, not MapStateSucceeded (recorded).

    AWS changed this for all definitions in autumn 2024: in the recordings since then, a third of all, MapStateExited
    follows from MapRunStarted. To write that, it is enough to set `cursor.last` back to that event.
    """
    cursor.add("MapRunSucceeded")
    cursor.run.history.add("MapStateSucceeded", cursor.last)


def _failure(cursor: Cursor, error: StateError) -> Failure:
    """Return what a map run fails with; the causes of its reader and its writer do not name the state."""
    if error.error in (ITEM_READER_FAILED, RESULT_WRITER_FAILED):
        return Failure(error.error, error.cause)
    return cursor.failure(error, evaluated_late=True)


def tolerated_failures(state: Map, cursor: Cursor, effective: Any) -> Tolerance:
    """Return how many items of a Map may fail."""
    try:
        count = number(state.tolerated_failure_count, cursor, effective)
        percentage = number(state.tolerated_failure_percentage, cursor, effective)
    except StateError:
        if state.jsonata:  # its EvaluationFailed follows from what that of any other field of the state does
            cursor.last = cursor.entered_id
        raise
    return Tolerance(None if count is None else int(count), percentage)


def number(field: Expression | None, cursor: Cursor, effective: Any) -> float | None:
    """Return the number that a field of a Map comes to; None where there is no such field."""
    return None if field is None else field.evaluate(cursor.scope(effective))
