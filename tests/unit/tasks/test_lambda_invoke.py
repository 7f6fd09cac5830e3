"""Functions in this process, called by ``lambda:invoke`` with each of its parameters."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

import everypath
from everypath import Execution, Throw
from everypath.paths.cases import enumerate_cases

APP = """\
import json

def handler(event, context):
    print("seen", json.dumps(event))
    if event.get("half"):
        print("log \\ud83d")
        raise ValueError("half \\ud83d")
    if event.get("large"):
        return b"a" * 300_000
    if event.get("fail"):
        raise ValueError("nobody waits for me")
    if event.get("nan"):
        return {"ratio": float("nan"), "limit": float("inf")}
    return {"arn": context.invoked_function_arn, "client": context.client_context and context.client_context.custom}
"""
ARN = "arn:aws:lambda:us-east-1:123456789012:function:worker"
CATCH = [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "Caught"}]


def a_machine(folder: Path, task: dict[str, Any]) -> everypath.Machine:
    (folder / "app.py").write_text(APP)
    states = {"Call": task | {"Type": "Task", "End": True}, "Caught": {"Type": "Succeed"}}
    if "Catch" not in task:
        del states["Caught"]
    definition = {"StartAt": "Call", "States": states}
    properties = {"CodeUri": ".", "Handler": "app.handler", "Runtime": "python3.13", "FunctionName": "worker"}
    resources = {
        "Worker": {"Type": "AWS::Serverless::Function", "Properties": properties},
        "Machine": {"Type": "AWS::Serverless::StateMachine", "Properties": {"Definition": definition}},
    }
    template = folder / "template.yaml"
    template.write_text(json.dumps({"Transform": "AWS::Serverless-2016-10-31", "Resources": resources}))
    return everypath.load(template)


def invoked(folder: Path, catch: bool = False, **parameters: Any) -> Execution:
    """The execution of a task that invokes the function, with these parameters beside its name."""
    given = {"FunctionName": "worker", **parameters}
    task = {"Resource": "arn:aws:states:::lambda:invoke", "Parameters": given} | ({"Catch": CATCH} if catch else {})
    return a_machine(folder, task).run({})


def error_of(execution: Execution) -> tuple[str, str]:
    error = execution.output["error"]
    return error["Error"], error["Cause"]


def test_an_event_gets_status_202_and_nothing_else_whatever_the_handler_does(tmp_path: Path) -> None:
    execution = invoked(tmp_path, InvocationType="Event", Payload={"fail": True})
    assert execution.output["StatusCode"] == 202
    assert sorted(execution.output) == ["SdkHttpMetadata", "SdkResponseMetadata", "StatusCode"]
    assert 'seen {"fail": true}' in execution.logs


def test_a_dry_run_gets_status_204_and_runs_nothing(tmp_path: Path) -> None:
    execution = invoked(tmp_path, InvocationType="DryRun", Payload={"fail": True})
    assert execution.output["StatusCode"] == 204
    assert execution.logs == ""


@pytest.mark.parametrize(
    ("parameters", "seen"),
    [
        ({}, ARN),
        ({"FunctionName": ARN}, ARN),
        ({"FunctionName": f"{ARN}:live"}, f"{ARN}:live"),
        ({"FunctionName": "worker:3"}, f"{ARN}:3"),
        ({"Qualifier": "live"}, f"{ARN}:live"),
        ({"FunctionName": f"{ARN}:live", "Qualifier": "live"}, f"{ARN}:live"),
    ],
)
def test_a_handler_sees_the_arn_with_the_qualifier_that_was_asked_for(
    tmp_path: Path, parameters: dict[str, Any], seen: str
) -> None:
    assert invoked(tmp_path, **parameters, Payload={}).output["Payload"]["arn"] == seen


def test_a_handler_sees_the_client_context(tmp_path: Path) -> None:
    context = base64.b64encode(b'{"custom": {"a": 1}}').decode()
    assert invoked(tmp_path, ClientContext=context, Payload={}).output["Payload"]["client"] == {"a": 1}


def test_a_tail_of_the_log_is_in_the_result(tmp_path: Path) -> None:
    log = base64.b64decode(invoked(tmp_path, LogType="Tail", Payload={"a": 1}).output["LogResult"]).decode()
    assert log.startswith("START RequestId: ")
    assert 'seen {"a": 1}\n' in log


@pytest.mark.parametrize(
    ("parameters", "error", "words"),
    [
        ({"FunctionName": None}, "Lambda.ValidationException", "Value null at 'functionName'"),
        ({"FunctionName": ""}, "Lambda.ValidationException", "Value '' at 'functionName' failed to satisfy"),
        ({"FunctionName": ["a"]}, "Lambda.ValidationException", "Value '[\"a\"]' at 'functionName'"),
        ({"InvocationType": "Later"}, "Lambda.ValidationException", "[Event, RequestResponse, DryRun]"),
        ({"LogType": 1}, "Lambda.ValidationException", "Value '1' at 'logType'"),
        ({"Qualifier": "a b"}, "Lambda.ValidationException", "Value 'a b' at 'qualifier'"),
        ({"ClientContext": "no base64"}, "Lambda.InvalidRequestContentException", "Client context must be"),
        ({"ClientContext": {"custom": 1}}, "Lambda.InvalidRequestContentException", "Client context must be"),
        ({"FunctionName": "worker:a", "Qualifier": "b"}, "Lambda.InvalidParameterValueException", "does not match"),
        ({"Payload": "no json"}, "Lambda.InvalidRequestContentException", "Could not parse request body into json"),
        ({"Payload": "[NaN]"}, "Lambda.InvalidRequestContentException", "Could not parse request body into json"),
    ],
)
def test_a_wrong_argument_fails_the_task(tmp_path: Path, parameters: dict[str, Any], error: str, words: str) -> None:
    execution = invoked(tmp_path, catch=True, **parameters)
    assert execution.status == "SUCCEEDED"
    assert error_of(execution)[0] == error
    assert words in error_of(execution)[1]


@pytest.mark.parametrize("direct", [True, False])
def test_a_result_that_is_no_json_fails_the_task(tmp_path: Path, direct: bool) -> None:
    task: dict[str, Any] = {"Resource": "arn:aws:states:::lambda:invoke"}
    task["Parameters"] = {"FunctionName": "worker", "Payload": {"nan": True}}
    if direct:
        task = {"Resource": ARN, "Parameters": {"nan": True}}
    execution = a_machine(tmp_path, task | {"Catch": CATCH}).run({})
    error, cause = error_of(execution)
    assert error == "Lambda.SdkClientException"
    assert "Non-standard token 'NaN'" in cause
    assert "NaN}" not in json.dumps(execution.events, default=str)


def test_a_result_that_is_too_large_is_refused_before_it_is_read(tmp_path: Path) -> None:
    assert error_of(invoked(tmp_path, catch=True, Payload={"large": True}))[0] == "States.DataLimitExceeded"


def test_half_of_a_character_in_an_error_or_a_log_can_be_written(tmp_path: Path) -> None:
    execution = invoked(tmp_path, catch=True, Payload={"half": True})
    assert error_of(execution)[0] == "ValueError"
    assert execution.logs.encode()
    assert json.dumps(execution.events, default=str, ensure_ascii=False).encode()


def test_paths_has_no_case_of_an_error_of_a_handler_that_nobody_waits_for(tmp_path: Path) -> None:
    task = {
        "Resource": "arn:aws:states:::lambda:invoke",
        "Parameters": {"FunctionName": "worker", "InvocationType": "Event", "Payload": {}},
        "Retry": [{"ErrorEquals": ["ValueError"], "MaxAttempts": 2}],
        "Catch": [{"ErrorEquals": ["ValueError"], "Next": "Caught"}],
        "ResultSelector": {"code.$": "$.StatusCode"},
    }
    raised = {"Call": ("ValueError",)}
    found = enumerate_cases(a_machine(tmp_path, task).tree, raised=lambda task: raised[task.name])
    thrown = {outcome.error for case in found.cases for outcome in case.outcomes["Call"] if isinstance(outcome, Throw)}
    assert "ValueError" not in thrown
    assert "Sandbox.Timedout" not in thrown
    assert "States.TaskFailed" in {name for one in found.classes["Call"] for name in one.names}
    assert {name for one in found.classes["Call"] for name in one.names} & {"Lambda.ServiceException"}
    assert {case.execution.status for case in found.cases} == {"SUCCEEDED", "FAILED"}
