from __future__ import annotations

import json
from pathlib import Path

import pytest

import everypath
from everypath import Machine

TEMPLATE = """\
Transform: AWS::Serverless-2016-10-31
Resources:
  Child:
    Type: AWS::Serverless::StateMachine
    Properties:
      Definition:
        StartAt: Slow
        States:
          Slow: {Type: Wait, Seconds: 100, Next: Which}
          Which:
            Type: Choice
            Choices: [{Variable: $.ok, BooleanEquals: true, Next: Good}]
            Default: Bad
          Good: {Type: Pass, Result: {answer: 42}, End: true}
          Bad: {Type: Fail, Error: E, Cause: because}
  Parent:
    Type: AWS::Serverless::StateMachine
    Properties:
      Definition:
        StartAt: Start
        States:
          Start:
            Type: Task
            Resource: arn:aws:states:::states:startExecution%s
            Parameters: {StateMachineArn: %s, Input.$: $, Name: child}
            %s
            End: true
"""
CHILD = "!Ref Child"


def machine(folder: Path, pattern: str = ".sync:2", arn: str = CHILD, more: str = "Comment: x") -> Machine:
    path = folder / "template.yaml"
    path.write_text(TEMPLATE % (pattern, arn, more))
    return everypath.load(path, "Parent")


def test_a_parent_waits_for_its_child_in_the_same_virtual_time(tmp_path: Path) -> None:
    execution = machine(tmp_path).run({"ok": True})
    assert execution.elapsed == 100
    assert execution.output["Output"] == {"answer": 42}
    assert execution.output["Status"] == "SUCCEEDED"
    assert execution.output["Name"] == "child"
    assert execution.event_types[2:6] == ["TaskScheduled", "TaskStarted", "TaskSubmitted", "TaskSucceeded"]


def test_sync_gives_the_output_as_text_and_sync_2_as_json(tmp_path: Path) -> None:
    assert machine(tmp_path, ".sync").run({"ok": True}).output["Output"] == '{"answer":42}'
    assert machine(tmp_path, ".sync:2").run({"ok": True}).output["Output"] == {"answer": 42}


def test_a_child_that_fails_fails_its_parent_with_the_description_as_cause(tmp_path: Path) -> None:
    execution = machine(tmp_path).run({"ok": False})
    assert execution.error == "States.TaskFailed"
    cause = json.loads(execution.cause or "")
    assert (cause["Status"], cause["Error"], cause["Cause"]) == ("FAILED", "E", "because")


def test_a_parent_that_does_not_wait_gets_the_arn_and_goes_on(tmp_path: Path) -> None:
    execution = machine(tmp_path, "").run({"ok": True})
    assert execution.elapsed == 0
    assert execution.output["ExecutionArn"].endswith(":execution:local-Child:child")


def test_a_timeout_of_the_parent_does_not_wait_for_the_child(tmp_path: Path) -> None:
    execution = machine(tmp_path, more="TimeoutSeconds: 30").run({"ok": True})
    assert (execution.error, execution.elapsed) == ("States.Timeout", 30)


@pytest.mark.parametrize("pattern", ["", ".sync"])
def test_a_machine_that_does_not_exist_is_refused_as_step_functions_refuses_it(tmp_path: Path, pattern: str) -> None:
    arn = "arn:aws:states:us-east-1:123456789012:stateMachine:Nobody"
    execution = machine(tmp_path, pattern, arn).run({})
    assert execution.error == "StepFunctions.StateMachineDoesNotExistException"
    assert (execution.cause or "").startswith(f"State Machine Does Not Exist: '{arn}' (Service: AWSStepFunctions; ")


def test_a_child_is_stopped_with_its_parent(tmp_path: Path) -> None:
    seen = []
    found = machine(tmp_path, more="TimeoutSeconds: 30")
    with everypath.api.session(observer=lambda machine, execution, children: seen.append(execution)):
        found.run({"ok": True})
    assert [(execution.status, execution.elapsed) for execution in seen] == [("FAILED", 30), ("ABORTED", 30)]
