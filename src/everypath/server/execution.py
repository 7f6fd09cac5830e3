"""What the server keeps of an execution."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from everypath.server.protocol import Json, seconds

if TYPE_CHECKING:
    from everypath.engine.context import RunContext
    from everypath.engine.distributed.map_run import Changes, MapRun
    from everypath.engine.identity import Identity
    from everypath.history.log import Event
    from everypath.history.resume_point import Retried
    from everypath.server.state import Kept
    from everypath.server.store import Revision

#: The status of an execution by its last event.
_ENDS = {
    "ExecutionSucceeded": "SUCCEEDED",
    "ExecutionFailed": "FAILED",
    "ExecutionTimedOut": "TIMED_OUT",
    "ExecutionAborted": "ABORTED",
}


#: Of an execution that does not run.
_OVER: Future[None] = Future()
_OVER.set_result(None)


@dataclass(slots=True)
class Redrives:
    """The redrives of an execution.

    Parameters
    ----------
    count : int
        How many there were.
    date : float or None
        When the last one was.
    tokens : dict of str to float
        The client tokens that they were asked for with, and the dates that were answered.
    """

    count: int = 0
    date: float | None = None
    tokens: dict[str, float] = field(default_factory=dict)

    def described(self) -> Json:
        """What lists and descriptions hold of it."""
        found: Json = {"redriveCount": self.count}
        return found if self.date is None else found | {"redriveDate": seconds(self.date)}


class Execution:
    """An execution, running or ended; how it ended is read from its last event.

    Parameters
    ----------
    identity : Identity
        What it is called.
    revision : Revision
        What is executed.
    input_text : str
        As it was given.
    started : float
        When it was started.
    events : list of Event
        Its history.
    version_arn, alias_arn : str or None
        By which it was started.
    map_run : MapRun or None
        Of a child execution, what started it.
    items : int
        Of a child execution, how many there are in its input.
    trace_header : str or None
        As it was given.
    case : str or None
        The test case that it was started with.

    Attributes
    ----------
    map_runs : list of MapRun
        What its distributed Maps have started.
    retried : list of Retried
        What its retriers have taken.
    ended : concurrent.futures.Future
        Done when it has ended.
    redrives : Redrives
        How often it was redriven.
    kept : Kept or None
        What of it is on disk.
    """

    __slots__ = (
        "_run", "alias_arn", "arn", "case", "ended", "events", "identity", "input_text", "items", "kept", "machine_arn",
        "map_run", "map_runs", "name", "redrives", "retried", "revision", "started", "trace_header", "version_arn",
    )  # fmt: skip

    def __init__(
        self,
        identity: Identity,
        revision: Revision,
        input_text: str,
        started: float,
        events: list[Event],
        *,
        version_arn: str | None = None,
        alias_arn: str | None = None,
        map_run: MapRun | None = None,
        items: int = 1,
        trace_header: str | None = None,
        case: str | None = None,
    ) -> None:
        self.identity = identity
        self.arn = identity.arn
        self.name = identity.name
        self.machine_arn = identity.state_machine_arn
        self.revision = revision
        self.input_text = input_text
        self.version_arn = version_arn
        self.alias_arn = alias_arn
        self.map_run = map_run
        self.items = items
        self.trace_header = trace_header
        self.case = case
        self.started = started
        self.events = events
        self.map_runs: list[MapRun] = []
        self.retried: list[Retried] = []
        self.redrives = Redrives()
        self.kept: Kept | None = None
        self._run: RunContext | None = None
        self.ended: Future[None] = _OVER

    @classmethod
    def of(cls, run: RunContext, revision: Revision, input_text: str, **more: Any) -> Execution:
        """Return what is kept of an execution that is about to run."""
        execution = cls(run.identity, revision, input_text, run.started, run.history.events, **more)
        execution.map_runs = run.map_runs.started
        execution.runs(run)
        return execution

    def runs(self, run: RunContext) -> None:
        """Note that it runs; the run is given up when it has ended."""
        self._run = run
        self.retried = run.retried
        self.ended = Future()
        # Whoever waits for it and gives up must not take it from the others.
        self.ended.set_running_or_notify_cancel()

    def end(self) -> None:
        """Note that it has ended; called by the thread that ran it."""
        self._run = None
        self.ended.set_result(None)

    def stop(self, error: str | None, cause: str | None) -> None:
        """Abort it, if it runs."""
        run = self._run
        if run is not None:
            run.scheduler.call(lambda: run.stop(error, cause))

    def change_map_run(self, map_run: MapRun, changes: Changes) -> None:
        """Let a map run go on with other numbers, if its children run."""
        run = self._run
        if run is not None:
            change = run.map_runs.running.get(map_run.arn)
            if change is not None:
                run.scheduler.call(partial(change, changes))

    @property
    def status(self) -> str:
        """``RUNNING``, how it ended, or ``PENDING_REDRIVE`` of a child whose map run is redriven."""
        status = _ENDS.get(self.events[-1]["type"], "RUNNING") if self.events else "RUNNING"
        if self.map_run is not None and status != "RUNNING" and self.arn in self.map_run.awaiting:
            return "PENDING_REDRIVE"
        return status

    @property
    def stopped(self) -> float | None:
        """When it ended, on its own clock."""
        if self.status == "RUNNING":
            return None
        moment: float = self.events[-1]["timestamp"].timestamp()
        return moment

    def summary(self) -> Json:
        """What lists and descriptions have in common."""
        stopped = self.stopped
        found: Json = {
            "executionArn": self.arn,
            "stateMachineArn": self.machine_arn,
            "name": self.name,
            "status": self.status,
            "startDate": seconds(self.started),
        }
        named = {
            "stopDate": None if stopped is None else seconds(stopped),
            "mapRunArn": self.map_run and self.map_run.arn,
            "stateMachineVersionArn": self.version_arn,
            "stateMachineAliasArn": self.alias_arn,
        }
        return found | {key: value for key, value in named.items() if value is not None}

    def outcome(self, *, included: bool = True) -> Json:
        """Output, or error and cause, as descriptions have them."""
        status = self.status
        if status == "RUNNING":
            return {}
        last = self.events[-1]
        kind = last["type"]
        details: Json = last.get(f"{kind[0].lower()}{kind[1:]}EventDetails", {})
        if status != "SUCCEEDED":
            return {key: details[key] for key in ("error", "cause") if details.get(key) is not None}
        found: Json = {"outputDetails": {"included": included}}
        return found | {"output": details["output"]} if included else found
