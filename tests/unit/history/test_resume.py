"""An execution that is interrupted at any moment, and goes on from its history, ends as if it had not been."""

from __future__ import annotations

import json
from collections.abc import Coroutine
from random import Random
from typing import Any

import pytest

from everypath.asl.parser.definition import parse
from everypath.engine.clock import EPOCH, VirtualClock
from everypath.engine.identity import Identity
from everypath.engine.interpreter import Run
from everypath.engine.scheduler import Scheduler, Signal
from everypath.engine.task_call import CallingRun, TaskCall
from everypath.history.events import Event
from everypath.history.outcome import Failure, Outcome, Success
from everypath.history.resume import read_resume_point
from everypath.history.resume_point import ResumeState, Retried
from tests.support.definitions import flow

ARN = "arn:aws:states:us-east-1:123456789012"
IDENTITY = Identity("e", f"{ARN}:execution:m:e", "m", f"{ARN}:stateMachine:m", "role", "123456789012", "us-east-1")
FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:f"


class Timed:
    """Tasks that take the seconds, and fail as often, as their input says; a call that is made again takes the rest."""

    def __init__(self) -> None:
        self.calls: list[str] = []

    def problem(self, resource: Any, arguments: Any) -> None:
        return None

    def item_store(self, run: CallingRun) -> Any:
        raise NotImplementedError

    def start(self, call: TaskCall) -> Coroutine[Signal, None, Outcome]:
        self.calls.append(call.state)
        return self._work(call)

    async def _work(self, call: TaskCall) -> Outcome:
        arguments = call.arguments if isinstance(call.arguments, dict) else {}
        passed = call.run.scheduler.clock.now() - call.pending.scheduled if call.pending else 0.0
        await call.run.scheduler.sleep(arguments.get("seconds", 1) - passed)
        if call.attempt <= arguments.get("failures", 0):
            return Failure(arguments.get("error", "Busy"), "not yet")
        return Success({"done": call.state, "attempt": call.attempt})


def task(seconds: float = 1, failures: int = 0, error: str = "Busy", **more: Any) -> dict[str, Any]:
    parameters = {"seconds": seconds, "failures": failures, "error": error}
    return {"Type": "Task", "Resource": FUNCTION, "Parameters": parameters, **more}


RETRY = [
    {"ErrorEquals": ["Rare"], "IntervalSeconds": 7, "MaxAttempts": 1},
    {"ErrorEquals": ["States.ALL"], "IntervalSeconds": 10, "MaxAttempts": 3, "BackoffRate": 2},
]
CATCH = [{"ErrorEquals": ["States.ALL"], "Next": "Caught", "ResultPath": "$.error"}]
ITEMS = {"ItemsPath": "$.items", "ItemSelector": {"item.$": "$$.Map.Item.Value"}}

DEFINITIONS = {
    "variables": flow(
        A=task(Assign={"a.$": "$.done"}),
        W={"Type": "Wait", "Seconds": 5},
        B={"Type": "Pass", "Parameters": {"a.$": "$a"}},
    ),
    "retries": flow(T=task(failures=3, Retry=RETRY), U=task(failures=1, error="Rare", Retry=RETRY)),
    "timeout": flow(
        T=task(seconds=100, TimeoutSeconds=20, HeartbeatSeconds=15, Catch=CATCH), Caught={"Type": "Pass"}
    ),
    "loop": flow(
        Count={"Type": "Pass", "Parameters": {"n.$": "States.MathAdd($.n, 1)"}},
        Work=task(ResultPath=None, seconds=2),
        Again={
            "Type": "Choice",
            "Choices": [{"Variable": "$.n", "NumericLessThan": 4, "Next": "Count"}],
            "Default": "Done",
        },
        Done={"Type": "Succeed"},
    ),
    "parallel": flow(
        P={
            "Type": "Parallel",
            "Branches": [
                flow(A1=task(3), A2=task(2, failures=1, Retry=RETRY)),
                flow(B1={"Type": "Wait", "Seconds": 4}, B2=task(1)),
                flow(C1={"Type": "Pass"}),
            ],
        },
        After=task(),
    ),
    "failing parallel": flow(
        P={
            "Type": "Parallel",
            "Retry": [{"ErrorEquals": ["Bad"], "IntervalSeconds": 30, "MaxAttempts": 2}],
            "Catch": [{"ErrorEquals": ["Bad"], "Next": "Caught"}],
            "Branches": [
                flow(X1=task(5), X2={"Type": "Fail", "Error": "Bad", "Cause": "always"}),
                flow(Y1=task(100)),
                flow(Z1=task(1)),
            ],
        },
        Caught=task(),
    ),
    "map": flow(
        M={
            "Type": "Map", "MaxConcurrency": 2, **ITEMS, "Retry": RETRY,
            "ItemProcessor": flow(
                I={"Type": "Pass"},
                J=task(2, failures=1, Retry=RETRY),
                K={"Type": "Pass", "Parameters": {"index.$": "$$.Map.Item.Index", "from.$": "$.done"}},
            ),
        },
        After={"Type": "Pass"},
    ),
    "nested": flow(
        M={
            "Type": "Map", **ITEMS,
            "ItemProcessor": flow(
                P={
                    "Type": "Parallel",
                    "Branches": [
                        flow(N={"Type": "Map", "ItemsPath": "$.item.inner", "ItemProcessor": flow(Deep=task(1.5))}),
                        flow(Side=task(2)),
                    ],
                },
                Q=task(1),
            ),
        }
    ),
    "jsonata": flow(
        T={
            "Type": "Task", "QueryLanguage": "JSONata", "Resource": FUNCTION,
            "Arguments": {"seconds": "{% $states.input.items[0].seconds %}"},
            "Assign": {"first": "{% $states.result.done %}"}, "Output": "{% $states.input %}",
        },
        W={"Type": "Wait", "QueryLanguage": "JSONata", "Seconds": "{% $count($states.input.items) %}"},
        E={"Type": "Pass", "QueryLanguage": "JSONata", "Output": "{% $first & $states.context.State.Name %}"},
    ),
}  # fmt: skip
INPUT = '{"n": 0, "items": [{"seconds": 3, "inner": [1, 2]}, {"seconds": 1, "inner": []}, {"inner": [3]}]}'


def run(definition: Any, resume_state: ResumeState | None = None, cuts: list[Any] | None = None) -> tuple[Run, Timed]:
    tree = parse(definition)
    start = (
        EPOCH if resume_state is None or not resume_state.events else resume_state.events[-1]["timestamp"].timestamp()
    )
    scheduler = Scheduler(VirtualClock(start))
    tasks = Timed()
    found = Run(tree, json.loads(INPUT), INPUT, IDENTITY, tasks, scheduler, Random(0), resume_state)
    if cuts is not None:
        scheduler.settled = lambda: cuts.append((list(found.history.events), list(found.retried)))
    scheduler.run(found.execute())
    return found, tasks


@pytest.mark.parametrize("name", DEFINITIONS)
def test_an_interrupted_execution_goes_on_to_the_same_history(name: str) -> None:
    cuts: list[tuple[list[Event], list[Retried]]] = []
    whole, _ = run(DEFINITIONS[name], cuts=cuts)
    assert cuts
    for events, retried in cuts:
        resume_state = ResumeState(list(events), list(retried), read_resume_point(events, retried), EPOCH)
        again, _ = run(DEFINITIONS[name], resume_state)
        assert again.history.events == whole.history.events, f"cut after event {len(events)}"
        assert again.status == whole.status


@pytest.mark.parametrize("name", DEFINITIONS)
def test_a_task_whose_outcome_is_in_the_history_is_not_called_again(name: str) -> None:
    cuts: list[tuple[list[Event], list[Retried]]] = []
    tasks = run(DEFINITIONS[name], cuts=cuts)[1]
    for events, retried in cuts:
        ended = sum(event["type"] in ENDED for event in events)
        resume_state = ResumeState(list(events), list(retried), read_resume_point(events, retried), EPOCH)
        assert len(run(DEFINITIONS[name], resume_state)[1].calls) <= len(tasks.calls) - ended


ENDED = ("LambdaFunctionSucceeded", "LambdaFunctionFailed", "LambdaFunctionTimedOut")


def test_an_execution_of_which_nothing_is_known_begins() -> None:
    whole, _ = run(DEFINITIONS["variables"])
    again, _ = run(DEFINITIONS["variables"], ResumeState([], [], read_resume_point([]), EPOCH))
    assert again.history.events == whole.history.events
