"""The run context: what the states, the tasks and the map runs of a running execution share.

It is passive: it holds the execution's data and writes how the execution begins and ends, but runs no state. The
interpreter, which is above the states, does that.
"""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import Any
from weakref import ReferenceType, ref

from everypath.asl.error_catalog import RUNTIME
from everypath.asl.timestamps import format_timestamp
from everypath.asl.tree import StateMachine
from everypath.engine.child_result import ChildResult
from everypath.engine.data import to_text
from everypath.engine.identity import Identity
from everypath.engine.map_run import Changes, MapRun
from everypath.engine.scheduler import Scheduler, Signal
from everypath.engine.task_call import Tasks
from everypath.history.events import details_key
from everypath.history.log import MAX_EVENTS, History
from everypath.history.outcome import Failure, Outcome, Success
from everypath.history.resume_point import ResumeState, Retried

#: Seconds after which the service ends an execution that sets no TimeoutSeconds: a year, and five minutes.
MAX_STANDARD_SECONDS = 31_536_000
MAX_EXPRESS_SECONDS = 300

_HISTORY_FULL = f"The execution reached the maximum number of history events ({MAX_EVENTS})."


class RunContext:
    """A running execution, as its states and its tasks see it.

    Parameters
    ----------
    machine : StateMachine
        What is run.
    input : Any
        The input as JSON data.
    input_text : str
        The input as it was given; the history shows it unchanged.
    identity : Identity
        What the execution is called.
    tasks : Tasks
        What its tasks reach.
    scheduler : Scheduler
        Runs its branches, and has its clock.
    random : Random
        Where jitter and ids come from.
    resume_state : ResumeState, optional
        What was recorded of it before; None where it begins.

    Attributes
    ----------
    history : History
        Its events.
    path : list of str
        The names of the states, in the order in which they were entered.
    transitions : int
        The state transitions that a Standard workflow is charged for.
    logs : list of str
        What the functions that ran in this process wrote.
    map_runs : MapRuns
        What its distributed Maps have started.
    started : float
        When it was started, in seconds since the epoch.
    redrives : int
        How often it was redriven.
    retried : list of Retried
        The errors that its retriers have taken: a retry leaves no event of its own.
    answers : mapping of str to Outcome
        Answers by task token that arrived before it was interrupted and are in no event.
    status : str
        ``RUNNING``, or how it ended.
    outcome : Outcome
        What it came to, once it has ended.
    ended : Signal
        Happens when it has ended, however it did.
    items : int
        Of a child execution of a distributed Map, how many of the Map's items its input has.
    """

    def __init__(
        self,
        machine: StateMachine,
        input: Any,
        input_text: str,
        identity: Identity,
        tasks: Tasks,
        scheduler: Scheduler,
        random: Random,
        resume_state: ResumeState | None = None,
    ) -> None:
        self.machine = machine
        self.input = input
        self.input_text = input_text
        self.identity = identity
        self.tasks = tasks
        self.scheduler = scheduler
        self.random = random
        self.resume_state = resume_state
        limit, events = None if machine.express else MAX_EVENTS, None if resume_state is None else resume_state.events
        # The history refers to the execution only weakly: what is in no cycle is freed at once, and the garbage
        # collector has nothing to search for among the thousands of child executions that may be alive.
        self.history = History(scheduler.clock.now, limit, partial(_fail_full, ref(self)), events)
        self.path: list[str] = []
        self.transitions = 0
        self.logs: list[str] = []
        self.map_runs = MapRuns()
        self.started = scheduler.clock.now() if resume_state is None else resume_state.started
        self.redrives = 0 if resume_state is None else resume_state.redrives
        self.retried: list[Retried] = [] if resume_state is None else resume_state.retried
        self.answers: Mapping[str, Outcome] = {} if resume_state is None else resume_state.answers
        self.status = "RUNNING"
        self.outcome: Outcome = Failure(None)
        self.ended = Signal()
        self.items = 1
        self._text: tuple[Any, str] = (None, "null")

    def text(self, value: Any) -> str:
        """Return the JSON text of a value; what leaves one state and enters the next is encoded once."""
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

    def execution_context(self) -> dict[str, Any]:
        """Return ``Execution`` of the context object."""
        resume_state = self.resume_state
        context = {
            "Id": self.identity.arn,
            "Input": self.input,
            "StartTime": format_timestamp(self.started),
            "Name": self.identity.name,
            "RoleArn": self.identity.role_arn,
        }
        # What cannot be redriven has no count of it (recorded).
        if not self.machine.express:
            context["RedriveCount"] = self.redrives
        if resume_state and resume_state.redriven is not None:  # only then is it there (AWS: "Context object")
            context["RedriveTime"] = format_timestamp(resume_state.redriven)
        return context

    def begin(self) -> None:
        """Write that the execution has started."""
        details = {
            "input": self.input_text,
            "inputDetails": {"truncated": False},
            "roleArn": self.identity.role_arn,
        }
        self.history.add("ExecutionStarted", 0, "executionStartedEventDetails", details)

    def redrive(self) -> None:
        """Write that the execution, which had ended, is redriven."""
        details = {"redriveCount": self.redrives}
        self.history.add("ExecutionRedriven", len(self.history.events), "executionRedrivenEventDetails", details)

    def end(self, outcome: Outcome, last: int) -> None:
        """End the execution with what its states came to; `last` is the event that the end follows from."""
        if isinstance(outcome, Success):
            details = {"output": self.text(outcome.output), "outputDetails": {"truncated": False}}
            self._end("SUCCEEDED", outcome, "ExecutionSucceeded", last, details)
        else:
            self._end("FAILED", outcome, "ExecutionFailed", last, outcome.details())

    def stop(self, error: str | None = None, cause: str | None = None) -> None:
        """Abort the execution, as StopExecution does; ExecutionAborted follows from nothing (recorded)."""
        failure = Failure(error, cause)
        self._end("ABORTED", failure, "ExecutionAborted", 0, failure.details())

    def time_out(self) -> None:
        """End the execution as its time is up; it then has neither error nor cause (recorded)."""
        self._end("TIMED_OUT", Failure(None), "ExecutionTimedOut", 0, {})

    def fail(self, error: str, cause: str | None) -> None:
        """End the execution with an error that is not its states'."""
        self.end(Failure(error, cause), len(self.history.events))

    def _end(self, status: str, outcome: Outcome, kind: str, previous: int, details: dict[str, Any]) -> None:
        if self.ended.done:
            return
        self.status, self.outcome = status, outcome
        self.history.end(kind, previous, details_key(kind), details)
        self.ended.resolve()


def _fail_full(run: ReferenceType[RunContext]) -> None:
    full = run()
    if full is not None:
        full.fail(RUNTIME, _HISTORY_FULL)


@dataclass(slots=True)
class MapRuns:
    """The map runs of an execution, and who observes its child executions.

    Parameters
    ----------
    started : list of MapRun
        In the order in which they were started.
    on_child : callable, optional
        Called with each child execution when it starts. Whoever is called keeps the child, and with it its history,
        for as long as it can be asked for; without an observer a child is forgotten when it ends. Whoever answers for
        AWS must forget Express child executions: they cannot be listed or described there either.
    running : dict of str to callable
        By the ARNs of those that run: what applies the changes of UpdateMapRun to them.
    redrivable : callable, optional
        Says of a child execution that did not succeed whether it can be redriven; without it, each can.
    resume_state_of : callable, optional
        Returns what was recorded of a Standard child execution that is redriven at a time; None, as without it, where
        nothing is known of it: it then starts anew under its old name, as an Express one does.
    play : callable, optional
        Stands in for the child executions of a map run, in a replay: gets ``Map`` of the context object around the
        Map state and the scheduler, and returns the result, or raises `StateError`.
    """

    started: list[MapRun] = field(default_factory=list)
    on_child: Callable[[MapRun, RunContext], None] | None = None
    running: dict[str, Callable[[Changes], None]] = field(default_factory=dict)
    redrivable: Callable[[ChildResult], bool] | None = None
    resume_state_of: Callable[[ChildResult, float], ResumeState | None] | None = None
    play: Callable[[MapRun, Mapping[str, Any] | None, Scheduler], Awaitable[Any]] | None = None

    def observe_as(self, others: MapRuns) -> None:
        """Have the child executions observed, and redriven, as those of another execution are."""
        self.on_child, self.redrivable = others.on_child, others.redrivable
        self.resume_state_of = others.resume_state_of
