"""Variables of inner scopes: what a Parallel or a Map has from outside may not be assigned inside it.

A name counts as the outer scope's where it is assigned on the way to the Parallel or Map, by whichever transition leads
there, loops included. What only the state itself assigns, when it is left or by a catcher, is free inside. Measured on
AWS in 2026, for both query languages and both modes of a Map.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from everypath.asl.parser.block import Block, Place
from everypath.asl.parser.state import query_language
from everypath.asl.parser.transitions import inner_graphs

DUPLICATE_VARIABLE = "DUPLICATE_VARIABLE_NAME"

Transition = tuple[str, frozenset[str], str]
"""From a state, with the names that are assigned on the way, to another state."""


def check_scopes(machine: Block) -> None:
    """Note every assignment of a variable that an outer scope has."""
    _check_graph(machine, frozenset(), query_language(machine, inherited=False))


def check_inner_scopes(state: Block) -> None:
    """Note such assignments inside one Parallel or Map."""
    for graph, place in inner_graphs(state.data):
        _check_graph(Block(graph, (*state.place, *place), state.problems), frozenset(), machine_jsonata=False)


def _check_graph(block: Block, outer: frozenset[str], machine_jsonata: bool) -> None:
    states = block.get("States")
    if not isinstance(states, dict):
        return
    blocks = {
        name: Block(state, (*block.place, "States", name), block.problems)
        for name, state in states.items()
        if isinstance(state, dict)
    }
    transitions = [each for name, state in blocks.items() for each in _transitions(name, state, machine_jsonata)]
    for name, state in blocks.items():
        _check_state(state, outer, machine_jsonata)
        inner = list(inner_graphs(state.data))
        scope = outer | _on_the_way(name, transitions) if inner else outer
        for graph, place in inner:
            _check_graph(Block(graph, (*state.place, *place), block.problems), scope, machine_jsonata)


def _check_state(state: Block, outer: frozenset[str], machine_jsonata: bool) -> None:
    for place, item in _holders(state):
        for key, name in _assigned(state, item, machine_jsonata).items():
            if name in outer:
                message = f"The variable name '{name}' was already defined in a parent scope."
                state.problem(message, *place, "Assign", key, code=DUPLICATE_VARIABLE)


def _on_the_way(name: str, transitions: list[Transition]) -> frozenset[str]:
    """Return the names that other states assign on some way to a state."""
    leading = {name}
    while more := {source for source, _, target in transitions if target in leading} - leading:
        leading |= more
    return frozenset().union(*(names for source, names, target in transitions if source != name and target in leading))


def _transitions(name: str, state: Block, machine_jsonata: bool) -> Iterator[Transition]:
    for _, item in _holders(state):
        names = frozenset(_assigned(state, item, machine_jsonata).values())
        yield from ((name, names, item[way]) for way in ("Next", "Default") if isinstance(item.get(way), str))


def _holders(state: Block) -> Iterator[tuple[Place, dict[str, Any]]]:
    """Yield what has an ``Assign`` and a transition: the state itself, its choice rules, its catchers."""
    yield (), state.data
    for field in ("Choices", "Catch"):
        items = state.get(field)
        for index, item in enumerate(items if isinstance(items, list) else ()):
            if isinstance(item, dict):
                yield (field, index), item


def _assigned(state: Block, item: dict[str, Any], machine_jsonata: bool) -> dict[str, str]:
    """Return the names of variables by the keys of an ``Assign``."""
    assign = item.get("Assign")
    jsonata = query_language(state, machine_jsonata)
    return {key: key if jsonata else key.removesuffix(".$") for key in assign} if isinstance(assign, dict) else {}
