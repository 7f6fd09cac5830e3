"""``everypath check`` on the application itself."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from everypath.check.raised import error_names
from everypath.cli.main import main
from everypath.sam import read
from tests.support.application import copy_application


@pytest.fixture
def application(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    copy_application(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def found(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, list[tuple[str, str, str]]]:
    code = main(["check", "--format", "json", *arguments])
    listed = json.loads(capsys.readouterr().out)
    return code, [(each["severity"], each["code"], each["place"]) for each in listed]


def edit(file: str, old: str, new: str) -> None:
    text = Path(file).read_text()
    assert old in text
    Path(file).write_text(text.replace(old, new))


def test_the_tutorial_has_no_errors_and_is_told_of_its_missing_retrier(
    application: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, listed = found(capsys)
    assert code == 0
    assert ("warning", "EP206", "/States/Call API") in listed
    assert not [each for each in listed if each[0] == "error"]


def test_warnings_fail_when_they_shall(application: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert found(capsys, "--strict")[0] == 1


def test_a_renamed_exception_is_an_error(application: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for file in ("app.py", "errors.py"):
        edit(f"functions/mock_api/{file}", "ServerUnavailableException", "ServerUnavailableError")
    code, listed = found(capsys)
    assert {each[1] for each in listed} & {"EP102", "EP103"}
    assert ("/States/Call API/Catch/1/ErrorEquals/0") in [each[2] for each in listed]
    assert code in (0, 1)


def test_the_definition_alone_is_checked_without_handlers(
    application: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, listed = found(capsys, "workflow/my_api.asl.json")
    assert code == 0
    assert ("warning", "EP206", "/States/Call API") in listed


def test_an_error_makes_it_fail_and_the_project_can_silence_it(
    application: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    edit("workflow/my_api.asl.json", "States.ALL", "State.ALL")
    assert found(capsys)[0] == 1
    Path("pyproject.toml").write_text('[tool.everypath.check.per-state]\n"Call API" = ["EP109"]\n')
    assert found(capsys)[0] == 0


def test_text_and_sarif_are_written(application: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "MyAPIStateMachine"]) == 0
    assert "workflow/my_api.asl.json:5: warning EP206 /States/Call API\n" in capsys.readouterr().out
    assert main(["check", "--format", "sarif"]) == 0
    assert json.loads(capsys.readouterr().out)["runs"][0]["results"]


@pytest.mark.parametrize("arguments", [["Nobody"], ["none.asl.json"], ["--template", "none.yaml"]])
def test_wrong_input_exits_with_2(arguments: list[str], application: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", *arguments]) == 2
    assert capsys.readouterr().err.startswith("everypath: ")


def test_the_errors_of_the_handler_are_those_of_its_source(application: Path) -> None:
    assert error_names(read("template.yaml").functions["MockAPIFunction"]) == (
        "InvalidStatusCodeException",
        "ServerUnavailableException",
        "TooManyRequestsException",
        "UnknownException",
    )
