"""Finds the first event in which a replay differs from the recorded history, line by line of execution."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from everypath.history.attempts import FAILED, data_of
from everypath.history.branches import SCHEDULED, STARTED, Branch, Branches, Key, details
from everypath.history.log import Event
from everypath.replay.equivalence import Equivalence

#: Details that say nothing about the workflow, or are another in each execution.
_IGNORED = frozenset(
    {"inputDetails", "outputDetails", "assignedVariablesDetails", "roleArn", "workerName", "mapRunArn", "region"}
)
#: Details that are JSON texts.
_TEXTS = frozenset({"input", "output", "parameters", "cause"})
#: Ends that are nothing but a matter of time.
_CUT_OFF = frozenset({"ExecutionTimedOut", "ExecutionAborted"})
_UNTOLD = STARTED | _CUT_OFF


@dataclass(frozen=True, slots=True)
class Difference:
    """The first event that is not the same.

    Parameters
    ----------
    branch : Key
        The branch or iteration in which it is; empty outside of any.
    recorded, now : Event or None
        The event on either side; None where that line had ended.
    state_recorded, state_now : str
        The state to which each belongs.
    fields : tuple of (str, value, value)
        The details that differ, where both are of the same type: place, recorded value, value now.
    """

    branch: Key
    recorded: Event | None
    now: Event | None
    state_recorded: str = ""
    state_now: str = ""
    fields: tuple[tuple[str, Any, Any], ...] = ()


def first_difference(recorded: Branches, now: Branches, sameness: Equivalence) -> Difference | None:
    """Return the first event that differs; None where both histories took the same path with the same data.

    First is what comes first in the recorded history. Events that say no more than that a call has begun are not
    compared, and of branches that were stopped because another one failed only as much as both had time for.
    """
    found: list[tuple[float, Difference]] = []
    for key in [*recorded.all, *(key for key in now.all if key not in recorded.all)]:
        before, after = recorded.all.get(key), now.all.get(key)
        difference = _of_branch(key, before, after, sameness)
        if difference is not None:
            found.append((_position(difference), difference))
    return min(found, key=lambda pair: pair[0])[1] if found else None


def _position(difference: Difference) -> float:
    event = difference.recorded or difference.now
    assert event is not None
    # Of two at one place, what the recorded history has comes before what only the replay has.
    return float(event["id"]) + (0.0 if difference.recorded else 0.5)


def _of_branch(key: Key, before: Branch | None, after: Branch | None, sameness: Equivalence) -> Difference | None:
    cut = not ((before is None or before.whole) and (after is None or after.whole))
    left, right = list(_told(before)), list(_told(after))
    end = min(len(left), len(right))
    for (state_before, one), (state_after, other) in zip(left[:end], right[:end], strict=True):
        fields = tuple(_differing(one, other, sameness))
        if fields or _kind(one) != _kind(other):
            return Difference(key, one, other, state_before, state_after, fields)
    if len(left) == len(right) or cut:
        return None
    longer = (left if len(left) > end else right)[end]
    if len(left) > end:
        return Difference(key, longer[1], None, longer[0])
    return Difference(key, None, longer[1], state_now=longer[0])


def _told(branch: Branch | None) -> Iterator[tuple[str, Event]]:
    """The events of a line that are compared, each with its state."""
    state = ""
    for event in _without_cut_off(branch) if branch is not None else ():
        if event["type"].startswith("Execution"):
            state = ""
        elif event["type"].endswith("StateEntered"):
            state = details(event)["name"]
        if event["type"] not in _UNTOLD:
            yield state, event


def _without_cut_off(branch: Branch) -> list[Event]:
    """The events of a line without attempts that were stopped and made again in a redrive.

    Which of several branches were in an attempt when the execution ended is a matter of time.
    """
    events, begun = branch.events, (*SCHEDULED, *STARTED, "TaskSubmitted")
    found: list[Event] = []
    start = 0
    for redriven in branch.redriven:
        part = events[start:redriven]
        end = [part.pop()] if part and part[-1]["type"].startswith("Execution") else []
        while part and part[-1]["type"] in begun:
            part.pop()
        found += part + end
        start = redriven
    return found + events[start:]


def _kind(event: Event) -> str:
    kind = str(event["type"])
    for early in ("ScheduleFailed", "StartFailed", "SubmitFailed"):
        if kind in FAILED and kind.endswith(early):
            return kind.removesuffix(early) + "Failed"
    return kind


def _differing(recorded: Event, now: Event, sameness: Equivalence) -> Iterator[tuple[str, Any, Any]]:
    if _kind(recorded) != _kind(now) or _alike(details(recorded), details(now)):
        return
    yield from sameness.differences(_meaning(recorded), _meaning(now))


def _alike(recorded: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    """Whether the details are the same as they stand, as most of them are."""
    return all(name in _IGNORED or recorded.get(name) == now.get(name) for name in recorded.keys() | now.keys())


def _meaning(event: Event) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in details(event).items():
        if name in _IGNORED or value is None:
            continue
        if name == "assignedVariables":
            found[name] = {variable: data_of(text) for variable, text in value.items()}
        else:
            found[name] = data_of(value) if name in _TEXTS and isinstance(value, str) else value
    return found


def is_cut_off(kind: str) -> bool:
    """Whether an execution that ends so had no more than the time for what its history shows."""
    return kind in _CUT_OFF or not kind
