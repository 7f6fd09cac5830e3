"""The transitions of a definition, and the names of its states and the labels of its Maps.

Names must be unique, transitions must lead to a state, something must lead to every state, and the state machine must
have a terminal state. Where a comment does not say otherwise, the rules were measured with
ValidateStateMachineDefinition (floci-io/floci issue 2735 and pull request 2786; badmintoncryer/cdk-preflight).
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from typing import Any

from everypath.asl.errors import Problem
from everypath.asl.parser.block import Block, Place

TARGET = "MISSING_TRANSITION_TARGET"
END = "MISSING_END_STATE"
DUPLICATE = "DUPLICATE_STATE_NAME"
NAME = "INVALID_STATE_NAME"
LABEL = "INVALID_LABEL_NAME"
DUPLICATE_LABEL = "DUPLICATE_LABEL_NAME"
#: UTF-16 code units.
LONGEST_NAME = 80
LONGEST_LABEL = 40
#: What a label may not have (AWS: "Distributed Map state fields").
_NOT_IN_LABELS = re.compile(r"[\s?*<>{}\[\]:;,\\|^~$#%&`\"\x00-\x1f\x7f-\x9f]")

Transition = tuple[str, Place]


def check_transitions(machine: Block) -> None:
    """Note what is wrong with the names and the transitions of a whole definition.

    Only the state machine itself needs a terminal state; AWS accepts a branch or an item processor without one.
    """
    _check_graph(machine, _Names(), top=True)


def check_inner_transitions(state: Block) -> None:
    """Note what is wrong inside one Parallel or Map; its own transitions are not checked."""
    for graph, place in inner_graphs(state.data):
        _check_graph(Block(graph, (*state.place, *place), state.problems), _Names())


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


@dataclasses.dataclass(frozen=True, slots=True)
class _Names:
    """The names of states and the labels of Maps that a definition has had up to now."""

    states: set[str] = dataclasses.field(default_factory=set)
    labels: set[str] = dataclasses.field(default_factory=set)


def _check_graph(block: Block, names: _Names, *, top: bool = False) -> None:
    states = block.get("States")
    if not isinstance(states, dict):
        return
    for name, state in states.items():
        _check_name(block, name, names.states)
        _check_label(block, name, state, names.labels)
        for graph, place in inner_graphs(state):
            _check_graph(Block(graph, (*block.place, "States", name, *place), block.problems), names)
    start_at = block.get("StartAt")
    _check_targets(block, states, start_at)
    if top and not any(_is_terminal(state) for state in states.values()):
        # AWS does not report unreachable states as well.
        block.problems.append(Problem(END, "Workflow has no terminal state", None))
    elif isinstance(start_at, str):
        # Where StartAt is missing, AWS reports only that (recorded). For AWS, any transition to a state reaches it.
        reached = {start_at, *(target for state in states.values() for target, _ in transitions(state))}
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


def _check_label(block: Block, name: str, state: Any, labels: set[str]) -> None:
    """Check the label of a Map; codes are AWS's, the words are those about names of states."""
    label = state.get("Label") if isinstance(state, dict) and state.get("Type") == "Map" else None
    if not isinstance(label, str):
        return
    place = ("States", name, "Label")
    if len(label) > LONGEST_LABEL:
        message = f"Label '{label}' exceeds the {LONGEST_LABEL}-character limit allowed by the service"
        block.problem(f"Invalid Label name: {message}", *place, code=LABEL)
    elif not label or _NOT_IN_LABELS.search(label):
        message = (
            f"Label '{label}' contains invalid characters" if label else "a label must have at least one character"
        )
        block.problem(f"Invalid Label name: {message}", *place, code=LABEL)
    if label in labels:
        block.problem(f"Duplicate Label name: {label}", *place, code=DUPLICATE_LABEL)
    labels.add(label)


def _check_targets(block: Block, states: dict[str, Any], start_at: Any) -> None:
    if isinstance(start_at, str) and start_at not in states:
        block.problem(f"Missing 'Next' target: {start_at}", "StartAt", code=TARGET)
    for name, state in states.items():
        for target, place in transitions(state):
            if target not in states:
                block.problem(f"Missing 'Next' target: {target}", "States", name, *place, code=TARGET)


def _is_terminal(state: Any) -> bool:
    if not isinstance(state, dict):
        return True
    return "Type" in state and (state["Type"] in ("Succeed", "Fail") or state.get("End") is True)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
