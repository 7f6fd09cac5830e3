"""Durable functions, run by AWS's own in-process runner: ``aws-durable-execution-sdk-python-testing``."""

from __future__ import annotations

import importlib.util
import json
from typing import TYPE_CHECKING, Any

from everypath.errors import TemplateError
from everypath.lambda_runtime.error_payloads import Failed, runtime_error

if TYPE_CHECKING:
    from everypath.lambda_runtime.handler import Handler
    from everypath.sam.model import Function

_RUNNER = "aws_durable_execution_sdk_python_testing"
_PACKAGE = _RUNNER.replace("_", "-")
#: Seconds of the wall clock after which a function is taken to wait for what nobody here sends, such as a callback.
_PATIENCE = 60


def require_runner(function: Function) -> None:
    """Refuse a durable function where the runner is not installed.

    Raises
    ------
    TemplateError
        It names the function, and what to do.
    """
    if importlib.util.find_spec(_RUNNER) is None:
        raise TemplateError(
            f"{function.place} is a durable function, which runs here by AWS's own runner: install {_PACKAGE}, or give"
            " what the task comes to with faults, or have the function invoked elsewhere, with --lambda-endpoint"
        )


def call_durable(handler: Handler, payload: str, function: Function, request_id: str) -> str | Failed:
    """Run a durable execution to its end and return its result as JSON text, or how it failed.

    Its waits take no time, neither on the wall clock nor on that of the state machine.

    Raises
    ------
    TemplateError
        If it does not end, because it waits for something from outside.
    """
    from aws_durable_execution_sdk_python_testing.runner import DurableFunctionTestRunner

    region, account = function.arn.split(":")[3:5]
    with DurableFunctionTestRunner(handler, invocation_timeout=int(function.timeout), region=region) as runner:
        execution = runner.run_async(
            input=payload,
            execution_timeout=int(function.durable_timeout or _PATIENCE),
            function_name=function.name,
            execution_name=request_id,
            account_id=account,
        )
        try:
            result = runner.wait_for_result(execution, timeout=_PATIENCE)
        except TimeoutError:
            raise TemplateError(
                f"{function.place}: the durable execution has not ended after {_PATIENCE} s of waiting for something,"
                " such as a callback that nobody sends here"
            ) from None
    if result.error is None:
        return _text(result.result)
    error = result.error
    return runtime_error(error.message or "", error.type or "Error", tuple(error.stack_trace or ()), request_id)


def _text(result: Any) -> str:
    """Return a result as JSON text; an execution without one has ``null``."""
    if result is None:
        return "null"
    return result if isinstance(result, str) else json.dumps(result)
