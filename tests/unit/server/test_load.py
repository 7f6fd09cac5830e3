"""Many executions: at once and in a row, without an error, in order, and without memory that grows.

`make soak` runs 10,000 in a row; otherwise there are 1,200.
"""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.server import Running, client_of, create, serve

IN_A_ROW = 10_000 if os.environ.get("EVERYPATH_SOAK") else 1_200
#: Executions after which memory may not grow any more: so many that have ended are kept.
SETTLED = 1_000
AT_ONCE = 200
HANDLER = """
class Busy(Exception):
    pass

seen = set()

def handler(event, context):
    if event["number"] not in seen:
        seen.add(event["number"])
        raise Busy(str(event["number"]))
    return event
"""
DEFINITION = {
    "StartAt": "Call",
    "States": {
        "Call": {
            "Type": "Task",
            "Resource": "arn:aws:lambda:us-east-1:123456789012:function:call",
            "Retry": [{"ErrorEquals": ["Busy"], "IntervalSeconds": 60}],
            "Next": "Wait",
        },
        "Wait": {"Type": "Wait", "Seconds": 3600, "Next": "Each"},
        "Each": {
            "Type": "Map",
            "ItemsPath": "$.items",
            "ItemProcessor": {"StartAt": "Item", "States": {"Item": {"Type": "Pass", "End": True}}},
            "End": True,
        },
    },
}
TYPES = [
    "ExecutionStarted", "TaskStateEntered",
    "LambdaFunctionScheduled", "LambdaFunctionStarted", "LambdaFunctionFailed",
    "LambdaFunctionScheduled", "LambdaFunctionStarted", "LambdaFunctionSucceeded",
    "TaskStateExited", "WaitStateEntered", "WaitStateExited", "MapStateEntered", "MapStateStarted",
    "MapIterationStarted", "MapIterationStarted",
    "PassStateEntered", "PassStateExited", "MapIterationSucceeded",
    "PassStateEntered", "PassStateExited", "MapIterationSucceeded",
    "MapStateSucceeded", "MapStateExited", "ExecutionSucceeded",
]  # fmt: skip


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("load")
    (folder / "app.py").write_text(HANDLER)
    with serve("--function", f"call={folder}:app.handler") as server:
        yield server


@pytest.fixture(scope="module")
def machine(busy: Running) -> str:
    return create(client_of(busy), "busy", DEFINITION)


class Client:
    """Sends requests over one connection, with as little of its own as can be."""

    def __init__(self, server: Running) -> None:
        self._connection = http.client.HTTPConnection(server.url.removeprefix("http://"), timeout=60)

    def call(self, operation: str, **request: Any) -> Any:
        headers = {"X-Amz-Target": f"AWSStepFunctions.{operation}", "Content-Type": "application/x-amz-json-1.0"}
        self._connection.request("POST", "/", json.dumps(request), headers)
        response = self._connection.getresponse()
        body = json.loads(response.read())
        assert response.status == 200, body
        return body

    def run(self, machine: str, number: int) -> str:
        """Run an execution to its end, look at all that is told of it, and return its ARN."""
        event = {"number": number, "items": [number, number + 1]}
        started = self.call("StartExecution", stateMachineArn=machine, name=f"n{number}", input=json.dumps(event))
        arn: str = started["executionArn"]
        while (found := self.call("DescribeExecution", executionArn=arn))["status"] == "RUNNING":
            pass
        assert (found["status"], json.loads(found["output"])) == ("SUCCEEDED", event["items"])
        events = self.call("GetExecutionHistory", executionArn=arn)["events"]
        check_order(events)
        failed = json.loads(events[4]["lambdaFunctionFailedEventDetails"]["cause"])
        assert failed["errorMessage"] == str(number)
        return arn

    def close(self) -> None:
        self._connection.close()


def check_order(events: Any) -> None:
    """Every event has its number, follows one before it, and is not earlier than that."""
    assert [event["id"] for event in events] == list(range(1, len(events) + 1))
    assert sorted(event["type"] for event in events) == sorted(TYPES)
    assert [event["type"] for event in events][:13] == TYPES[:13]
    assert all(event.get("previousEventId", 0) < event["id"] for event in events)
    times = [event["timestamp"] for event in events]
    assert times == sorted(times)


def memory_of(server: Running) -> int:
    """The kilobytes of a server that are in memory."""
    pid = server.process.pid
    status = Path(f"/proc/{pid}/status")
    if not status.exists():
        return int(subprocess.check_output(["ps", "-o", "rss=", "-p", str(pid)]))
    [resident] = [line for line in status.read_text().splitlines() if line.startswith("VmRSS:")]
    return int(resident.split()[1])


def test_two_hundred_clients_at_once_are_all_served(busy: Running, machine: str) -> None:
    failures: list[BaseException] = []
    ready = threading.Barrier(AT_ONCE)

    def one(number: int) -> None:
        client = Client(busy)
        try:
            ready.wait()
            client.run(machine, -number)
        except BaseException as error:
            failures.append(error)
        finally:
            client.close()

    threads = [threading.Thread(target=one, args=(number,)) for number in range(1, AT_ONCE + 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


@pytest.mark.slow("runs more executions than the server keeps")
def test_memory_does_not_grow_with_the_executions_that_have_been(busy: Running, machine: str) -> None:
    client = Client(busy)
    settled = 0
    for number in range(1, IN_A_ROW + 1):
        client.run(machine, number)
        if number == SETTLED:
            settled = memory_of(busy)
    now = memory_of(busy)
    first, *_ = client.call("ListExecutions", stateMachineArn=machine, maxResults=1)["executions"]
    client.close()
    print(f"after {SETTLED}: {settled} KB, after {IN_A_ROW}: {now} KB")
    assert first["name"] == f"n{IN_A_ROW}"
    assert now <= settled * 1.1
