"""The operations on executions that were started: describe, list, history, stop, redrive."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from everypath.errors import InputError
from everypath.history.events import details
from everypath.server.api.arns import parse_arn
from everypath.server.api.map_runs import find_map_run
from everypath.server.api.paging import page
from everypath.server.protocol import ApiError, Json, now, timestamp
from everypath.server.store.execution_record import ExecutionRecord, Redrives

if TYPE_CHECKING:
    from everypath.server.api.service import Service

#: Seconds that StopExecution waits for the execution to end: a handler in this process is not interrupted.
_STOP_SECONDS = 1.0
#: Client tokens that are recognized, and for how many seconds (AWS: "RedriveExecution").
_MAX_TOKENS, _TOKEN_SECONDS = 10, 15 * 60
#: What ``includeExecutionData=False`` leaves out of a history.
_EXECUTION_DATA = frozenset({"input", "output", "parameters", "assignedVariables"})


def describe_execution(service: Service, request: Json) -> Json:
    """DescribeExecution."""
    execution = service.execution(request["executionArn"])
    included = request.get("includedData") != "METADATA_ONLY"
    return describe(execution, included=included) | result(execution, included=included) | _redrive_status(execution)


def list_executions(service: Service, request: Json) -> Json:
    """ListExecutions, of a state machine, a version, an alias or a map run; the newest first (recorded)."""
    chosen = _of_map_run(service, request) if request.get("mapRunArn") else _of_machine(service, request)
    if request.get("statusFilter"):
        chosen = [execution for execution in chosen if execution.status == request["statusFilter"]]
    if request.get("redriveFilter"):
        redriven = request["redriveFilter"] == "REDRIVEN"
        chosen = [execution for execution in chosen if (execution.redrives.count > 0) == redriven]
    executions, more = page(chosen, request, lambda execution: execution.arn)
    for execution in executions:
        service.store.report(execution)
    listed = [_summary(execution) | _redrives(execution) for execution in executions]
    if request.get("mapRunArn"):
        listed = [each | {"itemCount": execution.items} for each, execution in zip(listed, executions, strict=True)]
    return {"executions": listed, **more}


def get_execution_history(service: Service, request: Json) -> Json:
    """GetExecutionHistory: the events so far, in pages."""
    events: list[Json] = list(service.execution(request["executionArn"]).events)
    if request.get("reverseOrder"):
        events.reverse()
    chosen, more = page(events, request, lambda event: str(event["id"]))
    if request.get("includeExecutionData") is False:
        chosen = [_without_execution_data(event) for event in chosen]
    return {"events": chosen, **more}


async def stop_execution(service: Service, request: Json) -> Json:
    """StopExecution; of an execution that has ended, its stop date is returned."""
    execution = service.execution(request["executionArn"])
    execution.stop(request.get("error"), request.get("cause"))
    await asyncio.wait({asyncio.wrap_future(execution.ended)}, timeout=_STOP_SECONDS)
    stopped = execution.stopped
    return {"stopDate": timestamp(time.time() if stopped is None else stopped)}


async def redrive_execution(service: Service, request: Json) -> Json:
    """RedriveExecution; it is idempotent within the lifetime of a client token."""
    # Loaded only when a history has to be read.
    from everypath.history.resume import read_resume_point

    execution = service.execution(request["executionArn"])
    token, redrives = request.get("clientToken"), execution.redrives
    redriven = redrives.tokens.get(token or "")
    if redriven is not None and time.time() - redriven < _TOKEN_SECONDS:
        return {"redriveDate": timestamp(redriven)}
    reason = execution.not_redrivable_reason
    if reason is None and execution.status != "RUNNING":
        # Its thread may not be done with it although its last event has been written.
        await asyncio.wrap_future(execution.ended)
        reason = execution.not_redrivable_reason
    if reason is None and execution.map_run is not None:
        reason = "Execution is a child workflow execution of a Map Run: redrive the parent execution"
    if reason is not None:
        raise ApiError("ExecutionNotRedrivable", reason)
    resume_point = read_resume_point(execution.events, execution.retried, redrive=True)
    # An execution on a virtual clock may have ended later than now.
    date = max(now(), execution.stopped or 0.0)
    tokens = [*redrives.tokens.items(), *([(token, date)] if token is not None else [])]
    execution.redrives = Redrives(redrives.count + 1, date, dict(tokens[-_MAX_TOKENS:]))
    try:
        service.executor.redrive(execution, resume_point)
    except InputError as error:
        execution.redrives = redrives
        raise ApiError("ValidationException", str(error)) from None
    return {"redriveDate": timestamp(date)}


def describe(execution: ExecutionRecord, *, included: bool) -> Json:
    """Return what DescribeExecution and StartSyncExecution say of an execution, besides its result.

    Parameters
    ----------
    included : bool
        Whether its input is shown.
    """
    description = _summary(execution) | {"inputDetails": {"included": included}}
    if included:
        description["input"] = execution.input_text
    if execution.trace_header is not None:
        description["traceHeader"] = execution.trace_header
    return description


def result(execution: ExecutionRecord, *, included: bool) -> Json:
    """Return the output of an execution, if it is to be shown, or its error and cause."""
    status = execution.status
    if status == "RUNNING":
        return {}
    end = details(execution.events[-1])
    if status != "SUCCEEDED":
        return {key: end[key] for key in ("error", "cause") if end.get(key) is not None}
    shown: Json = {"outputDetails": {"included": included}}
    return shown | {"output": end["output"]} if included else shown


def type_not_supported() -> ApiError:
    """Return the error of an operation that a type of state machines does not have."""
    return ApiError("StateMachineTypeNotSupported", "This operation is not supported by this type of state machine")


def _summary(execution: ExecutionRecord) -> Json:
    stopped = execution.stopped
    summary: Json = {
        "executionArn": execution.arn,
        "stateMachineArn": execution.machine_arn,
        "name": execution.name,
        "status": execution.status,
        "startDate": timestamp(execution.started),
    }
    optional = {
        "stopDate": None if stopped is None else timestamp(stopped),
        "mapRunArn": execution.map_run and execution.map_run.arn,
        "stateMachineVersionArn": execution.version_arn,
        "stateMachineAliasArn": execution.alias_arn,
    }
    return summary | {key: value for key, value in optional.items() if value is not None}


def _redrives(execution: ExecutionRecord) -> Json:
    redrives = execution.redrives
    shown: Json = {"redriveCount": redrives.count}
    return shown if redrives.date is None else shown | {"redriveDate": timestamp(redrives.date)}


def _redrive_status(execution: ExecutionRecord) -> Json:
    reason = execution.not_redrivable_reason
    if reason is not None:
        return _redrives(execution) | {"redriveStatus": "NOT_REDRIVABLE", "redriveStatusReason": reason}
    return _redrives(execution) | {
        "redriveStatus": "REDRIVABLE" if execution.map_run is None else "REDRIVABLE_BY_MAP_RUN"
    }


def _of_map_run(service: Service, request: Json) -> list[ExecutionRecord]:
    if request.get("stateMachineArn"):
        raise ApiError("ValidationException", "Only one of the state machine ARN and the map run ARN can be specified")
    return service.store.children_of(find_map_run(service, request["mapRunArn"])[1])


def _of_machine(service: Service, request: Json) -> list[ExecutionRecord]:
    if not request.get("stateMachineArn"):
        raise ApiError("ValidationException", "Either a state machine ARN or a map run ARN must be specified")
    if request.get("statusFilter") == "PENDING_REDRIVE":
        raise ApiError("ValidationException", "The status PENDING_REDRIVE is one of a map run's executions only")
    arn = parse_arn(request["stateMachineArn"], "stateMachine")
    machine = service.qualified_machine(arn)
    if machine.type == "EXPRESS":
        raise type_not_supported()
    executions = service.store.executions_of(machine.arn)
    if arn.qualifier:
        executions = [each for each in executions if arn.text in (each.version_arn, each.alias_arn)]
    return executions


def _without_execution_data(event: Json) -> Json:
    return {
        key: {name: member for name, member in value.items() if name not in _EXECUTION_DATA}
        if isinstance(value, dict)
        else value
        for key, value in event.items()
    }
