from __future__ import annotations

from collections.abc import Coroutine, Mapping, Sequence
from random import Random
from typing import Any

from everypath.asl.parser.definition import parse
from everypath.asl.resource import Resource
from everypath.engine.clock import EPOCH, VirtualClock
from everypath.engine.data import to_text
from everypath.engine.identity import Identity
from everypath.engine.interpreter import Run
from everypath.engine.item_store import ItemStore
from everypath.engine.scheduler import Scheduler, Signal
from everypath.engine.task_call import CallingRun, TaskCall
from everypath.history.execution import Execution
from everypath.history.outcome import Outcome, Success
from everypath.tasks.scripted_outcomes import Return, Script, Throw

FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:F"
MACHINE = "arn:aws:states:us-east-1:123456789012:stateMachine:M"

Outcomes = Mapping[str, Sequence[Return | Throw]]


class Echo:
    """Tasks that return what they are given."""

    def problem(self, resource: Resource, arguments: Any) -> str | None:
        return None

    def item_store(self, run: CallingRun) -> ItemStore:
        raise AssertionError("no test here reads from S3")

    def start(self, call: TaskCall) -> Coroutine[Signal, None, Outcome]:
        async def echo() -> Outcome:
            return Success(call.arguments)

        return echo()


def run_machine(
    definition: dict[str, Any], input: Any = None, outcomes: Outcomes | None = None, **options: Any
) -> Execution:
    """Run a definition on the engine; tasks do what `outcomes` says, and then echo."""
    value = {} if input is None else input
    machine = parse(definition, kind=options.get("kind", "STANDARD"))
    scheduler = Scheduler(VirtualClock(EPOCH))
    identity = Identity(
        name="e",
        arn=MACHINE.replace("stateMachine", "execution") + ":e",
        state_machine_name="M",
        state_machine_arn=MACHINE,
        role_arn="arn:aws:iam::123456789012:role/R",
        account="123456789012",
        region="us-east-1",
    )
    run = Run(
        machine,
        value,
        to_text(value),
        identity,
        Script(outcomes or {}, Echo(), machine),
        scheduler,
        Random(options.get("seed", 0)),
    )
    execution: Execution = scheduler.run(run.execute())
    return execution


def task(**fields: Any) -> dict[str, Any]:
    """The definition of a Task that ends its flow."""
    return {"Type": "Task", "Resource": FUNCTION, **({} if "Next" in fields else {"End": True}), **fields}


def chain(*states: tuple[str, dict[str, Any]], **fields: Any) -> dict[str, Any]:
    """A definition whose first state is the first one given."""
    return {"StartAt": states[0][0], "States": dict(states), **fields}
