"""``http:invoke``, the HTTP Task: any API over HTTPS, with the credentials of an EventBridge connection.

Source: "Call HTTPS APIs in Step Functions workflows" in the developer guide; the words of what it calls a
``States.Runtime`` are not in it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

from everypath.asl.error_catalog import HTTP_SOCKET, RUNTIME, http_status_error
from everypath.engine.data import to_text
from everypath.integrations import http_call
from everypath.integrations.answer import AwsAnswer, AwsFailure
from everypath.integrations.http_call import Exchange, Reply, Request
from everypath.integrations.http_connection import Additions, Client, additions_of, connection_arn

#: Seconds after which the real service gives up.
_TIMEOUT = 60
_NO_CONNECTION = (
    "The Parameters could not be used to start the Task: [The field 'Authentication' is required but was missing]"
)
_NO_TEXT = ("application/octet-stream", "image/", "video/", "audio/")


def http_invoke(
    parameters: Mapping[str, Any],
    client: Client,
    region: str,
    exchanged: Callable[[Exchange], None] | None = None,
) -> AwsAnswer | AwsFailure:
    """Call an API.

    A status of 300 and more is the failure ``States.Http.StatusCode.…`` with the body as its cause; no answer is
    ``States.Http.Socket``.

    Parameters
    ----------
    parameters : mapping
        The evaluated parameters.
    client : callable
        Returns a boto3 client, to look the connection up with: the one place where its secret can be had.
    region : str
        Part of the user agent.
    exchanged : callable, optional
        Is told what was sent, and what came back.
    """
    arn = connection_arn(parameters)
    if not arn:
        return AwsFailure(RUNTIME, _NO_CONNECTION)
    additions = additions_of(arn, client)
    if isinstance(additions, AwsFailure):
        return additions
    try:
        request = made_request(parameters, additions, region)
        public = made_request(parameters, additions, region, reveal=False)
    except UnusableRequest as problem:
        return AwsFailure(RUNTIME, str(problem))
    reply: Reply | None = None
    try:
        reply = http_call.send(request, _TIMEOUT)
    except http_call.Unanswered as error:
        return AwsFailure(HTTP_SOCKET, str(error))
    finally:
        if exchanged is not None:
            exchanged(Exchange(request, public, reply))
    return _outcome(reply)


def _outcome(reply: Reply) -> AwsAnswer | AwsFailure:
    if not _is_text(reply):
        kind = reply.content_type or "unknown"
        return AwsFailure(RUNTIME, f"The response of the API cannot be read as text: its content type is {kind}")
    if reply.status >= 300:
        return AwsFailure(http_status_error(reply.status), reply.text or reply.reason)
    return AwsAnswer(reply.result())


def _is_text(reply: Reply) -> bool:
    if reply.content_type.lower().startswith(_NO_TEXT):
        return False
    try:
        reply.data.decode()
    except UnicodeDecodeError:
        return False
    return True


_METHODS = ("GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD")
#: AWS takes https alone; the other one is for what runs on this machine.
_SCHEMES = ("https://", "http://")
_NAME, _VALUE = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"), re.compile(r"[\t\x20-\x7e\x80-\xff]*")
#: Headers that a task must not give.
_RESERVED = (
    "a-im", "accept-charset", "accept-datetime", "accept-encoding", "authorization", "cache-control", "connection",
    "content-encoding", "content-md5", "date", "expect", "forwarded", "from", "host", "http2-settings", "if-match",
    "if-modified-since", "if-none-match", "if-range", "if-unmodified-since", "max-forwards", "origin", "pragma",
    "proxy-authorization", "referer", "server", "te", "trailer", "transfer-encoding", "upgrade", "via", "warning",
)  # fmt: skip
_RESERVED_BEGINNINGS = ("x-forwarded-", "x-amz-", "x-amzn-")
_FORM, _JSON = "application/x-www-form-urlencoded", "application/json; charset=UTF-8"


class UnusableRequest(Exception):
    """The parameters cannot be made a request of; the message says why."""


def made_request(parameters: Mapping[str, Any], additions: Additions, region: str, *, reveal: bool = True) -> Request:
    """Return the request.

    Parameters
    ----------
    parameters : mapping
        The evaluated parameters.
    additions : Additions
        What the connection adds. Where both have the same name, the connection wins.
    region : str
        Part of the user agent.
    reveal : bool
        Whether what the connection adds is in it; without, what would be in its place is not in it either.

    Raises
    ------
    UnusableRequest
        The task gives a header that it must not, or a value that does not fit its field.
    """
    method, endpoint = parameters["Method"], parameters["ApiEndpoint"]
    if method not in _METHODS:
        raise UnusableRequest(f"The Method {to_text(method)} is none of {', '.join(_METHODS)}")
    if not isinstance(endpoint, str) or not endpoint.lower().startswith(_SCHEMES):
        raise UnusableRequest(f"The ApiEndpoint {to_text(endpoint)} is not the URL of an API")
    headers = http_call.header_values(_object(parameters, "Headers"))
    _check_headers(headers)
    headers = _merged(headers, additions.headers, str.lower, reveal=reveal)
    query = _merged(_object(parameters, "QueryParameters"), additions.query, str, reveal=reveal)
    body, encoding = _body(parameters, additions.body, reveal=reveal)
    for name, value in {"User-Agent": f"Amazon|StepFunctions|HttpInvoke|{region}", "Range": "bytes=0-262144"}.items():
        if not http_call.has_header(headers, name):
            headers[name] = value
    default_type = {} if body is None or http_call.has_header(headers, "Content-Type") else {"Content-Type": encoding}
    return Request(method, http_call.with_query(endpoint, query), headers, body, default_type)


def _object(parameters: Mapping[str, Any], name: str) -> dict[str, Any]:
    value = parameters.get(name)
    if value is not None and not isinstance(value, dict):
        raise UnusableRequest(f"The value of the field '{name}' has an invalid format")
    return value or {}


def _check_headers(headers: Mapping[str, str]) -> None:
    for name, value in headers.items():
        if name.lower() in _RESERVED or name.lower().startswith(_RESERVED_BEGINNINGS):
            raise UnusableRequest(f"The header '{name}' cannot be used in the Headers of an HTTP Task")
        if not _NAME.fullmatch(name) or not _VALUE.fullmatch(value):
            raise UnusableRequest(f"The header '{name}' has a name or a value that cannot be sent: {to_text(value)}")


def _merged(
    given: Mapping[str, Any], added: Mapping[str, str], key: Callable[[str], str], *, reveal: bool
) -> dict[str, Any]:
    replaced = {key(name) for name in added}
    kept = {name: value for name, value in given.items() if key(name) not in replaced}
    return kept | dict(added) if reveal else kept


def _body(parameters: Mapping[str, Any], added: Mapping[str, str], *, reveal: bool) -> tuple[str | None, str]:
    """Return the body and its content type."""
    body = parameters.get("RequestBody")
    if added:
        if not isinstance(body, dict | None):
            raise UnusableRequest(
                "The value of the field 'RequestBody' is not an object, to which the body parameters of the connection"
                " could be added"
            )
        # A body that the connection alone gives is none without it.
        body = _merged(body or {}, added, str, reveal=reveal) if reveal or body is not None else None
    if body is None:
        return None, ""
    transform = _object(parameters, "Transform")
    if transform.get("RequestBodyEncoding") == "URL_ENCODED":
        options = transform.get("RequestEncodingOptions") or {}
        return form_encoded(body, options.get("ArrayFormat", "INDICES")), _FORM
    return body if isinstance(body, str) else to_text(body), _JSON


#: How ``RequestEncodingOptions.ArrayFormat`` spells the items of an array, by the array's name and an item's index.
_ITEM_NAMES: dict[str, Callable[[str, int], str]] = {
    "INDICES": lambda name, index: f"{name}[{index}]",
    "REPEAT": lambda name, _: name,
    "BRACKETS": lambda name, _: f"{name}[]",
}


def form_encoded(body: Any, array_format: str = "INDICES") -> str:
    """Return form data for a JSON object: ``{"a": {"b": [1]}}`` is ``a[b][0]=1``, percent-encoded.

    Parameters
    ----------
    body : Any
        The object; a text is passed on as it is.
    array_format : str
        ``INDICES``, ``REPEAT``, ``BRACKETS``, ``COMMAS`` or ``NONE``, which leaves an array as JSON text.
    """
    if not isinstance(body, dict):
        return body if isinstance(body, str) else to_text(body)
    return urlencode([pair for name, value in body.items() for pair in _pairs(name, value, array_format)])


def _pairs(name: str, value: Any, array_format: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _pairs(f"{name}[{key}]", item, array_format)
    elif isinstance(value, list) and array_format in _ITEM_NAMES:
        for index, item in enumerate(value):
            yield from _pairs(_ITEM_NAMES[array_format](name, index), item, array_format)
    elif isinstance(value, list) and array_format == "COMMAS":
        yield name, ",".join(map(_text, value))
    else:
        yield name, _text(value)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else to_text(value)
