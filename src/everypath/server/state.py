"""The state on disk: an SQLite file that a thread of its own writes.

Whatever is to be kept is queued, from any thread, and written in the order in which it was queued; what piles up while
a transaction is committed goes into the next one. `State.flushed` waits until everything queued is on disk, so that
nothing is answered that a restart would not know. A committed transaction survives the end of the process, however it
comes; it does not wait for the disk itself, so a machine that loses power may lose the last ones.
"""

from __future__ import annotations

import asyncio
import sqlite3
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Any

from everypath.server import state_rows as rows
from everypath.server.protocol import ApiError

if TYPE_CHECKING:
    from pathlib import Path

    from everypath.engine.child_result import Remains
    from everypath.engine.history import Event
    from everypath.engine.map_run import MapRun
    from everypath.engine.outcome import Outcome
    from everypath.engine.run import Run
    from everypath.server.execution import Execution
    from everypath.server.store import Activity, Machine, Revision

#: The tables that have rows of an execution.
_OF_EXECUTION = ("events", "retried", "map_runs", "remains", "answers")

Work = Callable[[sqlite3.Connection], object]


@dataclass(slots=True)
class Kept:
    """How much of an execution is on disk.

    Parameters
    ----------
    number : int
        Of its row.
    settled, written : int
        Events that may be written, and those that are.
    retried : int
        How much of what its retriers have taken is written.
    gone : bool
        Whether it is to be forgotten.
    remains : dict of str to Remains
        Of its map runs, by their ARNs, what is written of what it takes to redrive them.
    """

    number: int
    settled: int = 0
    written: int = 0
    retried: int = 0
    gone: bool = False
    remains: dict[str, Remains] = field(default_factory=dict)


class KeptEvents(list["Event"]):
    """The history of an execution that is kept; it notes in `changed` that there are events to be written."""

    __slots__ = ("_execution", "changed")

    def __init__(self, events: list[Event], execution: Execution, changed: dict[Execution, None]) -> None:
        super().__init__(events)
        self._execution = execution
        self.changed = changed

    def append(self, event: Event) -> None:
        """Add an event."""
        super().append(event)
        self.changed[self._execution] = None


class State:
    """The state in a directory.

    Parameters
    ----------
    connection : sqlite3.Connection
        To the file; used by one thread at a time.
    path : Path
        The file.

    Attributes
    ----------
    express : list of Execution
        The Express executions that had not ended when the last server did.
    """

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self.connection = connection
        self.path = path
        self._changed = threading.Condition()
        self._work: list[Work] = []
        self._dirty: dict[Execution, None] = {}
        self._waiting: list[Callable[[], None]] = []
        # Whoever waits until no execution of a scheduler has events that this state was not told of.
        self._unsettled: list[tuple[dict[Execution, None], Callable[[], None]]] = []
        self._busy = self._closing = False
        self._failure = ""
        self._revisions: set[str] = set()
        self._numbers = count(1)
        self.express: list[Execution] = []
        self._thread = threading.Thread(target=self._write, daemon=True, name="state")

    def begin(self, revisions: set[str], numbers: int) -> None:
        """Start to write; some revisions, and executions up to a number, are there already."""
        self._revisions, self._numbers = revisions, count(numbers + 1)
        self._thread.start()

    def close(self) -> None:
        """Write what is queued, and end."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join()
        self.connection.close()

    def keep_machine(self, arn: str, machine: Machine | None) -> None:
        """Keep a state machine as it is now; None where it was deleted."""
        if machine is None:
            self._queue(_statement("DELETE FROM machines WHERE arn = ?", arn))
            return
        for revision in rows.revisions_of(machine):
            self._keep_revision(revision)
        self._queue(_statement("REPLACE INTO machines VALUES (?, ?)", arn, rows.machine_text(machine)))

    def keep_activity(self, arn: str, activity: Activity | None) -> None:
        """Keep an activity as it is now; None where it was deleted."""
        if activity is None:
            self._queue(_statement("DELETE FROM activities WHERE arn = ?", arn))
        else:
            self._queue(_statement("REPLACE INTO activities VALUES (?, ?)", arn, rows.activity_text(activity)))

    def keep_execution(self, execution: Execution) -> None:
        """Keep an execution, which begins or has changed, apart from its history."""
        self._keep_revision(execution.revision)
        kept = execution.kept
        if kept is None or kept.gone:
            kept = execution.kept = Kept(next(self._numbers))
        text = rows.execution_text(execution)
        self._queue(_statement("REPLACE INTO executions VALUES (?, ?)", kept.number, text))

    def watch(self, execution: Execution, run: Run, changed: dict[Execution, None]) -> None:
        """Keep the history of an execution as it grows.

        Parameters
        ----------
        changed : dict of Execution to None
            Of all executions that have one scheduler: those with events that have not been told to this state.
        """
        execution.events = run.history.events = KeptEvents(run.history.events, execution, changed)
        run.scheduler.settled = partial(self.settle_all, changed)

    def settle(self, execution: Execution) -> None:
        """Write the events of an execution that there are now."""
        self.settle_all({execution: None})

    def settle_all(self, changed: dict[Execution, None]) -> None:
        """Write the events that there are now of all that have changed, and note that none has any more."""
        with self._changed:
            for execution in changed:
                assert execution.kept is not None
                execution.kept.settled = len(execution.events)
                self._dirty[execution] = None
            changed.clear()
            told = [tell for of, tell in self._unsettled if of is changed]
            self._unsettled = [each for each in self._unsettled if each[0] is not changed]
            self._changed.notify()
        for tell in told:
            tell()

    async def settled(self, execution: Execution) -> None:
        """Wait until all is queued that an answer may tell of an execution; its thread may be a few steps ahead."""
        events = execution.events
        if not isinstance(events, KeptEvents):
            return
        loop = asyncio.get_running_loop()
        settled: asyncio.Future[None] = loop.create_future()
        with self._changed:
            if not events.changed:
                return
            self._unsettled.append((events.changed, partial(_tell, loop, settled)))
        await settled

    def answered(self, token: str, execution: Execution, outcome: Outcome) -> None:
        """Keep an answer to a task of an execution until the event that tells of it is kept."""
        assert execution.kept is not None
        text = rows.outcome_text(outcome)
        self._queue(_statement("REPLACE INTO answers VALUES (?, ?, ?)", execution.kept.number, token, text))

    def forget(self, execution: Execution) -> None:
        """Forget an execution."""
        if execution.kept is not None:
            execution.kept.gone = True
            self._queue(partial(delete_execution, number=execution.kept.number))

    async def flushed(self) -> None:
        """Wait until everything is written that was queued.

        Raises
        ------
        ApiError
            It cannot be written.
        """
        loop = asyncio.get_running_loop()
        written: asyncio.Future[None] = loop.create_future()
        with self._changed:
            if self._work or self._dirty or self._busy:
                self._waiting.append(partial(_tell, loop, written))
                self._changed.notify()
            else:
                written.set_result(None)
        await written
        if self._failure:
            raise ApiError("InternalFailure", f"everypath cannot write to {self.path}: {self._failure}", 500)

    def _keep_revision(self, revision: Revision) -> None:
        """Keep a revision, which never changes, once."""
        if revision.key not in self._revisions:
            self._revisions.add(revision.key)
            self._queue(_statement("REPLACE INTO revisions VALUES (?, ?)", revision.key, rows.revision_text(revision)))

    def _queue(self, work: Work) -> None:
        with self._changed:
            self._work.append(work)
            self._changed.notify()

    def _write(self) -> None:
        while True:
            with self._changed:
                self._busy = False
                while not (self._work or self._dirty or self._waiting or self._closing):
                    self._changed.wait()
                work, self._work = self._work, []
                dirty, self._dirty = self._dirty, {}
                waiting, self._waiting = self._waiting, []
                self._busy = True
                if not (work or dirty or waiting):
                    return
            self._commit(work, dirty)
            for tell in waiting:
                tell()

    def _commit(self, work: list[Work], dirty: dict[Execution, None]) -> None:
        if self._failure:
            return
        try:
            with self.connection:
                for each in work:
                    each(self.connection)
                for execution in dirty:
                    _write_history(self.connection, execution)
        except (sqlite3.Error, OSError) as error:
            self._failure = str(error)
            print(f"everypath: cannot write to {self.path}: {error}; what happens now is lost", file=sys.stderr)


def _write_history(connection: sqlite3.Connection, execution: Execution) -> None:
    kept = execution.kept
    assert kept is not None
    if kept.gone:
        return
    settled = kept.settled
    if settled > kept.written:
        text = rows.events_text(execution.events[kept.written : settled])
        connection.execute("REPLACE INTO events VALUES (?, ?, ?)", (kept.number, kept.written + 1, text))
        kept.written = settled
        if execution.status != "RUNNING":
            connection.execute("DELETE FROM answers WHERE execution = ?", (kept.number,))
    if len(execution.retried) > kept.retried:
        kept.retried = len(execution.retried)
        text = rows.retried_text(execution.retried[: kept.retried])
        connection.execute("REPLACE INTO retried VALUES (?, ?)", (kept.number, text))
    for map_run in execution.map_runs:
        text = rows.map_run_text(map_run)
        connection.execute("REPLACE INTO map_runs VALUES (?, ?, ?)", (kept.number, map_run.arn, text))
        _write_remains(connection, kept, map_run)


def _write_remains(connection: sqlite3.Connection, kept: Kept, map_run: MapRun) -> None:
    remains = map_run.remains
    if remains is kept.remains.get(map_run.arn):
        return
    if remains is None:
        connection.execute("DELETE FROM remains WHERE execution = ? AND arn = ?", (kept.number, map_run.arn))
        del kept.remains[map_run.arn]
    else:
        text = rows.remains_text(remains)
        connection.execute("REPLACE INTO remains VALUES (?, ?, ?)", (kept.number, map_run.arn, text))
        kept.remains[map_run.arn] = remains


def delete_execution(connection: sqlite3.Connection, number: int) -> None:
    """Delete an execution with all that there is of it."""
    connection.execute("DELETE FROM executions WHERE number = ?", (number,))
    for table in _OF_EXECUTION:
        connection.execute(f"DELETE FROM {table} WHERE execution = ?", (number,))


def _statement(text: str, *values: Any) -> Work:
    return lambda connection: connection.execute(text, values)


def _tell(loop: asyncio.AbstractEventLoop, written: asyncio.Future[None]) -> None:
    def done() -> None:
        if not written.done():
            written.set_result(None)

    if not loop.is_closed():
        loop.call_soon_threadsafe(done)
