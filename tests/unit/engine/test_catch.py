from __future__ import annotations

import json
from typing import Any

import pytest

from everypath.engine.data import to_text
from everypath.history.execution import Execution
from everypath.tasks.scripted_outcomes import Throw

from .machines import chain, run_machine, task

CAUSE = json.dumps({"errorMessage": "no", "errorType": "E"})


def caught(catcher: dict[str, Any], input: Any, **fields: Any) -> Execution:
    definition = chain(
        ("T", task(Catch=[{"ErrorEquals": ["E"], "Next": "Caught"} | catcher], **fields)),
        ("Caught", {"Type": "Pass", "End": True}),
    )
    return run_machine(definition, input, {"T": [Throw("E", CAUSE)]})


def test_a_catcher_without_result_path_replaces_the_input() -> None:
    assert caught({}, {"order": 1}).output == {"Error": "E", "Cause": CAUSE}


def test_a_catcher_with_a_result_path_keeps_the_input() -> None:
    execution = caught({"ResultPath": "$.error"}, {"order": 1})
    assert execution.output == {"order": 1, "error": {"Error": "E", "Cause": CAUSE}}


def test_a_catcher_with_result_path_null_passes_on_the_input_alone() -> None:
    assert caught({"ResultPath": None}, {"order": 1}).output == {"order": 1}


def test_what_a_catcher_passes_on_does_not_go_through_output_path() -> None:
    execution = caught({}, {"order": 1}, OutputPath="$.Payload")
    assert execution.output == {"Error": "E", "Cause": CAUSE}


def test_what_a_catcher_passes_on_does_not_go_through_result_selector() -> None:
    execution = caught({}, {"order": 1}, ResultSelector={"x.$": "$.y"})
    assert execution.output == {"Error": "E", "Cause": CAUSE}


def test_a_catcher_may_assign_from_the_error() -> None:
    definition = chain(
        ("T", task(Catch=[{"ErrorEquals": ["E"], "Next": "Caught", "Assign": {"name.$": "$.Error"}}])),
        ("Caught", {"Type": "Pass", "Parameters": {"was.$": "$name"}, "End": True}),
    )
    assert run_machine(definition, outcomes={"T": [Throw("E")]}).output == {"was": "E"}


def test_the_first_catcher_that_takes_the_error_is_gone_to() -> None:
    definition = chain(
        ("T", task(Catch=[{"ErrorEquals": [name], "Next": name} for name in ("A", "B", "States.ALL")])),
        *((name, {"Type": "Succeed"}) for name in ("A", "B", "States.ALL")),
    )
    assert [run_machine(definition, outcomes={"T": [Throw(error)]}).path[-1] for error in ("B", "A", "C")] == [
        "B",
        "A",
        "States.ALL",
    ]


def test_an_error_that_nothing_catches_fails_the_execution_without_leaving_the_state() -> None:
    execution = run_machine(chain(("T", task())), outcomes={"T": [Throw("E", "why")]})
    assert (execution.status, execution.error, execution.cause) == ("FAILED", "E", "why")
    assert "TaskStateExited" not in execution.event_types
    assert execution.require_history().events[-1]["executionFailedEventDetails"] == {"error": "E", "cause": "why"}


def test_states_runtime_goes_past_a_catcher_that_names_it() -> None:
    execution = caught({"ErrorEquals": ["States.Runtime"]}, {}, InputPath="$.missing")
    assert (execution.status, execution.error) == ("FAILED", "States.Runtime")
    assert execution.path == ("T",)


@pytest.mark.parametrize("kind", ["Parallel", "Map"])
def test_parallel_and_map_surface_the_error_of_the_branch_itself(kind: str) -> None:
    inner = chain(("Inner", {"Type": "Fail", "Error": "Own", "Cause": "because"}))
    state: dict[str, Any] = {"Type": kind, "End": True, "Catch": [{"ErrorEquals": ["Own"], "Next": "Caught"}]}
    state |= {"Branches": [inner]} if kind == "Parallel" else {"ItemProcessor": inner}
    definition = chain(("S", state), ("Caught", {"Type": "Pass", "End": True}))
    execution = run_machine(definition, [1])
    assert execution.output == {"Error": "Own", "Cause": "because"}
    assert f"{kind}StateFailed" in execution.event_types


@pytest.mark.parametrize(
    ("path", "value", "shown"),
    [("$.done", 7, "7"), ("$.l[5]", {"l": []}, '{"l":[]}'), ("$.n.x", {"n": 1}, '{"n":1}'), ("$.l[-1]", [1], "[1]")],
)
def test_a_result_path_that_cannot_be_applied_does_not_name_the_state(path: str, value: Any, shown: str) -> None:
    mark = {"Type": "Pass", "Result": 1, "ResultPath": path, "End": True}
    execution = run_machine(chain(("Mark", mark)), value)
    assert execution.error == "States.ReferencePathConflict"
    assert execution.cause == f"Unable to apply ReferencePath {path} to input {shown}"


def test_a_result_path_that_cannot_be_applied_is_caught() -> None:
    catch = [{"ErrorEquals": ["States.ReferencePathConflict"], "Next": "Z"}]
    state = task(ResultPath="$.n.x", Catch=catch)
    execution = run_machine(chain(("A", state), ("Z", {"Type": "Pass", "End": True})), {"n": 1})
    assert execution.output["Cause"] == 'Unable to apply ReferencePath $.n.x to input {"n":1}'


@pytest.mark.parametrize("mode", ["INLINE", "DISTRIBUTED"])
@pytest.mark.parametrize(
    ("value", "step"), [({"found": {"n": 1}}, "chunks"), ({"other": [1]}, "found"), ({"found": 1}, "chunks")]
)
def test_an_items_path_that_finds_nothing_names_the_step_and_the_input(mode: str, value: Any, step: str) -> None:
    kind = {"ExecutionType": "STANDARD"} if mode == "DISTRIBUTED" else {}
    processor = {
        "ProcessorConfig": {"Mode": mode, **kind},
        "StartAt": "X",
        "States": {"X": {"Type": "Pass", "End": True}},
    }
    state = {"Type": "Map", "ItemsPath": "$.found.chunks", "ItemProcessor": processor, "End": True}
    execution = run_machine(chain(("Each", state)), value)
    assert execution.error == "States.ReferencePathConflict"
    assert execution.cause == f'Unable to apply step "{step}" to input {to_text(value)}'
