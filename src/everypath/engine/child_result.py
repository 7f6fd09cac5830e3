"""How the child executions of a map run ended, and what a redrive of the map run needs of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from everypath.engine.identity import Identity
from everypath.history.outcome import Failure

#: The input of a child execution, and how many items are in it.
ChildInput = tuple[Any, int]


@dataclass(frozen=True, slots=True)
class ChildResult:
    """How a child execution ended.

    Parameters
    ----------
    status : str
        ``SUCCEEDED``, ``FAILED``, ``TIMED_OUT`` or ``ABORTED``.
    start, stop : float
        Seconds since the epoch.
    output : Any
        JSON data; None where there is none.
    failure : Failure, optional
        The error and the cause of one that did not succeed.
    redrives : int
        How often it was redriven.
    """

    identity: Identity
    status: str
    input: Any
    start: float
    stop: float
    output: Any
    failure: Failure | None = None
    redrives: int = 0


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How many items may fail (AWS: "Setting failure thresholds for Distributed Map states").

    Parameters
    ----------
    count, percentage : number or None
        As the definition has them. Where both are set, each of them must hold; where none is, nothing may fail. Zero
        counts as not set (measured on AWS).
    """

    count: int | None = None
    percentage: float | None = None

    def exceeded(self, failed: int, total: int) -> bool:
        """Whether `failed` of `total` items are too many."""
        if self.percentage and failed * 100 > self.percentage * total:
            return True
        return failed > (self.count or 0) if self.count or not self.percentage else False


@dataclass(frozen=True, slots=True)
class Remains:
    """What it takes to redrive a map run that was not successful, once it had its items.

    Parameters
    ----------
    inputs : sequence
        The inputs of its child executions: a redrive does not read the items again (AWS: "Redriving Map Runs").
    results : sequence of ChildResult or None
        In the order of the inputs; None for those that were not started.
    tolerance : Tolerance
        How many items may fail, as of the last change.
    """

    inputs: Sequence[ChildInput]
    results: Sequence[ChildResult | None]
    tolerance: Tolerance
