"""Makes plans that lead to an element of a definition."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator

from everypath.asl.error_catalog import EXCEED_TOLERATED_FAILURE_THRESHOLD, RUNTIME, TIMEOUT, first_taker
from everypath.asl.settings import Constant
from everypath.asl.tree import Choice, ErrorHandlingState, Fail, Map, State, StateGraph, Task
from everypath.paths.errors import OUTSIDE, ErrorClass, escapes, inner_graphs
from everypath.paths.flow_graph import Exit, FlowGraph
from everypath.paths.plan import Plan, PlannedOutcome
from everypath.paths.tolerance import ItemCounts, items_to_fail, items_to_tolerate


class Planner:
    """Makes plans that lead to an element."""

    def __init__(self, flow_graph: FlowGraph) -> None:
        self._flow_graph = flow_graph

    def succeed(self) -> Plan:
        """A plan in which nothing fails."""
        plan = Plan()
        self._add_route_to_end(plan, self._flow_graph.graphs[0].graph.start_at)
        return plan

    def leave(self, exit: Exit) -> Plan | None:
        """A plan that takes a transition or a catcher."""
        return self._plan_visit(exit.source, lambda plan: self._add_exit(plan, exit), exit)

    def repeat_loop(self, exit: Exit, rounds: int) -> Plan | None:
        """A plan that takes the exit that closes a loop so many times."""
        route = self._flow_graph.route_between(exit.target, exit.source)
        if route is None:
            return None

        def add_rounds(plan: Plan) -> None:
            for number in range(rounds):
                self._add_exit(plan, exit)
                if number < rounds - 1:
                    self._add_exits(plan, route)

        return self._plan_visit(exit.source, add_rounds, exit)

    def recover(self, state: ErrorHandlingState, error_class: ErrorClass, retries: int) -> Plan | None:
        """A plan in which a state succeeds after some retries."""
        error = error_class.names[0]
        return self._plan_visit(
            state.name,
            lambda plan: self._add_failure(plan, state, error, retries, recovers=True),
            self._next_exit(state.name),
        )

    def exhaust(self, state: ErrorHandlingState, error_class: ErrorClass, expires: str = "") -> Plan | None:
        """A plan in which a state ends with an error of a class, after all its retries."""
        retrier = error_class.retrier
        number = 1 if retrier is None else state.retriers[retrier].max_attempts + 1
        error = TIMEOUT if expires else error_class.names[0]
        return self._plan_visit(
            state.name,
            lambda plan: self._add_failure(plan, state, error, number, expires=expires),
            _catcher_exit(state, error_class),
            error,
        )

    def match_no_rule(self, state: Choice) -> Plan | None:
        """A plan in which no rule of a Choice without a default holds."""
        return self._plan_visit(
            state.name, lambda plan: plan.exits.setdefault(state.name, []).append(""), None, RUNTIME
        )

    def fail_inside(self, state: ErrorHandlingState, index: int) -> Plan | None:
        """A plan in which one branch of a Parallel, or an item of a Map, fails the state."""
        graph = inner_graphs(state)[index]
        for error_class in self._flow_graph.classes[state.name]:
            for name in error_class.names:
                threshold = isinstance(state, Map) and state.distributed and name == EXCEED_TOLERATED_FAILURE_THRESHOLD
                if threshold or any(True for _ in escapes(graph, name)):
                    plan = self._fail_branch(state, name, error_class, index)
                    if plan is not None:
                        return plan
        return None

    def recover_together(self, covered: Container[str]) -> tuple[Plan, int]:
        """A plan in which each task with a recovery that is not in `covered` recovers in that way.

        Returns
        -------
        tuple
            The plan, and how many tasks recover.
        """
        plan = self.succeed()
        count = 0
        for name, outcomes in plan.outcomes.items():
            planned = self._uncovered_recovery(name, covered)
            if planned is not None:
                outcomes[0] = planned
                count += 1
        return plan, count

    def _uncovered_recovery(self, name: str, covered: Container[str]) -> PlannedOutcome | None:
        state = self._flow_graph.states[name]
        assert isinstance(state, ErrorHandlingState)
        for index, retrier in enumerate(state.retriers):
            one = next((one for one in self._flow_graph.classes[name] if one.retrier == index), None)
            for suffix, count in (("first", 1), ("last", retrier.max_attempts)):
                possible = one is not None and count >= (1 if suffix == "first" else 2)
                if one is not None and possible and f"retry:{name}/{index}/{suffix}" not in covered:
                    return PlannedOutcome(one.names[0], min(count, retrier.max_attempts))
        return None

    def tolerate(self, state: Map) -> Plan | None:
        """A plan in which one item fails, and the Map succeeds."""
        items = items_to_tolerate(state) or ItemCounts()

        def fail_one(plan: Plan) -> None:
            plan.require_items(state, items)
            self._add_escape(plan, state, EXCEED_TOLERATED_FAILURE_THRESHOLD, 0)
            if items.number > 1:
                self._add_other_branches(plan, state)

        return self._plan_visit(state.name, fail_one, self._next_exit(state.name))

    def slow_plans(self) -> Iterator[Plan]:
        """Plans in which every task takes as long as its limits allow.

        First the plan in which nothing fails, without retries and with all of them; then, with all retries, a plan for
        each exit of a Choice.
        """
        yield self._slow_down(self.succeed(), retries=False)
        yield self._slow_down(self.succeed(), retries=True)
        for exits in self._flow_graph.graphs[0].exits.values():
            for exit in exits:
                plan = self.leave(exit) if exit.id.startswith(("choice:", "default:")) else None
                if plan is not None:
                    yield self._slow_down(plan, retries=True)

    def _slow_down(self, plan: Plan, *, retries: bool) -> Plan:
        plan.outcomes = {
            name: [self._slow_outcome(name) if retries else PlannedOutcome(expires="slow")] * len(outcomes)
            for name, outcomes in plan.outcomes.items()
        }
        return plan

    def _slow_outcome(self, name: str) -> PlannedOutcome:
        state = self._flow_graph.states[name]
        assert isinstance(state, ErrorHandlingState)
        for one in self._flow_graph.classes[name]:
            if one.retrier is not None and state.retriers[one.retrier].max_attempts:
                return PlannedOutcome(one.names[0], state.retriers[one.retrier].max_attempts, "slow")
        return PlannedOutcome(expires="slow")

    def _fail_branch(self, state: ErrorHandlingState, name: str, error_class: ErrorClass, index: int) -> Plan | None:
        number = attempts_to_exhaust(state, name)
        return self._plan_visit(
            state.name,
            lambda plan: self._add_failure(plan, state, name, number, index=index),
            _catcher_exit(state, error_class),
            name,
        )

    def _plan_visit(
        self, name: str, add_visit: Callable[[Plan], None], exit: Exit | None, error: str = ""
    ) -> Plan | None:
        """The route to a state, what happens there, and the route on from it.

        The state is left by an exit, or ends with an error that leaves its flow, and perhaps the containers around it.
        """
        flow_graph = self._flow_graph
        lineage = flow_graph.lineage(name)
        routes = [flow_graph.route(one) for one in lineage]
        if any(route is None for route in routes):
            return None
        plan = Plan()
        self._add_exits(plan, routes[-1] or [])
        add_visit(plan)
        self._add_route_to_end(plan, exit.target if exit else None)
        failed = exit is None and bool(error)
        for depth in reversed(range(len(lineage) - 1)):
            planned = flow_graph.graph_of(lineage[depth + 1]).graph
            plan, failed, error = self._in_container(lineage[depth], planned, routes[depth] or [], plan, failed, error)
        return plan

    def _in_container(
        self, container: str, planned: StateGraph, route: list[Exit], inner: Plan, failed: bool, error: str
    ) -> tuple[Plan, bool, str]:
        """Embed the plan of an inner flow in one of the flow around it; return whether that fails, and with what."""
        state = self._flow_graph.states[container]
        assert isinstance(state, ErrorHandlingState)
        plan = Plan()
        self._add_exits(plan, route)
        self._add_other_branches(plan, state, planned)
        if not failed:
            plan.add(inner)
            following = self._next_exit(container)
            self._add_route_to_end(plan, following.target if following else None)
            return plan, False, ""
        if isinstance(state, Map) and state.distributed:
            error = EXCEED_TOLERATED_FAILURE_THRESHOLD
        items = _failing_items(state)
        for _ in range(attempts_to_exhaust(state, error) * items.failing):
            plan.add(inner)
        plan.require_items(state, items)
        catcher = first_taker(state.catchers, error)
        if catcher is not None:
            self._add_route_to_end(plan, state.catchers[catcher].next)
        return plan, catcher is None, error

    def _add_failure(
        self, plan: Plan, state: ErrorHandlingState, error: str, number: int, *, expires: str = "",
        recovers: bool = False, index: int | None = None,
    ) -> None:  # fmt: skip
        """Let so many attempts of a state fail, and, if it recovers, the next one succeed."""
        if isinstance(state, Task) or error in OUTSIDE:
            plan.outcomes.setdefault(state.name, []).append(PlannedOutcome(error, number, expires))
            return
        failing: StateGraph | None = None
        items = _failing_items(state)
        plan.require_items(state, items)
        for _ in range(number * items.failing):
            failing = self._add_escape(plan, state, error, index)
        self._add_other_branches(plan, state, None if recovers else failing)

    def _add_escape(
        self, plan: Plan, container: ErrorHandlingState, error: str, index: int | None
    ) -> StateGraph | None:
        """Let one attempt of a Parallel or a Map end with an error; return the flow that it comes from."""
        graphs = inner_graphs(container)
        if isinstance(container, Map) and container.distributed:
            error = _item_error(self._flow_graph, container)
        for graph in graphs if index is None else [graphs[index]]:
            for state in escapes(graph, error):
                route = self._flow_graph.route(state.name)
                if route is None:
                    continue
                self._add_exits(plan, route)
                if isinstance(state, ErrorHandlingState):
                    self._add_failure(plan, state, error, attempts_to_exhaust(state, error))
                elif isinstance(state, Choice):
                    plan.exits.setdefault(state.name, []).append("")
                return graph
        return None

    def _add_other_branches(self, plan: Plan, state: ErrorHandlingState, planned: StateGraph | None = None) -> None:
        """Let the branches of a container succeed, but for the one that something else is planned for."""
        for graph in inner_graphs(state):
            if graph is not planned:
                self._add_route_to_end(plan, graph.start_at)

    def _next_exit(self, name: str) -> Exit | None:
        exits = self._flow_graph.graph_of(name).exits[name]
        return next((exit for exit in exits if exit.id.startswith(("next:", "default:"))), None)

    def _add_route_to_end(self, plan: Plan, name: str | None) -> None:
        """Add the route from a state to a successful end of its flow, and the visit of the state that ends it."""
        exits = list(self._flow_graph.route_to_end(name))
        self._add_exits(plan, exits)
        last = self._flow_graph.states.get(exits[-1].target if exits else name or "")
        if last is not None and last.next is None:
            self._add_success(plan, last)

    def _add_exits(self, plan: Plan, exits: Iterable[Exit]) -> None:
        for exit in exits:
            self._add_exit(plan, exit)

    def _add_exit(self, plan: Plan, exit: Exit) -> None:
        """Let a visit of a state leave it by an exit."""
        state = self._flow_graph.states[exit.source]
        if isinstance(state, Choice):
            plan.exits.setdefault(state.name, []).append(exit.id)
        elif exit.id.startswith("catch:") and isinstance(state, ErrorHandlingState):
            one = self._flow_graph.class_of_catcher(state.name, int(exit.id.rpartition("/")[2]))
            assert one is not None
            self._add_failure(plan, state, one.names[0], attempts_to_exhaust(state, one.names[0]))
        else:
            self._add_success(plan, state)

    def _add_success(self, plan: Plan, state: State) -> None:
        """Let a visit of a state succeed."""
        if isinstance(state, Task):
            plan.outcomes.setdefault(state.name, []).append(PlannedOutcome())
        elif isinstance(state, ErrorHandlingState):
            self._add_other_branches(plan, state)


def attempts_to_exhaust(state: ErrorHandlingState, error: str) -> int:
    """How many attempts a state makes until it gives up on an error."""
    index = first_taker(state.retriers, error)
    return 1 if index is None else state.retriers[index].max_attempts + 1


def _catcher_exit(state: ErrorHandlingState, error_class: ErrorClass) -> Exit | None:
    index = error_class.catcher
    if index is None:
        return None
    return Exit(f"catch:{state.name}/{index}", state.name, state.catchers[index].next, 0)


def _failing_items(state: ErrorHandlingState) -> ItemCounts:
    """The items with which a Map fails; one for any other state, and for a Map that its items cannot make fail."""
    return (items_to_fail(state) if isinstance(state, Map) else None) or ItemCounts()


def _item_error(flow_graph: FlowGraph, container: Map) -> str:
    """An error that leaves the processor of a Map, preferably that of a task, because it needs no data."""
    states = container.processor.states.values()
    names = [one.names[0] for state in states for one in flow_graph.classes.get(state.name, ()) if one.catcher is None]
    names += [state.error.value for state in states if isinstance(state, Fail) and isinstance(state.error, Constant)]
    return next((name for name in names if any(True for _ in escapes(container.processor, name))), RUNTIME)
