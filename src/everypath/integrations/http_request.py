"""The request of an HTTP Task: what the task gives, and over it what its connection adds.

Source: "Call HTTPS APIs in Step Functions workflows" in the developer guide.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from everypath.engine.data import to_text
from everypath.integrations import http_call
from everypath.integrations.form_encoding import form_encoded
from everypath.integrations.http_call import Request
from everypath.integrations.http_connection import Additions

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
