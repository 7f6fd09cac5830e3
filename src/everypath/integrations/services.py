"""Service integrations: a request in a thread, and then, by pattern, a job or an answer that is waited for."""

from __future__ import annotations

import threading
from functools import partial
from typing import TYPE_CHECKING, Any

from everypath.asl import json_text
from everypath.asl.resource import WAIT_FOR_TOKEN, Resource
from everypath.engine.data import to_text
from everypath.engine.task_call import TaskCall
from everypath.history.outcome import Failure, Outcome, Success
from everypath.integrations.answer import AwsAnswer, AwsFailure, Caller
from everypath.tasks.callbacks import Callbacks

if TYPE_CHECKING:
    from everypath.engine.item_store import ItemStore
    from everypath.integrations.clients import Connections
    from everypath.integrations.service_call import AwsCall
    from everypath.lambda_runtime.invoke import LambdaFunctions

#: Seconds of the wall clock before a job that was given the task token is looked at: whoever has the token is to answer
#: first, as at AWS, which looks at a job after seconds (recorded for startExecution.sync).
_TOKEN_FIRST = 1.0


class Services:
    """Calls AWS services through boto3, wherever ``AWS_ENDPOINT_URL`` and the credentials lead.

    Parameters
    ----------
    callbacks : Callbacks
        Where answers by token arrive.
    """

    def __init__(self, callbacks: Callbacks) -> None:
        self._callbacks = callbacks
        self._made: Connections | None = None

    def problem(self, resource: Resource, arguments: Any) -> str | None:
        """Return why a service would not be called with these arguments; see `Tasks`."""
        from everypath.integrations.parameters import parameter_problems
        from everypath.integrations.service_errors import unusable_parameters

        problems = parameter_problems(resource, arguments)
        return unusable_parameters(to_text(arguments), problems).cause if problems else None

    async def start(self, call: TaskCall) -> Outcome:
        """Call a service."""
        aws = self._call(call)
        if call.resource.runs_job:
            return await self._callbacks.first(call, run_job(call, aws, _nested(call)))
        if call.resource.pattern != WAIT_FOR_TOKEN:
            return _outcome(await _request(call, aws))
        # The answer may arrive before the request has returned: whoever gets the token may be quick.
        signal = self._callbacks.expect(call)
        try:
            return await self._callbacks.answered(call, signal, _outcome(await _request(call, aws)))
        finally:
            self._callbacks.forget(call, signal)

    def functions(self, call: TaskCall) -> LambdaFunctions:
        """Return the functions of the Lambda that boto3 reaches."""
        from everypath.integrations.lambda_client import AwsLambda

        return AwsLambda(self._connections(), call.run.identity.region, _role(call))

    def item_store(self, region: str) -> ItemStore:
        """Return the S3 that boto3 reaches."""
        from everypath.integrations.s3_items import S3Items

        return S3Items(self._connections(), region)

    def _call(self, call: TaskCall) -> AwsCall:
        from everypath.integrations.service_call import AwsCall

        identity = call.run.identity
        caller = Caller(identity.arn, identity.state_machine_arn, identity.role_arn or "")
        return AwsCall(
            call.resource, self._connections(), region=identity.region, role_arn=_role(call), caller=caller,
            exchanged=call.on_http_exchange,
        )  # fmt: skip

    def _connections(self) -> Connections:
        from everypath.integrations.clients import Connections

        if self._made is None:
            self._made = Connections()
        return self._made


def _role(call: TaskCall) -> str | None:
    return call.credentials.get("RoleArn") if isinstance(call.credentials, dict) else None


async def _request(call: TaskCall, aws: AwsCall) -> AwsAnswer | AwsFailure:
    answer: AwsAnswer | AwsFailure = await call.run.scheduler.outside(partial(aws.request, call.arguments))
    return answer


async def run_job(call: TaskCall, aws: AwsCall, started: AwsAnswer | None = None) -> Outcome:
    """Start a job, unless it was started before, and wait for it; one whose state ends before it is stopped."""
    start, outcome = JobStart(aws, call.arguments, started), None
    try:
        if started is None:
            answer = await call.run.scheduler.outside(start.request)
            if isinstance(answer, AwsFailure):
                outcome = _outcome(answer)
                return outcome
            started = answer
            call.submitted(started.output)
        given_out = call.token is not None and call.token in to_text(call.arguments)
        delay = _TOKEN_FIRST if given_out else 0.0
        outcome = _outcome(await call.run.scheduler.outside(partial(aws.wait, started, delay=delay)))
        return outcome
    finally:
        if outcome is None:
            start.abandon()


class JobStart:
    """The request that starts a job, which may still be under way in its thread when nobody wants the job any more.

    Parameters
    ----------
    aws : AwsCall
        Makes the request.
    arguments : Any
        Of the task.
    started : AwsAnswer, optional
        The answer, where the request was made before.
    """

    def __init__(self, aws: AwsCall, arguments: Any, started: AwsAnswer | None = None) -> None:
        self._aws = aws
        self._arguments = arguments
        self._started = started
        self._abandoned = False
        self._lock = threading.Lock()

    def request(self) -> AwsAnswer | AwsFailure:
        """Make the request; blocks. A job that was abandoned meanwhile is stopped as soon as it is there."""
        answer = self._aws.request(self._arguments)
        if isinstance(answer, AwsAnswer):
            with self._lock:
                self._started, abandoned = answer, self._abandoned
            if abandoned:
                self._aws.stop(answer)
        return answer

    def abandon(self) -> None:
        """Try to stop the job, now or when its start is answered."""
        with self._lock:
            self._abandoned, started = True, self._started
        if started is not None:
            self._aws.stop(started)


def _nested(call: TaskCall) -> AwsAnswer | None:
    """The answer to the request that has started a nested execution, before the execution was interrupted.

    Any other job is asked for again: its answer cannot be told from what TaskSubmitted shows of it.
    """
    if call.resource.service != "states" or call.pending is None or call.pending.submitted is None:
        return None
    output = json_text.load(call.pending.submitted["output"])
    return AwsAnswer(output, {"executionArn": output["ExecutionArn"]})


def _outcome(answer: AwsAnswer | AwsFailure) -> Outcome:
    return Failure(answer.error, answer.cause) if isinstance(answer, AwsFailure) else Success(answer.output)
