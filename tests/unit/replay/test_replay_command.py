from __future__ import annotations

import json
from pathlib import Path

import pytest

from everypath.tasks.scripted_outcomes import Return
from tests.support.command import run_command
from tests.support.nested_pytest import run_pytest
from tests.unit.engine.machines import FUNCTION, chain, run_machine, task
from tests.unit.replay.recorded import history

TEMPLATE = """\
Transform: AWS::Serverless-2016-10-31
Resources:
  Fn:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: code, Handler: app.handler, Runtime: python3.13}
  Machine:
    Type: AWS::Serverless::StateMachine
    Properties: {DefinitionUri: m.asl.json, DefinitionSubstitutions: {Fn: !GetAtt Fn.Arn}}
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    recorded = history(run_machine(chain(("A", task())), {"x": 1}, {"A": [Return("y")]}))
    deployed = "arn:aws:lambda:eu-west-1:999999999999:function:prod-Fn-1A2B3C"
    Path("history.json").write_text(json.dumps(recorded, indent=1).replace(FUNCTION, deployed))
    Path("template.yaml").write_text(TEMPLATE)
    Path("m.asl.json").write_text(json.dumps(chain(("A", task(Resource="${Fn}")))))
    Path("other.asl.json").write_text(json.dumps(chain(("B", task(Resource=deployed)))))
    Path("same.asl.json").write_text(json.dumps(chain(("A", task(Resource=deployed)))))
    return tmp_path


def replay(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    return run_command(capsys, "replay", *arguments)


def test_the_same_path_exits_with_0(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = replay(capsys, "history.json", "Machine")
    assert (code, err) == (0, "")
    assert out == "same path: history.json\n  7 events, 1 transitions, SUCCEEDED\n"


def test_another_path_exits_with_1(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = replay(capsys, "history.json", "--definition", "other.asl.json")
    assert (code, err) == (1, "")
    assert "TaskStateEntered  TaskStateEntered" in out


def test_a_definition_in_a_file_needs_no_template(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("template.yaml").unlink()
    assert replay(capsys, "history.json", "--definition", "same.asl.json")[0] == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["none.json"], "none.json: cannot be read"),
        (["history.json", "Machine", "--definition", "same.asl.json"], "leave one of them out"),
        (["history.json", "--definition", "none.json"], "none.json: cannot be read"),
        (["history.json", "Unknown"], "no state machine 'Unknown'"),
        (["history.json", "--save", "tests/order.py"], "expected a file that pytest finds"),
    ],
)
def test_wrong_input_exits_with_2_and_says_what_is_wrong(
    project: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    code, _, err = replay(capsys, *arguments)
    assert code == 2
    assert message in err


def test_json_is_for_machines(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = replay(capsys, "history.json", "--json")
    assert code == 0
    assert json.loads(out) == {
        "history": "history.json",
        "same": True,
        "recorded_end": "ExecutionSucceeded",
        "status": "SUCCEEDED",
        "events": 7,
    }


@pytest.mark.parametrize("options", [[], ["Machine"], ["--definition", "same.asl.json"]])
def test_a_saved_replay_is_a_test_that_passes_until_the_path_changes(
    project: Path, capsys: pytest.CaptureFixture[str], options: list[str]
) -> None:
    assert replay(capsys, "history.json", *options, "--save", "tests/replays/test_order_4711.py")[0] == 0
    assert Path("tests/replays/order_4711.history.json").read_text() == Path("history.json").read_text()
    text = Path("tests/replays/test_order_4711.py").read_text()
    assert str(project) not in text
    passed = run_pytest(project, "tests")
    assert (passed.returncode, "1 passed" in passed.stdout) == (0, True), passed.stdout
    for name in ("m.asl.json", "same.asl.json"):
        Path(name).write_text(Path(name).read_text().replace('"A"', '"B"'))
    failed = run_pytest(project, "tests")
    assert failed.returncode == 1
    assert "differs: " in failed.stdout


def test_a_saved_replay_does_not_overwrite_another_file(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("test_a.py").write_text("# mine\n")
    code, _, err = replay(capsys, "history.json", "--save", "test_a.py")
    assert (code, Path("test_a.py").read_text()) == (2, "# mine\n")
    assert "test_a.py is there already" in err


def test_a_replay_that_differs_is_not_saved(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = replay(capsys, "history.json", "--definition", "other.asl.json", "--save", "test_a.py")
    assert (code, Path("test_a.py").exists()) == (1, False)
    assert "test_a.py is not written" in err
