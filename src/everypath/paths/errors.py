"""The errors to consider for a state, and the classes into which its retriers and catchers divide them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from everypath.asl import error_catalog
from everypath.asl.error_catalog import (
    DATA_LIMIT_EXCEEDED,
    EXCEED_TOLERATED_FAILURE_THRESHOLD,
    ITEM_READER_FAILED,
    LAMBDA_CRASHES,
    LAMBDA_TRANSIENT,
    LAMBDA_UNKNOWN,
    NEVER_TAKEN,
    RESULT_WRITER_FAILED,
    RUNTIME,
    TASK_FAILED,
    TIMEOUT,
    WILDCARDS,
    first_taker,
)
from everypath.asl.settings import Constant
from everypath.asl.tree import Choice, ErrorHandlingState, Fail, Map, Parallel, State, StateGraph, Task

#: Errors that any task can end with.
ANY_TASK = (TASK_FAILED, DATA_LIMIT_EXCEEDED)
#: Errors of a distributed Map that reads its items elsewhere, or writes its results there.
OUTSIDE = (ITEM_READER_FAILED, RESULT_WRITER_FAILED)
#: What becomes of a function; a task that does not wait for it never learns that.
HANDLER_ERRORS = frozenset({*LAMBDA_CRASHES, LAMBDA_UNKNOWN})
#: An error that no definition names.
UNNAMED = "UnforeseenError"

#: Returns the names of the exceptions that the code behind a task can raise.
Raised = Callable[[Task], Iterable[str]]


def nothing_raised(task: Task) -> Iterable[str]:
    """Return none: for definitions without handlers."""
    return ()


@dataclass(frozen=True, slots=True)
class ErrorClass:
    """Equivalent errors: the same retrier and the same catcher take them.

    Parameters
    ----------
    retrier, catcher : int or None
        The indices of the retrier and the catcher; None where none takes the errors.
    names : tuple of str
        The errors; a case throws the first one.
    """

    retrier: int | None
    catcher: int | None
    names: tuple[str, ...]


def error_classes(state: ErrorHandlingState, raised: Raised = nothing_raised) -> tuple[ErrorClass, ...]:
    """The classes of the errors that a state can end with, in the order of their first names."""
    names_by_takers: dict[tuple[int | None, int | None], list[str]] = {}
    for name in _candidate_names(state, raised):
        takers = first_taker(state.retriers, name), first_taker(state.catchers, name)
        names_by_takers.setdefault(takers, []).append(name)
    classes = [ErrorClass(retrier, catcher, tuple(names)) for (retrier, catcher), names in names_by_takers.items()]
    return tuple(sorted(classes, key=lambda one: (one.catcher is None, one.catcher or 0, one.retrier is None)))


def service_errors(task: Task) -> tuple[str, ...]:
    """The errors that the service behind a task, and Step Functions itself, can report."""
    resource = task.resource
    if resource.service == "lambda":
        return (*LAMBDA_TRANSIENT, *LAMBDA_CRASHES, *ANY_TASK)
    if error_catalog.error_prefix(resource) is None:
        return ANY_TASK
    own = error_catalog.unmodelled_error if resource.kind == "sdk" else error_catalog.client_error
    return (own(resource), *ANY_TASK)


def escapes(graph: StateGraph, name: str) -> Iterator[State]:
    """The states of a flow from which an error of this name leaves it."""
    for state in graph.states.values():
        if isinstance(state, Fail):
            if isinstance(state.error, Constant) and state.error.value == name:
                yield state
        elif isinstance(state, Choice):
            if name == RUNTIME and state.next is None:
                yield state
        elif (
            isinstance(state, ErrorHandlingState) and first_taker(state.catchers, name) is None and can_end(state, name)
        ):
            yield state


def can_end(state: ErrorHandlingState, name: str) -> bool:
    """Whether the work of a state can end with an error of this name; that of a task can with almost any."""
    if isinstance(state, Task):
        if state.asynchronous and (name in HANDLER_ERRORS or name.partition(".")[0] not in ("Lambda", "States")):
            return False
        return name not in (EXCEED_TOLERATED_FAILURE_THRESHOLD, *OUTSIDE, *NEVER_TAKEN)
    if isinstance(state, Map) and state.distributed:
        return name in map_errors(state)
    return any(True for graph in inner_graphs(state) for _ in escapes(graph, name))


def map_errors(state: Map) -> tuple[str, ...]:
    """The errors that a distributed Map can fail with (AWS: "Error names in Step Functions")."""
    return (
        EXCEED_TOLERATED_FAILURE_THRESHOLD,
        *([ITEM_READER_FAILED] if state.reader is not None else []),
        *([RESULT_WRITER_FAILED] if _writes(state) else []),
    )


def reaches_outside(state: Map) -> bool:
    """Whether a Map reads its items elsewhere, or writes its results there."""
    return state.reader is not None or _writes(state)


def _writes(state: Map) -> bool:
    return state.writer is not None and state.writer.resource is not None


def inner_graphs(state: State) -> tuple[StateGraph, ...]:
    """The flows inside a state."""
    if isinstance(state, Parallel):
        return state.branches
    return (state.processor,) if isinstance(state, Map) else ()


def _candidate_names(state: ErrorHandlingState, raised: Raised) -> list[str]:
    takers = [taker.error_equals for taker in state.retriers] + [taker.error_equals for taker in state.catchers]
    named = [name for taken in takers for name in taken]
    names = [name for name in named if name not in WILDCARDS and name not in NEVER_TAKEN]
    if isinstance(state, Task):
        names += [*raised(state), *service_errors(state), TIMEOUT, UNNAMED]
        if state.timeout_seconds is None and state.heartbeat_seconds is None and TIMEOUT not in named:
            names.remove(TIMEOUT)
    elif isinstance(state, Map) and state.distributed:
        names += map_errors(state)
    else:
        names += [UNNAMED, *_inner_names(state, raised)]
    return [name for name in dict.fromkeys(names) if can_end(state, name)]


def _inner_names(state: ErrorHandlingState, raised: Raised) -> Iterator[str]:
    """Errors that end a branch or an item by name: those of Fail states, and those of its tasks."""
    for graph in inner_graphs(state):
        for inner in graph.states.values():
            if isinstance(inner, Fail) and isinstance(inner.error, Constant):
                yield inner.error.value
            elif isinstance(inner, Choice) and inner.next is None:
                yield RUNTIME
            elif isinstance(inner, ErrorHandlingState):
                yield from _candidate_names(inner, raised)
