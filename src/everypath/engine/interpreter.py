"""One execution of a state machine, from its input to its result."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from typing import Any

from everypath.asl import tree
from everypath.asl.error_catalog import RUNTIME
from everypath.asl.timestamps import format_timestamp
from everypath.engine.clock import VirtualClock
from everypath.engine.cursor import Cursor
from everypath.engine.data import to_text
from everypath.engine.distributed.map_run import MapRuns
from everypath.engine.scheduler import Job, Scheduler, Signal
from everypath.engine.states.flow_states import run_choice, run_fail, run_pass, run_succeed, run_wait
from everypath.engine.states.map import run_map
from everypath.engine.states.parallel import run_parallel
from everypath.engine.states.task import run_task
from everypath.engine.steps import Step
from everypath.engine.task_call import Tasks
from everypath.history.execution import Execution, RecordedHistory
from everypath.history.log import LIMIT, History
from everypath.history.outcome import Failure, Outcome, Success
from everypath.history.resume_point import BranchProgress, Done, ResumeState, Retried

StateRunner = Callable[[Any, Cursor, Any], Coroutine[Signal, None, Step | Failure]]

RUNNERS: dict[type[tree.State], StateRunner] = {
    tree.Task: run_task,
    tree.Pass: run_pass,
    tree.Wait: run_wait,
    tree.Choice: run_choice,
    tree.Succeed: run_succeed,
    tree.Fail: run_fail,
    tree.Parallel: run_parallel,
    tree.Map: run_map,
}

#: Seconds after which the service ends an execution that sets no TimeoutSeconds: a year, and five minutes.
STANDARD_LIMIT = 31_536_000
EXPRESS_LIMIT = 300

FULL = Failure(RUNTIME, f"The execution reached the maximum number of history events ({LIMIT}).")


@dataclass(frozen=True, slots=True)
class Identity:
    """What an execution is called."""

    name: str
    arn: str
    state_machine_name: str
    state_machine_arn: str
    role_arn: str | None
    account: str
    region: str


class Run:
    """An execution while it runs.

    Parameters
    ----------
    machine : tree.StateMachine
        What is run.
    value : Any
        The input as JSON data.
    input_text : str
        The input as it was given; the history shows it as it is.
    tasks : Tasks
        What its tasks reach.
    random : Random
        Where jitter and ids come from.
    resume_state : ResumeState, optional
        What it has behind it, where it is gone on with.
    """

    def __init__(
        self,
        machine: tree.StateMachine,
        value: Any,
        input_text: str,
        identity: Identity,
        tasks: Tasks,
        scheduler: Scheduler,
        random: Random,
        resume_state: ResumeState | None = None,
    ) -> None:
        self.machine = machine
        self.identity = identity
        self.tasks = tasks
        self.scheduler = scheduler
        self.random = random
        events = None if resume_state is None else resume_state.events
        self.history = History(scheduler.clock, None if machine.express else LIMIT, self._fill, events)
        self.path: list[str] = []
        self.transitions = 0
        self.logs: list[str] = []
        self.map_runs = MapRuns()
        self.started = scheduler.clock.now() if resume_state is None else resume_state.started
        self.redrives = 0 if resume_state is None else resume_state.redrives
        self.retried: list[Retried] = [] if resume_state is None else resume_state.retried
        self.answers: Mapping[str, Outcome] = {} if resume_state is None else resume_state.answers
        self.status = "RUNNING"
        self._resume_state = resume_state
        self._value = value
        self.input_text = input_text
        self._outcome: Outcome = Failure(None)
        self._over = Signal()
        self._text: tuple[Any, str] = (None, "null")

    async def execute(self) -> Execution:
        """Run to the end and return the result."""
        await self.finish()
        return self.result()

    async def finish(self) -> None:
        """Run to the end."""
        job = self._begin()
        timer = self.scheduler.timer(self._seconds_left())
        timer.then(self._time_out)
        try:
            await self._over
        finally:
            timer.stop()
            job.cancel()

    def stop(self, error: str | None = None, cause: str | None = None) -> None:
        """Abort the execution, as StopExecution does; ExecutionAborted follows from nothing (recorded)."""
        failure = Failure(error, cause)
        self._end("ABORTED", failure, "ExecutionAborted", 0, failure.details())

    def fail(self, error: str, cause: str) -> None:
        """End the execution with an error that is not its own: the engine itself has failed."""
        failure = Failure(error, cause)
        self._end("FAILED", failure, "ExecutionFailed", len(self.history.events), failure.details())

    def redrive(self) -> None:
        """Write that the execution, which has ended, goes on."""
        details = {"redriveCount": self.redrives}
        self.history.add("ExecutionRedriven", len(self.history.events), "executionRedrivenEventDetails", details)

    async def run_graph(
        self, graph: tree.StateGraph, cursor: Cursor, value: Any, resume_point: BranchProgress = None
    ) -> Outcome:
        """Run a StartAt and its states from `value` to an outcome, or go on where it stands."""
        if isinstance(resume_point, Done):
            return Success(resume_point.output)
        following: str | None = graph.start_at
        if resume_point is not None:
            following, value = resume_point.state, resume_point.value
        while following is not None:
            state = graph.states[following]
            if resume_point is None:
                cursor.enter(state, value)
            else:
                cursor.resume_at(state, resume_point)
                resume_point = None
            step = await RUNNERS[type(state)](state, cursor, value)
            if isinstance(step, Failure):
                return step
            value, following = step.output, step.next
        return Success(value)

    def text(self, value: Any) -> str:
        """The JSON text of a value; what leaves one state and enters the next is written once."""
        if value is not self._text[0]:
            self._text = (value, to_text(value))
        return self._text[1]

    def new_uuid(self) -> str:
        """Return an id from the execution's own source of randomness."""
        return str(uuid.UUID(int=self.random.getrandbits(128), version=4))

    def token(self, scheduled: int) -> str:
        """Return the token of the task that an event has scheduled: always the same one."""
        bits = Random(f"{self.identity.arn} {scheduled}").getrandbits(128)
        return str(uuid.UUID(int=bits, version=4))

    def retry(self, cursor: Cursor, retrier: int, seconds: float) -> None:
        """Note that a retrier has taken an error of the state in which a line stands; no event says so."""
        due = self.scheduler.clock.now() + seconds
        self.retried.append(Retried(cursor.entered_id, len(self.history.events), retrier, due, cursor.last))

    def execution_context(self) -> dict[str, Any]:
        """``Execution`` of the context object."""
        resume_state = self._resume_state
        found = {
            "Id": self.identity.arn,
            "Input": self._value,
            "StartTime": format_timestamp(self.started),
            "Name": self.identity.name,
            "RoleArn": self.identity.role_arn,
        }
        # What cannot be redriven has no count of it (recorded).
        if not self.machine.express:
            found["RedriveCount"] = self.redrives
        if resume_state and resume_state.redriven is not None:  # only then is it there (AWS: "Context object")
            found["RedriveTime"] = format_timestamp(resume_state.redriven)
        return found

    def result(self) -> Execution:
        """The result of an execution that is over."""
        outcome = self._outcome
        return Execution(
            arn=self.identity.arn,
            name=self.identity.name,
            state_machine_arn=self.identity.state_machine_arn,
            status=self.status,
            input=self._value,
            output=None if isinstance(outcome, Failure) else outcome.output,
            error=outcome.error if isinstance(outcome, Failure) else None,
            cause=outcome.details().get("cause") if isinstance(outcome, Failure) else None,
            start=datetime.fromtimestamp(self.started, UTC),
            stop=datetime.fromtimestamp(self.scheduler.clock.now(), UTC),
            history=RecordedHistory(self.history.events, tuple(self.path), self.transitions),
            logs="".join(self.logs),
            virtual=isinstance(self.scheduler.clock, VirtualClock),
        )

    def _seconds_left(self) -> float:
        """How long it may still run; a redrive starts the time anew (AWS: "Restarting … with redrive")."""
        limit = EXPRESS_LIMIT if self.machine.express else STANDARD_LIMIT
        seconds = min(self.machine.timeout_seconds or limit, limit)
        since = (
            self._resume_state.redriven
            if self._resume_state and self._resume_state.redriven is not None
            else self.started
        )
        return seconds - (self.scheduler.clock.now() - since)

    def _begin(self) -> Job:
        if self.history.events:
            return self.scheduler.spawn(self._main())
        details = {
            "input": self.input_text,
            "inputDetails": {"truncated": False},
            "roleArn": self.identity.role_arn,
        }
        self.history.add("ExecutionStarted", 0, "executionStartedEventDetails", details)
        return self.scheduler.spawn(self._main())

    async def _main(self) -> None:
        cursor = Cursor(self)
        resume_point = self._resume_state.resume_point if self._resume_state else None
        if isinstance(resume_point, Done):
            cursor.last = resume_point.last
        outcome = await self.run_graph(self.machine.graph, cursor, self._value, resume_point)
        if isinstance(outcome, Success):
            details = {"output": self.text(outcome.output), "outputDetails": {"truncated": False}}
            self._end("SUCCEEDED", outcome, "ExecutionSucceeded", cursor.last, details)
        else:
            self._end("FAILED", outcome, "ExecutionFailed", cursor.last, outcome.details())

    def _time_out(self) -> None:
        # An execution that times out has neither error nor cause (recorded).
        self._end("TIMED_OUT", Failure(None), "ExecutionTimedOut", 0, {})

    def _fill(self) -> None:
        self._end("FAILED", FULL, "ExecutionFailed", len(self.history.events), FULL.details())

    def _end(self, status: str, outcome: Outcome, kind: str, previous: int, details: dict[str, Any]) -> None:
        if self._over.done:
            return
        self.status, self._outcome = status, outcome
        self.history.end(kind, previous, kind[0].lower() + kind[1:] + "EventDetails", details)
        self._over.resolve()
