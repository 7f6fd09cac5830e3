"""Compares two executions: run on two targets, or read from two saved histories."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from everypath.history.branches import Branches
from everypath.history.events import Event
from everypath.replay.compare import Difference, first_difference, is_cut_off
from everypath.replay.equivalence import Equivalence

#: Members that depend on where something ran: those that the transport of an AWS call adds to its result, and the
#: stack trace of an exception, which names lines of the runtime and its libraries.
_OF_THE_PLACE = frozenset({"SdkHttpMetadata", "SdkResponseMetadata", "stackTrace"})
#: A task token of AWS is some hundred characters of base64, that of other endpoints a UUID.
_TOKEN = re.compile(r"AQ[A-Za-z0-9+/=]{100,}|[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")


@dataclass(frozen=True)
class Either(Equivalence):
    """Like `Equivalence`, whichever side has the generated names, and without members that depend on the place."""

    def differences(self, recorded: Any, now: Any, place: str = "") -> Iterator[tuple[str, Any, Any]]:
        """Yield place and both values for each difference."""
        if isinstance(recorded, dict) and isinstance(now, dict):
            recorded, now = (
                {name: value for name, value in one.items() if name not in _OF_THE_PLACE} for one in (recorded, now)
            )
        yield from super().differences(recorded, now, place)

    def equivalent(self, recorded: Any, now: Any) -> bool:
        """Whether two values that hold no others are equivalent."""
        if super().equivalent(recorded, now) or super().equivalent(now, recorded):
            return True
        both = isinstance(recorded, str) and isinstance(now, str)
        return both and all(_TOKEN.fullmatch(one) for one in (recorded, now))


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two executions.

    Parameters
    ----------
    name : str
        Its name in reports.
    events : sequence of Event
        Its history.
    own : frozenset of str
        Names and ARNs that are its own, such as the execution's.
    outcome : dict, optional
        The outcome of an execution that has no history; see `Execution.outcome`.
    """

    name: str
    events: Sequence[Event]
    own: frozenset[str] = frozenset()
    outcome: dict[str, Any] | None = None


def compare(left: Side, right: Side, stack: str = "") -> Difference | None:
    """Return the first event that differs; None where both took the same path with the same data.

    Parameters
    ----------
    stack : str
        The prefix of the names that everypath generates for resources without one; see `Equivalence`.
    """
    difference = first_difference(_branches(left), _branches(right), Either(left.own | right.own, stack))
    ends = (left.events[-1], right.events[-1])
    if difference is None and ends[0]["type"] != ends[1]["type"]:
        return Difference((), *ends)
    return difference


def _branches(side: Side) -> Branches:
    branches = Branches(side.events)
    branches.root.is_complete = not is_cut_off(side.events[-1]["type"])
    return branches
