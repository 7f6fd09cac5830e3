"""What an EventBridge connection adds to the request of an HTTP Task.

Source: "Merging EventBridge connection and HTTP Task definition data" in the developer guide; the form of the secret is
the one that EventBridge keeps in Secrets Manager.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from everypath.integrations import guard
from everypath.integrations.answer import AwsFailure

_CONNECTION_ERROR = "Events.ConnectionResource."

#: Returns a boto3 client of a service.
Client = Callable[[str], Any]


@dataclass(frozen=True, slots=True)
class Additions:
    """Headers, query parameters and members of the body; they win over those that the task gives."""

    headers: dict[str, str] = field(default_factory=dict)
    query: dict[str, str] = field(default_factory=dict)
    body: dict[str, str] = field(default_factory=dict)


def connection_arn(parameters: Mapping[str, Any]) -> str:
    """Return the connection's ARN from the parameters of a task; empty where there is none."""
    for name in ("Authentication", "InvocationConfig"):
        holder = parameters.get(name)
        if isinstance(holder, dict) and holder.get("ConnectionArn"):
            return str(holder["ConnectionArn"])
    return ""


def additions_of(arn: str, client: Client) -> Additions | AwsFailure:
    """Return what a connection adds, read from EventBridge and from the secret that it keeps."""
    name = arn.split("/")[1] if arn.count("/") else arn
    try:
        return guard.reach(lambda: _read(name, arn, client))
    except guard.Refused as refused:
        error = refused.response.get("Error", {})
        kind = "AccessDenied" if "AccessDenied" in str(error.get("Code", "")) else "ResourceNotFound"
        return AwsFailure(f"{_CONNECTION_ERROR}{kind}", f"{error.get('Message')}: {arn}")
    except guard.NoAnswer as problem:
        cause = (
            f"The EventBridge connection {arn} cannot be read, and with it what the API is to be called with:"
            f" {problem} Let AWS_ENDPOINT_URL name a stand-in that has the connection, or"
            " script the outcome of this state."
        )
        return AwsFailure(f"{_CONNECTION_ERROR}InternalError", cause)


def _read(name: str, arn: str, client: Client) -> Additions | AwsFailure:
    connection = client("events").describe_connection(Name=name)
    secret = client("secretsmanager").get_secret_value(SecretId=connection["SecretArn"])["SecretString"]
    return _authorization(arn, connection["AuthorizationType"], json.loads(secret))


def _authorization(arn: str, kind: str, secret: Mapping[str, Any]) -> Additions | AwsFailure:
    match kind:
        case "API_KEY":
            headers = {secret["api_key_name"]: secret["api_key_value"]}
        case "BASIC":
            pair = f"{secret['username']}:{secret['password']}"
            headers = {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}
        case _:
            cause = f"The connection {arn} authorizes with {kind}, which everypath does not know how to do yet."
            return AwsFailure(f"{_CONNECTION_ERROR}InvalidConnectionState", cause)
    invocation = secret.get("invocation_http_parameters") or {}
    return Additions(
        headers | _pairs(invocation.get("header_parameters")),
        _pairs(invocation.get("query_string_parameters")),
        _pairs(invocation.get("body_parameters")),
    )


def _pairs(parameters: list[dict[str, Any]] | None) -> dict[str, str]:
    return {str(item["key"]): str(item["value"]) for item in parameters or []}
