"""Scripted outcomes: what a task does in a test, attempt by attempt, without being called."""

from __future__ import annotations

from collections.abc import Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from everypath.asl.resource import Resource
from everypath.asl.tree import StateMachine, Task, all_states
from everypath.engine.item_store import ItemStore
from everypath.engine.scheduler import Signal
from everypath.engine.task_call import CallingRun, TaskCall, Tasks
from everypath.errors import InputError
from everypath.history.outcome import Failure, Outcome, Success


@dataclass(frozen=True, slots=True)
class Return:
    """An attempt that succeeds.

    Parameters
    ----------
    output : JSON data
        The task's result.
    seconds : float
        How long the attempt takes on the execution's clock; a timeout that is shorter fires.
    heartbeats : bool
        Whether it sends heartbeats all the while, so that only a timeout ends it early.
    """

    output: Any = None
    seconds: float = 0.0
    heartbeats: bool = False


@dataclass(frozen=True, slots=True)
class Throw:
    """An attempt that fails.

    Parameters
    ----------
    error : str
        The error name.
    cause : str
        The cause.
    seconds : float
        How long the attempt takes on the execution's clock; a timeout that is shorter fires.
    heartbeats : bool
        Whether it sends heartbeats all the while, so that only a timeout ends it early.
    """

    error: str
    cause: str = ""
    seconds: float = 0.0
    heartbeats: bool = False


Faults = Mapping[str, Sequence[Return | Throw]]


class Script:
    """Answers the attempts of some states by a script, and leaves all others to `behind`.

    Parameters
    ----------
    faults : mapping of str to sequence of Return or Throw
        The outcomes by state name. They are counted per state and execution, over retries, visits and iterations,
        as a mock of Step Functions Local counts; attempts after the last one are made for real.
    behind : Tasks
        Who makes the attempts for which the script has nothing.
    machine : StateMachine
        What is run.

    Raises
    ------
    InputError
        A fault is for a state that is not a Task of the machine.
    """

    def __init__(self, faults: Faults, behind: Tasks, machine: StateMachine) -> None:
        require_tasks(faults, machine)
        self._left = {state: list(outcomes) for state, outcomes in faults.items()}
        self._behind = behind

    def problem(self, resource: Resource, arguments: Any) -> str | None:
        """Return why a call with these arguments would not be scheduled."""
        return self._behind.problem(resource, arguments)

    def item_store(self, run: CallingRun) -> ItemStore:
        """Return where a distributed Map reads its items and writes its results."""
        return self._behind.item_store(run)

    def start(self, call: TaskCall) -> Coroutine[Signal, None, Outcome]:
        """Return the coroutine that makes a call."""
        outcomes = self._left.get(call.state)
        return play(call, outcomes.pop(0)) if outcomes else self._behind.start(call)


async def play(call: TaskCall, scripted: Return | Throw) -> Outcome:
    """Make an attempt as a script says."""
    resource = call.resource
    if resource.kind == "activity":
        call.started({})
    elif resource.needs_token or resource.runs_job:
        call.submitted({})
    if scripted.seconds:
        await _take(call, scripted)
    if isinstance(scripted, Throw):
        return Failure(scripted.error, scripted.cause)
    return Success(scripted.output)


async def _take(call: TaskCall, scripted: Return | Throw) -> None:
    """Let the time of an attempt pass."""
    left, pulse = scripted.seconds, call.heartbeat_seconds
    while scripted.heartbeats and pulse is not None and left > pulse / 2:
        await call.run.scheduler.sleep(pulse / 2)
        call.heartbeat()
        left -= pulse / 2
    await call.run.scheduler.sleep(left)


def require_tasks(faults: Iterable[str], machine: StateMachine) -> None:
    """Raise `InputError` where a fault is for a state that is not a Task of the machine."""
    tasks = sorted(state.name for state in all_states(machine.graph) if isinstance(state, Task))
    for name in faults:
        if name not in tasks:
            raise InputError(f"faults: expected a Task state, but got {name!r}; Task states: {', '.join(tasks)}")
