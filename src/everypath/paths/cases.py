"""Enumerates the cases of a definition: few enough to read, and together they take every element."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from everypath.asl.tree import Map, StateMachine
from everypath.coverage.elements import Element, elements
from everypath.engine.task_call import Tasks
from everypath.history.execution import Execution
from everypath.paths.errors import ErrorClass, Raised, nothing_raised
from everypath.paths.flow_graph import FlowGraph
from everypath.paths.goals import Goal, Goals
from everypath.paths.input_search import InputSearch
from everypath.paths.planner import Planner
from everypath.paths.play import Played, playable
from everypath.paths.tolerance import why_not
from everypath.tasks.scripted_outcomes import Return, Throw

#: Above so many elements a case is left out whose elements others have taken.
MANY = 400
#: How many loops have cases of their own then, and how many cases let all retriers recover at once.
MANY_LOOPS, TOGETHER = 20, 20
_NO_WAY = "no transition that can be taken leads there"
#: What the input is unless told otherwise; it is there to be looked for after an error.
INPUT = {"id": "case"}


@dataclass(frozen=True, slots=True)
class Case:
    """A scripted outcome for each task attempt, and what came of it.

    Parameters
    ----------
    id : str
        The id of the element that it was made for, or ``success`` or ``loop:…``; stable.
    state : str
        The state that it is about.
    what : str
        What happens there.
    errors : tuple of str
        The errors that would all fare like this; the first one was thrown.
    input : JSON data
        What starts the execution.
    outcomes : mapping of str to sequence of Return or Throw
        By state, as ``Machine.run(faults=…)`` takes them.
    covered : frozenset of str
        The elements that the execution took.
    """

    id: str
    state: str
    what: str
    errors: tuple[str, ...]
    input: Any
    outcomes: Mapping[str, Sequence[Return | Throw]]
    execution: Execution
    covered: frozenset[str]
    played: Played = field(repr=False, compare=False)


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
    behind: Tasks | None = None,
) -> Enumeration:
    """Return cases that take every element of a definition that can be taken.

    Parameters
    ----------
    raised : callable
        Says which exceptions the code behind a task can raise.
    rounds : int
        How often a loop is gone round.
    input : JSON data, optional
        The input to begin with; what the states need is added to it.
    behind : Tasks, optional
        Who makes the attempts of Lambda functions that succeed; scripted where it is left out.
    """
    return _Enumerator(tree, raised, rounds, INPUT if input is None else input, behind).run()


class _Enumerator:
    def __init__(self, tree: StateMachine, raised: Raised, rounds: int, value: Any, behind: Tasks | None) -> None:
        self._tree = tree
        self._atlas = FlowGraph(tree, raised)
        self._planner = Planner(self._atlas)
        self._workshop = InputSearch(playable(tree), value, behind)
        self._elements = elements(tree)
        self._goals = Goals(tree, self._atlas, self._planner, self._elements, rounds)
        self._covered: set[str] = set()
        self._reasons: dict[str, str] = {}
        self._cases: list[Case] = []
        self._reduced = False
        self._slowest = 0.0

    def run(self) -> Enumeration:
        many = len(self._elements) > MANY
        if many:
            self._together()
        loops_left = MANY_LOOPS
        for goal in self._goals.all():
            known = goal.id in self._covered
            if goal.id.startswith("loop:"):
                known = many and loops_left <= 0
                loops_left -= 1
            if known and (not goal.always or many):
                self._reduced |= many
                continue
            self._try(goal)
        missing = [one for one in self._elements if one.id not in self._covered]
        unreachable = tuple(Unreachable(one, self._reason(one)) for one in missing)
        return Enumeration(
            self._tree, self._atlas.classes, self._elements, tuple(self._cases), unreachable, self._reduced
        )

    def _together(self) -> None:
        """Let as many retriers as possible recover in one case."""
        for number in range(TOGETHER):
            plan, count = self._planner.recover_together(self._covered)
            if not count:
                return
            before = len(self._covered)
            what = f"{count} states recover after retries"
            self._try(Goal(f"together:{number}", "", what, (), lambda plan=plan: plan))  # type: ignore[misc]
            if len(self._covered) == before:
                return

    def _try(self, goal: Goal) -> None:
        plan = goal.plan()
        if plan is None:
            if not goal.id.startswith(("branch:", "item:")):
                self._reasons.setdefault(goal.id, _NO_WAY)
            return
        played, problem = self._workshop.play(plan, goal.id)
        known = {one.id for one in self._elements}
        if goal.id in known and goal.id not in played.trace.covered:
            ended = f"the execution that was made for it ends {played.execution.status} without it"
            reason = self._limit(goal.id) or problem or ended
            if goal.id == "timeout:":
                self._slowest = max(self._slowest, played.execution.elapsed)
                reason = f"with its tasks as slow as their own limits allow, it was seen to take {self._slowest:g} s"
                self._reasons.pop(goal.id, None)
            self._reasons.setdefault(goal.id, reason)
            return
        self._covered |= played.trace.covered
        self._cases.append(
            Case(self._unused(goal), goal.state, goal.what, goal.errors, played.execution.input,
                 played.scripted_tasks.played, played.execution, played.trace.covered, played)
        )  # fmt: skip

    def _unused(self, goal: Goal) -> str:
        """An id that no case has yet: several classes of errors may come to the same element."""
        known = any(case.id == goal.id for case in self._cases)
        return f"{goal.id} ({goal.errors[0]})" if known and goal.errors else goal.id

    def _limit(self, id: str) -> str | None:
        """Why items cannot make their Map fail, or succeed nevertheless, if that is what an element is about."""
        kind, _, rest = id.partition(":")
        state = self._atlas.states.get(rest.split("/")[0])
        if not isinstance(state, Map) or kind not in ("item", "tolerated", "unhandled", "catch", "retry"):
            return None
        return why_not(state, fails=kind != "tolerated")

    def _reason(self, element: Element) -> str:
        if element.id in self._reasons:
            return self._reasons[element.id]
        kind, _, rest = element.id.partition(":")
        classes = self._atlas.classes.get(element.state, ())
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
        return _NO_WAY
