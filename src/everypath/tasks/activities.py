"""Activities: tasks that wait until a worker asks for work, takes them, and answers by their token."""

from __future__ import annotations

import threading
import time
from collections import defaultdict, deque
from dataclasses import dataclass

from everypath.engine.data import to_text
from everypath.engine.scheduler import Signal
from everypath.engine.task_call import TaskCall
from everypath.history.outcome import Outcome
from everypath.tasks.callbacks import Callbacks


@dataclass(frozen=True, slots=True)
class ActivityTask:
    """What a worker gets: the token to answer with, and the input as JSON text."""

    token: str
    input: str


class Activities:
    """The tasks that no worker has taken yet, by the ARN of their activity.

    Parameters
    ----------
    callbacks : Callbacks
        Where workers answer.
    """

    def __init__(self, callbacks: Callbacks) -> None:
        self._callbacks = callbacks
        self._open: dict[str, deque[TaskCall]] = defaultdict(deque)
        self._changed = threading.Condition()

    async def start(self, call: TaskCall) -> Outcome:
        """Offer the call to workers and wait for an answer."""
        signal: Signal = self._callbacks.expect(call)
        with self._changed:
            self._open[call.resource.text].append(call)
            self._changed.notify_all()
        try:
            return await self._callbacks.answer(call, signal)
        finally:
            with self._changed:
                if call in self._open[call.resource.text]:
                    self._open[call.resource.text].remove(call)

    def take(self, arn: str, worker: str | None, seconds: float) -> ActivityTask | None:
        """Take the oldest open task of an activity; wait for one for `seconds`, then return None."""
        end = time.monotonic() + seconds
        with self._changed:
            while not self._open[arn]:
                left = end - time.monotonic()
                if left <= 0:
                    return None
                self._changed.wait(left)
            call = self._open[arn].popleft()
        details = {"workerName": worker} if worker else {}
        call.run.scheduler.call(lambda: call.started(details))
        assert call.token is not None
        return ActivityTask(call.token, to_text(call.arguments))
