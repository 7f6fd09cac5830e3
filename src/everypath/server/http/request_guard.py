"""Guards the APIs on the server's port: who may send requests, how large a body may be, how long a request may wait."""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Awaitable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import Receive, Scope

Result = TypeVar("Result")

#: Seconds between two checks whether the client of a waiting request is still connected.
_DISCONNECT_CHECK = 0.5
_LOCAL_NAMES = frozenset({"localhost", "host.docker.internal"})
#: The prefix with which boto3 sends StartSyncExecution and TestState.
_SYNC = "sync-"


class Disconnected(Exception):
    """The client has closed its connection."""


class BodyTooLarge(Exception):
    """The body has more bytes than a request may have."""


class Stopping(Exception):
    """The server is being stopped."""


def headers_of(scope: Scope) -> dict[str, str]:
    """Return the headers of a request by their names in lower case; the first one of each name counts."""
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in reversed(scope["headers"])}


def rejection_reason(headers: Mapping[str, str], *, loopback: bool) -> str | None:
    """Return why a request is rejected; None if it is not.

    Executions run code, so web pages must not reach the server. The name of a page's own host can resolve to
    127.0.0.1, and requests then carry that name: on loopback, ``Host`` must be a name of this machine. A page can also
    send an invocation to the server's address itself, and its browser does not ask first, since an invocation needs no
    header of its own: a request with an ``Origin`` is rejected on every address.
    """
    if "origin" in headers:
        return f"This server rejects requests from web pages, such as one from {headers['origin']!r}"
    host = headers.get("host", "")
    if loopback and not is_local_host(host):
        return f"This server accepts requests to localhost, not to {host!r}"
    return None


def is_loopback(host: str) -> bool:
    """Whether an address to listen on can be reached from this machine only."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@lru_cache(maxsize=64)
def is_local_host(header: str) -> bool:
    """Whether a ``Host`` header is a name of this machine."""
    name = _without_port(header).lower().rstrip(".").removeprefix(_SYNC)
    return name in _LOCAL_NAMES or name.endswith(".localhost") or is_loopback(name)


def _without_port(header: str) -> str:
    if header.startswith("["):
        name, bracket, _ = header[1:].partition("]")
        return name if bracket else header
    return header.rpartition(":")[0] if header.count(":") == 1 else header


async def read_body(receive: Receive, limit: int) -> bytes:
    """Return the body of a request.

    Raises
    ------
    BodyTooLarge
        It has more than `limit` bytes.
    Disconnected
        The client has closed its connection before the end of the body.
    """
    chunks, size, more = [], 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Disconnected
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > limit:
            raise BodyTooLarge
        chunks.append(chunk)
        more = message.get("more_body", False)
    return b"".join(chunks)


async def wait_for(request: Request, result: Awaitable[Result], stopping: asyncio.Event) -> Result:
    """Await a result while the client of a request is connected and the server is not being stopped.

    Raises
    ------
    Disconnected
        The client has closed its connection.
    Stopping
        The server is being stopped.
    """
    task = asyncio.ensure_future(result)
    stop = asyncio.ensure_future(stopping.wait())
    try:
        while not task.done():
            await asyncio.wait({task, stop}, timeout=_DISCONNECT_CHECK, return_when=asyncio.FIRST_COMPLETED)
            if task.done():
                break
            if stop.done():
                raise Stopping
            if await request.is_disconnected():
                raise Disconnected
        return await task
    finally:
        task.cancel()
        stop.cancel()
