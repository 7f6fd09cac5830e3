"""A client of the Step Functions API that costs next to nothing, so that what is measured is the server.

boto3 takes longer to sign a request than everypath to answer it.
"""

from __future__ import annotations

import json
import socket
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

from bench.peer import Failed

#: Servers that look for the service in the signature's scope find it; nobody checks the signature.
_SIGNED = (
    "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/states/aws4_request, SignedHeaders=host, Signature=0"
)  # fmt: skip


class Client:
    """One connection, kept alive where the server lets it be.

    Parameters
    ----------
    url : str
        Such as ``http://127.0.0.1:8083``.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._address = (parts.hostname or "127.0.0.1", parts.port or 80)
        self._socket: socket.socket | None = None

    def __enter__(self) -> Client:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection; the next request opens another one."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def call(self, operation: str, **request: Any) -> dict[str, Any]:
        """Return the answer to a request.

        Raises
        ------
        OSError
            Nobody answers.
        Failed
            The server refuses.
        """
        body = json.dumps(request).encode()
        head = (
            f"POST / HTTP/1.1\r\nHost: {self._address[0]}:{self._address[1]}\r\nContent-Length: {len(body)}\r\n"
            f"Content-Type: application/x-amz-json-1.0\r\nX-Amz-Target: AWSStepFunctions.{operation}\r\n"
            f"Authorization: {_SIGNED}\r\n\r\n"
        )
        if self._socket is None:
            self._socket = socket.create_connection(self._address, timeout=60)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.sendall(head.encode() + body)
        status, answer = self._answer(self._socket)
        if status != 200:
            raise Failed(f"{operation} is answered with {status}: {answer.decode()[:200]}")
        found: dict[str, Any] = json.loads(answer)
        return found

    def _answer(self, connection: socket.socket) -> tuple[int, bytes]:
        received = b""
        while b"\r\n\r\n" not in received:
            received += self._more(connection)
        head, _, body = received.partition(b"\r\n\r\n")
        head = head.lower()
        length = int(_header(head, b"content-length"))
        while len(body) < length:
            body += self._more(connection)
        if _header(head, b"connection") == b"close":
            self.close()
        return int(head[9:12]), body

    @staticmethod
    def _more(connection: socket.socket) -> bytes:
        chunk = connection.recv(65536)
        if not chunk:
            raise ConnectionResetError("the server has closed the connection")
        return chunk


def _header(head: bytes, name: bytes) -> bytes:
    """Return a header of an answer; it is looked for, since all others would be read for nothing."""
    return head.partition(b"\r\n" + name + b": ")[2].partition(b"\r\n")[0]
