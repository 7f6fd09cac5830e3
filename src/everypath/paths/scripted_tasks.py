"""The tasks of one run of a plan: they answer every attempt as planned, and record what they answered."""

from __future__ import annotations

import json
from collections.abc import Coroutine, Mapping, Sequence
from typing import Any

from everypath.asl.error_catalog import ITEM_READER_FAILED, RESULT_WRITER_FAILED
from everypath.asl.resource import NOT_WAITED_FOR, Resource, is_asynchronous
from everypath.engine.item_store import ItemStore, StoreFailure
from everypath.engine.scheduler import Signal, Stopped
from everypath.engine.task_call import CallingRun, TaskCall, Tasks
from everypath.history.outcome import Outcome, Success
from everypath.paths.errors import OUTSIDE
from everypath.paths.plan import PlannedOutcome
from everypath.tasks.scripted_outcomes import Return, Throw, play

#: Seconds that are longer than any limit that a definition can set.
FOREVER = 100_000_000.0
#: Results of tasks by state and visit; a visit without a result of its own has the one of the visit before it.
Results = Mapping[tuple[str, int], Any]


class ScriptedTasks:
    """The tasks of one run of a plan.

    Parameters
    ----------
    planned : mapping of str to sequence of PlannedOutcome
        By state, one for each visit; further visits succeed.
    results : Results
        What tasks return; a visit without a result returns the least that the service returns.
    real_tasks : Tasks, optional
        Makes the attempts of Lambda functions that succeed and have no result; scripted where it is left out.
    items : mapping of str to list, optional
        What a distributed Map reads, by its name; one empty object where it is missing.
    patience : int, optional
        The execution is stopped once it visits a task so many times more often than planned.

    Attributes
    ----------
    stopped : bool
        Whether the execution was stopped.
    outcomes : dict
        The outcomes of all attempts by state, in the order in which they began: what `Script` takes as faults.
    """

    def __init__(
        self,
        planned: Mapping[str, Sequence[PlannedOutcome]],
        results: Results,
        real_tasks: Tasks | None = None,
        items: Mapping[str, list[Any]] | None = None,
        patience: int | None = None,
    ) -> None:
        self.outcomes: dict[str, list[Return | Throw]] = {}
        self.stopped = False
        self._planned = planned
        self._results = results
        self._real_tasks = real_tasks
        self._visits: dict[str, int] = {}
        self._store = _Store(planned, items or {})
        self._patience = patience

    def problem(self, resource: Resource, arguments: Any) -> str | None:
        """Return None: whether a service accepts the arguments does not matter here."""
        return None

    def item_store(self, run: CallingRun) -> ItemStore:
        """Return the store that each Map reads from and writes to."""
        return self._store

    def start(self, call: TaskCall) -> Coroutine[Signal, None, Outcome]:
        """Return the coroutine that makes a call."""
        if call.attempt == 1:
            self._visits[call.state] = self._visits.get(call.state, -1) + 1
        visit = self._visits[call.state]
        visits = self._planned.get(call.state, ())
        if self._patience is not None and visit > len(visits) + self._patience:
            self.stopped = True
            return _stop(call)
        planned = visits[visit] if visit < len(visits) else PlannedOutcome()
        outcomes = self.outcomes.setdefault(call.state, [])
        if planned.expires == "slow":
            outcomes.append(self._slow_outcome(call, planned, visit))
        elif call.attempt > planned.times:
            return self._succeed(call, visit, outcomes)
        elif not planned.expires:
            outcomes.append(Throw(planned.error))
        else:
            limit = call.heartbeat_seconds if planned.expires == "heartbeat" else call.timeout_seconds
            heartbeats = planned.expires == "timeout" and call.heartbeat_seconds is not None
            outcomes.append(Return({}, seconds=FOREVER if limit is None else limit + 1, heartbeats=heartbeats))
        return play(call, outcomes[-1])

    def _slow_outcome(self, call: TaskCall, planned: PlannedOutcome, visit: int) -> Return | Throw:
        """An attempt that ends just before its limit."""
        limit, heartbeats = call.timeout_seconds, call.heartbeat_seconds is not None
        seconds = FOREVER if limit is None else limit - min(1, limit / 2)
        if call.attempt <= planned.times:
            return Throw(planned.error, seconds=seconds, heartbeats=heartbeats)
        return Return(self._result(call, visit), seconds=seconds, heartbeats=heartbeats)

    def _succeed(self, call: TaskCall, visit: int, outcomes: list[Return | Throw]) -> Coroutine[Signal, None, Outcome]:
        known = any(state == call.state and number <= visit for state, number in self._results)
        if not known and self._real_tasks is not None and call.resource.kind == "lambda":
            return _call(call, self._real_tasks, outcomes)
        outcomes.append(Return(self._result(call, visit)))
        return play(call, outcomes[-1])

    def _result(self, call: TaskCall, visit: int) -> Any:
        known = [number for state, number in self._results if state == call.state and number <= visit]
        return (
            self._results[call.state, max(known)]
            if known
            else least_result(call.resource, asynchronous=is_asynchronous(call.resource, call.arguments))
        )


def least_result(resource: Resource, *, asynchronous: bool) -> Any:
    """The least that a service returns."""
    if asynchronous:
        return {"StatusCode": NOT_WAITED_FOR["Event"]}
    if resource.kind == "optimized" and resource.service == "lambda" and not resource.needs_token:
        return {"ExecutedVersion": "$LATEST", "Payload": {}, "StatusCode": 200}
    return {}


async def _call(call: TaskCall, tasks: Tasks, outcomes: list[Return | Throw]) -> Outcome:
    """Make an attempt, and record its outcome in the place of its start."""
    index = len(outcomes)
    outcomes.append(Return())
    outcome = await tasks.start(call)
    if isinstance(outcome, Success):
        outcomes[index] = Return(outcome.output)
    else:
        outcomes[index] = Throw(outcome.error or "", outcome.cause or "")
    return outcome


async def _stop(call: TaskCall) -> Outcome:
    call.run.stop()
    raise Stopped


class _Store:
    """What the distributed Maps read from and write to, each by its own name; see `PlanRunner`."""

    blocks = False

    def __init__(self, planned: Mapping[str, Sequence[PlannedOutcome]], items: Mapping[str, list[Any]]) -> None:
        self._items = items
        self._failures = {
            (name, error): sum(one.times for one in outcomes if one.error == error)
            for name, outcomes in planned.items()
            for error in OUTSIDE
        }

    def get_object(self, parameters: Mapping[str, Any]) -> bytes:
        """Return the items of a Map as JSON."""
        self._fail(parameters["Map"], ITEM_READER_FAILED)
        return json.dumps(self._items.get(parameters["Map"], [{}])).encode()

    def list_objects(self, parameters: Mapping[str, Any], limit: int | None) -> list[dict[str, Any]]:
        """Return nothing: no Map of a plan lists a bucket."""
        return []

    def put_object(self, parameters: Mapping[str, Any]) -> None:
        """Drop an object."""
        self._fail(parameters["Map"], RESULT_WRITER_FAILED)

    def _fail(self, name: str, error: str) -> None:
        left = self._failures.get((name, error), 0)
        if left:
            self._failures[name, error] = left - 1
            raise StoreFailure("made up by everypath")
