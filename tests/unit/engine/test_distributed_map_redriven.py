from __future__ import annotations

import json
from collections.abc import Mapping
from random import Random
from typing import Any

from everypath.asl.parser.definition import parse
from everypath.engine.clock import EPOCH, VirtualClock
from everypath.engine.context import RunContext
from everypath.engine.distributed.map_state import MAX_REDRIVES
from everypath.engine.interpreter import Run
from everypath.engine.map_run import Changes
from everypath.engine.scheduler import Scheduler
from everypath.history.execution import Execution
from everypath.history.resume import read_resume_point
from everypath.history.resume_point import ResumeState
from tests.unit.engine.distributed import (
    WRITE,
    Store,
    World,
    distributed,
    failing_children,
    reader,
    run_map,
)


def redriven(before: Run, state: dict[str, Any], world: World) -> Execution:
    """Redrive an execution whose only state is the Map `M`; nothing is known of its children but how they ended."""
    events = before.history.events
    resume_point = read_resume_point(events, before.retried, redrive=True)
    resume_state = ResumeState(events, before.retried, resume_point, EPOCH, 1, EPOCH + 60)
    machine = parse({"StartAt": "M", "States": {"M": state}})
    scheduler = Scheduler(VirtualClock(EPOCH + 60))
    value = json.loads(before.input_text)
    run = Run(machine, value, before.input_text, before.identity, world, scheduler, Random(1), resume_state)
    run.map_runs = before.map_runs
    run.redrive()
    execution: Execution = scheduler.run(run.execute())
    return execution


def test_items_are_not_read_again_once_children_have_begun() -> None:
    world = World(Store({"file": b"[1, 2]"}), failing=(2,))
    state = failing_children(ItemReader=reader({"InputType": "JSON"}))
    _, run = run_map(state, world=world)
    assert redriven(run, state, World(Store())).output == [1, 2]
    assert run.map_runs.started[0].redrives == 1


def test_items_that_could_not_be_read_are_read_by_another_map_run() -> None:
    state = distributed(ItemReader=reader({"InputType": "JSON"}))
    execution, run = run_map(state, world=World(Store()))
    assert execution.error == "States.ItemReaderFailed"
    execution = redriven(run, state, World(Store({"file": b"[3]"})))
    assert execution.output == [3]
    assert execution.event_types[-7:] == [
        "ExecutionRedriven", "MapStateStarted", "MapRunStarted", "MapRunSucceeded", "MapStateSucceeded",
        "MapStateExited", "ExecutionSucceeded",
    ]  # fmt: skip
    assert [each.status for each in run.map_runs.started] == ["FAILED", "SUCCEEDED"]


def test_results_that_could_not_be_written_are_written_without_running_a_child() -> None:
    writer = {"Resource": WRITE, "Parameters": {"Bucket.$": "$.bucket", "Prefix": "p"}}
    state = distributed(ItemsPath="$.items", ResultWriter=writer)
    execution, run = run_map(state, {"bucket": "closed", "items": [1]})
    assert execution.error == "States.ResultWriterFailed"
    writer["Parameters"] = {"Bucket": "b", "Prefix": "p"}
    world = World()
    execution = redriven(run, state, world)
    assert execution.event_types[-5:] == [
        "MapRunRedriven", "MapRunSucceeded", "MapStateSucceeded", "MapStateExited", "ExecutionSucceeded",
    ]  # fmt: skip
    [map_run] = run.map_runs.started
    assert json.loads(world.store.written[f"p/{map_run.id}/SUCCEEDED_0.json"])[0]["Output"] == "1"


def test_a_result_file_tells_of_redrives_and_of_what_can_be_redriven() -> None:
    state = failing_children(ResultWriter={"Resource": WRITE, "Parameters": {"Bucket": "b", "Prefix": "p"}})
    world = World(failing=(2,))
    _, run = run_map(state | {"MaxConcurrency": 1}, [1, 2], world)
    folder = f"p/{run.map_runs.started[0].id}"
    [record] = json.loads(world.store.written[f"{folder}/FAILED_0.json"])
    assert (record["RedriveCount"], record["RedriveStatus"]) == (0, "REDRIVABLE_BY_MAP_RUN")
    assert (record["OutputDetails"], "RedriveStatusReason" in record) == ({"Included": True}, False)
    redriven(run, state | {"MaxConcurrency": 1}, world)
    world.failing = ()
    execution = redriven(run, state, world)
    assert execution.output["MapRunArn"] == run.map_runs.started[0].arn
    records = json.loads(world.store.written[f"{folder}/SUCCEEDED_0.json"])
    assert [each["Output"] for each in records] == ["1", "2"]
    manifest = json.loads(world.store.written[f"{folder}/manifest.json"])
    assert manifest["ResultFiles"]["FAILED"] == []


def test_a_child_that_is_begun_anew_keeps_its_name() -> None:
    children: list[RunContext] = []
    state = failing_children()

    def observe(run: Run) -> None:
        run.map_runs.on_child = lambda map_run, child: children.append(child)

    _, run = run_map(state, [1], World(failing=(1,)), observe)
    assert redriven(run, state, World()).output == [1]
    first, second = children
    assert first.identity == second.identity
    assert second.history.events[0]["type"] == "ExecutionStarted"


def test_what_cannot_be_redriven_counts_as_failed() -> None:
    state = failing_children(MaxConcurrency=1, ToleratedFailureCount=1)
    _, run = run_map(state, [1, 2, 3], World(failing=(1, 2)))
    run.map_runs.redrivable = lambda result: result.input != 1
    execution = redriven(run, state, World())
    counts = run.map_runs.started[0].executions
    assert (execution.status, counts.failed, counts.succeeded, counts.pending_redrive) == ("SUCCEEDED", 1, 2, 0)
    assert execution.output[0]["Status"] == "FAILED"

    _, run = run_map(failing_children(), [1], World(failing=(1,)))
    run.map_runs.redrivable = lambda result: False
    execution = redriven(run, failing_children(), World())
    assert execution.error == "States.ExceedToleratedFailureThreshold"
    assert execution.event_types[-4:] == ["MapRunRedriven", "MapRunFailed", "MapStateFailed", "ExecutionFailed"]


def test_a_redriven_map_run_that_fails_again_is_retried_as_another_one() -> None:
    state = failing_children(Retry=[{"ErrorEquals": ["States.ALL"], "MaxAttempts": 1}])
    _, run = run_map(state, [1], World(failing=(1,)))
    redriven(run, state, World(failing=(1,)))
    assert [(each.status, each.redrives) for each in run.map_runs.started] == [
        ("FAILED", 0), ("FAILED", 1), ("FAILED", 0),
    ]  # fmt: skip
    assert [each.remains is not None for each in run.map_runs.started] == [False, False, True]


def test_a_map_run_can_be_redriven_a_thousand_times() -> None:
    _, run = run_map(failing_children(), [1], World(failing=(1,)))
    run.map_runs.started[0].redrives = MAX_REDRIVES
    execution = redriven(run, failing_children(), World())
    assert execution.error == "States.Runtime"
    assert "MapRunRedriven" not in execution.event_types


def test_tolerated_failures_that_change_while_items_are_read_hold_for_the_children() -> None:
    runs: list[Run] = []

    class Changing(Store):
        def get_object(self, parameters: Mapping[str, Any]) -> bytes:
            [run] = runs
            changed = run.map_runs.running[run.map_runs.started[0].arn]
            run.scheduler.call(lambda: changed(Changes(tolerated_failure_count=1)))
            return super().get_object(parameters)

    world = World(Changing({"file": b"[1, 2]"}), failing=(2,))
    execution, run = run_map(failing_children(ItemReader=reader({"InputType": "JSON"})), None, world, runs.append)
    assert execution.succeeded
    assert run.map_runs.running == {}
