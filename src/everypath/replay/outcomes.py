"""Compares the outcomes of two executions, where one of them has no history."""

from __future__ import annotations

from typing import Any

from everypath.history.events import data_of, details, status_of
from everypath.replay.pair import Either, Side

#: What differs: its place in the outcome, and both values.
Fields = tuple[tuple[str, Any, Any], ...]


def differing_outcome(left: Side, right: Side, stack: str = "") -> Fields:
    """Return where the outcomes of two executions differ in status, output, error and cause.

    What differs between any two executions is no difference, as in `everypath.replay.pair.compare`.
    """
    either = Either(left.own | right.own, stack)
    return tuple(either.differences(_outcome(left), _outcome(right)))


def _outcome(side: Side) -> dict[str, Any]:
    outcome = side.outcome if side.outcome is not None else _from_history(side)
    known = {name: value for name, value in outcome.items() if value is not None or name == "output"}
    return known | ({"cause": data_of(known["cause"])} if "cause" in known else {})


def _from_history(side: Side) -> dict[str, Any]:
    """The outcome according to the last event."""
    end, status = details(side.events[-1]), status_of(side.events)
    if status == "SUCCEEDED":
        return {"status": status, "output": data_of(end["output"])}
    return {"status": status, "error": end.get("error"), "cause": end.get("cause")}
