"""Service integrations: a request in a thread, and then, by pattern, a job or an answer that is waited for."""

from __future__ import annotations

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
            started = _nested(call)
            work = _run_job(call, aws) if started is None else _finish_job(call, aws, started)
            return await self._callbacks.first(call, work)
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


async def _run_job(call: TaskCall, aws: AwsCall) -> Outcome:
    answer = await _request(call, aws)
    if isinstance(answer, AwsAnswer):
        call.submitted(answer.output)
        return await _finish_job(call, aws, answer)
    return _outcome(answer)


async def _finish_job(call: TaskCall, aws: AwsCall, started: AwsAnswer) -> Outcome:
    return _outcome(await _job(call, aws, started))


def _nested(call: TaskCall) -> AwsAnswer | None:
    """The answer to the request that has started a nested execution, before the execution was interrupted.

    Any other job is asked for again: its answer cannot be told from what TaskSubmitted shows of it.
    """
    if call.resource.service != "states" or call.pending is None or call.pending.submitted is None:
        return None
    output = json_text.load(call.pending.submitted["output"])
    return AwsAnswer(output, {"executionArn": output["ExecutionArn"]})


async def _job(call: TaskCall, aws: AwsCall, submitted: AwsAnswer) -> AwsAnswer | AwsFailure:
    """Wait for the job that a request has started; one whose state ends before it is stopped."""
    answer: AwsAnswer | AwsFailure | None = None
    try:
        given_out = call.token is not None and call.token in to_text(call.arguments)
        delay = _TOKEN_FIRST if given_out else 0.0
        answer = await call.run.scheduler.outside(partial(aws.wait, submitted, delay=delay))
        assert answer is not None
        return answer
    finally:
        if answer is None:
            aws.stop(submitted)


def _outcome(answer: AwsAnswer | AwsFailure) -> Outcome:
    return Failure(answer.error, answer.cause) if isinstance(answer, AwsFailure) else Success(answer.output)
