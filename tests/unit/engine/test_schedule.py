from __future__ import annotations

import threading

import pytest

from everypath.engine.clock import VirtualClock
from everypath.engine.scheduler import Scheduler, Signal, Stopped


@pytest.fixture
def scheduler() -> Scheduler:
    return Scheduler(VirtualClock(0.0))


def test_a_year_passes_at_once(scheduler: Scheduler) -> None:
    async def main() -> float:
        await scheduler.sleep(31_536_000)
        return scheduler.clock.now()

    assert scheduler.run(main()) == 31_536_000


def test_jobs_run_in_the_order_of_their_due_times(scheduler: Scheduler) -> None:
    seen: list[tuple[str, float]] = []

    async def wait(name: str, seconds: float) -> None:
        await scheduler.sleep(seconds)
        seen.append((name, scheduler.clock.now()))

    async def main() -> None:
        jobs = [
            scheduler.spawn(wait("late", 3)),
            scheduler.spawn(wait("early", 1)),
            scheduler.spawn(wait("mid", 2)),
        ]
        for job in jobs:
            await job

    scheduler.run(main())
    assert seen == [("early", 1), ("mid", 2), ("late", 3)]


def test_jobs_that_are_due_together_run_in_the_order_in_which_they_asked(scheduler: Scheduler) -> None:
    seen: list[int] = []

    async def wait(number: int) -> None:
        await scheduler.sleep(1)
        seen.append(number)

    async def main() -> None:
        for job in [scheduler.spawn(wait(number)) for number in range(20)]:
            await job

    scheduler.run(main())
    assert seen == list(range(20))


def test_time_does_not_wait_for_a_stopped_timer(scheduler: Scheduler) -> None:
    async def main() -> float:
        scheduler.timer(100).stop()
        await scheduler.sleep(1)
        await scheduler.sleep(1)
        return scheduler.clock.now()

    assert scheduler.run(main()) == 2


def test_a_cancelled_job_stops_where_it_waits_and_never_happens(scheduler: Scheduler) -> None:
    seen: list[str] = []

    async def work() -> None:
        try:
            await scheduler.sleep(10)
            seen.append("done")
        finally:
            seen.append("closed")

    async def main() -> bool:
        job = scheduler.spawn(work())
        await scheduler.sleep(1)
        job.cancel()
        await scheduler.sleep(20)
        return job.done

    assert scheduler.run(main()) is False
    assert seen == ["closed"]


def test_a_signal_happens_once(scheduler: Scheduler) -> None:
    signal = Signal()
    signal.resolve("first")
    signal.resolve("second")

    async def main() -> object:
        return await signal

    assert scheduler.run(main()) == "first"


def test_a_job_that_stops_itself_leaves_the_others_running(scheduler: Scheduler) -> None:
    async def stopping() -> None:
        raise Stopped

    async def main() -> bool:
        job = scheduler.spawn(stopping())
        await scheduler.sleep(1)
        return job.done

    assert scheduler.run(main()) is False


def test_time_runs_with_the_wall_clock_while_something_outside_is_awaited(scheduler: Scheduler) -> None:
    release = threading.Event()

    async def main() -> tuple[str, float]:
        result = await scheduler.outside(lambda: "answer" if release.wait(5) else "late")
        return result, scheduler.clock.now()

    threading.Timer(0.05, release.set).start()
    result, now = scheduler.run(main())
    assert result == "answer"
    assert 0.04 < now < 5


def test_a_timer_fires_while_something_outside_is_awaited(scheduler: Scheduler) -> None:
    release = threading.Event()

    async def main() -> float:
        job = scheduler.spawn(scheduler.outside(lambda: release.wait(5)))
        await scheduler.sleep(0.05)
        job.cancel()
        await scheduler.sleep(1000)  # nothing outside is awaited any more: time skips
        return scheduler.clock.now()

    assert scheduler.run(main()) == pytest.approx(1000.05)
    release.set()


def test_what_the_outside_raises_is_raised_where_it_is_awaited(scheduler: Scheduler) -> None:
    def fail() -> None:
        raise ValueError("outside")

    async def main() -> str:
        try:
            await scheduler.outside(fail)
        except ValueError as error:
            return str(error)
        return ""

    assert scheduler.run(main()) == "outside"


def test_waiting_for_what_cannot_happen_is_an_error_and_no_hang(scheduler: Scheduler) -> None:
    async def main() -> None:
        await Signal()

    with pytest.raises(RuntimeError, match="waits for what cannot happen"):
        scheduler.run(main())
