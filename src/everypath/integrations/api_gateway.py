"""``apigateway:invoke``: an API behind API Gateway, called by its host name.

Source: "Create API Gateway REST APIs with Step Functions" in the developer guide; the result is recorded.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from everypath.asl.error_catalog import optimized_error
from everypath.engine.data import to_text
from everypath.integrations import http_call
from everypath.integrations.answer import AwsAnswer, AwsFailure

#: Seconds after which API Gateway itself gives up.
_TIMEOUT = 30
_ENDPOINT_VARIABLE = "AWS_ENDPOINT_URL_EXECUTE_API"
_SIGNED = frozenset({"IAM_ROLE", "RESOURCE_POLICY"})

#: Returns botocore's credentials, None where there are none.
Credentials = Callable[[], Any]


def api_gateway_invoke(parameters: Mapping[str, Any], region: str, credentials: Credentials) -> AwsAnswer | AwsFailure:
    """Call an API.

    Any status but 2xx is the failure ``ApiGateway.…`` with the body as its cause.

    Parameters
    ----------
    parameters : mapping
        The evaluated parameters. ``ApiEndpoint`` is the host name of the API; for a stand-in it may be a URL, and the
        variable ``AWS_ENDPOINT_URL_EXECUTE_API`` sends every call there, with the host name in its ``Host`` header.
    region : str
        The region to sign for.
    credentials : callable
        Returns the credentials to sign with, which ``AuthType`` may ask for.
    """
    headers = http_call.header_values(parameters.get("Headers"))
    body = _body(parameters)
    if body is not None and not http_call.has_header(headers, "Content-Type"):
        headers["Content-Type"] = "application/json"
    url, host = _address(parameters)
    url = http_call.with_query(url, parameters.get("QueryParameters") or {})
    method = str(parameters["Method"])
    if host:
        headers["Host"] = host
    if parameters.get("AuthType") in _SIGNED:
        found = credentials()
        if found is None:
            return AwsFailure(
                optimized_error("apigateway", "SdkClientException"),
                "There are no credentials to sign the request with.",
            )
        headers = _signed(method, url, headers, body, region, found)
    try:
        reply = http_call.send(http_call.Request(method, url, headers, body), _TIMEOUT)
    except http_call.Unanswered as error:
        return AwsFailure(optimized_error("apigateway", "SdkClientException"), str(error))
    if not 200 <= reply.status < 300:
        return AwsFailure(optimized_error("apigateway", str(reply.status)), reply.text or reply.reason)
    return AwsAnswer(reply.result())


def _address(parameters: Mapping[str, Any]) -> tuple[str, str]:
    """Return the URL without its query, and the host name to send where it is not the URL's own."""
    endpoint = str(parameters["ApiEndpoint"]).rstrip("/")
    parts = [str(parameters.get(name) or "").strip("/") for name in ("Stage", "Path")]
    path = "/".join(part for part in parts if part)
    override = os.environ.get(_ENDPOINT_VARIABLE)
    if override:
        return f"{override.rstrip('/')}/{path}", urlsplit(endpoint).netloc or endpoint
    if "://" not in endpoint:
        local = endpoint.split(":")[0] in ("localhost", "127.0.0.1")
        endpoint = f"{'http' if local else 'https'}://{endpoint}"
    return f"{endpoint}/{path}", ""


def _body(parameters: Mapping[str, Any]) -> str | None:
    body = parameters.get("RequestBody")
    if body is None:
        return None
    return to_text(body if parameters.get("AllowNullValues") else _without_nulls(body))


def _without_nulls(value: Any) -> Any:
    """Return the value as it is sent unless ``AllowNullValues`` says otherwise."""
    if isinstance(value, dict):
        return {name: _without_nulls(item) for name, item in value.items() if item is not None}
    return [_without_nulls(item) for item in value] if isinstance(value, list) else value


def _signed(
    method: str, url: str, headers: Mapping[str, str], body: str | None, region: str, credentials: Any
) -> dict[str, str]:
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest

    request = AWSRequest(method=method, url=url, data=(body or "").encode(), headers=dict(headers))
    SigV4Auth(credentials, "execute-api", region).add_auth(request)
    return dict(request.headers.items())
