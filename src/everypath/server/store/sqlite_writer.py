"""Writes the server's state to an SQLite file, in a thread of its own.

Whatever is saved is queued, from any thread, and written in that order; what is queued while a transaction is committed
goes into the next one. `SqliteWriter.flushed` waits until everything queued is on disk, so that nothing is answered
that a restart would not know. A committed transaction survives the end of the process, however it comes about; it is
not synchronized with the disk, so a machine that loses power may lose the latest ones.
"""

from __future__ import annotations

import asyncio
import sqlite3
import sys
import threading
from collections.abc import Callable
from functools import partial
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from everypath.errors import InputError
from everypath.server.protocol import ApiError
from everypath.server.store import serialization
from everypath.server.store.execution_record import ExecutionRecord, PersistedMark

if TYPE_CHECKING:
    from everypath.engine.context import RunContext
    from everypath.engine.map_run import MapRun
    from everypath.history.events import Event
    from everypath.history.outcome import Outcome
    from everypath.server.store.records import ActivityRecord, MachineRecord

FILE = "everypath.sqlite"
#: The version of the tables below; a file with another one belongs to another version of everypath.
SCHEMA = 2
_TABLES = """
CREATE TABLE revisions (key TEXT PRIMARY KEY, data TEXT NOT NULL);
CREATE TABLE machines (arn TEXT PRIMARY KEY, data TEXT NOT NULL);
CREATE TABLE activities (arn TEXT PRIMARY KEY, data TEXT NOT NULL);
CREATE TABLE executions (number INTEGER PRIMARY KEY, data TEXT NOT NULL);
CREATE TABLE events (execution INTEGER, first INTEGER, data TEXT NOT NULL, PRIMARY KEY (execution, first));
CREATE TABLE retried (execution INTEGER PRIMARY KEY, data TEXT NOT NULL);
CREATE TABLE map_runs (execution INTEGER, arn TEXT, data TEXT NOT NULL, PRIMARY KEY (execution, arn));
CREATE TABLE remains (execution INTEGER, arn TEXT, data TEXT NOT NULL, PRIMARY KEY (execution, arn));
CREATE TABLE answers (execution INTEGER, token TEXT, data TEXT NOT NULL, PRIMARY KEY (execution, token));
"""
#: The tables with rows that belong to an execution.
_OF_EXECUTION = ("events", "retried", "map_runs", "remains", "answers")

Work = Callable[[sqlite3.Connection], object]


def open_file(directory: str) -> tuple[sqlite3.Connection, Path]:
    """Open the file in a directory; both are created if they do not exist.

    Raises
    ------
    InputError
        The file cannot be used; the message says why.
    """
    path = Path(directory) / FILE
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(path, timeout=0, check_same_thread=False)
    except (OSError, sqlite3.Error) as error:
        raise InputError(f"--state: {directory} cannot be used: {getattr(error, 'strerror', None) or error}") from None
    try:
        _prepare(connection, path)
    except sqlite3.OperationalError as error:
        connection.close()
        if "locked" in str(error):
            raise InputError(
                f"--state: {path} is in use by another process; one server at a time can have it"
            ) from None
        raise InputError(f"--state: {path} cannot be used: {error}") from None
    except sqlite3.DatabaseError as error:
        connection.close()
        raise InputError(f"--state: {path} is damaged, or no state of everypath: {error}") from None
    except InputError:
        connection.close()
        raise
    return connection, path


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    # The lock is held until the connection is closed, or the process ends.
    connection.execute("PRAGMA locking_mode = EXCLUSIVE")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("BEGIN IMMEDIATE")
    [version] = connection.execute("PRAGMA user_version").fetchone()
    [tables] = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if version == 0 and tables == 0:
        for statement in _TABLES.strip().split(";\n"):
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {SCHEMA}")
    elif version != SCHEMA:
        raise InputError(f"--state: {path} has schema {version}, and this everypath reads schema {SCHEMA}")
    connection.commit()


class TrackedEvents(list["Event"]):
    """The history of an execution; what is appended marks the execution in `pending` as having unsaved events."""

    __slots__ = ("_execution", "pending")

    def __init__(self, events: list[Event], execution: ExecutionRecord, pending: dict[ExecutionRecord, None]) -> None:
        super().__init__(events)
        self._execution = execution
        self.pending = pending

    def append(self, event: Event) -> None:
        """Add an event."""
        super().append(event)
        self.pending[self._execution] = None


class SqliteWriter:
    """Writes the state to a file.

    Parameters
    ----------
    connection : sqlite3.Connection
        To the file; used by one thread at a time.
    path : Path
        The file, for messages.
    """

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection = connection
        self._path = path
        self._changed = threading.Condition()
        self._work: list[Work] = []
        self._histories: dict[ExecutionRecord, None] = {}
        self._waiting: list[Callable[[], None]] = []
        # Whoever waits until what is pending in one scheduler was queued.
        self._waiting_for_pending: list[tuple[dict[ExecutionRecord, None], Callable[[], None]]] = []
        self._busy = self._closing = False
        self._failure = ""
        self._revisions: set[str] = set()
        self._numbers = count(1)
        self._thread = threading.Thread(target=self._write, daemon=True, name="sqlite writer")

    def begin(self, revisions: set[str], last_number: int) -> None:
        """Start the thread; some revisions, and executions up to a number, are in the file already."""
        self._revisions, self._numbers = revisions, count(last_number + 1)
        self._thread.start()

    def close(self) -> None:
        """Write what is queued, and end."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join()
        self._connection.close()

    def save_machine(self, machine: MachineRecord) -> None:
        """Write a state machine, with the revisions that are not in the file yet; revisions never change."""
        for revision in serialization.revisions_of(machine):
            if revision.key not in self._revisions:
                self._revisions.add(revision.key)
                text = serialization.dump_revision(revision)
                self._queue(_statement("REPLACE INTO revisions VALUES (?, ?)", revision.key, text))
        text = serialization.dump_machine(machine)
        self._queue(_statement("REPLACE INTO machines VALUES (?, ?)", machine.arn, text))

    def delete_machine(self, arn: str) -> None:
        """Delete a state machine; its revisions are deleted at the next start, when no execution has them."""
        self._queue(_statement("DELETE FROM machines WHERE arn = ?", arn))

    def save_activity(self, activity: ActivityRecord) -> None:
        """Write an activity."""
        text = serialization.dump_activity(activity)
        self._queue(_statement("REPLACE INTO activities VALUES (?, ?)", activity.arn, text))

    def delete_activity(self, arn: str) -> None:
        """Delete an activity."""
        self._queue(_statement("DELETE FROM activities WHERE arn = ?", arn))

    def save_execution(self, execution: ExecutionRecord) -> None:
        """Write an execution without its history."""
        mark = execution.persisted
        if mark is None or mark.deleted:
            mark = execution.persisted = PersistedMark(next(self._numbers))
        text = serialization.dump_execution(execution)
        self._queue(_statement("REPLACE INTO executions VALUES (?, ?)", mark.number, text))

    def delete_execution(self, execution: ExecutionRecord) -> None:
        """Delete an execution with its history."""
        if execution.persisted is not None:
            execution.persisted.deleted = True
            self._queue(partial(delete_rows, number=execution.persisted.number))

    def track(self, execution: ExecutionRecord, run: RunContext, pending: dict[ExecutionRecord, None]) -> None:
        """Write the history of an execution as it grows: whenever its scheduler waits, or is about to block.

        Parameters
        ----------
        pending : dict of ExecutionRecord to None
            The executions of the same scheduler that have events which were not saved yet; filled by this.
        """
        execution.events = run.history.events = TrackedEvents(run.history.events, execution, pending)
        run.scheduler.settled = partial(self.save_pending, pending)

    def save_history(self, execution: ExecutionRecord) -> None:
        """Write the events that an execution has now, with its retries and map runs."""
        self.save_pending({execution: None})

    def save_pending(self, pending: dict[ExecutionRecord, None]) -> None:
        """Write the events that some executions have now, and empty the dictionary that they are in."""
        with self._changed:
            for execution in pending:
                assert execution.persisted is not None
                execution.persisted.writable = len(execution.events)
                self._histories[execution] = None
            pending.clear()
            wakes = [wake for waited_for, wake in self._waiting_for_pending if waited_for is pending]
            self._waiting_for_pending = [each for each in self._waiting_for_pending if each[0] is not pending]
            self._changed.notify()
        for wake in wakes:
            wake()

    def save_map_run(self, execution: ExecutionRecord, map_run: MapRun) -> None:
        """Write a map run as it is now."""
        assert execution.persisted is not None
        text = serialization.dump_map_run(map_run)
        self._queue(_statement(_SAVE_MAP_RUN, execution.persisted.number, map_run.arn, text))

    def save_task_result(self, execution: ExecutionRecord, token: str, outcome: Outcome) -> None:
        """Write what a worker sent for a task; it is deleted with the end of the execution."""
        assert execution.persisted is not None
        text = serialization.dump_outcome(outcome)
        self._queue(_statement("REPLACE INTO answers VALUES (?, ?, ?)", execution.persisted.number, token, text))

    async def queued(self, execution: ExecutionRecord) -> None:
        """Wait until all events that an execution has now are queued, with what else its thread changed by then."""
        events = execution.events
        if not isinstance(events, TrackedEvents):
            return
        loop = asyncio.get_running_loop()
        saved: asyncio.Future[None] = loop.create_future()
        with self._changed:
            if not events.pending:
                return
            self._waiting_for_pending.append((events.pending, partial(_wake, loop, saved)))
        await saved

    async def flushed(self) -> None:
        """Wait until everything queued is written.

        Raises
        ------
        ApiError
            ``InternalFailure``: it cannot be written.
        """
        loop = asyncio.get_running_loop()
        written: asyncio.Future[None] = loop.create_future()
        with self._changed:
            if self._work or self._histories or self._busy:
                self._waiting.append(partial(_wake, loop, written))
                self._changed.notify()
            else:
                written.set_result(None)
        await written
        if self._failure:
            raise ApiError("InternalFailure", f"everypath cannot write to {self._path}: {self._failure}", 500)

    def _queue(self, work: Work) -> None:
        with self._changed:
            self._work.append(work)
            self._changed.notify()

    def _write(self) -> None:
        while True:
            with self._changed:
                self._busy = False
                while not (self._work or self._histories or self._waiting or self._closing):
                    self._changed.wait()
                work, self._work = self._work, []
                histories, self._histories = self._histories, {}
                waiting, self._waiting = self._waiting, []
                self._busy = True
                if not (work or histories or waiting):
                    return
            self._commit(work, histories)
            for wake in waiting:
                wake()

    def _commit(self, work: list[Work], histories: dict[ExecutionRecord, None]) -> None:
        if self._failure:
            return
        try:
            with self._connection:
                for each in work:
                    each(self._connection)
                for execution in histories:
                    _write_history(self._connection, execution)
        except (sqlite3.Error, OSError) as error:
            self._failure = str(error)
            print(f"everypath: cannot write to {self._path}: {error}; what happens now is lost", file=sys.stderr)


_SAVE_MAP_RUN = "REPLACE INTO map_runs VALUES (?, ?, ?)"


def _write_history(connection: sqlite3.Connection, execution: ExecutionRecord) -> None:
    mark = execution.persisted
    assert mark is not None
    if mark.deleted:
        return
    writable = mark.writable
    if writable > mark.written:
        text = serialization.dump_events(execution.events[mark.written : writable])
        connection.execute("REPLACE INTO events VALUES (?, ?, ?)", (mark.number, mark.written + 1, text))
        mark.written = writable
        if execution.status != "RUNNING":
            connection.execute("DELETE FROM answers WHERE execution = ?", (mark.number,))
    if len(execution.retried) > mark.retried:
        mark.retried = len(execution.retried)
        text = serialization.dump_retried(execution.retried[: mark.retried])
        connection.execute("REPLACE INTO retried VALUES (?, ?)", (mark.number, text))
    for map_run in execution.map_runs:
        connection.execute(_SAVE_MAP_RUN, (mark.number, map_run.arn, serialization.dump_map_run(map_run)))
        _write_remains(connection, mark, map_run)


def _write_remains(connection: sqlite3.Connection, mark: PersistedMark, map_run: MapRun) -> None:
    remains = map_run.remains
    if remains is mark.remains.get(map_run.arn):
        return
    if remains is None:
        connection.execute("DELETE FROM remains WHERE execution = ? AND arn = ?", (mark.number, map_run.arn))
        del mark.remains[map_run.arn]
    else:
        text = serialization.dump_remains(remains)
        connection.execute("REPLACE INTO remains VALUES (?, ?, ?)", (mark.number, map_run.arn, text))
        mark.remains[map_run.arn] = remains


def delete_rows(connection: sqlite3.Connection, number: int) -> None:
    """Delete the rows of an execution."""
    connection.execute("DELETE FROM executions WHERE number = ?", (number,))
    for table in _OF_EXECUTION:
        connection.execute(f"DELETE FROM {table} WHERE execution = ?", (number,))


def _statement(text: str, *values: Any) -> Work:
    return lambda connection: connection.execute(text, values)


def _wake(loop: asyncio.AbstractEventLoop, awaited: asyncio.Future[None]) -> None:
    def done() -> None:
        if not awaited.done():
            awaited.set_result(None)

    if not loop.is_closed():
        loop.call_soon_threadsafe(done)
