"""Listens for HTTP requests until the process is told to stop."""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable
from typing import TYPE_CHECKING

from everypath.errors import InputError

if TYPE_CHECKING:
    import asyncio

    from starlette.types import ASGIApp

#: Seconds that open requests have left once the server is told to stop.
_GRACE = 0.3
#: Connections that may wait to be accepted.
_BACKLOG = 512


def open_socket(host: str, port: int) -> socket.socket:
    """Return a listening socket; with port 0 the system chooses the port.

    Raises
    ------
    InputError
        The port is taken, or the address does not belong to this machine.
    """
    listener: socket.socket | None = None
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP, flags=socket.AI_PASSIVE
        )[0]
        # Only with the protocol named does asyncio set TCP_NODELAY; without it a request takes 40 ms longer.
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(_BACKLOG)
    except OSError as error:
        if listener is not None:
            listener.close()
        raise InputError(f"cannot listen on {host} port {port}: {error.strerror or error}") from None
    return listener


def url_of(listener: socket.socket) -> str:
    """Return the URL of a listening socket."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def listen(app: ASGIApp, listener: socket.socket, ready: Callable[[], None], stopping: asyncio.Event) -> None:
    """Serve requests until SIGTERM or SIGINT, which sets `stopping`.

    Parameters
    ----------
    ready : callable
        Called in the event loop's thread before the first request is accepted.
    """
    import uvicorn

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            ready()

        async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
            stopping.set()
            await super().shutdown(sockets)

    # "auto" takes httptools and uvloop if they are installed, which halves the time of a request.
    config = uvicorn.Config(
        app, http="auto", ws="none", loop="auto", lifespan="off", log_level="warning", access_log=False,
        proxy_headers=False, server_header=False, date_header=False, timeout_keep_alive=60,
    )  # fmt: skip
    config.timeout_graceful_shutdown = _GRACE  # type: ignore[assignment]  # a fraction of a second works, too
    # uvicorn raises the signal again after it has stopped, which must not make the exit code a failure.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    Server(config).run([listener])
