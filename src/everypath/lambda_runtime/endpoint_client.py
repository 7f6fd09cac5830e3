"""Functions behind an endpoint that speaks Lambda's Invoke API, such as ``sam local start-lambda``."""

from __future__ import annotations

import json
import re
import time
import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from everypath.lambda_runtime.error_payloads import Failed, exited, timed_out
from everypath.lambda_runtime.invoke import (
    LambdaAnswer,
    LambdaRefusal,
    LambdaRequest,
    LambdaUnreachable,
    looks_like_error,
)
from everypath.tasks.transport_errors import reason_of, unreached

#: Lambda may take 15 minutes to answer.
_READ_TIMEOUT = 920
#: Functions that run at the same time; more wait for a connection that is free.
_CONNECTIONS = 100
#: The shortest timeout that a function can have, in seconds.
_SHORTEST_TIMEOUT = 1.0
_LATE = re.compile(r"Task timed out after (\d+\.\d\d) seconds\s*")


class LambdaEndpoint:
    """Invokes functions at one URL; it may be used from many threads.

    Parameters
    ----------
    url : str
        ``http://127.0.0.1:3001``.
    timeouts : mapping of str to float, optional
        Seconds that functions may take, by what they are called at the endpoint, as far as that is known; see
        `_failure_of_silence`.
    """

    def __init__(self, url: str, timeouts: Mapping[str, float] | None = None) -> None:
        self.url = url.rstrip("/")
        self._timeouts = timeouts or {}
        self._pool: Any = None

    def invoke(self, request: LambdaRequest) -> LambdaAnswer:
        """Invoke a function; see `LambdaFunctions`."""
        started = time.monotonic()
        answer = self._send(request)
        if answer.status >= 300:
            raise _refusal(answer)
        if answer.function_error:
            return answer
        if _is_silence(request, answer):
            failed = _failure_of_silence(time.monotonic() - started, self._timeouts.get(_name(request)))
            return replace(answer, payload=failed.text(ascii_only=True), function_error="Unhandled")
        return restored(answer)

    def _send(self, request: LambdaRequest) -> LambdaAnswer:
        from urllib3.exceptions import HTTPError, ReadTimeoutError

        try:
            response = self._connections().urlopen(
                "POST",
                _path(request, urlsplit(self.url).path),
                body=request.payload.encode(),
                headers=_headers(request),
                retries=False,
            )
        except ReadTimeoutError:
            raise LambdaUnreachable("Unable to execute HTTP request: Read timed out") from None
        except HTTPError as failed:
            raise LambdaUnreachable(unreached(self.url, reason_of(failed))) from None
        headers = tuple((str(name), str(value)) for name, value in response.headers.items())
        error = response.headers.get("X-Amz-Function-Error", "")
        return LambdaAnswer(response.data.decode(errors="replace"), error, response.status, headers)

    def _connections(self) -> Any:
        # Two threads may both make a pool at first: one of them is dropped, with nothing lost.
        if self._pool is None:
            from urllib3 import Timeout, connection_from_url

            timeout = Timeout(connect=10, read=_READ_TIMEOUT)
            self._pool = connection_from_url(self.url, maxsize=_CONNECTIONS, block=True, timeout=timeout)
        return self._pool


def restored(answer: LambdaAnswer) -> LambdaAnswer:
    """Return an answer with the error that an endpoint has not marked by ``X-Amz-Function-Error``.

    ``sam local start-lambda`` leaves the header out where a Python function has raised. A function that has run into
    its timeout is told by the runtime interface emulator as plain text, unless SAM stops it first. No function returns
    that: what a function returns is JSON. Lambda's own words take its place.
    """
    late = _LATE.fullmatch(answer.payload)
    if late:
        payload = timed_out(answer.request_id or str(uuid.uuid4()), float(late[1])).text(ascii_only=True)
        return replace(answer, payload=payload, function_error="Unhandled")
    return replace(answer, function_error="Unhandled") if looks_like_error(answer.payload) else answer


def _is_silence(request: LambdaRequest, answer: LambdaAnswer) -> bool:
    """Tell whether a function has not answered at all.

    A function in Python that returns nothing sends ``null``, and Lambda itself names the version that ran.
    """
    synchronous = request.invocation_type in ("", "RequestResponse")
    return synchronous and answer.status == 200 and not answer.payload and not answer.executed_version


def _failure_of_silence(seconds: float, timeout: float | None) -> Failed:
    """Return why a function has not answered, in the words of Lambda.

    ``sam local start-lambda`` sends 200, no body and no header that tells of an error in two cases, seen with SAM CLI
    1.170: the function's time was over and its container was stopped, or the function has exited, always while it is
    imported and now and then while it runs. Only the seconds that went by tell them apart. They count from before the
    container was started, so a function that exits is taken for one whose time was over if it may take less time than
    that.
    """
    request_id = str(uuid.uuid4())
    if seconds < (_SHORTEST_TIMEOUT if timeout is None else timeout):
        return exited(request_id, 0)  # the status is not told
    return timed_out(request_id, seconds if timeout is None else timeout)


def _name(request: LambdaRequest) -> str:
    return request.function.rpartition("function:")[2].partition(":")[0]


def _path(request: LambdaRequest, base: str) -> str:
    path = f"{base}/2015-03-31/functions/{quote(request.function, safe='')}/invocations"
    return f"{path}?{urlencode({'Qualifier': request.qualifier})}" if request.qualifier else path


def _headers(request: LambdaRequest) -> dict[str, str]:
    given = {
        "Content-Type": "application/json",
        "X-Amz-Invocation-Type": request.invocation_type or "RequestResponse",
        "X-Amz-Log-Type": request.log_type,
        "X-Amz-Client-Context": request.client_context,
    }
    return {name: value for name, value in given.items() if value}


def _refusal(answer: LambdaAnswer) -> LambdaRefusal:
    code = answer.header("x-amzn-ErrorType").split(":")[0]
    try:
        body = json.loads(answer.payload)
    except ValueError:
        body = {}
    message = body.get("Message") or body.get("message") if isinstance(body, dict) else None
    return LambdaRefusal(
        code or "ServiceException", message or answer.payload or "null", answer.status, answer.request_id
    )
