"""The state that a request tests: a definition of its own, or one of a whole definition."""

from __future__ import annotations

from dataclasses import replace

from everypath.asl.parse import ONE_STATE, parse, parse_one_state
from everypath.asl.tree import Flow, State, StateMachine, all_states
from everypath.server.definitions import parsed
from everypath.server.protocol import ApiError, Json


def subject(request: Json) -> State:
    """Return the state, under the name that TestState gives to every state (recorded).

    Raises
    ------
    ApiError
        ``InvalidDefinition``; ``ValidationException`` where the definition has no such state.
    """
    name = request.get("stateName")
    if name is None:
        return parsed(request["definition"], parse_one_state)
    tree = parsed(request["definition"], parse)
    found = next((state for state in all_states(tree.flow) if state.name == name), None)
    if found is None:
        raise ApiError("ValidationException", "State not found in definition")
    return replace(found, name=ONE_STATE)


def alone(state: State) -> StateMachine:
    """Return the machine in which a state is run: the execution is an Express one (recorded: its ARN)."""
    return StateMachine(flow=Flow(ONE_STATE, {ONE_STATE: state}), jsonata=state.jsonata, express=True)
