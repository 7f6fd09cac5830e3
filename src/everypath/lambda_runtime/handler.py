"""Finds and calls a handler as the Lambda runtime for Python does (awslambdaric, ``bootstrap.py``)."""

from __future__ import annotations

import importlib
import json
import sys
import traceback
from collections.abc import Callable
from typing import Any

from everypath.asl.error_catalog import lambda_runtime_error
from everypath.lambda_runtime.context import LambdaContext
from everypath.lambda_runtime.error_payloads import Failed, LambdaPaths, runtime_error
from everypath.lambda_runtime.result_json import marshal

Handler = Callable[[Any, LambdaContext], Any]

_INDENT = "\N{NO-BREAK SPACE}"


class RuntimeFault(Exception):
    """What the runtime itself finds wrong, by one of its ``Runtime.…`` names."""

    def __init__(self, kind: str, message: str, trace: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.kind = lambda_runtime_error(kind)
        self.message = message
        self.trace = trace


def load(name: str, paths: LambdaPaths) -> Handler:
    """Import a handler named ``module.function``.

    Raises
    ------
    RuntimeFault
        If there is none, or its module cannot be imported.
    Exception
        Whatever else its module raises while it is imported.
    """
    try:
        module_name, function_name = name.rsplit(".", 1)
    except ValueError as error:
        raise RuntimeFault("MalformedHandlerName", f"Bad handler '{name}': {error}") from None
    if module_name.split(".")[0] in sys.builtin_module_names:
        message = f"Cannot use built-in module {module_name} as a handler module"
        raise RuntimeFault("BuiltInModuleConflict", message)
    try:
        module = importlib.import_module(module_name.replace("/", "."))
    except ImportError as error:
        message = f"Unable to import module '{module_name}': {paths.in_message(str(error))}"
        raise RuntimeFault("ImportModuleError", message) from None
    except SyntaxError as error:
        place = f'  File "{paths.on_lambda(str(error.filename))}" Line {error.lineno}\n    {error.text}'
        message = f"Syntax error in module '{module_name}': {error}"
        raise RuntimeFault("UserCodeSyntaxError", message, (place,)) from None
    try:
        handler: Handler = getattr(module, function_name)
    except AttributeError:
        message = f"Handler '{function_name}' missing on module '{module_name}'"
        raise RuntimeFault("HandlerNotFound", message) from None
    return handler


def call(handler: Handler, payload: str, context: LambdaContext, *, ascii_only: bool) -> str:
    """Return a handler's result as JSON text; bytes are passed on as they are.

    Raises
    ------
    RuntimeFault
        If the event is not JSON, or the result cannot be written as JSON.
    Exception
        Whatever the handler raises.
    """
    try:
        event = json.loads(payload)
    except ValueError as error:
        raise RuntimeFault("UnmarshalError", f"Unable to unmarshal input: {error}") from None
    result = handler(event, context)
    if isinstance(result, bytes):
        return result.decode(errors="replace")
    try:
        return marshal(result, ascii_only=ascii_only)
    except Exception as error:
        raise RuntimeFault("MarshalError", f"Unable to marshal response: {error}") from None


def failure(error: Exception, request_id: str, paths: LambdaPaths) -> Failed:
    """Return what the runtime sends for an exception; while the function starts, `request_id` is empty.

    The type is the bare class name. What an exception was raised from is not told.
    """
    if isinstance(error, RuntimeFault):
        return runtime_error(error.message, error.kind, error.trace, request_id)
    trace = paths.stack_trace(error.__traceback__)
    return runtime_error(str(error), type(error).__name__, trace, request_id)


def exit_status(error: BaseException) -> int:
    """Return the status with which the runtime's process ends, and write what Python would write to stderr."""
    if not isinstance(error, SystemExit):
        traceback.print_exception(error)
        return 1
    if error.code is None:
        return 0
    if isinstance(error.code, int):
        return error.code & 0xFF
    print(error.code, file=sys.stderr)
    return 1


def log(failed: Failed) -> None:
    """Write a failure to the function's log, as the runtime does: indented with no-break spaces."""
    message, lines = failed.payload["errorMessage"], ["Traceback (most recent call last):"]
    for entry in failed.payload["stackTrace"]:
        for line in entry.splitlines():
            text = line.lstrip(" ")
            lines.append(_INDENT * (len(line) - len(text)) + text)
    first = f"[ERROR] {failed.error_type}" + (f": {message}" if message else "")
    sys.stdout.write("\n".join([first, *lines]) + "\n")
