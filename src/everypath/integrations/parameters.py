"""Parameters of a service integration, turned into what botocore takes.

Step Functions capitalizes names (``StateMachineArn``) where many an API does not (``stateMachineArn``); the service's
API model tells which member is meant. A value of another type than the member's is made to fit where the real service
does so: JSON data for a text becomes JSON text (recorded for SQS, SNS, S3 and Step Functions itself).
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from everypath.asl import sdk_services
from everypath.asl.java_names import member_name, optimized_member_name
from everypath.asl.resource import Resource
from everypath.engine.data import to_text

#: Integrations without an API model: which fields each has, and which it must have.
_FIELDS_WITHOUT_MODEL = {
    "apigateway": (
        {"ApiEndpoint", "Method"},
        {"Headers", "Stage", "Path", "QueryParameters", "RequestBody", "AllowNullValues", "AuthType"},
    ),
    "http": (
        {"ApiEndpoint", "Method"},
        {"Authentication", "InvocationConfig", "Headers", "QueryParameters", "RequestBody", "Transform"},
    ),
    # Known by heart, because a Lambda function is what nearly every workflow calls and the model takes time to load.
    "lambda": (
        {"FunctionName"},
        {"Payload", "InvocationType", "ClientContext", "LogType", "Qualifier", "DurableExecutionName", "TenantId"},
    ),
}


class ParameterProblem(ValueError):
    """A value that cannot be made to fit; the message is as Step Functions words it."""

    def __init__(self, name: str) -> None:
        super().__init__(f"The value of the field '{name}' has an invalid format")


@dataclass(frozen=True, slots=True)
class _Style:
    """How one of the two kinds of integration spells members and carries binary data."""

    name: Callable[[str], str]
    blob: Callable[[str], bytes]


def _utf8(text: str) -> bytes:
    return text.encode()


def _base64(text: str) -> bytes:
    """Return the bytes of an optimized integration's binary field, or of the text itself where it is not base64."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return text.encode()


#: Recorded: the text that an `aws-sdk` integration puts into an object of S3 is that text, in UTF-8.
_STYLES = {"sdk": _Style(member_name, _utf8), "optimized": _Style(optimized_member_name, _base64)}


def parameter_problems(resource: Resource, parameters: Any) -> list[str]:
    """Return what Step Functions would say against the parameters before it calls the service.

    It says so when a definition is created, of the template (whose names may end in ``.$``), and when a state starts
    its task: ``The Parameters '…' could not be used to start the Task: […]``, a ``States.Runtime``.

    Parameters
    ----------
    resource : Resource
        An integration; the arguments of a function or an activity are free.
    parameters : Any
        The evaluated parameters, or their template.
    """
    if resource.kind not in _STYLES or (resource.service not in _FIELDS_WITHOUT_MODEL and not resource.client):
        return []
    if not isinstance(parameters, dict):
        return [] if isinstance(parameters, str) else ["The Parameters must be a JSON object"]
    given = {key.removesuffix(".$"): value for key, value in parameters.items()}
    if resource.kind == "optimized" and resource.service in _FIELDS_WITHOUT_MODEL:
        required, optional = _FIELDS_WITHOUT_MODEL[resource.service]
        unknown = [_unsupported(name) for name in given if name not in required | optional]
        return unknown + [_missing(name) for name in sorted(required) if name not in given]
    shape = input_shape(resource)
    if shape is None:
        return [_unsupported(name) for name in given]
    style = _STYLES[resource.kind]
    required_names = [style.name(member) for member in shape.required_members]
    unknown = list(_unknown_fields(shape, given, style))
    return unknown + [_missing(name) for name in required_names if name not in given]


def arguments_of(resource: Resource, parameters: dict[str, Any]) -> dict[str, Any]:
    """Return the keyword arguments of the call for `parameters`; what is null is left out.

    Raises
    ------
    ParameterProblem
        If a value does not fit its member.
    """
    shape = input_shape(resource)
    if shape is None:
        return {}
    arguments: dict[str, Any] = _fit(shape, parameters, _STYLES[resource.kind], "")
    return arguments


def null_members(resource: Resource, parameters: dict[str, Any]) -> list[str]:
    """Return the API's names of the required members that are given as null, in the API model's order."""
    shape = input_shape(resource)
    name = _STYLES[resource.kind].name
    return [] if shape is None else [m for m in shape.required_members if parameters.get(name(m)) is None]


def input_shape(resource: Resource) -> Any:
    """Return botocore's shape of what the operation takes, None where it takes nothing."""
    return sdk_services.service_model(resource.client).operation_model(resource.operation).input_shape


def _unknown_fields(shape: Any, value: Any, style: _Style) -> Iterator[str]:
    """Yield a message for every field, however deep, that the API does not have."""
    if shape.type_name == "structure" and isinstance(value, dict) and not _is_free(shape):
        members = {style.name(name): member for name, member in shape.members.items()}
        for key, item in value.items():
            name = key.removesuffix(".$")
            if name not in members:
                yield _unsupported(name)
            else:
                yield from _unknown_fields(members[name], item, style)
    elif shape.type_name == "list" and isinstance(value, list):
        for item in value:
            yield from _unknown_fields(shape.member, item, style)
    elif shape.type_name == "map" and isinstance(value, dict):
        for item in value.values():
            yield from _unknown_fields(shape.value, item, style)


def _fit(shape: Any, value: Any, style: _Style, name: str) -> Any:
    match shape.type_name:
        case "structure" if not _is_free(shape):
            members = {style.name(member): member for member in shape.members}
            return {
                members[key]: _fit(shape.members[members[key]], item, style, key)
                for key, item in _object(value, name).items()
                if item is not None and key in members
            }
        case "map":
            return {key: _fit(shape.value, item, style, key) for key, item in _object(value, name).items()}
        case "list":
            if not isinstance(value, list):
                raise ParameterProblem(name)
            return [_fit(shape.member, item, style, name) for item in value]
        case "string":
            return value if isinstance(value, str) else to_text(value)
        case "blob":
            return style.blob(value) if isinstance(value, str) else to_text(value).encode()
        case "integer" | "long" | "short":
            return _number(value, int, name)
        case "float" | "double":
            return _number(value, float, name)
        case "boolean":
            return {"true": True, "false": False}.get(value, value) if isinstance(value, str) else value
        case _:  # a timestamp, which botocore takes as ISO 8601 text or as seconds; or free JSON data
            return value


def _object(value: Any, name: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ParameterProblem(name)
    return value


def _number(value: Any, kind: Callable[[Any], Any], name: str) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ParameterProblem(name)
    try:
        return kind(value)
    except ValueError:
        raise ParameterProblem(name) from None


def _is_free(shape: Any) -> bool:
    return bool(getattr(shape, "is_document_type", False))


def _unsupported(name: str) -> str:
    return f'The field "{name}" is not supported by Step Functions'


def _missing(name: str) -> str:
    return f"The field '{name}' is required but was missing"
