from __future__ import annotations

import json
from random import Random
from typing import Any

from everypath.asl.parser.definition import parse
from everypath.engine.clock import EPOCH, VirtualClock
from everypath.engine.context import MapRuns
from everypath.engine.identity import Identity
from everypath.engine.interpreter import Run
from everypath.engine.scheduler import Scheduler
from everypath.history.execution import Execution
from everypath.history.resume import read_resume_point
from everypath.history.resume_point import ResumeState
from everypath.replay.recording import Recording, read_recording
from everypath.replay.replayer import Replay, run_again
from everypath.tasks.scripted_outcomes import Script
from tests.unit.engine.machines import MACHINE, Echo, Outcomes, run_machine


def history(execution: Execution) -> dict[str, Any]:
    """An execution as ``aws stepfunctions get-execution-history`` prints it."""
    return {"events": json.loads(json.dumps(execution.events, default=lambda moment: moment.isoformat()))}


def recording(definition: dict[str, Any], input: Any = None, outcomes: Outcomes | None = None) -> Recording:
    """A recorded execution of a definition."""
    return read_recording([history(run_machine(definition, input, outcomes))])


def redriven(
    definition: dict[str, Any],
    input: Any = None,
    outcomes: Outcomes | None = None,
    *,
    redrives: int = 1,
    stop: float | None = None,
) -> Recording:
    """A recorded execution that is redriven as often as told, a minute after it has ended.

    Parameters
    ----------
    stop : float, optional
        The seconds after which it is first stopped.
    """
    machine, value = parse(definition), {} if input is None else input
    arn = MACHINE.replace("stateMachine", "execution") + ":e"
    identity = Identity("e", arn, "M", MACHINE, "arn:aws:iam::123456789012:role/R", "123456789012", "us-east-1")
    tasks, resume_state, map_runs = Script(outcomes or {}, Echo(), machine), None, MapRuns()
    for number in range(redrives + 1):
        scheduler = Scheduler(VirtualClock(EPOCH if resume_state is None else resume_state.redriven or EPOCH))
        run = Run(machine, value, json.dumps(value), identity, tasks, scheduler, Random(number), resume_state)
        run.map_runs = map_runs
        if resume_state is not None:
            run.redrive()
        elif stop is not None:
            scheduler.timer(stop).then(run.stop)
        execution = scheduler.run(run.execute())
        resume_point = read_resume_point(execution.events, run.retried, redrive=True)
        resume_state = ResumeState(
            execution.events, run.retried, resume_point, EPOCH, number + 1, scheduler.clock.now() + 60
        )
    return read_recording([history(execution)])


def again(recorded: Recording, definition: dict[str, Any]) -> Replay:
    """Replay a recording against a definition."""
    return run_again(recorded, parse(definition), Echo())


def events_of(*events: tuple[str, int, dict[str, Any]]) -> list[dict[str, Any]]:
    """A history written by hand: type, event that it follows from, details; one second between two events."""
    found = []
    for number, (kind, previous, told) in enumerate(events, 1):
        key = "stateEntered" if kind.endswith("StateEntered") else kind[0].lower() + kind[1:]
        key = "stateExited" if kind.endswith("StateExited") else key
        event = {"id": number, "type": kind, "previousEventId": previous, "timestamp": 1767225600 + number}
        found.append(event | ({f"{key}EventDetails": told} if told else {}))
    return found
