"""The Task state: schedules a call, races it against its timeouts, and writes the events of what happens."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any

from everypath.asl import json_text
from everypath.asl.error_catalog import RUNTIME
from everypath.asl.errors import StateError
from everypath.asl.resource import Resource
from everypath.asl.scope import Expression
from everypath.asl.tree import Task
from everypath.engine import dataflow
from everypath.engine.context import RunContext
from everypath.engine.cursor import Cursor
from everypath.engine.data import limit_exceeded, too_large
from everypath.engine.dataflow import Step
from everypath.engine.retry_catch import run_attempts
from everypath.engine.scheduler import Scheduler, Signal, Timer
from everypath.engine.task_call import TaskCall
from everypath.history.events import details_key
from everypath.history.outcome import HEARTBEAT_TIMEOUT, TIMEOUT, Failure, Outcome, Success
from everypath.history.resume_point import PendingAttempt

_UNTRUNCATED = {"truncated": False}
#: The prefix of the event types by the kind of resource.
_PREFIX = {"lambda": "LambdaFunction", "activity": "Activity"}


async def run_task(state: Task, cursor: Cursor, value: Any) -> Step | Failure:
    """Run a Task state."""

    async def attempt() -> Outcome:
        return await attempt_task(state, cursor, value)

    return await run_attempts(state, cursor, value, attempt)


async def attempt_task(state: Task, cursor: Cursor, value: Any) -> Outcome:
    """Make one attempt of a Task state."""
    run = cursor.run
    has_token = state.resource.needs_token or state.resource.runs_job
    resume_point = cursor.take_resume_point()
    if resume_point is not None and resume_point.pending is not None:
        return await _resume(state, cursor, value, resume_point.pending, has_token=has_token)
    if has_token:
        # A job may be answered for by its token, too (recorded for startExecution.sync).
        cursor.token = run.token(len(run.history.events) + 1)
    arguments = dataflow.arguments(state, cursor, value)
    timeout = _number(state.timeout_seconds, cursor, value)
    heartbeat = _number(state.heartbeat_seconds, cursor, value)
    credentials = None if state.credentials is None else state.credentials.evaluate(cursor.scope(value))
    refusal = run.tasks.problem(state.resource, arguments)
    if refusal is not None:
        raise StateError(RUNTIME, refusal)
    events = TaskEvents(cursor, state.resource)
    if too_large(run.text(arguments)):
        return limit_exceeded(state.name, fatal=True)
    events.scheduled(arguments, timeout, heartbeat, credentials)
    scheduled = cursor.last
    await run.scheduler.pause()
    if state.resource.kind != "activity":
        events.started()
    race = Race(run.scheduler, timeout, heartbeat)
    call = TaskCall(
        run=run, state=state.name, resource=state.resource, arguments=arguments, attempt=cursor.retry_count + 1,
        scheduled=scheduled, token=cursor.token, credentials=credentials, timeout_seconds=timeout,
        heartbeat_seconds=heartbeat, started=events.started, submitted=events.submitted, heartbeat=race.heartbeat,
        on_http_exchange=cursor.on_http_exchange,
    )  # fmt: skip
    return _end(run, events, await race.run(run.tasks.start(call)))


async def _resume(state: Task, cursor: Cursor, value: Any, pending: PendingAttempt, *, has_token: bool) -> Outcome:
    """Resume an attempt that was pending when its execution was interrupted, with what its events say.

    What was called is called again, unless an answer by the task token is all that is left to wait for.
    """
    run, scheduled, events = cursor.run, pending.details, TaskEvents(cursor, state.resource)
    cursor.token = run.token(pending.id) if has_token else None
    credentials = None if state.credentials is None else state.credentials.evaluate(cursor.scope(value))
    timeout, heartbeat = scheduled.get("timeoutInSeconds"), scheduled.get("heartbeatInSeconds")
    if state.resource.kind != "activity" and not pending.started:
        events.started()
    passed = run.scheduler.clock.now() - pending.scheduled
    race = Race(run.scheduler, None if timeout is None else timeout - passed, heartbeat)
    arguments = json_text.load(scheduled["parameters"] if "parameters" in scheduled else scheduled["input"])
    call = TaskCall(
        run=run, state=state.name, resource=state.resource, arguments=arguments,
        attempt=cursor.retry_count + 1, scheduled=pending.id, token=cursor.token, credentials=credentials,
        timeout_seconds=timeout, heartbeat_seconds=heartbeat,
        started=_do_nothing if pending.started else events.started,
        submitted=_do_nothing if pending.submitted else events.submitted, heartbeat=race.heartbeat, pending=pending,
    )  # fmt: skip
    answer = run.answers.get(cursor.token or "")
    return _end(run, events, await race.run(run.tasks.start(call)) if answer is None else answer)


def _do_nothing(details: Any) -> None:
    """Write no event: it was written before the interruption."""


def _end(run: RunContext, events: TaskEvents, outcome: Outcome) -> Outcome:
    if isinstance(outcome, Success) and too_large(run.text(outcome.output)):
        outcome = limit_exceeded(events.producer())
    events.ended(outcome)
    return outcome


def _number(field: Expression | None, cursor: Cursor, value: Any) -> float | None:
    return None if field is None else field.evaluate(cursor.scope(value))


class Race:
    """A call against its timeout and its heartbeat; the first to arrive decides.

    Parameters
    ----------
    timeout, heartbeat : float or None
        Seconds; None where the state sets none (the service's default is longer than an execution may last).
    """

    __slots__ = ("_finish", "_heartbeat", "_pulse", "_scheduler", "_timeout")

    def __init__(self, scheduler: Scheduler, timeout: float | None, heartbeat: float | None) -> None:
        self._scheduler = scheduler
        self._timeout = timeout
        self._heartbeat = heartbeat
        self._pulse: Timer | None = None
        self._finish: Signal | None = None

    async def run(self, work: Coroutine[Signal, None, Outcome]) -> Outcome:
        """Return what the call comes to, or `TIMEOUT` where that comes first; the call is then closed."""
        if self._timeout is None and self._heartbeat is None:
            return await work
        finish = self._finish = Signal()
        job = self._scheduler.spawn(work)
        job.then(lambda: finish.resolve(job.value))
        deadline = self._scheduler.timer(self._timeout) if self._timeout is not None else None
        if deadline:
            deadline.then(lambda: finish.resolve(TIMEOUT))
        self.heartbeat()
        try:
            outcome: Outcome = await finish
        finally:
            job.cancel()
            for timer in (deadline, self._pulse):
                if timer:
                    timer.stop()
        return outcome

    def heartbeat(self) -> None:
        """Begin to wait for the next heartbeat; a missed one is reported as a timeout (recorded)."""
        if self._heartbeat is None or self._finish is None:
            return
        if self._pulse:
            self._pulse.stop()
        finish = self._finish
        self._pulse = self._scheduler.timer(self._heartbeat)
        self._pulse.then(lambda: finish.resolve(HEARTBEAT_TIMEOUT))


class TaskEvents:
    """Writes the events of one Task state, in one of three vocabularies, by the kind of its resource (recorded)."""

    __slots__ = ("_cursor", "_prefix", "_resource")

    def __init__(self, cursor: Cursor, resource: Resource) -> None:
        self._cursor = cursor
        self._resource = resource
        self._prefix = _PREFIX.get(resource.kind, "Task")

    def scheduled(self, arguments: Any, timeout: float | None, heartbeat: float | None, credentials: Any) -> None:
        """Write that a call is scheduled."""
        text = self._cursor.run.text(arguments)
        if self._prefix == "Task":
            details = self._named() | {"region": self._cursor.run.identity.region, "parameters": text}
            if credentials is not None:
                details["taskCredentials"] = {"roleArn": credentials.get("RoleArn")}
        else:
            details = {"resource": self._resource.text, "input": text, "inputDetails": _UNTRUNCATED}
        if timeout is not None:
            details["timeoutInSeconds"] = int(timeout)
        if heartbeat is not None:
            details["heartbeatInSeconds"] = int(heartbeat)
        self._add("Scheduled", details)

    def started(self, details: dict[str, Any] | None = None) -> None:
        """Write that the call has begun; an activity's worker may have a name."""
        if self._prefix == "LambdaFunction":
            self._cursor.add("LambdaFunctionStarted")
        else:
            self._add("Started", self._named() if self._prefix == "Task" else details or {})

    def submitted(self, output: Any) -> None:
        """Write that the request was accepted whose job or callback is now waited for."""
        text = self._cursor.run.text(output)
        self._add("Submitted", self._named() | {"output": text, "outputDetails": _UNTRUNCATED})

    def ended(self, outcome: Outcome) -> None:
        """Write what the call came to."""
        named = self._named() if self._prefix == "Task" else {}
        if isinstance(outcome, Success):
            text = self._cursor.run.text(outcome.output)
            self._add("Succeeded", named | {"output": text, "outputDetails": _UNTRUNCATED})
        else:
            self._add("TimedOut" if outcome.timed_out else "Failed", named | outcome.details())

    def producer(self) -> str:
        """Return what the cause of an oversize result calls the resource (recorded)."""
        return self._resource.text if self._prefix != "Task" else self._resource.service

    def _named(self) -> dict[str, Any]:
        return {"resourceType": self._resource.resource_type, "resource": self._resource.resource}

    def _add(self, kind: str, details: dict[str, Any]) -> None:
        kind = self._prefix + kind
        self._cursor.add(kind, details_key(kind), details)
