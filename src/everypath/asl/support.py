"""What of a definition cannot be run here, although AWS would run it."""

from __future__ import annotations

from collections.abc import Container

from everypath.asl.errors import Problem
from everypath.asl.resource import UnsupportedResource, require_supported
from everypath.asl.tree import StateMachine, Task, all_states

CODE = "UNSUPPORTED_RESOURCE"


def unsupported(machine: StateMachine, scripted: Container[str] = ()) -> list[Problem]:
    """Return a problem for every task whose resource cannot be called.

    Parameters
    ----------
    scripted : container of str
        Names of states that are not called, because a test says what comes of them.
    """
    found = []
    for state in all_states(machine.graph):
        if isinstance(state, Task) and state.name not in scripted:
            try:
                require_supported(state.resource)
            except UnsupportedResource as error:
                found.append(Problem(CODE, str(error), (*state.place, "Resource")))
    return found
