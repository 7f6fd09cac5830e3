"""What the engine asks of a task, and what a task may ask of the execution that calls it."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from random import Random
from typing import Any, Protocol

from everypath.asl.resource import Resource
from everypath.engine.identity import Identity
from everypath.engine.item_store import ItemStore
from everypath.engine.scheduler import Scheduler, Signal
from everypath.history.log import History
from everypath.history.outcome import Outcome
from everypath.history.resume_point import PendingAttempt


class CallingRun(Protocol):
    """The execution that calls a task, as far as tasks need to know it; a `RunContext` is one.

    Attributes
    ----------
    identity : Identity
        What it is called.
    tasks : Tasks
        What its own tasks reach; those of an execution that a task starts reach the same.
    scheduler : Scheduler
        Where a task waits, or calls something that blocks.
    random : Random
        The source of all that is random.
    history : History
        The events up to now.
    logs : list of str
        Where the output of functions in this process is added.
    """

    identity: Identity
    tasks: Tasks
    scheduler: Scheduler
    random: Random
    history: History
    logs: list[str]

    def new_uuid(self) -> str:
        """Return an id from the execution's own source of randomness."""
        ...

    def stop(self, error: str | None = None, cause: str | None = None) -> None:
        """Abort the execution, as StopExecution does."""
        ...


@dataclass(frozen=True, slots=True)
class TaskCall:
    """One attempt of a Task state.

    Parameters
    ----------
    run : CallingRun
        The execution.
    state : str
        The state's name.
    resource : Resource
        What is called.
    arguments : Any
        The JSON data that it is called with.
    attempt : int
        1 for the first attempt since the state was entered.
    scheduled : int
        The id of the event that the attempt was scheduled with.
    token : str or None
        The task token, where the resource waits for one and for activities.
    credentials : Any
        The ``Credentials`` of the state.
    timeout_seconds, heartbeat_seconds : float or None
        As the state has them.
    started : callable
        To be called with the details of the event when an activity's worker has taken the task.
    submitted : callable
        To be called with the output of a request whose job or callback is then waited for.
    heartbeat : callable
        To be called when a heartbeat arrives.
    pending : PendingAttempt or None
        What had happened of this attempt before its execution was interrupted.
    on_http_exchange : callable or None
        To be called with the request that an HTTP Task has sent and its reply, where somebody wants to see them.
    """

    run: CallingRun
    state: str
    resource: Resource
    arguments: Any
    attempt: int
    scheduled: int
    token: str | None
    credentials: Any
    timeout_seconds: float | None
    heartbeat_seconds: float | None
    started: Callable[[dict[str, Any]], None]
    submitted: Callable[[Any], None]
    heartbeat: Callable[[], None]
    pending: PendingAttempt | None = None
    on_http_exchange: Callable[[Any], None] | None = None


class Tasks(Protocol):
    """What tasks reach: functions, services, activities, or what a test says instead."""

    def problem(self, resource: Resource, arguments: Any) -> str | None:
        """Return why Step Functions would not even schedule a call with these arguments; None if it would."""
        ...

    def item_store(self, run: CallingRun) -> ItemStore:
        """Return where a distributed Map of an execution reads its items and writes its results."""
        ...

    def start(self, call: TaskCall) -> Coroutine[Signal, None, Outcome]:
        """Return a coroutine that makes the call; it may be closed before it ends."""
        ...
