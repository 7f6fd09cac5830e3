"""Cases that data which could not be found decide, and real data in place of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from everypath.cli.main import main
from everypath.paths.cases import Enumeration, enumerate_cases
from everypath.paths.exports.mock_config import mock_config
from everypath.paths.exports.pytest_file import pytest_file
from everypath.paths.exports.test_state_calls import state_calls
from everypath.paths.measure import UNDECIDED, rows
from everypath.report.paths_table import paths_table
from tests.unit.paths.machines import case, enumeration_of, machine, missing, task

#: No value that is made up has this hash: only the real key, "secret", opens it.
STATES: dict[str, Any] = {
    "Get": task("Open", Output="{% $states.result %}"),
    "Open": {
        "Type": "Pass",
        "Output": "{% $hash($states.input.key, 'MD5') = '5ebe2294ecd0e0f08eab7690d2a6ee69' ? 'open' : $error('no') %}",
        "Next": "Done",
    },
    "Done": {"Type": "Succeed"},
}


@pytest.fixture(scope="module")
def locked() -> Enumeration:
    return enumeration_of(STATES, QueryLanguage="JSONata")


def test_a_failure_by_data_that_could_not_be_found_is_undecided(locked: Enumeration) -> None:
    success = case(locked, "success")
    assert success.undecided is not None
    assert (success.undecided.state, success.undecided.field) == ("Open", "Output")
    assert success.undecided.tried == ("key with 16 values",)
    line = next(row for row in rows(locked) if row.case is success)
    assert line.status == UNDECIDED
    assert line.to_dict()["undecided"]["expression"] == STATES["Open"]["Output"]


def test_nothing_behind_an_undecided_failure_counts_as_taken(locked: Enumeration) -> None:
    assert case(locked, "success").covered == {"state:Get", "next:Get", "state:Open"}
    assert set(missing(locked)) == {"next:Open", "state:Done"}
    assert all("$hash($states.input.key" in reason for reason in missing(locked).values())


def test_the_table_says_which_cases_are_undecided(locked: Enumeration) -> None:
    table = paths_table(locked, "m")
    assert "1 of the cases is undecided" in table
    assert (
        "Undecided, because no data was found:\n  nothing fails: no data was found with which Output of Open" in table
    )
    assert table.count("$hash($states.input.key") == 2  # once for the case, once for all that is not reached


def test_no_export_has_an_undecided_case(locked: Enumeration) -> None:
    assert list(mock_config(locked, "m")["StateMachines"]["m"]["TestCases"]) == ["Get-nothing-handles-it"]
    assert "def test_nothing_fails" not in pytest_file(locked, "template.yaml", "m")
    assert {call["state"] for call in state_calls(locked)} == {"Get"}


def test_a_real_result_decides_it() -> None:
    tree = machine(STATES, QueryLanguage="JSONata")
    enumeration = enumerate_cases(tree, results={"Get": [{"key": "secret"}]})
    assert missing(enumeration) == {}
    assert case(enumeration, "success").execution.output == "open"


TEMPLATE = """
Transform: AWS::Serverless-2016-10-31
Resources:
  M:
    Type: AWS::Serverless::StateMachine
    Properties:
      Definition:
        QueryLanguage: JSONata
        StartAt: Get
        States:
          Get:
            Type: Task
            Resource: arn:aws:states:::aws-sdk:s3:getObject
            Arguments: {Bucket: b, Key: k}
            Next: Check
          Check:
            Type: Pass
            Output: "{% $hash($states.input.key, 'MD5') = '5ebe2294ecd0e0f08eab7690d2a6ee69' ? 1 : $error('locked') %}"
            End: true
"""


def success_of(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> Any:
    assert main(["paths", "--json", *arguments]) == 0
    return json.loads(capsys.readouterr().out)["cases"][0]


def test_real_data_are_given_by_options(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("template.yaml").write_text(TEMPLATE, encoding="utf-8")
    Path("input.json").write_text('{"order": 7}', encoding="utf-8")
    assert success_of([], capsys)["status"] == UNDECIDED
    found = success_of(["--input", "input.json", "--result", 'Get={"key": "secret"}'], capsys)
    assert (found["status"], found["input"], found["undecided"]) == ("SUCCEEDED", {"order": 7}, None)


def test_a_recorded_history_gives_its_input_and_its_results(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tree = machine(STATES, QueryLanguage="JSONata")
    recorded = enumerate_cases(tree, input={"order": 8}, results={"Get": [{"key": "secret"}]}).cases[0].execution
    events = [{**event, "timestamp": event["timestamp"].isoformat()} for event in recorded.require_history().events]
    monkeypatch.chdir(tmp_path)
    Path("template.yaml").write_text(TEMPLATE, encoding="utf-8")
    Path("history.json").write_text(json.dumps({"events": events}), encoding="utf-8")
    found = success_of(["--like", "history.json"], capsys)
    assert (found["status"], found["input"]) == ("SUCCEEDED", {"order": 8})
    assert found["outcomes"]["Get"] == [{"return": {"key": "secret"}}]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--result", "Get"], "--result: expected STATE=JSON or STATE=FILE, but got 'Get'"),
        (["--result", "Gte=1"], "--result: expected a Task state, but got 'Gte'; Task states: Get"),
        (["--input", "no.json"], "--input: expected JSON or a file with JSON"),
    ],
)
def test_wrong_data_are_told(
    arguments: list[str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    Path("template.yaml").write_text(TEMPLATE, encoding="utf-8")
    assert main(["paths", *arguments]) == 2
    assert message in capsys.readouterr().err


def test_an_error_that_a_catcher_further_out_takes_is_not_said_to_be_unhandled() -> None:
    inner = {"StartAt": "Work", "States": {"Work": task()}}
    catch = [{"ErrorEquals": ["States.ALL"], "Next": "Sorry"}]
    parallel = {"Type": "Parallel", "Branches": [inner], "Catch": catch, "End": True}
    enumeration = enumeration_of({"Both": parallel, "Sorry": {"Type": "Succeed"}})
    assert case(enumeration, "unhandled:Work").what == "Both catches it"
