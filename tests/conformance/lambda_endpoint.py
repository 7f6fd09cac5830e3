"""Lambda's Invoke API, which calls the functions of the case that runs."""

from __future__ import annotations

import json
import threading
import traceback
import urllib.parse
import uuid
from collections.abc import Iterable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

from tests.conformance.endpoint import ACCOUNT, REGION
from tests.conformance.lambda_functions import FUNCTIONS, RECORDED_LINES, Function, FunctionTimeout


class LambdaEndpoint:
    """A server on a port of its own, for as long as this process runs.

    Attributes
    ----------
    url : str
        Where it listens.
    """

    def __init__(self) -> None:
        self._functions: dict[str, Function] = {}
        handler = type("Handler", (_InvokeHandler,), {"endpoint": self})
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, daemon=True).start()

    def serve(self, functions: Iterable[Mapping[str, Any]]) -> None:
        """Serve the functions of a case, and no others."""
        self._functions = {
            function["function_name"]: FUNCTIONS[function["handler_file"]]
            for function in functions
            if function["handler_file"]
        }

    def invoke(self, reference: str, payload: bytes) -> tuple[int, dict[str, str], bytes]:
        """Return status, headers and body for a function that is named by its name, name:qualifier or ARN."""
        name, _, qualifier = reference.split(":function:")[-1].partition(":")
        function = self._functions.get(name)
        if function is None:
            arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}:{qualifier or '$LATEST'}"
            refusal = {"Type": "User", "Message": f"Function not found: {arn}"}
            body = json.dumps(refusal, separators=(",", ":")).encode()
            return 404, {"x-amzn-ErrorType": "ResourceNotFoundException"}, body
        headers = {"X-Amz-Executed-Version": "$LATEST", "x-amzn-Remapped-Content-Length": "0"}
        try:
            result = function(json.loads(payload or b"{}"), None)
            return (
                200,
                headers,
                result if isinstance(result, bytes) else json.dumps(result, ensure_ascii=False).encode(),
            )
        except (Exception, SystemExit, FunctionTimeout) as error:
            failed = headers | {"X-Amz-Function-Error": "Unhandled"}
            return 200, failed, json.dumps(_error_payload(error)).encode()


def _error_payload(error: BaseException) -> dict[str, Any]:
    request = str(uuid.uuid4())
    match error:
        case FunctionTimeout():
            message = f"RequestId: {request} Error: Task timed out after 3.00 seconds"
            return {"errorType": "Sandbox.Timedout", "errorMessage": message}
        case SystemExit():
            message = f"RequestId: {request} Error: Runtime exited with error: exit status {error.code}"
            return {"errorType": "Runtime.ExitError", "errorMessage": message}
    frame = traceback.extract_tb(error.__traceback__)[-1]
    line = RECORDED_LINES.get(frame.name, frame.lineno)
    place = f'  File "/var/task/handler.py", line {line}, in handler\n    {frame.line}\n'
    return {
        "errorMessage": str(error),
        "errorType": type(error).__name__,
        "requestId": request,
        "stackTrace": [place],
    }


class _InvokeHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    endpoint: ClassVar[LambdaEndpoint]

    def do_POST(self) -> None:
        payload = self._payload()
        parts = urllib.parse.urlsplit(self.path).path.split("/")
        if len(parts) == 5 and parts[1] == "2015-03-31" and parts[2] == "functions" and parts[4] == "invocations":
            status, headers, answer = self.endpoint.invoke(urllib.parse.unquote(parts[3]), payload)
        else:
            status, headers, answer = 404, {"x-amzn-ErrorType": "UnknownOperationException"}, b"{}"
        if self.headers.get("X-Amz-Invocation-Type") == "Event" and status == 200:
            status, answer = 202, b""
        headers |= {
            "Date": self.date_time_string(),
            "Content-Type": "application/json",
            "Content-Length": str(len(answer)),
            "Connection": "keep-alive",
            "x-amzn-RequestId": str(uuid.uuid4()),
            "X-Amzn-Trace-Id": f"root=1-{uuid.uuid4()};sampled=0",
        }
        self.send_response_only(status)  # without the Server header, which Lambda does not send
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer)

    def _payload(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = b""
        while size := int(self.rfile.readline().split(b";")[0], 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        while self.rfile.readline().strip():  # trailers
            pass
        return body

    def log_message(self, format: str, *args: object) -> None:
        pass
