"""Distributed Maps in a replay: their child executions have histories of their own, so their results are recorded ones.

What the Map does before its children start is done as today's definition says: its items, its concurrency, what it
tolerates. Its children are replaced by one state that does nothing, and its result by what the recorded Map was left
with.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from everypath.asl.errors import StateError
from everypath.asl.scope import Scope
from everypath.asl.tree import Batcher, Flow, Map, Parallel, Pass, State, StateMachine
from everypath.engine.history import Event
from everypath.replay.attempts import data_of
from everypath.replay.lines import Line, Lines, details

#: What the engine puts before the cause of what an expression raises, as AWS does.
PLACE = re.compile(r"An error occurred while executing the state '.*?' \(entered at the event id #\d+\)\. ?", re.DOTALL)


@dataclass(slots=True)
class MapResult:
    """What one map run came to: an error and its cause, or what its state was then left with."""

    error: str | None = None
    cause: str = ""
    output: Any = None
    assigned: dict[str, Any] = field(default_factory=dict)


#: The map runs by state and, inside an inline Map, the index of the iteration; in the order of time.
Results = dict[tuple[str, int | None], list[MapResult]]


def recorded_map_results(events: Sequence[Event]) -> Results:
    """Return what the map runs of a history came to."""
    found: Results = {}
    if not any(event["type"] == "MapRunStarted" for event in events):
        return found
    lines = Lines()
    for event in events:
        line = lines.add(event)
        if event["type"] == "MapRunStarted":
            found.setdefault((line.state, _index(line)), []).append(MapResult())
        elif event["type"] == "MapRunFailed":
            told = details(event)
            found[line.state, _index(line)][-1].error = told.get("error", "")
            found[line.state, _index(line)][-1].cause = told.get("cause", "")
        elif event["type"] == "MapStateExited":
            runs = found.get((details(event)["name"], _index(line)))
            if runs and runs[-1].error is None:
                told = details(event)
                runs[-1].output = data_of(told["output"])
                runs[-1].assigned = {name: data_of(text) for name, text in told.get("assignedVariables", {}).items()}
    return found


def _index(line: Line) -> int | None:
    found: Line | None = line
    while found is not None and found.key:
        name = found.key[-1][1]
        if name.endswith("]"):
            return int(name.rpartition("[")[2][:-1])
        found = found.parent
    return None


def with_recorded_maps(machine: StateMachine, results: Results) -> StateMachine:
    """The machine with the recorded results in place of what its distributed Maps would make."""
    return replace(machine, flow=_flow(machine.flow, results))


def _flow(flow: Flow, results: Results) -> Flow:
    return Flow(flow.start_at, {name: _state(state, results) for name, state in flow.states.items()})


def _state(state: State, results: Results) -> State:
    if isinstance(state, Parallel):
        return replace(state, branches=tuple(_flow(branch, results) for branch in state.branches))
    if not isinstance(state, Map):
        return state
    return _recorded(state, results) if state.distributed else replace(state, processor=_flow(state.processor, results))


def _recorded(state: Map, results: Results) -> Map:
    played = _Played(state.name, results)
    nothing = Pass(name="-", place=state.place)
    return replace(
        state,
        processor=Flow("-", {"-": nothing}),
        # The length of items that are yet to be read is 0 in a history.
        reader=None,
        items=state.items if state.reader is None else _Constant([]),
        item_selector=state.item_selector if state.reader is None else None,
        batcher=Batcher(batch_input=_Fails(played), max_items=_Constant(10**9)),
        writer=None,
        result_selector=_Field(played, "output") if not state.jsonata else None,
        result_path=None,
        keeps_result=True,
        output_path=None,
        output=_Field(played, "output") if state.jsonata else None,
        assign=_Field(played, "assigned") if state.assign is not None else None,
    )


class _Played:
    """The map runs of a state, played one after another."""

    def __init__(self, state: str, results: Results) -> None:
        self._state = state
        self._results = results
        self._count: Counter[int | None] = Counter()
        self._current: dict[int | None, MapResult] = {}

    def begin(self, scope: Scope) -> MapResult:
        """The next map run."""
        index = _item(scope)
        runs = self._results.get((self._state, index), [])
        number = self._count[index]
        self._count[index] += 1
        self._current[index] = runs[number] if number < len(runs) else MapResult()
        return self._current[index]

    def current(self, scope: Scope) -> MapResult:
        """The map run that was begun last."""
        return self._current.get(_item(scope), MapResult())


def _item(scope: Scope) -> int | None:
    index = scope.context().get("Map", {}).get("Item", {}).get("Index")
    return index if isinstance(index, int) else None


@dataclass(frozen=True, slots=True)
class _Fails:
    """Fails as the recorded map run did, if it did."""

    played: _Played

    def evaluate(self, scope: Scope) -> Any:
        """Return the value."""
        result = self.played.begin(scope)
        if result.error is not None:
            raise StateError(result.error, PLACE.sub("", result.cause, count=1))
        return {}


@dataclass(frozen=True, slots=True)
class _Field:
    """The output of the recorded map run, or the variables that it assigned."""

    played: _Played
    name: str

    def evaluate(self, scope: Scope) -> Any:
        """Return the value."""
        return getattr(self.played.current(scope), self.name)


@dataclass(frozen=True, slots=True)
class _Constant:
    """The same value whatever the scope."""

    value: Any

    def evaluate(self, scope: Scope) -> Any:
        """Return the value."""
        return self.value
