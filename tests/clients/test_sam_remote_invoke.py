"""``sam remote invoke`` of a state machine, by its ARN: by a name SAM would look for it in CloudFormation."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from typing import Any

import pytest

from tests.clients.conftest import MACHINE, SAM, Run
from tests.support.server import Running

Invoke = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def invoke(run: Run, server: Running) -> Invoke:
    def invoke(event: Any, *options: str) -> subprocess.CompletedProcess[str]:
        command = (SAM, "remote", "invoke", MACHINE, "--event", json.dumps(event), *options)
        return run(*command, AWS_ENDPOINT_URL_SFN=server.url)

    return invoke


def test_the_output_of_an_execution_is_printed(invoke: Invoke) -> None:
    done = invoke({"statusCode": "429"})
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == "The request has succeeded."


def test_the_error_of_an_execution_is_printed(invoke: Invoke) -> None:
    done = invoke({"statusCode": "503"})
    assert "The execution failed due to the error: ServerUnavailable and cause: The server is" in done.stderr


def test_the_whole_answer_is_printed_where_it_is_asked_for(invoke: Invoke) -> None:
    found = json.loads(invoke({"statusCode": "999"}, "--output", "json").stdout)
    assert found["stateMachineArn"] == MACHINE
    assert found["name"].startswith("sam_remote_invoke_")
    assert (found["status"], found["cause"]) == ("FAILED", "Unknown error!")
