"""Runs executions on the engine: each in a thread of its own, used again, or at once where it is over soon."""

from __future__ import annotations

import sys
import threading
import time
import traceback
from collections.abc import Callable
from queue import SimpleQueue
from random import Random
from typing import TYPE_CHECKING, Any, Literal

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


class Threads:
    """Threads that wait for work; there are never more than there was work at one time.

    They are daemons: an execution that waits for ever does not keep the process from ending.
    """

    def __init__(self) -> None:
        self._work: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._lock = threading.Lock()
        # Threads that wait, less the work that is queued for them.
        self._free = 0

    def submit(self, work: Callable[[], None]) -> None:
        """Do some work in a thread."""
        with self._lock:
            taken = self._free > 0
            if taken:
                self._free -= 1
        self._work.put(work)
        if not taken:
            threading.Thread(target=self._serve, daemon=True, name="execution").start()

    def _serve(self) -> None:
        while True:
            work = self._work.get()
            work()
            # Otherwise the last execution would be kept until the next one begins.
            del work
            with self._lock:
                self._free += 1


class Executor:
    """Runs executions.

    Parameters
    ----------
    tasks : Tasks
        What their tasks reach, unless told otherwise.
    clock : {"virtual", "real"}
        A virtual clock starts at the wall clock's time, and jumps.
    """

    def __init__(self, tasks: Tasks, clock: ClockKind) -> None:
        self.tasks = tasks
        self._clock = clock
        self._threads = Threads()

    def prepare(
        self,
        tree: Tree,
        value: Any,
        input_text: str,
        identity: Identity,
        tasks: Tasks | None = None,
        resume_state: ResumeState | None = None,
    ) -> Run:
        """Return an execution that has not begun, or goes on after its past.

        Its tasks may reach something else than those of others.
        """
        clock: Clock = RealClock() if self._clock == "real" else VirtualClock(_virtual_start(resume_state))
        # Ids and jitter that come after an interruption are others than those before it.
        random = Random(identity.arn if resume_state is None else f"{identity.arn} {len(resume_state.events)}")
        return Run(tree, value, input_text, identity, tasks or self.tasks, Scheduler(clock), random, resume_state)

    def start(self, run: Run, ended: Callable[[], None], *, brief: bool = False) -> None:
        """Run an execution in a thread, which calls `ended` when it is over; a brief one in this thread, at once.

        On a real clock no execution is brief.
        """

        def work() -> None:
            self._run(run)
            ended()

        if brief and self._clock == "virtual":
            work()
        else:
            self._threads.submit(work)

    def submit(self, work: Callable[[], None]) -> None:
        """Do some work that may take its time in one of the threads."""
        self._threads.submit(work)

    def _run(self, run: Run) -> None:
        if self._clock == "real":
            # While something outside is expected, a wait ends when something arrives: StopExecution may.
            run.scheduler.expect()
        try:
            run.scheduler.run(run.finish())
        except EverypathError as error:
            _fail(run, str(error))
        except Exception as error:
            print(f"everypath: execution {run.identity.arn} met a bug", file=sys.stderr)
            traceback.print_exc()
            _fail(run, f"{type(error).__name__}: {error}")


def _virtual_start(resume_state: ResumeState | None) -> float:
    """The wall clock's time; of an execution that goes on, the time of its last event, where that is later.

    While the server did not run, virtual time stood still; a redrive happens when it is asked for.
    """
    if resume_state is None or not resume_state.events:
        return round(time.time(), 6)
    last: float = resume_state.events[-1]["timestamp"].timestamp()
    return max(last, resume_state.redriven or last)


def _fail(run: Run, cause: str) -> None:
    """End an execution that the engine could not run to its end."""
    run.fail("States.Runtime", cause)
