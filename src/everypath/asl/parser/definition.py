"""Parses a definition into its tree, and reports all of its problems at once."""

from __future__ import annotations

from collections.abc import Container
from typing import Any

from everypath.asl.errors import DefinitionError, Problem
from everypath.asl.parser.block import LARGEST_NUMBER, Block
from everypath.asl.parser.definition_text import read_definition
from everypath.asl.parser.state import LANGUAGES, Language, parse_state, query_language
from everypath.asl.parser.transitions import check_inner_transitions, check_transitions
from everypath.asl.parser.variable_scopes import check_inner_scopes, check_scopes
from everypath.asl.resource import UnsupportedResource, require_supported
from everypath.asl.tree import State, StateGraph, StateMachine, Task, all_states

VERSIONS = ("1.0",)
#: What TestState calls a state that is given without a state machine.
ONE_STATE = "StateName"
#: The code of a resource that everypath cannot call; AWS has no such problem.
UNSUPPORTED = "UNSUPPORTED_RESOURCE"
MACHINE_FIELDS = frozenset({"Comment", "StartAt", "States", "Version", "TimeoutSeconds", "QueryLanguage"})


def parse(definition: str | dict[str, Any], *, kind: str = "STANDARD", source: str = "") -> StateMachine:
    """Parse a definition.

    Parameters
    ----------
    definition : str or dict
        JSON text, or its data.
    kind : str
        ``STANDARD`` or ``EXPRESS``.
    source : str
        What error messages call the definition: a file, or a place in a template.

    Raises
    ------
    DefinitionError
        With every problem that was found.
    """
    problems: list[Problem] = []
    machine = read(definition, problems, express=kind == "EXPRESS")
    if problems or machine is None:
        raise DefinitionError(problems, source)
    return machine


def parse_one_state(definition: str) -> State:
    """Parse the definition of one state without a state machine around it; its transitions may lead anywhere.

    TestState takes such definitions, and calls the state `ONE_STATE` (recorded).

    Raises
    ------
    DefinitionError
        With every problem that was found.
    """
    problems: list[Problem] = []
    state = None
    data = read_definition(definition, problems)
    if data is not None:
        block = Block(data, ("States", ONE_STATE), problems)
        state = parse_state(ONE_STATE, block, Language(machine_jsonata=False, express=False), parse_graph)
        check_inner_transitions(block)
        check_inner_scopes(block)
    if problems or state is None:
        raise DefinitionError(problems)
    return state


def read(definition: str | dict[str, Any], problems: list[Problem], *, express: bool) -> StateMachine | None:
    """Parse a definition and append its problems to `problems`; return None where no tree can be made.

    The schema comes first, then the graph of the states, as with AWS (floci-io/floci pull request 2786).
    """
    data = read_definition(definition, problems) if isinstance(definition, str) else definition
    if data is None:
        return None
    block = Block(data, (), problems)
    block.refuse_others(MACHINE_FIELDS)
    block.require("StartAt", "States")
    comment = block.string("Comment")
    version = block.string("Version", choices=VERSIONS)
    block.string("QueryLanguage", choices=LANGUAGES)
    # AWS accepts 0, which the documents do not say (measured: badmintoncryer/cdk-preflight).
    timeout = block.number("TimeoutSeconds", minimum=0, maximum=LARGEST_NUMBER)
    language = Language(machine_jsonata=query_language(block, inherited=False), express=express)
    graph = _states(block, language)
    check_transitions(block)
    check_scopes(block)
    if graph is None:
        return None
    return StateMachine(
        graph=graph,
        comment=comment,
        version=version,
        timeout_seconds=timeout,
        jsonata=language.machine_jsonata,
        express=express,
        definition=data,
    )


def parse_graph(block: Block, language: Language) -> StateGraph | None:
    """Parse a branch or an item processor; return None, with its problems noted, where it is wrong."""
    block.require("StartAt", "States")
    block.string("Comment")
    return _states(block, language)


def unsupported(machine: StateMachine, scripted: Container[str] = ()) -> list[Problem]:
    """Return a problem for every Task whose resource AWS can call and everypath cannot.

    Parameters
    ----------
    scripted : container of str
        Names of the states that are not called because a test gives their outcomes.
    """
    found = []
    for state in all_states(machine.graph):
        if isinstance(state, Task) and state.name not in scripted:
            try:
                require_supported(state.resource)
            except UnsupportedResource as error:
                found.append(Problem(UNSUPPORTED, str(error), (*state.place, "Resource")))
    return found


def _states(block: Block, language: Language) -> StateGraph | None:
    start_at = block.string("StartAt")
    inner = block.block("States")
    if inner is None:
        return None
    if not inner.data:
        block.problem("Value cannot be empty", "States")
        return None
    states: dict[str, State] = {}
    for name, data in inner.data.items():
        if not isinstance(data, dict):
            inner.wrong_type("OBJECT", name)
            continue
        state = parse_state(name, Block(data, (*inner.place, name), block.problems), language, parse_graph)
        if state is not None:
            states[name] = state
    return StateGraph(start_at, states) if start_at is not None and len(states) == len(inner.data) else None
