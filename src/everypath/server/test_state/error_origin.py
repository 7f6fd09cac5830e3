"""``errorCausedByState``: the state in a Map or a Parallel that a mocked error is from.

Source: "Specifying error source with errorCausedByState" in AWS's guide to TestState. ``States.TaskFailed`` takes what
a Task has failed with, it says, and so it has to be known which state has failed. That it does not take the error of
another state is what everypath concludes from that; the words of the refusal are not recorded.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from everypath.asl.error_catalog import TASK_FAILED
from everypath.asl.tree import ErrorHandlingState, Map, Parallel, State, Task, all_states
from everypath.server.protocol import ApiError, Json


def with_origin(request: Json, state: State) -> State:
    """Return the state as it handles a mocked error from where the request says that it is.

    Raises
    ------
    ApiError
        ``ValidationException`` where the state that is named is not in it.
    """
    name = (request.get("stateConfiguration") or {}).get("errorCausedByState")
    if name is None:
        return state
    origin = next((inner for inner in _inner(state) if inner.name == name), None)
    if origin is None or not isinstance(state, ErrorHandlingState):
        kind = type(state).__name__
        raise ApiError("ValidationException", f"State '{name}' of errorCausedByState not found in the {kind} state")
    return state if isinstance(origin, Task) else _blind_to_tasks(state)


def _inner(state: State) -> Iterator[State]:
    if isinstance(state, Map):
        yield from all_states(state.processor)
    elif isinstance(state, Parallel):
        for branch in state.branches:
            yield from all_states(branch)


def _blind_to_tasks(state: ErrorHandlingState) -> ErrorHandlingState:
    """Return the state with retriers and catchers that do not name ``States.TaskFailed``; their numbers stay."""
    return replace(
        state,
        retriers=tuple(replace(one, error_equals=_other_names(one.error_equals)) for one in state.retriers),
        catchers=tuple(replace(one, error_equals=_other_names(one.error_equals)) for one in state.catchers),
    )


def _other_names(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in names if name != TASK_FAILED)
