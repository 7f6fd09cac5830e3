"""Compares what came of two executions, where one of them has no history."""

from __future__ import annotations

from typing import Any

from everypath.history.attempts import data_of
from everypath.history.branches import details
from everypath.replay.pair import Either, Side

#: What is not the same: its place in the outcome, and both values.
Fields = tuple[tuple[str, Any, Any], ...]
_STATUSES = {
    "ExecutionSucceeded": "SUCCEEDED",
    "ExecutionFailed": "FAILED",
    "ExecutionTimedOut": "TIMED_OUT",
    "ExecutionAborted": "ABORTED",
}


def differing_outcome(left: Side, right: Side, stack: str = "") -> Fields:
    """Return how the outcomes of two executions differ in status, output, error and cause; nothing where they do not.

    What is another in each execution is no difference, as in `everypath.replay.pair.compare`.
    """
    either = Either(left.own | right.own, stack)
    return tuple(either.differences(_outcome(left), _outcome(right)))


def _outcome(side: Side) -> dict[str, Any]:
    told = side.outcome if side.outcome is not None else _from_history(side)
    known = {name: value for name, value in told.items() if value is not None or name == "output"}
    return known | ({"cause": data_of(known["cause"])} if "cause" in known else {})


def _from_history(side: Side) -> dict[str, Any]:
    """The outcome as the last event tells it."""
    last = side.events[-1]
    told, status = details(last), _STATUSES.get(last["type"], "RUNNING")
    if status == "SUCCEEDED":
        return {"status": status, "output": data_of(told["output"])}
    return {"status": status, "error": told.get("error"), "cause": told.get("cause")}
