"""The flow graph of a definition: how each state is reached, and the cheapest route from there to a successful end."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, field

from everypath.asl.tree import Choice, ErrorHandlingState, Fail, State, StateGraph, StateMachine
from everypath.paths.errors import ErrorClass, Raised, error_classes, inner_graphs

#: What a transition costs on a route, what a catcher costs, and what it costs to end in a Fail state.
TRANSITION_COST, CATCHER_COST, FAIL_COST = 1, 10_000, 10_000_000


@dataclass(frozen=True, slots=True)
class Exit:
    """A transition out of a state; `id` is that of its element."""

    id: str
    source: str
    target: str
    cost: int


@dataclass(slots=True)
class GraphRoutes:
    """One flow of a definition: its states, their exits, and the container it belongs to.

    Parameters
    ----------
    container : State or None
        The Parallel or Map whose flow it is; None for the definition's own.
    exits : dict
        The exits of each state.
    exits_to_end : dict
        The first exit on the cheapest route from a state to the end of the flow; a state that ends the flow, or from
        which no route leads there, has none.
    """

    graph: StateGraph
    container: State | None
    exits: dict[str, list[Exit]]
    exits_to_end: dict[str, Exit] = field(default_factory=dict)


class FlowGraph:
    """All flows of a definition, and the routes through them.

    Attributes
    ----------
    states : dict
        All states by name; names are unique in a definition.
    classes : dict
        The error classes of each state that handles errors.
    """

    def __init__(self, tree: StateMachine, raised: Raised) -> None:
        self.states: dict[str, State] = {}
        self.classes: dict[str, tuple[ErrorClass, ...]] = {}
        self.graphs: list[GraphRoutes] = []
        self._graph_of: dict[str, GraphRoutes] = {}
        self._routes: dict[str, dict[str, Exit]] = {}
        self._add(tree.graph, None, raised)

    def graph_of(self, state: str) -> GraphRoutes:
        """The flow that a state is in."""
        return self._graph_of[state]

    def lineage(self, state: str) -> list[str]:
        """The containers around a state, the outermost first, and the state itself."""
        names = [state]
        while (container := self._graph_of[names[0]].container) is not None:
            names.insert(0, container.name)
        return names

    def route(self, state: str) -> list[Exit] | None:
        """The exits from the start of a state's flow to the state; None where no exit leads there."""
        graph_routes = self._graph_of[state]
        start = graph_routes.graph.start_at
        if start not in self._routes:
            self._routes[start] = _arrivals(graph_routes)
        return _walk_back(self._routes[start], start, state)

    def route_between(self, source: str, target: str) -> list[Exit] | None:
        """The exits from one state of a flow to another; None where no route leads there."""
        return _walk_back(_arrivals(self._graph_of[source], source), source, target)

    def route_to_end(self, state: str | None) -> Iterator[Exit]:
        """The exits from a state to a successful end of its flow."""
        seen: set[str] = set()
        while state is not None and state not in seen:
            seen.add(state)
            following = self._graph_of[state].exits_to_end.get(state)
            if following is not None:
                yield following
            state = following.target if following is not None else None

    def class_of_catcher(self, state: str, catcher: int) -> ErrorClass | None:
        """A class of errors that a catcher takes, preferably one without retries; None where it takes none."""
        candidates = [one for one in self.classes[state] if one.catcher == catcher]
        return min(candidates, key=lambda one: one.retrier is not None, default=None)

    def _add(self, graph: StateGraph, container: State | None, raised: Raised) -> None:
        for state in graph.states.values():
            self.states[state.name] = state
            if isinstance(state, ErrorHandlingState):
                self.classes[state.name] = error_classes(state, raised)
        exits = {name: list(self._exits(state)) for name, state in graph.states.items()}
        graph_routes = GraphRoutes(graph, container, exits)
        graph_routes.exits_to_end = _exits_to_end(graph_routes)
        self.graphs.append(graph_routes)
        for state in graph.states.values():
            self._graph_of[state.name] = graph_routes
            for inner in inner_graphs(state):
                self._add(inner, state, raised)

    def _exits(self, state: State) -> Iterator[Exit]:
        if isinstance(state, Choice):
            for index, branch in enumerate(state.choices):
                yield Exit(f"choice:{state.name}/{index}", state.name, branch.next, TRANSITION_COST)
            if state.next is not None:
                yield Exit(f"default:{state.name}", state.name, state.next, TRANSITION_COST)
        elif state.next is not None:
            yield Exit(f"next:{state.name}", state.name, state.next, TRANSITION_COST)
        if isinstance(state, ErrorHandlingState):
            for index, catcher in enumerate(state.catchers):
                if self.class_of_catcher(state.name, index) is not None:
                    yield Exit(f"catch:{state.name}/{index}", state.name, catcher.next, CATCHER_COST)


def loops(graph_routes: GraphRoutes) -> list[Exit]:
    """The exits that close a loop: those to a state that the route has already passed."""
    closing: list[Exit] = []
    done: set[str] = set()
    route: list[str] = [graph_routes.graph.start_at]
    stack = [iter(graph_routes.exits[graph_routes.graph.start_at])]
    while stack:
        exit = next(stack[-1], None)
        if exit is None:
            stack.pop()
            done.add(route.pop())
        elif exit.target in route:
            closing.append(exit)
        elif exit.target not in done:
            route.append(exit.target)
            stack.append(iter(graph_routes.exits[exit.target]))
    return closing


def _arrivals(graph_routes: GraphRoutes, start: str | None = None) -> dict[str, Exit]:
    """The last exit on the cheapest route to each state."""
    start = start or graph_routes.graph.start_at
    cost = {start: 0}
    arrivals: dict[str, Exit] = {}
    queue = [(0, 0, start)]
    number = 0
    while queue:
        so_far, _, name = heapq.heappop(queue)
        if so_far > cost[name]:
            continue
        for exit in graph_routes.exits[name]:
            total = so_far + exit.cost
            if total < cost.get(exit.target, FAIL_COST * 100):
                number += 1
                cost[exit.target], arrivals[exit.target] = total, exit
                heapq.heappush(queue, (total, number, exit.target))
    return arrivals


def _walk_back(arrivals: dict[str, Exit], start: str, state: str) -> list[Exit] | None:
    route: list[Exit] = []
    while state != start:
        if state not in arrivals:
            return None
        route.insert(0, arrivals[state])
        state = arrivals[state].source
    return route


def _exits_to_end(graph_routes: GraphRoutes) -> dict[str, Exit]:
    incoming: dict[str, list[Exit]] = {name: [] for name in graph_routes.exits}
    for exits in graph_routes.exits.values():
        for exit in exits:
            incoming[exit.target].append(exit)
    cost: dict[str, int] = {}
    queue: list[tuple[int, int, str]] = []
    for number, state in enumerate(graph_routes.graph.states.values()):
        if isinstance(state, Fail) or (state.next is None and not isinstance(state, Choice)):
            cost[state.name] = FAIL_COST if isinstance(state, Fail) else 0
            heapq.heappush(queue, (cost[state.name], number, state.name))
    best: dict[str, Exit] = {}
    number = len(cost)
    while queue:
        so_far, _, name = heapq.heappop(queue)
        if so_far > cost[name]:
            continue
        for exit in incoming[name]:
            total = so_far + exit.cost
            if total < cost.get(exit.source, FAIL_COST * 100):
                number += 1
                cost[exit.source], best[exit.source] = total, exit
                heapq.heappush(queue, (total, number, exit.source))
    return best
