"""StartExecution and StartSyncExecution."""

from __future__ import annotations

import asyncio
import math
import uuid
from collections.abc import Mapping
from random import Random
from typing import TYPE_CHECKING, Any

from everypath.asl import json_text
from everypath.engine.run import Identity
from everypath.server.aliases import route
from everypath.server.arns import Arn, parse_arn
from everypath.server.brief import LONGEST_INPUT
from everypath.server.children import Children
from everypath.server.execution import Execution
from everypath.server.executions import not_supported
from everypath.server.mocking import mocks_for, split_case
from everypath.server.names import check_name
from everypath.server.protocol import ApiError, Json
from everypath.server.store import Machine, Revision

if TYPE_CHECKING:
    from everypath.engine.run import Run
    from everypath.server.service import Service
    from everypath.tasks.mocks import Mocks

_random = Random()
_NO_CHILDREN: Mapping[str, Execution] = {}


def start_execution(service: Service, request: Json) -> Json:
    """StartExecution; of a running execution with the same name and input it is answered as before."""
    target = _target(service, request)
    if target.machine.type == "EXPRESS":
        execution, run = _prepare(service, request, target)
        launch(service, execution, run)
        return {"executionArn": execution.arn, "startDate": _start_date(execution)}
    arn = service.arn("execution", f"{target.machine.name}:{target.name}")
    known = service.store.executions.get(arn)
    if known is not None:
        if known.status != "RUNNING" or known.input_text != request.get("input", "{}"):
            raise ApiError("ExecutionAlreadyExists", f"Execution Already Exists: '{arn}'")
        return {"executionArn": arn, "startDate": _start_date(known)}
    execution, run = _prepare(service, request, target)
    service.store.add_execution(execution)
    launch(service, execution, run)
    return {"executionArn": arn, "startDate": _start_date(execution)}


def _start_date(execution: Execution) -> float:
    """The date of StartExecution has microseconds, as no other has (recorded since July 2024, by its length)."""
    return round(execution.started, 6)


async def start_sync_execution(service: Service, request: Json) -> Json:
    """StartSyncExecution: answers when the execution has ended."""
    target = _target(service, request)
    if target.machine.type != "EXPRESS":
        raise not_supported()
    included = request.get("includedData") != "METADATA_ONLY"
    execution, run = _prepare(service, request, target)
    service.executor.start(run, execution.end, brief=_is_brief(execution))
    await asyncio.wrap_future(execution.ended)
    found = execution.summary() | {"inputDetails": {"included": included}} | execution.outcome(included=included)
    # Of a version or an alias this answer does not tell, unlike all others (AWS: its model).
    for member in ("stateMachineVersionArn", "stateMachineAliasArn"):
        found.pop(member, None)
    # Recorded: there are details of an output even where there is none.
    found |= {"outputDetails": {"included": included}, "billingDetails": _billing(execution)}
    if included:
        found["input"] = execution.input_text
    if execution.trace_header is not None:
        found["traceHeader"] = execution.trace_header
    return found


class _Target:
    """What a request starts: a state machine at a revision, by a version or an alias where it names one."""

    def __init__(
        self,
        machine: Machine,
        revision: Revision,
        name: str,
        version: str | None = None,
        alias: str | None = None,
        mocks: Mocks | None = None,
        case: str | None = None,
    ) -> None:
        self.machine = machine
        self.revision = revision
        self.name = name
        self.version_arn = version
        self.alias_arn = alias
        self.mocks = mocks
        self.case = case


def _target(service: Service, request: Json) -> _Target:
    arn_text, case = split_case(request["stateMachineArn"])
    arn = parse_arn(arn_text, "stateMachine")
    name = request.get("name") or str(uuid.uuid4())
    check_name(name)
    machine = service.store.machines.get(arn.unqualified)
    if machine is None:
        raise _does_not_exist(arn)
    alias = machine.aliases.get(arn.qualifier)
    version = route(machine, alias, _random) if alias else machine.versions.get(arn.version or 0)
    if arn.qualifier and version is None:
        raise _does_not_exist(arn)
    revision = version.revision if version else machine.revision
    mocks = None if case is None else mocks_for(service, machine.name, revision.tree, case)
    version_arn, alias_arn = version.arn if version else None, alias.arn if alias else None
    return _Target(machine, revision, name, version_arn, alias_arn, mocks, case)


def launch(
    service: Service,
    execution: Execution,
    run: Run,
    *,
    children: Mapping[str, Execution] = _NO_CHILDREN,
    redrive: bool = False,
) -> None:
    """Let an execution run, and keep what becomes of it.

    The store belongs to the thread of the event loop, in which this is called; the execution runs in another one,
    unless it is over soon. Of an Express execution nothing is kept but, until it has ended, that it was started: the
    service has no history of it.

    Parameters
    ----------
    children : mapping of str to Execution, optional
        Of an execution that goes on, the child executions that it has, by their ARNs.
    redrive : bool
        Whether it is redriven, and not only gone on with.
    """
    state, express = service.store.state, run.machine.express
    # Those of its own and its children's events that the state has not been told of; its thread's only.
    changed: dict[Execution, None] = {}
    Children(service, execution, changed, children).observe(run.map_runs)
    if state is not None:
        state.keep_execution(execution)
        if not express:
            state.watch(execution, run, changed)
    if redrive:
        run.redrive()
        if state is not None:
            state.settle(execution)

    def finish() -> None:
        if not express:
            if state is not None:
                # And the children that it has taken down with it.
                changed[execution] = None
                state.settle_all(changed)
            service.store.note(service.store.ended, execution)
        elif state is not None:
            state.forget(execution)
        execution.end()

    # What is kept on disk is written by a thread that may wait for it.
    service.executor.start(run, finish, brief=state is None and _is_brief(execution))


def _is_brief(execution: Execution) -> bool:
    return execution.revision.brief and len(execution.input_text) <= LONGEST_INPUT


def _prepare(service: Service, request: Json, target: _Target) -> tuple[Execution, Run]:
    """Return an execution that has not begun."""
    text = request.get("input", "{}")
    value = read_input(text)
    machine = target.machine
    if machine.type == "EXPRESS":
        arn = service.arn("express", f"{machine.name}:{target.name}:{uuid.uuid4()}")
    else:
        arn = service.arn("execution", f"{machine.name}:{target.name}")
    role = target.revision.role_arn
    identity = Identity(target.name, arn, machine.name, machine.arn, role, service.account, service.region)
    run = service.executor.prepare(target.revision.tree, value, text, identity, target.mocks)
    execution = Execution.of(
        run,
        target.revision,
        text,
        version_arn=target.version_arn,
        alias_arn=target.alias_arn,
        trace_header=request.get("traceHeader"),
        case=target.case,
    )
    return execution, run


def read_input(text: str) -> Any:
    """Return the input that a text holds; raises ``InvalidExecutionInput`` where it is no JSON."""
    if not text.strip():
        raise _invalid_input("Invalid execution input.")
    try:
        return json_text.read(text)
    except json_text.JsonTextError as error:
        raise _invalid_input(error.message) from None


def _invalid_input(reason: str) -> ApiError:
    return ApiError("InvalidExecutionInput", f"Invalid State Machine Execution Input: '{reason}'")


def _does_not_exist(arn: Arn) -> ApiError:
    return ApiError("StateMachineDoesNotExist", f"State Machine Does Not Exist: '{arn.text}'")


def _billing(execution: Execution) -> Json:
    """Duration is billed by started tenths of a second, memory by 64 MB (recorded)."""
    duration = (execution.stopped or execution.started) - execution.started
    return {"billedDurationInMilliseconds": max(math.ceil(duration * 10), 1) * 100, "billedMemoryUsedInMB": 64}
