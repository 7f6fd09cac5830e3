"""An endpoint of Lambda's Invoke whose functions a test holds back and lets go."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Function = Callable[[Any], Any]


class Raised(Exception):
    """What a function raises, by the name of its error."""


class Functions:
    """The functions, and what they were called with.

    `gate` is for functions that wait until it is opened, `repaired` for the ids of what no longer fails.
    """

    def __init__(self, functions: dict[str, Function]) -> None:
        self._changed = threading.Condition()
        self._first = functions
        self.url = ""
        self.reset()

    def reset(self) -> None:
        """Begin anew: nothing was called, or changed."""
        self.functions = dict(self._first)
        self.gate = threading.Event()
        self.repaired: set[str] = set()
        self._calls: list[tuple[str, Any]] = []

    def record(self, name: str, payload: Any) -> None:
        with self._changed:
            self._calls.append((name, payload))
            self._changed.notify_all()

    def calls(self, name: str) -> list[Any]:
        with self._changed:
            return [payload for called, payload in self._calls if called == name]

    def counts(self, name: str) -> Counter[Any]:
        return Counter(payload["id"] for payload in self.calls(name))

    def wait_for(self, name: str, number: int) -> None:
        """Wait until a function was called so many times."""
        with self._changed:
            assert self._changed.wait_for(lambda: sum(called == name for called, _ in self._calls) >= number, 60)


@contextmanager
def lambda_endpoint(**functions: Function) -> Iterator[Functions]:
    found = Functions(functions)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            name = self.path.split("/")[3].rpartition("function%3A")[2].rpartition(":")[2]
            payload = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            found.record(name, payload)
            try:
                answer, error = found.functions[name](payload), False
            except Raised as raised:
                answer, error = {"errorType": str(raised), "errorMessage": "raised"}, True
            body = json.dumps(answer).encode()
            self.send_response(200)
            if error:
                self.send_header("X-Amz-Function-Error", "Unhandled")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 256

        def handle_error(self, request: Any, client_address: Any) -> None:
            """A caller that was killed does not wait for its answer."""

    with Server(("127.0.0.1", 0), Handler) as server:
        found.url = f"http://127.0.0.1:{server.server_address[1]}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield found
        finally:
            found.gate.set()
            server.shutdown()
