"""Map runs: what a distributed Map has started, as DescribeMapRun and ListMapRuns answer it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from everypath.engine.run import Run

#: The counts of a map run by the status of a child execution.
_BY_STATUS = {"SUCCEEDED": "succeeded", "FAILED": "failed", "TIMED_OUT": "timed_out", "ABORTED": "aborted"}


@dataclass(slots=True)
class Counts:
    """How many child executions, or items in them, are where."""

    pending: int = 0
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
        return self.pending + self.running + self.ended

    def start(self, number: int) -> None:
        """Move some from pending to running."""
        self.pending -= number
        self.running += number

    def end(self, status: str, number: int) -> None:
        """Move some from running to where a status of a child execution puts them."""
        self.running -= number
        name = _BY_STATUS[status]
        setattr(self, name, getattr(self, name) + number)

    def to_dict(self) -> dict[str, int]:
        """The counts as DescribeMapRun spells them."""
        return {
            "pending": self.pending,
            "running": self.running,
            "succeeded": self.succeeded,
            "failed": self.failed,
            "timedOut": self.timed_out,
            "aborted": self.aborted,
            "total": self.total,
            "resultsWritten": self.results_written,
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

    def describe(self) -> dict[str, Any]:
        """What DescribeMapRun answers, in boto3's shape."""
        found = self.summary()
        del found["stateMachineArn"]
        return found | {
            "status": self.status,
            "maxConcurrency": self.max_concurrency,
            "toleratedFailureCount": self.tolerated_failure_count,
            "toleratedFailurePercentage": float(self.tolerated_failure_percentage),
            "itemCounts": self.items.to_dict(),
            "executionCounts": self.executions.to_dict(),
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
        By the ARNs of those whose children run: what tells them that they are to be run with other numbers.
    """

    started: list[MapRun] = field(default_factory=list)
    on_child: Callable[[MapRun, Run], None] | None = None
    running: dict[str, Callable[[Changes], None]] = field(default_factory=dict)
