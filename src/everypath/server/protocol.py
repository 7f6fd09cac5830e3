"""AWS JSON 1.0: what is sent over HTTP, and how a request is refused."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any

Json = dict[str, Any]

CONTENT_TYPE = "application/x-amz-json-1.0"


class ApiError(Exception):
    """A refusal, as the service words it.

    Parameters
    ----------
    code : str
        AWS's name of the error, such as ``StateMachineDoesNotExist``.
    message : str
        What the caller reads.
    status : int
        The HTTP status; Step Functions refuses with 400, whatever the reason.
    fields : str
        What else the error's shape holds, such as ``resourceName``.
    """

    def __init__(self, code: str, message: str, status: int = 400, **fields: str) -> None:
        self.code = code
        self.message = message
        self.status = status
        self.fields = fields
        super().__init__(f"{code}: {message}")

    def body(self) -> bytes:
        """The body of the answer."""
        return encode({"__type": self.code, "message": self.message, **self.fields})


def decode(body: bytes) -> Json:
    """Return the request that a body holds; an empty body is a request without members.

    Raises
    ------
    ApiError
        ``SerializationException``, where it is no JSON object.
    """
    if not body:
        return {}
    try:
        request = _DECODER.decode(body.decode(json.detect_encoding(body), "surrogatepass"))
    except (ValueError, RecursionError) as error:
        raise ApiError("SerializationException", f"The body is not valid JSON: {error}") from None
    if not isinstance(request, dict):
        raise ApiError("SerializationException", "The body must be a JSON object")
    return request


#: A date in an answer; inside of a text its quotation marks would be escaped.
_DATE = re.compile(r'Date":(\d)(\d{9})\.(\d+)')


def encode(answer: Json) -> bytes:
    """Return an answer as it is sent: moments are numbers of seconds since the epoch."""
    # Escaped to ASCII: JSON may hold lone surrogates, which have no UTF-8.
    text = _ENCODER.encode(answer)
    # The service writes dates as Java does, 1.764547200123E9; a workflow that calls it sees the length (recorded).
    return _DATE.sub(_as_java, text).encode()


def _as_java(date: re.Match[str]) -> str:
    return f'Date":{date[1]}.{date[2]}{date[3]}E9'


def _seconds(moment: object) -> float:
    if not isinstance(moment, datetime):
        raise TypeError(f"{type(moment).__name__} cannot be sent")
    return seconds(moment.timestamp())


def seconds(moment: float) -> float:
    """Return a moment as answers have it, to the millisecond."""
    return round(moment, 3)


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


# Made once: requests are many, and making one takes as long as reading a small request with it.
_DECODER = json.JSONDecoder(parse_constant=_refuse_constant)
_ENCODER = json.JSONEncoder(default=_seconds, separators=(",", ":"))
