"""The event history of an execution, in the shape of boto3's GetExecutionHistory."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from math import inf
from typing import Any

from everypath.history.events import Event

#: Events that a history holds; the last one is then ExecutionFailed (measured on AWS by others).
MAX_EVENTS = 25_000

_EPOCH = datetime.fromtimestamp(0, UTC)


class HistoryFull(Exception):
    """There was room only for the event that ends the execution, which has been written."""


class History:
    """Events, numbered from 1 in the order in which they happen.

    Parameters
    ----------
    now : callable
        Returns the time of the execution's clock, in seconds since the epoch.
    limit : int or None
        How many events it holds; None for an Express execution, whose history is not kept by the service.
    on_full : callable
        Called when there is room for one more event only; it ends the execution.
    events : list of Event, optional
        Those that were recorded before the execution was resumed.
    """

    __slots__ = ("_limit", "_moment", "_now", "_on_full", "_timestamp", "events")

    def __init__(
        self,
        now: Callable[[], float],
        limit: int | None,
        on_full: Callable[[], None],
        events: list[Event] | None = None,
    ) -> None:
        self.events: list[Event] = [] if events is None else events
        self._now = now
        self._limit = inf if limit is None else limit
        self._on_full = on_full
        self._moment, self._timestamp = 0.0, _EPOCH

    def add(self, kind: str, previous: int, details_key: str | None = None, details: Any = None) -> int:
        """Append an event and return its id.

        Raises
        ------
        HistoryFull
            There was room only for the event that ends the execution, which has been written.
        """
        number = len(self.events) + 1
        if number >= self._limit:
            self._on_full()
            raise HistoryFull
        return self._append(number, kind, previous, details_key, details)

    def end(self, kind: str, previous: int, details_key: str, details: dict[str, Any]) -> int:
        """Append the event that ends the execution; there is always room for it."""
        return self._append(len(self.events) + 1, kind, previous, details_key, details)

    def _append(self, number: int, kind: str, previous: int, details_key: str | None, details: Any) -> int:
        now = self._now()
        if now != self._moment:
            self._moment, self._timestamp = now, datetime.fromtimestamp(now, UTC)
        event: Event = {"timestamp": self._timestamp, "type": kind, "id": number, "previousEventId": previous}
        if details_key is not None:
            event[details_key] = details
        self.events.append(event)
        return number
