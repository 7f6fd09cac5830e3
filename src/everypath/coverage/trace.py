"""Which elements an execution took, from its events: the one answer that enumeration and coverage share."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from everypath.asl.error_catalog import first_taker
from everypath.asl.errors import StateError
from everypath.asl.scope import Scope
from everypath.asl.tree import Choice, ErrorHandlingState, Map, Parallel, State, StateMachine, all_states
from everypath.history.execution import Execution
from everypath.history.log import Event
from everypath.history.visits import UNKNOWN, Visit, visits


@dataclass(frozen=True, slots=True)
class Trace:
    """What happened in an execution.

    Parameters
    ----------
    covered : frozenset of str
        Ids of the elements that it took.
    visits : tuple of Visit
        Those of its child executions follow its own.
    exits : tuple of str
        For each visit the id of the transition or catcher by which it was left; empty where it was not.
    """

    covered: frozenset[str]
    visits: tuple[Visit, ...]
    exits: tuple[str, ...]


def covered(tree: StateMachine, execution: Execution, children: Sequence[Sequence[Event]] = ()) -> frozenset[str]:
    """The ids of the elements that an execution took.

    Parameters
    ----------
    children : sequence of sequence of Event
        The histories of the child executions of its distributed Maps.
    """
    return trace(tree, execution.status, [execution.require_history().events, *children]).covered


def trace(
    tree: StateMachine, status: str, histories: Sequence[Sequence[Event]], items: Sequence[tuple[str, int]] = ()
) -> Trace:
    """What happened, from the histories of an execution and its child executions.

    Parameters
    ----------
    items : sequence of tuple
        Of each child execution the Map's name and which item it is for, where that matters.
    """
    states = {state.name: state for state in all_states(tree.graph)}
    covered = _Covered(states)
    if status == "TIMED_OUT" and tree.timeout_seconds is not None:
        covered.ids.add("timeout:")
    failed_children: list[str] = []
    for number, events in enumerate(histories):
        failed = bool(events) and events[-1]["type"] == "ExecutionFailed"
        found = visits(states, events)
        if number and items:
            _place(found, covered.visits, *items[number - 1])
        for visit in found:
            visit.failed = failed
            covered.add(visit)
        if number and failed and found:
            failed_children.append(found[0].state.name)
    covered.ids |= _tolerated(covered.visits, failed_children)
    return Trace(frozenset(covered.ids), tuple(covered.visits), tuple(covered.exits))


@dataclass(slots=True)
class _Covered:
    states: Mapping[str, State]
    ids: set[str] = field(default_factory=set)
    visits: list[Visit] = field(default_factory=list)
    exits: list[str] = field(default_factory=list)

    def add(self, visit: Visit) -> None:
        state = visit.state
        self.ids.add(f"state:{state.name}")
        unhandled = self._handling(visit) if isinstance(state, ErrorHandlingState) else False
        if isinstance(state, Choice) and visit.exited is None and visit.failed and state.next is None:
            unhandled = True
        if unhandled:
            self.ids.add(f"unhandled:{state.name}")
        exit = _exit(visit)
        if exit:
            self.ids.add(exit)
        self.visits.append(visit)
        self.exits.append(exit)

    def _handling(self, visit: Visit) -> bool:
        """Count the retriers; return whether the state ended with an error that nothing handled."""
        state = visit.state
        assert isinstance(state, ErrorHandlingState)
        retries = [0] * len(state.retriers)
        given_up = False
        for number, attempt in enumerate(visit.attempts):
            if attempt.expired:
                self.ids.add(f"{attempt.expired}:{state.name}")
            if attempt.error is None:
                continue
            self._inside(state, attempt.source)
            index = first_taker(state.retriers, attempt.error, attempt.alias)
            again = number + 1 < len(visit.attempts)
            given_up = not again and (index is None or retries[index] >= state.retriers[index].max_attempts)
            if index is not None and again:
                retries[index] += 1
            elif index is not None and given_up:
                self.ids.add(f"retry:{state.name}/{index}/exhausted")
        if visit.exited is not None and visit.attempts and visit.attempts[-1].error is None:
            self._recovered(state, retries)
        return given_up and visit.exited is None

    def _recovered(self, state: ErrorHandlingState, retries: list[int]) -> None:
        for index, count in enumerate(retries):
            if count == 1:
                self.ids.add(f"retry:{state.name}/{index}/first")
            if count > 1 and count == state.retriers[index].max_attempts:
                self.ids.add(f"retry:{state.name}/{index}/last")

    def _inside(self, state: ErrorHandlingState, source: Visit | None) -> None:
        if isinstance(state, Map):
            self.ids.add(f"item:{state.name}")
        if isinstance(state, Parallel) and source is not None:
            for index, branch in enumerate(state.branches):
                if any(inner.name == source.state.name for inner in all_states(branch)):
                    self.ids.add(f"branch:{state.name}/{index}")


def _place(child: Sequence[Visit], before: Sequence[Visit], name: str, index: int) -> None:
    """Put the visits of a child execution inside the visit of its Map."""
    parent = next((visit for visit in reversed(before) if visit.state.name == name), None)
    for visit in child:
        if visit.parent is None:
            visit.parent, visit.index = parent, index


def _tolerated(found: Sequence[Visit], failed_children: Sequence[str]) -> set[str]:
    """The Maps that succeeded with child executions that failed."""
    succeeded = [
        visit.state for visit in found if visit.exited is not None and visit.attempts and not visit.attempts[-1].error
    ]
    return {
        f"tolerated:{state.name}"
        for state in succeeded
        if isinstance(state, Map) and state.distributed and state.processor.start_at in failed_children
    }


def _exit(visit: Visit) -> str:
    if visit.exited is None:
        return ""
    state = visit.state
    if isinstance(state, Choice):
        return _choice(state, visit)
    error = visit.attempts[-1].error if visit.attempts else UNKNOWN
    alias = visit.attempts[-1].alias if visit.attempts else None
    if error is None and visit.following != state.next:
        error = UNKNOWN  # the result could not be made the state's output
    if isinstance(state, ErrorHandlingState) and error is not None:
        index = first_taker(state.catchers, error, alias)
        if error == UNKNOWN or index is None or state.catchers[index].next != visit.following:
            index = next((i for i, catcher in enumerate(state.catchers) if catcher.next == visit.following), None)
        return "" if index is None else f"catch:{state.name}/{index}"
    return f"next:{state.name}" if state.next is not None else ""


def _choice(state: Choice, visit: Visit) -> str:
    """Which rule a Choice went by; the rules are asked again only where two lead to the same state."""
    ways = {f"choice:{state.name}/{index}": branch.next for index, branch in enumerate(state.choices)}
    if state.next is not None:
        ways[f"default:{state.name}"] = state.next
    fitting = [id for id, target in ways.items() if target == visit.following]
    if len(fitting) > 1:
        scope = _scope(visit)
        for index, branch in enumerate(state.choices):
            try:
                if branch.rule(scope):
                    return f"choice:{state.name}/{index}"
            except StateError:
                continue
    return fitting[-1] if fitting else ""


def _scope(visit: Visit) -> Scope:
    value: Any = json.loads(visit.entered["stateEnteredEventDetails"]["input"])
    return Scope(value, dict, {}, Random(0), lambda: visit.entered["timestamp"].timestamp())
