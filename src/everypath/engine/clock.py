"""Clocks: the time of an execution, virtual or real."""

from __future__ import annotations

import time
from typing import Protocol

#: When a virtual clock starts by default: 2026-01-01T00:00:00Z. It is fixed, so that the same input gives the same
#: history, byte for byte.
EPOCH = 1767225600.0


class Clock(Protocol):
    """A source of time that can also wait."""

    def now(self) -> float:
        """Return seconds since the epoch."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait for `seconds`."""
        ...


class VirtualClock:
    """Time that jumps: sleeping costs nothing.

    Parameters
    ----------
    start : float
        Seconds since the epoch at which it starts.
    """

    __slots__ = ("_now",)

    def __init__(self, start: float = EPOCH) -> None:
        self._now = start

    def now(self) -> float:
        """Return the virtual time, in seconds since the epoch."""
        return self._now

    def sleep(self, seconds: float) -> None:
        """Advance the virtual time by `seconds`."""
        self._now += max(seconds, 0.0)


class RealClock:
    """The wall clock."""

    __slots__ = ()

    def now(self) -> float:
        """Return the wall clock's time, in seconds since the epoch."""
        return time.time()

    def sleep(self, seconds: float) -> None:
        """Sleep for `seconds`."""
        time.sleep(max(seconds, 0.0))
