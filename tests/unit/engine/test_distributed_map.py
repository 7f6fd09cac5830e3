from __future__ import annotations

import gc
import json
from typing import Any
from weakref import ref

import pytest

from everypath.engine.context import RunContext
from everypath.engine.interpreter import Run
from tests.unit.engine.distributed import (
    CHILDREN,
    World,
    distributed,
    failing_children,
    run_definition,
    run_map,
)
from tests.unit.engine.machines import MACHINE, chain


def chain_of(events: list[dict[str, Any]]) -> list[tuple[str, int]]:
    return [(event["type"], event["previousEventId"]) for event in events]


def test_a_map_run_has_events_of_its_own_and_none_for_its_items() -> None:
    execution, run = run_map(distributed(), [1, 2])
    assert execution.output == [1, 2]
    assert chain_of(execution.require_history().events) == [
        ("ExecutionStarted", 0),
        ("MapStateEntered", 0),
        ("MapStateStarted", 2),
        ("MapRunStarted", 3),
        ("MapRunSucceeded", 4),
        ("MapStateSucceeded", 5),
        ("MapStateExited", 5),
        ("ExecutionSucceeded", 7),
    ]
    events = execution.require_history().events
    assert events[2]["mapStateStartedEventDetails"] == {"length": 2}
    assert events[3]["mapRunStartedEventDetails"] == {"mapRunArn": run.map_runs.started[0].arn}


def test_the_arn_of_a_map_run_has_the_label_and_an_id() -> None:
    _, run = run_map(distributed(), [1])
    prefix, _, identifier = run.map_runs.started[0].arn.rpartition(":")
    assert prefix == MACHINE.replace("stateMachine", "mapRun") + "/L"
    assert len(identifier) == 36


def test_a_map_without_a_label_has_the_same_id_in_its_place_in_each_run() -> None:
    unlabelled = distributed()
    del unlabelled["Label"]
    arns = [run_map(unlabelled, [1])[1].map_runs.started[0].state_machine_arn for _ in range(2)]
    assert arns[0] == arns[1]
    assert len(arns[0].partition("/")[2]) == 36


def test_results_are_in_the_order_of_the_items_whoever_ends_first() -> None:
    child = {"Type": "Wait", "SecondsPath": "$", "End": True}
    execution, _ = run_map(distributed(child), [3, 1, 2])
    assert execution.output == [3, 1, 2]
    assert execution.elapsed == 3


def test_no_more_children_run_at_a_time_than_max_concurrency_allows() -> None:
    world = World(seconds=1)
    execution, _ = run_map(failing_children(MaxConcurrency=2), [1, 2, 3, 4, 5], world)
    assert (world.most, execution.elapsed) == (2, 3)


def test_without_max_concurrency_all_children_run_at_the_same_time() -> None:
    world = World(seconds=1)
    execution, _ = run_map(failing_children(), list(range(200)), world)
    assert (world.most, execution.elapsed) == (200, 1)


def test_a_map_over_nothing_succeeds_with_nothing() -> None:
    execution, run = run_map(distributed(), [])
    assert execution.output == []
    assert run.map_runs.started[0].status == "SUCCEEDED"


def test_a_child_execution_is_of_the_machine_with_the_label() -> None:
    child = {"Type": "Pass", "Parameters": {"machine.$": "$$.StateMachine", "execution.$": "$$.Execution"}, "End": True}
    execution, _ = run_map(distributed(child), [{"a": 1}])
    seen = execution.output[0]
    assert seen["machine"] == {"Id": MACHINE + "/L", "Name": "M/L"}
    assert seen["execution"]["Id"] == CHILDREN + seen["execution"]["Name"]
    assert seen["execution"]["Input"] == {"a": 1}


def test_an_express_child_has_the_arn_of_an_express_execution() -> None:
    child = {"Type": "Pass", "Parameters": {"id.$": "$$.Execution.Id"}, "End": True}
    execution, _ = run_map(distributed(child, kind="EXPRESS"), [1])
    parts = execution.output[0]["id"].split(":")
    assert parts[5:7] == ["express", "M/L"]
    assert len(parts) == 9


def test_an_express_child_is_ended_after_five_minutes() -> None:
    child = {"Type": "Wait", "Seconds": 400, "End": True}
    execution, run = run_map(distributed(child, kind="EXPRESS"), [1])
    assert execution.error == "States.ExceedToleratedFailureThreshold"
    assert execution.elapsed == 300
    assert run.map_runs.started[0].executions.timed_out == 1


def test_a_child_execution_begins_without_variables() -> None:
    child = {"Type": "Pass", "Parameters": {"x.$": "$x"}, "End": True}
    first = {"Type": "Pass", "Assign": {"x": 1}, "Next": "M"}
    inside, _ = run_definition(chain(("First", first), ("M", distributed(child))), [1])
    outside, _ = run_definition(chain(("First", first), ("M", distributed(ItemSelector={"x.$": "$x"}))), [1])
    assert (inside.status, outside.output) == ("FAILED", [{"x": 1}])


def test_a_child_execution_has_a_history_of_its_own() -> None:
    children: list[RunContext] = []

    def observe(run: Run) -> None:
        run.map_runs.on_child = lambda map_run, child: children.append(child)

    run_map(distributed(), [{"a": 1}], observe=observe)
    events = children[0].history.events
    assert [(event["type"], event["previousEventId"]) for event in events] == [
        ("ExecutionStarted", 0), ("PassStateEntered", 0), ("PassStateExited", 2), ("ExecutionSucceeded", 3),
    ]  # fmt: skip
    assert events[0]["executionStartedEventDetails"]["input"] == '{"a":1}'


def test_the_item_selector_sees_the_input_the_item_and_its_index() -> None:
    selector = {"index.$": "$$.Map.Item.Index", "value.$": "$$.Map.Item.Value", "shared.$": "$.shared"}
    state = distributed(ItemsPath="$.items", ItemSelector=selector)
    execution, _ = run_map(state, {"items": ["a", "b"], "shared": 1})
    assert execution.output == [{"index": 0, "value": "a", "shared": 1}, {"index": 1, "value": "b", "shared": 1}]


def test_items_of_the_input_have_the_source_state_data() -> None:
    execution, _ = run_map(distributed(ItemSelector={"source.$": "$$.Map.Item.Source"}), [1])
    assert execution.output == [{"source": "STATE_DATA"}]


def test_the_members_of_an_object_are_items_with_keys() -> None:
    selector = {"key.$": "$$.Map.Item.Key", "value.$": "$$.Map.Item.Value"}
    assert run_map(distributed(ItemSelector=selector), {"a": 1})[0].output == [{"key": "a", "value": 1}]
    assert run_map(distributed(), {"a": 1})[0].output == [{"Key": "a", "Value": 1}]


def test_a_distributed_map_in_a_child_execution_is_a_map_run_of_the_child() -> None:
    inner = distributed(ItemsPath="$.inner")
    inner["Label"] = "Inner"
    inner["ItemProcessor"]["States"] = {"Deep": inner["ItemProcessor"]["States"]["Each"]}
    inner["ItemProcessor"]["StartAt"] = "Deep"
    children: list[RunContext] = []

    def observe(run: Run) -> None:
        run.map_runs.on_child = lambda map_run, child: children.append(child)

    execution, run = run_map(distributed(inner), [{"inner": [1, 2]}], observe=observe)
    assert execution.output == [[1, 2]]
    assert len(run.map_runs.started) == 1
    assert children[0].map_runs.started[0].arn.startswith(MACHINE.replace("stateMachine", "mapRun") + "/Inner:")
    assert len(children) == 3


@pytest.mark.parametrize("kind", ["STANDARD", "EXPRESS"])
def test_children_of_both_kinds_are_handed_to_an_observer(kind: str) -> None:
    children: list[RunContext] = []

    def observe(run: Run) -> None:
        run.map_runs.on_child = lambda map_run, child: children.append(child)

    run_map(distributed(kind=kind), [1, 2], observe=observe)
    assert [child.status for child in children] == ["SUCCEEDED"] * 2


def test_an_observed_child_can_be_stopped_while_it_runs() -> None:
    def observe(run: Run) -> None:
        run.map_runs.on_child = lambda map_run, child: child.scheduler.timer(1).then(lambda: child.stop("Enough"))

    child = {"Type": "Wait", "Seconds": 60, "End": True}
    execution, run = run_map(distributed(child), [1], observe=observe)
    assert run.map_runs.started[0].executions.aborted == 1
    assert execution.elapsed == 1


def test_a_map_run_describes_itself_as_describe_map_run_does() -> None:
    _, run = run_map(distributed(MaxConcurrency=1), [1, 2])
    found = run.map_runs.started[0].describe()
    counts = {
        "pending": 0, "running": 0, "succeeded": 2, "failed": 0, "timedOut": 0, "aborted": 0, "total": 2,
        "resultsWritten": 2, "failuresNotRedrivable": 0, "pendingRedrive": 0,
    }  # fmt: skip
    assert found["executionCounts"] == found["itemCounts"] == counts
    assert (found["status"], found["maxConcurrency"]) == ("SUCCEEDED", 1)
    assert (found["toleratedFailureCount"], found["toleratedFailurePercentage"]) == (0, 0.0)
    assert found["startDate"] <= found["stopDate"]
    assert (found["redriveCount"], "redriveDate" in found) == (0, False)
    assert "stateMachineArn" not in found
    assert run.map_runs.started[0].summary()["stateMachineArn"] == MACHINE + "/L"


def test_an_execution_that_ends_aborts_its_map_run_and_its_children() -> None:
    child = {"Type": "Wait", "Seconds": 600, "End": True}
    children: list[RunContext] = []

    def observe(run: Run) -> None:
        run.map_runs.on_child = lambda map_run, child: children.append(child)

    execution, run = run_map(distributed(child, MaxConcurrency=2), [1, 2, 3], observe=observe, TimeoutSeconds=10)
    map_run = run.map_runs.started[0]
    assert execution.status == "TIMED_OUT"
    assert (map_run.status, map_run.executions.aborted, map_run.executions.pending) == ("ABORTED", 2, 1)
    assert [child.history.events[-1]["type"] for child in children] == ["ExecutionAborted"] * 2


def test_a_retry_runs_the_whole_map_again() -> None:
    retry = [{"ErrorEquals": ["States.ExceedToleratedFailureThreshold"], "MaxAttempts": 1}]
    execution, run = run_map(failing_children(Retry=retry), [1, 2], World(failing=(2,)))
    assert execution.event_types.count("MapRunFailed") == 2
    assert execution.event_types.count("MapStateEntered") == 1
    assert [each.status for each in run.map_runs.started] == ["FAILED", "FAILED"]
    assert len({each.arn for each in run.map_runs.started}) == 2


def test_the_same_input_gives_the_same_history() -> None:
    histories = [json.dumps(run_map(distributed(), [1, 2])[0].events, default=str) for _ in range(2)]
    assert histories[0] == histories[1]


def test_a_child_execution_is_freed_without_the_garbage_collector_when_it_has_ended() -> None:
    alive: list[int] = []
    children: list[ref[RunContext]] = []

    class Counting(World):
        def start(self, call: Any) -> Any:
            alive.append(sum(child() is not None for child in children))
            return super().start(call)

    def observe(run: Run) -> None:
        run.map_runs.on_child = lambda map_run, child: children.append(ref(child))

    gc.disable()
    try:
        run_map(failing_children(MaxConcurrency=1), list(range(5)), Counting(), observe)
    finally:
        gc.enable()
    assert alive == [1] * 5


def test_a_map_run_in_a_branch_is_aborted_when_another_branch_fails() -> None:
    waiting = distributed({"Type": "Wait", "Seconds": 600, "End": True}, ItemsPath="$.items")
    failing = {"Type": "Wait", "Seconds": 5, "Next": "No"}
    branches = [chain(("M", waiting)), chain(("Soon", failing), ("No", {"Type": "Fail", "Error": "Bad"}))]
    definition = chain(("P", {"Type": "Parallel", "Branches": branches, "End": True}))
    execution, run = run_definition(definition, {"items": [1, 2]})
    assert (execution.error, execution.elapsed) == ("Bad", 5)
    assert run.map_runs.started[0].status == "ABORTED"
    assert run.map_runs.started[0].executions.aborted == 2


def test_what_a_child_throws_is_its_own_and_not_the_maps() -> None:
    child = {"Type": "Pass", "Parameters": {"x.$": "$.missing"}, "End": True}
    catch = [{"ErrorEquals": ["States.ExceedToleratedFailureThreshold"], "Next": "Caught"}]
    definition = chain(("M", distributed(child, Catch=catch)), ("Caught", {"Type": "Succeed"}))
    execution, _ = run_definition(definition, [1])
    assert execution.path == ("M", "Caught")


def test_items_of_a_jsonata_map_may_be_an_object() -> None:
    state = distributed(QueryLanguage="JSONata", Items="{% {'a': 1} %}")
    assert run_map(state)[0].output == [{"Key": "a", "Value": 1}]
