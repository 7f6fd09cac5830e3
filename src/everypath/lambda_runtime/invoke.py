"""Lambda functions over Lambda's Invoke API: ``lambda:invoke`` and the tasks that name a function's ARN.

Where the functions are is behind `LambdaFunctions`: see `lambda_endpoint` and `lambda_boto`.
"""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from typing import Any, Protocol

from everypath.asl.error_catalog import LAMBDA_UNKNOWN
from everypath.asl.resource import Resource
from everypath.engine.data import to_text
from everypath.integrations import service_errors as aws_errors
from everypath.integrations.answer import AwsAnswer, AwsFailure
from everypath.integrations.results import metadata_of

#: What awslambdaric puts into the payload of a function that has raised; old versions put no requestId there.
_OLD_ERROR_PAYLOAD = frozenset({"errorMessage", "errorType", "stackTrace"})
_ERROR_PAYLOADS = (_OLD_ERROR_PAYLOAD | {"requestId"}, _OLD_ERROR_PAYLOAD)


@dataclass(frozen=True, slots=True)
class LambdaRequest:
    """One invocation.

    Parameters
    ----------
    function : str
        The function's name, name:qualifier, partial or whole ARN.
    payload : str
        JSON text; empty where there is none, which a function receives as ``{}``.
    qualifier, invocation_type, log_type, client_context : str
        As Lambda's Invoke takes them; empty where they are not given.
    """

    function: str
    payload: str = ""
    qualifier: str = ""
    invocation_type: str = ""
    log_type: str = ""
    client_context: str = ""


@dataclass(frozen=True, slots=True)
class LambdaAnswer:
    """What Lambda has answered.

    Parameters
    ----------
    payload : str
        The text that the function returned, or the JSON text of its error.
    function_error : str
        ``Unhandled`` or ``Handled`` where the function has raised, otherwise empty.
    status : int
        The HTTP status.
    headers : tuple of pairs of str
        The HTTP headers as they were sent.
    """

    payload: str
    function_error: str = ""
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()

    def header(self, name: str) -> str:
        """Return the value of a header, empty where it is missing."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), "")

    @property
    def request_id(self) -> str:
        """The id that Lambda gave to the invocation."""
        return self.header("x-amzn-RequestId")

    @property
    def executed_version(self) -> str:
        """The version that ran, ``$LATEST`` where no version or alias was called."""
        return self.header("X-Amz-Executed-Version")


class LambdaRefusal(Exception):
    """Lambda has not invoked the function.

    Parameters
    ----------
    code, message : str
        As Lambda gives them: ``ResourceNotFoundException`` and ``Function not found: …``.
    status : int
        The HTTP status.
    request_id : str
        Lambda's, or one made here where none was sent.
    """

    def __init__(self, code: str, message: str, status: int, request_id: str = "") -> None:
        self.code = code
        self.message = message
        self.status = status
        self.request_id = request_id or str(uuid.uuid4())
        super().__init__(message)


class LambdaUnreachable(Exception):
    """Lambda could not be reached; the message is as the Java SDK words it."""


class LambdaFunctions(Protocol):
    """Where functions can be invoked."""

    def invoke(self, request: LambdaRequest) -> LambdaAnswer:
        """Invoke a function and wait for it.

        Raises
        ------
        LambdaRefusal
            If Lambda does not invoke it.
        LambdaUnreachable
            If there is no answer.
        """
        ...


def invoke_function(resource: Resource, payload: str, functions: LambdaFunctions) -> LambdaAnswer | AwsFailure:
    """Invoke the function that a Task names by its ARN.

    Parameters
    ----------
    resource : Resource
        Of kind ``lambda``.
    payload : str
        JSON text of the task's effective input.
    functions : LambdaFunctions
        Where the function is.

    Returns
    -------
    LambdaAnswer or AwsFailure
        The answer of a function that has returned; otherwise what ``LambdaFunctionFailed`` holds.
    """
    return _invoke(resource, LambdaRequest(resource.text, payload), functions)


def lambda_invoke(resource: Resource, parameters: dict[str, Any], functions: LambdaFunctions) -> AwsAnswer | AwsFailure:
    """Run ``lambda:invoke``.

    Parameters
    ----------
    resource : Resource
        The integration.
    parameters : dict
        The evaluated ``Parameters`` or ``Arguments``.
    functions : LambdaFunctions
        Where the function is.
    """
    try:
        payload = payload_text(parameters.get("Payload"))
    except ValueError as error:
        return _unparsable(resource, str(error))
    request = LambdaRequest(
        function=str(parameters["FunctionName"] or ""),
        payload=payload,
        qualifier=str(parameters.get("Qualifier") or ""),
        invocation_type=str(parameters.get("InvocationType") or ""),
        log_type=str(parameters.get("LogType") or ""),
        client_context=str(parameters.get("ClientContext") or ""),
    )
    answer = _invoke(resource, request, functions)
    if isinstance(answer, AwsFailure):
        return AwsFailure(answer.error, _compact(answer.cause))
    result = invoke_result(answer)
    if request.log_type == "Tail":  # of which Lambda always sends the log; an endpoint may have none
        result.setdefault("LogResult", "")
    return AwsAnswer(dict(sorted(result.items())))


def payload_text(payload: Any) -> str:
    """Return what ``lambda:invoke`` sends for a ``Payload``.

    A text is sent as it is, so it must be JSON; null is not sent at all, and the function receives ``{}``; anything
    else is sent as JSON (all recorded).

    Raises
    ------
    ValueError
        If a text is not JSON; Lambda would refuse it.
    """
    if payload is None:
        return ""
    if not isinstance(payload, str):
        return to_text(payload)
    try:
        json.loads(payload)
    except ValueError:
        raise ValueError(payload) from None
    return payload


def invoke_result(answer: LambdaAnswer) -> dict[str, Any]:
    """Return the result of ``lambda:invoke`` for a function that has returned (recorded)."""
    given = {"ExecutedVersion": answer.executed_version, "LogResult": answer.header("X-Amz-Log-Result")}
    return {
        **{name: value for name, value in given.items() if value},
        "Payload": _value(answer.payload),
        **metadata_of(answer.headers, answer.status, answer.request_id),
        "StatusCode": answer.status,
    }


def function_failure(payload: str) -> AwsFailure:
    """Return the failure of a function that has raised, by the payload that Lambda answers with.

    The error is the payload's ``errorType``, the cause its whole text (recorded).
    """
    value = _value(payload)
    name = value.get("errorType") if isinstance(value, dict) else None
    return AwsFailure(name if isinstance(name, str) and name else LAMBDA_UNKNOWN, payload)


def looks_like_error(payload: str) -> bool:
    """Tell whether a payload is that of a Python function that has raised.

    ``sam local start-lambda`` sends such payloads without the header that marks them, and whoever trusts it takes
    every exception for a success. No function is likely to return exactly these fields.
    """
    value = _value(payload) if payload.startswith("{") else None
    return isinstance(value, dict) and value.keys() in _ERROR_PAYLOADS and isinstance(value["stackTrace"], list)


def _invoke(resource: Resource, request: LambdaRequest, functions: LambdaFunctions) -> LambdaAnswer | AwsFailure:
    try:
        answer = functions.invoke(request)
    except LambdaRefusal as refusal:
        return aws_errors.refusal(
            resource,
            code=refusal.code,
            message=refusal.message,
            status=refusal.status,
            request_id=refusal.request_id,
        )
    except LambdaUnreachable as unreachable:
        return aws_errors.client_failure(resource, str(unreachable))
    return function_failure(answer.payload) if answer.function_error else answer


def _compact(cause: str) -> str:
    """A function's error as ``lambda:invoke`` writes it: without blanks, unlike a task by ARN (both recorded)."""
    value = _value(cause)
    return to_text(value) if isinstance(value, dict) else cause


def _unparsable(resource: Resource, payload: str) -> AwsFailure:
    token = payload.split()[0] if payload.split() else ""
    message = (
        "Could not parse request body into json: Could not parse payload into json: "
        f"Unrecognized token '{token}': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or"
        f" 'false')\n at [Source: (byte[])\"{payload}\"; line: 1, column: {len(token) + 1}]"
    )
    return aws_errors.refusal(
        resource,
        code="InvalidRequestContentException",
        message=message,
        status=400,
        request_id=str(uuid.uuid4()),
    )


def _value(payload: str) -> Any:
    try:
        return json.loads(payload)
    except ValueError:
        return payload
