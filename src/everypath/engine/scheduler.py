"""Runs coroutines over a clock, one at a time: concurrent branches, timers, and calls to the outside.

Whatever waits, waits for a `Signal`. When nothing is ready to run, time moves to the next due timer; while something
outside is awaited (a thread, a task token), time runs with the wall clock and does not skip. What is due at the same
time runs in the order in which it was asked for, so the same input gives the same order of events.
"""

from __future__ import annotations

import heapq
import itertools
import threading
import time
from collections import deque
from collections.abc import Callable, Coroutine, Generator
from queue import Empty, SimpleQueue
from typing import Any

from everypath.engine.clock import Clock
from everypath.history.log import HistoryFull


class Stopped(Exception):
    """Raised by a coroutine that gives up, as its execution has ended; its job then never happens."""


class Signal:
    """Something that happens at most once, with a value; coroutines await it."""

    __slots__ = ("callbacks", "done", "value")

    def __init__(self) -> None:
        self.done = False
        self.value: Any = None
        self.callbacks: list[Callable[[], None]] = []

    def resolve(self, value: Any = None) -> None:
        """Make it happen; a second time changes nothing."""
        if self.done:
            return
        self.done, self.value = True, value
        callbacks, self.callbacks = self.callbacks, []
        for callback in callbacks:
            callback()

    def then(self, callback: Callable[[], None]) -> None:
        """Call `callback` when it happens, or now if it has."""
        if self.done:
            callback()
        else:
            self.callbacks.append(callback)

    def __await__(self) -> Generator[Signal, None, Any]:
        if not self.done:
            yield self
        return self.value


class Job(Signal):
    """A running coroutine; as a signal it happens when the coroutine returns, with what it returns."""

    __slots__ = ("cancelled", "coroutine")

    def __init__(self, coroutine: Coroutine[Signal, None, Any]) -> None:
        super().__init__()
        self.coroutine = coroutine
        self.cancelled = False

    def cancel(self) -> None:
        """Stop the coroutine where it waits; the job then never happens."""
        if not self.done and not self.cancelled:
            self.cancelled = True
            self.coroutine.close()


class Timer(Signal):
    """A signal that happens at a time, unless it is stopped before."""

    __slots__ = ("stopped",)

    def __init__(self) -> None:
        super().__init__()
        self.stopped = False

    def stop(self) -> None:
        """Keep it from happening; virtual time then does not move to it."""
        self.stopped = True
        self.callbacks.clear()


class Scheduler:
    """Runs jobs until the first one is done.

    Parameters
    ----------
    clock : Clock
        Where time comes from.

    Attributes
    ----------
    settled : callable or None
        Called when everything has happened that can happen now, and before a call that blocks: the histories are then
        up to date.
    """

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.settled: Callable[[], None] | None = None
        self._ready: deque[Job] = deque()
        self._timers: list[tuple[float, int, Timer]] = []
        self._order = itertools.count()
        self._inbox: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._awaited = 0

    def run(self, coroutine: Coroutine[Signal, None, Any]) -> Any:
        """Run a coroutine, and all that it spawns, until it returns; return what it returns."""
        main = self.spawn(coroutine)
        try:
            while not main.done:
                if self._ready:
                    self._step(self._ready.popleft())
                else:
                    self._advance()
        finally:
            main.cancel()
        return main.value

    def spawn(self, coroutine: Coroutine[Signal, None, Any]) -> Job:
        """Start a coroutine beside the others; it runs in its turn."""
        job = Job(coroutine)
        self._ready.append(job)
        return job

    def timer(self, seconds: float) -> Timer:
        """Return a signal that happens in `seconds`."""
        timer = Timer()
        heapq.heappush(self._timers, (self.clock.now() + max(seconds, 0.0), next(self._order), timer))
        return timer

    async def sleep(self, seconds: float) -> None:
        """Wait for `seconds`."""
        await self.timer(seconds)

    async def pause(self) -> None:
        """Let everything run that is ready or due now."""
        if self._is_busy():
            await self.timer(0.0)

    async def outside(self, function: Callable[[], Any]) -> Any:
        """Run a blocking function in a thread and return what it returns; raises what it raises."""
        signal = self.expect()

        def work() -> None:
            result: tuple[Any, BaseException | None]
            try:
                result = (function(), None)
            except BaseException as error:  # handed to the coroutine that waits, which raises it
                result = (None, error)
            self.deliver(signal, result)

        threading.Thread(target=work, daemon=True).start()
        try:
            value, error = await signal
        finally:
            self.forget(signal)
        if error is not None:
            raise error
        return value

    def expect(self) -> Signal:
        """Return a signal that something outside will deliver; until then time runs with the wall clock."""
        self._awaited += 1
        return Signal()

    def forget(self, signal: Signal) -> None:
        """Stop expecting a signal: it was delivered, or is no longer wanted."""
        self._awaited -= 1

    def deliver(self, signal: Signal, value: Any = None) -> None:
        """Make an expected signal happen; may be called from any thread."""
        self._inbox.put(lambda: signal.resolve(value))

    def call(self, function: Callable[[], None]) -> None:
        """Call a function between two steps of the jobs; may be called from any thread."""
        self._inbox.put(function)

    def settle(self) -> None:
        """Say that what runs now is about to block."""
        if self.settled is not None:
            self.settled()

    def _is_busy(self) -> bool:
        return bool(self._ready or (self._timers and self._timers[0][0] <= self.clock.now()))

    def _step(self, job: Job) -> None:
        if job.cancelled:
            return
        try:
            signal = job.coroutine.send(None)
        except StopIteration as stop:
            job.resolve(stop.value)
        except (Stopped, HistoryFull):
            job.cancelled = True
        else:
            signal.then(lambda: self._ready.append(job))

    def _advance(self) -> None:
        """Take what came from outside, or let time pass until the next timer is due."""
        while self._timers and self._timers[0][2].stopped:
            heapq.heappop(self._timers)
        if not self._is_busy():
            self.settle()
        if self._take_inbox():
            return
        if self._awaited:
            self._wait_outside()
        elif self._timers:
            self.clock.sleep(self._timers[0][0] - self.clock.now())
            self._fire()
        else:
            raise RuntimeError("nothing is ready, due or awaited: an execution waits for what cannot happen")

    def _fire(self) -> None:
        while self._timers and (self._timers[0][2].stopped or self._timers[0][0] <= self.clock.now()):
            timer = heapq.heappop(self._timers)[2]
            if not timer.stopped:
                timer.resolve()
                return

    def _wait_outside(self) -> None:
        due = self._timers[0][0] - self.clock.now() if self._timers else None
        clock_before, wall_before = self.clock.now(), time.monotonic()
        try:
            arrived = self._inbox.get(timeout=None if due is None else max(due, 0.0))
        except Empty:
            arrived = None
        passed = time.monotonic() - wall_before - (self.clock.now() - clock_before)
        if due is not None:
            passed = min(passed, due) if arrived else due - (self.clock.now() - clock_before)
        self.clock.sleep(passed)
        if arrived:
            arrived()
        else:
            self._fire()

    def _take_inbox(self) -> bool:
        try:
            self._inbox.get_nowait()()
        except Empty:
            return False
        return True
