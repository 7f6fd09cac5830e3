from __future__ import annotations

import json
from typing import Any

import pytest

from tests.unit.engine.distributed import CHILDREN, WRITE, World, distributed, failing_children, run_map


def writer(config: dict[str, Any] | None = None, **parameters: Any) -> dict[str, Any]:
    given = parameters or {"Bucket": "b", "Prefix": "p"}
    return {"Resource": WRITE, "Parameters": given, **({} if config is None else {"WriterConfig": config})}


def test_a_map_that_writes_its_results_has_the_place_as_its_own() -> None:
    world = World()
    execution, run = run_map(distributed(ResultWriter=writer()), [1, 2], world)
    map_run = run.map_runs.started[0]
    key = f"p/{map_run.id}/manifest.json"
    assert execution.output == {"MapRunArn": map_run.arn, "ResultWriterDetails": {"Bucket": "b", "Key": key}}
    results = f"p/{map_run.id}/SUCCEEDED_0.json"
    assert json.loads(world.store.written[key]) == {
        "DestinationBucket": "b",
        "MapRunArn": map_run.arn,
        "ResultFiles": {
            "FAILED": [],
            "PENDING": [],
            "SUCCEEDED": [{"Key": results, "Size": len(world.store.written[results])}],
        },
    }


def test_a_result_file_tells_all_of_each_child_execution() -> None:
    world = World()
    _, run = run_map(distributed(ResultWriter=writer()), [{"a": 1}], world)
    (record,) = json.loads(world.store.written[f"p/{run.map_runs.started[0].id}/SUCCEEDED_0.json"])
    assert record == {
        "ExecutionArn": CHILDREN + record["Name"],
        "Input": '{"a":1}',
        "InputDetails": {"Included": True},
        "Name": record["Name"],
        "Output": '{"a":1}',
        "OutputDetails": {"Included": True},
        "RedriveCount": 0,
        "RedriveStatus": "NOT_REDRIVABLE",
        "RedriveStatusReason": "Execution is SUCCEEDED and cannot be redriven",
        "StartDate": "2026-01-01T00:00:00.000Z",
        "StateMachineArn": run.map_runs.started[0].state_machine_arn,
        "Status": "SUCCEEDED",
        "StopDate": "2026-01-01T00:00:00.000Z",
    }


def test_a_map_run_that_fails_writes_what_failed_and_what_was_not_started() -> None:
    world = World(failing=(1,))
    execution, run = run_map(failing_children(ResultWriter=writer(), MaxConcurrency=1), [1, 2], world)
    assert execution.error == "States.ExceedToleratedFailureThreshold"
    folder = f"p/{run.map_runs.started[0].id}"
    (failed,) = json.loads(world.store.written[f"{folder}/FAILED_0.json"])
    assert (failed["Error"], failed["Cause"], failed["Status"]) == ("Bad", "too bad", "FAILED")
    pending = json.loads(world.store.written[f"{folder}/PENDING_0.json"])
    assert pending == [{"Input": "2", "InputDetails": {"Included": True}, "Status": "PENDING"}]
    assert f"{folder}/SUCCEEDED_0.json" not in world.store.written


def test_without_a_prefix_the_results_are_in_a_folder_called_like_the_map_run() -> None:
    world = World()
    _, run = run_map(distributed(ResultWriter=writer(Bucket="b")), [1], world)
    assert f"{run.map_runs.started[0].id}/manifest.json" in world.store.written


@pytest.mark.parametrize(
    ("transformation", "kind", "name", "text"),
    [
        ("COMPACT", "JSON", "SUCCEEDED_0.json", "[[1,2],3]"),
        ("FLATTEN", "JSON", "SUCCEEDED_0.json", "[1,2,3]"),
        ("FLATTEN", "JSONL", "SUCCEEDED_0.jsonl", "1\n2\n3\n"),
    ],
)
def test_results_are_written_as_the_writer_is_configured(transformation: str, kind: str, name: str, text: str) -> None:
    world = World()
    config = {"Transformation": transformation, "OutputType": kind}
    _, run = run_map(distributed(ResultWriter=writer(config)), [[1, 2], 3], world)
    assert world.store.written[f"p/{run.map_runs.started[0].id}/{name}"] == text


def test_a_writer_without_a_bucket_shapes_the_output() -> None:
    config = {"WriterConfig": {"Transformation": "FLATTEN", "OutputType": "JSON"}}
    assert run_map(distributed(ResultWriter=config), [[1, 2], 3])[0].output == [1, 2, 3]


def test_results_that_cannot_be_written_fail_the_map_run() -> None:
    execution, run = run_map(distributed(ResultWriter=writer(Bucket="closed")), [1])
    assert (execution.error, execution.cause) == ("States.ResultWriterFailed", "Access Denied")
    assert execution.event_types[-3:] == ["MapRunFailed", "MapStateFailed", "ExecutionFailed"]
    assert run.map_runs.started[0].status == "FAILED"


def test_a_writer_that_says_nothing_fails_the_map_run() -> None:
    execution, _ = run_map(distributed(ResultWriter={}), [1])
    assert execution.error == "States.ResultWriterFailed"
