"""StartExecution and StartSyncExecution."""

from __future__ import annotations

import asyncio
import math
import uuid
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Any

from everypath.asl import json_text
from everypath.engine.identity import Identity
from everypath.errors import InputError
from everypath.server.api.aliases import choose_version
from everypath.server.api.arns import check_name, parse_arn
from everypath.server.api.executions import describe, result, type_not_supported
from everypath.server.protocol import ApiError, Json
from everypath.server.store.records import MachineRecord, Revision

if TYPE_CHECKING:
    from everypath.engine.interpreter import Run
    from everypath.server.api.service import Service
    from everypath.server.store.execution_record import ExecutionRecord
    from everypath.tasks.mock_cases import Mocks

_random = Random()


def start_execution(service: Service, request: Json) -> Json:
    """StartExecution; it is idempotent while an execution of the same name and input runs."""
    requested = _requested(service, request)
    machine = requested.machine
    if machine.type == "EXPRESS":
        arn = service.arn("express", f"{machine.name}:{requested.name}:{uuid.uuid4()}")
    else:
        arn = service.arn("execution", f"{machine.name}:{requested.name}")
        known = service.store.executions.get(arn)
        if known is not None:
            if known.status != "RUNNING" or known.input_text != request.get("input", "{}"):
                raise ApiError("ExecutionAlreadyExists", f"Execution Already Exists: '{arn}'")
            return _started(known)
    execution, run = _prepare(service, request, requested, arn)
    service.executor.start(execution, run)
    return _started(execution)


async def start_sync_execution(service: Service, request: Json) -> Json:
    """StartSyncExecution: returns the result of the execution when it has ended."""
    requested = _requested(service, request)
    machine = requested.machine
    if machine.type != "EXPRESS":
        raise type_not_supported()
    included = request.get("includedData") != "METADATA_ONLY"
    arn = service.arn("express", f"{machine.name}:{requested.name}:{uuid.uuid4()}")
    execution, run = _prepare(service, request, requested, arn)
    service.executor.start_sync(execution, run)
    await asyncio.wrap_future(execution.ended)
    response = describe(execution, included=included) | result(execution, included=included)
    # Unlike all others, this response does not name a version or an alias (AWS: its model).
    for member in ("stateMachineVersionArn", "stateMachineAliasArn"):
        response.pop(member, None)
    # Recorded: there are outputDetails even without an output.
    return response | {"outputDetails": {"included": included}, "billingDetails": _billing(execution)}


@dataclass(frozen=True, slots=True)
class _Requested:
    """What a request starts.

    Parameters
    ----------
    name : str
        The name of the execution.
    version_arn, alias_arn : str or None
        The version and the alias by which it is started.
    case : str or None
        The test case in which it is started: ``stateMachineArn#Case``, as with Step Functions Local.
    mocks : Mocks or None
        Of the test case.
    """

    machine: MachineRecord
    revision: Revision
    name: str
    version_arn: str | None
    alias_arn: str | None
    case: str | None
    mocks: Mocks | None


def _requested(service: Service, request: Json) -> _Requested:
    arn_text, separator, case = request["stateMachineArn"].partition("#")
    arn = parse_arn(arn_text, "stateMachine")
    name = request.get("name") or str(uuid.uuid4())
    check_name(name)
    machine = service.qualified_machine(arn)
    alias = machine.aliases.get(arn.qualifier)
    version = choose_version(machine, alias, _random) if alias else machine.versions.get(arn.version or 0)
    revision = version.revision if version else machine.revision
    try:
        mocks = service.executor.mocks_for(machine.name, revision.tree, case if separator else None)
    except InputError as error:
        raise ApiError("ValidationException", str(error)) from None
    return _Requested(
        machine,
        revision,
        name,
        version.arn if version else None,
        alias.arn if alias else None,
        case if separator else None,
        mocks,
    )


def _prepare(service: Service, request: Json, requested: _Requested, arn: str) -> tuple[ExecutionRecord, Run]:
    """Return an execution that has not begun."""
    text = request.get("input", "{}")
    value = read_input(text)
    machine, revision = requested.machine, requested.revision
    identity = Identity(
        requested.name, arn, machine.name, machine.arn, revision.role_arn, service.account, service.region
    )
    return service.executor.prepare(
        identity,
        revision,
        value,
        text,
        requested.mocks,
        version_arn=requested.version_arn,
        alias_arn=requested.alias_arn,
        trace_header=request.get("traceHeader"),
        case=requested.case,
    )


def _started(execution: ExecutionRecord) -> Json:
    # This date has microseconds, unlike all others (recorded since July 2024, by its length).
    return {"executionArn": execution.arn, "startDate": round(execution.started, 6)}


def read_input(text: str) -> Any:
    """Return the JSON data of an execution's input.

    Raises
    ------
    ApiError
        ``InvalidExecutionInput``.
    """
    if not text.strip():
        raise _invalid_input("Invalid execution input.")
    try:
        return json_text.read(text)
    except json_text.JsonTextError as error:
        raise _invalid_input(error.message) from None


def _invalid_input(reason: str) -> ApiError:
    return ApiError("InvalidExecutionInput", f"Invalid State Machine Execution Input: '{reason}'")


def _billing(execution: ExecutionRecord) -> Json:
    """Return ``billingDetails``: durations are rounded up to 100 ms, memory to 64 MB (recorded)."""
    duration = (execution.stopped or execution.started) - execution.started
    return {"billedDurationInMilliseconds": max(math.ceil(duration * 10), 1) * 100, "billedMemoryUsedInMB": 64}
