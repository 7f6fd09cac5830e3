"""Enumerates the cases of a definition: few enough to read, and together they take every element."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from everypath.asl.error_catalog import (
    EXCEED_TOLERATED_FAILURE_THRESHOLD,
    HEARTBEAT_TIMEOUT,
    RUNTIME,
    TIMEOUT,
    first_taker,
)
from everypath.asl.tree import (
    Choice,
    ErrorHandlingState,
    Map,
    Parallel,
    State,
    StateMachine,
    Task,
    all_states,
)
from everypath.coverage.elements import Element, elements
from everypath.engine.task_call import Tasks
from everypath.history.execution import Execution
from everypath.paths.case_data import GivenData
from everypath.paths.errors import ErrorClass, Raised, inner_graphs, nothing_raised
from everypath.paths.flow_graph import FlowGraph, loops
from everypath.paths.input_search import InputSearch, SearchResult
from everypath.paths.places import MISSING, plain
from everypath.paths.plan import Plan
from everypath.paths.plan_runner import PlanRun
from everypath.paths.planner import Planner
from everypath.paths.tolerance import reason_not_to_fail, reason_not_to_tolerate
from everypath.paths.tracking import Undecided
from everypath.tasks.scripted_outcomes import Return, Throw

#: Above so many elements, a case is left out whose elements others have taken.
MANY_ELEMENTS = 400
#: How many loops have cases of their own then, and in how many cases as many retriers as possible recover at once.
MANY_LOOPS, COMBINED_CASES = 20, 20
#: How often plans are run again because something was learned of their data.
PASSES = 5
#: How many plans are tried in which an execution may run into its own timeout.
TIMEOUT_PLANS = 40
_NO_ROUTE = "no transition that can be taken leads there"


@dataclass(frozen=True, slots=True)
class Case:
    """A scripted outcome for each task attempt, and the execution that they lead to.

    Parameters
    ----------
    id : str
        The id of the element that it was made for, or ``success`` or ``loop:…``; stable.
    state : str
        The state that it is about.
    what : str
        What happens there.
    errors : tuple of str
        Equivalent errors: the same retrier and the same catcher take them. The first one was thrown.
    input : JSON data
        The input of the execution.
    outcomes : mapping of str to sequence of Return or Throw
        By state, as ``Machine.run(faults=…)`` takes them.
    covered : frozenset of str
        The elements that the execution took; if it is undecided, those that it took before that.
    undecided : Undecided or None
        What failed because of data that could not be found: how the execution ends then means nothing.
    """

    id: str
    state: str
    what: str
    errors: tuple[str, ...]
    input: Any
    outcomes: Mapping[str, Sequence[Return | Throw]]
    execution: Execution
    covered: frozenset[str]
    plan_run: PlanRun = field(repr=False, compare=False)
    undecided: Undecided | None = None


@dataclass(frozen=True, slots=True)
class Unreachable:
    """An element that no case takes, and why."""

    element: Element
    reason: str


@dataclass(frozen=True, slots=True)
class Enumeration:
    """The cases of a definition.

    Parameters
    ----------
    classes : mapping of str to tuple of ErrorClass
        The errors of each state that handles errors.
    reduced : bool
        Whether cases were left out because there would be too many.
    """

    tree: StateMachine
    classes: Mapping[str, tuple[ErrorClass, ...]]
    elements: tuple[Element, ...]
    cases: tuple[Case, ...]
    unreachable: tuple[Unreachable, ...]
    reduced: bool


def enumerate_cases(
    tree: StateMachine,
    *,
    raised: Raised = nothing_raised,
    rounds: int = 2,
    input: Any = None,
    results: Mapping[str, Sequence[Any]] | None = None,
    real_tasks: Tasks | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Enumeration:
    """Return cases that take every element of a definition that can be taken.

    Parameters
    ----------
    raised : callable
        Returns the names of the exceptions that the code behind a task can raise.
    rounds : int
        How many times the case of a loop goes round it.
    input : JSON data, optional
        The input to begin with; what the states need is added to it.
    results : mapping of str to sequence, optional
        Real results of tasks by state, one for each visit; the last one is that of all further visits.
    real_tasks : Tasks, optional
        Makes the attempts of Lambda functions that succeed; scripted where it is left out.
    progress : callable, optional
        Called now and then with how many elements are taken, and of how many.
    """
    given = GivenData(MISSING if input is None else input, results or {})
    return _Enumerator(tree, raised, rounds, given, real_tasks, progress).run()


@dataclass(frozen=True, slots=True)
class _Goal:
    """What a case is made for.

    Parameters
    ----------
    id, state, what, errors : str, str, str, tuple of str
        Those of the case.
    plan : callable
        Makes the plan that leads there; it returns None where no route does.
    always : bool
        Whether it has a case of its own even if another case takes its element.
    """

    id: str
    state: str
    what: str
    errors: tuple[str, ...]
    plan: Callable[[], Plan | None]
    always: bool = False


@dataclass(slots=True)
class _Attempt:
    """A goal, the plan that leads there, and what came of it."""

    goal: _Goal
    plan: Plan
    result: SearchResult

    @property
    def covered(self) -> frozenset[str]:
        """The elements that count as taken."""
        trace = self.result.run.trace
        if self.result.undecided is None:
            return trace.covered
        ids: set[str] = set()
        for visit, exit in zip(trace.visits, trace.exits, strict=True):
            ids.add(f"state:{visit.name}")
            if visit.name == self.result.undecided.state:
                break
            ids.add(exit)
        return trace.covered & ids


class _Enumerator:
    def __init__(
        self, tree: StateMachine, raised: Raised, rounds: int, given: GivenData, real_tasks: Tasks | None,
        progress: Callable[[int, int], None] | None,
    ) -> None:  # fmt: skip
        self._tree = tree
        self._flow_graph = FlowGraph(tree, raised)
        self._planner = Planner(self._flow_graph)
        self._search = InputSearch(tree, given, real_tasks)
        self._elements = elements(tree)
        self._element_ids = frozenset(one.id for one in self._elements)
        self._rounds = rounds
        self._progress = progress or (lambda covered, number: None)
        self._covered: set[str] = set()
        self._reasons: dict[str, str] = {}
        self._attempts: list[_Attempt] = []
        self._reduced = False
        self._slowest = 0.0

    def run(self) -> Enumeration:
        many = len(self._elements) > MANY_ELEMENTS
        if many:
            self._recover_together()
        loops_left = MANY_LOOPS
        for goal in _goals(self._tree, self._flow_graph, self._planner, self._element_ids, self._rounds):
            taken = goal.id in self._covered
            if goal.id.startswith("loop:"):
                taken = many and loops_left <= 0
                loops_left -= 1
            if taken and (not goal.always or many):
                self._reduced |= many
                continue
            self._add_case(goal)
            self._progress(len(self._covered & self._element_ids), len(self._elements))
        self._run_again()
        cases = self._cases()
        missing = [one for one in self._elements if one.id not in self._covered]
        reasons = {one.id: self._reason(one) for one in missing}
        unreachable = tuple(Unreachable(one, self._root_cause(one, reasons)) for one in missing)
        return Enumeration(self._tree, self._flow_graph.classes, self._elements, cases, unreachable, self._reduced)

    def _run_again(self) -> None:
        """Run the plans again of whose data something was learned since; stop when there is nothing new."""
        for _ in range(PASSES):
            stale = [one for one in self._attempts if self._search.learned_since(one.result)]
            for attempt in stale:
                attempt.result = self._search.run(attempt.plan, attempt.goal.id, attempt.result.decisions)
            if not stale:
                break
        self._covered = set()
        for attempt in self._attempts:
            if self._reached(attempt):
                self._covered |= attempt.covered
        for attempt in self._attempts:
            if not self._reached(attempt):
                self._note_reason(attempt)

    def _cases(self) -> tuple[Case, ...]:
        cases: list[Case] = []
        taken: set[str] = set()
        for attempt in self._attempts:
            goal, run = attempt.goal, attempt.result.run
            if not self._reached(attempt):
                continue
            used = goal.id in taken
            id = f"{goal.id} ({goal.errors[0]})" if used and goal.errors else goal.id
            taken.add(goal.id)
            cases.append(
                Case(
                    id=id,
                    state=goal.state,
                    what=goal.what,
                    errors=goal.errors,
                    input=plain(run.execution.input),
                    outcomes=run.scripted_tasks.outcomes,
                    execution=run.execution,
                    covered=attempt.covered,
                    plan_run=run,
                    undecided=attempt.result.undecided,
                )
            )
        return tuple(cases)

    def _recover_together(self) -> None:
        """Let as many retriers as possible recover in one case, until no case takes more elements."""
        for number in range(COMBINED_CASES):
            plan, count = self._planner.recover_together(self._covered)
            if not count:
                return
            before = len(self._covered)
            what = f"{count} states recover after retries"
            self._add_case(_Goal(f"together:{number}", "", what, (), _returning(plan)))
            if len(self._covered) == before:
                return

    def _add_case(self, goal: _Goal) -> None:
        """Add a case for a goal, or note why there is none."""
        plan = goal.plan()
        if plan is None:
            if not goal.id.startswith(("branch:", "item:")):
                self._reasons.setdefault(goal.id, _NO_ROUTE)
            return
        attempt = _Attempt(goal, plan, self._search.run(plan, goal.id))
        self._attempts.append(attempt)
        if self._reached(attempt):
            self._covered |= attempt.covered

    def _reached(self, attempt: _Attempt) -> bool:
        """Whether a case takes the element that it was made for."""
        return attempt.goal.id not in self._element_ids or attempt.goal.id in attempt.covered

    def _note_reason(self, attempt: _Attempt) -> None:
        """Remember why an element is not taken by the case that was made for it."""
        id, result = attempt.goal.id, attempt.result
        execution = result.run.execution
        if id == "timeout:":
            self._slowest = max(self._slowest, execution.elapsed)
            self._reasons[id] = (
                f"with its tasks as slow as their own limits allow, it was seen to take {self._slowest:g} s"
            )
            return
        undecided = "" if result.undecided is None else str(result.undecided)
        ended = f"the execution that was made for it ends {execution.status} without it"
        self._reasons.setdefault(id, self._tolerance_reason(id) or undecided or result.reason or ended)

    def _tolerance_reason(self, id: str) -> str | None:
        """Why a Map cannot fail because of its items, or succeed with a failed one, if an element is about that."""
        kind, _, rest = id.partition(":")
        state = self._flow_graph.states.get(rest.split("/")[0])
        if not isinstance(state, Map) or kind not in ("item", "tolerated", "unhandled", "catch", "retry"):
            return None
        return reason_not_to_tolerate(state) if kind == "tolerated" else reason_not_to_fail(state)

    def _root_cause(self, element: Element, reasons: Mapping[str, str]) -> str:
        """The reason of an element; where it is that no route leads there, why the routes before it are not taken."""
        waiting, seen = [element.state], {element.state}
        while reasons[element.id] == _NO_ROUTE and waiting:
            state = waiting.pop(0)
            if state not in self._flow_graph.states:
                break
            graph = self._flow_graph.graph_of(state)
            exits = [exit for exits in graph.exits.values() for exit in exits if exit.target == state]
            for exit in exits:
                if reasons.get(exit.id, _NO_ROUTE) != _NO_ROUTE:
                    return reasons[exit.id]
            before = [exit.source for exit in exits]
            if graph.container is not None and graph.graph.start_at == state:
                before.append(graph.container.name)
            waiting += [one for one in before if one not in seen]
            seen.update(before)
        return reasons[element.id]

    def _reason(self, element: Element) -> str:
        if element.id in self._reasons:
            return self._reasons[element.id]
        kind, _, rest = element.id.partition(":")
        classes = self._flow_graph.classes.get(element.state, ())
        if kind == "retry":
            index = int(rest.split("/")[-2])
            if all(one.retrier != index for one in classes):
                return "no error reaches it: none that is considered has its names, or an earlier retrier takes them"
        if kind == "catch" and all(one.catcher != int(rest.rpartition("/")[2]) for one in classes):
            return "no error reaches it: none that is considered has its names, or an earlier catcher takes them"
        if kind == "unhandled" and classes and all(one.catcher is not None for one in classes):
            return "its catchers take every error"
        if kind in ("branch", "item", "unhandled") and not classes:
            return "nothing inside it can fail with an error that leaves it"
        if kind in ("branch", "item"):
            return "every error inside it is handled there"
        return _NO_ROUTE


def _goals(
    tree: StateMachine, flow_graph: FlowGraph, planner: Planner, element_ids: frozenset[str], rounds: int
) -> Iterator[_Goal]:
    """What the cases of a definition are made for, in the order in which they are enumerated."""
    yield _Goal("success", "", "nothing fails", (), planner.succeed)
    for state in all_states(tree.graph):
        yield from _exit_goals(state, flow_graph, planner)
        if isinstance(state, ErrorHandlingState):
            classes = flow_graph.classes[state.name]
            yield from _recovery_goals(state, classes, planner)
            yield from _error_goals(state, classes, planner, flow_graph)
            yield from _expiry_goals(state, planner)
            yield from _inner_goals(state, element_ids, planner)
    for graph_routes in flow_graph.graphs:
        for exit in loops(graph_routes):
            what = f"goes back to {exit.target}, {rounds} times"
            plan = partial(planner.repeat_loop, exit, rounds)
            yield _Goal(f"loop:{exit.id}", exit.source, what, (), plan, always=True)
    if tree.timeout_seconds is not None:
        for slow_plan in itertools.islice(planner.slow_plans(), TIMEOUT_PLANS):
            yield _Goal("timeout:", "", "the execution times out", (), _returning(slow_plan))


def _returning(plan: Plan) -> Callable[[], Plan | None]:
    return lambda: plan


def _exit_goals(state: State, flow_graph: FlowGraph, planner: Planner) -> Iterator[_Goal]:
    """One case for each transition, and for a Choice without a default one in which no rule holds."""
    for exit in flow_graph.graph_of(state.name).exits[state.name]:
        if not exit.id.startswith("catch:"):
            what = f"{'default' if exit.id.startswith('default') else 'goes on'} to {exit.target}"
            if exit.id.startswith("choice:"):
                what = f"rule {exit.id.rpartition('/')[2]} to {exit.target}"
            yield _Goal(exit.id, state.name, what, (), partial(planner.leave, exit))
    if isinstance(state, Choice) and state.next is None:
        plan = partial(planner.match_no_rule, state)
        yield _Goal(f"unhandled:{state.name}", state.name, "no rule holds", (RUNTIME,), plan)


def _recovery_goals(state: ErrorHandlingState, classes: Sequence[ErrorClass], planner: Planner) -> Iterator[_Goal]:
    """Two cases for each retrier: it recovers after the first retry, and on the last attempt."""
    for index, retrier in enumerate(state.retriers):
        retried = [one for one in classes if one.retrier == index]
        errors = tuple(name for one in retried for name in one.names)
        for suffix, retries, what in (
            ("first", 1, "recovers after the first retry"),
            ("last", retrier.max_attempts, "recovers on the last attempt"),
        ):
            if retried and retrier.max_attempts >= (1 if suffix == "first" else 2):
                plan = partial(planner.recover, state, retried[0], retries)
                yield _Goal(f"retry:{state.name}/{index}/{suffix}", state.name, what, errors, plan)


def _error_goals(
    state: ErrorHandlingState, classes: Sequence[ErrorClass], planner: Planner, flow_graph: FlowGraph
) -> Iterator[_Goal]:
    """One case for each class of errors."""
    for one in classes:
        after = f"retrier {one.retrier} gives up, " if one.retrier is not None else ""
        if one.catcher is None:
            id, what = f"unhandled:{state.name}", f"{after}{_handled_around(state, one.names[0], flow_graph)}"
        else:
            id = f"catch:{state.name}/{one.catcher}"
            what = f"{after}caught, to {state.catchers[one.catcher].next}"
        yield _Goal(id, state.name, what, one.names, partial(planner.exhaust, state, one), always=True)


def _handled_around(state: State, error: str, flow_graph: FlowGraph) -> str:
    """What becomes of an error that a state lets through: a catcher of a state around it may take it."""
    for name in reversed(flow_graph.lineage(state.name)[:-1]):
        container = flow_graph.states[name]
        assert isinstance(container, ErrorHandlingState)
        if isinstance(container, Map) and container.distributed:
            error = EXCEED_TOLERATED_FAILURE_THRESHOLD
        if first_taker(container.catchers, error) is not None:
            return f"{name} catches it"
    return "nothing handles it"


def _expiry_goals(state: ErrorHandlingState, planner: Planner) -> Iterator[_Goal]:
    """One case for each limit of a task."""
    if not isinstance(state, Task):
        return
    for limit, kind, what, alias in (
        (state.timeout_seconds, "timeout", "times out", None),
        (state.heartbeat_seconds, "heartbeat", "misses a heartbeat", HEARTBEAT_TIMEOUT),
    ):
        if limit is not None:
            retrier, catcher = (first_taker(takers, TIMEOUT, alias) for takers in (state.retriers, state.catchers))
            timeout = ErrorClass(retrier, catcher, (TIMEOUT,))
            plan = partial(planner.exhaust, state, timeout, kind)
            yield _Goal(f"{kind}:{state.name}", state.name, what, (TIMEOUT,), plan)


def _inner_goals(state: ErrorHandlingState, element_ids: frozenset[str], planner: Planner) -> Iterator[_Goal]:
    """One case for each branch or item that fails its state, and one for an item that a Map tolerates."""
    for index, graph in enumerate(inner_graphs(state)):
        id = f"branch:{state.name}/{index}" if isinstance(state, Parallel) else f"item:{state.name}"
        what = f"branch {index} ({graph.start_at}) fails" if isinstance(state, Parallel) else "an item fails"
        yield _Goal(id, state.name, what, (), partial(planner.fail_inside, state, index))
    tolerated = f"tolerated:{state.name}"
    if isinstance(state, Map) and tolerated in element_ids:
        yield _Goal(tolerated, state.name, "a failed item is tolerated", (), partial(planner.tolerate, state))
