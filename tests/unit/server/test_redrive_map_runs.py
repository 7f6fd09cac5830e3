"""An execution whose distributed Map had children that did not succeed is redriven."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.definitions import flow, function
from tests.support.server import check_consistent, client_of, create, ended, history, kill, refused, serve
from tests.unit.server.functions import Functions
from tests.unit.server.test_redrive import RETRY, breaking, failed, redriven, types_after_redrive


@pytest.fixture(scope="module")
def all_functions() -> Iterator[Functions]:
    with breaking() as found:
        yield found


@pytest.fixture(scope="module")
def sfn(all_functions: Functions) -> Iterator[Any]:
    with serve("--lambda-endpoint", all_functions.url) as server:
        yield client_of(server)


@pytest.fixture
def functions(all_functions: Functions) -> Functions:
    """The functions, which no other test has called, or changed."""
    all_functions.gate.set()
    all_functions.reset()
    return all_functions


def distributed(each: dict[str, Any], kind: str = "STANDARD", **fields: Any) -> dict[str, Any]:
    """A distributed Map over the items of the input, whose children are one state."""
    state = "Each" if each["Type"] == "Task" else "Inner"
    processor = flow(**{state: each}) | {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": kind}}
    return {"Type": "Map", "ItemsPath": "$.items", "Label": state, "ItemProcessor": processor, **fields}


def items(name: str, number: int) -> list[dict[str, str]]:
    return [{"id": f"{name}/{index}"} for index in range(number)]


def repair(functions: Functions, name: str, *indices: int) -> None:
    functions.repaired |= {f"{name}/{index}" for index in indices}


def calls(functions: Functions, called: str, name: str, number: int) -> list[int]:
    """How often a function was called with each item."""
    return [functions.counts(called)[item["id"]] for item in items(name, number)]


def map_runs(sfn: Any, execution: str) -> list[Any]:
    found = sfn.list_map_runs(executionArn=execution)["mapRuns"]
    return [sfn.describe_map_run(mapRunArn=each["mapRunArn"]) for each in found]


def children(sfn: Any, run: Any, **filters: str) -> list[Any]:
    """The child executions of a map run, in the order in which they were started."""
    found: list[Any] = sfn.list_executions(mapRunArn=run["mapRunArn"], **filters)["executions"]
    return found[::-1]


def counted(run: Any, what: str = "executionCounts") -> dict[str, int]:
    return {name: number for name, number in run[what].items() if number and name != "resultsWritten"}


def test_only_the_children_that_did_not_succeed_run_again(sfn: Any, functions: Functions, name: str) -> None:
    repair(functions, name, 0, 2)
    state = distributed(function("breaks", Retry=RETRY), MaxConcurrency=1, ToleratedFailureCount=1)
    definition = flow(All=state, After={"Type": "Pass"})
    execution = failed(sfn, name, definition, items=items(name, 5))
    [before] = map_runs(sfn, execution)
    assert (before["status"], counted(before)) == ("FAILED", {"succeeded": 2, "failed": 2, "pending": 1, "total": 5})
    assert (before["redriveCount"], "redriveDate" in before) == (0, False)

    repair(functions, name, 1, 3, 4)
    found = redriven(sfn, functions, execution)
    assert json.loads(found["output"]) == items(name, 5)
    assert calls(functions, "breaks", name, 5) == [1, 3, 1, 3, 1]
    events = history(sfn, execution)
    assert types_after_redrive(events) == [
        "ExecutionRedriven", "MapRunRedriven", "MapRunSucceeded", "MapStateSucceeded", "MapStateExited",
        "PassStateEntered", "PassStateExited", "ExecutionSucceeded",
    ]  # fmt: skip
    [mark] = [event for event in events if event["type"] == "MapRunRedriven"]
    assert mark["mapRunRedrivenEventDetails"] == {"mapRunArn": before["mapRunArn"], "redriveCount": 1}
    assert events[mark["previousEventId"] - 1]["type"] == "MapStateFailed"

    [after] = map_runs(sfn, execution)
    assert (after["mapRunArn"], after["status"]) == (before["mapRunArn"], "SUCCEEDED")
    assert (after["redriveCount"], counted(after)) == (1, {"succeeded": 5, "total": 5})
    assert after["startDate"] == before["startDate"] <= after["redriveDate"] <= after["stopDate"]


def test_a_standard_child_goes_on_with_its_own_history(sfn: Any, functions: Functions, name: str) -> None:
    state = distributed(function("breaks"))
    state["ItemProcessor"] |= flow(First=function("works"), Each=function("breaks"))
    execution = failed(sfn, name, flow(All=state), items=items(name, 1))
    [run] = map_runs(sfn, execution)
    [child] = children(sfn, run)
    before = history(sfn, child["executionArn"])
    described = sfn.describe_execution(executionArn=child["executionArn"])
    assert (described["redriveStatus"], "redriveStatusReason" in described) == ("REDRIVABLE_BY_MAP_RUN", False)
    with refused("ExecutionNotRedrivable") as caught:
        sfn.redrive_execution(executionArn=child["executionArn"])
    assert "redrive the parent execution" in str(caught.value)

    repair(functions, name, 0)
    redriven(sfn, functions, execution)
    assert calls(functions, "works", name, 1) == [1]
    events = history(sfn, child["executionArn"])
    check_consistent(events)
    assert events[: len(before)] == before
    assert types_after_redrive(events) == [
        "ExecutionRedriven", "LambdaFunctionScheduled", "LambdaFunctionStarted", "LambdaFunctionSucceeded",
        "TaskStateExited", "ExecutionSucceeded",
    ]  # fmt: skip
    found = sfn.describe_execution(executionArn=child["executionArn"])
    assert (found["status"], found["redriveCount"], found["redriveStatus"]) == ("SUCCEEDED", 1, "NOT_REDRIVABLE")
    assert found["redriveDate"] >= child["stopDate"]
    assert (found["startDate"], found["mapRunArn"]) == (child["startDate"], run["mapRunArn"])
    [listed] = children(sfn, run, redriveFilter="REDRIVEN")
    assert (listed["redriveCount"], listed["itemCount"]) == (1, 1)
    assert children(sfn, run, redriveFilter="NOT_REDRIVEN") == []


def test_an_express_child_that_failed_is_started_anew(sfn: Any, functions: Functions, name: str) -> None:
    repair(functions, name, 1)
    state = distributed(function("breaks"), "EXPRESS", MaxConcurrency=1, ToleratedFailurePercentage=50)
    state["ItemProcessor"] |= flow(First=function("works"), Each=function("breaks"))
    execution = failed(sfn, name, flow(All=state), items=items(name, 3))
    repair(functions, name, 0, 2)
    assert json.loads(redriven(sfn, functions, execution)["output"]) == items(name, 3)
    assert calls(functions, "works", name, 3) == [2, 1, 2]
    [run] = map_runs(sfn, execution)
    assert (run["redriveCount"], counted(run)) == (1, {"succeeded": 3, "total": 3})


def test_children_for_which_there_is_no_room_yet_are_pending_redrive(sfn: Any, functions: Functions, name: str) -> None:
    state = distributed(function("held"), MaxConcurrency=1, ToleratedFailureCount=2)
    execution = failed(sfn, name, flow(All=state), items=items(name, 3))
    repair(functions, name, 0, 1, 2)
    sfn.redrive_execution(executionArn=execution)
    functions.wait_for("held", 4)
    [run] = map_runs(sfn, execution)
    assert (run["status"], counted(run)) == ("RUNNING", {"running": 1, "pendingRedrive": 2, "total": 3})
    assert counted(run, "itemCounts") == counted(run)
    assert "stopDate" not in run
    first, *others = children(sfn, run)
    assert [each["executionArn"] for each in children(sfn, run, statusFilter="PENDING_REDRIVE")] == [
        each["executionArn"] for each in others
    ]
    assert (first["status"], first["redriveCount"]) == ("RUNNING", 1)
    described = sfn.describe_execution(executionArn=others[0]["executionArn"])
    assert (described["status"], described["redriveCount"]) == ("PENDING_REDRIVE", 0)
    assert described["redriveStatus"] == "NOT_REDRIVABLE"
    with refused("ValidationException"):
        machine = sfn.describe_execution(executionArn=execution)["stateMachineArn"]
        sfn.list_executions(stateMachineArn=machine, statusFilter="PENDING_REDRIVE")
    functions.gate.set()
    assert json.loads(ended(sfn, execution)["output"]) == items(name, 3)
    assert {each["status"] for each in children(sfn, run)} == {"SUCCEEDED"}


def test_none_is_pending_redrive_once_the_map_run_has_failed_again(sfn: Any, functions: Functions, name: str) -> None:
    state = distributed(function("breaks"), MaxConcurrency=1, ToleratedFailureCount=1)
    execution = failed(sfn, name, flow(All=state), items=items(name, 3))
    [run] = map_runs(sfn, execution)
    assert counted(run) == {"failed": 2, "pending": 1, "total": 3}
    sfn.redrive_execution(executionArn=execution)
    assert ended(sfn, execution)["error"] == "States.ExceedToleratedFailureThreshold"
    [run] = map_runs(sfn, execution)
    assert (run["redriveCount"], counted(run)) == (1, {"failed": 2, "pending": 1, "total": 3})
    assert [each["redriveCount"] for each in children(sfn, run)] == [1, 1]
    repair(functions, name, 0, 1, 2)
    assert json.loads(redriven(sfn, functions, execution)["output"]) == items(name, 3)
    [run] = map_runs(sfn, execution)
    assert run["redriveCount"] == 2
    assert [each["redriveCount"] for each in children(sfn, run)] == [2, 2, 0]


def test_what_a_batch_holds_is_counted_as_items(sfn: Any, functions: Functions, name: str) -> None:
    each = function("breaks", InputPath="$.Items[0]", ResultPath=None, OutputPath="$.Items")
    state = distributed(each, ItemBatcher={"MaxItemsPerBatch": 2}, MaxConcurrency=1)
    repair(functions, name, 0)
    execution = failed(sfn, name, flow(All=state), items=items(name, 3))
    [run] = map_runs(sfn, execution)
    assert counted(run, "itemCounts") == {"succeeded": 2, "failed": 1, "total": 3}
    assert [each["itemCount"] for each in children(sfn, run)] == [2, 1]
    repair(functions, name, 2)
    assert json.loads(redriven(sfn, functions, execution)["output"]) == [items(name, 3)[:2], items(name, 3)[2:]]
    assert calls(functions, "breaks", name, 3) == [1, 0, 2]


def test_a_map_run_inside_a_child_is_redriven_with_it(sfn: Any, functions: Functions, name: str) -> None:
    inner = distributed(function("breaks"))
    execution = failed(
        sfn,
        name,
        flow(All=distributed(inner, MaxConcurrency=1, ToleratedFailureCount=1)),
        items=[{"items": items(name, 2)}, {"items": items(f"{name}b", 1)}],
    )
    [outer] = map_runs(sfn, execution)
    nested = [map_runs(sfn, child["executionArn"])[0]["mapRunArn"] for child in children(sfn, outer)]
    repair(functions, name, 0, 1)
    repair(functions, f"{name}b", 0)
    assert json.loads(redriven(sfn, functions, execution)["output"]) == [items(name, 2), items(f"{name}b", 1)]
    for child, arn in zip(children(sfn, outer), nested, strict=True):
        [run] = map_runs(sfn, child["executionArn"])
        assert (run["mapRunArn"], run["redriveCount"], run["status"]) == (arn, 1, "SUCCEEDED")
        assert "MapRunRedriven" in types_after_redrive(history(sfn, child["executionArn"]))


def test_a_map_run_that_had_no_children_yet_is_followed_by_another_one(
    sfn: Any, functions: Functions, name: str
) -> None:
    state = distributed(function("works"), ItemSelector={"id.$": "$.missing"})
    execution = failed(sfn, name, flow(All=state), items=items(name, 1))
    sfn.redrive_execution(executionArn=execution)
    assert ended(sfn, execution)["status"] == "FAILED"
    runs = map_runs(sfn, execution)
    assert [(run["status"], run["redriveCount"]) for run in runs] == [("FAILED", 0)] * 2
    assert types_after_redrive(history(sfn, execution))[:4] == [
        "ExecutionRedriven", "MapStateStarted", "MapRunStarted", "MapRunFailed",
    ]  # fmt: skip


def test_a_map_whose_result_was_too_large_is_run_again_as_a_whole(sfn: Any, functions: Functions, name: str) -> None:
    execution = failed(sfn, name, flow(All=distributed(function("large"))), items=items(name, 2))
    assert sfn.describe_execution(executionArn=execution)["error"] == "States.DataLimitExceeded"
    repair(functions, name, 0, 1)
    assert json.loads(redriven(sfn, functions, execution)["output"]) == ["small", "small"]
    assert [(run["status"], run["redriveCount"]) for run in map_runs(sfn, execution)] == [("SUCCEEDED", 0)] * 2


@pytest.mark.parametrize("kind", ["STANDARD", "EXPRESS"])
def test_a_map_run_that_was_stopped_goes_on(sfn: Any, functions: Functions, name: str, kind: str) -> None:
    repair(functions, name, 0, 1, 2)
    arn = create(sfn, name, flow(All=distributed(function("held"), kind, MaxConcurrency=1)))
    execution = sfn.start_execution(stateMachineArn=arn, input=json.dumps({"items": items(name, 3)}))["executionArn"]
    functions.wait_for("held", 1)
    sfn.stop_execution(executionArn=execution)
    [run] = map_runs(sfn, execution)
    assert (run["status"], counted(run)) == ("ABORTED", {"aborted": 1, "pending": 2, "total": 3})
    functions.gate.set()
    assert json.loads(redriven(sfn, functions, execution)["output"]) == items(name, 3)
    assert calls(functions, "held", name, 3) == [2, 1, 1]
    [run] = map_runs(sfn, execution)
    assert (run["status"], run["redriveCount"], counted(run)) == ("SUCCEEDED", 1, {"succeeded": 3, "total": 3})


def test_a_map_run_that_another_branch_took_down_goes_on(sfn: Any, functions: Functions, name: str) -> None:
    repair(functions, name, 0, 1)
    waits = flow(Before=function("works"), Fails=function("breaks"))
    both = {"Type": "Parallel", "Branches": [flow(All=distributed(function("held"), MaxConcurrency=1)), waits]}

    def works(event: Any) -> Any:
        functions.wait_for("held", 1)
        return event

    functions.functions["works"] = works
    execution = failed(sfn, name, flow(Both=both), items=items(name, 2))
    functions.gate.set()
    found = redriven(sfn, functions, execution)
    assert json.loads(found["output"])[0] == items(name, 2)
    assert [run["redriveCount"] for run in map_runs(sfn, execution)] == [1]


def test_a_map_run_that_was_retried_or_caught_is_not_redriven(sfn: Any, functions: Functions, name: str) -> None:
    retry = [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 1}]
    catch = [{"ErrorEquals": ["States.ALL"], "Next": "Fails", "ResultPath": None}]
    definition = flow(All=distributed(function("breaks"), Retry=retry, Catch=catch), Fails=function("breaks"))
    execution = failed(sfn, name, definition, items=items(name, 1))
    assert redriven(sfn, functions, execution)["status"] == "SUCCEEDED"
    assert [(run["status"], run["redriveCount"]) for run in map_runs(sfn, execution)] == [("FAILED", 0)] * 2
    assert types_after_redrive(history(sfn, execution))[1] == "LambdaFunctionScheduled"


def test_a_child_with_a_full_history_is_final(sfn: Any, functions: Functions, name: str) -> None:
    loop = {"Type": "Choice", "Choices": [{"Variable": "$.id", "IsPresent": False, "Next": "End"}], "Default": "Each"}
    state = distributed(loop, MaxConcurrency=1, ToleratedFailureCount=1)
    quick = [{"Variable": "$.quick", "IsPresent": True, "Next": "Breaks"}]
    state["ItemProcessor"] |= flow(
        Each=loop | {"Choices": [*quick, *loop["Choices"]]}, Breaks=function("breaks"), End={"Type": "Succeed"}
    )
    given = [{"id": f"{name}/0"}, {"id": f"{name}/1", "quick": True}]
    execution = failed(sfn, name, flow(All=state | {"ToleratedFailureCount": 1}, Fails=function("breaks")), items=given)
    repair(functions, name, 1)
    [run] = map_runs(sfn, execution)
    assert run["executionCounts"]["failuresNotRedrivable"] == 1
    full, other = children(sfn, run)
    described = sfn.describe_execution(executionArn=full["executionArn"])
    assert described["redriveStatusReason"] == "Execution history event limit exceeded"
    assert sfn.describe_execution(executionArn=other["executionArn"])["redriveStatus"] == "REDRIVABLE_BY_MAP_RUN"
    sfn.redrive_execution(executionArn=execution)
    ended(sfn, execution)
    [run] = map_runs(sfn, execution)
    assert counted(run) == {"succeeded": 1, "failed": 1, "failuresNotRedrivable": 1, "total": 2}


@pytest.mark.parametrize("kind", ["STANDARD", "EXPRESS"])
def test_a_map_run_is_redriven_after_a_restart(tmp_path: Path, name: str, kind: str) -> None:
    with breaking() as functions:
        options = ("--state", str(tmp_path), "--lambda-endpoint", functions.url)
        repair(functions, name, 0)
        with serve(*options) as server:
            sfn = client_of(server)
            inner = distributed(function("breaks"))
            state = distributed(inner) if kind == "STANDARD" else distributed(function("breaks"), kind)
            given = items(name, 3) if kind == "EXPRESS" else [{"items": [item]} for item in items(name, 3)]
            execution = failed(sfn, name, flow(All=state | {"MaxConcurrency": 1}), items=given)
            before = map_runs(sfn, execution)
            kill(server)
        repair(functions, name, 1, 2)
        with serve(*options) as server:
            sfn = client_of(server)
            assert map_runs(sfn, execution)[0]["executionCounts"] == before[0]["executionCounts"]
            found = json.loads(redriven(sfn, functions, execution)["output"])
            [run] = map_runs(sfn, execution)
            kill(server)
        with serve(*options) as server:
            sfn = client_of(server)
            [again] = map_runs(sfn, execution)
            assert all(each["status"] == "SUCCEEDED" for each in children(sfn, again))
    assert found == (items(name, 3) if kind == "EXPRESS" else [[item] for item in items(name, 3)])
    assert calls(functions, "breaks", name, 3) == [1, 2, 1]
    assert (run["mapRunArn"], run["redriveCount"]) == (before[0]["mapRunArn"], 1)
    assert (again["status"], again["redriveCount"], counted(again)) == ("SUCCEEDED", 1, {"succeeded": 3, "total": 3})


def test_a_redrive_of_a_map_run_that_is_interrupted_begins_another_one(tmp_path: Path, name: str) -> None:
    with breaking() as functions:
        options = ("--state", str(tmp_path), "--lambda-endpoint", functions.url)
        with serve(*options) as server:
            sfn = client_of(server)
            state = distributed(function("held"), MaxConcurrency=1, ToleratedFailureCount=1)
            execution = failed(sfn, name, flow(All=state), items=items(name, 2))
            repair(functions, name, 0, 1)
            sfn.redrive_execution(executionArn=execution)
            functions.wait_for("held", 3)
            # What was answered is on disk; that a function was called may not yet be.
            assert map_runs(sfn, execution)[0]["redriveCount"] == 1
            kill(server)
        functions.gate.set()
        with serve(*options) as server:
            sfn = client_of(server)
            assert json.loads(ended(sfn, execution)["output"]) == items(name, 2)
            first, second = map_runs(sfn, execution)
            check_consistent(history(sfn, execution))
    assert (first["status"], first["redriveCount"], first["executionCounts"]["pendingRedrive"]) == ("ABORTED", 1, 0)
    assert (second["status"], second["redriveCount"]) == ("SUCCEEDED", 0)


def test_a_test_case_goes_on_with_the_responses_that_its_children_have_not_had(tmp_path: Path, name: str) -> None:
    responses = {"0": {"Return": "first"}, "1": {"Throw": {"Error": "Broken", "Cause": ""}}, "2": {"Return": "again"}}
    config = {
        "StateMachines": {name: {"TestCases": {"Case": {"Each": "Responses"}}}},
        "MockedResponses": {"Responses": responses},
    }
    (tmp_path / "mocks.json").write_text(json.dumps(config))
    with serve("--mock-config", str(tmp_path / "mocks.json")) as server:
        sfn = client_of(server)
        arn = create(sfn, name, flow(All=distributed(function("none"), MaxConcurrency=1)))
        event = json.dumps({"items": items(name, 2)})
        execution = sfn.start_execution(stateMachineArn=f"{arn}#Case", input=event)["executionArn"]
        assert ended(sfn, execution)["status"] == "FAILED"
        sfn.redrive_execution(executionArn=execution)
        assert json.loads(ended(sfn, execution)["output"]) == ["first", "again"]
