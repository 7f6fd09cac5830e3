"""The event history of an execution, in the shape of boto3's GetExecutionHistory."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from everypath.engine.clock import Clock
from everypath.engine.scheduler import Stopped

#: Events that a history holds; the last one is then ExecutionFailed (measured on AWS by others).
LIMIT = 25_000

Event = dict[str, Any]


class History:
    """Events, numbered from 1 in the order in which they happen.

    Parameters
    ----------
    clock : Clock
        What the events' timestamps are read from.
    limit : int or None
        How many events it holds; None for an Express execution, whose history is not kept by the service.
    fill : callable
        Called when there is room for one more event only; it ends the execution.
    events : list of Event, optional
        Those that there are already.
    """

    __slots__ = ("_clock", "_fill", "_limit", "_moment", "_timestamp", "events")

    def __init__(
        self, clock: Clock, limit: int | None, fill: Callable[[], None], events: list[Event] | None = None
    ) -> None:
        self.events: list[Event] = [] if events is None else events
        self._clock = clock
        self._limit = limit
        self._fill = fill
        self._moment = -1.0
        self._timestamp = datetime.fromtimestamp(0, UTC)

    def add(self, kind: str, previous: int, details_key: str | None = None, details: Any = None) -> int:
        """Append an event and return its id.

        Raises
        ------
        Stopped
            There was room only for the event that ends the execution, which has been written.
        """
        if self._limit is not None and len(self.events) >= self._limit - 1:
            self._fill()
            raise Stopped
        return self._append(kind, previous, details_key, details)

    def end(self, kind: str, previous: int, details_key: str, details: dict[str, Any]) -> int:
        """Append the event that ends the execution; there is always room for it."""
        self._fill = _nothing  # and with it the cycle of execution and history, which would wait for the collector
        return self._append(kind, previous, details_key, details)

    def _append(self, kind: str, previous: int, details_key: str | None, details: Any) -> int:
        now = self._clock.now()
        if now != self._moment:
            self._moment, self._timestamp = now, datetime.fromtimestamp(now, UTC)
        number = len(self.events) + 1
        event: Event = {"timestamp": self._timestamp, "type": kind, "id": number, "previousEventId": previous}
        if details_key is not None:
            event[details_key] = details
        self.events.append(event)
        return number


def _nothing() -> None:
    pass
