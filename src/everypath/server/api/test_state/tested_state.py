"""The state that a request tests: a definition of its own, or one of the states of a whole definition."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from everypath.asl.error_catalog import TASK_FAILED
from everypath.asl.parser.definition import ONE_STATE, parse, parse_one_state
from everypath.asl.tree import ErrorHandlingState, Map, Parallel, State, StateGraph, StateMachine, Task, all_states
from everypath.engine.map_items import STATE_DATA
from everypath.server.api.definitions import parsed
from everypath.server.protocol import ApiError, Json


@dataclass(frozen=True, slots=True)
class TestedState:
    """A state, and the Map around it.

    Parameters
    ----------
    state : State
        Under the name that TestState gives to every state (recorded).
    around : Map or None
        The innermost Map that contains it.
    """

    state: State
    around: Map | None = None

    def item(self, value: Any) -> dict[str, Any] | None:
        """Return ``Map`` of the context object: the state is in the first iteration, with its input as the item.

        Source: "Automatic Context population" in AWS's guide to TestState. What an item reader would add, the item's
        key and source, is not known.
        """
        if self.around is None:
            return None
        item = {"Index": 0, "Value": value}
        from_input = self.around.distributed and self.around.reader is None
        return {"Item": item | ({"Source": STATE_DATA} if from_input else {})}


def tested_state(request: Json) -> TestedState:
    """Return the state that a request tests.

    Raises
    ------
    ApiError
        ``InvalidDefinition``; ``ValidationException`` if the definition has no such state.
    """
    name = request.get("stateName")
    if name is None:
        return TestedState(parsed(request["definition"], parse_one_state))
    tree = parsed(request["definition"], parse)
    named = next((tested for tested in _all_tested(tree.graph) if tested.state.name == name), None)
    if named is None:
        raise ApiError("ValidationException", "State not found in definition")
    return replace(named, state=replace(named.state, name=ONE_STATE))


def alone(state: State) -> StateMachine:
    """Return a state machine of one state; TestState's executions are Express ones (recorded: their ARN)."""
    return StateMachine(graph=StateGraph(ONE_STATE, {ONE_STATE: state}), jsonata=state.jsonata, express=True)


def with_error_origin(request: Json, state: State) -> State:
    """Return the state as it handles a mocked error of the state that ``errorCausedByState`` names.

    Source: "Specifying error source with errorCausedByState" in AWS's guide to TestState. ``States.TaskFailed`` matches
    errors of a Task, so the state that failed has to be known. That it does not match errors of other states is a
    conclusion from that guide; the words of the refusal are not recorded.

    Raises
    ------
    ApiError
        ``ValidationException`` if the state does not contain the named one.
    """
    name = (request.get("stateConfiguration") or {}).get("errorCausedByState")
    if name is None:
        return state
    origin = next((inner for inner in _inner_states(state) if inner.name == name), None)
    if origin is None or not isinstance(state, ErrorHandlingState):
        kind = type(state).__name__
        raise ApiError("ValidationException", f"State '{name}' of errorCausedByState not found in the {kind} state")
    return state if isinstance(origin, Task) else _without_task_failed(state)


def _all_tested(graph: StateGraph, around: Map | None = None) -> Iterator[TestedState]:
    for state in graph.states.values():
        yield TestedState(state, around)
        if isinstance(state, Map):
            yield from _all_tested(state.processor, state)
        elif isinstance(state, Parallel):
            for branch in state.branches:
                yield from _all_tested(branch, around)


def _inner_states(state: State) -> Iterator[State]:
    if isinstance(state, Map):
        yield from all_states(state.processor)
    elif isinstance(state, Parallel):
        for branch in state.branches:
            yield from all_states(branch)


def _without_task_failed(state: ErrorHandlingState) -> ErrorHandlingState:
    """Return the state with ``States.TaskFailed`` removed from its retriers and catchers, whose indexes stay."""
    return replace(
        state,
        retriers=tuple(replace(one, error_equals=_other_names(one.error_equals)) for one in state.retriers),
        catchers=tuple(replace(one, error_equals=_other_names(one.error_equals)) for one in state.catchers),
    )


def _other_names(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in names if name != TASK_FAILED)
