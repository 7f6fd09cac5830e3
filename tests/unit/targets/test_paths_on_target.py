"""``everypath paths --target``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from everypath.cli.main import main
from tests.support.application import ROOT, TEMPLATE
from tests.support.command import run_command
from tests.support.server import Running
from tests.support.templates import write_template
from tests.unit.targets.conftest import Application

EVENTS = str(ROOT / "events")


def paths(
    capsys: pytest.CaptureFixture[str], url: str, *options: str, template: Path = TEMPLATE
) -> tuple[int, str, str]:
    return run_command(capsys, "paths", "--template", template, "--target", url, *options)


def test_cases_that_the_handlers_come_to_by_an_input_run_and_the_others_are_skipped_by_name(
    application: Application, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = paths(capsys, application.url, "--events", EVENTS, "--json")
    verdicts = {case["id"]: (case["verdict"], Path(case["by"]).name) for case in json.loads(out)["cases"]}
    assert code == 0
    assert verdicts == {
        "success": ("same", "200.json"),
        "retry:Call API/0/first": ("skipped", ""),
        "retry:Call API/0/last": ("skipped", ""),
        "catch:Call API/0": ("same", "429.json"),
        "catch:Call API/1": ("same", "503.json"),
        "catch:Call API/2": ("same", "999.json"),
        "loop:next:Change to 200": ("skipped", ""),
    }
    _, out, _ = paths(capsys, application.url, "--events", EVENTS)
    assert out.startswith(f"MyAPIStateMachine on {application.url}: 4 same, 0 differs, 3 skipped\n")
    assert (
        "  Call API: recovers on the last attempt (TooManyRequestsException): Call API: "
        "Throw TooManyRequestsException (2 times), Return: cannot be injected into"
    ) in out


def test_with_the_mock_configuration_every_case_runs(
    application: Application, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--events", EVENTS, "--mock-config", str(application.mocks)]
    code, out, _ = paths(capsys, application.url, *options)
    assert code == 0
    assert out.startswith(f"MyAPIStateMachine on {application.url}: 7 same, 0 differs, 0 skipped\n")
    assert "Skipped" not in out


def test_the_cases_of_an_exported_mock_configuration_are_found_in_it(
    application: Application, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["paths", "--template", str(TEMPLATE), "--export", "mock-config"])
    exported = capsys.readouterr().out
    application.mocks.write_text(exported)
    code, out, _ = paths(capsys, application.url, "--mock-config", str(application.mocks))
    assert code == 0
    assert "0 differs, 0 skipped" in out
    assert application.mocks.read_text() == exported


def test_a_definition_without_tasks_needs_no_faults(
    bare: Running, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rule = {"Variable": "$.kind", "StringEquals": "a", "Next": "A"}
    choose = {"Type": "Choice", "Choices": [rule], "Default": "B"}
    end = {"Type": "Pass", "End": True}
    definition = {"StartAt": "Choose", "States": {"Choose": choose, "A": end, "B": end}}
    code, out, _ = paths(capsys, bare.url, template=write_template(tmp_path, definition, name="choice"))
    assert (code, out.splitlines()[0]) == (0, f"choice on {bare.url}: 2 same, 0 differs, 0 skipped")


def test_a_case_that_comes_to_something_else_there_fails_the_command(
    application: Application, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["paths", "--template", str(TEMPLATE), "--export", "mock-config"])
    config = json.loads(capsys.readouterr().out)
    own = str(application.mocks) + ".own"
    Path(own).write_text(json.dumps(config))
    for response in config["MockedResponses"].values():
        if "0" in response:
            response["0"] = {"Return": "200 OK"}  # what the server reads is not what is expected of it
    application.mocks.write_text(json.dumps(config))
    code, out, _ = paths(capsys, application.url, "--mock-config", own)
    assert code == 1
    assert (
        "Call API: caught, to Server Unavailable (ServerUnavailableException): status SUCCEEDED in place of FAILED"
        in out
    )


@pytest.mark.parametrize("option", [["--export", "pytest"], ["--update"], ["--check"]])
def test_what_is_of_the_embedded_engine_is_refused(
    application: Application, capsys: pytest.CaptureFixture[str], option: list[str]
) -> None:
    code, _, err = paths(capsys, application.url, *option)
    assert code == 2
    assert err == f"everypath: {option[0]}: always uses the cases of the embedded engine; leave out --target\n"


def test_events_without_a_target_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = paths(capsys, "embedded", "--events", EVENTS)
    assert (code, err) == (2, "everypath: --events: the inputs are for a --target, and there is none\n")


def test_a_mock_configuration_that_is_none_is_refused(
    application: Application, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mocks.json").write_text("[]")
    code, _, err = paths(capsys, application.url, "--mock-config", str(tmp_path / "mocks.json"))
    assert code == 2
    assert "mocks.json: /: expected an object with StateMachines and MockedResponses" in err
