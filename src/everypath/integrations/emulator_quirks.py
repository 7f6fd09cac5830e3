"""What AWS always says and the stand-ins for it say otherwise, or not at all.

A workflow that was tested against a stand-in must not meet other data on AWS. Every correction here is of something
that AWS itself never answers, so that nothing changes where AWS answers. What AWS answers is recorded.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Mapping
from itertools import count
from typing import Any
from urllib.parse import urlsplit

_Response = Mapping[str, Any]

#: The operations of S3 that name the encryption of the object. Since 2023 no object is stored without.
_ENCRYPTED = frozenset(
    {"GetObject", "HeadObject", "PutObject", "CopyObject", "CreateMultipartUpload", "CompleteMultipartUpload"}
)
_SECRET_NAME = re.compile(r"[A-Za-z0-9/_+=.@!-]+")
_sequence = count(10_000_000_000_000_000_000)


def refused_by_aws(client: str, operation: str, arguments: _Response) -> dict[str, Any] | None:
    """Return the error with which AWS refuses a request that stand-ins take, None where AWS takes it.

    Parameters
    ----------
    client, operation : str
        botocore's name of the service, and the API operation.
    arguments : mapping
        botocore's arguments of the call.
    """
    if (client, operation) == ("secretsmanager", "CreateSecret") and not _SECRET_NAME.fullmatch(arguments["Name"]):
        message = "Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: "
        return {"Error": {"Code": "ValidationException", "Message": f"{message}-/_+=.@!"}}
    return None


def corrected_response(client: str, operation: str, arguments: _Response, response: _Response) -> dict[str, Any]:
    """Return a response as AWS would have given it.

    Parameters
    ----------
    client, operation : str
        botocore's name of the service, and the API operation.
    arguments, response : mapping
        botocore's.
    """
    corrected = dict(response)
    if client == "dynamodb" and arguments.get("ReturnConsumedCapacity", "NONE") == "NONE":
        corrected.pop("ConsumedCapacity", None)
    if client == "s3" and operation in _ENCRYPTED:
        corrected.setdefault("ServerSideEncryption", "AES256")
    if client == "s3" and operation == "PutObject" and any(name.startswith("Checksum") for name in corrected):
        corrected.setdefault("ChecksumType", "FULL_OBJECT")
    if client == "sns" and operation == "Publish" and str(arguments.get("TopicArn", "")).endswith(".fifo"):
        corrected.setdefault("SequenceNumber", str(next(_sequence)))
    return corrected


def corrected_error(client: str, arguments: _Response, response: _Response) -> dict[str, Any]:
    """Return the response of a refusal as AWS would have given it.

    Parameters
    ----------
    client : str
        botocore's name of the service.
    arguments : mapping
        botocore's arguments of the call.
    response : mapping
        The `response` of botocore's `ClientError`.
    """
    error = dict(response.get("Error", {}))
    if client == "sns" and arguments.get("TopicArn"):
        if error.get("Code") == "NotFound":
            error["Message"] = "Topic does not exist"
        elif "MessageGroupId" in error.get("Message", "") and "MessageGroupId" not in arguments:
            error["Code"] = "InvalidParameter"
            error["Message"] = "Invalid parameter: The MessageGroupId parameter is required for FIFO topics"
    return {**response, "Error": error}


#: Where AWS answers: the endpoints of its partitions.
_OF_AWS = re.compile(r"\.(amazonaws\.com(\.cn)?|api\.aws|api\.amazonwebservices\.com\.cn)$")

_USUAL = ("x-amzn-RequestId", "connection", "Content-Length", "Date", "Content-Type")
#: The headers of an answer, in order, by botocore's name of the service (recorded from April 2024 to November 2025).
_RECORDED: Mapping[str, tuple[str, ...]] = {
    "dynamodb": (
        "Server", "Connection", "x-amzn-RequestId", "x-amz-crc32", "Content-Length", "Date", "Content-Type"
    ),
    "sns": _USUAL,
    "sqs": _USUAL,
    "stepfunctions": _USUAL,
}  # fmt: skip
#: White space, or a text, which keeps its own.
_SPACE = re.compile(rb'("(?:[^"\\]|\\.)*")|\s+')

Headers = list[tuple[str, str]]


def as_aws_sends(service: str, url: str, headers: Headers, body: bytes) -> Headers:
    """Return the headers of an answer as AWS sends them.

    Parameters
    ----------
    service : str
        botocore's name of the service.
    url : str
        Where the request was sent.
    headers : list of pairs of str
        As they were received.
    body : bytes
        As it was received.
    """
    names = _RECORDED.get(service)
    if names is None or _OF_AWS.search(urlsplit(url).hostname or ""):
        return headers
    given = {name.lower(): value for name, value in headers}
    written = _written(body, given.get("content-type", ""))
    values = ((name, _value(name, given, written)) for name in names)
    return [(name, value) for name, value in values if value is not None]


#: What does not depend on what the stand-in has sent.
_OWN: Mapping[str, Callable[[bytes], str]] = {
    "server": lambda body: "Server",
    "connection": lambda body: "keep-alive",
    "content-length": lambda body: str(len(body)),
    "x-amz-crc32": lambda body: str(zlib.crc32(body)),
}


def _value(name: str, given: Mapping[str, str], body: bytes) -> str | None:
    own = _OWN.get(name.lower())
    return own(body) if own else given.get(name.lower())


def _written(body: bytes, content_type: str) -> bytes:
    """The body as AWS writes it: JSON has no white space, anything else is taken as it is."""
    return _SPACE.sub(rb"\1", body) if "json" in content_type else body
