from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from everypath.server.api.executions import redrive_execution
from everypath.server.api.operations import perform
from everypath.server.startup import Settings, make_service
from everypath.server.store import state_store
from tests.support.definitions import flow, function
from tests.support.server import (
    PASS,
    ROLE,
    Running,
    check_consistent,
    client_of,
    create,
    ended,
    history,
    kill,
    refused,
    serve,
)
from tests.unit.server.functions import Functions, Raised, lambda_endpoint

RETRY = [{"ErrorEquals": ["Broken"], "MaxAttempts": 1}]


@pytest.fixture(scope="module")
def functions() -> Iterator[Functions]:
    with breaking() as found:
        yield found


@contextmanager
def breaking() -> Iterator[Functions]:
    """`breaks` fails while its event is not repaired; `held` waits, too, until the gate is open; `works` returns it."""

    def breaks(event: Any) -> Any:
        if event["id"] not in found.repaired:
            raise Raised("Broken")
        return event

    def held(event: Any) -> Any:
        breaks(event)
        found.gate.wait()
        return event

    def large(event: Any) -> Any:
        return "x" * 200_000 if event["id"] not in found.repaired else "small"

    with lambda_endpoint(works=lambda event: event, breaks=breaks, held=held, large=large) as found:
        yield found


@pytest.fixture(scope="module")
def running(functions: Functions) -> Iterator[Running]:
    with serve("--lambda-endpoint", functions.url) as server:
        yield server


@pytest.fixture(scope="module")
def sfn(running: Running) -> Any:
    return client_of(running)


def failed(sfn: Any, name: str, definition: Any, status: str = "FAILED", **more: Any) -> str:
    """Start an execution that does not succeed, with its name as its id, and return its ARN."""
    event = json.dumps({"id": name, **more})
    arn = create(sfn, name, definition)
    execution: str = sfn.start_execution(stateMachineArn=arn, name=name, input=event)["executionArn"]
    assert ended(sfn, execution)["status"] == status
    return execution


def redriven(sfn: Any, functions: Functions, execution: str) -> dict[str, Any]:
    """Repair what an execution has failed by and redrive it."""
    functions.repaired.add(execution.rpartition(":")[2])
    sfn.redrive_execution(executionArn=execution)
    found: dict[str, Any] = ended(sfn, execution)
    check_consistent(history(sfn, execution))
    return found


def types_after_redrive(events: list[Any]) -> list[str]:
    types = [event["type"] for event in events]
    return types[types.index("ExecutionRedriven") :]


def test_a_redriven_execution_goes_on_with_the_task_that_has_failed(sfn: Any, functions: Functions, name: str) -> None:
    context = {"Type": "Pass", "Parameters": {"context.$": "$$.Execution", "id.$": "$.id"}}
    definition = flow(First=function("works"), Second=function("breaks", Retry=RETRY), Third=context)
    execution = failed(sfn, name, definition)
    before = history(sfn, execution)
    described = sfn.describe_execution(executionArn=execution)
    assert (described["redriveCount"], described["redriveStatus"]) == (0, "REDRIVABLE")
    found = redriven(sfn, functions, execution)
    events = history(sfn, execution)
    assert found["status"] == "SUCCEEDED"
    assert events[: len(before)] == before
    assert types_after_redrive(events) == [
        "ExecutionRedriven", "LambdaFunctionScheduled", "LambdaFunctionStarted", "LambdaFunctionSucceeded",
        "TaskStateExited", "PassStateEntered", "PassStateExited", "ExecutionSucceeded",
    ]  # fmt: skip
    mark = events[len(before)]
    assert (mark["executionRedrivenEventDetails"], mark["previousEventId"]) == ({"redriveCount": 1}, len(before))
    context = json.loads(found["output"])["context"]
    assert (context["RedriveCount"], context["Name"]) == (1, name)
    assert context["RedriveTime"] > context["StartTime"]
    assert (found["redriveCount"], found["redriveStatus"]) == (1, "NOT_REDRIVABLE")
    assert found["redriveStatusReason"] == "Execution is SUCCEEDED and cannot be redriven"
    assert found["redriveDate"] >= before[-1]["timestamp"].replace(microsecond=0)
    assert functions.counts("works")[name] == 1


def test_retries_begin_anew_in_a_redrive(sfn: Any, functions: Functions, name: str) -> None:
    execution = failed(sfn, name, flow(Only=function("breaks", Retry=RETRY)))
    assert functions.counts("breaks")[name] == 2
    sfn.redrive_execution(executionArn=execution)
    assert ended(sfn, execution)["status"] == "FAILED"
    assert functions.counts("breaks")[name] == 4
    assert redriven(sfn, functions, execution)["redriveCount"] == 2


def test_variables_are_as_they_were(sfn: Any, functions: Functions, name: str) -> None:
    definition = flow(
        Set={"Type": "Pass", "Assign": {"kept.$": "$.id"}},
        Fails=function("breaks"),
        Shows={"Type": "Pass", "Parameters": {"kept.$": "$kept"}},
    )
    assert json.loads(redriven(sfn, functions, failed(sfn, name, definition))["output"]) == {"kept": name}


def test_only_the_branches_that_failed_or_were_aborted_run_again(sfn: Any, functions: Functions, name: str) -> None:
    branches = [
        flow(Done={"Type": "Pass"}),
        flow(Before=function("works", InputPath="$"), Fails=function("breaks", Retry=RETRY), Last={"Type": "Pass"}),
        flow(Waits={"Type": "Wait", "Seconds": 3600}),
    ]
    parallel = {"Type": "Parallel", "Branches": branches}
    execution = failed(sfn, name, flow(Both=parallel, After={"Type": "Pass"}))
    found = redriven(sfn, functions, execution)
    assert [output["id"] for output in json.loads(found["output"])] == [name] * 3
    assert functions.counts("works")[name] == 1
    again = types_after_redrive(history(sfn, execution))
    assert (again.count("WaitStateExited"), again.count("PassStateEntered")) == (1, 2)
    assert "ParallelStateStarted" not in again
    assert again[-4:] == ["ParallelStateExited", "PassStateEntered", "PassStateExited", "ExecutionSucceeded"]


def test_only_the_iterations_that_did_not_succeed_run_again(sfn: Any, functions: Functions, name: str) -> None:
    items = [{"id": f"{name}/{number}"} for number in range(4)]
    functions.repaired |= {f"{name}/0", f"{name}/2", f"{name}/3"}
    each = {"Type": "Map", "ItemsPath": "$.items", "MaxConcurrency": 1, "ItemProcessor": flow(Each=function("breaks"))}
    execution = failed(sfn, name, flow(All=each), items=items)
    functions.repaired.add(f"{name}/1")
    found = redriven(sfn, functions, execution)
    assert json.loads(found["output"]) == items
    assert [functions.counts("breaks")[item["id"]] for item in items] == [1, 2, 1, 1]
    again = types_after_redrive(history(sfn, execution))
    assert again.count("MapIterationStarted") == 2
    assert again.count("MapIterationSucceeded") == 3
    assert "MapStateStarted" not in again


def test_a_parallel_whose_result_was_too_large_is_run_again_as_a_whole(
    sfn: Any, functions: Functions, name: str
) -> None:
    branches = [flow(One=function("large")), flow(Two=function("large"))]
    execution = failed(sfn, name, flow(Both={"Type": "Parallel", "Branches": branches}))
    assert sfn.describe_execution(executionArn=execution)["error"] == "States.DataLimitExceeded"
    assert json.loads(redriven(sfn, functions, execution)["output"]) == ["small", "small"]
    assert functions.counts("large")[name] == 4


def test_an_execution_that_has_timed_out_has_all_its_time_again(sfn: Any, functions: Functions, name: str) -> None:
    wait = {"Type": "Wait", "SecondsPath": "$.seconds"}
    definition = flow(First=wait, Second=dict(wait)) | {"TimeoutSeconds": 100}
    execution = failed(sfn, name, definition, "TIMED_OUT", seconds=80)
    found = redriven(sfn, functions, execution)
    assert found["status"] == "SUCCEEDED"
    assert types_after_redrive(history(sfn, execution))[1:] == ["WaitStateExited", "ExecutionSucceeded"]


def test_an_execution_that_was_stopped_goes_on(sfn: Any, functions: Functions, name: str) -> None:
    activity = sfn.create_activity(name=name)["activityArn"]
    arn = create(sfn, name, flow(Work={"Type": "Task", "Resource": activity}))
    execution = sfn.start_execution(stateMachineArn=arn)["executionArn"]
    first = sfn.get_activity_task(activityArn=activity)
    sfn.stop_execution(executionArn=execution)
    sfn.redrive_execution(executionArn=execution)
    again = sfn.get_activity_task(activityArn=activity)
    assert again["taskToken"] != first["taskToken"]
    sfn.send_task_success(taskToken=again["taskToken"], output='"done"')
    assert ended(sfn, execution)["output"] == '"done"'


def test_a_fail_state_fails_again(sfn: Any, functions: Functions, name: str) -> None:
    execution = failed(sfn, name, {"StartAt": "Ends", "States": {"Ends": {"Type": "Fail", "Error": "Always"}}})
    assert redriven(sfn, functions, execution)["status"] == "FAILED"
    assert types_after_redrive(history(sfn, execution)) == ["ExecutionRedriven", "ExecutionFailed"]


def test_a_client_token_redrives_only_once(sfn: Any, functions: Functions, name: str) -> None:
    execution = failed(sfn, name, flow(Only=function("breaks")))
    first = sfn.redrive_execution(executionArn=execution, clientToken="one")
    ended(sfn, execution)
    assert sfn.redrive_execution(executionArn=execution, clientToken="one")["redriveDate"] == first["redriveDate"]
    assert sfn.describe_execution(executionArn=execution)["redriveCount"] == 1
    sfn.redrive_execution(executionArn=execution, clientToken="two")
    assert ended(sfn, execution)["redriveCount"] == 2


def test_executions_are_listed_by_whether_they_were_redriven(sfn: Any, functions: Functions, name: str) -> None:
    execution = failed(sfn, name, flow(Only=function("breaks")))
    arn = sfn.describe_execution(executionArn=execution)["stateMachineArn"]
    other = sfn.start_execution(stateMachineArn=arn, input=json.dumps({"id": "other"}))["executionArn"]
    ended(sfn, other)
    redriven(sfn, functions, execution)
    [listed] = sfn.list_executions(stateMachineArn=arn, redriveFilter="REDRIVEN")["executions"]
    assert (listed["executionArn"], listed["redriveCount"]) == (execution, 1)
    assert listed["redriveDate"] == sfn.describe_execution(executionArn=execution)["redriveDate"]
    [listed] = sfn.list_executions(stateMachineArn=arn, redriveFilter="NOT_REDRIVEN")["executions"]
    assert (listed["executionArn"], listed["redriveCount"]) == (other, 0)


def reason(sfn: Any, execution: str) -> str:
    """Why a redrive is refused; DescribeExecution says the same."""
    with refused("ExecutionNotRedrivable") as caught:
        sfn.redrive_execution(executionArn=execution)
    return str(caught.value.response["Error"]["Message"])


def test_an_execution_that_runs_or_has_succeeded_is_not_redriven(sfn: Any, name: str) -> None:
    activity = sfn.create_activity(name=name)["activityArn"]
    arn = create(sfn, name, flow(Work={"Type": "Task", "Resource": activity}))
    execution = sfn.start_execution(stateMachineArn=arn)["executionArn"]
    assert reason(sfn, execution) == "Execution is RUNNING and cannot be redriven"
    task = sfn.get_activity_task(activityArn=activity)
    sfn.send_task_success(taskToken=task["taskToken"], output="1")
    found = ended(sfn, execution)
    assert reason(sfn, execution) == found["redriveStatusReason"] == "Execution is SUCCEEDED and cannot be redriven"


def test_an_execution_with_a_full_history_is_not_redriven(sfn: Any, name: str) -> None:
    never = [{"Variable": "$.id", "StringEquals": "never", "Next": "End"}]
    loop = {"Type": "Choice", "Choices": never, "Default": "Loop"}
    execution = failed(sfn, name, flow(Loop=loop, End={"Type": "Succeed"}))
    found = sfn.describe_execution(executionArn=execution)
    assert reason(sfn, execution) == found["redriveStatusReason"] == "Execution history event limit exceeded"


def test_an_execution_that_was_open_for_a_year_is_not_redriven(sfn: Any, name: str) -> None:
    wait = {"Type": "Wait", "Seconds": 20_000_000}
    execution = failed(sfn, name, flow(First=wait, Second=dict(wait)), "TIMED_OUT")
    assert reason(sfn, execution) == "Execution has exceeded the max execution time"


def test_a_redrive_survives_that_the_server_is_killed(tmp_path: Path, name: str) -> None:
    with breaking() as functions:
        options = ("--state", str(tmp_path), "--lambda-endpoint", functions.url)
        functions.functions["slow"] = lambda event: functions.gate.wait() and event
        branches = [flow(Fails=function("breaks"), Slow=function("slow")), flow(Done={"Type": "Pass"})]
        with serve(*options) as server:
            sfn = client_of(server)
            execution = failed(sfn, name, flow(Both={"Type": "Parallel", "Branches": branches}))
            kill(server)
        functions.repaired.add(name)
        with serve(*options) as server:
            sfn = client_of(server)
            sfn.redrive_execution(executionArn=execution, clientToken="one")
            functions.wait_for("slow", 1)
            before = history(sfn, execution)
            kill(server)
        functions.gate.set()
        with serve(*options) as server:
            sfn = client_of(server)
            found = ended(sfn, execution)
            events = history(sfn, execution)
            assert (found["status"], found["redriveCount"]) == ("SUCCEEDED", 1)
            sfn.redrive_execution(executionArn=execution, clientToken="one")
    check_consistent(events)
    assert events[: len(before)] == before
    assert [functions.counts(each)[name] for each in ("breaks", "slow")] == [2, 2]
    assert "PassStateEntered" not in types_after_redrive(events)


def test_an_execution_that_goes_on_is_not_forgotten_among_those_that_have_ended(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(state_store, "MAX_ENDED", 1)
    service = make_service(Settings())
    activity = service.arn("activity", name)

    def ask(operation: str, **request: Any) -> Any:
        answer: Any = perform(service, operation, request)
        return answer if isinstance(answer, dict) else asyncio.run(answer)

    ask("CreateActivity", name=name)
    definitions = {"waits": flow(Work={"Type": "Task", "Resource": activity}), "ends": PASS}
    for machine, definition in definitions.items():
        ask("CreateStateMachine", name=machine, definition=json.dumps(definition), roleArn=ROLE)

    def started(machine: str) -> Any:
        answer = ask("StartExecution", stateMachineArn=service.arn("stateMachine", machine))
        return service.store.executions[answer["executionArn"]]

    execution = started("waits")
    execution.stop(None, None)
    execution.ended.result()
    # Without the request that would first have noted that the execution has ended.
    asyncio.run(redrive_execution(service, {"executionArn": execution.arn}))
    for _ in range(2):
        started("ends").ended.result()
    assert ask("DescribeExecution", executionArn=execution.arn)["status"] == "RUNNING"
    execution.stop(None, None)
    execution.ended.result()


def test_an_execution_that_is_not_there_is_not_redriven(sfn: Any) -> None:
    with pytest.raises(ClientError, match="ExecutionDoesNotExist"):
        sfn.redrive_execution(executionArn="arn:aws:states:us-east-1:123456789012:execution:none:none")
