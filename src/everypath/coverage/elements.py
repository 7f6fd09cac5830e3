"""The elements of a definition that executions cover: states, transitions, retriers, catchers, timeouts, errors."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from everypath.asl.error_catalog import ALL
from everypath.asl.tree import Choice, ErrorHandlingState, Map, Parallel, State, StateMachine, Task, all_states

#: What elements are counted as, in the order of reports.
KINDS = (
    "states", "transitions", "retriers recovered", "retriers exhausted", "catchers", "timeouts", "errors unhandled",
    "branches failed",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Element:
    """A part of a definition that an execution covers or does not.

    Parameters
    ----------
    id : str
        Stable as long as the state keeps its name: ``catch:Call API/0``.
    kind : str
        One of `KINDS`.
    name : str
        For people: ``Call API, catcher 0 (States.ALL) to Catch All``.
    state : str
        The state's name; empty for the execution's own timeout.
    place : str
        JSON pointer into the definition.
    """

    id: str
    kind: str
    name: str
    state: str
    place: str


def elements(tree: StateMachine) -> tuple[Element, ...]:
    """Return all elements of a definition, in its order."""
    found: list[Element] = []
    if tree.timeout_seconds is not None:
        found.append(Element("timeout:", "timeouts", "the execution times out", "", "/TimeoutSeconds"))
    for state in all_states(tree.graph):
        found += _of_state(state)
    return tuple(found)


def pointer(place: Sequence[str | int]) -> str:
    """Return the JSON pointer (RFC 6901) of a place."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in place)


def _of_state(state: State) -> Iterator[Element]:
    yield _element(state, f"state:{state.name}", "states", "")
    if isinstance(state, Choice):
        yield from _of_choice(state)
    elif state.next is not None:
        yield _element(state, f"next:{state.name}", "transitions", f"to {state.next}", "Next")
    if isinstance(state, ErrorHandlingState):
        yield from _of_handling(state)
    if isinstance(state, Parallel):
        for index, branch in enumerate(state.branches):
            what = f"branch {index} ({branch.start_at}) fails"
            yield _element(state, f"branch:{state.name}/{index}", "branches failed", what, "Branches", index)
    if isinstance(state, Map):
        yield _element(state, f"item:{state.name}", "branches failed", "an item fails the Map")
        if tolerates(state):
            yield _element(state, f"tolerated:{state.name}", "branches failed", "a failed item is tolerated")


def tolerates(state: Map) -> bool:
    """Whether a Map may succeed with failed items according to the definition."""
    return state.tolerated_failure_count is not None or state.tolerated_failure_percentage is not None


def _of_choice(state: Choice) -> Iterator[Element]:
    for index, branch in enumerate(state.choices):
        what = f"rule {index} to {branch.next}"
        yield _element(state, f"choice:{state.name}/{index}", "transitions", what, "Choices", index)
    if state.next is not None:
        yield _element(state, f"default:{state.name}", "transitions", f"default to {state.next}", "Default")
    else:
        yield _element(state, f"unhandled:{state.name}", "errors unhandled", "no rule holds")


def _of_handling(state: ErrorHandlingState) -> Iterator[Element]:
    if isinstance(state, Task):
        if state.timeout_seconds is not None:
            yield _element(state, f"timeout:{state.name}", "timeouts", "times out", "TimeoutSeconds")
        if state.heartbeat_seconds is not None:
            yield _element(state, f"heartbeat:{state.name}", "timeouts", "misses a heartbeat", "HeartbeatSeconds")
    for index, retrier in enumerate(state.retriers):
        name = f"retrier {index} ({_names(retrier.error_equals)})"
        for suffix, words in _recoveries(retrier.max_attempts):
            id = f"retry:{state.name}/{index}/{suffix}"
            yield _element(state, id, "retriers recovered", f"{name} {words}", "Retry", index)
        id = f"retry:{state.name}/{index}/exhausted"
        yield _element(state, id, "retriers exhausted", f"{name} is exhausted", "Retry", index)
    for index, catcher in enumerate(state.catchers):
        what = f"catcher {index} ({_names(catcher.error_equals)}) to {catcher.next}"
        yield _element(state, f"catch:{state.name}/{index}", "catchers", what, "Catch", index)
    if not any(ALL in catcher.error_equals for catcher in state.catchers):
        yield _element(state, f"unhandled:{state.name}", "errors unhandled", "an error that nothing handles")


def _recoveries(attempts: int) -> Iterator[tuple[str, str]]:
    if attempts >= 1:
        yield "first", "recovers after the first retry"
    if attempts >= 2:
        yield "last", "recovers on the last attempt"


def _names(names: Sequence[str]) -> str:
    return ", ".join(names)


def _element(state: State, id: str, kind: str, what: str, *place: str | int) -> Element:
    name = f"{state.name}: {what}" if what else state.name
    return Element(id, kind, name, state.name, pointer((*state.place, *place)))
