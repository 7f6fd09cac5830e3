"""A job that nobody waits for any more is stopped, whenever it was started."""

from __future__ import annotations

import threading
from collections.abc import Coroutine
from types import SimpleNamespace
from typing import Any

import pytest

from everypath.engine.clock import VirtualClock
from everypath.engine.scheduler import Scheduler, Signal, Stopped
from everypath.history.outcome import Success
from everypath.integrations.answer import AwsAnswer, AwsFailure
from everypath.integrations.services import run_job


class Job:
    """A service whose answers to the request and to the wait are held back until they are released."""

    def __init__(self, answer: AwsAnswer | AwsFailure) -> None:
        self.answer = answer
        self.asked, self.answered, self.waiting, self.ended = (threading.Event() for _ in range(4))
        self.stopped: list[AwsAnswer] = []
        self.all_stopped = threading.Event()

    def request(self, arguments: Any) -> AwsAnswer | AwsFailure:
        self.asked.set()
        assert self.answered.wait(10)
        return self.answer

    def wait(self, submitted: AwsAnswer, *, delay: float) -> AwsAnswer:
        self.waiting.set()
        assert self.ended.wait(10)
        return AwsAnswer("done")

    def stop(self, submitted: AwsAnswer) -> None:
        self.stopped.append(submitted)
        self.all_stopped.set()
        self.ended.set()


STARTED = AwsAnswer({"JobId": "1"}, {"jobId": "1"})


def a_call(scheduler: Scheduler, submitted: Any = lambda output: None) -> Any:
    return SimpleNamespace(run=SimpleNamespace(scheduler=scheduler), arguments={}, token=None, submitted=submitted)


def run(job: Job, until: threading.Event | None, submitted: Any = lambda output: None) -> Any:
    """Run a job and return what it comes to; None where it is cancelled once `until` has happened."""
    scheduler = Scheduler(VirtualClock(0.0))

    async def main() -> Any:
        work: Coroutine[Signal, None, Any] = run_job(a_call(scheduler, submitted), job)  # type: ignore[arg-type]
        if until is None:
            return await work
        running = scheduler.spawn(work)
        await scheduler.outside(lambda: until.wait(10))
        running.cancel()
        return None

    return scheduler.run(main())


def test_a_job_that_has_ended_is_not_stopped() -> None:
    job = Job(STARTED)
    job.answered.set()
    job.ended.set()
    assert run(job, None) == Success("done")
    assert job.stopped == []


def test_a_job_whose_state_ends_is_stopped() -> None:
    job = Job(STARTED)
    job.answered.set()
    run(job, job.waiting)
    assert job.stopped == [STARTED]


def test_a_job_whose_state_ends_while_it_is_being_started_is_stopped_once_it_is_there() -> None:
    job = Job(STARTED)
    run(job, job.asked)
    assert job.stopped == []
    job.answered.set()
    assert job.all_stopped.wait(10)
    assert job.stopped == [STARTED]


def test_a_job_that_could_not_be_started_is_not_stopped() -> None:
    job = Job(AwsFailure("E", "c"))
    job.answered.set()
    assert run(job, None).error == "E"
    assert job.stopped == []


def test_a_job_is_stopped_where_its_execution_ends_as_it_is_submitted() -> None:
    job = Job(STARTED)
    job.answered.set()

    def full(output: Any) -> None:
        raise Stopped

    with pytest.raises(RuntimeError):  # the coroutine is over, and the scheduler waits for what cannot happen
        run(job, None, full)
    assert job.stopped == [STARTED]
