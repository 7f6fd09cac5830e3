"""Executions of generated definitions: tasks that fail at random, and expressions that fail before and after them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Coroutine
from dataclasses import dataclass, field
from random import Random
from typing import Any

from everypath.asl.parser.definition import parse
from everypath.asl.resource import Resource
from everypath.engine.clock import EPOCH, VirtualClock
from everypath.engine.identity import Identity
from everypath.engine.interpreter import Run
from everypath.engine.item_store import ItemStore
from everypath.engine.scheduler import Scheduler, Signal
from everypath.engine.task_call import CallingRun, TaskCall
from everypath.history.events import Event
from everypath.history.execution import Execution
from everypath.history.outcome import Outcome
from everypath.history.resume import read_resume_point
from everypath.history.resume_point import ResumeState
from everypath.tasks.scripted_outcomes import Return, Throw, play
from tests.unit.engine.machines import FUNCTION, MACHINE

ACTIVITY = "arn:aws:states:us-east-1:123456789012:activity:Work"
INPUT = {"a": 1, "items": [1, 2, 3]}
#: Fails before the task is scheduled, in the first attempt only.
FAILS_AT_FIRST = "{% $states.context.State.RetryCount > 0 ? {} : $missing %}"
#: Fails where the task returns no value.
NEEDS_A_VALUE = "{% $states.result.value %}"


@dataclass
class RandomTasks:
    """Tasks that take some time, and return something or fail at random.

    Attributes
    ----------
    calls : list of TaskCall
        The calls that were made.
    """

    random: Random
    calls: list[TaskCall] = field(default_factory=list)

    def problem(self, resource: Resource, arguments: Any) -> str | None:
        return None

    def item_store(self, run: CallingRun) -> ItemStore:
        raise AssertionError("no test here reads from S3")

    def start(self, call: TaskCall) -> Coroutine[Signal, None, Outcome]:
        self.calls.append(call)
        seconds = self.random.choice((0, 0, 1, 2, 9))
        if self.random.random() < 0.4:
            return play(call, Throw(self.random.choice("AB"), "by chance", seconds))
        return play(call, Return(self.random.choice(({"value": 1}, {"value": 1}, {})), seconds))


@dataclass(frozen=True)
class Generated:
    """An execution of a generated definition; `retried` counts the retries by the ids of the StateEntered events."""

    definition: dict[str, Any]
    execution: Execution
    events: list[Event]
    calls: list[TaskCall]
    retried: Counter[int]


def generated(seed: int, redrives: int = 0) -> Generated:
    """Generate a definition and run it, redriven as often as told where it does not succeed."""
    random = Random(seed)
    definition = _flow(random, _Names(), depth=2)
    machine = parse(definition)
    identity = Identity("e", f"{MACHINE}:e".replace("stateMachine", "execution"), "M", MACHINE, None, "1", "us-east-1")
    tasks, resume_state, text = RandomTasks(random), None, json.dumps(INPUT)
    for number in range(redrives + 1):
        scheduler = Scheduler(VirtualClock(EPOCH + 1000 * number))
        run = Run(machine, INPUT, text, identity, tasks, scheduler, Random(seed), resume_state)
        if resume_state is not None:
            run.redrive()
        execution: Execution = scheduler.run(run.execute())
        if execution.succeeded:
            break
        resume_point = read_resume_point(run.history.events, run.retried, redrive=True)
        redriven = EPOCH + 1000 * (number + 1)
        resume_state = ResumeState(run.history.events, run.retried, resume_point, EPOCH, number + 1, redriven)
    retried = Counter(each.entered for each in run.retried)
    return Generated(definition, execution, run.history.events, tasks.calls, retried)


class _Names:
    def __init__(self) -> None:
        self._count = 0

    def new(self, kind: str) -> str:
        self._count += 1
        return f"{kind} {self._count}"


def _flow(random: Random, names: _Names, depth: int) -> dict[str, Any]:
    """A few states after each other, and one that catchers lead to."""
    kinds = ["Task", "Task", "Task", "Pass"] + (["Parallel", "Map"] * 2 if depth else [])
    last = random.choice([*kinds, "Fail"])
    chosen = [(names.new(kind), kind) for kind in (*random.choices(kinds, k=random.randint(0, 2)), last)]
    handler = names.new("Handler")
    states: dict[str, Any] = {}
    for position, (name, kind) in enumerate(chosen):
        after = {"Next": chosen[position + 1][0]} if position + 1 < len(chosen) else {"End": True}
        states[name] = _state(random, names, kind, depth) | ({} if kind == "Fail" else after)
        if kind in ("Task", "Parallel", "Map"):
            states[name] |= _handled(random, handler)
    if any("Catch" in state for state in states.values()):
        states[handler] = {"Type": "Pass", "End": True}
    return {"StartAt": chosen[0][0], "States": states}


def _state(random: Random, names: _Names, kind: str, depth: int) -> dict[str, Any]:
    jsonata = random.random() < 0.5
    state: dict[str, Any] = {"Type": kind} | ({"QueryLanguage": "JSONata"} if jsonata else {})
    if kind == "Fail":
        return state | {"Error": random.choice("AB")}
    if kind == "Parallel":
        state["Branches"] = [_flow(random, names, depth - 1) for _ in range(random.randint(1, 3))]
        return state | (
            _fields(random, {"Output": "{% $states.result[0].value %}"}) if jsonata else {"ResultPath": None}
        )
    if kind == "Map":
        inner = {"ItemProcessor": _flow(random, names, depth - 1), "MaxConcurrency": random.choice((0, 1, 2))}
        return (
            state
            | inner
            | ({"Items": [1, 2, 3]} if jsonata else {"ItemsPath": "$$.Execution.Input.items", "ResultPath": None})
        )
    if kind == "Task":
        state |= {"Resource": random.choice((FUNCTION, ACTIVITY))}
        state |= _fields(random, {"TimeoutSeconds": 5})
        if jsonata:
            state |= _fields(random, {"Arguments": FAILS_AT_FIRST}) | _fields(random, {"Output": NEEDS_A_VALUE})
        else:
            selector = {"ResultSelector": {"value.$": "$.value"}}
            state |= random.choice(({"ResultPath": None}, {"ResultPath": "$.a.b"}, selector | {"ResultPath": "$.c"}))
    return state


def _fields(random: Random, fields: dict[str, Any]) -> dict[str, Any]:
    return fields if random.random() < 0.4 else {}


def _handled(random: Random, handler: str) -> dict[str, Any]:
    state: dict[str, Any] = {}
    if random.random() < 0.7:
        errors = random.sample(["A", "B", "States.QueryEvaluationError", "States.Timeout"], 2)
        state["Retry"] = [
            {"ErrorEquals": errors, "MaxAttempts": random.randint(1, 2)},
            {"ErrorEquals": ["States.ALL"], "MaxAttempts": random.randint(0, 2)},
        ]
    if random.random() < 0.5:
        state["Catch"] = [{"ErrorEquals": [random.choice(("A", "States.ALL"))], "Next": handler}]
    return state
