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
from everypath.server.exchange import Gone, Stopping, TooLarge, body_of, stranger, wait
from everypath.server.operations import perform
from everypath.server.protocol import CONTENT_TYPE, ApiError, Json, decode, encode

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from everypath.server.service import Service

#: Bytes of a request: a definition of a megabyte, escaped, with room to spare.
_LARGEST = 8 * 1024 * 1024
_PREFIX = "AWSStepFunctions."
#: Where the ids of requests come from: nobody needs them to be secret, and the system would be asked for each.
_ids = Random()


def make_app(service: Service, stopping: asyncio.Event, *, loopback: bool) -> Router:
    """Return the application.

    It is a router and nothing around it: what goes wrong is answered in the shape that each API has for it.

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
    return Router(
        routes=[
            Route("/", _Api(service, stopping, loopback=loopback), methods=["POST"]),
            Route("/health", health, methods=["GET"]),
            lambda_api.route(service.functions, stopping, loopback=loopback),
            Route("/{path:path}", elsewhere, methods=everything),
        ]
    )


class _Api:
    """The Step Functions API, as an application of its own: a function would be wrapped at every request."""

    def __init__(self, service: Service, stopping: asyncio.Event, *, loopback: bool) -> None:
        self._service = service
        self._stopping = stopping
        self._loopback = loopback

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        response = await self._respond(Request(scope, receive, send))
        await response(scope, receive, send)

    async def _respond(self, request: Request) -> Response:
        try:
            return _response(await _answer_to(request, self._service, self._stopping, self._loopback))
        except ApiError as error:
            return _refusal(error)
        except Gone:
            return Response(status_code=499)
        except Exception:
            print("everypath: a request met a bug", file=sys.stderr)
            traceback.print_exc()
            return _refusal(ApiError("InternalFailure", "everypath met a bug; its log has the details", 500))


async def _answer_to(request: Request, service: Service, stopping: asyncio.Event, loopback: bool) -> Json:
    refusal = stranger(request, loopback=loopback)
    if refusal is not None:
        raise ApiError("AccessDeniedException", refusal, 403)
    try:
        body = await body_of(request, _LARGEST)
    except TooLarge:
        raise ApiError("RequestEntityTooLargeException", f"A request may have {_LARGEST} bytes", 413) from None
    operation = request.headers.get("x-amz-target", "")
    if not operation.startswith(_PREFIX):
        raise ApiError("UnknownOperationException", f"The header X-Amz-Target must be {_PREFIX}… and is {operation!r}")
    question = decode(body)
    answer = perform(service, operation.removeprefix(_PREFIX), question)
    if not isinstance(answer, dict):
        try:
            answer = await wait(request, answer, stopping)
        except Stopping:
            raise ApiError("ServiceUnavailableException", "The server is being stopped", 503) from None
    if service.store.state is not None:
        await keep(service.store, operation, question, answer)
    return answer


def _response(answer: Json) -> Response:
    return _Answer(encode(answer), 200)


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
