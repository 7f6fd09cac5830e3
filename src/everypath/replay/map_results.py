"""Distributed Maps in a replay: their child executions have histories of their own, so their results are recorded ones.

What the Map does before its children start is done as today's definition says: its items, its concurrency, and the
failures that it tolerates. Its children do not run, and its result is the output of the recorded Map.
"""

from __future__ import annotations

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
from everypath.history.branches import Branch, Branches
from everypath.history.events import FAILED_IN_STATE, MAP_RUN_STARTED, Event, data_of, details


@dataclass(slots=True)
class MapResult:
    """The result of a map run: an error and its cause, or the output and the variables of its state.

    Parameters
    ----------
    started : float
        When it was started or redriven, in seconds since the epoch.
    redrives : int
        How often the execution had been redriven then.
    redriven : bool
        Whether it is a redrive of the map run before.
    seconds : float or None
        The seconds up to its end; None where it was stopped.
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
MapRunPlace = tuple[str, int | None]
#: The results of map runs in the order of time; a map run that was redriven is there again.
Results = dict[MapRunPlace, list[MapResult]]


def recorded_map_results(events: Sequence[Event]) -> Results:
    """Return the results of the map runs of a history."""
    results: Results = {}
    if not any(event["type"] == "MapRunStarted" for event in events):
        return results
    branches, redrives = Branches(), 0
    for event in events:
        branch, kind, told = branches.add(event), event["type"], details(event)
        if kind == "ExecutionRedriven":
            redrives += 1
        elif kind in MAP_RUN_STARTED:
            result = MapResult(event["timestamp"].timestamp(), redrives, kind == "MapRunRedriven")
            results.setdefault((branch.state, _index(branch)), []).append(result)
        elif kind in ("MapRunFailed", "MapRunSucceeded"):
            result = results[branch.state, _index(branch)][-1]
            result.seconds = max(event["timestamp"].timestamp() - result.started, 0.0)
            if kind == "MapRunFailed":
                result.error, result.cause = told.get("error", ""), told.get("cause", "")
        elif kind == "MapStateExited":
            runs = results.get((told["name"], _index(branch)))
            if runs and runs[-1].error is None:
                runs[-1].output = data_of(told["output"])
                runs[-1].assigned = {name: data_of(text) for name, text in told.get("assignedVariables", {}).items()}
    return results


def _index(branch: Branch) -> int | None:
    """The index of the innermost iteration that a branch is in."""
    around: Branch | None = branch
    while around is not None and around.index is None:
        around = around.parent
    return None if around is None else around.index


class RecordedMapRuns:
    """Plays the map runs of a recorded execution, those of each place one after another.

    Parameters
    ----------
    results : Results
        The recorded results.
    """

    def __init__(self, results: Results) -> None:
        self._results = results
        self._count: Counter[MapRunPlace] = Counter()
        self._current: dict[MapRunPlace, MapResult] = {}
        self._redrives = 0

    def redriven(self) -> None:
        """Note that the execution was redriven."""
        self._redrives += 1

    async def play(self, map_run: MapRun, around: Mapping[str, Any] | None, scheduler: Scheduler) -> None:
        """Wait until a map run ends, and raise `StateError` if it failed; a success leaves its result to its state."""
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
            raise StateError(result.error, FAILED_IN_STATE.sub("", result.cause, count=1))

    def current(self, place: MapRunPlace) -> MapResult:
        """Return the result of the map run at a place that began last."""
        return self._current.get(place, MapResult())


def with_recorded_maps(machine: StateMachine, recorded: RecordedMapRuns) -> StateMachine:
    """Return the machine with the recorded results in place of those that its distributed Maps would make."""
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
