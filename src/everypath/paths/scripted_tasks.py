"""The tasks of one run of a plan: they answer every attempt as planned, and record what they answered."""

from __future__ import annotations

import json
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

from everypath.asl.error_catalog import ITEM_READER_FAILED, RESULT_WRITER_FAILED
from everypath.asl.resource import NOT_WAITED_FOR, Resource
from everypath.engine.item_store import ItemStore, StoreFailure
from everypath.engine.scheduler import Signal, Stopped
from everypath.engine.task_call import CallingRun, TaskCall, Tasks
from everypath.history.outcome import Outcome, Success
from everypath.paths.errors import OUTSIDE
from everypath.paths.places import plain
from everypath.paths.plan import PlannedOutcome
from everypath.tasks.scripted_outcomes import Return, Throw, play

#: Seconds that are longer than any limit that a definition can set.
FOREVER = 100_000_000.0


class RunData(Protocol):
    """The data of one run of a plan."""

    def result(self, call: TaskCall, visit: int) -> Any:
        """Return the result of a task."""
        ...

    def real_result(self, call: TaskCall, visit: int, value: Any) -> Any:
        """Return what a handler has returned, as the run gets it."""
        ...

    def is_scripted(self, call: TaskCall, visit: int) -> bool:
        """Whether a result is to be made up, although there is a handler."""
        ...

    def failure(self, call: TaskCall, visit: int, error: str) -> tuple[str, str]:
        """Return the name and the cause of a planned error."""
        ...

    def items(self, state: str) -> Any:
        """Return what a Map reads."""
        ...


class ScriptedTasks:
    """The tasks of one run of a plan.

    Parameters
    ----------
    planned : mapping of str to sequence of PlannedOutcome
        By state, one for each visit; further visits succeed.
    data : RunData
        What tasks return and Maps read.
    real_tasks : Tasks, optional
        Makes the attempts of Lambda functions that succeed; scripted where it is left out.
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
        data: RunData,
        real_tasks: Tasks | None = None,
        patience: int | None = None,
    ) -> None:
        self.outcomes: dict[str, list[Return | Throw]] = {}
        self.stopped = False
        self._planned = planned
        self._data = data
        self._real_tasks = real_tasks
        self._visits: dict[str, int] = {}
        self._store = _Store(planned, data)
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
            return self._play(call, self._slow_outcome(call, planned, visit), outcomes)
        if call.attempt > planned.times:
            return self._succeed(call, visit, outcomes)
        if not planned.expires:
            return self._play(call, Throw(*self._data.failure(call, visit, planned.error)), outcomes)
        limit = call.heartbeat_seconds if planned.expires == "heartbeat" else call.timeout_seconds
        heartbeats = planned.expires == "timeout" and call.heartbeat_seconds is not None
        late = Return({}, seconds=FOREVER if limit is None else limit + 1, heartbeats=heartbeats)
        return self._play(call, late, outcomes)

    def _play(
        self, call: TaskCall, outcome: Return | Throw, outcomes: list[Return | Throw]
    ) -> Coroutine[Signal, None, Outcome]:
        """Make an attempt as planned; what is kept of it does not change with the data of the run."""
        if isinstance(outcome, Return):
            outcomes.append(replace(outcome, output=plain(outcome.output)))
        else:
            outcomes.append(replace(outcome, error=str(outcome.error), cause=str(outcome.cause)))
        return play(call, outcome)

    def _slow_outcome(self, call: TaskCall, planned: PlannedOutcome, visit: int) -> Return | Throw:
        """An attempt that ends just before its limit."""
        limit, heartbeats = call.timeout_seconds, call.heartbeat_seconds is not None
        seconds = FOREVER if limit is None else limit - min(1, limit / 2)
        if call.attempt <= planned.times:
            error, cause = self._data.failure(call, visit, planned.error)
            return Throw(error, cause, seconds=seconds, heartbeats=heartbeats)
        return Return(self._data.result(call, visit), seconds=seconds, heartbeats=heartbeats)

    def _succeed(self, call: TaskCall, visit: int, outcomes: list[Return | Throw]) -> Coroutine[Signal, None, Outcome]:
        scripted = self._real_tasks is None or self._data.is_scripted(call, visit)
        if not scripted and self._real_tasks is not None and call.resource.kind == "lambda":
            return self._call(call, visit, self._real_tasks, outcomes)
        return self._play(call, Return(self._data.result(call, visit)), outcomes)

    async def _call(self, call: TaskCall, visit: int, tasks: Tasks, outcomes: list[Return | Throw]) -> Outcome:
        """Make an attempt for real, and record its outcome in the place of its start."""
        index = len(outcomes)
        outcomes.append(Return())
        outcome = await tasks.start(call)
        if isinstance(outcome, Success):
            outcomes[index] = Return(plain(outcome.output))
            return Success(self._data.real_result(call, visit, outcome.output))
        outcomes[index] = Throw(outcome.error or "", outcome.cause or "")
        return outcome


def least_result(resource: Resource, *, asynchronous: bool) -> Any:
    """The least that a service returns."""
    if asynchronous:
        return {"StatusCode": NOT_WAITED_FOR["Event"]}
    if resource.kind == "optimized" and resource.service == "lambda" and not resource.needs_token:
        return {"ExecutedVersion": "$LATEST", "Payload": {}, "StatusCode": 200}
    return {}


async def _stop(call: TaskCall) -> Outcome:
    call.run.stop()
    raise Stopped


class _Store:
    """What the distributed Maps read from and write to, each by its own name; see `PlanRunner`."""

    blocks = False

    def __init__(self, planned: Mapping[str, Sequence[PlannedOutcome]], data: RunData) -> None:
        self._data = data
        self._failures = {
            (name, error): sum(one.times for one in outcomes if one.error == error)
            for name, outcomes in planned.items()
            for error in OUTSIDE
        }

    def get_object(self, parameters: Mapping[str, Any]) -> bytes:
        """Return the items of a Map as JSON."""
        self._fail(parameters["Map"], ITEM_READER_FAILED)
        return json.dumps(self._data.items(parameters["Map"])).encode()

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
