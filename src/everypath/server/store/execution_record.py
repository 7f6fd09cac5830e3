"""What the server holds of an execution."""

from __future__ import annotations

import time
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from everypath.engine.context import MAX_STANDARD_SECONDS
from everypath.history.events import status_of
from everypath.history.log import MAX_EVENTS

if TYPE_CHECKING:
    from everypath.engine.child_result import Remains
    from everypath.engine.context import RunContext
    from everypath.engine.identity import Identity
    from everypath.engine.map_run import Changes, MapRun
    from everypath.history.events import Event
    from everypath.history.resume_point import Retried
    from everypath.server.store.records import Revision

#: Seconds after its end in which an execution can be redriven: 14 days (AWS: "RedriveExecution").
REDRIVABLE_PERIOD = 14 * 86_400

#: The `ended` of an execution that does not run.
_NOT_RUNNING: Future[None] = Future()
_NOT_RUNNING.set_result(None)


@dataclass(slots=True)
class Redrives:
    """The redrives of an execution.

    Parameters
    ----------
    count : int
        How many there were.
    date : float or None
        The date of the last one.
    tokens : dict of str to float
        The dates that were answered, by client token.
    """

    count: int = 0
    date: float | None = None
    tokens: dict[str, float] = field(default_factory=dict)


@dataclass(slots=True)
class PersistedMark:
    """How much of an execution is on disk.

    Parameters
    ----------
    number : int
        The number of its row.
    writable, written : int
        The number of events that may be written, and of those that are.
    retried : int
        The number of `ExecutionRecord.retried` that are written.
    deleted : bool
        Whether its rows are deleted.
    remains : dict of str to Remains
        By the ARNs of its map runs: what is written of what a redrive needs.
    """

    number: int
    writable: int = 0
    written: int = 0
    retried: int = 0
    deleted: bool = False
    remains: dict[str, Remains] = field(default_factory=dict)


class ExecutionRecord:
    """An execution that runs or has ended; its status is read from its last event.

    Parameters
    ----------
    identity : Identity
        Its names and ARNs.
    revision : Revision
        The revision of the state machine that it runs.
    input_text : str
        The input as it was given.
    started : float
        When it was started.
    events : list of Event
        Its history.
    version_arn, alias_arn : str or None
        The version and the alias that it was started by.
    map_run : MapRun or None
        Of a child execution, the map run that started it.
    items : int
        Of a child execution, the number of items in its input.
    trace_header : str or None
        As it was given.
    case : str or None
        The test case that it was started with.

    Attributes
    ----------
    map_runs : list of MapRun
        The map runs that it has started.
    retried : list of Retried
        The retries that were made.
    ended : concurrent.futures.Future
        Done when it has ended.
    redrives : Redrives
        Its redrives.
    persisted : PersistedMark or None
        How much of it is on disk; None if nothing is.
    """

    __slots__ = (
        "_run", "alias_arn", "arn", "case", "ended", "events", "identity", "input_text", "items", "machine_arn",
        "map_run", "map_runs", "name", "persisted", "redrives", "retried", "revision", "started", "trace_header",
        "version_arn",
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
        self.persisted: PersistedMark | None = None
        self._run: RunContext | None = None
        self.ended: Future[None] = _NOT_RUNNING

    @classmethod
    def of_run(cls, run: RunContext, revision: Revision, input_text: str, **more: Any) -> ExecutionRecord:
        """Return the record of a run that is about to begin; `more` are parameters of the constructor."""
        execution = cls(run.identity, revision, input_text, run.started, run.history.events, **more)
        execution.map_runs = run.map_runs.started
        execution.attach(run)
        return execution

    def attach(self, run: RunContext) -> None:
        """Refer to the run of the execution until it has ended."""
        self._run = run
        self.retried = run.retried
        self.ended = Future()
        # Otherwise a request that gives up waiting would cancel it for all others.
        self.ended.set_running_or_notify_cancel()

    def detach(self) -> None:
        """Release the run, which has ended; called by the thread that ran it."""
        self._run = None
        self.ended.set_result(None)

    def stop(self, error: str | None, cause: str | None) -> None:
        """Abort the execution, if it runs."""
        run = self._run
        if run is not None:
            run.scheduler.call(lambda: run.stop(error, cause))

    def update_map_run(self, map_run: MapRun, changes: Changes) -> None:
        """Change the concurrency and the tolerated failures of a map run, if it runs."""
        run = self._run
        if run is not None:
            change = run.map_runs.running.get(map_run.arn)
            if change is not None:
                run.scheduler.call(partial(change, changes))

    @property
    def status(self) -> str:
        """``RUNNING``, how it ended, or ``PENDING_REDRIVE`` of a child whose map run is being redriven."""
        status = status_of(self.events)
        if self.map_run is not None and status != "RUNNING" and self.arn in self.map_run.awaiting:
            return "PENDING_REDRIVE"
        return status

    @property
    def stopped(self) -> float | None:
        """When it ended, on its own clock."""
        if status_of(self.events) == "RUNNING":
            return None
        moment: float = self.events[-1]["timestamp"].timestamp()
        return moment

    @property
    def not_redrivable_reason(self) -> str | None:
        """Why it cannot be redriven, in the words of the service; None if it can be."""
        status, stopped = self.status, self.stopped
        if stopped is None or status in ("SUCCEEDED", "PENDING_REDRIVE"):
            return f"Execution is {status} and cannot be redriven"  # recorded
        if len(self.events) >= MAX_EVENTS - 1:
            return "Execution history event limit exceeded"
        if stopped - self.started >= MAX_STANDARD_SECONDS:
            return "Execution has exceeded the max execution time"
        if time.time() - stopped > REDRIVABLE_PERIOD:
            return "Execution redrivable period exceeded"
        return None

    @property
    def failed_for_good(self) -> bool:
        """Whether it was not successful and cannot be redriven."""
        ended = self.status in ("FAILED", "TIMED_OUT", "ABORTED")
        return ended and self.not_redrivable_reason is not None
