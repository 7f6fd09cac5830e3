"""The HTTP application."""

from __future__ import annotations

import asyncio
import sys
import time
import traceback
import uuid
from email.utils import formatdate
from functools import lru_cache
from random import Random
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, Router

from everypath.server import lambda_api
from everypath.server.durable import keep
from everypath.server.exchange import Gone, Stopping, TooLarge, body_of, headers_of, stranger, wait
from everypath.server.operations import perform
from everypath.server.protocol import CONTENT_TYPE, ApiError, Json, decode, encode

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from everypath.server.service import Service

#: Bytes of a request: a definition of a megabyte, escaped, with room to spare.
_LARGEST = 8 * 1024 * 1024
_PREFIX = "AWSStepFunctions."
#: Where the ids of requests come from: nobody needs them to be secret, and the system would be asked for each.
_ids = Random()


def make_app(service: Service, stopping: asyncio.Event, *, loopback: bool) -> ASGIApp:
    """Return the application.

    There is no middleware: what goes wrong is answered in the shape that each API has for it. Nor does a request to the
    Step Functions API go through the router: nearly all do, and their path is one.

    Parameters
    ----------
    service : Service
        What it offers.
    stopping : asyncio.Event
        Once it is set, requests that wait are ended.
    loopback : bool
        Whether it listens on loopback: then it answers only to the names of this machine.
    """

    async def health(request: Request) -> Response:
        return Response(b'{"status":"ok"}', media_type="application/json")

    async def elsewhere(request: Request) -> Response:
        message = f"{request.method} {request.url.path} is not part of the Step Functions API: POST to /"
        return _refusal(ApiError("UnknownOperationException", message, 404))

    everything = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
    api = _Api(service, stopping, loopback=loopback)
    router = Router(
        routes=[
            Route("/health", health, methods=["GET"]),
            lambda_api.route(service.functions, stopping, loopback=loopback),
            Route("/{path:path}", elsewhere, methods=everything),
        ]
    )

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        part = api if scope["path"] == "/" and scope["method"] == "POST" else router
        await part(scope, receive, send)

    return app


class _Api:
    """The Step Functions API, as an application of its own: a function would be wrapped at every request."""

    def __init__(self, service: Service, stopping: asyncio.Event, *, loopback: bool) -> None:
        self._service = service
        self._stopping = stopping
        self._loopback = loopback

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        response = await self._respond(scope, receive)
        await response(scope, receive, send)

    async def _respond(self, scope: Scope, receive: Receive) -> Response:
        try:
            return _Answer(encode(await self._answer(scope, receive)), 200)
        except ApiError as error:
            return _refusal(error)
        except Gone:
            return Response(status_code=499)
        except Exception:
            print("everypath: a request met a bug", file=sys.stderr)
            traceback.print_exc()
            return _refusal(ApiError("InternalFailure", "everypath met a bug; its log has the details", 500))

    async def _answer(self, scope: Scope, receive: Receive) -> Json:
        headers = headers_of(scope)
        refusal = stranger(headers, loopback=self._loopback)
        if refusal is not None:
            raise ApiError("AccessDeniedException", refusal, 403)
        try:
            body = await body_of(receive, _LARGEST)
        except TooLarge:
            raise ApiError("RequestEntityTooLargeException", f"A request may have {_LARGEST} bytes", 413) from None
        operation = headers.get("x-amz-target", "")
        if not operation.startswith(_PREFIX):
            message = f"The header X-Amz-Target must be {_PREFIX}… and is {operation!r}"
            raise ApiError("UnknownOperationException", message)
        question = decode(body)
        answer = perform(self._service, operation.removeprefix(_PREFIX), question)
        if not isinstance(answer, dict):
            try:
                answer = await wait(Request(scope, receive), answer, self._stopping)
            except Stopping:
                raise ApiError("ServiceUnavailableException", "The server is being stopped", 503) from None
        if self._service.store.state is not None:
            await keep(self._service, operation, question, answer)
        return answer


def _refusal(error: ApiError) -> Response:
    return _Answer(error.body(), error.status, (b"x-amzn-ErrorType", error.code.encode()))


@lru_cache(maxsize=1)
def _date(second: int) -> bytes:
    return formatdate(second, usegmt=True).encode()


class _Answer(Response):
    """An answer, whose headers are spelled as the service spells them: a workflow that calls it has them in its result.

    Made in one go: what starlette would put there is not asked for.
    """

    def __init__(self, body: bytes, status: int, *more: tuple[bytes, bytes]) -> None:
        self.status_code = status
        self.background = None
        self.body = body
        self.raw_headers = [
            (b"x-amzn-RequestId", str(uuid.UUID(int=_ids.getrandbits(128), version=4)).encode()),
            (b"connection", b"keep-alive"),
            (b"Content-Length", str(len(body)).encode()),
            (b"Date", _date(int(time.time()))),
            (b"Content-Type", CONTENT_TYPE.encode()),
            *more,
        ]
