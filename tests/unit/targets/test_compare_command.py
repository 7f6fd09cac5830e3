"""``everypath compare``."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from everypath.cli.main import main
from tests.support.application import TEMPLATE
from tests.support.command import run_command
from tests.unit.targets.conftest import Application

Compare = Callable[..., tuple[int, str, str]]


@pytest.fixture
def compare(capsys: pytest.CaptureFixture[str]) -> Compare:
    def run(left: object, right: object, *options: str) -> tuple[int, str, str]:
        return run_command(capsys, "compare", left, right, "--template", TEMPLATE, *options)

    return run


@pytest.fixture
def saved(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Path:
    """What `everypath run --json` prints of 503."""
    main(["run", "--template", str(TEMPLATE), "--input", '{"statusCode": "503"}', "--json"])
    file = tmp_path / "503.json"
    file.write_text(capsys.readouterr().out)
    return file


@pytest.mark.parametrize("code", ["200", "429", "503", "999"])
def test_two_targets_that_do_the_same(compare: Compare, application: Application, code: str) -> None:
    found = compare("embedded", application.url, "--input", json.dumps({"statusCode": code}))
    assert found == (0, f"same: embedded and {application.url}\n", "")


def test_a_saved_run_and_a_target_are_compared_by_the_saved_input(
    compare: Compare, application: Application, saved: Path
) -> None:
    assert compare(saved, application.url) == (0, f"same: {saved} and {application.url}\n", "")
    assert compare("embedded", saved)[0] == 0


def test_the_first_event_that_differs_is_shown_side_by_side(compare: Compare, saved: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.json"
    other.write_text(
        saved.read_text().replace('"503 Server Unavailable', '"503 is down').replace("503 Server", "503 is")
    )
    found = json.loads(saved.read_text())
    found["events"][4]["lambdaFunctionFailedEventDetails"]["error"] = "Busy"
    other.write_text(json.dumps(found))
    code, out, _ = compare(saved, other)
    assert code == 1
    lines = [line.split() for line in out.splitlines()]
    assert lines[0] == ["differs:", str(saved), "and", str(other)]
    assert ["event", "5", "5"] in lines
    assert ["error", "ServerUnavailableException", "Busy"] in lines
    code, out, _ = compare(saved, other, "--json")
    told = json.loads(out)
    assert (code, told["same"], told["difference"]["left"]["id"]) == (1, False, 5)
    assert told["difference"]["fields"] == [{"place": "error", "left": "ServerUnavailableException", "right": "Busy"}]


def test_a_history_that_ends_sooner_differs_where_it_ends(compare: Compare, saved: Path, tmp_path: Path) -> None:
    found = json.loads(saved.read_text())
    found["events"].pop()
    shorter = tmp_path / "shorter.json"
    shorter.write_text(json.dumps(found["events"]))
    code, out, _ = compare(saved, shorter)
    assert code == 1
    assert "ExecutionFailed" in out


@pytest.mark.parametrize(
    ("name", "here", "there"),
    [
        ("roles", "arn:aws:iam::123456789012:role/workflow", "arn:aws:iam::210987654321:role/other"),
        ("moments", "2026-01-01T00:00:00.000Z", "2026-11-25T10:11:12.123Z"),
        ("ids", "0f3c4a3e-3b1c-4a55-8f0e-0f3c4a3e3b1c", "a1b2c3d4-3b1c-4a55-8f0e-0f3c4a3e3b1c"),
        ("tokens", "0f3c4a3e-3b1c-4a55-8f0e-0f3c4a3e3b1c", "AQCEAAAAKgAAAAMAAAAAAAAAAd" + "x9Az/+" * 60),
        (
            "accounts",
            "arn:aws:lambda:us-east-1:123456789012:function:Fn",
            "arn:aws:lambda:eu-west-1:210987654321:function:Fn",
        ),
    ],
)
def test_what_is_another_in_each_execution_is_no_difference(
    compare: Compare, tmp_path: Path, name: str, here: str, there: str
) -> None:
    for file, value in (("left.json", here), ("right.json", there)):
        (tmp_path / file).write_text(
            json.dumps(history(value, role=value if name == "roles" else "arn:aws:iam::1:role/a"))
        )
    code, out, _ = compare(tmp_path / "left.json", tmp_path / "right.json")
    assert (code, out[:5]) == ((1, "diffe") if name == "roles" else (0, "same:"))


def history(value: str, role: str) -> list[dict[str, object]]:
    text = json.dumps({"value": value})
    events: list[tuple[str, dict[str, object]]] = [
        ("ExecutionStarted", {"executionStartedEventDetails": {"input": "{}", "roleArn": role}}),
        ("PassStateEntered", {"stateEnteredEventDetails": {"name": "A", "input": "{}"}}),
        ("PassStateExited", {"stateExitedEventDetails": {"name": "A", "output": text}}),
        ("ExecutionSucceeded", {"executionSucceededEventDetails": {"output": text}}),
    ]
    previous = (0, 0, 2, 3)
    return [
        {"id": number, "type": kind, "previousEventId": previous[number - 1], "timestamp": float(number), **told}
        for number, (kind, told) in enumerate(events, 1)
    ]


def test_what_the_transport_of_a_call_adds_is_no_difference(compare: Compare, tmp_path: Path) -> None:
    for file, date in (("left.json", "Tue"), ("right.json", "Wed")):
        events = history("x", "r")
        output = json.dumps({"value": 1, "SdkHttpMetadata": {"HttpHeaders": {"Date": date}}})
        events[2]["stateExitedEventDetails"] = {"name": "A", "output": output}
        (tmp_path / file).write_text(json.dumps(events))
    assert compare(tmp_path / "left.json", tmp_path / "right.json")[0] == 0


def test_two_targets_without_an_input_are_refused(compare: Compare, application: Application) -> None:
    code, _, err = compare("embedded", application.url)
    assert (code, err) == (
        2,
        "everypath: comparing two targets needs an input: give --event or --input\n",
    )


def test_a_file_that_is_not_there_is_refused(compare: Compare) -> None:
    code, _, err = compare("embedded", "nowhere.json")
    assert code == 2
    assert err.startswith("everypath: nowhere.json: cannot be read")


def test_a_file_of_several_runs_is_refused(compare: Compare, tmp_path: Path) -> None:
    (tmp_path / "all.json").write_text('{"events/200.json": {"status": "SUCCEEDED", "events": []}}')
    code, _, err = compare("embedded", tmp_path / "all.json")
    assert code == 2
    assert "expected the output of get-execution-history, with a list of 'events'" in err
