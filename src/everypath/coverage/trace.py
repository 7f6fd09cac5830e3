"""The elements of a definition that an execution took, from its history; enumeration and coverage both ask here."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from everypath.asl.error_catalog import RUNTIME, first_taker
from everypath.asl.errors import StateError
from everypath.asl.scope import Scope
from everypath.asl.settings import Constant
from everypath.asl.tree import Choice, ErrorHandlingState, Fail, Map, Parallel, State, StateMachine, all_states
from everypath.history.attempts import Attempt
from everypath.history.events import Event, details, status_of
from everypath.history.execution import Execution
from everypath.history.visits import Visit, Visits


@dataclass(frozen=True, slots=True)
class Trace:
    """What happened in an execution.

    Parameters
    ----------
    covered : frozenset of str
        The ids of the elements that it took.
    visits : tuple of Visit
        Its visits of states, and then those of its child executions.
    exits : tuple of str
        For each visit the id of the transition or catcher by which the state was left; empty where it was not.
    states : mapping of str to State
        The states of the definition by name.
    """

    covered: frozenset[str]
    visits: tuple[Visit, ...]
    exits: tuple[str, ...]
    states: Mapping[str, State]


def covered(tree: StateMachine, execution: Execution, children: Sequence[Sequence[Event]] = ()) -> frozenset[str]:
    """Return the ids of the elements that an execution took.

    Parameters
    ----------
    children : sequence of sequence of Event
        The histories of the child executions of its distributed Maps.
    """
    return trace(tree, execution.status, [execution.require_history().events, *children]).covered


def trace(
    tree: StateMachine, status: str, histories: Sequence[Sequence[Event]], items: Sequence[tuple[str, int]] = ()
) -> Trace:
    """Return what happened, from the histories of an execution and its child executions.

    Parameters
    ----------
    items : sequence of tuple
        Of each child execution the Map's name and the index of its item, where that matters.
    """
    states = {state.name: state for state in all_states(tree.graph)}
    thrown = _thrown(states)
    covered = _Covered(states)
    if status == "TIMED_OUT" and tree.timeout_seconds is not None:
        covered.ids.add("timeout:")
    failed_children: list[str] = []
    for number, events in enumerate(histories):
        visits = [visit for visit in Visits(events, thrown).all if visit.name in states]
        failed = status_of(events) == "FAILED"
        if number and items:
            _place(visits, covered.visits, *items[number - 1])
        for visit in visits:
            visit.execution_failed = failed
            covered.add(visit)
        if number and failed and visits:
            failed_children.append(visits[0].name)
    covered.ids |= _tolerated(covered.visits, states, failed_children)
    return Trace(frozenset(covered.ids), tuple(covered.visits), tuple(covered.exits), states)


def _thrown(states: Mapping[str, State]) -> dict[str, str]:
    """The errors of Fail and Choice states, which no event names where they end a branch."""
    thrown = {}
    for name, state in states.items():
        if isinstance(state, Fail) and isinstance(state.error, Constant):
            thrown[name] = str(state.error.value)
        elif isinstance(state, Choice):
            thrown[name] = RUNTIME
    return thrown


@dataclass(slots=True)
class _Covered:
    states: Mapping[str, State]
    ids: set[str] = field(default_factory=set)
    visits: list[Visit] = field(default_factory=list)
    exits: list[str] = field(default_factory=list)

    def add(self, visit: Visit) -> None:
        state = self.states[visit.name]
        self.ids.add(f"state:{state.name}")
        exit = _exit(state, visit)
        if exit:
            self.ids.add(exit)
        if isinstance(state, ErrorHandlingState):
            self._error_handling(state, visit, exit)
        elif isinstance(state, Choice) and visit.exited is None and visit.execution_failed and state.next is None:
            self.ids.add(f"unhandled:{state.name}")
        self.visits.append(visit)
        self.exits.append(exit)

    def _error_handling(self, state: ErrorHandlingState, visit: Visit, exit: str) -> None:
        """Count the retriers, and the errors that nothing handled."""
        retries = [0] * len(state.retriers)
        last = len(visit.attempts) - 1
        for number, attempt in enumerate(visit.attempts):
            if attempt.expired:
                self.ids.add(f"{attempt.expired}:{state.name}")
            if not attempt.failed:
                continue
            self._inside(state, attempt)
            index = first_taker(state.retriers, attempt.error, attempt.alias)
            redriven = number < last and visit.attempts[number + 1].redrives != attempt.redrives
            if number < last and not redriven:
                if index is not None:
                    retries[index] += 1
                continue
            if index is None or retries[index] >= state.retriers[index].max_attempts:
                if index is not None:
                    self.ids.add(f"retry:{state.name}/{index}/exhausted")
                if redriven or visit.exited is None:
                    self.ids.add(f"unhandled:{state.name}")
            retries = [0] * len(state.retriers)  # a redrive begins with all retries
        if visit.exited is not None and visit.attempts and visit.attempts[-1].succeeded and not _is_catcher(exit):
            self._recovered(state, retries)

    def _recovered(self, state: ErrorHandlingState, retries: list[int]) -> None:
        for index, count in enumerate(retries):
            if count == 1:
                self.ids.add(f"retry:{state.name}/{index}/first")
            if count > 1 and count == state.retriers[index].max_attempts:
                self.ids.add(f"retry:{state.name}/{index}/last")

    def _inside(self, state: ErrorHandlingState, attempt: Attempt) -> None:
        if isinstance(state, Map):
            self.ids.add(f"item:{state.name}")
        if isinstance(state, Parallel) and attempt.source is not None:
            for index, branch in enumerate(state.branches):
                if branch.start_at == attempt.source.name:
                    self.ids.add(f"branch:{state.name}/{index}")


def _place(child: Sequence[Visit], before: Sequence[Visit], name: str, index: int) -> None:
    """Put the visits of a child execution inside the visit of its Map."""
    parent = next((visit for visit in reversed(before) if visit.name == name), None)
    for visit in child:
        if visit.parent is None:
            visit.parent, visit.index = parent, index


def _tolerated(visits: Sequence[Visit], states: Mapping[str, State], failed_children: Sequence[str]) -> set[str]:
    """The Maps that succeeded with child executions that failed."""
    succeeded = [
        states[visit.name]
        for visit in visits
        if visit.exited is not None and visit.attempts and visit.attempts[-1].succeeded
    ]
    return {
        f"tolerated:{state.name}"
        for state in succeeded
        if isinstance(state, Map) and state.distributed and state.processor.start_at in failed_children
    }


def _exit(state: State, visit: Visit) -> str:
    if visit.exited is None:
        return ""
    if isinstance(state, Choice):
        return _choice(state, visit)
    if isinstance(state, ErrorHandlingState):
        error = visit.attempts[-1].error if visit.attempts else None
        failed = not visit.attempts or visit.attempts[-1].failed
        # Elsewhere than to Next, it can only have been left by a catcher, even where no event tells of an error.
        if failed or visit.following != state.next:
            alias = visit.attempts[-1].alias if visit.attempts else None
            index = first_taker(state.catchers, error, alias) if error is not None else None
            if index is None or state.catchers[index].next != visit.following:
                index = next((i for i, catcher in enumerate(state.catchers) if catcher.next == visit.following), None)
            return "" if index is None else f"catch:{state.name}/{index}"
    return f"next:{state.name}" if state.next is not None else ""


def _is_catcher(exit: str) -> bool:
    return exit.startswith("catch:")


def _choice(state: Choice, visit: Visit) -> str:
    """The rule that a Choice took; the rules are evaluated again only where two lead to the same state."""
    targets = {f"choice:{state.name}/{index}": branch.next for index, branch in enumerate(state.choices)}
    if state.next is not None:
        targets[f"default:{state.name}"] = state.next
    fitting = [id for id, target in targets.items() if target == visit.following]
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
    value: Any = json.loads(details(visit.entered)["input"])
    return Scope(value, dict, {}, Random(0), lambda: visit.entered["timestamp"].timestamp())
