"""Distributed Maps in a replay: their child executions have histories of their own, so their results are recorded ones.

What the Map does before its children start is done as today's definition says: its items, its concurrency, what it
tolerates. Its children do not run, and its result is what the recorded Map was left with.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from everypath.asl.errors import StateError
from everypath.asl.scope import Scope
from everypath.asl.tree import Map, Parallel, State, StateGraph, StateMachine
from everypath.engine.child_result import Remains, Tolerance
from everypath.engine.map_run import MapRun
from everypath.engine.scheduler import Scheduler, Signal
from everypath.history.attempts import data_of
from everypath.history.branches import Branch, Branches, details
from everypath.history.log import Event

#: What the engine puts before the cause of what an expression raises, as AWS does.
PLACE = re.compile(r"An error occurred while executing the state '.*?' \(entered at the event id #\d+\)\. ?", re.DOTALL)


@dataclass(slots=True)
class MapResult:
    """What a map run came to: an error and its cause, or what its state was then left with.

    Parameters
    ----------
    started : float
        When it was started or redriven, in seconds since the epoch.
    redrives : int
        How often the execution had been redriven then.
    redriven : bool
        Whether it is the map run before that was redriven.
    seconds : float or None
        Up to its end; None where it was stopped.
    """

    started: float = 0.0
    redrives: int = 0
    redriven: bool = False
    seconds: float | None = None
    error: str | None = None
    cause: str = ""
    output: Any = None
    assigned: dict[str, Any] = field(default_factory=dict)


#: Where map runs are: their state and, inside an inline Map, the index of the iteration.
Place = tuple[str, int | None]
#: The map runs, in the order of time; one that was redriven is there again.
Results = dict[Place, list[MapResult]]


def recorded_map_results(events: Sequence[Event]) -> Results:
    """Return what the map runs of a history came to."""
    found: Results = {}
    if not any(event["type"] == "MapRunStarted" for event in events):
        return found
    branches, redrives = Branches(), 0
    for event in events:
        branch, kind, told = branches.add(event), event["type"], details(event)
        if kind == "ExecutionRedriven":
            redrives += 1
        elif kind in ("MapRunStarted", "MapRunRedriven"):
            result = MapResult(event["timestamp"], redrives, kind == "MapRunRedriven")
            found.setdefault((branch.state, _index(branch)), []).append(result)
        elif kind in ("MapRunFailed", "MapRunSucceeded"):
            result = found[branch.state, _index(branch)][-1]
            result.seconds = max(event["timestamp"] - result.started, 0.0)
            if kind == "MapRunFailed":
                result.error, result.cause = told.get("error", ""), told.get("cause", "")
        elif kind == "MapStateExited":
            runs = found.get((told["name"], _index(branch)))
            if runs and runs[-1].error is None:
                runs[-1].output = data_of(told["output"])
                runs[-1].assigned = {name: data_of(text) for name, text in told.get("assignedVariables", {}).items()}
    return found


def _index(branch: Branch) -> int | None:
    found: Branch | None = branch
    while found is not None and found.key:
        name = found.key[-1][1]
        if name.endswith("]"):
            return int(name.rpartition("[")[2][:-1])
        found = found.parent
    return None


class RecordedMapRuns:
    """Plays the map runs of a recorded execution, those of each place one after another.

    Parameters
    ----------
    results : dict
        What they came to.
    """

    def __init__(self, results: Results) -> None:
        self._results = results
        self._count: Counter[Place] = Counter()
        self._current: dict[Place, MapResult] = {}
        self._redrives = 0

    def redriven(self) -> None:
        """Go on with what was recorded after the next redrive."""
        self._redrives += 1

    async def play(self, map_run: MapRun, around: Mapping[str, Any] | None, scheduler: Scheduler) -> None:
        """Let a map run take its time, and raise `StateError` if it failed; what succeeded is in its state's output."""
        place = (map_run.state, _item(around))
        runs, number = self._results.get(place, []), self._count[place]
        result = runs[number] if number < len(runs) else MapResult(seconds=0.0)
        if result.redrives > self._redrives:  # before that redrive, there was no time for it
            await Signal()
        self._count[place] += 1
        self._current[place] = result
        if runs[number + 1 : number + 2] and runs[number + 1].redriven:
            map_run.remains = Remains((), (), Tolerance())
        if result.seconds is None:
            await Signal()
        else:
            await scheduler.sleep(result.seconds)
        if result.error is not None:
            raise StateError(result.error, PLACE.sub("", result.cause, count=1))

    def current(self, place: Place) -> MapResult:
        """What the map run at a place came to that was begun last."""
        return self._current.get(place, MapResult())


def with_recorded_maps(machine: StateMachine, recorded: RecordedMapRuns) -> StateMachine:
    """The machine with the recorded results in place of what its distributed Maps would make."""
    return replace(machine, graph=_graph(machine.graph, recorded))


def _graph(graph: StateGraph, recorded: RecordedMapRuns) -> StateGraph:
    return StateGraph(graph.start_at, {name: _state(state, recorded) for name, state in graph.states.items()})


def _state(state: State, recorded: RecordedMapRuns) -> State:
    if isinstance(state, Parallel):
        return replace(state, branches=tuple(_graph(branch, recorded) for branch in state.branches))
    if not isinstance(state, Map):
        return state
    if state.distributed:
        return _recorded(state, recorded)
    return replace(state, processor=_graph(state.processor, recorded))


def _recorded(state: Map, recorded: RecordedMapRuns) -> Map:
    output = _Field(recorded, state.name, "output")
    return replace(
        state,
        # The length of items that are yet to be read is 0 in a history.
        reader=None,
        items=state.items if state.reader is None else _Constant([]),
        item_selector=state.item_selector if state.reader is None else None,
        batcher=None,
        writer=None,
        result_selector=output if not state.jsonata else None,
        result_path=None,
        keeps_result=True,
        output_path=None,
        output=output if state.jsonata else None,
        assign=_Field(recorded, state.name, "assigned") if state.assign is not None else None,
    )


def _item(around: Mapping[str, Any] | None) -> int | None:
    """The index of the iteration, of ``Map`` of the context object."""
    index = (around or {}).get("Item", {}).get("Index")
    return index if isinstance(index, int) else None


@dataclass(frozen=True, slots=True)
class _Field:
    """The output of the recorded map run, or the variables that it assigned."""

    recorded: RecordedMapRuns
    state: str
    name: str

    def evaluate(self, scope: Scope) -> Any:
        """Return the value."""
        return getattr(self.recorded.current((self.state, _item(scope.context().get("Map")))), self.name)


@dataclass(frozen=True, slots=True)
class _Constant:
    """The same value whatever the scope."""

    value: Any

    def evaluate(self, scope: Scope) -> Any:
        """Return the value."""
        return self.value
