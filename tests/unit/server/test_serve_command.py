from __future__ import annotations

import json
import signal
import socket
import subprocess
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from everypath.cli.main import main
from tests.support.server import COMMAND, client_of, create, ended, serve

TEMPLATE = """
Transform: AWS::Serverless-2016-10-31
Resources:
  Reserve:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: ., Handler: app.handler, Runtime: python3.13}
  Order:
    Type: AWS::Serverless::StateMachine
    Properties:
      Name: order
      Definition:
        StartAt: Reserve
        States:
          Reserve:
            Type: Task
            Resource: !GetAtt Reserve.Arn
            Retry: [{ErrorEquals: [Busy], IntervalSeconds: 60, MaxAttempts: 2}]
            End: true
"""
HANDLER = """
class Busy(Exception):
    pass

calls = []

def handler(event, context):
    calls.append(event)
    if len(calls) < 3:
        raise Busy("not yet")
    return {"reserved": event["quantity"], "calls": len(calls)}
"""


@pytest.fixture
def application(tmp_path: Path) -> Path:
    (tmp_path / "template.yaml").write_text(TEMPLATE)
    (tmp_path / "app.py").write_text(HANDLER)
    return tmp_path


def test_the_state_machines_and_functions_of_a_template_are_served(application: Path) -> None:
    options = ("--template", "template.yaml", "--account", "210987654321", "--region", "eu-central-1")
    with serve(*options, cwd=application) as server:
        sfn = client_of(server)
        [machine] = sfn.list_state_machines()["stateMachines"]
        assert machine["stateMachineArn"] == "arn:aws:states:eu-central-1:210987654321:stateMachine:order"
        started = sfn.start_execution(stateMachineArn=machine["stateMachineArn"], input='{"quantity": 2}')
        found = ended(sfn, started["executionArn"])
    assert json.loads(found["output"]) == {"reserved": 2, "calls": 3}
    assert (found["stopDate"] - found["startDate"]).total_seconds() >= 180


def test_a_wait_on_the_real_clock_can_be_stopped() -> None:
    with serve("--clock", "real") as server:
        sfn = client_of(server)
        a_day = {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 86400, "End": True}}}
        execution = sfn.start_execution(stateMachineArn=create(sfn, "day", a_day))["executionArn"]
        assert sfn.describe_execution(executionArn=execution)["status"] == "RUNNING"
        sfn.stop_execution(executionArn=execution)
        events = sfn.get_execution_history(executionArn=execution)["events"]
    assert [event["type"] for event in events] == ["ExecutionStarted", "WaitStateEntered", "ExecutionAborted"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_the_server_though_executions_and_polls_wait(number: int) -> None:
    with serve() as server:
        sfn = client_of(server)
        activity = sfn.create_activity(name="never")["activityArn"]
        other = sfn.create_activity(name="idle")["activityArn"]
        task = {"Type": "Task", "Resource": activity, "End": True}
        arn = create(sfn, "waits", {"StartAt": "Ask", "States": {"Ask": task}})
        sfn.start_execution(stateMachineArn=arn)

        def poll() -> None:
            # Whether it is refused or cut off depends on when it arrives.
            with suppress(ClientError, BotoCoreError):
                sfn.get_activity_task(activityArn=other)

        poller = threading.Thread(target=poll)
        poller.start()
        client_of(server).list_activities()
        server.process.send_signal(number)
        assert server.process.wait(10) == 0
        poller.join(10)
        assert not poller.is_alive()


def test_a_port_that_is_taken_is_told_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert main(["serve", "--port", port]) == 2
    message = capsys.readouterr().err
    assert message.startswith(f"everypath: cannot listen on 127.0.0.1 port {port}: ")
    assert message.count("\n") == 1


def test_a_server_that_others_can_reach_warns() -> None:
    command = [*COMMAND, "serve", "--host", "0.0.0.0", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.readline()
        process.terminate()
        assert "can be reached from other machines" in process.stderr.read()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--account", "12"], "--account: expected 12 digits, but got '12'"),
        (["--region", "here!"], "--region: expected a region such as us-east-1, but got 'here!'"),
        (["--port", "99999"], "--port: expected a number from 0 to 65535, but got 99999"),
        (
            ["--lambda-endpoint", "3001"],
            "--lambda-endpoint: expected a URL such as http://127.0.0.1:3001, but got '3001'",
        ),
        (["--template", "missing.yaml"], "missing.yaml"),
    ],
)
def test_an_option_that_cannot_be_used_is_told(
    options: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["serve", *options]) == 2
    assert message in capsys.readouterr().err


def test_two_hundred_executions_run_at_once(sfn: Any, name: str) -> None:
    activity = sfn.create_activity(name=name)["activityArn"]
    task = {"Type": "Task", "Resource": activity, "End": True}
    arn = create(sfn, name, {"StartAt": "Ask", "States": {"Ask": task}})
    started = [
        sfn.start_execution(stateMachineArn=arn, input=json.dumps(number))["executionArn"] for number in range(200)
    ]
    for _ in started:
        taken = sfn.get_activity_task(activityArn=activity)
        sfn.send_task_success(taskToken=taken["taskToken"], output=taken["input"])
    assert [int(ended(sfn, execution)["output"]) for execution in started] == list(range(200))


def test_old_executions_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    from types import SimpleNamespace

    from everypath.server.store import state_store

    monkeypatch.setattr(state_store, "MAX_ENDED", 2)
    store = state_store.StateStore()
    for number in range(3):
        execution: Any = SimpleNamespace(arn=f"e{number}", machine_arn="m", map_run=None, map_runs=[])
        store.add_execution(execution)
        store.mark_ended(execution)
    assert list(store.executions) == ["e1", "e2"]
    assert [each.arn for each in store.executions_of("m")] == ["e2", "e1"]
