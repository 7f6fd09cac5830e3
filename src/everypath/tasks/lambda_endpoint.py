"""Functions behind an endpoint that speaks Lambda's Invoke API, such as ``sam local start-lambda``."""

from __future__ import annotations

import json
import re
import uuid
from dataclasses import replace
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from everypath.tasks.aws_lambda import (
    LambdaAnswer,
    LambdaRefusal,
    LambdaRequest,
    LambdaUnreachable,
    looks_like_error,
)
from everypath.tasks.aws_transport import reason_of, unreached
from everypath.tasks.lambda_errors import timed_out

#: Lambda may take 15 minutes to answer.
_READ_TIMEOUT = 920
#: Functions that run at the same time; more wait for a connection that is free.
_CONNECTIONS = 100
_LATE = re.compile(r"Task timed out after (\d+\.\d\d) seconds\s*")


class LambdaEndpoint:
    """Invokes functions at one URL; it may be used from many threads.

    Parameters
    ----------
    url : str
        ``http://127.0.0.1:3001``.
    """

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        self._pool: Any = None

    def invoke(self, request: LambdaRequest) -> LambdaAnswer:
        """Invoke a function; see `LambdaFunctions`."""
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
        payload = response.data.decode(errors="replace")
        headers = tuple((str(name), str(value)) for name, value in response.headers.items())
        error = response.headers.get("X-Amz-Function-Error", "")
        answer = LambdaAnswer(payload, error, response.status, headers)
        if response.status >= 300:
            raise _refusal(answer)
        return answer if error else restored(answer)

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
    its timeout is told by the runtime interface emulator inside of SAM's container as plain text, which no function
    returns: what a function returns is JSON. Lambda's own words take its place.
    """
    late = _LATE.fullmatch(answer.payload)
    if late:
        payload = timed_out(answer.request_id or str(uuid.uuid4()), float(late[1])).text(ascii_only=True)
        return replace(answer, payload=payload, function_error="Unhandled")
    return replace(answer, function_error="Unhandled") if looks_like_error(answer.payload) else answer


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
