"""Runs executions on the engine: each in a thread of its own, or inline in the calling thread."""

from __future__ import annotations

import sys
import threading
import time
import traceback
from collections.abc import Callable
from queue import SimpleQueue
from random import Random
from typing import TYPE_CHECKING, Any, Literal

from everypath.asl.error_catalog import RUNTIME
from everypath.engine.clock import Clock, RealClock, VirtualClock
from everypath.engine.identity import Identity
from everypath.engine.interpreter import Run
from everypath.engine.scheduler import Scheduler
from everypath.errors import EverypathError
from everypath.history.resume_point import ResumeState

if TYPE_CHECKING:
    from everypath.asl.tree import StateMachine as Tree
    from everypath.engine.task_call import Tasks

ClockKind = Literal["virtual", "real"]


class ThreadPool:
    """Threads that wait for work; a new one is started whenever none is free.

    They are daemons: an execution that never ends does not keep the process from ending.
    """

    def __init__(self) -> None:
        self._work: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._lock = threading.Lock()
        # Waiting threads, less the work that is queued for them.
        self._free = 0

    def submit(self, work: Callable[[], None]) -> None:
        """Do some work in a thread."""
        with self._lock:
            free = self._free > 0
            if free:
                self._free -= 1
        self._work.put(work)
        if not free:
            threading.Thread(target=self._serve, daemon=True, name="execution").start()

    def _serve(self) -> None:
        while True:
            work = self._work.get()
            work()
            # Otherwise the last execution would be kept alive until the next one begins.
            del work
            with self._lock:
                self._free += 1


class Runner:
    """Prepares and runs executions.

    Parameters
    ----------
    tasks : Tasks
        What makes the calls of their Task states, unless `prepare` is given something else.
    clock : {"virtual", "real"}
        A virtual clock starts at the wall clock's time, and skips waits.
    """

    def __init__(self, tasks: Tasks, clock: ClockKind) -> None:
        self.tasks = tasks
        self._clock = clock
        self._threads = ThreadPool()

    def prepare(
        self,
        tree: Tree,
        value: Any,
        input_text: str,
        identity: Identity,
        tasks: Tasks | None = None,
        resume_state: ResumeState | None = None,
    ) -> Run:
        """Return an execution that has not begun, or that resumes from its past."""
        clock: Clock = RealClock() if self._clock == "real" else VirtualClock(_virtual_start(resume_state))
        # What is drawn after an interruption must not repeat what was drawn before it.
        random = Random(identity.arn if resume_state is None else f"{identity.arn} {len(resume_state.events)}")
        return Run(tree, value, input_text, identity, tasks or self.tasks, Scheduler(clock), random, resume_state)

    def run(self, run: Run, ended: Callable[[], None], *, inline: bool = False) -> None:
        """Run an execution in a thread, which calls `ended` afterwards.

        Parameters
        ----------
        inline : bool
            Run it in the calling thread instead, unless the clock is real.
        """

        def work() -> None:
            self._run(run)
            ended()

        if inline and self._clock == "virtual":
            work()
        else:
            self._threads.submit(work)

    def submit(self, work: Callable[[], None]) -> None:
        """Do work that may take long in one of the threads."""
        self._threads.submit(work)

    def _run(self, run: Run) -> None:
        if self._clock == "real":
            # StopExecution must interrupt a wait, so the scheduler has to expect something from outside.
            run.scheduler.expect()
        try:
            run.scheduler.run(run.finish())
        except EverypathError as error:
            run.fail(RUNTIME, str(error))
        except Exception as error:
            message = f"unexpected internal error in execution {run.identity.arn} (please report)"
            print(f"everypath: {message}", file=sys.stderr)
            traceback.print_exc()
            run.fail(RUNTIME, f"{type(error).__name__}: {error}")


def _virtual_start(resume_state: ResumeState | None) -> float:
    """When the virtual clock starts: now, or for an execution that resumes at its last event, if that is later.

    While the server does not run, virtual time stands still; a redrive happens when it is requested.
    """
    if resume_state is None or not resume_state.events:
        return round(time.time(), 6)
    last: float = resume_state.events[-1]["timestamp"].timestamp()
    return max(last, resume_state.redriven or last)
