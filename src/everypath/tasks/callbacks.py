"""Task tokens: who waits for an answer, and the answers that arrive from anywhere, in any thread."""

from __future__ import annotations

import threading
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any

from everypath.engine.scheduler import Signal
from everypath.engine.task_call import TaskCall
from everypath.history.outcome import Failure, Outcome, Success


class UnknownToken(LookupError):
    """No task waits with this token: it never did, or it has ended."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    call: TaskCall
    signal: Signal


class Callbacks:
    """The tasks that wait for an answer by their token."""

    def __init__(self) -> None:
        self._waiting: dict[str, _Waiting] = {}
        self._lock = threading.Lock()

    def expect(self, call: TaskCall) -> Signal:
        """Take answers for the call's token from now on; virtual time then runs with the wall clock."""
        assert call.token is not None
        signal = call.run.scheduler.expect()
        with self._lock:
            self._waiting[call.token] = _Waiting(call, signal)
        return signal

    async def wait(self, call: TaskCall) -> Outcome:
        """Wait for the answer of somebody who has the call's token already."""
        return await self.answer(call, self.expect(call))

    async def answered(self, call: TaskCall, signal: Signal, request: Outcome) -> Outcome:
        """Wait for the answer to a request, unless the request itself has failed."""
        if isinstance(request, Failure):
            return request
        call.submitted(request.output)
        return await self.answer(call, signal)

    async def first(self, call: TaskCall, work: Coroutine[Signal, None, Outcome]) -> Outcome:
        """Do the work of a job, unless somebody answers for the call's token before it is done."""
        either, signal = Signal(), self.expect(call)
        job = call.run.scheduler.spawn(work)
        job.then(lambda: either.resolve(job.value))
        signal.then(lambda: either.resolve(signal.value))
        try:
            outcome: Outcome = await either
        finally:
            job.cancel()
            self.forget(call, signal)
        return outcome

    async def answer(self, call: TaskCall, signal: Signal) -> Outcome:
        """Wait for the answer that `expect` has made ready for."""
        try:
            outcome: Outcome = await signal
        finally:
            self.forget(call, signal)
        return outcome

    def forget(self, call: TaskCall, signal: Signal) -> None:
        """Take no more answers for the call's token."""
        with self._lock:
            forgotten = self._waiting.pop(call.token or "", None)
        if forgotten:
            call.run.scheduler.forget(signal)

    def execution_of(self, token: str) -> str:
        """Return the ARN of the execution whose task waits with a token; raises `UnknownToken`."""
        return self._find(token).call.run.identity.arn

    def succeed(self, token: str, output: Any) -> None:
        """Answer with a result, any JSON data; raises `UnknownToken`."""
        self.answer_with(token, Success(output))

    def fail(self, token: str, error: str | None, cause: str | None) -> None:
        """Answer with an error; raises `UnknownToken`."""
        self.answer_with(token, Failure(error, cause))

    def heartbeat(self, token: str) -> None:
        """Report that the work goes on; raises `UnknownToken`."""
        waiting = self._find(token)
        waiting.call.run.scheduler.call(waiting.call.heartbeat)

    def answer_with(self, token: str, outcome: Outcome) -> None:
        """Answer with a result or an error; raises `UnknownToken`."""
        waiting = self._find(token)
        waiting.call.run.scheduler.deliver(waiting.signal, outcome)

    def _find(self, token: str) -> _Waiting:
        with self._lock:
            waiting = self._waiting.get(token)
        if waiting is None:
            raise UnknownToken(token)
        return waiting
