"""Plays a plan: answers every attempt of every task, and writes down what was played."""

from __future__ import annotations

import json
from collections.abc import Coroutine, Mapping, Sequence
from typing import Any

from everypath.asl.error_catalog import ITEM_READER_FAILED, RESULT_WRITER_FAILED
from everypath.asl.resource import Resource
from everypath.engine.item_store import ItemStore, StoreFailure
from everypath.engine.scheduler import Signal, Stopped
from everypath.engine.task_call import CallingRun, TaskCall, Tasks
from everypath.history.outcome import Outcome, Success
from everypath.paths.errors import OUTSIDE
from everypath.paths.plan import PlannedOutcome
from everypath.tasks.scripted_outcomes import Return, Throw, play

#: Longer than any limit that a definition can set.
FOR_EVER = 100_000_000.0
#: Results of tasks by state and visit; a visit without one has that of the visit before.
Results = Mapping[tuple[str, int], Any]


class ScriptedTasks:
    """The tasks of one run of a plan.

    Parameters
    ----------
    outcomes : mapping of str to sequence of PlannedOutcome
        By state, one for each visit; visits beyond them succeed.
    results : Results
        What tasks return; visits without one return what the service would at least return.
    behind : Tasks, optional
        Who makes the attempts that succeed, where no result is given; they are then real.
    items : mapping of str to list, optional
        What a distributed Map reads, by its name; one empty object where it is not there.
    patience : int, optional
        The execution is stopped when it visits a task so many times more often than planned.

    Attributes
    ----------
    stopped : bool
        Whether the execution was stopped.
    played : dict
        The outcomes by state, in the order in which the attempts began: what `Script` takes as faults.
    """

    def __init__(
        self,
        outcomes: Mapping[str, Sequence[PlannedOutcome]],
        results: Results,
        behind: Tasks | None = None,
        items: Mapping[str, list[Any]] | None = None,
        patience: int | None = None,
    ) -> None:
        self.played: dict[str, list[Return | Throw]] = {}
        self._outcomes = outcomes
        self._results = results
        self._behind = behind
        self._visits: dict[str, int] = {}
        self._store = _Store(outcomes, items or {})
        self._patience = patience
        self.stopped = False

    def problem(self, resource: Resource, arguments: Any) -> str | None:
        """Return None: whether a service takes these arguments is no matter of paths."""
        return None

    def item_store(self, run: CallingRun) -> ItemStore:
        """Return the store that each Map reads from and writes to."""
        return self._store

    def start(self, call: TaskCall) -> Coroutine[Signal, None, Outcome]:
        """Return the coroutine that makes a call."""
        if call.attempt == 1:
            self._visits[call.state] = self._visits.get(call.state, -1) + 1
        visit = self._visits[call.state]
        outcomes = self._outcomes.get(call.state, ())
        if self._patience is not None and visit > len(outcomes) + self._patience:
            self.stopped = True
            return _stop(call)
        planned = outcomes[visit] if visit < len(outcomes) else PlannedOutcome()
        played = self.played.setdefault(call.state, [])
        if planned.expires == "slow":
            played.append(self._slow(call, planned, visit))
        elif call.attempt > planned.times:
            return self._succeed(call, visit, played)
        elif not planned.expires:
            played.append(Throw(planned.error))
        else:
            limit = call.heartbeat_seconds if planned.expires == "heartbeat" else call.timeout_seconds
            alive = planned.expires == "timeout" and call.heartbeat_seconds is not None
            played.append(Return({}, seconds=FOR_EVER if limit is None else limit + 1, heartbeats=alive))
        return play(call, played[-1])

    def _slow(self, call: TaskCall, planned: PlannedOutcome, visit: int) -> Return | Throw:
        """An attempt that ends just before its limit."""
        limit, alive = call.timeout_seconds, call.heartbeat_seconds is not None
        seconds = FOR_EVER if limit is None else limit - min(1, limit / 2)
        if call.attempt <= planned.times:
            return Throw(planned.error, seconds=seconds, heartbeats=alive)
        return Return(self._result(call, visit), seconds=seconds, heartbeats=alive)

    def _succeed(self, call: TaskCall, visit: int, played: list[Return | Throw]) -> Coroutine[Signal, None, Outcome]:
        known = any(state == call.state and number <= visit for state, number in self._results)
        if not known and self._behind is not None and call.resource.kind == "lambda":
            return self._really(call, self._behind, played)
        played.append(Return(self._result(call, visit)))
        return play(call, played[-1])

    def _result(self, call: TaskCall, visit: int) -> Any:
        known = [number for state, number in self._results if state == call.state and number <= visit]
        return self._results[call.state, max(known)] if known else least_result(call.resource)

    async def _really(self, call: TaskCall, behind: Tasks, played: list[Return | Throw]) -> Outcome:
        place = len(played)
        played.append(Return())
        outcome = await behind.start(call)
        if isinstance(outcome, Success):
            played[place] = Return(outcome.output)
        else:
            played[place] = Throw(outcome.error or "", outcome.cause or "")
        return outcome


def least_result(resource: Resource) -> Any:
    """What a service returns at least."""
    if resource.kind == "optimized" and resource.service == "lambda" and not resource.needs_token:
        return {"ExecutedVersion": "$LATEST", "Payload": {}, "StatusCode": 200}
    return {}


async def _stop(call: TaskCall) -> Outcome:
    call.run.stop()
    raise Stopped


class _Store:
    """What is outside of the distributed Maps, each of which calls it with its own name; see `playable`."""

    blocks = False

    def __init__(self, outcomes: Mapping[str, Sequence[PlannedOutcome]], items: Mapping[str, list[Any]]) -> None:
        self._items = items
        self._failures = {
            (name, error): sum(planned.times for planned in planned if planned.error == error)
            for name, planned in outcomes.items()
            for error in OUTSIDE
        }

    def get_object(self, parameters: Mapping[str, Any]) -> bytes:
        """Return the items of a Map as JSON."""
        self._fail(parameters["Map"], ITEM_READER_FAILED)
        return json.dumps(self._items.get(parameters["Map"], [{}])).encode()

    def list_objects(self, parameters: Mapping[str, Any], limit: int | None) -> list[dict[str, Any]]:
        """Return nothing: no Map that is played lists a bucket."""
        return []

    def put_object(self, parameters: Mapping[str, Any]) -> None:
        """Forget an object."""
        self._fail(parameters["Map"], RESULT_WRITER_FAILED)

    def _fail(self, name: str, error: str) -> None:
        left = self._failures.get((name, error), 0)
        if left:
            self._failures[name, error] = left - 1
            raise StoreFailure("made up by everypath")
