from __future__ import annotations

import os
from pathlib import Path

import pytest

import everypath
from everypath import api, sam
from everypath.sam.model import THIS_RUNTIME
from tests.unit.sam.conftest import Write

TEMPLATE = f"""
Resources:
  Fn:
    Type: AWS::Serverless::Function
    Properties: {{CodeUri: src, Handler: app.handler, Runtime: {THIS_RUNTIME}}}
  Machine:
    Type: AWS::Serverless::StateMachine
    Properties: {{DefinitionUri: flow/m.asl.json}}
"""
BUILT = TEMPLATE.replace("CodeUri: src", "CodeUri: Fn").replace("flow/", "../../flow/")


@pytest.fixture
def project(write: Write) -> None:
    """A project that was built: the build is ten seconds newer than the source."""
    write(
        {
            "template.yaml": TEMPLATE,
            "src/app.py": "",
            "src/package/inner.py": "",
            "flow/m.asl.json": '{"StartAt": "A"}',
            ".aws-sam/build/template.yaml": BUILT,
            ".aws-sam/build/Fn/app.py": "",
        }
    )
    for file in Path.cwd().rglob("*"):
        set_age(file, 0 if ".aws-sam" in file.parts else 10)


def set_age(path: Path, seconds: float) -> None:
    os.utime(path, (1_700_000_000 - seconds,) * 2)


def test_what_sam_build_left_is_used(project: None) -> None:
    template = sam.read("template.yaml")
    assert template.built
    assert template.note == "using what sam build made: .aws-sam/build/template.yaml"
    assert (template.path, template.used) == (Path("template.yaml"), Path(".aws-sam/build/template.yaml"))
    assert template.functions["Fn"].code_dir == Path.cwd() / ".aws-sam/build/Fn"
    found = template.state_machine()
    assert (found.definition, found.source) == ({"StartAt": "A"}, Path("flow/m.asl.json"))


@pytest.mark.parametrize("changed", ["template.yaml", "src/app.py", "src/package/inner.py"])
def test_a_build_that_is_older_than_a_source_is_not_used(project: None, changed: str) -> None:
    set_age(Path(changed), -1)
    template = sam.read("template.yaml")
    assert not template.built
    assert template.note == f"not using .aws-sam/build: {changed} is newer than the build"
    assert template.functions["Fn"].code_dir == Path.cwd() / "src"


@pytest.mark.parametrize("changed", ["src/__pycache__/app.pyc", "src/.venv/lib/x.py", "flow/m.asl.json"])
def test_a_build_is_not_older_for_what_is_not_built(project: None, changed: str) -> None:
    Path(changed).parent.mkdir(parents=True, exist_ok=True)
    Path(changed).touch()
    if changed.startswith("flow"):
        Path(changed).write_text('{"StartAt": "B"}')
    template = sam.read("template.yaml")
    assert template.built
    if changed.startswith("flow"):
        assert template.state_machine().definition == {"StartAt": "B"}


def test_a_build_is_not_used_against_ones_will(project: None) -> None:
    template = sam.read("template.yaml", use_build=False)
    assert not template.built
    assert template.note == ""


def test_a_build_for_another_python_is_not_used(project: None) -> None:
    built = Path(".aws-sam/build/template.yaml")
    Path("template.yaml").write_text(TEMPLATE.replace(THIS_RUNTIME, "python3.9"))
    set_age(Path("template.yaml"), 10)
    template = sam.read("template.yaml")
    assert not template.built
    assert template.note == f"not using {built.parent}: it is built for python3.9, and this is {THIS_RUNTIME}"
    assert template.other_runtimes == {"python3.9": ["Fn"]}


def test_tests_run_the_source_unless_told_otherwise(project: None) -> None:
    Path("flow/m.asl.json").write_text('{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}')
    assert not everypath.load().template.built
    with api.session(use_build=True):
        assert everypath.load().template.built


def test_a_built_template_can_be_read_itself(project: None) -> None:
    template = sam.read(".aws-sam/build/template.yaml")
    assert template.functions["Fn"].code_dir == Path.cwd() / ".aws-sam/build/Fn"
    assert template.note == ""


def test_without_a_build_the_source_is_used(write: Write) -> None:
    write({"template.yaml": TEMPLATE, "src/app.py": ""})
    template = sam.read("template.yaml")
    assert not template.built
    assert template.note == ""


def test_reading_a_template_does_not_import_yaml_before_it_is_needed() -> None:
    import subprocess
    import sys

    code = "import sys, everypath.sam; print('yaml' in sys.modules)"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout == "False\n"
