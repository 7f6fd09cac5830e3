"""Runs a suite of tests on Step Functions Local: starts it, waits for it, stops it (`make sfn-local`).

Step Functions Local is in a container (compose.yaml) and calls functions of this machine: those of `everypath serve`,
which listens where the container finds it. It reads the mock file when it starts, and has to know every fault of the
tests by then. So the tests run on `everypath serve` first, and add to the file what is not in it.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = ROOT / "compose.yaml"
EVERYPATH = Path(sys.executable).with_name("everypath")
#: Run beside the tests.
HISTORIES = "tests/integration/histories_on_a_target.py"
#: It waits in real time, and the executions of several tests can wait at once.
PROCESSES = 4
#: Seconds that Step Functions Local, a program in Java, may take until it answers.
PATIENCE = 90
#: Seconds that Docker Compose may take to start and to stop the container.
COMPOSE_PATIENCE = 90
#: Seconds that the image, of 400 MB, may take to arrive.
PULL = 600


class Unavailable(Exception):
    """Something that is needed cannot be had here; the message says what."""


def main(suite: Sequence[str]) -> int:
    """Run the tests of a suite, which is arguments of pytest, and return their exit code.

    2 where Step Functions Local cannot be had.
    """
    try:
        compose = compose_command()
        provide_image()
        local = free_port()
        address = bridge_address()
        with tempfile.TemporaryDirectory() as folder:
            mocks = write_mocks(Path(folder))
            with lambda_endpoint(address, "--mock-config", mocks) as port:
                serving = f"http://{address}:{port}"
                print(f"sfn-local: on everypath serve ({serving}), whose mock file has all faults then", flush=True)
                code = run_suite(suite, serving, mocks)
                if code:
                    return code
                with step_functions_local(compose, local, mocks, port) as url:
                    print(f"sfn-local: on Step Functions Local ({url})", flush=True)
                    return run_suite([*suite, HISTORIES, f"--numprocesses={PROCESSES}"], url, mocks)
    except Unavailable as unavailable:
        print(f"sfn-local: {unavailable}", file=sys.stderr)
        return 2


def compose_command() -> list[str]:
    """Return the command that Docker Compose is: a plugin of Docker, or a program of its own."""
    if not _succeeds("docker", "version"):
        raise Unavailable("no Docker daemon answers (docker version)")
    if _succeeds("docker", "compose", "version"):
        return ["docker", "compose", "--file", str(COMPOSE)]
    if shutil.which("docker-compose"):
        return ["docker-compose", "--file", str(COMPOSE)]
    raise Unavailable("there is no Docker Compose, neither `docker compose` nor `docker-compose`")


def provide_image() -> None:
    """Have the image of compose.yaml here."""
    [service] = yaml.safe_load(COMPOSE.read_text())["services"].values()
    image = service["image"]
    if _succeeds("docker", "image", "inspect", image):
        return
    pulled = subprocess.run(
        ["docker", "pull", "--quiet", image], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PULL
    )
    if pulled.returncode != 0:
        raise Unavailable(f"the image {image} cannot be pulled: {pulled.stderr.strip().splitlines()[-1]}")


def free_port() -> str:
    """Return the port that Step Functions Local is to have on this machine."""
    port = os.environ.get("SFN_LOCAL_PORT", "8083")
    if _answers(f"http://127.0.0.1:{port}"):
        raise Unavailable(f"something else answers on http://127.0.0.1:{port}; SFN_LOCAL_PORT=… chooses another port")
    return port


def bridge_address() -> str:
    """Return where containers find this machine.

    On Linux that is its address on Docker's bridge, which other machines are not on. Docker Desktop has the bridge in a
    virtual machine, and leads its containers to the loopback of this one.
    """
    # The network's Gateway would say it, too, but not before the daemon's second start.
    name = '{{index .Options "com.docker.network.bridge.name"}}'
    show = ["docker", "network", "inspect", "bridge", "--format", name]
    interface = subprocess.run(show, capture_output=True, text=True).stdout.strip()
    return interface_address(interface) or "127.0.0.1"


def interface_address(name: str) -> str | None:
    """Return the IPv4 address of a network interface, or None where there is no such interface (or no Linux)."""
    if sys.platform != "linux":
        return None
    import fcntl

    get_address = 0x8915  # SIOCGIFADDR, which takes and fills a `struct ifreq`: a name in 16 bytes, a `sockaddr_in`
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        try:
            answer = fcntl.ioctl(any_socket, get_address, struct.pack("16s24x", name.encode()))
        except OSError:
            return None
    return socket.inet_ntoa(answer[20:24])


@contextmanager
def lambda_endpoint(address: str, *options: str | Path) -> Iterator[int]:
    """Serve the template's functions, and yield the port."""
    command = [EVERYPATH, "serve", "--template", ROOT / "template.yaml", "--host", address, "--port", "0", *options]
    with (
        tempfile.TemporaryFile("w+") as log,  # where the functions' own logs go, too
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True) as server,
    ):
        try:
            assert server.stdout is not None
            ready = server.stdout.readline()
            if not ready:
                log.seek(0)
                raise Unavailable(f"everypath serve has not started: {log.read().strip()}")
            yield int(ready.rpartition(":")[2])
        finally:
            server.terminate()


def write_mocks(folder: Path) -> Path:
    """Write the mock file with a case for every error path, where a container's own user can read it."""
    command: list[str | Path] = [EVERYPATH, "paths", "--template", ROOT / "template.yaml", "--export", "mock-config"]
    folder.chmod(0o755)
    file = folder / "mock-config.json"
    file.write_bytes(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)
    file.chmod(0o644)
    return file


@contextmanager
def step_functions_local(compose: list[str], port: str, mocks: Path, lambda_port: int) -> Iterator[str]:
    """Run the container of compose.yaml, and yield its URL once it answers."""
    url = f"http://127.0.0.1:{port}"
    environment = os.environ | {"SFN_LOCAL_PORT": port, "LAMBDA_PORT": str(lambda_port), "MOCK_CONFIG": str(mocks)}
    try:
        if subprocess.run([*compose, "up", "--detach"], env=environment, timeout=COMPOSE_PATIENCE).returncode != 0:
            raise Unavailable("the container cannot be started")
        _wait(url, compose, environment)
        yield url
    finally:
        subprocess.run([*compose, "down", "--timeout", "5"], env=environment, timeout=COMPOSE_PATIENCE)


def run_suite(suite: Sequence[str], url: str, mocks: Path) -> int:
    """Run the tests on an endpoint."""
    command = [sys.executable, "-m", "pytest", "--quiet", "-rs", *suite]
    command += [f"--everypath-target={url}", f"--everypath-mock-config={mocks}"]
    return subprocess.run(command, cwd=ROOT).returncode


def _wait(url: str, compose: list[str], environment: dict[str, str]) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if _answers(url):
            return
        time.sleep(0.2)
    subprocess.run([*compose, "logs"], env=environment)
    raise Unavailable(f"Step Functions Local does not answer on {url} within {PATIENCE} s; its log is above")


def _answers(url: str) -> bool:
    try:
        urllib.request.urlopen(url, timeout=5)
    except urllib.error.HTTPError:
        return True  # it is for POST only, and says so
    except OSError:
        return False
    return True


def _succeeds(*command: str) -> bool:
    try:
        return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=60).returncode == 0
    except FileNotFoundError:
        return False


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # by an exception, so that everything is stopped
    sys.exit(main(sys.argv[1:]))
