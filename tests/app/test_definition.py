"""The workflow as it is written in Python, and the definition that is deployed."""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tests.support.application import ROOT

SCRIPT = ROOT / "workflow" / "build_definition.py"
DEFINITION = ROOT / "workflow" / "my_api.asl.json"

# The tutorial's, with the broken line of its comment joined and the function's ARN as a substitution of the template.
TUTORIAL = {
    "Comment": "An example of using retry and catch to handle API responses",
    "StartAt": "Call API",
    "States": {
        "Call API": {
            "Type": "Task",
            "Resource": "${MockAPIFunctionArn}",
            "Next": "OK",
            "Comment": "Catch a 429 (Too many requests) API exception, "
            "and resubmit the failed request in a rate-limiting fashion.",
            "Retry": [{"ErrorEquals": ["TooManyRequestsException"], "IntervalSeconds": 1, "MaxAttempts": 2}],
            "Catch": [
                {"ErrorEquals": ["TooManyRequestsException"], "Next": "Wait and Try Later"},
                {"ErrorEquals": ["ServerUnavailableException"], "Next": "Server Unavailable"},
                {"ErrorEquals": ["States.ALL"], "Next": "Catch All"},
            ],
        },
        "Wait and Try Later": {"Type": "Wait", "Seconds": 1, "Next": "Change to 200"},
        "Server Unavailable": {
            "Type": "Fail",
            "Error": "ServerUnavailable",
            "Cause": "The server is currently unable to handle the request.",
        },
        "Catch All": {
            "Type": "Fail",
            "Cause": "Unknown error!",
            "Error": "An error of unknown type occurred",
        },
        "Change to 200": {"Type": "Pass", "Result": {"statusCode": "200"}, "Next": "Call API"},
        "OK": {"Type": "Pass", "Result": "The request has succeeded.", "End": True},
    },
}


def build_definition() -> ModuleType:
    """Import the script, as somebody who wants its `build` would."""
    spec = importlib.util.spec_from_file_location("build_definition", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the workflow and of the one file it takes from the function."""
    shutil.copytree(ROOT / "workflow", tmp_path / "workflow", ignore=shutil.ignore_patterns("__pycache__"))
    function = tmp_path / "functions" / "mock_api"
    function.mkdir(parents=True)
    shutil.copy(ROOT / "functions" / "mock_api" / "errors.py", function)
    return tmp_path


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "workflow/build_definition.py", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_the_builder_makes_the_tutorials_definition() -> None:
    assert build_definition().build().to_definition() == TUTORIAL


def test_the_committed_definition_is_the_tutorials() -> None:
    assert json.loads(DEFINITION.read_text(encoding="utf-8")) == TUTORIAL


def test_the_committed_definition_is_what_the_builder_makes() -> None:
    result = run(ROOT, "--check")
    assert (result.returncode, result.stdout) == (0, "workflow/my_api.asl.json: up to date\n"), result.stderr


def test_the_builder_leaves_the_import_path_as_it_was() -> None:
    before = list(sys.path)
    build_definition()
    assert sys.path == before


def test_the_error_names_are_those_of_the_functions_exceptions(copy: Path) -> None:
    errors = copy / "functions" / "mock_api" / "errors.py"
    errors.write_text(errors.read_text().replace("TooManyRequestsException", "ThrottledException"))
    script = copy / "workflow" / "build_definition.py"
    script.write_text(script.read_text().replace("TooManyRequestsException", "ThrottledException"))
    assert run(copy).stdout == "workflow/my_api.asl.json: written\n"
    definition = json.loads((copy / "workflow" / "my_api.asl.json").read_text())
    assert definition["States"]["Call API"]["Retry"][0]["ErrorEquals"] == ["ThrottledException"]


def test_check_fails_when_the_definition_is_stale_and_says_what_to_run(copy: Path) -> None:
    definition = copy / "workflow" / "my_api.asl.json"
    definition.write_text(definition.read_text().replace('"MaxAttempts": 2', '"MaxAttempts": 3'))
    result = run(copy, "--check")
    assert result.returncode == 1
    assert result.stderr == "workflow/my_api.asl.json is stale; run: python workflow/build_definition.py\n"
    assert '"MaxAttempts": 3' in definition.read_text()


def test_check_fails_when_the_definition_is_missing_and_says_what_to_run(copy: Path) -> None:
    (copy / "workflow" / "my_api.asl.json").unlink()
    result = run(copy, "--check")
    assert result.returncode == 1
    assert result.stderr == "workflow/my_api.asl.json is missing; run: python workflow/build_definition.py\n"


def test_building_makes_a_stale_definition_fresh_and_writes_a_fresh_one_no_more(copy: Path) -> None:
    definition = copy / "workflow" / "my_api.asl.json"
    definition.write_text("{}\n")
    assert run(copy).stdout == "workflow/my_api.asl.json: written\n"
    assert definition.read_bytes() == DEFINITION.read_bytes()
    assert run(copy).stdout == "workflow/my_api.asl.json: up to date\n"


def test_the_builder_works_from_any_folder(copy: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "else where"
    elsewhere.mkdir()
    command = [sys.executable, str(copy / "workflow" / "build_definition.py"), "--check"]
    assert subprocess.run(command, cwd=elsewhere, capture_output=True, check=False).returncode == 0


def test_wrong_arguments_exit_with_2(copy: Path) -> None:
    result = run(copy, "--chek")
    assert result.returncode == 2
    assert "unrecognized arguments: --chek" in result.stderr
