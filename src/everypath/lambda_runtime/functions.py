"""Functions that run in this process, as something that can be invoked."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from typing import TYPE_CHECKING

from everypath.asl.utf16 import encodable
from everypath.engine.task_call import TaskCall
from everypath.errors import EverypathError
from everypath.lambda_runtime.invoke import DRY_RUN, EVENT, LambdaAnswer, LambdaRequest
from everypath.lambda_runtime.local_function import Invocation, LocalFunction
from everypath.lambda_runtime.request_rules import client_context

if TYPE_CHECKING:
    from everypath.sam.model import Function


#: The bytes of a log that ``LogType: Tail`` returns.
_TAIL = 4096


class Functions:
    """Functions, found by what a definition or a client calls them.

    Parameters
    ----------
    functions : mapping of str to Function
        By logical id.
    source : str
        What error messages call the place that they come from: the template.
    """

    def __init__(self, functions: Mapping[str, Function], source: str) -> None:
        self._source = source
        self._names: dict[str, LocalFunction] = {}
        self._logical_ids: dict[str, LocalFunction] = {}
        for logical_id, function in functions.items():
            local = LocalFunction(function)
            self._names[function.arn] = local
            self._names[function.name] = local
            self._logical_ids[logical_id] = local

    def find(self, name: str, state: str) -> LocalFunction:
        """Return the function that a state calls, by its name or its ARN, qualified or not.

        Raises
        ------
        EverypathError
            There is no such function.
        """
        function = self.named(name)
        if function is None:
            known = ", ".join(sorted(name for name in self._names if not name.startswith("arn:"))) or "none"
            raise EverypathError(
                f"state '{state}' calls the function {name}, which is not in {self._source}; functions there: {known};"
                " give one with --function NAME=DIR:module.handler, or what the task comes to with faults"
            )
        return function

    def named(self, name: str) -> LocalFunction | None:
        """Return the function of a name, a partial ARN or an ARN, qualified or not; None where there is none."""
        return self._names.get(name) or self._names.get(unqualified(name))

    def of_logical_id(self, logical_id: str) -> LocalFunction | None:
        """Return the function that the template has under a logical id; None where it has none."""
        return self._logical_ids.get(logical_id)


class InProcess:
    """Invokes functions of a template for one call; see `LambdaFunctions`.

    The request id comes from the execution, and what the function logs goes to it.
    """

    def __init__(self, functions: Functions, call: TaskCall) -> None:
        self._functions = functions
        self._call = call

    def invoke(self, request: LambdaRequest) -> LambdaAnswer:
        """Invoke a function."""
        run = self._call.run
        request_id = run.new_uuid()
        function = self._functions.find(request.function, self._call.state)
        if request.invocation_type == DRY_RUN:
            return accepted(204, request_id)
        invocation = run_function(function, request, request_id)
        if invocation.logs:
            run.logs.append(encodable(invocation.logs))
        if request.invocation_type == EVENT:  # the handler has run, but nobody waits for what it comes to
            return accepted(202, request_id)
        # How long it took is left out of its log: an execution's history is the same in every run.
        return answer_of(invocation, request, request_id, log=log_of(invocation, request_id))


def run_function(function: LocalFunction, request: LambdaRequest, request_id: str) -> Invocation:
    """Invoke a function in this process as a request says.

    Its context has the ARN of what was called, with the version or alias that was asked for.
    """
    arn = request.function if request.function.startswith("arn:") else function.function.arn
    qualifier = request.qualifier or request.function_qualifier
    if qualifier and not arn.endswith(f":{qualifier}"):
        arn = f"{arn}:{qualifier}"
    return function.invoke(
        request.payload or "{}",
        request_id=request_id,
        client_context=client_context(request),
        invoked_arn=arn,
    )


def accepted(status: int, request_id: str) -> LambdaAnswer:
    """Return what Lambda answers at once: 202 to an ``Event``, 204 to a ``DryRun``."""
    headers = (("x-amzn-Remapped-Content-Length", "0"), ("x-amzn-RequestId", request_id))
    return LambdaAnswer("", "", status, headers)


def log_of(invocation: Invocation, request_id: str) -> str:
    """Return the log of an invocation with the lines around it that Lambda adds."""
    written = invocation.logs
    if written and not written.endswith("\n"):
        written += "\n"
    return f"START RequestId: {request_id} Version: $LATEST\n{written}END RequestId: {request_id}\n"


def answer_of(invocation: Invocation, request: LambdaRequest, request_id: str, *, log: str) -> LambdaAnswer:
    """Return what Lambda would answer for an invocation, with the headers that it sends (recorded)."""
    asked = request.log_type == "Tail"
    tail = (("X-Amz-Log-Result", b64encode(log.encode(errors="replace")[-_TAIL:]).decode()),) if asked else ()
    headers = (
        ("X-Amz-Executed-Version", "$LATEST"),
        ("x-amzn-Remapped-Content-Length", "0"),
        ("Connection", "keep-alive"),
        ("x-amzn-RequestId", request_id),
        ("Content-Length", str(len(invocation.payload.encode(errors="replace")))),
        ("Content-Type", "application/json"),
        *tail,
    )
    return LambdaAnswer(encodable(invocation.payload), "Unhandled" if invocation.is_error else "", 200, headers)


def unqualified(name: str) -> str:
    """A function's name, or its ARN, without its version or alias; of a partial ARN the name."""
    head, separator, rest = name.partition("function:")
    if not separator:
        return name.partition(":")[0]
    alone = rest.partition(":")[0]
    return f"{head}function:{alone}" if head.startswith("arn:") else alone
