"""Map runs: what a distributed Map starts, as DescribeMapRun and ListMapRuns answer it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from everypath.engine.child_result import Remains

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
    """How many child executions, or items in them, have which status; each is counted once."""

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

    def recount(self, before: str, status: str, number: int) -> None:
        """Count some under another status of their child execution than before."""
        source, target = _BY_STATUS[before], _BY_STATUS[status]
        setattr(self, source, getattr(self, source) - number)
        setattr(self, target, getattr(self, target) + number)

    def to_dict(self, not_redrivable: int = 0) -> dict[str, int]:
        """Return the counts as DescribeMapRun spells them.

        Parameters
        ----------
        not_redrivable : int
            Those that cannot be redriven; only whoever keeps the child executions knows.
        """
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
        """Have the map run, which had ended, run again."""
        self.status, self.stop = "RUNNING", None
        self.redrives, self.redriven = self.redrives + 1, now

    def change(self, changes: Changes) -> None:
        """Show what UpdateMapRun has changed."""
        for name in ("max_concurrency", "tolerated_failure_count", "tolerated_failure_percentage"):
            if getattr(changes, name) is not None:
                setattr(self, name, getattr(changes, name))

    def summary(self) -> dict[str, Any]:
        """Return an element of ListMapRuns' ``mapRuns``."""
        summary: dict[str, Any] = {
            "executionArn": self.execution_arn,
            "mapRunArn": self.arn,
            "stateMachineArn": self.state_machine_arn,
            "startDate": datetime.fromtimestamp(self.start, UTC),
        }
        if self.stop is not None:
            summary["stopDate"] = datetime.fromtimestamp(self.stop, UTC)
        return summary

    def describe(self, not_redrivable: tuple[int, int] = (0, 0)) -> dict[str, Any]:
        """Return what DescribeMapRun answers, in boto3's shape.

        The fields about redrives are always there, as at AWS since map runs can be redriven; an older recording
        (``api_map_run``) is without them.

        Parameters
        ----------
        not_redrivable : (int, int)
            The child executions that did not succeed and cannot be redriven, and the items in them.
        """
        described = self.summary()
        del described["stateMachineArn"]
        if self.redriven is not None:
            described["redriveDate"] = datetime.fromtimestamp(self.redriven, UTC)
        executions, items = not_redrivable
        return described | {
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
