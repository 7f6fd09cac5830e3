"""The HTTP application: the Step Functions API, Lambda's Invoke, and a health check."""

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

from everypath.server.api.operations import perform
from everypath.server.http import lambda_api
from everypath.server.http.aws_json import CONTENT_TYPE, decode, encode, encode_error
from everypath.server.http.request_guard import (
    BodyTooLarge,
    Disconnected,
    Stopping,
    headers_of,
    read_body,
    rejection_reason,
    wait_for,
)
from everypath.server.protocol import ApiError, Json

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from everypath.server.api.service import Service

#: The most bytes of a request: room for a definition of a megabyte, with everything in it escaped.
_MAX_BODY = 8 * 1024 * 1024
_PREFIX = "AWSStepFunctions."
#: The source of request ids: they need not be secret, and the operating system's randomness is slower.
_ids = Random()


def make_app(service: Service, stopping: asyncio.Event, *, loopback: bool) -> ASGIApp:
    """Return the application.

    It has no middleware, because each API has a shape of its own for unexpected errors. Requests to the Step Functions
    API bypass the router: nearly all requests are, and all have the same path.

    Parameters
    ----------
    service : Service
        What the operations work on.
    stopping : asyncio.Event
        Once it is set, waiting requests are ended.
    loopback : bool
        Whether the server listens on loopback: then only names of this machine are accepted as its host.
    """

    async def health(request: Request) -> Response:
        return Response(b'{"status":"ok"}', media_type="application/json")

    async def elsewhere(request: Request) -> Response:
        message = f"{request.method} {request.url.path} is not part of the Step Functions API: POST to /"
        return _error_response(ApiError("UnknownOperationException", message, 404))

    all_methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
    api = _StepFunctionsApi(service, stopping, loopback=loopback)
    router = Router(
        routes=[
            Route("/health", health, methods=["GET"]),
            lambda_api.route(service.functions, stopping, loopback=loopback),
            Route("/{path:path}", elsewhere, methods=all_methods),
        ]
    )

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        part = api if scope["path"] == "/" and scope["method"] == "POST" else router
        await part(scope, receive, send)

    return app


class _StepFunctionsApi:
    """The Step Functions API as an ASGI application."""

    def __init__(self, service: Service, stopping: asyncio.Event, *, loopback: bool) -> None:
        self._service = service
        self._stopping = stopping
        self._loopback = loopback

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        response = await self._respond(scope, receive)
        await response(scope, receive, send)

    async def _respond(self, scope: Scope, receive: Receive) -> Response:
        try:
            return _JsonResponse(encode(await self._perform(scope, receive)), 200)
        except ApiError as error:
            return _error_response(error)
        except Disconnected:
            return Response(status_code=499)
        except Exception:
            print("everypath: unexpected internal error in a request (please report)", file=sys.stderr)
            traceback.print_exc()
            message = "Unexpected internal error of everypath; the server's log has the details"
            return _error_response(ApiError("InternalFailure", message, 500))

    async def _perform(self, scope: Scope, receive: Receive) -> Json:
        headers = headers_of(scope)
        reason = rejection_reason(headers, loopback=self._loopback)
        if reason is not None:
            raise ApiError("AccessDeniedException", reason, 403)
        try:
            body = await read_body(receive, _MAX_BODY)
        except BodyTooLarge:
            raise ApiError("RequestEntityTooLargeException", f"A request may have {_MAX_BODY} bytes", 413) from None
        operation = headers.get("x-amz-target", "")
        if not operation.startswith(_PREFIX):
            message = f"The header X-Amz-Target must be {_PREFIX}… and is {operation!r}"
            raise ApiError("UnknownOperationException", message)
        response = perform(self._service, operation.removeprefix(_PREFIX), decode(body))
        if not isinstance(response, dict):
            try:
                response = await wait_for(Request(scope, receive), response, self._stopping)
            except Stopping:
                raise ApiError("ServiceUnavailableException", "The server is being stopped", 503) from None
        if self._service.store.persistent:
            # Nothing is answered that a restart would not know.
            await self._service.store.flushed()
        return response


def _error_response(error: ApiError) -> Response:
    return _JsonResponse(encode_error(error), error.status, (b"x-amzn-ErrorType", error.code.encode()))


@lru_cache(maxsize=1)
def _date(second: int) -> bytes:
    return formatdate(second, usegmt=True).encode()


class _JsonResponse(Response):
    """A response with its headers spelled as the service spells them: a workflow that calls it has them in its result.

    Starlette's own headers are not computed, which saves time.
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
