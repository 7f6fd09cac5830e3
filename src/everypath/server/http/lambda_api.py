"""Lambda's Invoke over HTTP: clients of Lambda can invoke the functions that the server's workflows invoke.

Source: botocore's model of Lambda for paths, headers and errors; the Lambda developer guide for the limits.
"""

from __future__ import annotations

import asyncio
import json
import sys
import traceback
import uuid
from collections.abc import Iterable
from concurrent.futures import Future
from dataclasses import replace
from email.utils import formatdate
from typing import TYPE_CHECKING

from starlette.responses import Response
from starlette.routing import Route

from everypath.asl import json_text
from everypath.lambda_runtime.error_payloads import RESPONSE_LIMIT
from everypath.lambda_runtime.invoke import (
    LambdaAnswer,
    LambdaFunctions,
    LambdaRefusal,
    LambdaRequest,
    LambdaUnreachable,
)
from everypath.lambda_runtime.request_rules import check_request
from everypath.server.executor.runner import ThreadPool
from everypath.server.http.request_guard import (
    BodyTooLarge,
    Disconnected,
    Stopping,
    read_body,
    rejection_reason,
    wait_for,
)

if TYPE_CHECKING:
    from starlette.requests import Request

_PATH = "/2015-03-31/functions/{name:path}/invocations"
#: The most bytes of an asynchronous invocation's payload; the limit of a synchronous one is that of its response.
_EVENT_LIMIT = 1_048_576
#: The errors whose message is in the member ``Message``; all others spell it ``message``.
_CAPITALIZED = frozenset({"ResourceNotFoundException", "ServiceException", "AccessDeniedException"})
#: The headers of a function's response that are not passed on, because this server sets its own.
_OWN_HEADERS = frozenset({"content-length", "content-type", "connection", "date", "server", "transfer-encoding"})


def route(functions: LambdaFunctions, stopping: asyncio.Event, *, loopback: bool) -> Route:
    """Return the route of Invoke; for the parameters, see `everypath.server.http.app.make_app`."""
    threads = ThreadPool()

    async def invoke(request: Request) -> Response:
        try:
            reason = rejection_reason(request.headers, loopback=loopback)
            if reason is not None:
                raise LambdaRefusal("AccessDeniedException", reason, 403)
            return _response(await _invoke(await _read(request), functions, threads, request, stopping))
        except LambdaRefusal as refused:
            return _refusal(refused)
        except Disconnected:
            return Response(status_code=499)
        except Exception:
            print("everypath: unexpected internal error in an invocation (please report)", file=sys.stderr)
            traceback.print_exc()
            message = "Unexpected internal error of everypath; the server's log has the details"
            return _refusal(LambdaRefusal("ServiceException", message, 500))

    return Route(_PATH, invoke, methods=["POST"])


async def _read(request: Request) -> LambdaRequest:
    """Return the invocation that an HTTP request asks for.

    Raises
    ------
    LambdaRefusal
        Lambda would refuse the request.
    """
    headers = request.headers
    invocation = LambdaRequest(
        function=request.path_params["name"],
        qualifier=request.query_params.get("Qualifier", ""),
        invocation_type=headers.get("x-amz-invocation-type") or "RequestResponse",
        log_type=headers.get("x-amz-log-type", ""),
        client_context=headers.get("x-amz-client-context", ""),
    )
    check_request(invocation)
    return replace(invocation, payload=await _payload(request, invocation.invocation_type))


async def _payload(request: Request, invocation_type: str) -> str:
    try:
        body = await read_body(request.receive, RESPONSE_LIMIT)
    except BodyTooLarge:
        message = f"Request must be smaller than {RESPONSE_LIMIT} bytes for the InvokeFunction operation"
        raise LambdaRefusal("RequestTooLargeException", message, 413) from None
    if invocation_type == "Event" and len(body) > _EVENT_LIMIT:
        message = f"{len(body)} byte payload is too large for the Event invocation type (limit {_EVENT_LIMIT} bytes)"
        raise LambdaRefusal("RequestTooLargeException", message, 413)
    text = body.decode(errors="replace")
    if text:
        try:
            json_text.read(text)
        except json_text.JsonTextError as error:
            whole = error.whole.replace("(String)", "(byte[])")
            message = f"Could not parse request body into json: Could not parse payload into json: {whole}"
            raise _unreadable(message) from None
    return text


def _unreadable(message: str) -> LambdaRefusal:
    return LambdaRefusal("InvalidRequestContentException", message, 400)


async def _invoke(
    invocation: LambdaRequest,
    functions: LambdaFunctions,
    threads: ThreadPool,
    request: Request,
    stopping: asyncio.Event,
) -> LambdaAnswer:
    """Invoke a function in a thread, which outlives a request that is given up: a handler cannot be interrupted."""
    answer: Future[LambdaAnswer] = Future()

    def work() -> None:
        try:
            answer.set_result(functions.invoke(invocation))
        except BaseException as error:
            answer.set_exception(error)

    answer.set_running_or_notify_cancel()
    threads.submit(work)
    try:
        return await wait_for(request, asyncio.wrap_future(answer), stopping)
    except LambdaUnreachable as unreachable:
        raise LambdaRefusal("ServiceException", str(unreachable), 502) from None
    except Stopping:
        raise LambdaRefusal("ServiceException", "The server is being stopped", 503) from None


def _response(answer: LambdaAnswer) -> Response:
    body = b"" if answer.status == 204 else answer.payload.encode(errors="replace")
    headers = {name.lower(): (name, value) for name, value in answer.headers if name.lower() not in _OWN_HEADERS}
    headers.setdefault("x-amzn-requestid", ("x-amzn-RequestId", str(uuid.uuid4())))
    if answer.function_error:
        headers["x-amz-function-error"] = ("X-Amz-Function-Error", answer.function_error)
    return _http_response(body, answer.status, headers.values())


def _refusal(refused: LambdaRefusal) -> Response:
    member = "Message" if refused.code in _CAPITALIZED else "message"
    body = {"Type": "User" if refused.status < 500 else "Service", member: refused.message}
    headers = [("x-amzn-RequestId", refused.request_id), ("x-amzn-ErrorType", refused.code)]
    return _http_response(json.dumps(body, separators=(",", ":")).encode(), refused.status, headers)


def _http_response(body: bytes, status: int, headers: Iterable[tuple[str, str]]) -> Response:
    response = Response(body, status)
    common = [("Date", formatdate(usegmt=True)), ("Content-Type", "application/json")]
    if status != 204:
        common.append(("Content-Length", str(len(body))))
    response.raw_headers = [
        (name.encode("latin-1"), value.encode("latin-1", "replace")) for name, value in (*common, *headers)
    ]
    return response
