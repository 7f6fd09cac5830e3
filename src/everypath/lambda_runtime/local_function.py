"""A Lambda function's handler run in this process, as the Lambda runtime would run it."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from everypath.errors import TemplateError
from everypath.lambda_runtime.context import LambdaContext
from everypath.lambda_runtime.durable import call_durable, require_runner
from everypath.lambda_runtime.environment import runtime_name
from everypath.lambda_runtime.error_payloads import RESPONSE_LIMIT, Failed, exited, timed_out, too_large
from everypath.lambda_runtime.handler import Handler, call, exit_status, failure, load, log
from everypath.lambda_runtime.result_json import escapes_non_ascii
from everypath.lambda_runtime.sandbox import Sandbox

if TYPE_CHECKING:
    from everypath.sam.model import Function

_PROCESS = threading.RLock()
"""Held while a function runs: what it finds around it, it shares with the whole process."""


@dataclass(frozen=True, slots=True)
class Invocation:
    """What came of an invocation.

    Parameters
    ----------
    payload : str
        JSON text: the handler's result or the error object, as the Lambda runtime writes them.
    is_error : bool
        Whether Lambda would send ``X-Amz-Function-Error``.
    error_type : str or None
        ``errorType`` of the error object.
    logs : str
        What the function wrote to stdout and stderr, its logging included, in this invocation; in the first one also
        what it wrote while it was imported.
    seconds : float
        Wall clock that the handler took, without the import, which Lambda does not count either.
    """

    payload: str
    is_error: bool
    error_type: str | None
    logs: str
    seconds: float


class LocalFunction:
    """A Lambda function of a template, run in this process.

    The handler is imported in the first invocation and kept, as on Lambda. While it runs, ``sys.modules`` holds the
    modules of its own directory, ``os.environ`` its variables, and ``sys.stdout``, ``sys.stderr`` and the root logger
    write to its log; the working directory and ``sys.path[0]`` are its code. All of that is put back afterwards.

    Packages that are installed rather than lying in the code's directory are shared with the program and with other
    functions, and so is their state: patches of boto3 reach the handler, and a library's "first call" is the first of
    the process. What ``sam build`` made holds its own copy of its dependencies, and has them to itself.

    Functions run one at a time, whatever the thread; a thread of the program that goes on meanwhile finds the
    function's surroundings, and what it writes is in the function's log. What cannot be had in a process: a handler
    that never returns is not stopped (its timeout is told once it returns), ``os._exit`` ends the program, memory is
    not limited, and what a subprocess or C code writes to the process's own stdout is not in the log.

    Parameters
    ----------
    function : Function
        What the template says of it.
    """

    def __init__(self, function: Function) -> None:
        self.function = function
        self._sandbox: Sandbox | None = None
        self._handler: Handler | None = None
        self._ascii_only = escapes_non_ascii(runtime_name(function))

    def invoke(
        self,
        payload: str,
        *,
        request_id: str,
        client_context: Mapping[str, Any] | None = None,
        invoked_arn: str | None = None,
    ) -> Invocation:
        """Call the handler.

        Parameters
        ----------
        payload : str
            The event, as JSON text.
        request_id : str
            The invocation's id.
        client_context : mapping, optional
            What the caller's client says about itself.
        invoked_arn : str, optional
            The ARN that the caller named; the function's own where it is left out.

        Raises
        ------
        TemplateError
            If the function cannot be run in this process, or needs a variable that only a deployment knows.
            Whatever the function itself does wrong is in the `Invocation`.
        """
        with _PROCESS:
            sandbox = self._sandbox or self._cold_start()
            program = sandbox.enter(request_id)
            try:
                outcome, seconds = self._outcome(sandbox, payload, request_id, invoked_arn, client_context)
            finally:
                logs = sandbox.leave(program)
        if seconds > self.function.timeout and self.function.durable_timeout is None:
            self._end()
            outcome = timed_out(request_id, self.function.timeout)
        if isinstance(outcome, Failed):
            text = outcome.text(ascii_only=self._ascii_only)
            return Invocation(text, True, outcome.error_type, logs, seconds)
        return Invocation(outcome, False, None, logs, seconds)

    def _outcome(
        self,
        sandbox: Sandbox,
        payload: str,
        request_id: str,
        invoked_arn: str | None,
        client_context: Mapping[str, Any] | None,
    ) -> tuple[str | Failed, float]:
        """Return the result as JSON text, or the failure, and the seconds that the handler took."""
        handler = self._loaded(sandbox, request_id)
        if isinstance(handler, Failed):
            return handler, 0.0
        deadline = time.time() + self.function.timeout
        arn = invoked_arn or self.function.arn
        context = LambdaContext(sandbox.variables, request_id, arn, deadline, client_context)
        started = time.perf_counter()
        outcome = self._called(handler, payload, context, sandbox)
        return outcome, time.perf_counter() - started

    def _cold_start(self) -> Sandbox:
        if self.function.problem:
            raise TemplateError(self.function.problem)
        if self.function.durable_timeout is not None:
            require_runner(self.function)
        for name, message in self.function.unresolved.items():
            if name not in os.environ:
                raise TemplateError(f"{message}; set the environment variable {name} to give it a value")
        self._sandbox = Sandbox(self.function)
        return self._sandbox

    def _end(self) -> None:
        """Forget the execution environment: the next invocation is a cold start."""
        self._sandbox = self._handler = None

    def _loaded(self, sandbox: Sandbox, request_id: str) -> Handler | Failed:
        """Return the handler, imported if it is not yet."""
        if self._handler is not None:
            return self._handler
        try:
            self._handler = load(self.function.handler, sandbox.paths)
        except BaseException as error:
            self._end()
            return self._failed(error, sandbox, request_id, reported_id="")  # no invocation has begun
        return self._handler

    def _called(self, handler: Handler, payload: str, context: LambdaContext, sandbox: Sandbox) -> str | Failed:
        """Return the handler's result as JSON text, or how it failed.

        Raises
        ------
        TemplateError
            If it is a durable function that waits for what nobody sends.
        """
        request_id = context.aws_request_id
        try:
            if self.function.durable_timeout is not None:
                return call_durable(handler, payload, self.function, request_id)
            result = call(handler, payload, context, ascii_only=self._ascii_only)
        except TemplateError:
            raise
        except BaseException as error:
            return self._failed(error, sandbox, request_id, reported_id=request_id)
        if len(result) * 4 > RESPONSE_LIMIT and len(result.encode(errors="replace")) > RESPONSE_LIMIT:
            return too_large()
        return result

    def _failed(self, error: BaseException, sandbox: Sandbox, request_id: str, *, reported_id: str) -> Failed:
        """Return what is sent for an exception; one that the runtime does not survive ends the environment."""
        if isinstance(error, Exception):
            try:
                failed = failure(error, reported_id, sandbox.paths)
                log(failed)
                return failed
            except Exception as broken:  # such as an exception whose text cannot be made
                error = broken
        self._end()
        if isinstance(error, KeyboardInterrupt) and threading.current_thread() is threading.main_thread():
            raise error  # somebody at the keyboard wants the program to end, which only its main thread is told
        return exited(request_id, exit_status(error))
