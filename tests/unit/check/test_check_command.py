"""``everypath check`` of a template with several state machines."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.command import run_command

TEMPLATE = """
Resources:
  Broken:
    Type: AWS::Serverless::StateMachine
    Properties: {DefinitionUri: missing.asl.json}
  Imported:
    Type: AWS::Serverless::StateMachine
    Properties: {Name: [shop-name], DefinitionUri: good.asl.json}
  Good:
    Type: AWS::Serverless::StateMachine
    Properties: {DefinitionUri: good.asl.json}
"""
CHOICE = {
    "StartAt": "Choose",
    "States": {
        "Choose": {"Type": "Choice", "Choices": [{"Variable": "$.a", "IsPresent": True, "Next": "Done"}]},
        "Done": {"Type": "Succeed"},
    },
}


@pytest.fixture
def template(tmp_path: Path) -> Path:
    (tmp_path / "good.asl.json").write_text(json.dumps(CHOICE))
    (tmp_path / "template.yaml").write_text(TEMPLATE)
    return tmp_path / "template.yaml"


def check(capsys: pytest.CaptureFixture[str], template: Path, *options: str) -> tuple[int, str, str]:
    return run_command(capsys, "check", "--template", template, *options)


def test_one_that_cannot_be_read_is_named_and_the_others_are_checked(
    template: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = check(capsys, template, "--format", "json")
    assert code == 2
    assert [(finding["code"], Path(finding["file"]).name) for finding in json.loads(out)] == [
        ("EP301", "good.asl.json")
    ]
    first, second = err.splitlines()
    assert first.startswith(f"everypath: Broken is not checked: {template}:5: Resources/Broken/")
    assert "missing.asl.json" in first
    assert second.startswith(f"everypath: Imported is not checked: {template}:8: Resources/Imported/")
    assert "expected a name, got a list" in second


def test_where_none_can_be_read_each_is_named_and_nothing_is_said_to_be_found(
    template: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    template.with_name("good.asl.json").unlink()
    code, out, err = check(capsys, template)
    assert (code, out) == (2, "")
    assert [line.split()[1] for line in err.splitlines()] == ["Broken", "Imported", "Good"]


def test_one_that_is_asked_for_by_name_does_not_mind_the_others(
    template: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = check(capsys, template, "Good")
    assert (code, err) == (0, "")
    assert "EP301" in out
    code, out, err = check(capsys, template, "Broken")
    assert (code, out) == (2, "")
    assert err.startswith(f"everypath: {template}:")


def test_infos_leave_strict_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What fires on nearly every definition, or on the retrier that AWS's own tools write, is no reason to fail."""
    lambda_errors = ["ClientExecutionTimeoutException", "ServiceException", "AWSLambdaException", "SdkClientException"]
    names = [*(f"Lambda.{name}" for name in lambda_errors), "Lambda.TooManyRequestsException"]
    retry = [{"ErrorEquals": names, "IntervalSeconds": 2, "MaxAttempts": 6, "BackoffRate": 2}]
    state = {"Type": "Task", "Resource": "arn:aws:lambda:eu-west-1:123456789012:function:f", "Retry": retry}
    states = {"First": {**state, "Next": "Second"}, "Second": {**state, "End": True}}
    file = tmp_path / "order.asl.json"
    file.write_text(json.dumps({"StartAt": "First", "States": states}))
    code, out, _ = run_command(capsys, "check", file, "--strict", "--format", "json")
    assert (code, {(each["code"], each["severity"]) for each in json.loads(out)}) == (
        0,
        {("EP208", "info"), ("EP209", "info")},
    )


def test_a_handler_that_cannot_be_loaded_fails_the_check(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "app.py").write_text("def handler(event, context):\n    return event\ndef broken(:\n")
    (tmp_path / "good.asl.json").write_text(json.dumps(CHOICE))
    (tmp_path / "template.yaml").write_text(
        "Transform: AWS::Serverless-2016-10-31\n"
        "Resources:\n"
        "  F:\n"
        "    Type: AWS::Serverless::Function\n"
        "    Properties: {CodeUri: ., Handler: app.handler, Runtime: python3.13}\n"
        "  M:\n"
        "    Type: AWS::Serverless::StateMachine\n"
        "    Properties:\n"
        "      Definition: {StartAt: A, States: {A: {Type: Task, Resource: !GetAtt F.Arn, End: true}}}\n"
    )
    code, out, _ = check(capsys, tmp_path / "template.yaml")
    assert code == 1
    assert "template.yaml:9: error EP110 /States/A\n" in out
    assert "F cannot be loaded: app.py:3 cannot be parsed: invalid syntax." in out
