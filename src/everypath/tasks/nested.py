"""Nested executions: ``states:startExecution`` on state machines that run on the same scheduler, in the same time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from random import Random
from typing import Any

from everypath.asl import json_text
from everypath.asl.error_catalog import TASK_FAILED, java_client, optimized_error
from everypath.asl.resource import SYNC_2, WAIT_FOR_TOKEN
from everypath.asl.tree import StateMachine
from everypath.engine.context import RunContext
from everypath.engine.data import to_text
from everypath.engine.identity import Identity, execution_arn
from everypath.engine.interpreter import Run
from everypath.engine.scheduler import Job
from everypath.engine.task_call import TaskCall
from everypath.history.execution import Execution
from everypath.history.outcome import Failure, Outcome, Success
from everypath.tasks.callbacks import Callbacks
from everypath.tasks.http_metadata import metadata_of


@dataclass(frozen=True, slots=True)
class NestedMachine:
    """A state machine that executions can be started of."""

    tree: StateMachine
    name: str
    arn: str
    role_arn: str


@dataclass(frozen=True, slots=True)
class Launched:
    """An execution that another one has started, with the child executions of its distributed Maps."""

    arn: str
    job: Job
    children: list[RunContext]


class Nested:
    """Starts executions beside the one that asks for them.

    Parameters
    ----------
    find : callable
        Returns the state machine of an ARN; None where there is none.

    Attributes
    ----------
    launched : list of Launched, optional
        Where what is started is kept, if somebody wants to know.
    """

    def __init__(self, find: Callable[[str], NestedMachine | None]) -> None:
        self._find = find
        self._jobs: list[Job] = []
        self.launched: list[Launched] | None = None

    async def start(self, call: TaskCall, callbacks: Callbacks) -> Outcome:
        """Start an execution and, by pattern, wait until it ends or somebody answers."""
        arguments = call.arguments if isinstance(call.arguments, dict) else {}
        arn = str(arguments.get("StateMachineArn"))
        target = self._find(arn)
        if target is None:
            return _refused(call, "StateMachineDoesNotExist", f"State Machine Does Not Exist: '{arn}'")
        given = arguments.get("Input", {})
        text = given if isinstance(given, str) else to_text(given)
        try:
            value = json_text.load(text)
        except ValueError as error:
            return _refused(call, "InvalidExecutionInput", f"Invalid State Machine Execution Input: '{error}'")
        signal = callbacks.expect(call) if call.resource.pattern == WAIT_FOR_TOKEN else None
        run, job = self._launch(call, target, str(arguments.get("Name") or call.run.new_uuid()), value, text)
        started = _started(run, call.run.new_uuid())
        try:
            if signal is not None:
                return await callbacks.answered(call, signal, Success(started))
        finally:
            if signal is not None:
                callbacks.forget(call, signal)
        if not call.resource.runs_job:
            return Success(started)
        # Nobody is asked to answer for the token, as somebody might at AWS: time would then run with the wall clock.
        try:
            call.submitted(started)
            return await _end(run, job, parsed=call.resource.pattern == SYNC_2)
        finally:  # an execution whose parent state ends before it is stopped
            if not job.done:
                run.stop()

    async def finish(self) -> None:
        """Wait for the executions that nobody has waited for."""
        while self._jobs:
            await self._jobs.pop()

    def _launch(self, call: TaskCall, target: NestedMachine, name: str, value: Any, text: str) -> tuple[Run, Job]:
        parent = call.run
        identity = replace(
            parent.identity,
            name=name,
            arn=execution_arn(target.arn, name, parent.new_uuid() if target.tree.express else None),
            state_machine_name=target.name,
            state_machine_arn=target.arn,
            role_arn=target.role_arn,
        )
        random = Random(parent.random.getrandbits(64))
        run = Run(target.tree, value, text, identity, parent.tasks, parent.scheduler, random)
        job = parent.scheduler.spawn(run.execute())
        self._jobs.append(job)
        if self.launched is not None:
            children: list[RunContext] = []
            run.map_runs.on_child = lambda map_run, child: children.append(child)
            self.launched.append(Launched(target.arn, job, children))
        return run, job


async def _end(run: Run, job: Job, *, parsed: bool) -> Outcome:
    """Return what an execution comes to."""
    execution: Execution = await job
    described = _described(execution, run.identity)
    if execution.succeeded:
        texts = {key: json_text.load(described[key]) for key in ("Input", "Output")} if parsed else {}
        return Success(described | texts)
    return Failure(TASK_FAILED, to_text(described))


def _milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def _described(execution: Execution, identity: Identity) -> dict[str, Any]:
    """What an optimized integration makes of DescribeExecution (recorded)."""
    found: dict[str, Any] = {
        "ExecutionArn": execution.arn,
        "Input": to_text(execution.input),
        "InputDetails": {"Included": True},
        "Name": execution.name,
        "RedriveCount": 0,
        "RedriveStatus": "NOT_REDRIVABLE" if execution.succeeded else "REDRIVABLE",
        "StartDate": _milliseconds(execution.start),
        "StateMachineArn": identity.state_machine_arn,
        "Status": execution.status,
        "StopDate": _milliseconds(execution.stop),
    }
    if execution.succeeded:
        found |= {"Output": to_text(execution.output), "OutputDetails": {"Included": True}}
        found["RedriveStatusReason"] = "Execution is SUCCEEDED and cannot be redriven"
    found |= {name.capitalize(): text for name in ("error", "cause") if (text := getattr(execution, name)) is not None}
    return dict(sorted(found.items()))


def _started(run: Run, request_id: str) -> dict[str, Any]:
    headers = [("x-amzn-RequestId", request_id), ("Content-Type", "application/x-amz-json-1.0")]
    return {
        "ExecutionArn": run.identity.arn,
        **metadata_of(headers, 200, request_id),
        "StartDate": round(run.started * 1000),
    }


def _refused(call: TaskCall, code: str, message: str) -> Failure:
    """The failure of a request that Step Functions refuses (recorded)."""
    cause = (
        f"{message} (Service: {java_client('states')}; Status Code: 400; Error Code: {code}; "
        f"Request ID: {call.run.new_uuid()}; Proxy: null)"
    )
    return Failure(optimized_error("states", f"{code}Exception"), cause)
