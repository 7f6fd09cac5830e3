"""The retriers and catchers of a definition that no error can reach."""

from __future__ import annotations

from everypath.asl.tree import ErrorHandlingState, StateMachine, all_states
from everypath.coverage.elements import elements
from everypath.paths.errors import error_classes


def impossible(tree: StateMachine) -> dict[str, str]:
    """Return the elements of retriers and catchers all of whose names earlier ones take: their ids, with the reason."""
    handling = (state for state in all_states(tree.graph) if isinstance(state, ErrorHandlingState))
    classes = {state.name: error_classes(state) for state in handling}
    found = {}
    for one in elements(tree):
        kind, _, rest = one.id.partition(":")
        if kind == "retry" and all(known.retrier != int(rest.split("/")[-2]) for known in classes[one.state]):
            found[one.id] = "no error that an earlier retrier leaves has one of its names"
        if kind == "catch" and all(known.catcher != int(rest.split("/")[-1]) for known in classes[one.state]):
            found[one.id] = "no error that an earlier catcher leaves has one of its names"
    return found
