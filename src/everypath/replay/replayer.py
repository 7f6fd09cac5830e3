"""Replays a recorded execution: today's definition runs with the recorded outcomes of its tasks."""

from __future__ import annotations

import warnings
from collections import deque
from collections.abc import Coroutine, Iterable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from everypath.asl import json_text
from everypath.asl.resource import Resource
from everypath.asl.tree import StateMachine
from everypath.engine.clock import VirtualClock
from everypath.engine.identity import Identity
from everypath.engine.interpreter import Run
from everypath.engine.item_store import ItemStore
from everypath.engine.scheduler import Scheduler, Signal, Stopped
from everypath.engine.task_call import CallingRun, TaskCall, Tasks
from everypath.errors import InputError
from everypath.history.attempts import Attempt
from everypath.history.branches import Branch, Branches, BranchKey
from everypath.history.events import Event, data_of, details
from everypath.history.execution import Execution
from everypath.history.outcome import Failure, Outcome, Success
from everypath.history.resume import read_resume_point
from everypath.history.resume_point import ResumeState
from everypath.history.visits import Visit, Visits
from everypath.replay.compare import Difference, first_difference, is_cut_off
from everypath.replay.equivalence import Equivalence
from everypath.replay.map_results import RecordedMapRuns, recorded_map_results, with_recorded_maps
from everypath.replay.recording import Recording

#: The ARNs of the machine and the execution where the recording does not have them.
_MACHINE = "arn:aws:states:us-east-1:123456789012:stateMachine:Replayed"
_EXECUTION = "arn:aws:states:us-east-1:123456789012:execution:Replayed:replay-of-a-recording"

#: Where an attempt is: its branch and its state.
Place = tuple[BranchKey, str]


@dataclass(frozen=True, slots=True)
class Replay:
    """The result of a replay.

    Parameters
    ----------
    recording : Recording
        What was replayed.
    execution : Execution
        The execution of today's definition.
    difference : Difference or None
        The first event that differs.
    """

    recording: Recording
    execution: Execution
    difference: Difference | None

    @property
    def same_path(self) -> bool:
        """Whether today's definition takes the same path."""
        return self.difference is None

    @property
    def same(self) -> bool:
        """What `same_path` is, under its name up to version 0.1."""
        warnings.warn("Replay.same is now Replay.same_path; the old name goes in 0.3", DeprecationWarning, stacklevel=2)
        return self.same_path


def run_again(recording: Recording, machine: StateMachine, tasks: Tasks, stack: str = "") -> Replay:
    """Run a recorded execution with a definition and compare the histories.

    Parameters
    ----------
    recording : Recording
        The recorded execution.
    machine : StateMachine
        Today's definition.
    tasks : Tasks
        Says which calls would not even be scheduled; nothing is called.
    stack : str
        What generated names of resources begin with; see `Equivalence`.
    """
    visits = Visits(recording.events)
    recorded = visits.branches
    played = RecordedTasks(visits.all, recorded, tasks)
    map_runs = RecordedMapRuns(recorded_map_results(recording.events))
    machine = with_recorded_maps(machine, map_runs)
    identity, text = _identity(recording), recording.input
    run = Run(
        machine, json_text.load(text), text, identity, played, Scheduler(VirtualClock(recording.start)), Random(text)
    )
    run.map_runs.play = map_runs.play
    recorded.root.is_complete = not is_cut_off(recording.end)
    first, *others = recording.parts
    execution, end = _until_its_end(run, first), first[-1]["type"]
    for part in others:
        if run.history.events[-1]["type"] != end:  # what has ended otherwise is not what was redriven
            break
        played.redriven()
        map_runs.redriven()
        run = _redriven(run, part[0]["timestamp"].timestamp())
        execution, end = _until_its_end(run, part), part[-1]["type"]
    now = played.branches(run.history.events)
    now.root.is_complete = not is_cut_off(now.root.events[-1]["type"])
    invented = set()
    if not recording.describe.get("executionArn"):
        invented = {identity.arn, identity.name, identity.state_machine_name}
    difference = first_difference(recorded, now, Equivalence(frozenset(played.tokens | invented), stack))
    return Replay(recording, execution, difference or _other_end(recording, execution))


def _until_its_end(run: Run, part: Sequence[Event]) -> Execution:
    """Run to the end; an execution that was aborted, or was still running, is stopped when the history ends."""
    last, scheduler = part[-1], run.scheduler
    if last["type"] not in ("ExecutionSucceeded", "ExecutionFailed", "ExecutionTimedOut"):
        aborted = details(last) if last["type"] == "ExecutionAborted" else {}
        seconds = last["timestamp"].timestamp() - scheduler.clock.now()
        # A moment later, so that what happened at the same time as the last event has happened.
        scheduler.timer(seconds + 0.001).then(lambda: run.stop(aborted.get("error"), aborted.get("cause")))
    execution: Execution = scheduler.run(run.execute())
    return execution


def _redriven(run: Run, moment: float) -> Run:
    """The run that redrives one that has ended; it has the same tasks, map runs and history."""
    events = run.history.events
    moment = max(moment, run.scheduler.clock.now())
    resume_point = read_resume_point(events, run.retried, redrive=True)
    resume_state = ResumeState(events, run.retried, resume_point, run.started, run.redrives + 1, moment)
    value, text = json_text.load(run.input_text), run.input_text
    random = Random(f"{text} {len(events)}")
    again = Run(
        run.machine, value, text, run.identity, run.tasks, Scheduler(VirtualClock(moment)), random, resume_state
    )
    again.map_runs, again.path, again.transitions = run.map_runs, run.path, run.transitions
    again.redrive()
    return again


def _other_end(recording: Recording, execution: Execution) -> Difference | None:
    """An execution that was cut off must end as it did; one that was still running may end in any way."""
    last = execution.require_history().events[-1]
    if not recording.end or last["type"] == recording.end:
        return None
    return Difference((), recording.events[-1], last)


def _identity(recording: Recording) -> Identity:
    """The names and ARNs of the recorded execution, as far as the recording has them."""
    describe: dict[str, Any] = recording.describe
    arn = describe.get("executionArn") or _EXECUTION
    parts = arn.split(":")
    machine = describe.get("stateMachineArn") or ":".join([*parts[:5], "stateMachine", parts[6]])
    return Identity(
        name=describe.get("name") or parts[7],
        arn=arn,
        state_machine_name=machine.split(":")[6],
        state_machine_arn=machine,
        role_arn=details(recording.events[0]).get("roleArn") or "",
        account=parts[4],
        region=parts[3],
    )


class RecordedTasks:
    """Answers each call with the recorded answer to the next attempt in the same branch and state.

    Parameters
    ----------
    visits : iterable of Visit
        The visits of the recorded execution.
    recorded : Branches
        Its branches.
    behind : Tasks
        Says which calls would not even be scheduled.

    Attributes
    ----------
    tokens : set of str
        The task tokens that were given out.
    attempts : dict
        The recorded attempts that are yet to be played, by place.
    """

    def __init__(self, visits: Iterable[Visit], recorded: Branches, behind: Tasks) -> None:
        self.tokens: set[str] = set()
        self._redrives = 0
        self._pending: dict[Place, Attempt] = {}
        self.attempts: dict[Place, deque[Attempt]] = {}
        for visit in visits:
            scheduled = [attempt for attempt in visit.attempts if attempt.was_scheduled]
            if scheduled:
                self.attempts.setdefault((visit.branch.key, visit.name), deque()).extend(scheduled)
        self._recorded = recorded
        self._behind = behind
        self._branches = Branches()
        self._read = 0

    def problem(self, resource: Resource, arguments: Any) -> str | None:
        """Return why a call with these arguments would not be scheduled."""
        return self._behind.problem(resource, arguments)

    def item_store(self, run: CallingRun) -> ItemStore:
        """Nothing is read or written in a replay."""
        raise InputError("a replay does not reach Amazon S3")

    def start(self, call: TaskCall) -> Coroutine[Signal, None, Outcome]:
        """Return the coroutine that plays the recorded attempt."""
        if call.token is not None:
            self.tokens.add(call.token)
        branch = self.branches(call.run.history.events).branch_of(call.scheduled)
        place = (branch.key, call.state)
        attempts = self.attempts.get(place, deque())
        while attempts and attempts[0].is_cut_off and attempts[0].redrives < self._redrives:
            attempts.popleft()
        if not attempts:
            return self._unknown(call, branch)
        if attempts[0].redrives > self._redrives:  # before that redrive, there was no time for it
            return _never()
        return self._play(call, place, attempts.popleft())

    def redriven(self) -> None:
        """Note that the execution was redriven; the attempts that were pending are made again."""
        for place, attempt in self._pending.items():
            if not attempt.is_cut_off and not attempt.expired:
                self.attempts[place].appendleft(attempt)
        self._pending.clear()
        self._redrives += 1

    def branches(self, events: Sequence[Event]) -> Branches:
        """Return the branches of the replay's history, which has grown to these events."""
        for event in events[self._read :]:
            self._branches.add(event)
        self._read = len(events)
        return self._branches

    async def _play(self, call: TaskCall, place: Place, attempt: Attempt) -> Outcome:
        self._pending[place] = attempt
        outcome = await _play(call, attempt)
        del self._pending[place]
        return outcome

    async def _unknown(self, call: TaskCall, branch: Branch) -> Outcome:
        """A call that the recorded execution did not make, or had no time for before it was stopped."""
        recorded = self._recorded.all.get(branch.key)
        if recorded is None or recorded.is_complete:
            call.run.stop()
            raise Stopped
        return await _never()


async def _play(call: TaskCall, attempt: Attempt) -> Outcome:
    if call.resource.kind == "activity" and attempt.started is not None:
        call.started(details(attempt.started))
    passed = 0.0
    if attempt.submitted is not None and (call.resource.needs_token or call.resource.runs_job):
        passed = attempt.seconds_to(attempt.submitted)
        await _sleep(call, passed)
        call.submitted(data_of(details(attempt.submitted).get("output", "null")))
    if attempt.answered is None or attempt.expired:
        return await _never()
    await _sleep(call, attempt.seconds - passed)
    # An attempt whose result its state could not use has failed, and its call has succeeded.
    return Failure(attempt.error, attempt.cause) if attempt.output is None else Success(data_of(attempt.output))


async def _sleep(call: TaskCall, seconds: float) -> None:
    """Let time pass; no history has the heartbeats of a task, so they are sent as they must have been."""
    pulse = call.heartbeat_seconds
    while pulse is not None and seconds > pulse / 2:
        await call.run.scheduler.sleep(pulse / 2)
        call.heartbeat()
        seconds -= pulse / 2
    if seconds > 0:
        await call.run.scheduler.sleep(seconds)


async def _never() -> Outcome:
    outcome: Outcome = await Signal()
    return outcome
