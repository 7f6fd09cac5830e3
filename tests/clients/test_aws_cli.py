"""The AWS CLI, with --endpoint-url."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.clients.conftest import ACCOUNT, CLIENTS, MACHINE, Run
from tests.support.server import Running

Aws = Callable[..., Any]
ROLE = "arn:aws:iam::123456789012:role/workflow"


@pytest.fixture
def aws(run: Run, server: Running) -> Aws:
    def call(operation: str, *options: str) -> Any:
        done = run(CLIENTS / "aws", "stepfunctions", operation, "--endpoint-url", server.url, *options)
        assert (done.returncode, done.stderr) == (0, "")
        return json.loads(done.stdout) if done.stdout else None

    return call


def ended(aws: Aws, execution: str) -> Any:
    for _ in range(100):
        found = aws("describe-execution", "--execution-arn", execution)
        if found["status"] != "RUNNING":
            return found
        time.sleep(0.05)
    raise AssertionError(f"{execution} has not ended")


def test_a_state_machine_from_its_creation_to_its_deletion(aws: Aws) -> None:
    definition = {
        "StartAt": "Wait a day",
        "States": {
            "Wait a day": {"Type": "Wait", "Seconds": 86400, "Next": "Greet"},
            "Greet": {"Type": "Pass", "Result": "hello", "End": True},
        },
    }
    created = aws("create-state-machine", "--name", "cli", "--definition", json.dumps(definition), "--role-arn", ROLE)
    arn = f"{ACCOUNT}:stateMachine:cli"
    assert created["stateMachineArn"] == arn
    assert json.loads(aws("describe-state-machine", "--state-machine-arn", arn)["definition"]) == definition

    started = aws("start-execution", "--state-machine-arn", arn, "--name", "first", "--input", '{"a": 1}')
    assert started["executionArn"] == f"{ACCOUNT}:execution:cli:first"
    found = ended(aws, started["executionArn"])
    assert (found["status"], found["output"], found["input"]) == ("SUCCEEDED", '"hello"', '{"a": 1}')

    history = ("get-execution-history", "--execution-arn", started["executionArn"])
    events = [event["type"] for event in aws(*history)["events"]]
    assert events == [
        "ExecutionStarted",
        "WaitStateEntered",
        "WaitStateExited",
        "PassStateEntered",
        "PassStateExited",
        "ExecutionSucceeded",
    ]
    # The CLI goes through the pages itself.
    assert [event["type"] for event in aws(*history, "--page-size", "2")["events"]] == events
    assert [event["type"] for event in aws(*history, "--reverse-order")["events"]] == events[::-1]
    first = aws(*history, "--max-items", "4")
    assert len(first["events"]) == 4
    rest = aws(*history, "--starting-token", first["NextToken"])
    assert [event["type"] for event in first["events"] + rest["events"]] == events

    listed = aws("list-executions", "--state-machine-arn", arn, "--status-filter", "SUCCEEDED")
    assert [execution["name"] for execution in listed["executions"]] == ["first"]
    aws("delete-state-machine", "--state-machine-arn", arn)
    assert arn not in [machine["stateMachineArn"] for machine in aws("list-state-machines")["stateMachines"]]


def test_an_execution_of_the_template_fails_as_the_tutorial_says(aws: Aws) -> None:
    started = aws("start-execution", "--state-machine-arn", MACHINE, "--input", '{"statusCode": "503"}')
    found = ended(aws, started["executionArn"])
    assert (found["status"], found["error"]) == ("FAILED", "ServerUnavailable")
    events = aws("get-execution-history", "--execution-arn", started["executionArn"])["events"]
    assert len(events) == 8
    assert events[4]["lambdaFunctionFailedEventDetails"]["error"] == "ServerUnavailableException"


def test_an_express_workflow_answers_where_the_host_gets_no_prefix(run: Run, server: Running, aws: Aws) -> None:
    definition = '{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}'
    options = ("--name", "express", "--definition", definition, "--role-arn", ROLE, "--type", "EXPRESS")
    arn = aws("create-state-machine", *options)["stateMachineArn"]
    command = ("start-sync-execution", "--state-machine-arn", arn, "--input", '{"b": 2}', "--endpoint-url", server.url)
    done = run(CLIENTS / "aws", "stepfunctions", *command, AWS_DISABLE_HOST_PREFIX_INJECTION="true")
    assert done.returncode == 0, done.stderr
    assert json.loads(json.loads(done.stdout)["output"]) == {"b": 2}
    aws("delete-state-machine", "--state-machine-arn", arn)


def test_what_is_refused_is_told_in_the_words_of_aws(run: Run, server: Running) -> None:
    arn = f"{ACCOUNT}:stateMachine:nowhere"
    command = ("start-execution", "--state-machine-arn", arn, "--endpoint-url", server.url)
    done = run(CLIENTS / "aws", "stepfunctions", *command)
    assert done.returncode in (254, 255)  # of its second and of its first version
    assert "An error occurred (StateMachineDoesNotExist) when calling the StartExecution operation" in done.stderr


def test_a_history_that_the_cli_has_printed_compares_with_the_embedded_run(
    run: Run, server: Running, aws: Aws, tmp_path: Any
) -> None:
    from everypath.cli.main import main
    from tests.support.application import ROOT

    started = aws("start-execution", "--state-machine-arn", MACHINE, "--input", '{"statusCode": "429"}')
    ended(aws, started["executionArn"])
    history = aws("get-execution-history", "--execution-arn", started["executionArn"])
    (tmp_path / "history.json").write_text(json.dumps(history))
    options = ["--template", str(ROOT / "template.yaml")]
    assert main(["compare", "embedded", str(tmp_path / "history.json"), *options]) == 0
