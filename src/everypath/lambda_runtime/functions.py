"""Functions that run in this process, as something that can be invoked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from everypath.engine.task_call import TaskCall
from everypath.errors import EverypathError
from everypath.lambda_runtime.invoke import LambdaAnswer, LambdaRequest
from everypath.lambda_runtime.local_function import Invocation, LocalFunction

if TYPE_CHECKING:
    from everypath.sam.model import Function


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
                f"state '{state}' calls the function {name}, which is not in {self._source}; functions there: {known}"
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
        invocation = function.invoke(request.payload or "{}", request_id=request_id)
        if invocation.logs:
            run.logs.append(invocation.logs)
        return answer_of(invocation, request_id)


def answer_of(invocation: Invocation, request_id: str) -> LambdaAnswer:
    """Return what Lambda would answer for an invocation, with the headers that it sends (recorded)."""
    headers = (
        ("X-Amz-Executed-Version", "$LATEST"),
        ("x-amzn-Remapped-Content-Length", "0"),
        ("Connection", "keep-alive"),
        ("x-amzn-RequestId", request_id),
        ("Content-Length", str(len(invocation.payload.encode(errors="replace")))),
        ("Content-Type", "application/json"),
    )
    return LambdaAnswer(invocation.payload, "Unhandled" if invocation.is_error else "", 200, headers)


def unqualified(name: str) -> str:
    """A function's name, or its ARN, without its version or alias; of a partial ARN the name."""
    head, separator, rest = name.partition("function:")
    if not separator:
        return name.partition(":")[0]
    alone = rest.partition(":")[0]
    return f"{head}function:{alone}" if head.startswith("arn:") else alone
