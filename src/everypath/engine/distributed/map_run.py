"""Map runs: what a distributed Map has started, as DescribeMapRun and ListMapRuns answer it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from everypath.engine.cursor import Cursor
    from everypath.engine.distributed.child_result import ChildResult, Remains
    from everypath.engine.interpreter import Run
    from everypath.history.resume_point import ResumeState

#: The counts of a map run by the status of a child execution; one that is PENDING has not begun.
_BY_STATUS = {
    "PENDING": "pending",
    "PENDING_REDRIVE": "pending_redrive",
    "RUNNING": "running",
    "SUCCEEDED": "succeeded",
    "FAILED": "failed",
    "TIMED_OUT": "timed_out",
    "ABORTED": "aborted",
}


@dataclass(slots=True)
class Counts:
    """How many child executions, or items in them, are where; each is counted once."""

    pending: int = 0
    pending_redrive: int = 0
    running: int = 0
    succeeded: int = 0
    failed: int = 0
    timed_out: int = 0
    aborted: int = 0
    results_written: int = 0

    @property
    def ended(self) -> int:
        """Those that no longer run."""
        return self.succeeded + self.failed + self.timed_out + self.aborted

    @property
    def total(self) -> int:
        """All of them."""
        return self.pending + self.pending_redrive + self.running + self.ended

    def move(self, before: str, status: str, number: int) -> None:
        """Move some from where one status of a child execution had put them to where another one does."""
        source, target = _BY_STATUS[before], _BY_STATUS[status]
        setattr(self, source, getattr(self, source) - number)
        setattr(self, target, getattr(self, target) + number)

    def to_dict(self, not_redrivable: int = 0) -> dict[str, int]:
        """The counts as DescribeMapRun spells them; who keeps the child executions knows which cannot be redriven."""
        return {
            "pending": self.pending,
            "running": self.running,
            "succeeded": self.succeeded,
            "failed": self.failed,
            "timedOut": self.timed_out,
            "aborted": self.aborted,
            "total": self.total,
            "resultsWritten": self.results_written,
            "failuresNotRedrivable": not_redrivable,
            "pendingRedrive": self.pending_redrive,
        }


@dataclass(slots=True)
class MapRun:
    """One run of a distributed Map; another attempt of the state is another map run.

    Parameters
    ----------
    arn : str
        ``arn:aws:states:REGION:ACCOUNT:mapRun:MACHINE/LABEL:UUID``.
    state : str
        The Map's name.
    execution_arn : str
        The execution that it is part of.
    state_machine_arn : str
        ``…:stateMachine:MACHINE/LABEL``: what the child executions are executions of.
    max_concurrency : int
        As the definition has it; 0 where it sets none.
    tolerated_failure_count, tolerated_failure_percentage
        As the definition has them; 0 where it sets none (recorded, ``api_map_run``).
    start, stop : float
        Seconds since the epoch.
    status : str
        ``RUNNING``, ``SUCCEEDED``, ``FAILED`` or ``ABORTED``.
    executions, items : Counts
        Of the child executions, and of the items in them.
    redrives : int
        How often it was redriven.
    redriven : float or None
        When that was the last time.
    remains : Remains or None
        Of one that was not successful, what it takes to redrive it; None where only another map run can follow.
    awaiting : set of str
        The ARNs of the child executions that are pending redrive.
    """

    arn: str
    state: str
    execution_arn: str
    state_machine_arn: str
    start: float
    max_concurrency: int = 0
    tolerated_failure_count: int = 0
    tolerated_failure_percentage: float = 0.0
    stop: float | None = None
    status: str = "RUNNING"
    executions: Counts = field(default_factory=Counts)
    items: Counts = field(default_factory=Counts)
    redrives: int = 0
    redriven: float | None = None
    remains: Remains | None = field(default=None, repr=False)
    awaiting: set[str] = field(default_factory=set, repr=False)

    @property
    def id(self) -> str:
        """The UUID at the end of the ARN."""
        return self.arn.rpartition(":")[2]

    @property
    def name(self) -> str:
        """``MACHINE/LABEL``."""
        return self.state_machine_arn.rpartition(":")[2]

    def end(self, status: str, now: float) -> None:
        """End the map run."""
        self.status, self.stop = status, now

    def redrive(self, now: float) -> None:
        """Let the map run go on that has ended."""
        self.status, self.stop = "RUNNING", None
        self.redrives, self.redriven = self.redrives + 1, now

    def change(self, changes: Changes) -> None:
        """Show other numbers."""
        for name in ("max_concurrency", "tolerated_failure_count", "tolerated_failure_percentage"):
            if getattr(changes, name) is not None:
                setattr(self, name, getattr(changes, name))

    def summary(self) -> dict[str, Any]:
        """An element of ListMapRuns' ``mapRuns``."""
        found: dict[str, Any] = {
            "executionArn": self.execution_arn,
            "mapRunArn": self.arn,
            "stateMachineArn": self.state_machine_arn,
            "startDate": datetime.fromtimestamp(self.start, UTC),
        }
        if self.stop is not None:
            found["stopDate"] = datetime.fromtimestamp(self.stop, UTC)
        return found

    def describe(self, not_redrivable: tuple[int, int] = (0, 0)) -> dict[str, Any]:
        """What DescribeMapRun answers, in boto3's shape.

        What tells of redrives is always there, as it has been since there are redrives; a recording from before
        (``api_map_run``) is without it.

        Parameters
        ----------
        not_redrivable : (int, int)
            The child executions that did not succeed and cannot be redriven, and the items in them.
        """
        found = self.summary()
        del found["stateMachineArn"]
        if self.redriven is not None:
            found["redriveDate"] = datetime.fromtimestamp(self.redriven, UTC)
        executions, items = not_redrivable
        return found | {
            "status": self.status,
            "maxConcurrency": self.max_concurrency,
            "toleratedFailureCount": self.tolerated_failure_count,
            "toleratedFailurePercentage": float(self.tolerated_failure_percentage),
            "itemCounts": self.items.to_dict(items),
            "executionCounts": self.executions.to_dict(executions),
            "redriveCount": self.redrives,
        }


@dataclass(frozen=True, slots=True)
class Changes:
    """What UpdateMapRun changes; None where something stays as it is."""

    max_concurrency: int | None = None
    tolerated_failure_count: int | None = None
    tolerated_failure_percentage: float | None = None


@dataclass(slots=True)
class MapRuns:
    """The map runs of an execution, and who wants to know about its child executions.

    Parameters
    ----------
    started : list of MapRun
        In the order in which they were started.
    on_child : callable, optional
        Called with each child execution when it starts. Whoever is called keeps the child, and with it its history,
        for as long as it can be asked for; without an observer a child is forgotten when it ends. Whoever answers for
        AWS must forget Express child executions: they cannot be listed or described there either.
    running : dict of str to callable
        By the ARNs of those that run: what tells them that they are to go on with other numbers.
    redrivable : callable, optional
        Says of a child execution that did not succeed whether it can be redriven; without it, each can.
    past_of : callable, optional
        Gives what a Standard child execution has behind it that is redriven at a time; None, as without it, where
        nothing is known of it: it then begins anew under its old name, as an Express one does.
    play : callable, optional
        Stands for the child executions of a map run, in a replay: returns its result, or raises `StateError`.
    """

    started: list[MapRun] = field(default_factory=list)
    on_child: Callable[[MapRun, Run], None] | None = None
    running: dict[str, Callable[[Changes], None]] = field(default_factory=dict)
    redrivable: Callable[[ChildResult], bool] | None = None
    past_of: Callable[[ChildResult, float], ResumeState | None] | None = None
    play: Callable[[Cursor, MapRun], Awaitable[Any]] | None = None

    def observe_as(self, others: MapRuns) -> None:
        """Have the child executions observed, and redriven, as those of another execution are."""
        self.on_child, self.redrivable, self.past_of = others.on_child, others.redrivable, others.past_of
