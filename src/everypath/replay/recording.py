"""Reads the output of ``aws stepfunctions get-execution-history``, and refuses what cannot be replayed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import zip_longest
from pathlib import Path
from typing import Any

from everypath.errors import InputError
from everypath.history.events import STATE_ENTERED, STATE_EXITED, STATUSES, TASK_SUCCEEDED, Event, details


@dataclass(frozen=True, slots=True)
class Recording:
    """A recorded execution.

    Parameters
    ----------
    events : tuple of Event
        In the order of their ids.
    input : str
        The execution's input as JSON text.
    describe : dict
        The response of DescribeExecution, where it was given.
    source : str
        Where it was read from.
    """

    events: tuple[Event, ...]
    input: str
    describe: dict[str, Any] = field(default_factory=dict)
    source: str = "history"

    @property
    def start(self) -> float:
        """When it started, in seconds since the epoch."""
        return float(self.events[0]["timestamp"].timestamp())

    @property
    def end(self) -> str:
        """The type of its last event where that ends an execution, else an empty string."""
        kind = str(self.events[-1]["type"])
        return kind if kind in STATUSES else ""

    @property
    def parts(self) -> list[tuple[Event, ...]]:
        """The events up to the first redrive, and those from each redrive on up to the next one."""
        starts = [0, *(index for index, event in enumerate(self.events) if event["type"] == "ExecutionRedriven")]
        return [self.events[start:end] for start, end in zip_longest(starts, starts[1:])]


def load_recording(file: Path) -> Recording:
    """Read a recording from a file of one or more JSON texts.

    Raises
    ------
    InputError
        The file is no history, or one that cannot be replayed; the message says why.
    """
    try:
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        raise InputError(f"{file}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise InputError(f"{file}: cannot be read: it is not UTF-8 text") from None
    return read_recording(list(_texts(text, str(file))), str(file))


def read_recording(pages: list[Any], source: str = "history") -> Recording:
    """Make a recording of the pages of a history: responses of GetExecutionHistory, lists of events, or both.

    Raises
    ------
    InputError
        They are no history, or one that cannot be replayed; the message says why.
    """
    describe: dict[str, Any] = {}
    events: list[Event] = []
    rest = ""
    for page in _pages(pages):
        if isinstance(page, dict) and "executionArn" in page and "events" not in page:
            describe = page
            continue
        found = page.get("events") if isinstance(page, dict) else page
        if not isinstance(found, list) or not all(isinstance(event, dict) for event in found):
            raise InputError(f"{source}: expected the output of get-execution-history, with a list of 'events'")
        events += found
        # A page is complete where the next one is there, too: only what is left at the end tells.
        rest = page.get("nextToken", "") if isinstance(page, dict) else ""
    if rest:
        raise InputError(f"{source}: the history is incomplete: it ends with a nextToken; add the pages that follow")
    events = [_event(event, source) for event in events]
    events.sort(key=lambda event: event["id"])
    _check(events, source)
    return Recording(tuple(events), details(events[0])["input"], describe, source)


def _texts(text: str, source: str) -> Iterator[Any]:
    decoder, position = json.JSONDecoder(), 0
    try:
        while text[position:].strip():
            position += len(text[position:]) - len(text[position:].lstrip())
            found, position = decoder.raw_decode(text, position)
            yield found
    except ValueError as error:
        raise InputError(f"{source}: expected JSON, but {error}") from None


def _pages(pages: list[Any]) -> Iterator[Any]:
    """Take apart ``{"describe": …, "history": …}`` and lists of pages."""
    for page in pages:
        if isinstance(page, dict) and "history" in page:
            history = page["history"]
            yield from _pages([page.get("describe") or page.get("execution") or {"executionArn": ""}])
            yield from _pages(history if isinstance(history, list) and _has_pages(history) else [history])
        elif isinstance(page, list) and _has_pages(page):
            yield from page
        else:
            yield page


def _has_pages(found: list[Any]) -> bool:
    return bool(found) and isinstance(found[0], dict) and "events" in found[0]


def _event(event: Event, source: str) -> Event:
    try:
        found = {"previousEventId": 0, **event, "id": int(event["id"]), "type": str(event["type"])}
        found["timestamp"] = _moment(event["timestamp"])
    except (KeyError, TypeError, ValueError, OverflowError, OSError) as error:
        named = f"event {event.get('id', '?')}"
        raise InputError(f"{source}: {named}: expected an id, a type and a timestamp, but {error!r}") from None
    return found


def _moment(given: Any) -> datetime:
    if isinstance(given, datetime):
        return given
    if isinstance(given, str):
        moment = datetime.fromisoformat(given)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    seconds = float(given)
    return datetime.fromtimestamp(seconds / 1000 if seconds > 1e11 else seconds, UTC)


def _check(events: list[Event], source: str) -> None:
    if not events or events[0]["type"] != "ExecutionStarted":
        raise InputError(f"{source}: the history is incomplete: it does not begin with ExecutionStarted")
    for number, event in enumerate(events, 1):
        place = f"{source}: event {event['id']} ({event['type']})"
        if event["id"] != number:
            raise InputError(f"{source}: the history is incomplete: event {number} is missing, or is there twice")
        if event["type"] == "ExecutionRedriven" and events[number - 2]["type"] not in STATUSES:
            before = events[number - 2]["type"]
            raise InputError(f"{place}: expected an event before it that ends the execution, but it is {before}")
        _check_data(event, place)
    try:
        json.loads(details(events[0])["input"])
    except ValueError as error:
        raise InputError(f"{source}: event 1 (ExecutionStarted): expected JSON text as input, but {error}") from None


def _check_data(event: Event, place: str) -> None:
    found = details(event)
    for name in ("inputDetails", "outputDetails", "assignedVariablesDetails"):
        if (found.get(name) or {}).get("truncated"):
            raise InputError(f"{place}: {name} says that data was truncated, and cannot be rebuilt")
    kind = event["type"]
    needed = "input" if kind == "ExecutionStarted" or kind in STATE_ENTERED else ""
    needed = "output" if kind == "ExecutionSucceeded" or kind in STATE_EXITED | TASK_SUCCEEDED else needed
    if needed and not isinstance(found.get(needed), str):
        raise InputError(f"{place}: it has no {needed}: get the history again, with --include-execution-data")
