"""The AWS JSON 1.0 protocol: decodes requests, encodes responses and errors."""

from __future__ import annotations

import json
import re
from datetime import datetime

from everypath.server.protocol import ApiError, Json, timestamp

CONTENT_TYPE = "application/x-amz-json-1.0"


def decode(body: bytes) -> Json:
    """Return the request in a body; an empty body is a request without members.

    Raises
    ------
    ApiError
        ``SerializationException``: the body is no JSON object.
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


#: A date in a response; within a string its quotation marks would be escaped.
_DATE = re.compile(r'Date":(\d)(\d{9})\.(\d+)')


def encode(response: Json) -> bytes:
    """Return the body of a response; dates are numbers of seconds since the epoch."""
    # Escaped to ASCII: JSON may contain lone surrogates, which UTF-8 cannot encode.
    text = _ENCODER.encode(response)
    # The service writes dates as Java does, 1.764547200123E9; a workflow that calls it sees the length (recorded).
    return _DATE.sub(_as_java, text).encode()


def encode_error(error: ApiError) -> bytes:
    """Return the body of a response that reports an error."""
    return encode({"__type": error.code, "message": error.message, **error.fields})


def _as_java(date: re.Match[str]) -> str:
    return f'Date":{date[1]}.{date[2]}{date[3]}E9'


def _seconds(moment: object) -> float:
    if not isinstance(moment, datetime):
        raise TypeError(f"{type(moment).__name__} cannot be encoded")
    return timestamp(moment.timestamp())


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


# Created once: creating a decoder takes as long as decoding a small request with it.
_DECODER = json.JSONDecoder(parse_constant=_refuse_constant)
_ENCODER = json.JSONEncoder(default=_seconds, separators=(",", ":"))
