"""The server under test, where the runner starts it itself."""

from __future__ import annotations

import os
import shlex
import socket
import subprocess
import time

from tests.conformance.endpoint import ACCOUNT, REGION


class ServerProcess:
    """A server in a process of its own.

    Parameters
    ----------
    command : str
        What starts it, with the placeholders ``{port}``, ``{lambda_endpoint}``, ``{aws_endpoint}``, ``{account}`` and
        ``{region}``.
    port : int
        Where it shall listen.
    lambda_url, aws_url : str
        Where it finds Lambda and the other services.
    """

    def __init__(self, command: str, port: int, lambda_url: str, aws_url: str) -> None:
        self.url = f"http://127.0.0.1:{port}"
        places = {"lambda_endpoint": lambda_url, "aws_endpoint": aws_url, "account": ACCOUNT, "region": REGION}
        self._command = shlex.split(command.format(port=port, **places))
        self._port = port
        self._environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")} | {
            "AWS_ENDPOINT_URL": aws_url,
            "AWS_ENDPOINT_URL_LAMBDA": lambda_url,
            "AWS_ENDPOINT_URL_SFN": self.url,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": REGION,
        }
        self._process: subprocess.Popen[bytes] | None = None

    def ensure(self) -> None:
        """Start the server, or start it again if it has died, and wait until it accepts connections.

        Raises
        ------
        SystemExit
            It does not.
        """
        if self._process and self._process.poll() is None:
            return
        self._process = subprocess.Popen(self._command, env=self._environment, stdout=subprocess.DEVNULL)
        end = time.monotonic() + 60
        while time.monotonic() < end and self._process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", self._port), 1).close()
                return
            except OSError:
                time.sleep(0.05)
        raise SystemExit(f"the server under test does not answer on {self.url}: {shlex.join(self._command)}")

    def stop(self) -> None:
        """End the server."""
        if self._process and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()


def free_port() -> int:
    """Return a port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
