"""Finds the first event in which a replay differs from the recorded history, branch by branch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from everypath.history.branches import Branch, Branches, BranchKey
from everypath.history.events import (
    EXECUTION,
    STATE_ENTERED,
    TASK_FAILED,
    TASK_SCHEDULED,
    TASK_STARTED,
    TASK_SUBMITTED,
    Event,
    data_of,
    details,
)
from everypath.replay.equivalence import Equivalence

#: Details that say nothing about the workflow, or that differ in each execution.
_IGNORED = frozenset(
    {"inputDetails", "outputDetails", "assignedVariablesDetails", "roleArn", "workerName", "mapRunArn", "region"}
)
#: Details that are JSON texts.
_TEXTS = frozenset({"input", "output", "parameters", "cause"})
#: Ends that are a matter of time.
_CUT_OFF = frozenset({"ExecutionTimedOut", "ExecutionAborted"})
_NOT_COMPARED = TASK_STARTED | _CUT_OFF
_BEGINNINGS = TASK_SCHEDULED | TASK_STARTED | TASK_SUBMITTED


@dataclass(frozen=True, slots=True)
class Difference:
    """The first event that differs.

    Parameters
    ----------
    branch : BranchKey
        The branch or iteration in which it is; empty outside of any.
    recorded, now : Event or None
        The event on either side; None where that branch had ended.
    state_recorded, state_now : str
        The state to which each belongs.
    fields : tuple of (str, value, value)
        The details that differ, where both are of the same type: place, recorded value, value now.
    """

    branch: BranchKey
    recorded: Event | None
    now: Event | None
    state_recorded: str = ""
    state_now: str = ""
    fields: tuple[tuple[str, Any, Any], ...] = ()


def first_difference(recorded: Branches, now: Branches, equivalence: Equivalence) -> Difference | None:
    """Return the first event that differs; None where both histories took the same path with the same data.

    The order is that of the recorded history. Events that only say that a call has begun are not compared, and branches
    that were stopped because another one failed are compared as far as both of them came.
    """
    differences: list[tuple[float, Difference]] = []
    for key in [*recorded.all, *(key for key in now.all if key not in recorded.all)]:
        difference = _of_branch(key, recorded.all.get(key), now.all.get(key), equivalence)
        if difference is not None:
            differences.append((_position(difference), difference))
    return min(differences, key=lambda pair: pair[0])[1] if differences else None


def _position(difference: Difference) -> float:
    event = difference.recorded or difference.now
    assert event is not None
    # Of two at one place, what the recorded history has comes before what only the replay has.
    return float(event["id"]) + (0.0 if difference.recorded else 0.5)


def _of_branch(
    key: BranchKey, before: Branch | None, after: Branch | None, equivalence: Equivalence
) -> Difference | None:
    cut = not ((before is None or before.is_complete) and (after is None or after.is_complete))
    left, right = list(_compared(before)), list(_compared(after))
    end = min(len(left), len(right))
    for (state_before, one), (state_after, other) in zip(left[:end], right[:end], strict=True):
        fields = tuple(_differing(one, other, equivalence))
        if fields or _type(one) != _type(other):
            return Difference(key, one, other, state_before, state_after, fields)
    if len(left) == len(right) or cut:
        return None
    state, event = (left if len(left) > end else right)[end]
    if len(left) > end:
        return Difference(key, event, None, state)
    return Difference(key, None, event, state_now=state)


def _compared(branch: Branch | None) -> Iterator[tuple[str, Event]]:
    """The events of a branch that are compared, each with its state."""
    state = ""
    for event in _without_cut_off(branch) if branch is not None else ():
        if event["type"] in EXECUTION:
            state = ""
        elif event["type"] in STATE_ENTERED:
            state = details(event)["name"]
        if event["type"] not in _NOT_COMPARED:
            yield state, event


def _without_cut_off(branch: Branch) -> list[Event]:
    """The events of a branch without attempts that were stopped and made again in a redrive.

    Which of several branches were in an attempt when the execution ended is a matter of time.
    """
    kept: list[Event] = []
    start = 0
    for redriven in branch.redriven:
        part = branch.events[start:redriven]
        end = [part.pop()] if part and part[-1]["type"] in EXECUTION else []
        while part and part[-1]["type"] in _BEGINNINGS:
            part.pop()
        kept += part + end
        start = redriven
    return kept + branch.events[start:]


def _type(event: Event) -> str:
    """The type of an event; whether a call failed or could not be made is no difference."""
    kind = str(event["type"])
    if kind in TASK_FAILED:
        for early in ("ScheduleFailed", "StartFailed", "SubmitFailed"):
            if kind.endswith(early):
                return kind.removesuffix(early) + "Failed"
    return kind


def _differing(recorded: Event, now: Event, equivalence: Equivalence) -> Iterator[tuple[str, Any, Any]]:
    if _type(recorded) != _type(now) or _equal(details(recorded), details(now)):
        return
    yield from equivalence.differences(_data(recorded), _data(now))


def _equal(recorded: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    """Whether the details are equal as they are, as most of them are."""
    return all(name in _IGNORED or recorded.get(name) == now.get(name) for name in recorded.keys() | now.keys())


def _data(event: Event) -> dict[str, Any]:
    """The details that are compared, with JSON texts as data."""
    compared: dict[str, Any] = {}
    for name, value in details(event).items():
        if name in _IGNORED or value is None:
            continue
        if name == "assignedVariables":
            compared[name] = {variable: data_of(text) for variable, text in value.items()}
        else:
            compared[name] = data_of(value) if name in _TEXTS and isinstance(value, str) else value
    return compared


def is_cut_off(end: str) -> bool:
    """Whether an execution that ended so had time only for what its history shows.

    Parameters
    ----------
    end : str
        The type of its last event; empty where it is known to be still running.
    """
    return end in _CUT_OFF or not end
