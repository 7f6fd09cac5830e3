from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from everypath.sam.model import THIS_RUNTIME
from tests.support.application import ROOT
from tests.support.command import run_command
from tests.unit.server.functions import lambda_endpoint

TEMPLATE = """\
Transform: AWS::Serverless-2016-10-31
Parameters:
  Reply: {Type: String, Default: hello}
Resources:
  Fn:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: code
      Handler: app.handler
      Runtime: python3.13
      Environment: {Variables: {REPLY: !Ref Reply}}
  First:
    Type: AWS::Serverless::StateMachine
    Properties: {DefinitionUri: first.asl.json, DefinitionSubstitutions: {Fn: !GetAtt Fn.Arn}}
"""
HANDLER = """\
import os
def handler(event, context):
    print("handling", event)
    if event.get("fail"):
        raise ValueError("told to")
    return os.environ["REPLY"]
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("code").mkdir()
    Path("code/app.py").write_text(HANDLER)
    Path("template.yaml").write_text(TEMPLATE.replace("python3.13", THIS_RUNTIME))
    state = {"Type": "Task", "Resource": "${Fn}", "End": True}
    Path("first.asl.json").write_text(json.dumps({"StartAt": "T", "States": {"T": state}}, indent=1))
    return tmp_path


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    return run_command(capsys, "run", *arguments)


def test_a_succeeded_execution_exits_with_0(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, "--input", "{}")
    assert (code, err) == (0, "")
    assert 'SUCCEEDED    "hello"' in out


def test_a_failed_execution_exits_with_1_and_shows_its_history(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = run(capsys, "--input", '{"fail": true}')
    assert code == 1
    assert "FAILED       ValueError: told to" in out
    for column in ("ID", "Type", "Step", "Resource", "Elapsed Time (ms)", "Timestamp"):
        assert column in out
    assert "LambdaFunctionFailed     T" in out
    assert "event 5: ValueError: told to" in out


def test_json_has_the_documented_fields(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys, "--input", "{}", "--json")
    assert list(json.loads(out)) == ["status", "output", "path", "elapsed_seconds", "transitions", "events"]
    _, out, _ = run(capsys, "--input", '{"fail": 1}', "--json")
    found = json.loads(out)
    assert list(found) == ["status", "error", "cause", "path", "elapsed_seconds", "transitions", "events"]
    assert json.loads(found["cause"])["errorMessage"] == "told to"


def test_what_a_function_prints_is_shown_only_when_asked_for_and_never_on_standard_output(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, out, err = run(capsys, "--input", "{}", "--json")
    assert "handling" not in out + err
    _, out, err = run(capsys, "--input", "{}", "--json", "--logs")
    assert "handling {}" in err
    assert json.loads(out)["status"] == "SUCCEEDED"


def test_parameter_overrides_reach_the_function(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys, "--input", "{}", "--parameter-overrides", "Reply=bye")
    assert '"bye"' in out
    _, out, _ = run(capsys, "--input", "{}", "--parameter-overrides", "ParameterKey=Reply,ParameterValue=ciao")
    assert '"ciao"' in out


def test_an_event_comes_from_a_file_or_from_standard_input(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("event.json").write_text('{"a": 1}')
    assert "event.json" in run(capsys, "--event", "event.json")[1]
    with Path("event.json").open() as stream:
        monkeypatch.setattr(sys, "stdin", stream)
        assert '{"a":1}' in run(capsys, "--event", "-")[1]


def test_a_folder_of_events_exits_with_0_whatever_comes_of_them(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("events").mkdir()
    Path("events/bad.json").write_text('{"fail": true}')
    Path("events/good.json").write_text("{}")
    code, out, _ = run(capsys, "--events", "events")
    assert code == 0
    assert out.index("events/bad.json") < out.index("FAILED") < out.index("events/good.json") < out.index("SUCCEEDED")
    assert list(json.loads(run(capsys, "--events", "events", "--json")[1])) == ["events/bad.json", "events/good.json"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--event", "none.json"], "none.json: no such file"),
        (["--input", "{"], "--input: expected JSON, but"),
        (["--input", '"' + "x" * 262_144 + '"'], "--input: expected at most 262144 bytes, but it has 262146"),
        (["--input", "NaN"], "--input: expected JSON, but Non-standard token 'NaN'"),
        (["--events", "nowhere"], "--events: expected a folder, but nowhere is not one"),
        (["--events", "code"], "--events: expected .json files, but code has none"),
        (["--input", "{}", "--parameter-overrides", "Reply"], "expected KEY=VALUE, but got 'Reply'"),
        (["--input", "{}", "--template", "none.yaml"], "none.yaml"),
        (["Third", "--input", "{}"], "Third"),
    ],
)
def test_wrong_input_exits_with_2_and_one_clear_message(
    project: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    code, out, err = run(capsys, *arguments)
    assert (code, out) == (2, "")
    assert err.startswith("everypath: ")
    assert message in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("state", "message"),
    [
        ({"Type": "Tsk"}, "The field 'Type' should have one of these values: "),
        ({"Type": "Task", "End": True}, "These fields are required: [Resource] at /States/T"),
        ({"Type": "Pass", "Next": "U"}, "Missing 'Next' target: U at /States/T/Next"),
        ({"Type": "Pass"}, "This object should have only one of the following fields: [Next, End] at /States/T"),
        (
            {"Type": "Task", "Resource": "${Fn}", "End": True, "Retry": [{"ErrorEquals": ["E"], "MaxAttempts": -1}]},
            "Minimum value is 0 at /States/T/Retry[0]/MaxAttempts",
        ),
        (
            {"Type": "Task", "Resource": "${Fn}", "End": True, "Retry": [{"ErrorEquals": ["States.ALL", "E"]}]},
            "States.ALL must appear alone and at end of list at /States/T/Retry[0]/ErrorEquals[0]",
        ),
        ({"Type": "Task", "Resource": "${Missing}", "End": True}, "Missing"),
        (
            {"Type": "Task", "Resource": "nonsense", "End": True},
            "Value is not a valid resource ARN at /States/T/Resource",
        ),
    ],
)
def test_a_wrong_definition_exits_with_2_and_names_the_file_and_the_place(
    project: Path, capsys: pytest.CaptureFixture[str], state: dict[str, object], message: str
) -> None:
    Path("first.asl.json").write_text(json.dumps({"StartAt": "T", "States": {"T": state}}))
    code, _, err = run(capsys, "--input", "{}")
    assert code == 2
    assert "first.asl.json" in err
    assert message in err


def test_every_problem_of_a_definition_is_reported_at_once(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    states = {"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Wait", "Seconds": -1, "End": True}, "C": {"Type": "X"}}
    Path("first.asl.json").write_text(json.dumps({"StartAt": "A", "States": states}))
    err = run(capsys, "--input", "{}")[2]
    assert "Minimum value is 0 at /States/B/Seconds" in err
    assert "/States/C/Type" in err
    assert 'State "C" is not reachable. at /States/C' in err


def test_a_function_that_is_not_in_the_template_is_named(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arn = "arn:aws:lambda:us-east-1:123456789012:function:Elsewhere"
    state = {"Type": "Task", "Resource": arn, "End": True}
    Path("first.asl.json").write_text(json.dumps({"StartAt": "T", "States": {"T": state}}))
    code, _, err = run(capsys, "--input", "{}")
    assert code == 2
    assert f"state 'T' calls the function {arn}, which is not in template.yaml; functions there: " in err


def test_two_functions_whose_modules_have_one_name_run_with_no_configuration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("one", "two"):
        Path(name).mkdir()
        Path(name, "helper.py").write_text(f"NAME = {name!r}\n")
        Path(name, "app.py").write_text("def handler(event, context):\n    from helper import NAME\n    return NAME\n")
    Path("template.yaml").write_text(
        dedent("""\
        Transform: AWS::Serverless-2016-10-31
        Globals: {Function: {Handler: app.handler, Runtime: python3.13}}
        Resources:
          One: {Type: AWS::Serverless::Function, Properties: {CodeUri: one/}}
          Two: {Type: AWS::Serverless::Function, Properties: {CodeUri: two/}}
          Both:
            Type: AWS::Serverless::StateMachine
            Properties:
              Definition:
                StartAt: P
                States:
                  P:
                    Type: Parallel
                    End: true
                    Branches:
                      - {StartAt: A, States: {A: {Type: Task, Resource: !GetAtt One.Arn, End: true}}}
                      - {StartAt: B, States: {B: {Type: Task, Resource: !GetAtt Two.Arn, End: true}}}
        """)
    )
    code, out, _ = run(capsys, "--input", "{}", "--json")
    assert code == 0
    assert json.loads(out)["output"] == ["one", "two"]


def test_the_installed_script_runs_the_tutorial_without_any_environment(tmp_path: Path) -> None:
    script = shutil.which("everypath", path=str(Path(sys.executable).parent))
    assert script
    done = subprocess.run(
        [script, "run", "--template", str(ROOT / "template.yaml"), "--event", str(ROOT / "events/503.json"), "--json"],
        cwd=tmp_path,
        env={},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert len(json.loads(done.stdout)["events"]) == 8


def test_a_runtime_that_is_not_this_python_is_named(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("template.yaml").write_text(TEMPLATE.replace("python3.13", "python3.9"))
    code, _, err = run(capsys, "--input", "{}")
    assert (code, err) == (0, f"everypath: template.yaml: the code of Fn, for python3.9, runs on {THIS_RUNTIME}\n")


def test_a_function_of_another_runtime_is_refused_only_where_it_must_run(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("template.yaml").write_text(TEMPLATE.replace("python3.13", "nodejs22.x"))
    assert run_command(capsys, "paths")[0] == 0
    code, out, _ = run_command(capsys, "check")
    assert code == 0
    assert "EP101" not in out
    code, _, err = run(capsys, "--input", "{}")
    assert code == 2
    assert '"nodejs22.x", which is not Python, cannot be run in this process' in err
    assert "--lambda-endpoint and sam local start-lambda" in err


def test_functions_of_another_runtime_run_at_an_endpoint(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("template.yaml").write_text(TEMPLATE.replace("python3.13", "nodejs22.x"))
    with lambda_endpoint(Fn=lambda event: {"from": "node", **event}) as functions:
        code, out, _ = run(capsys, "--input", '{"a": 1}', "--lambda-endpoint", functions.url, "--json")
    assert (code, json.loads(out)["output"]) == (0, {"from": "node", "a": 1})
    assert functions.calls("Fn") == [{"a": 1}]


def test_an_endpoint_that_is_no_url_is_told(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = run(capsys, "--input", "{}", "--lambda-endpoint", "localhost:3001")
    assert (code, err) == (
        2,
        "everypath: --lambda-endpoint: expected a URL such as http://127.0.0.1:3001, but got 'localhost:3001'\n",
    )
