"""Lambda tasks: a function's ARN as the Resource, and ``lambda:invoke``."""

from __future__ import annotations

import json

from everypath.asl.error_catalog import RUNTIME
from everypath.engine.data import to_text
from everypath.engine.task_call import TaskCall
from everypath.history.outcome import Failure, Outcome, Success
from everypath.integrations.answer import AwsFailure
from everypath.lambda_runtime.invoke import LambdaFunctions, invoke_function, lambda_invoke


def call_function(call: TaskCall, functions: LambdaFunctions) -> Outcome:
    """Make a Lambda call and return what it comes to; blocks until the function has returned."""
    if call.resource.kind == "lambda":
        answer = invoke_function(call.resource, to_text(call.arguments), functions)
        if isinstance(answer, AwsFailure):
            return Failure(answer.error, answer.cause)
        return Success(_value(answer.payload))
    arguments = call.arguments if isinstance(call.arguments, dict) else {}
    if "FunctionName" not in arguments:
        return Failure(RUNTIME, "The Parameters of lambda:invoke must have a FunctionName.", fatal=True)
    result = lambda_invoke(call.resource, arguments, functions)
    return Failure(result.error, result.cause) if isinstance(result, AwsFailure) else Success(result.output)


def _value(payload: str) -> object:
    try:
        return json.loads(payload) if payload else None
    except ValueError:
        return payload
