"""The state that a request tests: a definition of its own, or one of a whole definition."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from everypath.asl.parser.definition import ONE_STATE, parse, parse_one_state
from everypath.asl.tree import Map, Parallel, State, StateGraph, StateMachine
from everypath.engine.map_items import STATE_DATA
from everypath.server.definitions import parsed
from everypath.server.protocol import ApiError, Json


@dataclass(frozen=True, slots=True)
class Subject:
    """A state, and where it is.

    Parameters
    ----------
    state : State
        Under the name that TestState gives to every state (recorded).
    around : Map or None
        The innermost Map that it is in.
    """

    state: State
    around: Map | None = None

    def item(self, value: Any) -> dict[str, Any] | None:
        """Return ``Map`` of the context object: the state is in the first iteration, with its input as the item.

        Source: "Automatic Context population" in AWS's guide to TestState. What a reader would tell of the item, its
        key and where it is from, is not known.
        """
        if self.around is None:
            return None
        item = {"Index": 0, "Value": value}
        from_input = self.around.distributed and self.around.reader is None
        return {"Item": item | ({"Source": STATE_DATA} if from_input else {})}


def subject(request: Json) -> Subject:
    """Return the state.

    Raises
    ------
    ApiError
        ``InvalidDefinition``; ``ValidationException`` where the definition has no such state.
    """
    name = request.get("stateName")
    if name is None:
        return Subject(parsed(request["definition"], parse_one_state))
    tree = parsed(request["definition"], parse)
    found = next((found for found in _subjects(tree.graph) if found.state.name == name), None)
    if found is None:
        raise ApiError("ValidationException", "State not found in definition")
    return replace(found, state=replace(found.state, name=ONE_STATE))


def alone(state: State) -> StateMachine:
    """Return the machine in which a state is run: the execution is an Express one (recorded: its ARN)."""
    return StateMachine(graph=StateGraph(ONE_STATE, {ONE_STATE: state}), jsonata=state.jsonata, express=True)


def _subjects(graph: StateGraph, around: Map | None = None) -> Iterator[Subject]:
    for state in graph.states.values():
        yield Subject(state, around)
        if isinstance(state, Map):
            yield from _subjects(state.processor, state)
        elif isinstance(state, Parallel):
            for branch in state.branches:
                yield from _subjects(branch, around)
