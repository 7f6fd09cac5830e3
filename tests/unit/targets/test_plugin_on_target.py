"""``pytest --everypath-target``, in a pytest of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.application import ROOT, copy_application
from tests.support.nested_pytest import run_pytest
from tests.unit.targets.conftest import Application

TESTS = """
import pytest
import everypath as package
from everypath import Throw

@pytest.fixture
def machine():
    return package.load("template.yaml")

def test_by_input(machine):
    execution = machine.run({"statusCode": "503"})
    assert execution.state_machine_arn.endswith(":MyAPIStateMachine")
    assert execution.path == ("Call API", "Server Unavailable")

def test_by_fault(everypath):
    execution = everypath.load().run({"statusCode": "200"}, faults={"Call API": [Throw("Busy")]})
    assert execution.path == ("Call API", "Catch All")

@pytest.fixture
def throttled(machine):
    return machine.run({"statusCode": "200"}, faults={"Call API": [Throw("TooManyRequestsException")]})

def test_by_fault_of_a_fixture(throttled):
    assert throttled.path == ("Call API", "OK")
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    copy_application(tmp_path)
    (tmp_path / "test_machine.py").write_text(TESTS)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    return tmp_path


def test_what_cannot_be_injected_is_skipped_by_name(project: Path, application: Application) -> None:
    done = run_pytest(project, "-rs", f"--everypath-target={application.url}")
    assert done.returncode == 0, done.stdout
    assert "1 passed, 2 skipped" in done.stdout
    why = f"cannot be injected into {application.url} without the mock configuration it reads"
    assert f"test_by_fault: Call API: Throw Busy: {why}" in done.stdout
    assert f"test_by_fault_of_a_fixture: Call API: Throw TooManyRequestsException: {why}" in done.stdout


def test_with_the_mock_configuration_all_tests_run_in_several_processes_too(
    project: Path, application: Application
) -> None:
    options = [f"--everypath-target={application.url}", f"--everypath-mock-config={application.mocks}"]
    done = run_pytest(project, *options)
    assert "3 passed" in done.stdout, done.stdout
    assert "3 passed" in run_pytest(project, *options, "-n", "2").stdout


def test_coverage_counts_what_ran_on_the_target(project: Path, application: Application) -> None:
    done = run_pytest(project, f"--everypath-target={application.url}", "--everypath-cov")
    assert done.returncode == 0, done.stdout
    assert "Server Unavailable" not in done.stdout  # it was taken, so it is not among what is missing
    assert "Catch All" in done.stdout


def test_an_endpoint_that_does_not_answer_fails_the_tests(project: Path) -> None:
    done = run_pytest(project, "--everypath-target=http://127.0.0.1:1")
    assert done.returncode == 1
    assert "TargetError: http://127.0.0.1:1: Could not connect to the endpoint URL" in done.stdout


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--everypath-target=nowhere"], "--everypath-target: the target: expected embedded, a URL"),
        (["--everypath-mock-config=mocks.json"], "need an --everypath-target"),
        (["--everypath-target=http://127.0.0.1:1", "--everypath-mock-config=no.json"], "no.json: cannot be read"),
    ],
)
def test_wrong_options_are_told_in_one_line(project: Path, options: list[str], message: str) -> None:
    done = run_pytest(project, *options)
    assert done.returncode == 4
    assert message in done.stderr


def test_the_suite_of_the_application_runs_on_a_server_without_mocks_but_for_the_faults(
    application: Application,
) -> None:
    options = [f"--everypath-target={application.url}"]
    done = run_pytest(ROOT, "tests/app/test_outcomes.py", "tests/app/test_paths.py", "-rs", *options)
    assert done.returncode == 0, done.stdout
    assert "11 passed, 18 skipped" in done.stdout
    assert done.stdout.count(f"cannot be injected into {application.url} without the mock configuration") == 17


def test_the_application_has_one_suite_for_all_targets(application: Application) -> None:
    options = [f"--everypath-target={application.url}", f"--everypath-mock-config={application.mocks}"]
    done = run_pytest(ROOT, "tests/app/test_outcomes.py", "tests/app/test_paths.py", "-rs", *options)
    assert done.returncode == 0, done.stdout
    assert "28 passed, 1 skipped" in done.stdout
