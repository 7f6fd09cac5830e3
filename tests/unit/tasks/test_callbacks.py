from __future__ import annotations

import threading
import time
from collections.abc import Callable
from random import Random
from typing import Any

import pytest

from everypath.asl.parser.definition import parse
from everypath.engine.clock import VirtualClock
from everypath.engine.identity import Identity
from everypath.engine.interpreter import Run
from everypath.engine.scheduler import Scheduler
from everypath.history.execution import Execution
from everypath.integrations.routing import task_router
from everypath.tasks.callbacks import UnknownToken
from everypath.tasks.router import Router

ACTIVITY = "arn:aws:states:us-east-1:123456789012:activity:work"
IDENTITY = Identity("e", "arn:e", "M", "arn:m", "arn:role", "123456789012", "us-east-1")


def run(router: Router, **fields: Any) -> Execution:
    state = {"Type": "Task", "Resource": ACTIVITY, "End": True, **fields}
    machine = parse({"StartAt": "T", "States": {"T": state}})
    scheduler = Scheduler(VirtualClock())
    execution: Execution = scheduler.run(
        Run(machine, {"a": 1}, '{"a":1}', IDENTITY, router, scheduler, Random(0)).execute()
    )
    return execution


def worker(router: Router, answer: Callable[[str], None], name: str | None = "me") -> None:
    def work() -> None:
        task = router.activities.take(ACTIVITY, name, 5)
        assert task is not None
        assert task.input == '{"a":1}'
        answer(task.token)

    threading.Thread(target=work, daemon=True).start()


def test_a_worker_takes_a_task_of_an_activity_and_answers_by_its_token() -> None:
    router = task_router()
    worker(router, lambda token: router.callbacks.succeed(token, {"done": True}))
    execution = run(router)
    assert execution.output == {"done": True}
    assert execution.event_types[2:5] == ["ActivityScheduled", "ActivityStarted", "ActivitySucceeded"]
    assert execution.require_history().events[3]["activityStartedEventDetails"] == {"workerName": "me"}


def test_a_worker_without_a_name_leaves_no_name() -> None:
    router = task_router()
    worker(router, lambda token: router.callbacks.succeed(token, 1), name=None)
    assert run(router).require_history().events[3]["activityStartedEventDetails"] == {}


def test_a_worker_may_answer_with_an_error() -> None:
    router = task_router()
    worker(router, lambda token: router.callbacks.fail(token, "E", "why"))
    execution = run(router)
    assert (execution.error, execution.cause) == ("E", "why")


def test_an_error_without_a_name_is_caught_by_states_all_with_nulls() -> None:
    router = task_router()
    worker(router, lambda token: router.callbacks.fail(token, None, None))
    state = {"Type": "Task", "Resource": ACTIVITY, "End": True, "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "C"}]}
    machine = parse({"StartAt": "T", "States": {"T": state, "C": {"Type": "Pass", "End": True}}})
    scheduler = Scheduler(VirtualClock())
    execution = scheduler.run(Run(machine, {"a": 1}, '{"a":1}', IDENTITY, router, scheduler, Random(0)).execute())
    assert execution.output == {"Error": None, "Cause": None}


def test_heartbeats_keep_a_task_alive_and_a_missing_one_ends_it() -> None:
    router = task_router()

    def beat(token: str) -> None:
        for _ in range(4):
            time.sleep(0.3)
            router.callbacks.heartbeat(token)

    worker(router, beat)
    execution = run(router, HeartbeatSeconds=1)
    assert execution.error == "States.Timeout"
    assert execution.elapsed > 2


def test_a_task_that_nobody_takes_ends_with_its_timeout() -> None:
    execution = run(task_router(), TimeoutSeconds=1)
    assert execution.error == "States.Timeout"
    assert execution.event_types[2:4] == ["ActivityScheduled", "ActivityTimedOut"]


def test_an_answer_for_a_token_that_nobody_waits_for_is_refused() -> None:
    with pytest.raises(UnknownToken):
        task_router().callbacks.succeed("no such token", {})
