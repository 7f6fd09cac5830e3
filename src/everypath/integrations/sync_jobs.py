"""The jobs that ``.sync`` integrations start: how to look at one, when it has ended, and what it then gives.

Source: the pages of the services in the Step Functions developer guide; Step Functions' own job is recorded.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from everypath.asl import json_text
from everypath.asl.error_catalog import TASK_FAILED, optimized_error
from everypath.asl.resource import SYNC_2, Resource
from everypath.engine.data import to_text
from everypath.integrations.answer import AwsAnswer, AwsFailure
from everypath.integrations.results import optimized_data

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Job:
    """How the job of one integration is watched.

    Parameters
    ----------
    operation : str
        The API operation that describes it.
    arguments : callable
        Makes that operation's arguments from the request that started the job and its response.
    result : callable
        Takes the description of the job out of the operation's data, named as Step Functions names it.
    status : callable
        Its status, of the description.
    succeeded, failed : frozenset of str
        The statuses in which it has ended.
    stop : callable
        The operation and the arguments that stop it, from the same.
    wrapped : str
        The name under which a success gives the description, where it is not the result itself.
    """

    operation: str
    arguments: Callable[[Mapping[str, Any]], Json]
    result: Callable[[Json], Json]
    status: Callable[[Json], str]
    succeeded: frozenset[str]
    failed: frozenset[str]
    stop: Callable[[Mapping[str, Any]], tuple[str, Json]]
    wrapped: str = ""


def job_of(resource: Resource) -> Job:
    """Return how to watch the job that `resource` starts.

    Raises
    ------
    KeyError
        If it starts none; `Resource.runs_job` tells.
    """
    return _JOBS[resource.service, resource.action]


def started_nothing(response: Mapping[str, Any]) -> AwsFailure | None:
    """Return the failure of a request that was answered although nothing runs: ECS says so in the answer."""
    failures = response.get("failures")
    if not failures or response.get("tasks"):
        return None
    return AwsFailure(
        optimized_error("ecs", "AmazonECSException"), to_text(optimized_data("ecs", "RunTask", response)["Failures"])
    )


def look(resource: Resource, client: Any, started: Mapping[str, Any]) -> AwsAnswer | AwsFailure | None:
    """Return what a job came to, None while it runs.

    Parameters
    ----------
    resource : Resource
        The integration that started it.
    client : boto3 client
        Of the same service.
    started : mapping
        The arguments of the request that started it and boto3's response, `AwsAnswer.response`.
    """
    job = job_of(resource)
    response = _call(client, job.operation, job.arguments(started))
    description = job.result(optimized_data(resource.client, job.operation, response))
    status = job.status(description)
    if status in job.succeeded:
        output = _parsed(description) if resource.pattern == SYNC_2 else description
        return AwsAnswer({job.wrapped: output} if job.wrapped else output, response)
    if status in job.failed:
        return AwsFailure(TASK_FAILED, to_text(description))
    return None


def stop(resource: Resource, client: Any, started: Mapping[str, Any]) -> None:
    """Stop a job, as Step Functions tries to when the state times out or the execution is stopped."""
    operation, arguments = job_of(resource).stop(started)
    _call(client, operation, arguments)


def _call(client: Any, operation: str, arguments: Json) -> Mapping[str, Any]:
    from botocore import xform_name

    response: Mapping[str, Any] = getattr(client, xform_name(operation))(**arguments)
    return response


def _parsed(description: Json) -> Json:
    """Return an execution as ``.sync:2`` gives it: its input and its output are JSON values (recorded)."""
    texts = {name: description[name] for name in ("Input", "Output") if name in description}
    return description | {name: json_text.load(text) for name, text in texts.items()}


def _execution(started: Mapping[str, Any]) -> Json:
    return {"executionArn": started["executionArn"]}


def _ecs_task(started: Mapping[str, Any]) -> Json:
    task = started["tasks"][0]
    return {"cluster": task["clusterArn"], "tasks": [task["taskArn"]]}


def _ecs_status(task: Json) -> str:
    """Return whether a task runs or how it ended, which ECS leaves to be found out from its containers."""
    if task.get("LastStatus") != "STOPPED":
        return "RUNNING"
    clean = all(container.get("ExitCode") == 0 for container in task.get("Containers", []))
    return "SUCCEEDED" if clean and task.get("StopCode") != "TaskFailedToStart" else "FAILED"


_JOBS: dict[tuple[str, str], Job] = {
    ("states", "startExecution"): Job(
        operation="DescribeExecution",
        arguments=_execution,
        result=lambda data: data,
        status=lambda execution: str(execution["Status"]),
        succeeded=frozenset({"SUCCEEDED"}),
        failed=frozenset({"FAILED", "TIMED_OUT", "ABORTED"}),
        stop=lambda started: ("StopExecution", _execution(started)),
    ),
    ("batch", "submitJob"): Job(
        operation="DescribeJobs",
        arguments=lambda started: {"jobs": [started["jobId"]]},
        result=lambda data: _first(data["Jobs"]),
        status=lambda job: str(job.get("Status", "")),
        succeeded=frozenset({"SUCCEEDED"}),
        failed=frozenset({"FAILED"}),
        stop=lambda started: (
            "TerminateJob",
            {"jobId": started["jobId"], "reason": "The execution that waited for it has ended"},
        ),
    ),
    ("glue", "startJobRun"): Job(
        operation="GetJobRun",
        arguments=lambda started: {"JobName": started["JobName"], "RunId": started["JobRunId"]},
        result=lambda data: _as_json(data["JobRun"]),
        status=lambda run: str(run["JobRunState"]),
        succeeded=frozenset({"SUCCEEDED"}),
        failed=frozenset({"FAILED", "STOPPED", "TIMEOUT", "ERROR", "EXPIRED"}),
        stop=lambda started: (
            "BatchStopJobRun",
            {"JobName": started["JobName"], "JobRunIds": [started["JobRunId"]]},
        ),
    ),
    ("codebuild", "startBuild"): Job(
        operation="BatchGetBuilds",
        arguments=lambda started: {"ids": [started["build"]["id"]]},
        result=lambda data: _first(data["Builds"]),
        status=lambda build: str(build.get("BuildStatus", "")),
        succeeded=frozenset({"SUCCEEDED"}),
        failed=frozenset({"FAILED", "FAULT", "TIMED_OUT", "STOPPED"}),
        stop=lambda started: ("StopBuild", {"id": started["build"]["id"]}),
        wrapped="Build",
    ),
    ("athena", "startQueryExecution"): Job(
        operation="GetQueryExecution",
        arguments=lambda started: {"QueryExecutionId": started["QueryExecutionId"]},
        result=lambda data: _as_json(data["QueryExecution"]),
        status=lambda query: str(query["Status"]["State"]),
        succeeded=frozenset({"SUCCEEDED"}),
        failed=frozenset({"FAILED", "CANCELLED"}),
        stop=lambda started: ("StopQueryExecution", {"QueryExecutionId": started["QueryExecutionId"]}),
        wrapped="QueryExecution",
    ),
    ("ecs", "runTask"): Job(
        operation="DescribeTasks",
        arguments=_ecs_task,
        result=lambda data: _first(data["Tasks"]),
        status=_ecs_status,
        succeeded=frozenset({"SUCCEEDED"}),
        failed=frozenset({"FAILED"}),
        stop=lambda started: (
            "StopTask",
            {"cluster": _ecs_task(started)["cluster"], "task": _ecs_task(started)["tasks"][0]},
        ),
    ),
}  # fmt: skip


def _first(items: list[Any]) -> Json:
    """Return the only item; a job that is not yet visible is one that has not ended."""
    return _as_json(items[0]) if items else {}


def _as_json(item: Any) -> Json:
    described: Json = item
    return described
