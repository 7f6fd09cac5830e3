"""What Step Functions makes of a service's response (recorded, for either kind of integration).

An optimized integration gives capitalized names, times as milliseconds since the epoch, and what HTTP said
(``SdkHttpMetadata``, ``SdkResponseMetadata``). An `aws-sdk` integration gives the names of the Java SDK's getters,
times as ISO 8601 text, and nothing about HTTP.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from everypath.asl import sdk_services
from everypath.asl.java_names import member_name, optimized_member_name
from everypath.asl.resource import Resource
from everypath.tasks.http_metadata import metadata_of

#: Where `Connections` keeps the headers as they were sent: botocore itself lowers their names.
RAW_HEADERS = "RawHeaders"


def sdk_result(resource: Resource, response: Mapping[str, Any]) -> dict[str, Any]:
    """Return the result of an `aws-sdk` integration."""
    return _structure(_output_shape(resource.client, resource.operation), response, _Sdk)


def optimized_result(resource: Resource, response: Mapping[str, Any]) -> dict[str, Any]:
    """Return the result of an optimized integration, with what HTTP said."""
    return optimized_data(resource.client, resource.operation, response) | http_metadata(response)


def optimized_data(client: str, operation: str, response: Mapping[str, Any]) -> dict[str, Any]:
    """Return the data alone of a response to any operation, as an optimized integration writes it."""
    return _structure(_output_shape(client, operation), response, _Optimized)


def http_metadata(response: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``SdkHttpMetadata`` and ``SdkResponseMetadata`` of a boto3 response."""
    metadata = response.get("ResponseMetadata", {})
    headers = metadata.get(RAW_HEADERS) or list(metadata.get("HTTPHeaders", {}).items())
    return metadata_of(headers, metadata.get("HTTPStatusCode", 200), metadata.get("RequestId", ""))


class _Sdk:
    """The conventions of the `aws-sdk` integrations."""

    name = staticmethod(member_name)

    @staticmethod
    def time(value: datetime) -> str:
        """Return ISO 8601 text as Java's `Instant` writes it: without a fraction where there is none."""
        utc = value.astimezone(UTC)
        digits = "" if not utc.microsecond else f".{utc.microsecond // 1000:03}"
        return f"{utc:%Y-%m-%dT%H:%M:%S}{digits}Z"

    @staticmethod
    def blob(data: bytes) -> str:
        """Return the text that the bytes are (recorded for an object of S3), or base64 where they are none."""
        try:
            return data.decode()
        except UnicodeDecodeError:
            return base64.b64encode(data).decode()


class _Optimized:
    """The conventions of the optimized integrations."""

    name = staticmethod(optimized_member_name)

    @staticmethod
    def time(value: datetime) -> int:
        """Return milliseconds since the epoch."""
        return round(value.timestamp() * 1000)

    @staticmethod
    def blob(data: bytes) -> str:
        return base64.b64encode(data).decode()


_Convention = type[_Sdk] | type[_Optimized]


def _output_shape(client: str, operation: str) -> Any:
    return sdk_services.service_model(client).operation_model(operation).output_shape


def _structure(shape: Any, value: Mapping[str, Any], convention: _Convention) -> dict[str, Any]:
    if shape is None:
        return {}
    given = {
        convention.name(name): _json(member, value[name], convention)
        for name, member in shape.members.items()
        if value.get(name) is not None
    }
    return dict(sorted(given.items()))


def _json(shape: Any, value: Any, convention: _Convention) -> Any:
    match shape.type_name:
        case "structure" if not getattr(shape, "is_document_type", False):
            return _structure(shape, value, convention)
        case "list":
            return [_json(shape.member, item, convention) for item in value]
        case "map":
            return {key: _json(shape.value, item, convention) for key, item in value.items()}
        case "timestamp" if isinstance(value, datetime):
            return convention.time(value)
        case "blob":
            return convention.blob(value.read() if hasattr(value, "read") else bytes(value))
        case _:
            return value
