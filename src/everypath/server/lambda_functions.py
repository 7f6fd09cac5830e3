"""The Lambda functions that a server's workflows and clients invoke: in this process, or at an endpoint."""

from __future__ import annotations

import math
import re
import sys
import uuid
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from everypath.errors import InputError, TemplateError
from everypath.lambda_runtime.functions import Functions, accepted, answer_of, log_of, run_function
from everypath.lambda_runtime.invoke import (
    DRY_RUN,
    EVENT,
    LambdaAnswer,
    LambdaFunctions,
    LambdaRefusal,
    LambdaRequest,
)
from everypath.lambda_runtime.local_function import Invocation, LocalFunction
from everypath.sam.model import Function
from everypath.server.executor.runner import ThreadPool

if TYPE_CHECKING:
    from everypath.sam.model import Template

#: The timeout of a function without a template, in seconds: the longest that Lambda allows.
LONGEST_TIMEOUT = 900.0
_NAME = re.compile(r"[a-zA-Z0-9-_]{1,64}")
_HANDLER = re.compile(r"[^\W\d]\w*([./][^\W\d]\w*)*\.[^\W\d]\w*")


def plain_functions(options: Iterable[str], account: str, region: str) -> dict[str, Function]:
    """Return functions without a template, given as ``NAME=DIR:module.handler``, by their names.

    Raises
    ------
    InputError
        An option has another form, or its handler does not exist.
    """
    functions: dict[str, Function] = {}
    for option in options:
        function = _plain_function(option, account, region)
        if function.name in functions:
            raise InputError(f"--function: expected every name once, but got {function.name} twice")
        functions[function.name] = function
    return functions


def _plain_function(option: str, account: str, region: str) -> Function:
    name, equals, rest = option.partition("=")
    directory, colon, handler = rest.rpartition(":")
    if not equals or not colon or not directory:
        raise InputError(f"--function: expected NAME=DIR:module.handler, but got {option!r}")
    if not _NAME.fullmatch(name):
        raise _unexpected(option, "a name of 1 to 64 letters, digits, hyphens and underscores", name)
    if not _HANDLER.fullmatch(handler):
        raise _unexpected(option, "a handler such as app.handler", handler)
    code = Path(directory)
    if not code.is_dir():
        raise _unexpected(option, "a directory", directory)
    module = code / handler.rpartition(".")[0].replace(".", "/")
    if not module.with_name(f"{module.name}.py").is_file() and not (module / "__init__.py").is_file():
        raise InputError(f"--function {option}: {directory} has no module {handler.rpartition('.')[0]}")
    return Function(
        logical_id=name,
        name=name,
        arn=f"arn:aws:lambda:{region}:{account}:function:{name}",
        code_dir=code.absolute(),
        handler=handler,
        runtime=None,
        timeout=LONGEST_TIMEOUT,
        place=f"--function {option}",
        log_group=f"/aws/lambda/{name}",
    )


def _unexpected(option: str, expected: str, got: str) -> InputError:
    return InputError(f"--function {option}: expected {expected}, but got {got!r}")


class TemplateNames:
    """Invokes the functions of a template at an endpoint, by the names that the endpoint knows; see `LambdaFunctions`.

    The ARNs in a template's definitions contain the names that functions are deployed under. A function to which the
    template gives no name is known to ``sam local start-lambda`` by its logical id.
    """

    def __init__(self, template: Template, endpoint: LambdaFunctions) -> None:
        self._template = template
        self._endpoint = endpoint

    def invoke(self, request: LambdaRequest) -> LambdaAnswer:
        """Invoke a function."""
        function = self._template.find_function(request.function)
        if function is not None and function.name == f"{self._template.stack}-{function.logical_id}":
            request = replace(request, function=function.logical_id)
        return self._endpoint.invoke(request)


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
