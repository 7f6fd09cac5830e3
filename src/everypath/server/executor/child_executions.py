"""The child executions of distributed Maps: recorded while they run, and redriven with their map run."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from everypath.server.store.execution_record import ExecutionRecord, Redrives

if TYPE_CHECKING:
    from everypath.engine.child_result import ChildResult
    from everypath.engine.context import RunContext
    from everypath.engine.map_run import MapRun
    from everypath.history.resume_point import ResumeState
    from everypath.server.store.state_store import StateStore


class ChildExecutions:
    """Observes the child executions of an execution, which run in its thread; all methods are called there.

    Parameters
    ----------
    store : StateStore
        Where they are recorded.
    parent : ExecutionRecord
        The execution.
    pending : dict of ExecutionRecord to None
        Those of the same thread that have events which were not saved yet.
    known : mapping of str to ExecutionRecord
        By their ARNs, those that exist before the execution is resumed or redriven.
    """

    def __init__(
        self,
        store: StateStore,
        parent: ExecutionRecord,
        pending: dict[ExecutionRecord, None],
        known: Mapping[str, ExecutionRecord],
    ) -> None:
        self._store = store
        self._parent = parent
        self._pending = pending
        self._known = known

    def observe(self, run: RunContext) -> None:
        """Observe the child executions of a run."""
        map_runs = run.map_runs
        map_runs.on_child, map_runs.redrivable = self._record, self._redrivable
        map_runs.resume_state_of = self._resume_state_of

    def _record(self, map_run: MapRun, run: RunContext) -> None:
        """Record a child execution that begins or is redriven."""
        if run.machine.express:  # it cannot be listed or described
            return
        store, child = self._store, self._known.get(run.identity.arn)
        if child is None:
            child = ExecutionRecord.of_run(run, self._parent.revision, run.input_text, map_run=map_run, items=run.items)
            change = store.add_execution
        else:
            run.map_runs.started = child.map_runs
            child.attach(run)
            change = store.mark_running
        store.save_execution(child)
        store.track(child, run, self._pending)
        store.defer(change, child)

        def finish() -> None:
            store.defer(store.mark_ended, child)
            child.detach()

        run.ended.then(finish)

    def _redrivable(self, result: ChildResult) -> bool:
        """Whether a child execution that was not successful can be redriven; one that was deleted is started anew."""
        child = self._known.get(result.identity.arn)
        return child is None or not child.failed_for_good

    def _resume_state_of(self, result: ChildResult, now: float) -> ResumeState | None:
        """Return what a child execution that is redriven now resumes from."""
        # Loaded only when a history has to be read.
        from everypath.history.resume import read_resume_point
        from everypath.history.resume_point import ResumeState

        child = self._known.get(result.identity.arn)
        if child is None:
            return None
        child.redrives = Redrives(child.redrives.count + 1, now)
        resume_point = read_resume_point(child.events, child.retried, redrive=True)
        return ResumeState(child.events, child.retried, resume_point, child.started, child.redrives.count, now)


def abort_child(child: ExecutionRecord) -> None:
    """Abort a child execution that was interrupted: its map run is not resumed, another one begins."""
    last = child.events[-1]["timestamp"] if child.events else datetime.fromtimestamp(child.started, UTC)
    child.events.append(
        {
            "timestamp": last,
            "type": "ExecutionAborted",
            "id": len(child.events) + 1,
            "previousEventId": 0,
            "executionAbortedEventDetails": {},
        }
    )


def abort_map_run(map_run: MapRun, moment: float) -> None:
    """Abort a map run that was interrupted."""
    for counts in (map_run.executions, map_run.items):
        counts.recount("RUNNING", "ABORTED", counts.running)
        counts.recount("PENDING_REDRIVE", "ABORTED", counts.pending_redrive)
    map_run.end("ABORTED", moment)
