"""The Data Science SDK's own Workflow class, as a user installs it."""

from __future__ import annotations

import json
from pathlib import Path

from tests.clients.conftest import ACCOUNT, CLIENTS, Run
from tests.support.server import Running

SCRIPT = Path(__file__).with_name("workflow_class.py")
EVENTS = [
    "ExecutionStarted",
    "WaitStateEntered",
    "WaitStateExited",
    "PassStateEntered",
    "PassStateExited",
    "ExecutionSucceeded",
]


def test_a_workflow_is_created_executed_listed_updated_and_deleted(run: Run, server: Running) -> None:
    done = run(CLIENTS / "python", "-W", "ignore", SCRIPT, AWS_ENDPOINT_URL_SFN=server.url)
    assert done.returncode == 0, done.stderr
    arn = f"{ACCOUNT}:stateMachine:sdk"
    assert json.loads(done.stdout.splitlines()[-1]) == {
        "created": arn,
        "created again": arn,
        "output": {"greeting": "world"},
        "input": {"name": "world"},
        "status": "SUCCEEDED",
        "events": EVENTS,
        "events in reverse": EVENTS[:-3:-1],
        "executions": [["first", "SUCCEEDED"]],
        "workflows": ["MyAPIStateMachine", "sdk"],
        "attached": "sdk",
        "updated": arn,
        "output after the update": None,
        "status after the update": "FAILED",
        "workflows after the deletion": ["MyAPIStateMachine"],
    }
