"""Which retrier or catcher takes an error, and how long a retrier waits."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import TypeVar

from everypath.asl.tree import Catcher, Retrier
from everypath.history.outcome import Failure

Taker = TypeVar("Taker", Retrier, Catcher)

ALL = "States.ALL"
TASK_FAILED = "States.TaskFailed"
#: What no retrier and no catcher takes, even one that names it (recorded).
RUNTIME = "States.Runtime"
TIMEOUT_NAME = "States.Timeout"

#: Seconds; AWS accepts no larger MaxDelaySeconds, and a backoff without one has to stop growing somewhere.
LONGEST_DELAY = 31_622_400.0


def takes(names: Sequence[str], failure: Failure) -> bool:
    """Whether a list of error names takes a failure.

    States.ALL takes everything but States.Runtime, oversize results included (recorded, against the documents);
    States.TaskFailed takes everything but States.Timeout. Other names are compared letter by letter: an exception's
    base class means nothing here.
    """
    if failure.fatal or failure.error == RUNTIME:
        return False
    return (
        ALL in names
        or (failure.error is not None and failure.error in names)
        or (TASK_FAILED in names and failure.error != TIMEOUT_NAME)
    )


def find(takers: Sequence[Taker], failure: Failure) -> int | None:
    """The index of the first retrier or catcher that takes a failure."""
    for index, taker in enumerate(takers):
        if takes(taker.error_equals, failure):
            return index
    return None


def delay(retrier: Retrier, retries: int, random: Random) -> float:
    """The seconds that a retrier waits before its next attempt.

    Parameters
    ----------
    retries : int
        How often this retrier has retried in this visit of the state.
    random : Random
        Where jitter comes from: with FULL, the wait is anything from 0 to what it would otherwise be.
    """
    limit = LONGEST_DELAY if retrier.max_delay_seconds is None else retrier.max_delay_seconds
    try:
        seconds = min(retrier.interval_seconds * retrier.backoff_rate**retries, limit)
    except OverflowError:
        seconds = limit
    return random.uniform(0, seconds) if retrier.full_jitter else seconds
