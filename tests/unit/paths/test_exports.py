"""Cases for other tools: Step Functions Local, TestState, and pytest."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from everypath.cli.main import main
from everypath.paths.exports.mock_config import case_names, mock_config
from everypath.paths.exports.pytest_file import pytest_file
from everypath.paths.exports.test_state_calls import state_calls
from tests.unit.paths.machines import FUNCTION, enumeration_of, task

TEMPLATE = """
Transform: AWS::Serverless-2016-10-31
Resources:
  Order:
    Type: AWS::Serverless::StateMachine
    Properties:
      Name: order
      Definition: {definition}
"""
DEFINITION = {
    "StartAt": "Charge",
    "States": {
        "Charge": {
            "Type": "Task",
            "Resource": FUNCTION + "charge",
            "TimeoutSeconds": 30,
            "Retry": [{"ErrorEquals": ["Busy"], "MaxAttempts": 2, "IntervalSeconds": 4}],
            "Catch": [{"ErrorEquals": ["Declined"], "Next": "Kind"}],
            "Next": "Kind",
        },
        "Kind": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.kind", "IsPresent": True, "Next": "Done"}],
            "Default": "Bad",
        },
        "Done": {"Type": "Succeed"},
        "Bad": {"Type": "Fail", "Error": "Bad"},
    },
}


@pytest.fixture
def template(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "template.yaml"
    path.write_text(TEMPLATE.format(definition=json.dumps(DEFINITION)))
    return path


def exported(kind: str, capsys: pytest.CaptureFixture[str]) -> str:
    assert main(["paths", "--export", kind]) == 0
    return capsys.readouterr().out


def test_the_mock_file_counts_attempts_in_ranges(template: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = json.loads(exported("mock-config", capsys))
    cases = config["StateMachines"]["order"]["TestCases"]
    response = config["MockedResponses"][cases["Charge-recovers-on-the-last-attempt"]["Charge"]]
    assert response["0-1"] == {"Throw": {"Error": "Busy", "Cause": ""}}
    assert "Return" in response["2"]
    assert all(name in config["MockedResponses"] for states in cases.values() for name in states.values())


def test_a_mock_cannot_be_slow_so_a_timeout_is_thrown(template: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = json.loads(exported("mock-config", capsys))
    name = config["StateMachines"]["order"]["TestCases"]["Charge-times-out"]["Charge"]
    assert config["MockedResponses"][name]["0"]["Throw"]["Error"] == "States.Timeout"


def test_test_state_calls_say_what_is_to_be_expected(template: Path, capsys: pytest.CaptureFixture[str]) -> None:
    calls: dict[str, Any] = {call["edge"]: call for call in json.loads(exported("test-state", capsys))}
    second = calls["retry:Charge/0 after 1 (Busy)"]
    assert second["call"]["stateConfiguration"] == {"retrierRetryCount": 1}
    assert second["expected"]["status"] == "RETRIABLE"
    details = {"retryIndex": 0, "retryBackoffIntervalSeconds": 8}
    assert second["expected"]["inspectionData"]["errorDetails"] == details
    caught = calls["catch:Charge/0 (Declined)"]["expected"]
    assert (caught["status"], caught["nextState"]) == ("CAUGHT_ERROR", "Kind")
    assert caught["inspectionData"]["errorDetails"] == {"catchIndex": 0}
    assert calls["unhandled:Charge (Busy)"]["expected"]["status"] == "FAILED"
    assert calls["default:Kind"]["expected"] == {"status": "SUCCEEDED", "nextState": "Bad"}


def test_a_call_for_an_error_of_a_parallel_names_a_task_that_it_may_be_from() -> None:
    def stopping(name: str) -> dict[str, Any]:
        return {"StartAt": name, "States": {name: {"Type": "Fail", "Error": "Odd"}}}

    inner = {"Type": "Parallel", "Branches": [{"StartAt": "Deep", "States": {"Deep": task()}}], "End": True}
    outer = [stopping("Stop"), {"StartAt": "Inner", "States": {"Inner": inner}}]
    guarded = {"Type": "Parallel", "Retry": [{"ErrorEquals": ["Busy"], "MaxAttempts": 1}], "End": True}
    states = {
        "Alone": guarded | {"Branches": [stopping("Stop, too")], "Catch": [{"ErrorEquals": ["Odd"], "Next": "Both"}]},
        "Both": guarded | {"Branches": outer, "Catch": [{"ErrorEquals": ["Odd"], "Next": "Last"}]},
        "Last": {"Type": "Succeed"},
    }
    calls = {call["edge"]: call["call"] for call in state_calls(enumeration_of(states))}
    assert calls["catch:Both/0 (Odd)"]["stateConfiguration"] == {"errorCausedByState": "Deep"}
    retried = calls["retry:Both/0 after 0 (Busy)"]["stateConfiguration"]
    assert retried == {"errorCausedByState": "Deep", "retrierRetryCount": 0}
    assert "stateConfiguration" not in calls["catch:Alone/0 (Odd)"]


def test_the_pytest_file_passes(template: Path, capsys: pytest.CaptureFixture[str]) -> None:
    namespace: dict[str, Any] = {}
    text = exported("pytest", capsys)
    exec(compile(ast.parse(text), "exported", "exec"), namespace)
    import everypath

    machine = everypath.load(template, "Order")
    tests = [value for name, value in namespace.items() if name.startswith("test_")]
    assert len(tests) >= 7
    assert "'" not in text
    assert max(len(line) for line in text.splitlines()) <= 100
    for test in tests:
        test(machine)


def test_a_snapshot_is_written_and_checked(template: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["paths", "--update"]) == 0
    assert main(["paths", "--check"]) == 0
    template.write_text(template.read_text().replace("Declined", "Refused"))
    capsys.readouterr()
    assert main(["paths", "--check"]) == 1
    assert "+Charge" in capsys.readouterr().out


def test_a_snapshot_that_is_not_there_is_wrong_input(template: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["paths", "--check", "none.txt"]) == 2
    assert "--update" in capsys.readouterr().err


@pytest.mark.parametrize("option", [["--loops", "0"], ["--input", "{"]])
def test_wrong_options_are_wrong_input(template: Path, option: list[str]) -> None:
    assert main(["paths", *option]) == 2


def test_json_holds_cases_and_elements(template: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["paths", "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    taken = {id for case in data["cases"] for id in case["taken"]}
    assert {one["id"] for one in data["elements"]} == taken
    assert data["unreachable"] == []


def test_the_pytest_file_names_the_tasks_that_only_a_script_can_answer_for(
    template: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    job = {"Type": "Task", "Resource": "arn:aws:states:::mediaconvert:createJob", "End": True}
    definition = {"StartAt": "Transcode", "States": {"Transcode": job | {"Parameters": {"Role": "r", "Settings": {}}}}}
    template.write_text(TEMPLATE.format(definition=json.dumps(definition)))
    source = exported("pytest", capsys)
    assert 'everypath.load("template.yaml", "Order", scripted=["Transcode"])' in source
    Path("test_order_paths.py").write_text(source)
    done = subprocess.run([sys.executable, "-m", "pytest", "-q"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_no_two_names_are_alike_whatever_the_states_are_called() -> None:
    names = ["Charge", "charge", "Charge?", "Prüfen", "検索"]
    states = {
        name: task(following, Retry=[{"ErrorEquals": [f"E{number}"], "MaxAttempts": number + 1}])
        for number, (name, following) in enumerate(zip(names, [*names[1:], None], strict=True))
    }
    enumeration = enumeration_of(states)
    config = mock_config(enumeration, "order")
    cases = config["StateMachines"]["order"]["TestCases"]
    assert len(cases) == len(enumeration.cases)
    assert all(re.fullmatch(r"[A-Za-z0-9-]+", name) for name in cases)
    text = pytest_file(enumeration, "template.yaml", "Order")
    tests = re.findall(r"^def (\w+)", text, re.M)
    assert len(tests) == len(set(tests)) == len(enumeration.cases) + 1
    exhausted = next(case for case in enumeration.cases if "retry:Charge?/0/exhausted" in case.covered)
    name = case_names(enumeration.cases)[enumeration.cases.index(exhausted)]
    assert config["MockedResponses"][cases[name]["Charge?"]] == {"0-3": {"Throw": {"Error": "E2", "Cause": ""}}}


def test_what_cannot_be_mocked_has_no_test_case() -> None:
    enumeration = enumeration_of({"A": task()}, TimeoutSeconds=5)
    assert any(case.execution.status == "TIMED_OUT" for case in enumeration.cases)
    assert all("times-out" not in name for name in mock_config(enumeration, "m")["StateMachines"]["m"]["TestCases"])
