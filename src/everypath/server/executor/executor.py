"""Starts, resumes and redrives executions, and has them saved as they run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from everypath.asl import json_text
from everypath.asl.error_catalog import RUNTIME
from everypath.errors import InputError
from everypath.history.resume_point import ResumePoint, ResumeState
from everypath.server.executor.child_executions import ChildExecutions, abort_child, abort_map_run
from everypath.server.inline_execution import MAX_INPUT
from everypath.server.store.execution_record import ExecutionRecord

if TYPE_CHECKING:
    from everypath.asl.tree import StateMachine as Tree
    from everypath.engine.identity import Identity
    from everypath.engine.interpreter import Run
    from everypath.history.outcome import Outcome
    from everypath.history.resume_point import BranchProgress
    from everypath.server.executor.mock_file import MockFile
    from everypath.server.executor.runner import Runner
    from everypath.server.store.records import Revision
    from everypath.server.store.restore import Interrupted
    from everypath.server.store.state_store import StateStore
    from everypath.tasks.mock_cases import Mocks

_NO_CHILDREN: Mapping[str, ExecutionRecord] = {}


class Executor:
    """Starts, resumes and redrives executions; all methods are called in the event loop's thread.

    Parameters
    ----------
    store : StateStore
        Where executions are recorded and saved.
    runner : Runner
        Runs them.
    mock_file : MockFile, optional
        The test cases that they can be started with.
    interrupted : Interrupted, optional
        What an earlier server has left unfinished.
    """

    def __init__(
        self,
        store: StateStore,
        runner: Runner,
        mock_file: MockFile | None = None,
        interrupted: Interrupted | None = None,
    ) -> None:
        self.runner = runner
        self._store = store
        self._mock_file = mock_file
        self._interrupted = interrupted

    def mocks_for(self, machine_name: str, tree: Tree, case: str | None) -> Mocks | None:
        """Return what mocks the tasks of an execution of a test case; None without a test case.

        Raises
        ------
        InputError
            There is no such test case, or the mock configuration cannot be used.
        """
        if case is None:
            return None
        if self._mock_file is None:
            raise InputError(
                f"The test case '{case}' is asked for, but there is no mock configuration: start the server with "
                "--mock-config FILE or SFN_MOCK_CONFIG"
            )
        return self._mock_file.mocks(machine_name, case, self.runner.tasks, tree)

    def prepare(
        self, identity: Identity, revision: Revision, value: Any, text: str, mocks: Mocks | None, **more: Any
    ) -> tuple[ExecutionRecord, Run]:
        """Return an execution that has not begun; `more` are parameters of `ExecutionRecord`."""
        run = self.runner.prepare(revision.tree, value, text, identity, mocks)
        return ExecutionRecord.of_run(run, revision, text, **more), run

    def start(self, execution: ExecutionRecord, run: Run) -> None:
        """Start an execution; the store does not hold Express executions, of which the service has no history."""
        if not run.machine.express:
            self._store.add_execution(execution)
        self._launch(execution, run)

    def start_sync(self, execution: ExecutionRecord, run: Run) -> None:
        """Start an execution of which nothing is recorded, because its client waits for the result."""
        self.runner.run(run, execution.detach, inline=_may_run_inline(execution))

    def redrive(self, execution: ExecutionRecord, resume_point: BranchProgress) -> None:
        """Redrive an execution that was not successful.

        Raises
        ------
        InputError
            Its test case cannot be used any more.
        """
        children = self._store.descendants_of(execution)
        counts: Counter[str] = Counter()
        if execution.case is not None:
            for each in (execution, *children.values()):
                counts.update(_scheduled(each))
        mocks = self._mocks_after(execution, counts)
        # That it has ended may be deferred still, and deferred changes are made in order.
        self._store.defer(self._store.mark_running, execution)
        run = self._prepare_resumed(execution, resume_point, {}, mocks)
        self._launch(execution, run, children=children, redrive=True)

    def resume_all(self) -> None:
        """Resume the executions that an earlier server has left unfinished."""
        interrupted, self._interrupted = self._interrupted, None
        if interrupted is None:
            return
        for execution in list(self._store.executions.values()):
            if execution.status == "RUNNING" and execution.map_run is not None:
                abort_child(execution)
                self._store.save_history(execution)
                self._store.mark_ended(execution)
        for execution in list(self._store.executions.values()):
            for map_run in execution.map_runs:
                if map_run.status == "RUNNING":
                    abort_map_run(map_run, execution.events[-1]["timestamp"].timestamp())
                    self._store.save_map_run(execution, map_run)
            if execution.status == "RUNNING":
                self._resume(execution, interrupted.task_results.get(execution.arn, {}))
        for execution in interrupted.express:
            self._resume(execution, {})

    def _resume(self, execution: ExecutionRecord, task_results: Mapping[str, Outcome]) -> None:
        """Resume an execution from its history; one without a history begins."""
        # Loaded only when a history has to be read.
        from everypath.history.resume import read_resume_point

        resume_point = read_resume_point(execution.events, execution.retried)
        counts = _scheduled(execution)
        counts.subtract(_repeated(resume_point))
        try:
            mocks = self._mocks_after(execution, counts)
        except InputError as error:
            # Its tasks were mocked, so none may be called.
            self._prepare_resumed(execution, resume_point, task_results, None).fail(RUNTIME, str(error))
            execution.detach()
            self._store.mark_ended(execution)
            self._store.save_history(execution)
            return
        run = self._prepare_resumed(execution, resume_point, task_results, mocks)
        # A redrive may have been interrupted before it came to its map runs.
        self._launch(execution, run, children=self._store.descendants_of(execution))

    def _prepare_resumed(
        self,
        execution: ExecutionRecord,
        resume_point: BranchProgress,
        task_results: Mapping[str, Outcome],
        mocks: Mocks | None,
    ) -> Run:
        redrives, text = execution.redrives, execution.input_text
        resume_state = ResumeState(
            execution.events,
            execution.retried,
            resume_point,
            execution.started,
            redrives.count,
            redrives.date,
            task_results,
        )
        run = self.runner.prepare(
            execution.revision.tree, json_text.load(text), text, execution.identity, mocks, resume_state
        )
        run.map_runs.started = execution.map_runs
        execution.attach(run)
        return run

    def _mocks_after(self, execution: ExecutionRecord, counts: Mapping[str, int]) -> Mocks | None:
        """Return the mocks of an execution, after the invocations that were made already."""
        mocks = self.mocks_for(execution.identity.state_machine_name, execution.revision.tree, execution.case)
        if mocks is not None:
            mocks.skip(counts)
        return mocks

    def _launch(
        self,
        execution: ExecutionRecord,
        run: Run,
        *,
        children: Mapping[str, ExecutionRecord] = _NO_CHILDREN,
        redrive: bool = False,
    ) -> None:
        """Run an execution, and save it as it runs.

        Of an Express execution no more is saved than that it was started, and that only until it has ended.

        Parameters
        ----------
        children : mapping of str to ExecutionRecord, optional
            Of an execution that is resumed or redriven, its child executions by their ARNs.
        redrive : bool
            Whether it is redriven.
        """
        store, express = self._store, run.machine.express
        # The execution and its children with events that were not saved yet; used in their thread only.
        pending: dict[ExecutionRecord, None] = {}
        ChildExecutions(store, execution, pending, children).observe(run)
        store.save_execution(execution)
        if not express:
            store.track(execution, run, pending)
        if redrive:
            run.redrive()
            store.save_history(execution)

        def finish() -> None:
            if express:
                store.delete_execution(execution)
            else:
                # With the children that it has aborted when it ended.
                pending[execution] = None
                store.save_pending(pending)
                store.defer(store.mark_ended, execution)
            execution.detach()

        # An execution that is saved does not run inline, because `finish` may have to wait for the writer.
        inline = not store.persistent and _may_run_inline(execution)
        self.runner.run(run, finish, inline=inline)


def _may_run_inline(execution: ExecutionRecord) -> bool:
    return execution.revision.inline and len(execution.input_text) <= MAX_INPUT


def _scheduled(execution: ExecutionRecord) -> Counter[str]:
    """How often each Task was scheduled."""
    from everypath.history.visits import Visits

    visits = Visits(execution.events).all
    return Counter(visit.name for visit in visits for attempt in visit.attempts if attempt.was_scheduled)


def _repeated(resume_point: BranchProgress) -> Iterator[str]:
    """The states whose calls are made again, because they had not returned."""
    if isinstance(resume_point, ResumePoint):
        if resume_point.pending is not None:
            yield resume_point.state
        for branch in resume_point.branches.values():
            yield from _repeated(branch)
