"""The transitions of a definition and the names of its states.

Names must be unique, transitions must lead to a state, every state must be reachable, and the state machine must have a
terminal state. Where a comment does not say otherwise, the rules were measured with ValidateStateMachineDefinition
(floci-io/floci issue 2735 and pull request 2786; badmintoncryer/cdk-preflight).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from everypath.asl.errors import Problem
from everypath.asl.parser.block import Block, Place

TARGET = "MISSING_TRANSITION_TARGET"
END = "MISSING_END_STATE"
DUPLICATE = "DUPLICATE_STATE_NAME"
NAME = "INVALID_STATE_NAME"
#: UTF-16 code units.
LONGEST_NAME = 80

Transition = tuple[str, Place]


def check_transitions(machine: Block) -> None:
    """Note what is wrong with the names and the transitions of a whole definition.

    Only the state machine itself needs a terminal state; AWS accepts a branch or an item processor without one.
    """
    _check_graph(machine, set(), top=True)


def check_inner_transitions(state: Block) -> None:
    """Note what is wrong inside one Parallel or Map; its own transitions are not checked."""
    for graph, place in inner_graphs(state.data):
        _check_graph(Block(graph, (*state.place, *place), state.problems), set())


def transitions(state: Any) -> Iterator[Transition]:
    """Yield the names of the states that a state may go to, each with its place in the state."""
    if not isinstance(state, dict):
        return
    for field in ("Next", "Default"):
        if isinstance(state.get(field), str):
            yield state[field], (field,)
    for field in ("Choices", "Catch"):
        for index, item in enumerate(_list(state.get(field))):
            if isinstance(item, dict) and isinstance(item.get("Next"), str):
                yield item["Next"], (field, index, "Next")


def inner_graphs(state: Any) -> Iterator[tuple[dict[str, Any], Place]]:
    """Yield the branches of a Parallel or the item processor of a Map, each with its place in the state."""
    if not isinstance(state, dict):
        return
    if state.get("Type") == "Parallel":
        for index, branch in enumerate(_list(state.get("Branches"))):
            if isinstance(branch, dict):
                yield branch, ("Branches", index)
    elif state.get("Type") == "Map":
        for field in ("ItemProcessor", "Iterator"):
            if isinstance(state.get(field), dict):
                yield state[field], (field,)


def _check_graph(block: Block, names: set[str], *, top: bool = False) -> None:
    states = block.get("States")
    if not isinstance(states, dict) or not states:
        return
    for name, state in states.items():
        _check_name(block, name, names)
        for graph, place in inner_graphs(state):
            _check_graph(Block(graph, (*block.place, "States", name, *place), block.problems), names)
    start_at = block.get("StartAt")
    _check_targets(block, states, start_at)
    if top and not any(_is_terminal(state) for state in states.values()):
        # AWS does not report unreachable states as well.
        block.problems.append(Problem(END, "Workflow has no terminal state", None))
    elif isinstance(start_at, str):
        # No state is reachable where StartAt leads nowhere; where it is missing, AWS reports only that (recorded).
        reached = _reachable(states, start_at)
        for name in states:
            if name not in reached:
                block.problem(f'State "{name}" is not reachable.', "States", name, code=TARGET)


def _check_name(block: Block, name: str, names: set[str]) -> None:
    if len(name.encode("utf-16-le", "surrogatepass")) // 2 > LONGEST_NAME:
        message = f"State '{name}' exceeds the {LONGEST_NAME}-character limit allowed by the service"
        block.problem(f"Invalid State name: {message}", "States", name, code=NAME)
    elif not name:
        block.problem("Invalid State name: a name must have at least one character", "States", name, code=NAME)
    if name in names:
        block.problem(f"Duplicate State name: {name}", "States", name, code=DUPLICATE)
    names.add(name)


def _check_targets(block: Block, states: dict[str, Any], start_at: Any) -> None:
    if isinstance(start_at, str) and start_at not in states:
        block.problem(f"Missing 'Next' target: {start_at}", "StartAt", code=TARGET)
    for name, state in states.items():
        for target, place in transitions(state):
            if target not in states:
                block.problem(f"Missing 'Next' target: {target}", "States", name, *place, code=TARGET)


def _is_terminal(state: Any) -> bool:
    return not isinstance(state, dict) or state.get("Type") in ("Succeed", "Fail") or state.get("End") is True


def _reachable(states: dict[str, Any], start_at: str) -> set[str]:
    reached: set[str] = set()
    waiting = [start_at]
    while waiting:
        name = waiting.pop()
        if name in states and name not in reached:
            reached.add(name)
            waiting += [target for target, _ in transitions(states[name])]
    return reached


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
