"""The HTTP headers of a service's answer, which a task's result holds, where a stand-in for AWS has answered.

A stand-in sends the headers of its own web server, and JSON with white space, so a history would show how it is made
instead of what AWS would write. For the services whose headers are recorded they are therefore put as AWS sends them:
the same names in the same order and spelling, the connection kept alive, and the length and checksum of the answer
without white space. What AWS itself has sent stays as it is, and so do the headers of all other services.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

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
