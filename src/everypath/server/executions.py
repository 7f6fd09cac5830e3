"""StopExecution, DescribeExecution, ListExecutions."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from everypath.server.arns import parse_arn
from everypath.server.execution import Execution
from everypath.server.map_runs import find_map_run
from everypath.server.paging import page
from everypath.server.protocol import ApiError, Json, seconds
from everypath.server.redriving import redrive_status

if TYPE_CHECKING:
    from everypath.server.service import Service

#: Seconds that StopExecution waits for the execution to end: a handler that runs in this process is not interrupted.
_PATIENCE = 1.0


async def stop_execution(service: Service, request: Json) -> Json:
    """StopExecution; of an execution that has ended it tells when."""
    execution = service.execution(request["executionArn"])
    execution.stop(request.get("error"), request.get("cause"))
    await asyncio.wait({asyncio.wrap_future(execution.ended)}, timeout=_PATIENCE)
    stopped = execution.stopped
    return {"stopDate": seconds(time.time() if stopped is None else stopped)}


def describe_execution(service: Service, request: Json) -> Json:
    """DescribeExecution."""
    execution = service.execution(request["executionArn"])
    included = request.get("includedData") != "METADATA_ONLY"
    found = execution.summary() | {"inputDetails": {"included": included}}
    if included:
        found["input"] = execution.input_text
    if execution.trace_header is not None:
        found["traceHeader"] = execution.trace_header
    return found | execution.outcome(included=included) | redrive_status(execution)


def list_executions(service: Service, request: Json) -> Json:
    """ListExecutions, of a state machine, a version, an alias or a map run; the newest first (recorded)."""
    chosen = _of_map_run(service, request) if request.get("mapRunArn") else _of_machine(service, request)
    if request.get("statusFilter"):
        chosen = [execution for execution in chosen if execution.status == request["statusFilter"]]
    if request.get("redriveFilter"):
        redriven = request["redriveFilter"] == "REDRIVEN"
        chosen = [execution for execution in chosen if (execution.redrives.count > 0) == redriven]
    executions, more = page(chosen, request, lambda execution: execution.arn)
    listed = [execution.summary() | execution.redrives.described() for execution in executions]
    if request.get("mapRunArn"):
        listed = [each | {"itemCount": execution.items} for each, execution in zip(listed, executions, strict=True)]
    return {"executions": listed, **more}


def not_supported() -> ApiError:
    """Return the refusal of an operation that this type of state machine does not have."""
    return ApiError("StateMachineTypeNotSupported", "This operation is not supported by this type of state machine")


def _of_map_run(service: Service, request: Json) -> list[Execution]:
    if request.get("stateMachineArn"):
        raise ApiError("ValidationException", "Only one of the state machine ARN and the map run ARN can be specified")
    return service.store.children_of(find_map_run(service, request["mapRunArn"])[1])


def _of_machine(service: Service, request: Json) -> list[Execution]:
    if not request.get("stateMachineArn"):
        raise ApiError("ValidationException", "Either a state machine ARN or a map run ARN must be specified")
    if request.get("statusFilter") == "PENDING_REDRIVE":
        raise ApiError("ValidationException", "The status PENDING_REDRIVE is one of a map run's executions only")
    arn = parse_arn(request["stateMachineArn"], "stateMachine")
    machine = service.store.machines.get(arn.unqualified)
    if machine is None or not (
        not arn.qualifier or arn.version in machine.versions or arn.qualifier in machine.aliases
    ):
        raise ApiError("StateMachineDoesNotExist", f"State Machine Does Not Exist: '{arn.text}'")
    if machine.type == "EXPRESS":
        raise not_supported()
    executions = service.store.executions_of(machine.arn)
    if arn.qualifier:
        executions = [each for each in executions if arn.text in (each.version_arn, each.alias_arn)]
    return executions
