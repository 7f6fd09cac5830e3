"""Durable functions behind a Task, by AWS's own in-process runner."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

import everypath
from everypath.errors import TemplateError
from everypath.lambda_runtime import durable

TEMPLATE = """
Resources:
  Fn:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/
      Handler: app.handler
      Runtime: python3.13
      AutoPublishAlias: live
      DurableConfig: {ExecutionTimeout: 900, RetentionPeriodInDays: 1}
  Machine:
    Type: AWS::Serverless::StateMachine
    Properties:
      Definition:
        StartAt: T
        States:
          T:
            Type: Task
            Resource: arn:aws:states:::lambda:invoke
            Parameters: {FunctionName: !Ref Fn.Alias, Payload.$: $}
            OutputPath: $.Payload
            End: true
"""
APP = """
from aws_durable_execution_sdk_python import durable_execution, durable_step
from aws_durable_execution_sdk_python.config import Duration

@durable_step
def reserve(step_context, n):
    return {"reserved": n}

@durable_execution
def handler(event, context):
    reserved = context.step(reserve(event["n"]))
    context.wait(Duration.from_seconds(3600))
    if event.get("fail"):
        raise ValueError("told to")
    if event.get("callback"):
        context.create_callback().result()
    return reserved
"""


@pytest.fixture
def machine(tmp_path: Path) -> everypath.Machine:
    (tmp_path / "src").mkdir()
    (tmp_path / "src/app.py").write_text(APP)
    (tmp_path / "template.yaml").write_text(TEMPLATE)
    return everypath.load(tmp_path)


def test_a_durable_function_runs_to_its_end_and_its_waits_take_no_time(machine: everypath.Machine) -> None:
    assert machine.run({"n": 3}).output == {"reserved": 3}


def test_what_a_durable_function_raises_is_the_error_of_the_task(machine: everypath.Machine) -> None:
    execution = machine.run({"n": 3, "fail": True})
    assert (execution.status, execution.error) == ("FAILED", "ValueError")
    assert '"errorMessage":"told to"' in (execution.cause or "")


def test_a_durable_function_that_waits_for_a_callback_is_named(
    machine: everypath.Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(durable, "_PATIENCE", 1)
    with pytest.raises(TemplateError, match="Resources/Fn: the durable execution has not ended after 1 s"):
        machine.run({"n": 3, "callback": True})


def test_a_durable_function_is_refused_by_name_without_the_runner_and_only_where_it_must_run(
    machine: everypath.Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert machine.run({"n": 3}, faults={"T": [everypath.Return({"Payload": 1})]}).output == 1
    with pytest.raises(TemplateError, match="Resources/Fn is a durable function, which runs here by AWS's own runner"):
        machine.run({"n": 3})
