"""The same runs on a Step Functions endpoint."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

import everypath
from everypath import NotOnTargetError, Return, TargetError, Throw
from everypath.coverage.trace import covered
from everypath.replay.pair import Side, compare
from tests.support.application import TEMPLATE
from tests.support.server import Running, serve
from tests.support.templates import write_template
from tests.unit.targets.conftest import Application, on

Faults = dict[str, list[Return | Throw]]

ACTIVITY = "arn:aws:states:us-east-1:123456789012:activity:work"
FAIL = {"StartAt": "Fail", "States": {"Fail": {"Type": "Fail", "Error": "Broken", "Cause": "it is"}}}
CHOICE = {
    "StartAt": "Split",
    "States": {
        "Split": {
            "Type": "Parallel",
            "Branches": [
                {"StartAt": "A", "States": {"A": {"Type": "Wait", "Seconds": 3600, "End": True}}},
                {"StartAt": "B", "States": {"B": {"Type": "Pass", "Result": [1, 2], "End": True}}},
            ],
            "Next": "Each",
        },
        "Each": {
            "Type": "Map",
            "ItemsPath": "$[1]",
            "ItemProcessor": {
                "StartAt": "Pick",
                "States": {
                    "Pick": {
                        "Type": "Choice",
                        "Choices": [{"Variable": "$", "NumericEquals": 1, "Next": "One"}],
                        "Default": "Other",
                    },
                    "One": {"Type": "Pass", "Result": "one", "End": True},
                    "Other": {"Type": "Pass", "Result": "other", "End": True},
                },
            },
            "End": True,
        },
    },
}


def client(url: str, region: str = "eu-west-1") -> Any:
    config = Config(inject_host_prefix=False)
    return boto3.session.Session("test", "test", region_name=region).client(
        "stepfunctions", endpoint_url=url, config=config
    )


@pytest.mark.parametrize("code", ["200", "429", "503", "999"])
def test_an_execution_is_the_same_object_as_on_the_embedded_engine(application: Application, code: str) -> None:
    there = on(application.url, TEMPLATE).run({"statusCode": code})
    here = everypath.load(TEMPLATE)
    here.target = None
    expected = here.run({"statusCode": code})
    for name in ("status", "input", "output", "error", "cause", "path", "transitions", "elapsed", "event_types"):
        assert getattr(there, name) == getattr(expected, name), name
    assert [attempt.error for attempt in there.attempts("Call API")] == [
        attempt.error for attempt in expected.attempts("Call API")
    ]
    assert covered(here.tree, there) == covered(here.tree, expected)
    assert (
        compare(Side("there", there.require_history().events), Side("here", expected.require_history().events)) is None
    )


def test_a_machine_that_is_not_there_is_created(bare: Running, tmp_path: Path) -> None:
    machine = on(bare.url, write_template(tmp_path, CHOICE, name="created"))
    execution = machine.run({})
    assert execution.output == ["one", "other"]
    assert execution.elapsed == 3600
    assert sorted(execution.path) == ["A", "B", "Each", "One", "Other", "Pick", "Pick", "Split"]
    assert execution.transitions == 8
    assert execution.state_machine_arn == "arn:aws:states:eu-west-1:210987654321:stateMachine:created"


def test_a_machine_with_another_definition_is_updated_and_the_same_one_is_left_alone(
    bare: Running, tmp_path: Path
) -> None:
    template = write_template(tmp_path, CHOICE, name="updated")
    assert on(bare.url, template).run({}).succeeded
    arn = "arn:aws:states:eu-west-1:210987654321:stateMachine:updated"
    assert on(bare.url, template).run({}).succeeded
    assert "revisionId" not in client(bare.url).describe_state_machine(stateMachineArn=arn)
    write_template(tmp_path, FAIL, name="updated")
    execution = on(bare.url, template).run({})
    assert (execution.status, execution.error, execution.cause) == ("FAILED", "Broken", "it is")
    assert json.loads(client(bare.url).describe_state_machine(stateMachineArn=arn)["definition"]) == FAIL


def test_two_machines_of_one_name_do_not_run_each_other(bare: Running, tmp_path: Path) -> None:
    (tmp_path / "second").mkdir()
    first = on(bare.url, write_template(tmp_path, CHOICE, name="shared"))
    second = everypath.load(write_template(tmp_path / "second", FAIL, name="shared"))
    second.target = first.target
    assert [one.run({}).status for one in (first, second, first)] == ["SUCCEEDED", "FAILED", "SUCCEEDED"]


def test_resources_have_the_account_and_the_region_of_the_endpoint(tmp_path: Path) -> None:
    template = tmp_path / "template.yaml"
    (tmp_path / "app.py").write_text("def handler(event, context):\n    return context.invoked_function_arn\n")
    template.write_text(
        """
Transform: AWS::Serverless-2016-10-31
Resources:
  Fn: {Type: AWS::Serverless::Function, Properties: {CodeUri: ., Handler: app.handler, Runtime: python3.13}}
  Machine:
    Type: AWS::Serverless::StateMachine
    Properties:
      Definition:
        StartAt: Call
        States: {Call: {Type: Task, Resource: !GetAtt Fn.Arn, End: true}}
"""
    )
    with serve("--template", str(template), "--account", "210987654321", "--region", "eu-west-1") as running:
        output = on(running.url, template).run({}).output
    assert output.startswith("arn:aws:lambda:eu-west-1:210987654321:function:")


def test_what_waits_for_ever_is_stopped_at_the_time_limit(bare: Running, tmp_path: Path) -> None:
    activity = client(bare.url).create_activity(name="never")["activityArn"]
    definition = {"StartAt": "Ask", "States": {"Ask": {"Type": "Task", "Resource": activity, "End": True}}}
    machine = on(bare.url, write_template(tmp_path, definition, name="waits"), limit=0.2)
    with pytest.raises(TargetError, match=r"was not over after 0\.2 s, and has been stopped"):
        machine.run({})
    arn = "arn:aws:states:eu-west-1:210987654321:stateMachine:waits"
    [execution] = client(bare.url).list_executions(stateMachineArn=arn)["executions"]
    assert execution["status"] == "ABORTED"


def test_what_is_there_with_another_type_is_refused(bare: Running, tmp_path: Path) -> None:
    definition = json.dumps(FAIL)
    client(bare.url).create_state_machine(
        name="typed", definition=definition, roleArn="arn:aws:iam::123456789012:role/a", type="EXPRESS"
    )
    with pytest.raises(TargetError, match="is there as EXPRESS, and the template has STANDARD"):
        on(bare.url, write_template(tmp_path, FAIL, name="typed")).run({})


def test_when_a_clock_starts_cannot_be_told_to_a_target(application: Application) -> None:
    from datetime import UTC, datetime

    with pytest.raises(NotOnTargetError, match="its clock cannot be told when to start"):
        on(application.url, TEMPLATE).run({}, start=datetime(2026, 1, 1, tzinfo=UTC))


# Faults


def test_a_fault_is_injected_through_the_mock_configuration(application: Application) -> None:
    machine = on(application.url, TEMPLATE, application.mocks)
    execution = machine.run({"statusCode": "200"}, faults={"Call API": [Throw("Lambda.TooManyRequestsException")]})
    assert execution.path == ("Call API", "Catch All")


def test_after_the_last_fault_comes_what_the_handler_does_on_the_embedded_engine(application: Application) -> None:
    machine = on(application.url, TEMPLATE, application.mocks)
    throttled = Throw("TooManyRequestsException", "busy")
    execution = machine.run({"statusCode": "200"}, faults={"Call API": [throttled, throttled]})
    assert execution.path == ("Call API", "OK")
    assert [attempt.error for attempt in execution.attempts("Call API")] == [throttled.error, throttled.error, None]
    assert execution.output_of("Call API") == ['"200 OK"']


def test_a_fault_is_injected_into_one_branch_of_several(application: Application, tmp_path: Path) -> None:
    work = {"Type": "Task", "Resource": ACTIVITY, "Retry": [{"ErrorEquals": ["Busy"]}], "End": True}
    branches = [
        {"StartAt": "Work", "States": {"Work": work}},
        {"StartAt": "Rest", "States": {"Rest": {"Type": "Pass", "End": True}}},
    ]
    definition = {"StartAt": "Both", "States": {"Both": {"Type": "Parallel", "Branches": branches, "End": True}}}
    machine = on(application.url, write_template(tmp_path, definition, name="branches"), application.mocks)
    execution = machine.run({}, faults={"Work": [Throw("Busy"), Return("done")]})
    assert execution.output == ["done", {}]
    assert [attempt.error for attempt in execution.attempts("Work")] == ["Busy", None]


def test_the_same_faults_are_one_case_of_the_file(application: Application) -> None:
    machine = on(application.url, TEMPLATE, application.mocks)
    faults: Faults = {"Call API": [Throw("Once"), Return("never asked for")]}
    machine.run({"statusCode": "200"}, faults=faults)
    before = application.mocks.read_text()
    machine.run({"statusCode": "200"}, faults=faults)
    assert application.mocks.read_text() == before


def test_without_a_mock_configuration_a_fault_is_named_and_refused(application: Application) -> None:
    machine = on(application.url, TEMPLATE)
    faults: Faults = {"Call API": [Throw("Busy"), Throw("Busy"), Return("200 OK")]}
    with pytest.raises(NotOnTargetError) as refused:
        machine.run({"statusCode": "200"}, faults=faults)
    assert str(refused.value) == (
        f"Call API: Throw Busy (2 times), Return: cannot be injected into {application.url} without the mock "
        "configuration it reads"
    )


def test_a_fault_that_takes_time_is_refused_since_a_mock_takes_none(application: Application) -> None:
    machine = on(application.url, TEMPLATE, application.mocks)
    with pytest.raises(NotOnTargetError, match="attempt 1 takes 60 s, a mock none"):
        machine.run({"statusCode": "200"}, faults={"Call API": [Return("200 OK", seconds=60)]})


def test_an_endpoint_that_does_not_know_the_case_refuses_it_by_name(bare: Running, application: Application) -> None:
    machine = on(bare.url, TEMPLATE, application.mocks)
    with pytest.raises(NotOnTargetError, match=r"Call API: Throw Busy: refused as a mocked case by http.*test case"):
        machine.run({"statusCode": "200"}, faults={"Call API": [Throw("Busy")]})


def test_a_fault_of_what_is_no_task_is_refused_as_on_the_embedded_engine(application: Application) -> None:
    with pytest.raises(everypath.InputError, match="expected a Task state, but got 'OK'"):
        on(application.url, TEMPLATE).run({}, faults={"OK": [Throw("Busy")]})
