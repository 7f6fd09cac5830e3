"""everypath, used as its users do: a template is loaded, and an execution is run to its end."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import everypath
from bench.machines import ROOT, Definition
from bench.peer import Result, Run
from everypath.asl.parser.definition import parse
from everypath.engine.clock import VirtualClock
from everypath.engine.identity import Identity
from everypath.engine.interpreter import Run as EngineRun
from everypath.engine.scheduler import Job, Scheduler
from everypath.history.execution import Execution


class Everypath:
    """The embedded engine; its executions run on the virtual clock."""

    def machine(self, definition: Definition, kind: str = "STANDARD") -> Run:
        """Load a template that has nothing but the state machine."""
        return _run(_load(definition, kind))

    def tutorial(self) -> Run:
        """Load the application's template; its handler runs in this process."""
        return _run(everypath.load(ROOT / "template.yaml"))

    def together(self, definition: Definition, count: int) -> Callable[[], list[Result]]:
        """Spawn the executions on one scheduler, as ``everypath serve`` has them: `run` knows one at a time."""
        machine = _load(definition, "STANDARD")

        async def wait(jobs: list[Job]) -> list[Execution]:
            return [await job for job in jobs]

        def run() -> list[Result]:
            scheduler = Scheduler(VirtualClock())
            runs = [_execution(machine, scheduler, number) for number in range(count)]
            jobs = [scheduler.spawn(run.execute()) for run in runs]
            return [_result(execution) for execution in scheduler.run(wait(jobs))]

        return run

    def parse(self, text: str) -> None:
        """Parse a definition; every schema error would be reported."""
        parse(text)


def _load(definition: Definition, kind: str) -> everypath.Machine:
    properties = {"Definition": definition, "Type": kind}
    resources = {"Machine": {"Type": "AWS::Serverless::StateMachine", "Properties": properties}}
    with tempfile.TemporaryDirectory() as folder:
        template = Path(folder) / "template.json"
        template.write_text(json.dumps({"Transform": "AWS::Serverless-2016-10-31", "Resources": resources}))
        return everypath.load(template)


def _run(machine: everypath.Machine) -> Run:
    def run(value: Any) -> Result:
        return _result(machine.run(value))

    return run


def _execution(machine: everypath.Machine, scheduler: Scheduler, number: int) -> EngineRun:
    arn = machine.state_machine.arn
    identity = Identity(
        name=f"execution-{number}",
        arn=arn.replace(":stateMachine:", ":execution:") + f":execution-{number}",
        state_machine_name=machine.name,
        state_machine_arn=arn,
        role_arn=arn,
        account="123456789012",
        region="us-east-1",
    )
    return EngineRun(machine.tree, {}, "{}", identity, machine.tasks, scheduler, Random(number))


def _result(execution: Execution) -> Result:
    return Result(execution.status, execution.output, f"{execution.error}: {execution.cause}")
