"""What a server finds on disk when it starts, and what it does with it: executions go on where they stood."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from everypath.asl.errors import DefinitionError
from everypath.errors import InputError
from everypath.server import state_rows as rows
from everypath.server.going_on import go_on
from everypath.server.state import Kept, State, delete_execution
from everypath.server.store import Store

if TYPE_CHECKING:
    from everypath.engine.distributed.map_run import MapRun
    from everypath.history.log import Event
    from everypath.history.outcome import Outcome
    from everypath.server.execution import Execution
    from everypath.server.service import Service
    from everypath.server.store import Revision


def restored(state: State) -> Store:
    """Return the store that a state holds, and begin to keep what changes in it.

    Raises
    ------
    InputError
        What is on disk cannot be read.
    """
    try:
        return _restored(state)
    except sqlite3.Error as error:
        raise InputError(f"--state: {state.path} is damaged: {error}") from None
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise InputError(f"--state: {state.path} is damaged: {type(error).__name__}: {error}") from None


def _restored(state: State) -> Store:
    store = Store(state)
    revisions = {key: _revision(state, text) for key, text in _rows(state, "SELECT key, data FROM revisions")}
    for arn, text in _rows(state, "SELECT arn, data FROM machines"):
        store.machines[arn] = rows.read_machine(arn, text, revisions)
    for arn, text in _rows(state, "SELECT arn, data FROM activities"):
        store.activities[arn] = rows.read_activity(text)
    number = _read_executions(state, store, revisions)
    state.begin(_drop_unused(state, store, revisions), number)
    return store


def _revision(state: State, text: str) -> Revision:
    try:
        return rows.read_revision(text)
    except DefinitionError as error:
        raise InputError(f"--state: {state.path} holds a definition that cannot be used: {error}") from None


def _read_executions(state: State, store: Store, revisions: dict[str, Revision]) -> int:
    """Read the executions in the order in which they were started, and return the number of the last one."""
    events: dict[int, list[Event]] = defaultdict(list)
    for number, text in _rows(state, "SELECT execution, data FROM events ORDER BY execution, first"):
        events[number] += rows.read_events(text)
    retried = dict(_rows(state, "SELECT execution, data FROM retried"))
    map_runs: dict[str, MapRun] = {}
    of_execution: dict[int, list[MapRun]] = defaultdict(list)
    for number, arn, text in _rows(state, "SELECT execution, arn, data FROM map_runs"):
        map_runs[arn] = rows.read_map_run(text)
        of_execution[number].append(map_runs[arn])
    for arn, text in _rows(state, "SELECT arn, data FROM remains"):
        map_runs[arn].remains = rows.read_remains(text)
    for started in of_execution.values():
        started.sort(key=lambda map_run: map_run.start)
    last = 0
    for number, text in _rows(state, "SELECT number, data FROM executions ORDER BY number"):
        last = number
        execution = rows.read_execution(text, events[number], revisions, map_runs)
        if execution is None:
            with state.connection:
                delete_execution(state.connection, number)
            continue
        # What was not settled when the process ended is not there.
        found = rows.read_retried(retried.get(number, "[]"))
        execution.retried = [each for each in found if each.after <= len(execution.events)]
        execution.map_runs = of_execution[number]
        count = len(execution.events)
        remains = {each.arn: each.remains for each in execution.map_runs if each.remains is not None}
        execution.kept = Kept(number, count, count, len(execution.retried), remains=remains)
        if ":express:" in execution.arn:
            state.express.append(execution)
            continue
        store.add_execution(execution)
        if execution.status != "RUNNING":
            store.ended(execution)
    return last


def _drop_unused(state: State, store: Store, revisions: dict[str, Revision]) -> set[str]:
    """Forget revisions that nothing has any more, and return the keys of the others."""
    used = {revision.key for machine in store.machines.values() for revision in rows.revisions_of(machine)}
    used |= {execution.revision.key for execution in (*store.executions.values(), *state.express)}
    with state.connection:
        state.connection.executemany(
            "DELETE FROM revisions WHERE key = ?", [(key,) for key in revisions if key not in used]
        )
    return used


def go_on_with_all(service: Service) -> None:
    """Let all executions go on that had not ended when the server did; called in the thread of the event loop."""
    state = service.store.state
    if state is None:
        return
    answers: dict[int, dict[str, Outcome]] = defaultdict(dict)
    for number, token, text in _rows(state, "SELECT execution, token, data FROM answers"):
        answers[number][token] = rows.read_outcome(text)
    for execution in list(service.store.executions.values()):
        if execution.status == "RUNNING" and execution.map_run is not None:
            _abort_child(state, execution)
            service.store.ended(execution)
    for execution in list(service.store.executions.values()):
        for map_run in execution.map_runs:
            _abort_map_run(map_run, execution.events[-1]["timestamp"].timestamp())
        if execution.status == "RUNNING" and execution.kept is not None:
            go_on(service, execution, answers[execution.kept.number])
    while state.express:
        go_on(service, state.express.pop(), {})


def _abort_child(state: State, child: Execution) -> None:
    """A map run that was interrupted is not gone on with: another one begins, with other children."""
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
    state.settle(child)


def _abort_map_run(map_run: MapRun, moment: float) -> None:
    if map_run.status != "RUNNING":
        return
    for counts in (map_run.executions, map_run.items):
        counts.move("RUNNING", "ABORTED", counts.running)
        counts.move("PENDING_REDRIVE", "ABORTED", counts.pending_redrive)
    map_run.end("ABORTED", moment)


def _rows(state: State, query: str) -> list[Any]:
    return state.connection.execute(query).fetchall()
