"""The Lambda functions that a server's workflows and clients invoke: in this process, or at an endpoint."""

from __future__ import annotations

import math
import sys
import uuid

from everypath.errors import TemplateError
from everypath.lambda_runtime.functions import Functions, accepted, answer_of, log_of, run_function
from everypath.lambda_runtime.invoke import DRY_RUN, EVENT, LambdaAnswer, LambdaRefusal, LambdaRequest
from everypath.lambda_runtime.local_function import Invocation, LocalFunction
from everypath.server.executor.runner import ThreadPool


class LocalLambda:
    """Invokes functions in this process; see `LambdaFunctions`.

    Parameters
    ----------
    functions : Functions or None
        None if there are none.
    account, region : str
        The account and the region in the ARN of a function that does not exist.
    """

    def __init__(self, functions: Functions | None, account: str, region: str) -> None:
        self._functions = functions
        self._prefix = f"arn:aws:lambda:{region}:{account}:function:"
        self._threads = ThreadPool()

    def invoke(self, request: LambdaRequest) -> LambdaAnswer:
        """Invoke a function by its name, its ARN or its logical id; an ``Event`` runs on after this returns."""
        function = self._find(request)
        request_id = str(uuid.uuid4())
        if request.invocation_type == DRY_RUN:
            return accepted(204, request_id)
        if request.invocation_type == EVENT:
            self._threads.submit(lambda: _run_event(function, request, request_id))
            return accepted(202, request_id)
        invocation = _run(function, request, request_id)
        log = _log(function, invocation, request_id)
        _show(log)
        return answer_of(invocation, request, request_id, log=log)

    def _find(self, request: LambdaRequest) -> LocalFunction:
        function = self._functions and (
            self._functions.named(request.function) or self._functions.of_logical_id(request.function)
        )
        if not function:
            name = request.function.rpartition("function:")[2].partition(":")[0]
            arn = request.function if request.function.startswith("arn:") else f"{self._prefix}{name}"
            ending = request.function_qualifier or request.qualifier
            whole = f"{arn}:{ending}" if ending and not arn.endswith(f":{ending}") else arn
            raise LambdaRefusal("ResourceNotFoundException", f"Function not found: {whole}", 404)
        return function


def _run(function: LocalFunction, request: LambdaRequest, request_id: str) -> Invocation:
    try:
        return run_function(function, request, request_id)
    except TemplateError as error:
        # The function exists but cannot run here, which a client must not retry.
        raise LambdaRefusal("InvalidParameterValueException", str(error), 400) from None


def _run_event(function: LocalFunction, request: LambdaRequest, request_id: str) -> None:
    """Run a function whose caller does not wait for it; its result is only logged."""
    try:
        _show(_log(function, _run(function, request, request_id), request_id))
    except LambdaRefusal as refused:
        _show(f"{refused.message}\n")


def _show(log: str) -> None:
    # Not sys.stderr, which is the log of whichever function runs now.
    if sys.__stderr__ is not None:
        sys.__stderr__.write(log)
        sys.__stderr__.flush()


def _log(function: LocalFunction, invocation: Invocation, request_id: str) -> str:
    """Return the log of an invocation with the lines that Lambda adds; memory use is not measured."""
    milliseconds = invocation.seconds * 1000
    memory = function.function.memory
    return (
        f"{log_of(invocation, request_id)}"
        f"REPORT RequestId: {request_id}\tDuration: {milliseconds:.2f} ms\t"
        f"Billed Duration: {math.ceil(milliseconds)} ms\tMemory Size: {memory} MB\tMax Memory Used: {memory} MB\t\n"
    )
