"""Finds who runs a task: by the kind of its resource."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, Protocol

from everypath.asl.resource import WAIT_FOR_TOKEN, Resource
from everypath.engine.item_store import ItemStore
from everypath.engine.scheduler import Signal
from everypath.engine.task_call import CallingRun, TaskCall
from everypath.history.outcome import Outcome
from everypath.tasks.activities import Activities
from everypath.tasks.callbacks import Callbacks
from everypath.tasks.nested import Nested


class FunctionTasks(Protocol):
    """What invokes Lambda functions for tasks."""

    def invoke(self, call: TaskCall) -> Coroutine[Signal, None, Outcome]:
        """Return the coroutine that invokes a function once and returns what it answers."""
        ...


class ServiceTasks(Protocol):
    """What calls AWS services and HTTP APIs for tasks."""

    def problem(self, resource: Resource, arguments: Any) -> str | None:
        """Return why a service would not be called with these arguments; None if it would."""
        ...

    def item_store(self, region: str) -> ItemStore:
        """Return where a distributed Map reads its items and writes its results."""
        ...

    def start(self, call: TaskCall) -> Coroutine[Signal, None, Outcome]:
        """Return the coroutine that makes a call, with the job or the answer that its pattern waits for."""
        ...


class Router:
    """Sends each call to those who can make it.

    Parameters
    ----------
    callbacks : Callbacks
        Where answers by task token arrive.
    functions : FunctionTasks
        Invokes Lambda functions.
    services : ServiceTasks
        Calls everything else.
    nested : Nested, optional
        Starts executions of state machines; `services` does where it is left out.
    is_activity : callable, optional
        Tells whether there is an activity of an ARN; every one is there where it is left out.

    Attributes
    ----------
    activities : Activities
        Where workers take tasks.
    """

    def __init__(
        self,
        callbacks: Callbacks,
        functions: FunctionTasks,
        services: ServiceTasks,
        *,
        nested: Nested | None = None,
        is_activity: Callable[[str], bool] | None = None,
    ) -> None:
        self.callbacks = callbacks
        self.activities = Activities(callbacks)
        self._functions = functions
        self._services = services
        self._nested = nested
        self._is_activity = is_activity

    def problem(self, resource: Resource, arguments: Any) -> str | None:
        """Return why a call with these arguments would not be scheduled; see `Tasks`."""
        if resource.kind == "activity" and self._is_activity is not None and not self._is_activity(resource.text):
            return f"The activity {resource.text} does not exist."
        return self._services.problem(resource, arguments) if resource.kind in ("optimized", "sdk") else None

    def item_store(self, run: CallingRun) -> ItemStore:
        """Return where a distributed Map reads its items and writes its results."""
        return self._services.item_store(run.identity.region)

    def start(self, call: TaskCall) -> Coroutine[Signal, None, Outcome]:
        """Return the coroutine that makes a call."""
        resource = call.resource
        if _is_answered_for_already(call):
            return self.callbacks.wait(call)
        if resource.kind == "activity":
            return self.activities.start(call)
        if resource.kind == "lambda" or (resource.kind == "optimized" and resource.service == "lambda"):
            return self._function(call)
        if resource.service == "states" and self._nested is not None:
            return self._nested.start(call, self.callbacks)
        return self._services.start(call)

    async def _function(self, call: TaskCall) -> Outcome:
        if call.resource.pattern == WAIT_FOR_TOKEN:
            signal = self.callbacks.expect(call)
            try:
                outcome = await self._functions.invoke(call)
                return await self.callbacks.answered(call, signal, outcome)
            finally:
                self.callbacks.forget(call, signal)
        return await self._functions.invoke(call)


def _is_answered_for_already(call: TaskCall) -> bool:
    """Whether a worker got the call's token before its execution was interrupted, and will answer with it."""
    if call.pending is None:
        return False
    if call.resource.kind == "activity":
        return call.pending.started
    return call.resource.needs_token and call.pending.submitted is not None
