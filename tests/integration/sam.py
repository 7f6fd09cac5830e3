"""SAM's commands that run functions in containers."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.integration.images import Image

ROOT = Path(__file__).resolve().parents[2]
SAM = ROOT / ".venv-sam" / "bin" / "sam"
#: Seconds that a build, a container or the start of a service may take.
PATIENCE = 180


def environment() -> dict[str, str]:
    """What SAM finds around it: no credentials, which it would ask AWS about, and the Python that it builds with."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return kept | {
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "SAM_CLI_TELEMETRY": "0",
        "PATH": f"{SAM.parent}{os.pathsep}{os.environ['PATH']}",
    }


def build(template: Path, directory: Path, image: Image) -> Path:
    """Build an application into a directory, and return the template that is there then."""
    command = [SAM, "build", "--template", template, "--build-dir", directory, *image.parameters]
    _run(command)
    return directory / "template.yaml"


def invoke(template: Path, function: str, event: str, image: Image) -> str:
    """Return what ``sam local invoke`` prints: the payload, whether the function has raised or not."""
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        file.write(event)
        file.flush()
        command = [SAM, "local", "invoke", function, "--template", template, "--event", file.name, *image.options]
        return _run(command)


@contextmanager
def lambda_service(template: Path, image: Image) -> Iterator[str]:
    """Run ``sam local start-lambda``, and yield its URL once it answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    command: list[str | Path] = [SAM, "local", "start-lambda", "--template", template, "--port", str(port)]
    command += image.options
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen(command, env=environment(), stdout=log, stderr=subprocess.STDOUT)
        try:
            _wait(url, process, log)
            yield url
        finally:
            process.send_signal(signal.SIGINT)  # on which it removes its containers
            try:
                process.wait(PATIENCE)
            finally:
                process.kill()


def _run(command: list[Any]) -> str:
    done = subprocess.run(
        command, env=environment(), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE
    )
    assert done.returncode == 0, f"{' '.join(map(str, command))}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def _wait(url: str, process: subprocess.Popen[bytes], log: Any) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if process.poll() is not None:
            log.seek(0)
            raise AssertionError(f"sam local start-lambda has ended:\n{log.read()}")
        try:
            urllib.request.urlopen(url, timeout=5)
        except urllib.error.HTTPError:
            return  # it has nothing at this path, and says so
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"sam local start-lambda does not answer on {url}")
