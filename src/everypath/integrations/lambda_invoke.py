"""Tasks that invoke a Lambda function: those that name its ARN as their Resource, and ``lambda:invoke``."""

from __future__ import annotations

import uuid
from typing import Any

from everypath.asl import error_catalog, json_text
from everypath.asl.resource import NOT_WAITED_FOR, Resource
from everypath.engine.data import to_text, too_large
from everypath.engine.task_call import TaskCall
from everypath.history.outcome import Failure, Outcome, Success
from everypath.integrations import service_errors
from everypath.integrations.answer import AwsAnswer, AwsFailure
from everypath.lambda_runtime.invoke import (
    LambdaAnswer,
    LambdaFunctions,
    LambdaRefusal,
    LambdaRequest,
    LambdaUnreachable,
)
from everypath.lambda_runtime.request_rules import check_request
from everypath.tasks.http_metadata import metadata_of


def call_function(call: TaskCall, functions: LambdaFunctions) -> Outcome:
    """Make a Lambda call and return what it comes to; blocks until the function has returned."""
    if call.resource.kind == "lambda":
        answer = invoke_function(call.resource, to_text(call.arguments), functions)
        if isinstance(answer, AwsFailure):
            return Failure(answer.error, answer.cause)
        try:
            return Success(_parsed(answer.payload) if answer.payload else None)
        except ValueError as error:
            unreadable = _unreadable(call.resource, error)
            return Failure(unreadable.error, unreadable.cause)
    arguments = call.arguments if isinstance(call.arguments, dict) else {}
    result = lambda_invoke(call.resource, arguments, functions)
    return Failure(result.error, result.cause) if isinstance(result, AwsFailure) else Success(result.output)


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
    if parameters.get("FunctionName") is None:
        return service_errors.missing_members(resource, ["FunctionName"])
    request = LambdaRequest(
        function=_text(parameters, "FunctionName"),
        payload=payload,
        qualifier=_text(parameters, "Qualifier"),
        invocation_type=_text(parameters, "InvocationType"),
        log_type=_text(parameters, "LogType"),
        client_context=_text(parameters, "ClientContext"),
    )
    answer = _invoke(resource, request, functions)
    if isinstance(answer, AwsFailure):
        return AwsFailure(answer.error, _compact(answer.cause))
    try:
        result = invoke_result(answer)
    except ValueError as error:
        return _unreadable(resource, error)
    if request.log_type == "Tail":  # of which Lambda always sends the log; an endpoint may have none
        result.setdefault("LogResult", "")
    return AwsAnswer(dict(sorted(result.items())))


def _text(parameters: dict[str, Any], name: str) -> str:
    """Return a parameter as the text that the API takes; JSON data is made one, as for any other service."""
    value = parameters.get(name)
    return "" if value is None else value if isinstance(value, str) else to_text(value)


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
        json_text.load(payload)
    except ValueError:
        raise ValueError(payload) from None
    return payload


def invoke_result(answer: LambdaAnswer) -> dict[str, Any]:
    """Return the result of ``lambda:invoke`` for a function that has returned (recorded), or that nobody waits for.

    Raises
    ------
    ValueError
        What the function has returned is not JSON.
    """
    metadata = metadata_of(answer.headers, answer.status, answer.request_id)
    if answer.status in NOT_WAITED_FOR.values():
        return {**metadata, "StatusCode": answer.status}
    given = {"ExecutedVersion": answer.executed_version, "LogResult": answer.header("X-Amz-Log-Result")}
    return {
        **{name: value for name, value in given.items() if value},
        "Payload": _parsed(answer.payload) if answer.payload else "",
        **metadata,
        "StatusCode": answer.status,
    }


def function_failure(payload: str) -> AwsFailure:
    """Return the failure of a function that has raised, by the payload that Lambda answers with.

    The error is the payload's ``errorType``, the cause its whole text (recorded). Without an error type, the cause says
    so (reported by users of AWS).
    """
    value = _value(payload)
    name = value.get("errorType") if isinstance(value, dict) else None
    if isinstance(name, str) and name:
        return AwsFailure(name, payload)
    cause = "The cause could not be determined because Lambda did not return an error type. Returned payload: "
    return AwsFailure(error_catalog.LAMBDA_UNKNOWN, cause + payload)


def _invoke(resource: Resource, request: LambdaRequest, functions: LambdaFunctions) -> LambdaAnswer | AwsFailure:
    try:
        if resource.kind != "lambda":  # whose function is named by the definition, which was checked
            check_request(request)
        answer = functions.invoke(request)
    except LambdaRefusal as refusal:
        return service_errors.refusal(
            resource,
            code=refusal.code,
            message=refusal.message,
            status=refusal.status,
            request_id=refusal.request_id,
        )
    except LambdaUnreachable as unreachable:
        return service_errors.client_failure(resource, str(unreachable))
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
    return service_errors.refusal(
        resource,
        code="InvalidRequestContentException",
        message=message,
        status=400,
        request_id=str(uuid.uuid4()),
    )


def _parsed(payload: str) -> Any:
    """The data of what a function has returned; one that is too large is refused for that and not read (recorded)."""
    return payload if too_large(payload) else json_text.load(payload)


def _value(payload: str) -> Any:
    """The data of a payload; its text where it is no JSON."""
    try:
        return json_text.load(payload)
    except ValueError:
        return payload


def _unreadable(resource: Resource, error: ValueError) -> AwsFailure:
    """Return the failure of an answer that cannot be parsed, such as the NaN that a handler in Python may return."""
    message = f"Unable to unmarshall response ({error}). Response Code: 200, Response Text: OK"
    return service_errors.client_failure(resource, message)
