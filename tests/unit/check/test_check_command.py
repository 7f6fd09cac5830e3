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
