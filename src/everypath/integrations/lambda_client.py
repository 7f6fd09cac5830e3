"""Lambda as boto3 finds it: at ``AWS_ENDPOINT_URL``, in a mock, or in the account."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from everypath.integrations import guard
from everypath.integrations.results import RAW_HEADERS
from everypath.lambda_runtime.invoke import LambdaAnswer, LambdaRefusal, LambdaRequest, LambdaUnreachable

if TYPE_CHECKING:
    from everypath.integrations.clients import Connections


class AwsLambda:
    """Lambda as boto3 finds it.

    Parameters
    ----------
    connections : Connections
        Makes the client.
    region : str
        Where the functions are.
    role_arn : str, optional
        The role of the state's ``Credentials``.
    """

    def __init__(self, connections: Connections, region: str, role_arn: str | None = None) -> None:
        self._connections = connections
        self._region = region
        self._role_arn = role_arn

    def invoke(self, request: LambdaRequest) -> LambdaAnswer:
        """Invoke a function; see `LambdaFunctions`."""
        try:
            return guard.reach(lambda: self._invoke(request))
        except guard.Refused as refused:
            raise _boto_refusal(refused.response) from None
        except guard.NoAnswer as problem:
            raise LambdaUnreachable(str(problem)) from None

    def _invoke(self, request: LambdaRequest) -> LambdaAnswer:
        client = self._connections.client("lambda", self._region, self._role_arn)
        response = client.invoke(**_boto_arguments(request))
        payload = response["Payload"].read().decode()
        headers = _headers_of(response)
        return LambdaAnswer(payload, response.get("FunctionError", ""), response["StatusCode"], headers)


def _headers_of(response: Any) -> tuple[tuple[str, str], ...]:
    """Return the headers of a boto3 response as they were sent."""
    metadata = response["ResponseMetadata"]
    pairs: Iterable[tuple[str, str]] = metadata.get(RAW_HEADERS) or metadata.get("HTTPHeaders", {}).items()
    return tuple(pairs)


def _boto_arguments(request: LambdaRequest) -> dict[str, Any]:
    given = {
        "FunctionName": request.function,
        "Payload": request.payload.encode(),
        "Qualifier": request.qualifier,
        "InvocationType": request.invocation_type,
        "LogType": request.log_type,
        "ClientContext": request.client_context,
    }
    return {name: value for name, value in given.items() if value}


def _boto_refusal(response: Mapping[str, Any]) -> LambdaRefusal:
    details, metadata = response.get("Error", {}), response.get("ResponseMetadata", {})
    return LambdaRefusal(
        details.get("Code", ""),
        details.get("Message", "null"),
        metadata.get("HTTPStatusCode", 400),
        metadata.get("RequestId", ""),
    )
