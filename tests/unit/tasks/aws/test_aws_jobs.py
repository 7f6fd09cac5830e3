import json
from typing import Any

import pytest

from everypath.asl.resource import parse_resource
from everypath.integrations.clients import Connections
from everypath.integrations.service_call import AwsCall, AwsFailure
from tests.unit.tasks.aws.conftest import Request
from tests.unit.tasks.aws.stand_in import StandIn

EXECUTION = "arn:aws:states:us-east-1:1:execution:Child:n"
DESCRIPTION = {
    "executionArn": EXECUTION, "stateMachineArn": "arn:m", "name": "n", "startDate": 1.5, "stopDate": 2.5,
    "input": "{}", "inputDetails": {"included": True},
}  # fmt: skip
ECS_TASK = {"clusterArn": "arn:c", "taskArn": "arn:t", "lastStatus": "RUNNING"}


@pytest.fixture
def job(connections: Connections, service: StandIn) -> Request:
    """Requests a job, and gives the call and what it answered."""

    def start(resource: str, parameters: Any) -> tuple[AwsCall, Any]:
        call = AwsCall(parse_resource(f"arn:aws:states:::{resource}"), connections, region="us-east-1")
        return call, call.request(parameters)

    return start


@pytest.fixture
def child(job: Request, service: StandIn) -> Request:
    service.answers({"executionArn": EXECUTION, "startDate": 1.5})
    return lambda pattern="sync": job(f"states:startExecution.{pattern}", {"StateMachineArn": "arn:m"})


def test_what_a_job_is_submitted_with_is_the_answer_to_its_request(child: Request) -> None:
    _, submitted = child()
    assert submitted.output["ExecutionArn"] == EXECUTION
    assert submitted.output["StartDate"] == 1500
    assert submitted.output["SdkHttpMetadata"]["HttpStatusCode"] == 200


def test_a_job_that_runs_has_come_to_nothing_yet(child: Request, service: StandIn) -> None:
    call, submitted = child()
    service.answers(DESCRIPTION | {"status": "RUNNING"})
    assert call.poll(submitted) is None


def test_an_execution_that_succeeds_gives_its_description_with_the_output_as_text(
    child: Request, service: StandIn
) -> None:
    call, submitted = child()
    service.answers(DESCRIPTION | {"status": "SUCCEEDED", "output": '{"a":1}', "outputDetails": {"included": True}})
    assert call.poll(submitted).output == {
        "ExecutionArn": EXECUTION,
        "Input": "{}",
        "InputDetails": {"Included": True},
        "Name": "n",
        "Output": '{"a":1}',
        "OutputDetails": {"Included": True},
        "StartDate": 1500,
        "StateMachineArn": "arn:m",
        "Status": "SUCCEEDED",
        "StopDate": 2500,
    }


def test_sync_2_gives_the_input_and_the_output_of_an_execution_as_json(child: Request, service: StandIn) -> None:
    call, submitted = child("sync:2")
    service.answers(DESCRIPTION | {"status": "SUCCEEDED", "output": '{"a":1}'})
    output = call.poll(submitted).output
    assert (output["Input"], output["Output"]) == ({}, {"a": 1})


@pytest.mark.parametrize("pattern", ["sync", "sync:2"])
@pytest.mark.parametrize("status", ["FAILED", "TIMED_OUT", "ABORTED"])
def test_an_execution_that_fails_is_a_task_failed_with_its_description_as_cause(
    child: Request, service: StandIn, pattern: str, status: str
) -> None:
    call, submitted = child(pattern)
    service.answers(DESCRIPTION | {"status": status, "error": "SomeFailure", "cause": "because"})
    failure = call.poll(submitted)
    assert failure.error == "States.TaskFailed"
    assert list(json.loads(failure.cause)) == [
        "Cause", "Error", "ExecutionArn", "Input", "InputDetails", "Name", "StartDate", "StateMachineArn", "Status",
        "StopDate",
    ]  # fmt: skip
    assert json.loads(failure.cause)["Input"] == "{}"


def test_a_job_is_waited_for_with_longer_and_longer_pauses(child: Request, service: StandIn) -> None:
    call, submitted = child()
    for _ in range(3):
        service.answers(DESCRIPTION | {"status": "RUNNING"})
    service.answers(DESCRIPTION | {"status": "SUCCEEDED", "output": "1"})
    pauses: list[float] = []
    assert call.wait(submitted, pauses.append).output["Status"] == "SUCCEEDED"
    assert pauses == sorted(pauses)
    assert len(pauses) == 3


def test_the_first_look_at_a_job_may_be_delayed(child: Request, service: StandIn) -> None:
    call, submitted = child()
    service.answers(DESCRIPTION | {"status": "SUCCEEDED", "output": "1"})
    pauses: list[float] = []
    assert call.wait(submitted, pauses.append, delay=2.0).output["Status"] == "SUCCEEDED"
    assert pauses == [2.0]


def test_an_error_while_a_job_is_looked_at_is_the_failure_of_the_task(child: Request, service: StandIn) -> None:
    call, submitted = child()
    service.answers({"__type": "ExecutionDoesNotExist", "message": "gone"}, 400)
    assert call.poll(submitted).error == "StepFunctions.ExecutionDoesNotExistException"


def test_a_job_is_stopped(child: Request, service: StandIn) -> None:
    call, submitted = child()
    service.answers({"stopDate": 3})
    call.stop(submitted)
    assert service.requests[-1].json == {"executionArn": EXECUTION}
    assert service.requests[-1].headers["X-Amz-Target"] == "AWSStepFunctions.StopExecution"


def test_whoever_waits_for_a_job_that_is_stopped_waits_no_longer(child: Request, service: StandIn) -> None:
    call, submitted = child()
    service.answers({"stopDate": 3})
    call.stop(submitted)
    service.answers(DESCRIPTION | {"status": "RUNNING"})
    assert call.wait(submitted).error == "States.TaskFailed"


def test_a_refusal_to_stop_a_job_changes_nothing(child: Request, service: StandIn) -> None:
    call, submitted = child()
    service.answers({"__type": "ExecutionDoesNotExist", "message": "gone"}, 400)
    call.stop(submitted)
    assert service.requests[-1].headers["X-Amz-Target"] == "AWSStepFunctions.StopExecution"


def test_a_batch_job_gives_its_description(job: Request, service: StandIn) -> None:
    service.answers({"jobId": "1", "jobName": "n"})
    call, submitted = job("batch:submitJob.sync", {"JobName": "n", "JobDefinition": "d", "JobQueue": "q"})
    service.answers({"jobs": []})
    assert call.poll(submitted) is None
    service.answers({"jobs": [{"jobId": "1", "status": "SUCCEEDED", "createdAt": 5}]})
    assert call.poll(submitted).output == {"CreatedAt": 5, "JobId": "1", "Status": "SUCCEEDED"}
    service.answers({"jobs": [{"jobId": "1", "status": "FAILED"}]})
    assert call.poll(submitted) == AwsFailure("States.TaskFailed", '{"JobId":"1","Status":"FAILED"}')


def test_a_glue_run_is_found_by_the_name_that_the_request_gave(job: Request, service: StandIn) -> None:
    service.answers({"JobRunId": "jr"})
    call, submitted = job("glue:startJobRun.sync", {"JobName": "n"})
    service.answers({"JobRun": {"Id": "jr", "JobName": "n", "JobRunState": "SUCCEEDED"}})
    assert call.poll(submitted).output == {"Id": "jr", "JobName": "n", "JobRunState": "SUCCEEDED"}
    assert service.requests[-1].json == {"JobName": "n", "RunId": "jr"}


def test_a_build_and_a_query_give_their_description_under_a_name(job: Request, service: StandIn) -> None:
    service.answers({"build": {"id": "b"}})
    call, submitted = job("codebuild:startBuild.sync", {"ProjectName": "p"})
    service.answers({"builds": [{"id": "b", "buildStatus": "SUCCEEDED"}]})
    assert call.poll(submitted).output == {"Build": {"BuildStatus": "SUCCEEDED", "Id": "b"}}
    service.answers({"QueryExecutionId": "q"})
    call, submitted = job("athena:startQueryExecution.sync", {"QueryString": "SELECT 1"})
    service.answers({"QueryExecution": {"QueryExecutionId": "q", "Status": {"State": "SUCCEEDED"}}})
    assert call.poll(submitted).output["QueryExecution"]["Status"] == {"State": "SUCCEEDED"}


@pytest.mark.parametrize(("exit_code", "succeeds"), [(0, True), (1, False)])
def test_a_container_that_exits_with_another_code_than_0_fails_its_task(
    job: Request, service: StandIn, exit_code: int, succeeds: bool
) -> None:
    service.answers({"tasks": [ECS_TASK], "failures": []})
    call, submitted = job("ecs:runTask.sync", {"TaskDefinition": "d"})
    service.answers({"tasks": [ECS_TASK]})
    assert call.poll(submitted) is None
    service.answers({"tasks": [ECS_TASK | {"lastStatus": "STOPPED", "containers": [{"exitCode": exit_code}]}]})
    ended = call.poll(submitted)
    assert isinstance(ended, AwsFailure) is not succeeds


def test_a_container_task_that_was_not_placed_fails_at_once(job: Request, service: StandIn) -> None:
    service.answers({"tasks": [], "failures": [{"reason": "RESOURCE:MEMORY"}]})
    _, failure = job("ecs:runTask.sync", {"TaskDefinition": "d"})
    assert failure == AwsFailure("ECS.AmazonECSException", '[{"Reason":"RESOURCE:MEMORY"}]')
