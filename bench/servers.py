"""What is measured of servers, over HTTP: how soon they answer, what they hold, executions a second.

A server is started for the measurement and ended after it; of an endpoint that is there already, by its URL, only the
executions are measured.
"""

from __future__ import annotations

import itertools
import json
import os
import socket
import subprocess
import sys
import sysconfig
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from bench.http_client import Client
from bench.machines import ROOT, chain
from bench.peer import Failed
from bench.timing import Samples, repeat, resident_megabytes

ROLE = "arn:aws:iam::123456789012:role/Role"
#: Executions that are started before the first is waited for, and the connections that start them.
AT_ONCE, CONNECTIONS = 200, 8
#: Seconds between two questions for the status of an execution, and that a server has to get ready.
POLL, PATIENCE = 0.0005, 60.0


def server_ready(peer: str) -> Samples:
    """From the start of the process to its first answer, and the memory that it holds then and after executions."""
    seconds, idle, busy = [], [], []
    for _ in range(5):
        begin = time.perf_counter()
        with _started(peer) as (url, process):
            seconds.append(time.perf_counter() - begin)
            idle.append(resident_megabytes(process.pid))
            with Client(url) as client:
                arn = _machine(client)
                for _ in range(100):
                    _execute(client, arn)
            busy.append(resident_megabytes(process.pid))
    return {"seconds": seconds, "idle": idle, "busy": busy}


def server_one_at_a_time(peer: str) -> Samples:
    """Three Pass states: started, and the status asked for until it is over, by one connection."""
    with _server(peer) as url, Client(url) as client:
        arn = _machine(client)
        return repeat(lambda: _execute(client, arn), warm_up=50)


def server_together(peer: str) -> Samples:
    """The same, 200 executions started by eight connections before the first is waited for; the time of one."""
    with _server(peer) as url, Client(url) as first, ThreadPoolExecutor(CONNECTIONS) as pool:
        arn = _machine(first)
        clients = [Client(url) for _ in range(CONNECTIONS)]

        def share(client: Client) -> None:
            started = [_start(client, arn) for _ in range(AT_ONCE // CONNECTIONS)]
            for execution in started:
                _wait(client, execution)

        samples = repeat(lambda: list(pool.map(share, clients)))
        for client in clients:
            client.close()
    return {"seconds": [seconds / AT_ONCE for seconds in samples["seconds"]]}


def _machine(client: Client) -> str:
    arn: str = client.call(
        "CreateStateMachine", name=f"bench-{uuid.uuid4()}", definition=json.dumps(chain(3)), roleArn=ROLE
    )["stateMachineArn"]
    return arn


_names = (f"{os.getpid()}-{number}" for number in itertools.count())


def _start(client: Client, arn: str) -> str:
    # The name is the client's: moto gives the executions that have none the same one.
    execution: str = client.call("StartExecution", stateMachineArn=arn, name=next(_names), input="{}")["executionArn"]
    return execution


def _wait(client: Client, execution: str) -> None:
    while (found := client.call("DescribeExecution", executionArn=execution))["status"] == "RUNNING":
        time.sleep(POLL)
    if (found["status"], json.loads(found.get("output", "null"))) != ("SUCCEEDED", {}):
        raise Failed(f"the execution ends {found['status']} with {found.get('output')}")


def _execute(client: Client, arn: str) -> None:
    _wait(client, _start(client, arn))


@contextmanager
def _server(peer: str) -> Iterator[str]:
    """The URL of a peer's server: the peer itself, where it is one."""
    if "://" in peer:
        yield peer
        return
    with _started(peer) as (url, _):
        yield url


@contextmanager
def _started(peer: str) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    port = _free_port()
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    process = subprocess.Popen(
        _command(peer, port), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=ROOT, env=environment
    )
    url = f"http://127.0.0.1:{port}"
    try:
        _await(url, process)
        yield url, process
    finally:
        process.terminate()
        process.wait()


def _command(peer: str, port: int) -> list[str]:
    if peer == "moto":
        return [sys.executable, "-m", "bench.moto_server", str(port)]
    return [str(Path(sysconfig.get_path("scripts")) / "everypath"), "serve", "--port", str(port)]


def _await(url: str, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + PATIENCE
    while True:
        try:
            with Client(url) as client:
                client.call("ListStateMachines")
            return
        except OSError:
            if process.poll() is not None or time.monotonic() > end:
                raise Failed("the server does not answer") from None
            time.sleep(0.002)


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


SERVERS: dict[str, Callable[[str], Samples]] = {
    function.__name__: function for function in (server_ready, server_one_at_a_time, server_together)
}

#: Those that an endpoint which is there already can be measured by.
ENDPOINT = frozenset({server_one_at_a_time.__name__, server_together.__name__})
