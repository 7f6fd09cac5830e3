"""What each case is made for: the success, each way to leave a state, each loop, the execution's own timeout."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from everypath.asl.error_catalog import HEARTBEAT_TIMEOUT, RUNTIME, TIMEOUT, first_taker
from everypath.asl.tree import Choice, ErrorHandlingState, Map, Parallel, State, StateMachine, Task, all_states
from everypath.coverage.elements import Element
from everypath.paths.errors import ErrorClass, inner_graphs
from everypath.paths.flow_graph import FlowGraph, loops
from everypath.paths.plan import Plan
from everypath.paths.planner import Planner

#: How many ways are tried on which an execution may run into its own timeout.
STALLS = 40


@dataclass(frozen=True, slots=True)
class Goal:
    """What a case is made for.

    Parameters
    ----------
    id, state, what, errors : str, str, str, tuple of str
        What the case will have; see `everypath.paths.cases.Case`.
    plan : callable
        Makes the plan that leads there; None where there is no way.
    always : bool
        Whether it has a case of its own, although another case takes its element.
    """

    id: str
    state: str
    what: str
    errors: tuple[str, ...]
    plan: Callable[[], Plan | None]
    always: bool = False


class Goals:
    """What the cases of a definition are made for.

    Parameters
    ----------
    elements : sequence of Element
        What there is to take.
    rounds : int
        How often a loop is gone round.
    """

    def __init__(
        self, tree: StateMachine, flow_graph: FlowGraph, planner: Planner, elements: Sequence[Element], rounds: int
    ) -> None:
        self._tree = tree
        self._atlas = flow_graph
        self._planner = planner
        self._elements = elements
        self._rounds = rounds

    def all(self) -> list[Goal]:
        """Return all of them, in the order in which they are tried."""
        goals = [Goal("success", "", "nothing fails", (), self._planner.to_end)]
        for state in all_states(self._tree.graph):
            goals += self._of(state)
        for graph_routes in self._atlas.graphs:
            for exit in loops(graph_routes):
                goals.append(
                    Goal(f"loop:{exit.id}", exit.source, f"goes back to {exit.target}, {self._rounds} times", (),
                            lambda exit=exit: self._planner.round(exit, self._rounds), always=True)  # type: ignore[misc]
                )  # fmt: skip
        if self._tree.timeout_seconds is not None:
            goals += [
                Goal("timeout:", "", "the execution times out", (), lambda plan=plan: plan)  # type: ignore[misc]
                for plan in itertools.islice(self._planner.stalls(), STALLS)
            ]
        return goals

    def _of(self, state: State) -> list[Goal]:
        found: list[Goal] = []
        for exit in self._atlas.graph_of(state.name).exits[state.name]:
            if not exit.id.startswith("catch:"):
                what = f"{'default' if exit.id.startswith('default') else 'goes on'} to {exit.target}"
                if exit.id.startswith("choice:"):
                    what = f"rule {exit.id.rpartition('/')[2]} to {exit.target}"
                found.append(
                    Goal(exit.id, state.name, what, (), lambda exit=exit: self._planner.leave(exit))  # type: ignore[misc]
                )
        if isinstance(state, Choice) and state.next is None:
            found.append(
                Goal(f"unhandled:{state.name}", state.name, "no rule holds", (RUNTIME,),
                        lambda: self._planner.no_rule(state))
            )  # fmt: skip
        if isinstance(state, ErrorHandlingState):
            found += self._recoveries(state) + self._ends(state) + self._limits(state) + self._insides(state)
        return found

    def _recoveries(self, state: ErrorHandlingState) -> list[Goal]:
        found = []
        for index, retrier in enumerate(state.retriers):
            one = next((one for one in self._atlas.classes[state.name] if one.retrier == index), None)
            for suffix, retries, what in (
                ("first", 1, "recovers after the first retry"),
                ("last", retrier.max_attempts, "recovers on the last attempt"),
            ):
                if one is None or retrier.max_attempts < 1 or (suffix == "last" and retrier.max_attempts < 2):
                    continue
                found.append(
                    Goal(f"retry:{state.name}/{index}/{suffix}", state.name, what, _alike(self._atlas, state, index),
                            lambda one=one, retries=retries: self._planner.recover(state, one, retries))  # type: ignore[misc]
                )  # fmt: skip
        return found

    def _ends(self, state: ErrorHandlingState) -> list[Goal]:
        """One case for each class of errors."""
        found = []
        for one in self._atlas.classes[state.name]:
            after = f"retrier {one.retrier} gives up, " if one.retrier is not None else ""
            if one.catcher is None:
                id, what = f"unhandled:{state.name}", f"{after}nothing handles it"
            else:
                id = f"catch:{state.name}/{one.catcher}"
                what = f"{after}caught, to {state.catchers[one.catcher].next}"
            found.append(
                Goal(id, state.name, what, one.names, lambda one=one: self._planner.end(state, one), always=True)  # type: ignore[misc]
            )
        return found

    def _limits(self, state: ErrorHandlingState) -> list[Goal]:
        found = []
        if not isinstance(state, Task):
            return []
        for limit, kind, what, alias in (
            (state.timeout_seconds, "timeout", "times out", None),
            (state.heartbeat_seconds, "heartbeat", "misses a heartbeat", HEARTBEAT_TIMEOUT),
        ):
            if limit is not None:
                retrier, catcher = (first_taker(each, TIMEOUT, alias) for each in (state.retriers, state.catchers))
                alone = ErrorClass(retrier, catcher, (TIMEOUT,))
                found.append(
                    Goal(f"{kind}:{state.name}", state.name, what, (TIMEOUT,),
                            lambda alone=alone, kind=kind: self._planner.end(state, alone, kind))  # type: ignore[misc]
                )  # fmt: skip
        return found

    def _insides(self, state: ErrorHandlingState) -> list[Goal]:
        found = []
        for index, graph in enumerate(inner_graphs(state)):
            id = f"branch:{state.name}/{index}" if isinstance(state, Parallel) else f"item:{state.name}"
            what = f"branch {index} ({graph.start_at}) fails" if isinstance(state, Parallel) else "an item fails"

            def plan(index: int = index) -> Plan | None:
                made = self._planner.inside(state, index)
                return made[0] if made else None

            found.append(Goal(id, state.name, what, (), plan))
        if isinstance(state, Map) and any(one.id == f"tolerated:{state.name}" for one in self._elements):
            found.append(
                Goal(f"tolerated:{state.name}", state.name, "a failed item is tolerated", (),
                        lambda: self._planner.tolerated(state))
            )  # fmt: skip
        return found


def _alike(flow_graph: FlowGraph, state: ErrorHandlingState, retrier: int) -> tuple[str, ...]:
    return tuple(name for one in flow_graph.classes[state.name] if one.retrier == retrier for name in one.names)
