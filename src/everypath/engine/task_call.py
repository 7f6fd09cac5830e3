"""What the engine asks of a task, and what a task may tell the engine while it runs."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from everypath.asl.resource import Resource
from everypath.engine.item_store import ItemStore
from everypath.engine.scheduler import Signal
from everypath.history.outcome import Outcome
from everypath.history.resume_point import PendingAttempt

if TYPE_CHECKING:
    from everypath.engine.interpreter import Run


@dataclass(frozen=True, slots=True)
class TaskCall:
    """One attempt of a Task state.

    Parameters
    ----------
    run : Run
        The execution, for its scheduler, identity and source of randomness.
    state : str
        The state's name.
    resource : Resource
        What is called.
    arguments : Any
        The JSON data that it is called with.
    attempt : int
        1 for the first attempt since the state was entered.
    token : str or None
        The task token, where the resource waits for one and for activities.
    credentials : Any
        The ``Credentials`` of the state.
    timeout_seconds, heartbeat_seconds : float or None
        As the state has them.
    started : callable
        To be called with the details of the event when an activity's worker has taken the task.
    submitted : callable
        To be called with the output of a request whose job or answer is then waited for.
    heartbeat : callable
        To be called when a heartbeat arrives.
    pending : PendingAttempt or None
        What had happened of this attempt before its execution was interrupted.
    exchanged : callable or None
        To be called with the request that an HTTP Task has sent and its reply, where somebody wants to see them.
    """

    run: Run
    state: str
    resource: Resource
    arguments: Any
    attempt: int
    token: str | None
    credentials: Any
    timeout_seconds: float | None
    heartbeat_seconds: float | None
    started: Callable[[dict[str, Any]], None]
    submitted: Callable[[Any], None]
    heartbeat: Callable[[], None]
    pending: PendingAttempt | None = None
    exchanged: Callable[[Any], None] | None = None


class Tasks(Protocol):
    """What tasks reach: functions, services, activities, or what a test says instead."""

    def problem(self, resource: Resource, arguments: Any) -> str | None:
        """Return why Step Functions would not even schedule a call with these arguments; None if it would."""
        ...

    def item_store(self, run: Run) -> ItemStore:
        """Return where a distributed Map of an execution reads its items and writes its results."""
        ...

    def start(self, call: TaskCall) -> Coroutine[Signal, None, Outcome]:
        """Return a coroutine that makes the call; it may be closed before it ends."""
        ...
