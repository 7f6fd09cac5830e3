"""The same runs on moto's server: a Step Functions endpoint, and a CloudFormation, that others wrote."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import boto3
import pytest

from everypath.cli.main import main
from tests.clients.conftest import ACCOUNT, Moto, environment
from tests.support.application import ROOT
from tests.support.templates import write_template

TEMPLATE = str(ROOT / "template.yaml")
SUITE = ("tests/app/test_outcomes.py", "tests/app/test_paths.py")
FAIL = {"StartAt": "Decide", "States": {"Decide": {"Type": "Fail", "Error": "Refused", "Cause": "never"}}}


def client(moto: Moto, service: str) -> Any:
    return boto3.session.Session("test", "test", region_name="us-east-1").client(service, endpoint_url=moto.url)


@pytest.mark.parametrize("code", ["200", "429", "503", "999"])
def test_the_tutorial_takes_the_same_events_there(moto: Moto, code: str, capsys: pytest.CaptureFixture[str]) -> None:
    event = json.dumps({"statusCode": code})
    assert main(["compare", "embedded", moto.url, "--template", TEMPLATE, "--input", event]) == 0
    assert capsys.readouterr().out == f"same: embedded and {moto.url}\n"


def test_what_really_waits_is_waited_for(moto: Moto, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--template", TEMPLATE, "--target", moto.url, "--input", '{"statusCode": "429"}', "--json"]
    assert main(["run", *options]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["path"] == ["Call API", "Wait and Try Later", "Change to 200", "Call API", "OK"]
    assert found["transitions"] == 7
    assert found["elapsed_seconds"] >= 4


def test_cases_that_need_a_fault_are_skipped_by_name(moto: Moto, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--template", TEMPLATE, "--target", moto.url, "--events", str(ROOT / "events")]
    assert main(["paths", *options]) == 0
    out = capsys.readouterr().out
    assert out.startswith(f"MyAPIStateMachine on {moto.url}: 4 same, 0 differs, 3 skipped\n")
    assert "Call API: recovers after the first retry (TooManyRequestsException)" in out


def test_a_deployed_state_machine_is_found_by_its_logical_id(
    moto: Moto, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    properties = {
        "StateMachineName": "shop-Machine-1A2B3C",
        "RoleArn": "arn:aws:iam::123456789012:role/workflow",
        "DefinitionString": json.dumps(FAIL),
    }
    resources = {"Machine": {"Type": "AWS::StepFunctions::StateMachine", "Properties": properties}}
    template = tmp_path / "template.json"
    template.write_text(json.dumps({"Resources": resources}))
    client(moto, "cloudformation").create_stack(StackName="shop", TemplateBody=template.read_text())
    # moto's CloudFormation creates it where no executions run; one of the same ARN has to be there besides.
    created = client(moto, "stepfunctions").create_state_machine(
        name=properties["StateMachineName"], definition=properties["DefinitionString"], roleArn=properties["RoleArn"]
    )
    assert created["stateMachineArn"] == f"{ACCOUNT}:stateMachine:shop-Machine-1A2B3C"
    for name, value in (("ENDPOINT_URL", moto.url), ("REGION", "us-east-1"), ("ACCESS_KEY_ID", "test")):
        monkeypatch.setenv(f"AWS_{name}", value)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")

    assert main(["run", "--template", str(template), "--target", "aws:shop", "--input", "{}", "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert (found["status"], found["error"], found["cause"]) == ("FAILED", "Refused", "never")
    assert main(["compare", "embedded", "aws:shop", "--template", str(template), "--input", "{}"]) == 0

    capsys.readouterr()
    assert main(["run", "--template", str(template), "--target", "aws:other", "--input", "{}"]) == 2
    assert capsys.readouterr().err == (
        "everypath: aws:other: ListStackResources: ValidationError: Stack with id other does not exist\n"
    )
    assert main(["run", "--template", TEMPLATE, "--target", "aws:shop", "--input", "{}"]) == 2
    assert capsys.readouterr().err == (
        "everypath: aws:shop: it has no state machine MyAPIStateMachine; there are: Machine\n"
    )


def test_that_there_is_no_start_sync_execution_there_is_told_in_one_line(
    moto: Moto, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    template = write_template(tmp_path, FAIL, "EXPRESS", name="quick")
    assert main(["run", "--target", moto.url, "--template", str(template), "--input", "{}"]) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith(f"everypath: {moto.url}: StartSyncExecution: 500: ")


def test_the_suite_of_the_application_runs_there_and_what_needs_a_fault_is_skipped_by_name(moto: Moto) -> None:
    command = [sys.executable, "-m", "pytest", "--quiet", "-rs", f"--everypath-target={moto.url}", *SUITE]
    done = subprocess.run(command, cwd=ROOT, env=environment(), capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    assert "11 passed, 18 skipped" in done.stdout
    assert done.stdout.count(f"cannot be injected into {moto.url} without the mock configuration it reads") == 17
