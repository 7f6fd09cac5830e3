"""Service integrations: a task's parameters in, a service's answer or its error out.

Everything here blocks; the engine calls it in a thread of its own.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from everypath.asl.error_catalog import TASK_FAILED
from everypath.asl.resource import Resource, require_supported
from everypath.engine.data import to_text
from everypath.integrations import guard, service_errors, sync_jobs
from everypath.integrations.answer import AwsAnswer, AwsFailure, Caller
from everypath.integrations.emulator_quirks import corrected_error, corrected_response, refused_by_aws
from everypath.integrations.parameters import (
    ParameterProblem,
    arguments_of,
    null_members,
    parameter_problems,
)
from everypath.integrations.put_events import put_events
from everypath.integrations.results import optimized_result, sdk_result
from everypath.integrations.service_errors import refused

if TYPE_CHECKING:
    from everypath.integrations.clients import Connections
    from everypath.integrations.http_call import Exchange
    from everypath.lambda_runtime.invoke import LambdaFunctions

__all__ = ["AwsAnswer", "AwsCall", "AwsFailure", "Caller", "parameter_problems"]

#: Seconds between two looks at a job: soon at first, because a stand-in's jobs end at once.
_FIRST_LOOK, _GROWTH, _LONGEST = 0.05, 1.5, 2.0


class AwsCall:
    """Calls of one resource, on behalf of one state.

    Parameters
    ----------
    resource : Resource
        A service integration of either kind.
    connections : Connections
        Makes the boto3 clients.
    region : str
        Where the service is called.
    role_arn : str, optional
        The role of the state's ``Credentials``.
    caller : Caller, optional
        The execution, for the integrations that tell the service about it.
    functions : LambdaFunctions, optional
        Where ``lambda:invoke`` finds its functions; at the Lambda of `connections` otherwise.
    exchanged : callable, optional
        Is told the request of an HTTP Task and its reply.

    Raises
    ------
    UnsupportedResource
        If everypath cannot call the resource.
    """

    def __init__(
        self,
        resource: Resource,
        connections: Connections,
        *,
        region: str,
        role_arn: str | None = None,
        caller: Caller | None = None,
        functions: LambdaFunctions | None = None,
        exchanged: Callable[[Exchange], None] | None = None,
    ) -> None:
        require_supported(resource)
        self._resource = resource
        self._connections = connections
        self._region = region
        self._role_arn = role_arn
        self._caller = caller or Caller()
        self._functions = functions
        self._exchanged = exchanged
        self._stopped = threading.Event()

    def request(self, parameters: Any) -> AwsAnswer | AwsFailure:
        """Call the service.

        The answer's output is the task's result, or, with a pattern, what ``TaskSubmitted`` holds.

        Parameters
        ----------
        parameters : Any
            The evaluated ``Parameters`` or ``Arguments``.
        """
        problems = parameter_problems(self._resource, parameters)
        if not problems and not isinstance(parameters, dict):
            problems = ["The Parameters must be a JSON object"]
        if problems:
            return service_errors.unusable_parameters(to_text(parameters), problems)
        match self._resource.service if self._resource.kind == "optimized" else "":
            case "lambda":
                return self._invoke_function(parameters)
            case "http":
                from everypath.integrations.http_task import http_invoke

                return http_invoke(parameters, self._client, self._region, self._exchanged)
            case "apigateway":
                from everypath.integrations.api_gateway import api_gateway_invoke

                return api_gateway_invoke(parameters, self._region, self._credentials)
        return self._call(parameters)

    def poll(self, submitted: AwsAnswer) -> AwsAnswer | AwsFailure | None:
        """Return what a ``.sync`` job has come to, None while it runs.

        Parameters
        ----------
        submitted : AwsAnswer
            What `request` returned.
        """
        return self._reach(lambda: sync_jobs.look(self._resource, self._client(), submitted.response))

    def wait(
        self, submitted: AwsAnswer, sleep: Callable[[float], object] | None = None, *, delay: float = 0.0
    ) -> AwsAnswer | AwsFailure:
        """Return what a ``.sync`` job comes to, however long that takes; `stop` from another thread ends it.

        Parameters
        ----------
        submitted : AwsAnswer
            What `request` returned.
        sleep : callable, optional
            Waits the seconds between two looks; it may raise to give up.
        delay : float
            Seconds before the first look.
        """
        if delay:
            (sleep or self._stopped.wait)(delay)
        pause = _FIRST_LOOK
        while (ended := self.poll(submitted)) is None:
            if self._stopped.is_set():
                return AwsFailure(TASK_FAILED, "The job was stopped before it ended.")
            (sleep or self._stopped.wait)(pause)
            pause = min(pause * _GROWTH, _LONGEST)
        return ended

    def stop(self, submitted: AwsAnswer) -> None:
        """Try to stop a ``.sync`` job whose state or execution has ended before it; a refusal changes nothing."""
        self._stopped.set()
        self._reach(lambda: sync_jobs.stop(self._resource, self._client(), submitted.response))

    def _call(self, parameters: dict[str, Any]) -> AwsAnswer | AwsFailure:
        missing = null_members(self._resource, parameters)
        if missing:
            return service_errors.missing_members(self._resource, missing)
        try:
            arguments = arguments_of(self._resource, parameters)
        except ParameterProblem as problem:
            return service_errors.unusable_parameters(to_text(parameters), [str(problem)])
        if self._resource.kind == "optimized" and self._resource.service == "events":
            return put_events(arguments, self._caller, self._send)
        return self._send(arguments)

    def _send(self, arguments: dict[str, Any]) -> AwsAnswer | AwsFailure:
        return self._reach(lambda: self._answer(arguments)) or AwsAnswer({})

    def _answer(self, arguments: dict[str, Any]) -> AwsAnswer | AwsFailure:
        from botocore import xform_name

        client = self._client()
        if refusal := refused_by_aws(self._resource.client, self._resource.operation, arguments):
            return service_errors.service_failure(self._resource, refusal)
        try:
            response = guard.reach(lambda: getattr(client, xform_name(self._resource.operation))(**arguments))
        except guard.Refused as refusal_of_service:
            refusal = corrected_error(self._resource.client, arguments, refusal_of_service.response)
            return refused(self._resource, arguments, refusal)
        response = corrected_response(self._resource.client, self._resource.operation, arguments, response)
        if self._resource.runs_job and (failure := sync_jobs.started_nothing(response)):
            return failure
        result = sdk_result if self._resource.kind == "sdk" else optimized_result
        return AwsAnswer(result(self._resource, response), arguments | response)

    def _reach(self, attempt: Callable[[], AwsAnswer | AwsFailure | None]) -> AwsAnswer | AwsFailure | None:
        """Turn whatever boto3 raises into the failure that a catcher sees."""
        try:
            return guard.reach(attempt)
        except guard.Refused as refused_by:
            if refused_by.operation == "AssumeRole" and self._role_arn:
                return _role_refused(self._caller.role_arn, self._role_arn)
            return service_errors.service_failure(self._resource, refused_by.response)
        except guard.NoAnswer as problem:
            return service_errors.client_failure(self._resource, str(problem))

    def _client(self, service: str = "") -> Any:
        return self._connections.client(service or self._resource.client, self._region, self._role_arn)

    def _credentials(self) -> Any:
        return self._connections.credentials(self._region, self._role_arn)

    def _invoke_function(self, parameters: dict[str, Any]) -> AwsAnswer | AwsFailure:
        from everypath.integrations.lambda_client import AwsLambda
        from everypath.integrations.lambda_invoke import lambda_invoke

        functions = self._functions or AwsLambda(self._connections, self._region, self._role_arn)
        return lambda_invoke(self._resource, parameters, functions)


def _role_refused(role: str, task_role: str) -> AwsFailure:
    cause = f"The role {role or 'of the state machine'} is not authorized to assume the task state's role, {task_role}."
    return AwsFailure(TASK_FAILED, cause)
