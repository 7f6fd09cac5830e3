"""Runs a recorded execution again, with today's definition."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from everypath.asl import json_text
from everypath.asl.tree import StateMachine
from everypath.engine.clock import VirtualClock
from everypath.engine.identity import Identity
from everypath.engine.interpreter import Run
from everypath.engine.scheduler import Scheduler
from everypath.engine.task_call import Tasks
from everypath.history.attempts import recorded_attempts
from everypath.history.branches import Branches, details
from everypath.history.execution import Execution
from everypath.history.log import Event
from everypath.history.resume import read_resume_point
from everypath.history.resume_point import ResumeState
from everypath.replay.compare import Difference, first_difference, is_cut_off
from everypath.replay.equivalence import Equivalence
from everypath.replay.map_results import RecordedMapRuns, recorded_map_results, with_recorded_maps
from everypath.replay.recording import Recording
from everypath.replay.tasks import RecordedTasks

#: What the execution and its machine are called where the recording does not tell.
_MACHINE = "arn:aws:states:us-east-1:123456789012:stateMachine:Replayed"
_EXECUTION = "arn:aws:states:us-east-1:123456789012:execution:Replayed:replay-of-a-recording"


@dataclass(frozen=True, slots=True)
class Replay:
    """What came of a replay.

    Parameters
    ----------
    recording : Recording
        What was replayed.
    execution : Execution
        What today's definition made of it.
    difference : Difference or None
        The first event that differs.
    """

    recording: Recording
    execution: Execution
    difference: Difference | None

    @property
    def same(self) -> bool:
        """Whether today's definition takes the same path."""
        return self.difference is None


def run_again(recording: Recording, machine: StateMachine, tasks: Tasks, stack: str = "") -> Replay:
    """Run a recorded execution with a definition and compare the histories.

    Parameters
    ----------
    recording : Recording
        The recorded execution.
    machine : StateMachine
        Today's definition.
    tasks : Tasks
        Who says what would not even be scheduled; nothing is called.
    stack : str
        What generated names of resources begin with; see `Equivalence`.
    """
    recorded = Branches()
    attempts = recorded_attempts(recording.events, recorded)
    played = RecordedTasks(attempts, recorded, tasks)
    map_runs = RecordedMapRuns(recorded_map_results(recording.events))
    machine = with_recorded_maps(machine, map_runs)
    identity, text = _identity(recording), recording.input
    run = Run(
        machine, json_text.load(text), text, identity, played, Scheduler(VirtualClock(recording.start)), Random(text)
    )
    run.map_runs.play = map_runs.play
    recorded.root.whole = not is_cut_off(recording.end)
    first, *others = recording.parts
    execution, end = _until_its_end(run, first), first[-1]["type"]
    for part in others:
        if run.history.events[-1]["type"] != end:  # what has ended otherwise is not what was redriven
            break
        played.redriven(run.history.events)
        map_runs.redriven()
        run = _redriven(run, part[0]["timestamp"])
        execution, end = _until_its_end(run, part), part[-1]["type"]
    now = played.branches(run.history.events)
    now.root.whole = not is_cut_off(now.root.events[-1]["type"])
    invented = set()
    if not recording.describe.get("executionArn"):
        invented = {identity.arn, identity.name, identity.state_machine_name}
    difference = first_difference(recorded, now, Equivalence(frozenset(played.tokens | invented), stack))
    return Replay(recording, execution, difference or _other_end(recording, execution))


def _until_its_end(run: Run, part: Sequence[Event]) -> Execution:
    """Run to the end; what somebody stopped, or was still running, is stopped when the history ends."""
    last, scheduler = part[-1], run.scheduler
    if last["type"] not in ("ExecutionSucceeded", "ExecutionFailed", "ExecutionTimedOut"):
        told = details(last) if last["type"] == "ExecutionAborted" else {}
        seconds = last["timestamp"] - scheduler.clock.now()
        # A moment later, so that what happened at the same time as the last event has happened.
        scheduler.timer(seconds + 0.001).then(lambda: run.stop(told.get("error"), told.get("cause")))
    execution: Execution = scheduler.run(run.execute())
    return execution


def _redriven(run: Run, moment: float) -> Run:
    """The run that goes on where one has ended; what it is told of, and what it has behind it, are the same."""
    events = run.history.events
    moment = max(moment, run.scheduler.clock.now())
    resume_point = read_resume_point(events, run.retried, redrive=True)
    resume_state = ResumeState(events, run.retried, resume_point, run.started, run.redrives + 1, moment)
    value, text = json_text.load(run.input_text), run.input_text
    random = Random(f"{text} {len(events)}")
    found = Run(
        run.machine, value, text, run.identity, run.tasks, Scheduler(VirtualClock(moment)), random, resume_state
    )
    found.map_runs, found.path, found.transitions = run.map_runs, run.path, run.transitions
    found.redrive()
    return found


def _other_end(recording: Recording, execution: Execution) -> Difference | None:
    """An execution that was cut off must end as it did; one that was still running may end in any way."""
    last = execution.require_history().events[-1]
    if not recording.end or last["type"] == recording.end:
        return None
    return Difference((), recording.events[-1], last)


def _identity(recording: Recording) -> Identity:
    """What the execution is called, as far as the recording tells."""
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
