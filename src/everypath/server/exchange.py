"""What the APIs on the server's port share: whom they answer to, how much they read, how long they wait."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping
from typing import TYPE_CHECKING, TypeVar

from everypath.server.hosts import answers_to

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import Receive, Scope

Answer = TypeVar("Answer")

#: Seconds between two looks whether the client of a request that waits has gone.
_LOOK = 0.5


class Gone(Exception):
    """The client has closed its connection."""


class TooLarge(Exception):
    """A body has more bytes than a request may have."""


class Stopping(Exception):
    """The server is being stopped."""


def headers_of(scope: Scope) -> dict[str, str]:
    """Return the headers of a request by their names in lower case; of those with the same name, the first one."""
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in reversed(scope["headers"])}


def stranger(headers: Mapping[str, str], *, loopback: bool) -> str | None:
    """Return why a request is not answered; None where it is.

    On loopback, its ``Host`` must be a name of this machine. Nowhere may it come from a page in a browser, which shows
    by its ``Origin``: anybody's page can send an invocation to an address of this machine, under that very address, and
    its browser does not ask first, since an invocation needs no header of its own.
    """
    if "origin" in headers:
        return f"This server does not answer to pages in a browser, as of {headers['origin']!r}"
    host = headers.get("host", "")
    return f"This server answers to localhost, not to {host!r}" if loopback and not answers_to(host) else None


async def body_of(receive: Receive, most: int) -> bytes:
    """Return the body of a request.

    Raises
    ------
    TooLarge
        It has more than `most` bytes.
    Gone
        The client has gone before it has sent all of it.
    """
    chunks, size, more = [], 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Gone
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > most:
            raise TooLarge
        chunks.append(chunk)
        more = message.get("more_body", False)
    return b"".join(chunks)


async def wait(request: Request, answer: Awaitable[Answer], stopping: asyncio.Event) -> Answer:
    """Wait for an answer as long as there is somebody to have it, and the server is not told to stop.

    Raises
    ------
    Gone
        The client has closed its connection.
    Stopping
        The server is told to stop.
    """
    task = asyncio.ensure_future(answer)
    stop = asyncio.ensure_future(stopping.wait())
    try:
        while not task.done():
            await asyncio.wait({task, stop}, timeout=_LOOK, return_when=asyncio.FIRST_COMPLETED)
            if task.done():
                break
            if stop.done():
                raise Stopping
            if await request.is_disconnected():
                raise Gone
        return await task
    finally:
        task.cancel()
        stop.cancel()
