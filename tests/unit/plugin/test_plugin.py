"""The pytest plugin, in a pytest of its own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.nested_pytest import run_pytest

TEMPLATE = """
Transform: AWS::Serverless-2016-10-31
Resources:
  Order:
    Type: AWS::Serverless::StateMachine
    Properties:
      Name: order
      Definition:
        StartAt: Charge
        States:
          Charge:
            Type: Task
            Resource: arn:aws:lambda:us-east-1:123456789012:function:charge
            Retry: [{ErrorEquals: [Busy], MaxAttempts: 1}]
            Catch: [{ErrorEquals: [States.ALL], Next: Refund}]
            End: true
          Refund: {Type: Pass, End: true}
"""
TESTS = """
from everypath import Return, Throw

def test_success(everypath):
    machine = everypath.load("template.yaml", "Order")
    assert machine.run({}, faults={"Charge": [Throw("Busy"), Return({})]}).succeeded

def test_failure(everypath):
    machine = everypath.load()
    assert machine.run({}, faults={"Charge": [Throw("Busy"), Throw("Busy")]}).path == ("Charge", "Refund")
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "template.yaml").write_text(TEMPLATE)
    (tmp_path / "test_order.py").write_text(TESTS)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    return tmp_path


def test_without_the_option_nothing_is_reported(project: Path) -> None:
    result = run_pytest(project, every_plugin=True)
    assert result.returncode == 0
    assert "everypath coverage" not in result.stdout


def test_all_is_taken(project: Path) -> None:
    result = run_pytest(project, "--everypath-cov-fail-under", "100")
    assert result.returncode == 0, result.stdout
    assert "100%" in result.stdout


def test_without_a_test_the_coverage_drops_and_the_missing_are_named_with_their_places(project: Path) -> None:
    result = run_pytest(project, "--everypath-cov-fail-under", "100", "-k", "success")
    assert result.returncode == 1
    assert "Charge: catcher 0 (States.ALL) to Refund  (/States/Charge/Catch/0)" in result.stdout
    assert "below the required 100%" in result.stdout


def test_workers_of_xdist_add_up(project: Path) -> None:
    result = run_pytest(project, "-n", "2", "--everypath-cov", "--everypath-cov-report", "json:out/cov.json")
    assert result.returncode == 0, result.stdout
    report = json.loads((project / "out" / "cov.json").read_text())
    assert report["percent"] == 100
    [machine] = report["machines"]
    assert machine["runs"] == 2
    assert machine["missing"] == []


def test_the_page_shows_what_is_missing(project: Path) -> None:
    run_pytest(project, "--everypath-cov-report", "html:cov.html", "-k", "success")
    assert '<li class="missing">Charge: catcher 0' in (project / "cov.html").read_text()


def test_a_machine_that_no_test_runs_is_reported_where_its_template_is_named(project: Path) -> None:
    (project / "test_order.py").write_text("def test_nothing(): pass\n")
    result = run_pytest(project, "--everypath-cov", "--everypath-cov-template", "template.yaml")
    assert "0%" in result.stdout
    assert "no state machine was run" in run_pytest(project, "--everypath-cov").stdout


def test_a_wrong_report_is_refused(project: Path) -> None:
    result = run_pytest(project, "--everypath-cov-report", "xml:out")
    assert result.returncode == 4
    assert "expected term, json:FILE or html:FILE" in result.stderr


def test_a_failing_run_stays_a_failing_run(project: Path) -> None:
    (project / "test_order.py").write_text(TESTS + "\ndef test_wrong():\n    assert False\n")
    assert run_pytest(project, "--everypath-cov").returncode == 1


NESTED = """
Transform: AWS::Serverless-2016-10-31
Resources:
  Outer:
    Type: AWS::Serverless::StateMachine
    Properties:
      Name: outer
      DefinitionSubstitutions: {InnerArn: !Ref Inner}
      Definition:
        StartAt: Start
        States:
          Start:
            Type: Task
            Resource: arn:aws:states:::states:startExecution.sync:2
            Parameters: {StateMachineArn: "${InnerArn}", Input: {items: [1, 2]}}
            End: true
  Inner:
    Type: AWS::Serverless::StateMachine
    Properties:
      Name: inner
      Definition:
        StartAt: Each
        States:
          Each:
            Type: Map
            ItemsPath: $.items
            ItemProcessor:
              ProcessorConfig: {Mode: DISTRIBUTED, ExecutionType: EXPRESS}
              StartAt: Many?
              States:
                Many?: {Type: Choice, Choices: [{Variable: $, NumericGreaterThan: 1, Next: Many}], Default: One}
                Many: {Type: Succeed}
                One: {Type: Pass, End: true}
            End: true
"""
NESTED_TEST = """
def test_all(everypath):
    assert everypath.load("template.yaml", "Outer").run({}).succeeded
"""


def test_express_children_of_a_machine_that_another_one_starts_are_seen(project: Path) -> None:
    (project / "template.yaml").write_text(NESTED)
    (project / "test_order.py").write_text(NESTED_TEST)
    result = run_pytest(
        project, "-n", "2", "--everypath-cov-fail-under", "100", "--everypath-cov-report", "json:cov.json"
    )
    assert result.returncode == 0, result.stdout
    machines = json.loads((project / "cov.json").read_text())["machines"]
    assert {one["machine"]: (one["runs"], one["percent"]) for one in machines} == {"inner": (1, 100), "outer": (1, 100)}
