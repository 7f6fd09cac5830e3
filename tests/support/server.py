"""A server in a process of its own, and clients of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import Message
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

ROLE = "arn:aws:iam::123456789012:role/workflow"
PASS = {"StartAt": "Only", "States": {"Only": {"Type": "Pass", "Result": {"done": True}, "End": True}}}
COMMAND = [sys.executable, "-c", "import sys; from everypath.cli.main import main; sys.exit(main())"]


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Message
    body: Any


@dataclass(frozen=True)
class Running:
    url: str
    process: subprocess.Popen[str]

    def post(self, operation: str, request: Any = None, *, body: bytes | None = None, **headers: str) -> Answer:
        """Send a request as it is, without a client that would check it first."""
        content = json.dumps(request or {}).encode() if body is None else body
        return self.send("/", content, {"X-Amz-Target": f"AWSStepFunctions.{operation}", **headers})

    def send(self, path: str, content: bytes | None, headers: Mapping[str, str]) -> Answer:
        request = urllib.request.Request(self.url + path, content, dict(headers))
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                return Answer(response.status, response.headers, json.loads(response.read()))
        except urllib.error.HTTPError as refused:
            return Answer(refused.code, refused.headers, json.loads(refused.read()))


@contextmanager
def serve(
    *options: str, cwd: Any = None, log: Any = None, variables: Mapping[str, str] | None = None
) -> Iterator[Running]:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("AWS_")}
    environment |= {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_EC2_METADATA_DISABLED": "true"}
    environment |= variables or {}
    command = [*COMMAND, "serve", "--port", "0", *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True, env=environment, cwd=cwd)
    try:
        assert process.stdout is not None
        ready = process.stdout.readline()
        assert ready.startswith("Step Functions is served on "), ready
        yield Running(ready.split()[-1], process)
    finally:
        process.terminate()
        process.communicate()


def client_of(server: Running) -> Any:
    config = Config(inject_host_prefix=False, retries={"total_max_attempts": 1})
    session = boto3.session.Session("test", "test", region_name="us-east-1")
    return session.client("stepfunctions", endpoint_url=server.url, config=config)


def create(sfn: Any, name: str, definition: Any, **more: Any) -> str:
    text = definition if isinstance(definition, str) else json.dumps(definition)
    arn: str = sfn.create_state_machine(name=name, definition=text, roleArn=ROLE, **more)["stateMachineArn"]
    return arn


def ended(sfn: Any, execution: str) -> Any:
    """The description of an execution that is about to end."""
    while (described := sfn.describe_execution(executionArn=execution))["status"] == "RUNNING":
        time.sleep(0.005)  # what it waits for needs the processor, too
    return described


@contextmanager
def refused(code: str) -> Iterator[pytest.ExceptionInfo[Any]]:
    with pytest.raises(ClientError) as caught:
        yield caught
    assert caught.value.response["Error"]["Code"] == code


def history(sfn: Any, execution: str) -> list[Any]:
    pages = sfn.get_paginator("get_execution_history").paginate(executionArn=execution)
    return [event for page in pages for event in page["events"]]


def check_consistent(events: list[Any]) -> None:
    assert [event["id"] for event in events] == list(range(1, len(events) + 1))
    assert all(0 <= event["previousEventId"] < event["id"] for event in events)
    times = [event["timestamp"] for event in events]
    assert times == sorted(times)


def kill(server: Running) -> None:
    server.process.kill()
    server.process.wait()
