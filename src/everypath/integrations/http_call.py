"""One HTTP request and its reply, as the tasks that call any HTTP API see them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

from everypath.asl import json_text
from everypath.tasks.transport_errors import reason_of, unreached


class Unanswered(Exception):
    """There was no reply; the message is as the Java SDK words it."""


@dataclass(frozen=True, slots=True)
class Request:
    """What an API is asked.

    Parameters
    ----------
    method, url : str
        The HTTP method, and the URL with its query.
    headers : dict of str to str
        The headers.
    body : str or None
        The body.
    implied : dict of str to str
        Headers that nobody has asked for, and that are sent nevertheless.
    """

    method: str
    url: str
    headers: dict[str, str]
    body: str | None
    implied: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reply:
    """What the API has answered.

    Parameters
    ----------
    status : int
        The HTTP status.
    reason : str
        Its text.
    headers : dict of str to list of str
        The headers as they were sent.
    data : bytes
        The body.
    """

    status: int
    reason: str
    headers: dict[str, list[str]]
    data: bytes

    @property
    def text(self) -> str:
        """The body as text; what is no UTF-8 in it is replaced."""
        return self.data.decode(errors="replace")

    @property
    def content_type(self) -> str:
        """The value of the header; empty without one."""
        return next((values[0] for name, values in self.headers.items() if name.lower() == "content-type"), "")

    def result(self) -> dict[str, Any]:
        """Return the task's result (recorded for ``apigateway:invoke``)."""
        result = {"Headers": self.headers, "ResponseBody": self._body(), "StatusCode": self.status}
        return result | {"StatusText": self.reason}

    def _body(self) -> Any:
        if "json" not in (self.content_type or "json"):
            return self.text
        try:
            return json_text.load(self.text)
        except ValueError:
            return self.text


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and its reply.

    Parameters
    ----------
    request : Request
        As it was sent.
    public : Request
        The same without what is secret.
    reply : Reply or None
        None where there was none.
    """

    request: Request
    public: Request
    reply: Reply | None


def send(request: Request, timeout: float) -> Reply:
    """Make a request.

    Raises
    ------
    Unanswered
        If there is no reply within `timeout` seconds.
    """
    from urllib3.exceptions import HTTPError, ReadTimeoutError

    data = None if request.body is None else request.body.encode()
    headers = request.headers | request.implied
    try:
        response = _pool().request(
            request.method, request.url, body=data, headers=headers, timeout=timeout, retries=False, redirect=False
        )
    except ReadTimeoutError:
        raise Unanswered("Unable to execute HTTP request: Read timed out") from None
    except HTTPError as failed:
        raise Unanswered(unreached(request.url, reason_of(failed))) from None
    every = {str(name): list(response.headers.getlist(name)) for name in response.headers}
    reason = response.reason or _reason(response.status)
    return Reply(response.status, reason, every, response.data)


def with_query(url: str, parameters: Mapping[str, Any]) -> str:
    """Return a URL with more query parameters, each a value or a list of values."""
    if not parameters:
        return url
    pairs = {name: value if isinstance(value, list) else [value] for name, value in parameters.items()}
    added = urlencode({name: [_text(value) for value in values] for name, values in pairs.items()}, doseq=True)
    parts = urlsplit(url)
    return urlunsplit(parts._replace(query=f"{parts.query}&{added}" if parts.query else added))


def has_header(headers: Mapping[str, str], name: str) -> bool:
    """Tell whether a header is given, in whatever case."""
    return any(key.lower() == name.lower() for key in headers)


def header_values(given: Mapping[str, Any] | None) -> dict[str, str]:
    """Return headers as text, where a task gives each as a text or as a list of texts."""
    return {
        name: ", ".join(map(_text, value)) if isinstance(value, list) else _text(value)
        for name, value in (given or {}).items()
    }


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))


def _reason(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


@lru_cache(maxsize=1)
def _pool() -> Any:
    from urllib3 import PoolManager

    return PoolManager(maxsize=50)
