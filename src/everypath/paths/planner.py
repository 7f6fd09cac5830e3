"""Makes plans that lead to an element of a definition."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator

from everypath.asl.error_catalog import EXCEED_TOLERATED_FAILURE_THRESHOLD, RUNTIME, TIMEOUT, first_taker
from everypath.asl.settings import Constant
from everypath.asl.tree import Choice, ErrorHandlingState, Fail, Map, State, StateGraph, Task
from everypath.paths import tolerance
from everypath.paths.errors import OUTSIDE, ErrorClass, escapes, inner_graphs
from everypath.paths.flow_graph import Exit, FlowGraph
from everypath.paths.plan import Plan, PlannedOutcome
from everypath.paths.tolerance import ItemCounts


class Planner:
    """Makes plans that lead to an element."""

    def __init__(self, flow_graph: FlowGraph) -> None:
        self._atlas = flow_graph

    def to_end(self) -> Plan:
        """The way to a good end on which nothing fails."""
        plan = Plan()
        self._home(plan, self._atlas.graphs[0].graph.start_at)
        return plan

    def leave(self, exit: Exit) -> Plan | None:
        """A plan that takes a transition or a catcher."""
        return self._around(exit.source, lambda plan: self._take(plan, exit), exit)

    def round(self, exit: Exit, rounds: int) -> Plan | None:
        """A plan that takes an exit which leads back, and comes to it again, `rounds` times."""
        way = self._atlas.way(exit.target, exit.source)
        if way is None:
            return None

        def go(plan: Plan) -> None:
            for number in range(rounds):
                self._take(plan, exit)
                if number < rounds - 1:
                    self._takes(plan, way)

        return self._around(exit.source, go, exit)

    def recover(self, state: ErrorHandlingState, one: ErrorClass, retries: int) -> Plan | None:
        """A plan in which a state succeeds after some retries."""
        return self._around(
            state.name, lambda plan: self._fail(plan, state, one.names[0], retries, then=True), self._next(state.name)
        )

    def end(self, state: ErrorHandlingState, one: ErrorClass, expires: str = "") -> Plan | None:
        """A plan in which a state ends with an error of a class, after all its retries."""
        exit = None
        if one.catcher is not None:
            target = state.catchers[one.catcher].next
            exit = Exit(f"catch:{state.name}/{one.catcher}", state.name, target, 0)
        number = 1 if one.retrier is None else state.retriers[one.retrier].max_attempts + 1
        error = TIMEOUT if expires else one.names[0]
        return self._around(
            state.name, lambda plan: self._fail(plan, state, error, number, expires=expires), exit, error
        )

    def no_rule(self, state: Choice) -> Plan | None:
        """A plan in which no rule of a Choice holds, and it has no default."""
        return self._around(
            state.name,
            lambda plan: plan.exits.setdefault(state.name, []).append(""),
            None,
            RUNTIME,
        )

    def inside(self, state: ErrorHandlingState, index: int) -> tuple[Plan, str] | None:
        """A plan in which a branch or an item fails its Parallel or Map, and the error with which it does."""
        graph = inner_graphs(state)[index]
        for one in self._atlas.classes[state.name]:
            for name in one.names:
                threshold = isinstance(state, Map) and state.distributed and name == EXCEED_TOLERATED_FAILURE_THRESHOLD
                if threshold or any(True for _ in escapes(graph, name)):
                    plan = self._end_inside(state, name, one, index)
                    if plan is not None:
                        return plan, name
        return None

    def recover_together(self, covered: Container[str]) -> tuple[Plan, int]:
        """The way to a good end on which each task recovers, if there is a way to recover that is not among `covered`.

        Returns
        -------
        tuple
            The plan, and how many tasks recover.
        """
        plan = self.to_end()
        count = 0
        for name, outcomes in plan.outcomes.items():
            planned = self._untaken_recovery(name, covered)
            if planned is not None:
                outcomes[0] = planned
                count += 1
        return plan, count

    def _untaken_recovery(self, name: str, covered: Container[str]) -> PlannedOutcome | None:
        state = self._atlas.states[name]
        assert isinstance(state, ErrorHandlingState)
        for index, retrier in enumerate(state.retriers):
            one = next((one for one in self._atlas.classes[name] if one.retrier == index), None)
            for suffix, count in (("first", 1), ("last", retrier.max_attempts)):
                possible = one is not None and count >= (1 if suffix == "first" else 2)
                if one is not None and possible and f"retry:{name}/{index}/{suffix}" not in covered:
                    return PlannedOutcome(one.names[0], min(count, retrier.max_attempts))
        return None

    def tolerated(self, state: Map) -> Plan | None:
        """A plan in which one item fails, and the Map succeeds."""
        items = tolerance.tolerated(state) or ItemCounts()

        def fail_one(plan: Plan) -> None:
            plan.needs_items(state, items)
            self._escape(plan, state, EXCEED_TOLERATED_FAILURE_THRESHOLD, 0)
            if items.number > 1:
                self._siblings(plan, state)

        return self._around(state.name, fail_one, self._next(state.name))

    def stalls(self) -> Iterator[Plan]:
        """Plans in which every task takes as long as it may: on the way to the end, with retries, on other ways."""
        yield self._slowly(self.to_end(), retries=False)
        yield self._slowly(self.to_end(), retries=True)
        for exits in self._atlas.graphs[0].exits.values():
            for exit in exits:
                plan = self.leave(exit) if exit.id.startswith(("choice:", "default:")) else None
                if plan is not None:
                    yield self._slowly(plan, retries=True)

    def _slowly(self, plan: Plan, *, retries: bool) -> Plan:
        plan.outcomes = {
            name: [self._slow(name) if retries else PlannedOutcome(expires="slow")] * len(outcomes)
            for name, outcomes in plan.outcomes.items()
        }
        return plan

    def _slow(self, name: str) -> PlannedOutcome:
        state = self._atlas.states[name]
        assert isinstance(state, ErrorHandlingState)
        for one in self._atlas.classes[name]:
            if one.retrier is not None and state.retriers[one.retrier].max_attempts:
                return PlannedOutcome(one.names[0], state.retriers[one.retrier].max_attempts, "slow")
        return PlannedOutcome(expires="slow")

    def _end_inside(self, state: ErrorHandlingState, name: str, one: ErrorClass, index: int) -> Plan | None:
        exit = None
        if one.catcher is not None:
            exit = Exit(f"catch:{state.name}/{one.catcher}", state.name, state.catchers[one.catcher].next, 0)
        number = times(state, name)
        return self._around(state.name, lambda plan: self._fail(plan, state, name, number, index=index), exit, name)

    def _around(self, name: str, act: Callable[[Plan], None], exit: Exit | None, error: str = "") -> Plan | None:
        """The way to a state, what happens there, and the way on: by an exit, or by an error out of its container."""
        flow_graph = self._atlas
        lineage = flow_graph.lineage(name)
        routes = [flow_graph.route(one) for one in lineage]
        if any(route is None for route in routes):
            return None
        plan = Plan()
        self._takes(plan, routes[-1] or [])
        act(plan)
        self._home(plan, exit.target if exit else None)
        failed = exit is None and bool(error)
        for depth in reversed(range(len(lineage) - 1)):
            planned = flow_graph.graph_of(lineage[depth + 1]).graph
            plan, failed, error = self._out_of(lineage[depth], planned, routes[depth] or [], plan, failed, error)
        return plan

    def _out_of(
        self, container: str, planned: StateGraph, route: list[Exit], inner: Plan, failed: bool, error: str
    ) -> tuple[Plan, bool, str]:
        state = self._atlas.states[container]
        assert isinstance(state, ErrorHandlingState)
        plan = Plan()
        self._takes(plan, route)
        self._siblings(plan, state, planned)
        if not failed:
            plan.add(inner)
            following = self._next(container)
            self._home(plan, following.target if following else None)
            return plan, False, ""
        if isinstance(state, Map) and state.distributed:
            error = EXCEED_TOLERATED_FAILURE_THRESHOLD
        items = items_to_fail(state)
        for _ in range(times(state, error) * items.failing):
            plan.add(inner)
        plan.needs_items(state, items)
        catcher = first_taker(state.catchers, error)
        if catcher is not None:
            self._home(plan, state.catchers[catcher].next)
        return plan, catcher is None, error

    def _fail(
        self, plan: Plan, state: ErrorHandlingState, error: str, number: int, *, expires: str = "", then: bool = False,
        index: int | None = None,
    ) -> None:  # fmt: skip
        """Let some attempts of a state fail, and then one succeed."""
        if isinstance(state, Task) or error in OUTSIDE:
            plan.outcomes.setdefault(state.name, []).append(PlannedOutcome(error, number, expires))
            return
        failing: StateGraph | None = None
        items = items_to_fail(state)
        plan.needs_items(state, items)
        for _ in range(number * items.failing):
            failing = self._escape(plan, state, error, index)
        self._siblings(plan, state, None if then else failing)

    def _escape(self, plan: Plan, container: ErrorHandlingState, error: str, index: int | None) -> StateGraph | None:
        """Let one attempt of a Parallel or a Map end with an error; return the flow that it comes from."""
        graphs = inner_graphs(container)
        if isinstance(container, Map) and container.distributed:
            error = _any_escape(self._atlas, container)
        for graph in graphs if index is None else [graphs[index]]:
            for state in escapes(graph, error):
                route = self._atlas.route(state.name)
                if route is None:
                    continue
                self._takes(plan, route)
                if isinstance(state, ErrorHandlingState):
                    self._fail(plan, state, error, times(state, error))
                elif isinstance(state, Choice):
                    plan.exits.setdefault(state.name, []).append("")
                return graph
        return None

    def _siblings(self, plan: Plan, state: ErrorHandlingState, planned: StateGraph | None = None) -> None:
        """The branches of a container go home, but for the one for which something else is planned."""
        for graph in inner_graphs(state):
            if graph is not planned:
                self._home(plan, graph.start_at)

    def _next(self, name: str) -> Exit | None:
        exits = self._atlas.graph_of(name).exits[name]
        return next((exit for exit in exits if exit.id.startswith(("next:", "default:"))), None)

    def _home(self, plan: Plan, name: str | None) -> None:
        """The way from a state to a good end of its flow, with the state that it ends in."""
        exits = list(self._atlas.home(name))
        self._takes(plan, exits)
        last = self._atlas.states.get(exits[-1].target if exits else name or "")
        if last is not None and last.next is None:
            self._succeed(plan, last)

    def _takes(self, plan: Plan, exits: Iterable[Exit]) -> None:
        for exit in exits:
            self._take(plan, exit)

    def _take(self, plan: Plan, exit: Exit) -> None:
        state = self._atlas.states[exit.source]
        if isinstance(state, Choice):
            plan.exits.setdefault(state.name, []).append(exit.id)
        elif exit.id.startswith("catch:") and isinstance(state, ErrorHandlingState):
            one = self._atlas.class_of_catcher(state.name, int(exit.id.rpartition("/")[2]))
            assert one is not None
            self._fail(plan, state, one.names[0], times(state, one.names[0]))
        else:
            self._succeed(plan, state)

    def _succeed(self, plan: Plan, state: State) -> None:
        """Let a visit of a state go well."""
        if isinstance(state, Task):
            plan.outcomes.setdefault(state.name, []).append(PlannedOutcome())
        elif isinstance(state, ErrorHandlingState):
            self._siblings(plan, state)


def items_to_fail(state: ErrorHandlingState) -> ItemCounts:
    """The items of a Map with which it fails; one for what is no Map, and for a Map that cannot fail so."""
    return (tolerance.too_many(state) if isinstance(state, Map) else None) or ItemCounts()


def times(state: ErrorHandlingState, error: str) -> int:
    """How many attempts an error takes until a state gives up."""
    index = first_taker(state.retriers, error)
    return 1 if index is None else state.retriers[index].max_attempts + 1


def _any_escape(flow_graph: FlowGraph, container: Map) -> str:
    """An error that leaves the processor of a Map; those of tasks first, because they need no data."""
    states = container.processor.states.values()
    names = [one.names[0] for state in states for one in flow_graph.classes.get(state.name, ()) if one.catcher is None]
    names += [state.error.value for state in states if isinstance(state, Fail) and isinstance(state.error, Constant)]
    return next((name for name in names if any(True for _ in escapes(container.processor, name))), RUNTIME)
