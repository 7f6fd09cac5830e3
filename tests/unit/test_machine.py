from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import everypath
from everypath import Execution, InputError, Machine, NotOnTargetError, Return, Throw
from everypath.api import session
from everypath.asl.errors import DefinitionError
from everypath.tasks.scripted_outcomes import Faults

TEMPLATE = """\
Transform: AWS::Serverless-2016-10-31
Resources:
  Machine:
    Type: AWS::Serverless::StateMachine
    Properties:
      Definition:
        StartAt: Slow
        States:
          Slow: {Type: Wait, Seconds: 60, Next: Job}
          Job:
            Type: Task
            Resource: arn:aws:states:::mediaconvert:createJob
            Parameters: {Role: r, Settings: {}}
            End: true
"""


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    path = tmp_path / "template.yaml"
    path.write_text(TEMPLATE)
    return everypath.load(path, scripted=["Job"])


def test_what_cannot_be_called_is_refused_by_name_when_it_is_loaded(tmp_path: Path) -> None:
    path = tmp_path / "template.yaml"
    path.write_text(TEMPLATE)
    with pytest.raises(DefinitionError, match=r"mediaconvert:createJob .* at /States/Job/Resource"):
        everypath.load(path)


def test_what_cannot_be_called_and_was_to_be_scripted_is_refused_before_anything_runs(machine: Machine) -> None:
    with pytest.raises(DefinitionError, match=r"mediaconvert:createJob .* at /States/Job/Resource"):
        machine.run({})


def test_what_cannot_be_called_may_be_scripted(machine: Machine) -> None:
    assert machine.run({}, faults={"Job": [Return({"Job": {}})]}).output == {"Job": {}}


def test_the_clock_starts_when_it_is_told_to(machine: Machine) -> None:
    start = datetime(2030, 6, 1, 12, tzinfo=UTC)
    execution = machine.run({}, start=start, faults={"Job": [Return()]})
    assert execution.start == start
    assert execution.stop == datetime(2030, 6, 1, 12, 1, tzinfo=UTC)


def test_an_execution_has_the_name_that_it_is_given(machine: Machine) -> None:
    execution = machine.run({}, name="mine", faults={"Job": [Return()]})
    assert execution.arn == "arn:aws:states:us-east-1:123456789012:execution:local-Machine:mine"


@pytest.mark.parametrize("name", ["", "a b", "a/b", "x" * 81, "a\n"])
def test_a_name_that_aws_refuses_is_refused(machine: Machine, name: str) -> None:
    with pytest.raises(InputError, match="name: expected 1 to 80 characters"):
        machine.run({}, name=name, faults={"Job": [Return()]})


def test_a_fault_for_what_is_no_task_is_refused_and_the_tasks_are_named(machine: Machine) -> None:
    with pytest.raises(InputError, match="expected a Task state, but got 'Slow'; Task states: Job"):
        machine.run({}, faults={"Job": [Throw("E")], "Slow": [Throw("E")]})


@pytest.mark.parametrize("value", [{1, 2}, object(), {"a": b"bytes"}])
def test_an_input_that_is_no_json_data_is_refused(machine: Machine, value: Any) -> None:
    with pytest.raises(InputError, match="input: expected JSON data"):
        machine.run(value)


def test_importing_everypath_loads_nothing_heavy() -> None:
    heavy = ["yaml", "boto3", "botocore", "jsonata", "starlette", "uvicorn", "tabulate", "stepfunctions"]
    code = f"import sys, everypath; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


class Elsewhere:
    """A target that says that it was asked."""

    name = "elsewhere"

    def run(self, machine: Machine, text: str, *, name: str | None = None, faults: Faults | None = None) -> Execution:
        raise NotOnTargetError(f"{self.name}: {text}")


def test_a_machine_that_was_loaded_before_a_session_runs_where_the_session_says(machine: Machine) -> None:
    with session(target=Elsewhere()), pytest.raises(NotOnTargetError, match=r"elsewhere: \{\}"):
        machine.run()
    assert machine.target is None


def test_a_target_of_its_own_comes_before_that_of_the_session(machine: Machine) -> None:
    machine.target = None
    with session(target=Elsewhere()):
        assert machine.target is None


def test_the_observers_of_all_sessions_are_told_until_their_session_ends(machine: Machine) -> None:
    outer: list[str] = []
    inner: list[str] = []
    faults = {"Job": [Return({})]}
    with session(observer=lambda machine, execution, children: outer.append(execution.status)):
        with session(observer=lambda machine, execution, children: inner.append(execution.status)):
            machine.run(faults=faults)
        machine.run(faults=faults)
    machine.run(faults=faults)
    assert (outer, inner) == (["SUCCEEDED", "SUCCEEDED"], ["SUCCEEDED"])
