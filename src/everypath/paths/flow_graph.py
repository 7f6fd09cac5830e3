"""The ways through a flow: how a state is reached, and the quickest way from there to a good end."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, field

from everypath.asl.tree import Choice, ErrorHandlingState, Fail, State, StateGraph, StateMachine
from everypath.paths.errors import ErrorClass, Raised, error_classes, inner_graphs

#: How much a way is shunned: an error is a detour, and a Fail state no good end.
PLAIN, ERROR, BAD_END = 1, 10_000, 10_000_000


@dataclass(frozen=True, slots=True)
class Exit:
    """A transition that a state may be left by; `id` is that of its element."""

    id: str
    source: str
    target: str
    cost: int


@dataclass(slots=True)
class GraphRoutes:
    """A flow with its exits, and where it is.

    Parameters
    ----------
    container : State or None
        The Parallel or Map that it is inside of.
    exits : dict
        By state.
    homeward : dict
        The first exit of the best way from a state to the flow's end; none where it ends or cannot.
    """

    graph: StateGraph
    container: State | None
    exits: dict[str, list[Exit]]
    homeward: dict[str, Exit] = field(default_factory=dict)


class FlowGraph:
    """All flows of a definition.

    Attributes
    ----------
    states : dict
        All states by name, which are unique in a definition.
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
        """The containers that a state is inside of, from the outermost, and the state itself."""
        found = [state]
        while (container := self._graph_of[found[0]].container) is not None:
            found.insert(0, container.name)
        return found

    def route(self, state: str) -> list[Exit] | None:
        """The exits from the start of a state's flow to the state; None where no exit leads there."""
        graph_routes = self._graph_of[state]
        start = graph_routes.graph.start_at
        if start not in self._routes:
            self._routes[start] = _arrivals(graph_routes)
        return _walk_back(self._routes[start], start, state)

    def way(self, source: str, target: str) -> list[Exit] | None:
        """The exits from one state of a flow to another one."""
        return _walk_back(_arrivals(self._graph_of[source], source), source, target)

    def home(self, state: str | None) -> Iterator[Exit]:
        """The exits from a state to a good end of its flow."""
        seen: set[str] = set()
        while state is not None and state not in seen:
            seen.add(state)
            following = self._graph_of[state].homeward.get(state)
            if following is not None:
                yield following
            state = following.target if following is not None else None

    def class_of_catcher(self, state: str, catcher: int) -> ErrorClass | None:
        """The first class that a catcher takes, with as few retries as may be."""
        fitting = [one for one in self.classes[state] if one.catcher == catcher]
        return min(fitting, key=lambda one: one.retrier is not None, default=None)

    def _add(self, graph: StateGraph, container: State | None, raised: Raised) -> None:
        for state in graph.states.values():
            self.states[state.name] = state
            if isinstance(state, ErrorHandlingState):
                self.classes[state.name] = error_classes(state, raised)
        exits = {name: list(self._exits(state)) for name, state in graph.states.items()}
        graph_routes = GraphRoutes(graph, container, exits)
        graph_routes.homeward = _homeward(graph_routes)
        self.graphs.append(graph_routes)
        for state in graph.states.values():
            self._graph_of[state.name] = graph_routes
            for inner in inner_graphs(state):
                self._add(inner, state, raised)

    def _exits(self, state: State) -> Iterator[Exit]:
        if isinstance(state, Choice):
            for index, branch in enumerate(state.choices):
                yield Exit(f"choice:{state.name}/{index}", state.name, branch.next, PLAIN)
            if state.next is not None:
                yield Exit(f"default:{state.name}", state.name, state.next, PLAIN)
        elif state.next is not None:
            yield Exit(f"next:{state.name}", state.name, state.next, PLAIN)
        if isinstance(state, ErrorHandlingState):
            for index, catcher in enumerate(state.catchers):
                if self.class_of_catcher(state.name, index) is not None:
                    yield Exit(f"catch:{state.name}/{index}", state.name, catcher.next, ERROR)


def loops(graph_routes: GraphRoutes) -> list[Exit]:
    """The exits that lead back: to a state from which the flow has come."""
    found: list[Exit] = []
    done: set[str] = set()
    line: list[str] = [graph_routes.graph.start_at]
    stack = [iter(graph_routes.exits[graph_routes.graph.start_at])]
    while stack:
        exit = next(stack[-1], None)
        if exit is None:
            stack.pop()
            done.add(line.pop())
        elif exit.target in line:
            found.append(exit)
        elif exit.target not in done:
            line.append(exit.target)
            stack.append(iter(graph_routes.exits[exit.target]))
    return found


def _arrivals(graph_routes: GraphRoutes, start: str | None = None) -> dict[str, Exit]:
    """For each state the last exit of the best way to it."""
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
            if total < cost.get(exit.target, BAD_END * 100):
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


def _homeward(graph_routes: GraphRoutes) -> dict[str, Exit]:
    incoming: dict[str, list[Exit]] = {name: [] for name in graph_routes.exits}
    for exits in graph_routes.exits.values():
        for exit in exits:
            incoming[exit.target].append(exit)
    cost: dict[str, int] = {}
    queue: list[tuple[int, int, str]] = []
    for number, state in enumerate(graph_routes.graph.states.values()):
        if isinstance(state, Fail) or (state.next is None and not isinstance(state, Choice)):
            cost[state.name] = BAD_END if isinstance(state, Fail) else 0
            heapq.heappush(queue, (cost[state.name], number, state.name))
    best: dict[str, Exit] = {}
    number = len(cost)
    while queue:
        so_far, _, name = heapq.heappop(queue)
        if so_far > cost[name]:
            continue
        for exit in incoming[name]:
            total = so_far + exit.cost
            if total < cost.get(exit.source, BAD_END * 100):
                number += 1
                cost[exit.source], best[exit.source] = total, exit
                heapq.heappush(queue, (total, number, exit.source))
    return best
