"""The operations on map runs, which distributed Maps start."""

from __future__ import annotations

from typing import TYPE_CHECKING

from everypath.engine.map_run import Changes
from everypath.server.api.arns import parse_arn
from everypath.server.api.paging import page
from everypath.server.protocol import ApiError, Json

if TYPE_CHECKING:
    from everypath.engine.map_run import MapRun
    from everypath.server.api.service import Service
    from everypath.server.store.execution_record import ExecutionRecord


def find_map_run(service: Service, arn_text: str) -> tuple[ExecutionRecord, MapRun]:
    """Return a map run by its ARN, and the execution that started it, for an operation whose answer reports on them.

    Raises
    ------
    ApiError
        ``InvalidArn``, ``ResourceNotFound``.
    """
    arn = parse_arn(arn_text, "mapRun")
    for execution in service.store.executions.values():
        for map_run in execution.map_runs:
            if map_run.arn == arn.text:
                service.store.report(execution)
                return execution, map_run
    raise ApiError("ResourceNotFound", f"Map Run Does Not Exist: '{arn.text}'", resourceName=arn.text)


def list_map_runs(service: Service, request: Json) -> Json:
    """ListMapRuns of an execution."""
    map_runs = list(service.execution(request["executionArn"]).map_runs)
    chosen, more = page(map_runs, request, lambda map_run: map_run.arn)
    return {"mapRuns": [map_run.summary() for map_run in chosen], **more}


def describe_map_run(service: Service, request: Json) -> Json:
    """DescribeMapRun."""
    _, map_run = find_map_run(service, request["mapRunArn"])
    failed = [child for child in service.store.children_of(map_run) if child.failed_for_good]
    return map_run.describe((len(failed), sum(child.items for child in failed)))


def update_map_run(service: Service, request: Json) -> Json:
    """UpdateMapRun, of a map run that has not ended."""
    execution, map_run = find_map_run(service, request["mapRunArn"])
    if map_run.status != "RUNNING":
        message = f"Map Run is {map_run.status} and cannot be updated"
        raise ApiError("ValidationException", message, reason="CANNOT_UPDATE_COMPLETED_MAP_RUN")
    changes = Changes(
        request.get("maxConcurrency"), request.get("toleratedFailureCount"), request.get("toleratedFailurePercentage")
    )
    map_run.change(changes)
    service.store.save_map_run(execution, map_run)
    execution.update_map_run(map_run, changes)
    return {}
