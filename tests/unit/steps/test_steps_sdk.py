"""How everypath.steps stands on the AWS Data Science SDK, each case in a Python process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

# What `import stepfunctions` imports besides itself: SageMaker, and pkg_resources, which setuptools 82 dropped.
STAND_INS = {
    "pkg_resources.py": "class Found:\n    version = '2.3.0'\ndef require(name):\n    return [Found]\n",
    "sagemaker/__init__.py": "",
    "sagemaker/workflow/__init__.py": "",
    "sagemaker/workflow/airflow.py": "training_config = transform_config = model_config = None\n"
    "tuning_config = processing_config = None\n",
    "sagemaker/model.py": "class Model: ...\nclass FrameworkModel: ...\n",
    "sagemaker/model_monitor.py": "class DataCaptureConfig: ...\n",
    "sagemaker/utils.py": "def base_name_from_image(image): ...\n",
    "sagemaker/pipeline.py": "class PipelineModel: ...\n",
    "sagemaker/sklearn/__init__.py": "",
    "sagemaker/sklearn/estimator.py": "class SKLearn: ...\n",
}


def files(folder: Path, contents: dict[str, str]) -> Path:
    for name, text in contents.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


@pytest.fixture
def sagemaker(tmp_path: Path) -> Path:
    """A folder for PYTHONPATH with which the real ``import stepfunctions`` succeeds."""
    return files(tmp_path / "sagemaker_stand_in", STAND_INS)


def python(code: str, *path: Path, flags: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, path))}
    command = [sys.executable, *flags, "-c", code]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def succeeds(code: str, *path: Path, flags: tuple[str, ...] = ()) -> str:
    result = python(code, *path, flags=flags)
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_importing_the_steps_imports_neither_sagemaker_nor_setuptools_nor_boto3() -> None:
    loaded = succeeds("import sys, everypath.steps; print(*{name.split('.')[0] for name in sys.modules})").split()
    assert not {"sagemaker", "pkg_resources", "setuptools", "boto3", "yaml"} & set(loaded)


def test_importing_the_steps_leaves_no_module_of_the_sdk_behind() -> None:
    code = "import sys, everypath.steps; print([name for name in sys.modules if 'stepfunctions' in name])"
    assert succeeds(code) == "[]\n"


def test_importing_the_steps_does_not_touch_the_root_logger_as_the_sdk_does() -> None:
    assert succeeds("import logging, everypath.steps; print(logging.getLogger().level)") == f"{30}\n"


def test_importing_the_steps_warns_of_nothing_even_when_the_sdk_is_compiled_anew(tmp_path: Path) -> None:
    flags = ("-W", "error", "-X", f"pycache_prefix={tmp_path}")
    assert python("import everypath.steps", flags=flags).stderr == ""


def test_a_later_import_of_the_real_sdk_has_the_same_classes(sagemaker: Path) -> None:
    code = """
from everypath import steps
import stepfunctions
from stepfunctions.steps import Chain, Choice, Map, Parallel, Pass, Retry, Task, Wait
import stepfunctions.steps.states as states

assert issubclass(steps.Task, Task) and issubclass(steps.Retry, Retry) and steps.Chain is Chain
assert stepfunctions.steps.states is states and stepfunctions.inputs.StepInput is steps.StepInput
assert isinstance(steps.Pass("P", end=True), stepfunctions.steps.Pass)
assert states.__spec__.loader.name == "stepfunctions.steps.states", states.__spec__
"""
    succeeds(code, sagemaker)


def test_an_earlier_import_of_the_real_sdk_has_the_same_classes(sagemaker: Path) -> None:
    code = """
import stepfunctions
from everypath import steps

assert issubclass(steps.Task, stepfunctions.steps.Task) and steps.Chain is stepfunctions.steps.Chain
"""
    succeeds(code, sagemaker)


def test_a_later_import_of_the_real_sdk_leaves_the_finder_and_can_be_reloaded(sagemaker: Path) -> None:
    code = """
import importlib, sys
import everypath.steps
import stepfunctions

assert not [finder for finder in sys.meta_path if type(finder).__module__.startswith("everypath")]
importlib.reload(stepfunctions.steps.fields)
"""
    succeeds(code, sagemaker)


def test_the_workflow_of_the_real_sdk_takes_a_state_machine(sagemaker: Path) -> None:
    code = """
import json
from unittest.mock import MagicMock
from everypath.steps import Pass, StateMachine
from stepfunctions.workflow import Workflow

client, machine = MagicMock(), StateMachine(Pass("P", end=True))
client.create_state_machine.return_value = {"stateMachineArn": "arn:aws:states:::stateMachine:W"}
Workflow("W", machine, "arn:aws:iam::123456789012:role/r", client=client).create()
assert json.loads(client.create_state_machine.call_args.kwargs["definition"]) == machine.to_definition()
"""
    succeeds(code, sagemaker)


def test_the_real_sdk_fails_without_sagemaker_as_it_always_does_and_the_steps_go_on(tmp_path: Path) -> None:
    code = """
from everypath.steps import Pass, StateMachine

for attempt in range(2):
    try:
        import stepfunctions
    except ImportError as error:
        print(error)
print(StateMachine(Pass("P", end=True)).to_json(pretty=False))
"""
    pkg_resources = files(tmp_path, {"pkg_resources.py": STAND_INS["pkg_resources.py"]})
    with_steps = succeeds(code, pkg_resources).splitlines()
    assert with_steps[0] == "No module named 'sagemaker'"
    assert with_steps[2] == '{"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}}'


def test_the_steps_can_be_imported_after_the_real_sdk_failed_for_want_of_sagemaker(tmp_path: Path) -> None:
    code = """
try:
    import stepfunctions
except ImportError:
    pass
import everypath.steps
"""
    succeeds(code, files(tmp_path, {"pkg_resources.py": STAND_INS["pkg_resources.py"]}))


def refusal(*path: Path, before: str = "") -> str:
    """The message of the `EverypathError`, which is an `ImportError` too, that importing the steps ends with."""
    code = f"""
{before}
from everypath.errors import EverypathError
try:
    import everypath.steps
except ImportError as error:
    assert isinstance(error, EverypathError), repr(error)
    print(error)
"""
    return succeeds(code, *path)


def test_an_absent_sdk_is_reported_with_the_command_that_installs_it() -> None:
    before = """
import importlib.metadata
def version(name):
    raise importlib.metadata.PackageNotFoundError(name)
importlib.metadata.version = version
"""
    assert refusal(before=before) == (
        "everypath.steps needs the AWS Data Science SDK, which is not installed: "
        "pip install --no-deps 'stepfunctions>=2.3,<3' (with uv, see docs/steps.md)\n"
    )


@pytest.mark.parametrize("version", ["2.2.0", "1.9.9", "3.0.0", "unknown"])
def test_an_unsupported_version_of_the_sdk_is_reported_with_the_command_that_installs_another(
    version: str, tmp_path: Path
) -> None:
    metadata = f"Metadata-Version: 2.1\nName: stepfunctions\nVersion: {version}\n"
    other = files(
        tmp_path,
        {f"stepfunctions-{version}.dist-info/METADATA": metadata, "stepfunctions/__init__.py": ""},
    )
    message = refusal(other)
    assert message.startswith(f"everypath.steps needs stepfunctions 2.3 or a later 2.x, found {version}: pip install")


@pytest.mark.parametrize("version", ["2.3.0", "2.4.1", "2.10.0"])
def test_a_later_version_of_the_second_sdk_is_taken(version: str) -> None:
    succeeds(
        f"import importlib.metadata\nimportlib.metadata.version = lambda name: {version!r}\nimport everypath.steps"
    )


@pytest.mark.parametrize("name", ["stepfunctions/__init__.py", "stepfunctions.py"])
def test_a_package_of_the_users_that_hides_the_sdk_is_named_and_left_alone(name: str, tmp_path: Path) -> None:
    own = files(tmp_path, {name: "OWN = 1\n"})
    message = refusal(own)
    assert message.startswith("the package 'stepfunctions' at ")
    assert "is not the AWS Data Science SDK" in message
    assert "rename it if it is your own" in message
    code = """
import sys
try:
    import everypath.steps
except ImportError:
    pass
assert "stepfunctions" not in sys.modules
import stepfunctions
assert stepfunctions.OWN == 1
"""
    succeeds(code, own)
