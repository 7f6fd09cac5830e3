"""The server's state: state machines, activities and executions, in memory, and saved if there is a writer.

An operation that changes a state machine, an activity, an execution or a map run saves it here; nothing else is
written. Only the event loop's thread reads and changes the state, so there are no locks. Threads that run executions
`defer` their changes, and call only methods that say so.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable
from typing import TYPE_CHECKING

from everypath.engine.map_run import MapRun
from everypath.server.store.execution_record import ExecutionRecord
from everypath.server.store.records import ActivityRecord, MachineRecord

if TYPE_CHECKING:
    from everypath.engine.context import RunContext
    from everypath.history.outcome import Outcome
    from everypath.server.store.sqlite_writer import SqliteWriter

#: The most executions that have ended; beyond that the oldest are deleted, so that a server may run for weeks.
MAX_ENDED = 1000
#: The same for child executions of distributed Maps.
MAX_ENDED_CHILDREN = 10_000


class StateStore:
    """The state, by ARNs.

    Parameters
    ----------
    writer : SqliteWriter, optional
        Writes what is saved to disk; without one the state is in memory only.
    """

    def __init__(self, writer: SqliteWriter | None = None) -> None:
        self._writer = writer
        self.machines: dict[str, MachineRecord] = {}
        self.activities: dict[str, ActivityRecord] = {}
        self.executions: dict[str, ExecutionRecord] = {}
        self._deferred: deque[tuple[Callable[[ExecutionRecord], None], ExecutionRecord]] = deque()
        self._ended: OrderedDict[str, ExecutionRecord] = OrderedDict()
        self._ended_children: OrderedDict[str, ExecutionRecord] = OrderedDict()
        # The executions that the answers to operations under way report on.
        self._reported: dict[ExecutionRecord, None] = {}
        # By the ARN of the state machine or the map run by which they are listed.
        self._listed: dict[str, dict[str, ExecutionRecord]] = {}

    @property
    def persistent(self) -> bool:
        """Whether what is saved is written to disk."""
        return self._writer is not None

    def report(self, execution: ExecutionRecord) -> None:
        """Note that an answer reports on an execution: `flushed` then waits for what its thread has not saved yet."""
        if self._writer is not None:
            self._reported[execution] = None

    async def flushed(self) -> None:
        """Wait until everything that was saved, or is reported, is on disk.

        Raises
        ------
        ApiError
            It cannot be written.
        """
        if self._writer is not None:
            reported, self._reported = self._reported, {}
            for execution in reported:
                await self._writer.queued(execution)
            await self._writer.flushed()

    def close(self) -> None:
        """Write everything that was saved, and end."""
        if self._writer is not None:
            self._writer.close()

    # State machines and activities

    def save_machine(self, machine: MachineRecord) -> None:
        """Save a state machine that is new or has changed, with its revisions, versions, aliases and tags."""
        self.machines[machine.arn] = machine
        if self._writer is not None:
            self._writer.save_machine(machine)

    def delete_machine(self, machine: MachineRecord) -> None:
        """Delete a state machine and its executions."""
        del self.machines[machine.arn]
        for execution in self.executions_of(machine.arn):
            self._remove(execution)
        if self._writer is not None:
            self._writer.delete_machine(machine.arn)

    def save_activity(self, activity: ActivityRecord) -> None:
        """Save an activity that is new or has changed."""
        self.activities[activity.arn] = activity
        if self._writer is not None:
            self._writer.save_activity(activity)

    def delete_activity(self, arn: str) -> None:
        """Delete an activity, if there is one."""
        if self.activities.pop(arn, None) is not None and self._writer is not None:
            self._writer.delete_activity(arn)

    # Executions

    def add_execution(self, execution: ExecutionRecord) -> None:
        """Make an execution known."""
        self.executions[execution.arn] = execution
        self._listed.setdefault(_lister(execution), {})[execution.arn] = execution

    def executions_of(self, machine_arn: str) -> list[ExecutionRecord]:
        """The executions of a state machine, the newest first."""
        return list(reversed(self._listed.get(machine_arn, {}).values()))

    def children_of(self, map_run: MapRun) -> list[ExecutionRecord]:
        """The child executions of a map run, the newest first."""
        return self.executions_of(map_run.arn)

    def descendants_of(self, execution: ExecutionRecord) -> dict[str, ExecutionRecord]:
        """The child executions of all map runs of an execution, and theirs, by their ARNs."""
        descendants: dict[str, ExecutionRecord] = {}
        for map_run in execution.map_runs:
            for child in self._listed.get(map_run.arn, {}).values():
                descendants[child.arn] = child
                descendants |= self.descendants_of(child)
        return descendants

    def mark_ended(self, execution: ExecutionRecord) -> None:
        """Count an execution among those that have ended, and delete the oldest one if there are too many."""
        ended, limit = self._ended_like(execution)
        ended[execution.arn] = execution
        if len(ended) > limit:
            self._remove(ended.popitem(last=False)[1])

    def mark_running(self, execution: ExecutionRecord) -> None:
        """Take an execution that is redriven from those that have ended; a child may have been deleted meanwhile."""
        self._ended_like(execution)[0].pop(execution.arn, None)
        self.add_execution(execution)

    def defer(self, change: Callable[[ExecutionRecord], None], execution: ExecutionRecord) -> None:
        """Have a change of an execution's place here made before the next operation; may be called from any thread."""
        self._deferred.append((change, execution))

    def run_deferred(self) -> None:
        """Make deferred changes: nobody sees the state between two operations, and to wake the event loop is slower."""
        while self._deferred:
            change, execution = self._deferred.popleft()
            change(execution)

    # Saving executions

    def save_execution(self, execution: ExecutionRecord) -> None:
        """Save an execution that begins or has changed, without its history; may be called from any thread."""
        if self._writer is not None:
            self._writer.save_execution(execution)

    def save_history(self, execution: ExecutionRecord) -> None:
        """Save the events that an execution has now, with its retries and map runs; may be called from any thread."""
        if self._writer is not None:
            self._writer.save_history(execution)

    def save_pending(self, pending: dict[ExecutionRecord, None]) -> None:
        """Save the same of several executions, and empty the dictionary; may be called from any thread."""
        if self._writer is not None:
            self._writer.save_pending(pending)

    def track(self, execution: ExecutionRecord, run: RunContext, pending: dict[ExecutionRecord, None]) -> None:
        """Save the history of an execution as it grows; see `SqliteWriter.track`."""
        if self._writer is not None:
            self._writer.track(execution, run, pending)

    def save_map_run(self, execution: ExecutionRecord, map_run: MapRun) -> None:
        """Save a map run of an execution that has changed."""
        if self._writer is not None:
            self._writer.save_map_run(execution, map_run)

    def save_task_result(self, execution: ExecutionRecord, token: str, outcome: Outcome) -> None:
        """Save what a worker sent for a task of an execution until the event that reports it is saved."""
        if self._writer is not None:
            self._writer.save_task_result(execution, token, outcome)

    def delete_execution(self, execution: ExecutionRecord) -> None:
        """Delete what is saved of an execution; may be called from any thread."""
        if self._writer is not None:
            self._writer.delete_execution(execution)

    def _ended_like(self, execution: ExecutionRecord) -> tuple[OrderedDict[str, ExecutionRecord], int]:
        """The ended executions that an execution is counted with, and the most that there may be."""
        if execution.map_run is not None:
            return self._ended_children, MAX_ENDED_CHILDREN
        return self._ended, MAX_ENDED

    def _remove(self, execution: ExecutionRecord) -> None:
        if self.executions.get(execution.arn) is not execution:
            return
        del self.executions[execution.arn]
        self.delete_execution(execution)
        lister = _lister(execution)
        listed = self._listed[lister]
        del listed[execution.arn]
        if not listed:
            del self._listed[lister]
        for map_run in execution.map_runs:
            for child in self.children_of(map_run):
                self._remove(child)


def _lister(execution: ExecutionRecord) -> str:
    return execution.map_run.arn if execution.map_run else execution.machine_arn
