"""The tree that a definition is parsed into: frozen, typed, with every expression compiled.

Fields are named as in the Amazon States Language, in Python's spelling. An expression field is None where the
definition leaves it out and its default changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from everypath.asl.jsonpath.reference_path import ReferencePath
from everypath.asl.resource import Resource
from everypath.asl.scope import Expression, Scope

LONGEST_DELAY = 31_622_400
"""Seconds; AWS accepts no larger MaxDelaySeconds."""


@dataclass(frozen=True, slots=True)
class Retrier:
    """One element of ``Retry``; the defaults are those of the specification."""

    error_equals: tuple[str, ...]
    interval_seconds: float = 1
    max_attempts: int = 3
    backoff_rate: float = 2.0
    max_delay_seconds: float | None = None
    full_jitter: bool = False


@dataclass(frozen=True, slots=True)
class Catcher:
    """One element of ``Catch``."""

    error_equals: tuple[str, ...]
    next: str
    result_path: ReferencePath | None = None
    keeps_result: bool = True
    assign: Expression | None = None
    output: Expression | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What all states have; `next` is None for a state that ends its state machine or branch."""

    name: str
    place: tuple[str | int, ...]
    jsonata: bool = False
    comment: str | None = None
    next: str | None = None
    input_path: Expression | None = None
    output_path: Expression | None = None
    assign: Expression | None = None
    output: Expression | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WithResult(State):
    """What the states with a result have: Task, Parallel, Map and Pass.

    ``keeps_result`` is False for ``"ResultPath": null``; ``result_path`` is None for ``$``.
    """

    parameters: Expression | None = None
    result_selector: Expression | None = None
    result_path: ReferencePath | None = None
    keeps_result: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorHandlingState(WithResult):
    """What the states that handle errors have: Task, Parallel and Map."""

    retriers: tuple[Retrier, ...] = ()
    catchers: tuple[Catcher, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Task(ErrorHandlingState):
    """Calls a function, an activity or a service; in JSONata `parameters` are the ``Arguments``.

    `asynchronous` tells that the definition has a function invoked without waiting for it (``Event``, ``DryRun``).
    """

    resource: Resource
    asynchronous: bool = False
    timeout_seconds: Expression | None = None
    heartbeat_seconds: Expression | None = None
    credentials: Expression | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass(WithResult):
    """Makes a result from its input and the definition alone."""

    result: Any = None
    has_result: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait(State):
    """Waits for `seconds` or until `timestamp`, of which one is not None."""

    seconds: Expression | None = None
    timestamp: Expression | None = None
    timestamp_path: str | None = None


Rule = Callable[[Scope], bool]
"""Tells whether a choice rule matches in a scope."""


@dataclass(frozen=True, slots=True)
class ChoiceRule:
    """One element of ``Choices``."""

    rule: Rule
    next: str
    assign: Expression | None = None
    output: Expression | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice(State):
    """Goes where the first rule that matches leads; `next` is its ``Default``."""

    choices: tuple[ChoiceRule, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Succeed(State):
    """Ends its state machine or branch with success."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fail(State):
    """Ends its state machine or branch with an error."""

    error: Expression | None = None
    cause: Expression | None = None


@dataclass(frozen=True, slots=True)
class StateGraph:
    """A StartAt and its States: a branch of a Parallel, or what a Map runs for each item."""

    start_at: str
    states: dict[str, State]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parallel(ErrorHandlingState):
    """Runs its branches at the same time."""

    branches: tuple[StateGraph, ...]


@dataclass(frozen=True, slots=True)
class Reader:
    """``ItemReader`` of a distributed Map."""

    resource: Resource
    arguments: Expression | None
    config: dict[str, Any]
    max_items: Expression | None = None


@dataclass(frozen=True, slots=True)
class Batcher:
    """``ItemBatcher`` of a distributed Map."""

    batch_input: Expression | None = None
    max_items: Expression | None = None
    max_bytes: Expression | None = None


@dataclass(frozen=True, slots=True)
class Writer:
    """``ResultWriter`` of a distributed Map."""

    resource: Resource | None
    arguments: Expression | None
    config: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Map(ErrorHandlingState):
    """Runs its processor once for each item, in the execution itself or, `distributed`, in child executions.

    `items` is ``ItemsPath``, or ``Items`` in JSONata; None where the items are the state's input.
    """

    processor: StateGraph
    distributed: bool = False
    express_children: bool = False
    items: Expression | None = None
    items_path: str | None = None
    item_selector: Expression | None = None
    max_concurrency: Expression | None = None
    tolerated_failure_count: Expression | None = None
    tolerated_failure_percentage: Expression | None = None
    reader: Reader | None = None
    batcher: Batcher | None = None
    writer: Writer | None = None
    label: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StateMachine:
    """A whole definition."""

    graph: StateGraph
    comment: str | None = None
    version: str | None = None
    timeout_seconds: int | None = None
    jsonata: bool = False
    express: bool = False
    definition: dict[str, Any] = field(default_factory=dict)


def all_states(graph: StateGraph) -> Iterator[State]:
    """Yield all states of a graph, including those inside its Parallel and Map states."""
    for state in graph.states.values():
        yield state
        inner = state.branches if isinstance(state, Parallel) else [state.processor] if isinstance(state, Map) else []
        for branch in inner:
            yield from all_states(branch)
