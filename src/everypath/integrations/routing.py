"""Puts together what the tasks of an execution reach: functions, AWS services, activities, nested executions."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from everypath.engine.task_call import TaskCall
from everypath.history.outcome import Outcome
from everypath.integrations.lambda_invoke import call_function
from everypath.integrations.services import Services
from everypath.lambda_runtime.functions import Functions, InProcess
from everypath.lambda_runtime.invoke import LambdaFunctions
from everypath.tasks.callbacks import Callbacks
from everypath.tasks.nested import Nested
from everypath.tasks.router import Router


def task_router(
    functions: Functions | None = None,
    *,
    lambda_endpoint: LambdaFunctions | None = None,
    nested: Nested | None = None,
    is_activity: Callable[[str], bool] | None = None,
) -> Router:
    """Return a router to functions and, through boto3, to services.

    Parameters
    ----------
    functions : Functions, optional
        The Lambda functions that run in this process.
    lambda_endpoint : LambdaFunctions, optional
        Where all other functions are; at the Lambda that boto3 reaches, where it is left out and there are no
        `functions`.
    nested, is_activity
        See `Router`.
    """
    callbacks = Callbacks()
    services = Services(callbacks)
    invoker = LambdaTasks(functions, lambda_endpoint, services)
    return Router(callbacks, invoker, services, nested=nested, is_activity=is_activity)


class LambdaTasks:
    """Invokes functions: those of this process, or else those of an endpoint, or else those that boto3 reaches."""

    def __init__(self, functions: Functions | None, endpoint: LambdaFunctions | None, services: Services) -> None:
        self._functions = functions
        self._endpoint = endpoint
        self._services = services

    async def invoke(self, call: TaskCall) -> Outcome:
        """Invoke the function of a call once; see `FunctionTasks`."""
        if self._functions is not None:
            call.run.scheduler.settle()
            return call_function(call, InProcess(self._functions, call))
        functions = self._endpoint or self._services.functions(call)
        outcome: Outcome = await call.run.scheduler.outside(partial(call_function, call, functions))
        return outcome
