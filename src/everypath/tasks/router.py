"""Finds who runs a task: by the kind of its resource."""

from __future__ import annotations

from collections.abc import Coroutine
from functools import partial
from typing import Any

from everypath.asl.integrations import WAIT_FOR_TOKEN
from everypath.asl.resource import Resource
from everypath.engine.data import to_text
from everypath.engine.item_store import ItemStore
from everypath.engine.scheduler import Signal
from everypath.engine.task_call import CallingRun, TaskCall
from everypath.history.outcome import Outcome
from everypath.integrations.services import Services
from everypath.lambda_runtime.functions import Functions, InProcess
from everypath.lambda_runtime.invoke import LambdaFunctions
from everypath.lambda_runtime.lambda_tasks import call_function
from everypath.tasks.activities import Activities
from everypath.tasks.callbacks import Callbacks
from everypath.tasks.nested import Nested


class Router:
    """Sends each call to those who can make it.

    Parameters
    ----------
    functions : Functions, optional
        The Lambda functions that run in this process.
    lambda_endpoint : LambdaFunctions, optional
        Where all other functions are; at the Lambda that boto3 reaches, where it is left out and there are no
        `functions`.
    nested : Nested, optional
        Starts executions of state machines; at the Step Functions that boto3 reaches where it is left out.

    Attributes
    ----------
    callbacks : Callbacks
        Where answers by task token arrive.
    activities : Activities
        Where workers take tasks.
    """

    def __init__(
        self,
        functions: Functions | None = None,
        *,
        lambda_endpoint: LambdaFunctions | None = None,
        nested: Nested | None = None,
    ) -> None:
        self.callbacks = Callbacks()
        self.activities = Activities(self.callbacks)
        self._functions = functions
        self._endpoint = lambda_endpoint
        self._nested = nested
        self._services = Services(self.callbacks)

    def problem(self, resource: Resource, arguments: Any) -> str | None:
        """Return why a call with these arguments would not be scheduled; see `Tasks`."""
        if resource.kind not in ("optimized", "sdk"):
            return None
        from everypath.integrations.parameters import parameter_problems
        from everypath.integrations.service_errors import unusable_parameters

        problems = parameter_problems(resource, arguments)
        return unusable_parameters(to_text(arguments), problems).cause if problems else None

    def item_store(self, run: CallingRun) -> ItemStore:
        """Return where a distributed Map reads its items and writes its results: S3, as boto3 reaches it."""
        return self._services.item_store(run.identity.region)

    def start(self, call: TaskCall) -> Coroutine[Signal, None, Outcome]:
        """Return the coroutine that makes a call."""
        resource = call.resource
        if _is_given_out(call):
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
                outcome = await self._invoke(call)
                return await self.callbacks.answered(call, signal, outcome)
            finally:
                self.callbacks.forget(call, signal)
        return await self._invoke(call)

    async def _invoke(self, call: TaskCall) -> Outcome:
        if self._functions is not None:
            call.run.scheduler.settle()
            return call_function(call, InProcess(self._functions, call))
        functions = self._endpoint or self._services.functions(call)
        outcome: Outcome = await call.run.scheduler.outside(partial(call_function, call, functions))
        return outcome


def _is_given_out(call: TaskCall) -> bool:
    """Whether somebody outside has the call's token since before its execution was interrupted, and will answer."""
    if call.pending is None:
        return False
    return (
        call.pending.started
        if call.resource.kind == "activity"
        else (call.resource.needs_token and call.pending.submitted is not None)
    )
