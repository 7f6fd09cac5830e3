"""Reads the state that an earlier server has saved."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from everypath.asl.errors import DefinitionError
from everypath.errors import InputError
from everypath.server.store import serialization
from everypath.server.store.execution_record import ExecutionRecord, PersistedMark
from everypath.server.store.sqlite_writer import SqliteWriter, delete_rows, open_file
from everypath.server.store.state_store import StateStore

if TYPE_CHECKING:
    from everypath.engine.map_run import MapRun
    from everypath.history.events import Event
    from everypath.history.outcome import Outcome
    from everypath.server.store.records import MachineRecord, Revision


@dataclass(frozen=True, slots=True)
class Interrupted:
    """What an earlier server has left unfinished, besides the executions in the store that run.

    Parameters
    ----------
    express : list of ExecutionRecord
        Express executions, which the store does not hold.
    task_results : mapping of str to mapping of str to Outcome
        By the ARNs of executions and by task tokens: what workers sent, and no event reports yet.
    """

    express: list[ExecutionRecord] = field(default_factory=list)
    task_results: dict[str, Mapping[str, Outcome]] = field(default_factory=dict)


def restore(directory: str) -> tuple[StateStore, Interrupted]:
    """Return the state in a directory; what is saved from now on is written there.

    Raises
    ------
    InputError
        The state cannot be read.
    """
    connection, path = open_file(directory)
    with ExitStack() as stack:
        stack.callback(connection.close)
        try:
            state = _Reader(connection, path).read()
        except sqlite3.Error as error:
            raise InputError(f"--state: {path} is damaged: {error}") from None
        except (ValueError, KeyError, TypeError, IndexError) as error:
            raise InputError(f"--state: {path} is damaged: {type(error).__name__}: {error}") from None
        stack.pop_all()
    return state


class _Reader:
    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection = connection
        self._path = path

    def read(self) -> tuple[StateStore, Interrupted]:
        writer = SqliteWriter(self._connection, self._path)
        store, interrupted = StateStore(writer), Interrupted()
        revisions = {key: self._revision(text) for key, text in self._rows("SELECT key, data FROM revisions")}
        for arn, text in self._rows("SELECT arn, data FROM machines"):
            store.machines[arn] = serialization.load_machine(arn, text, revisions)
        for arn, text in self._rows("SELECT arn, data FROM activities"):
            store.activities[arn] = serialization.load_activity(text)
        last_number = self._read_executions(store, interrupted, revisions)
        executions = (*store.executions.values(), *interrupted.express)
        used = _used_revisions(store.machines.values(), executions)
        self._delete_revisions(revisions.keys() - used)
        writer.begin(used, last_number)
        return store, interrupted

    def _revision(self, text: str) -> Revision:
        try:
            return serialization.load_revision(text)
        except DefinitionError as error:
            raise InputError(f"--state: {self._path} holds a definition that cannot be used: {error}") from None

    def _read_executions(self, store: StateStore, interrupted: Interrupted, revisions: Mapping[str, Revision]) -> int:
        """Read the executions in the order in which they were started, and return the number of the last one."""
        events, map_runs, task_results = self._events(), self._map_runs(), self._task_results()
        map_runs_by_arn = {map_run.arn: map_run for started in map_runs.values() for map_run in started}
        retried = dict(self._rows("SELECT execution, data FROM retried"))
        last_number = 0
        for number, text in self._rows("SELECT number, data FROM executions ORDER BY number"):
            last_number = number
            execution = serialization.load_execution(text, events[number], revisions, map_runs_by_arn)
            if execution is None:
                with self._connection:
                    delete_rows(self._connection, number)
                continue
            count = len(execution.events)
            # A retry may be saved without the events that come before it.
            retries = serialization.load_retried(retried.get(number, "[]"))
            execution.retried = [each for each in retries if each.after <= count]
            execution.map_runs = map_runs[number]
            remains = {each.arn: each.remains for each in execution.map_runs if each.remains is not None}
            execution.persisted = PersistedMark(number, count, count, len(execution.retried), remains=remains)
            if execution.revision.tree.express:
                interrupted.express.append(execution)
                continue
            interrupted.task_results[execution.arn] = task_results[number]
            store.add_execution(execution)
            if execution.status != "RUNNING":
                store.mark_ended(execution)
        return last_number

    def _events(self) -> dict[int, list[Event]]:
        """The events of all executions, by number."""
        events: dict[int, list[Event]] = defaultdict(list)
        for number, text in self._rows("SELECT execution, data FROM events ORDER BY execution, first"):
            events[number] += serialization.load_events(text)
        return events

    def _map_runs(self) -> dict[int, list[MapRun]]:
        """The map runs that each execution has started, in that order."""
        map_runs: dict[int, list[MapRun]] = defaultdict(list)
        by_arn: dict[str, MapRun] = {}
        for number, arn, text in self._rows("SELECT execution, arn, data FROM map_runs"):
            by_arn[arn] = serialization.load_map_run(text)
            map_runs[number].append(by_arn[arn])
        for arn, text in self._rows("SELECT arn, data FROM remains"):
            by_arn[arn].remains = serialization.load_remains(text)
        for started in map_runs.values():
            started.sort(key=lambda map_run: map_run.start)
        return map_runs

    def _task_results(self) -> dict[int, dict[str, Outcome]]:
        """What workers sent for the tasks of each execution, by task token."""
        results: dict[int, dict[str, Outcome]] = defaultdict(dict)
        for number, token, text in self._rows("SELECT execution, token, data FROM answers"):
            results[number][token] = serialization.load_outcome(text)
        return results

    def _delete_revisions(self, keys: Iterable[str]) -> None:
        with self._connection:
            self._connection.executemany("DELETE FROM revisions WHERE key = ?", [(key,) for key in keys])

    def _rows(self, query: str) -> list[Any]:
        return self._connection.execute(query).fetchall()


def _used_revisions(machines: Iterable[MachineRecord], executions: Iterable[ExecutionRecord]) -> set[str]:
    """The keys of the revisions that a state machine or an execution has."""
    used = {revision.key for machine in machines for revision in serialization.revisions_of(machine)}
    return used | {execution.revision.key for execution in executions}
