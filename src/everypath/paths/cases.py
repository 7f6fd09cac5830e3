"""Enumerates the cases of a definition: few enough to read, and together they take every element."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from everypath.asl.tree import Choice, Handling, Map, Parallel, State, StateMachine, Task, all_states
from everypath.engine.call import Tasks
from everypath.engine.execution import Execution
from everypath.paths.elements import Element, elements
from everypath.paths.errors import TIMEOUT, ErrorClass, Raised, inner_flows, nothing_raised
from everypath.paths.plan import Plan, Planner
from everypath.paths.play import Played, playable
from everypath.paths.repair import Workshop
from everypath.paths.routes import Atlas, loops
from everypath.paths.tolerance import why_not
from everypath.tasks.script import Return, Throw

#: Above so many elements a case is left out whose elements others have taken.
MANY = 400
#: How many loops have cases of their own then, and how many cases let all retriers recover at once.
MANY_LOOPS, TOGETHER = 20, 20
_NO_WAY = "no transition that can be taken leads there"
#: How many ways are tried on which an execution may run into its own timeout.
STALLS = 40
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
    taken : frozenset of str
        The elements that the execution took.
    """

    id: str
    state: str
    what: str
    errors: tuple[str, ...]
    input: Any
    outcomes: Mapping[str, Sequence[Return | Throw]]
    execution: Execution
    taken: frozenset[str]
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


@dataclass(frozen=True, slots=True)
class _Target:
    id: str
    state: str
    what: str
    errors: tuple[str, ...]
    plan: Callable[[], Plan | None]
    always: bool = False


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
        self._atlas = Atlas(tree, raised)
        self._planner = Planner(self._atlas)
        self._workshop = Workshop(playable(tree), value, behind)
        self._rounds = rounds
        self._elements = elements(tree)
        self._taken: set[str] = set()
        self._reasons: dict[str, str] = {}
        self._cases: list[Case] = []
        self._reduced = False
        self._slowest = 0.0

    def run(self) -> Enumeration:
        many = len(self._elements) > MANY
        if many:
            self._together()
        loops_left = MANY_LOOPS
        for target in self._targets():
            known = target.id in self._taken
            if target.id.startswith("loop:"):
                known = many and loops_left <= 0
                loops_left -= 1
            if known and (not target.always or many):
                self._reduced |= many
                continue
            self._try(target)
        missing = [one for one in self._elements if one.id not in self._taken]
        unreachable = tuple(Unreachable(one, self._reason(one)) for one in missing)
        return Enumeration(
            self._tree, self._atlas.classes, self._elements, tuple(self._cases), unreachable, self._reduced
        )

    def _together(self) -> None:
        """Let as many retriers as possible recover in one case."""
        for number in range(TOGETHER):
            plan, count = self._planner.recover_together(self._taken)
            if not count:
                return
            before = len(self._taken)
            what = f"{count} states recover after retries"
            self._try(_Target(f"together:{number}", "", what, (), lambda plan=plan: plan))  # type: ignore[misc]
            if len(self._taken) == before:
                return

    def _try(self, target: _Target) -> None:
        plan = target.plan()
        if plan is None:
            if not target.id.startswith(("branch:", "item:")):
                self._reasons.setdefault(target.id, _NO_WAY)
            return
        played, problem = self._workshop.play(plan, target.id)
        known = {one.id for one in self._elements}
        if target.id in known and target.id not in played.trace.taken:
            ended = f"the execution that was made for it ends {played.execution.status} without it"
            reason = self._limit(target.id) or problem or ended
            if target.id == "timeout:":
                self._slowest = max(self._slowest, played.execution.elapsed)
                reason = f"with its tasks as slow as their own limits allow, it was seen to take {self._slowest:g} s"
                self._reasons.pop(target.id, None)
            self._reasons.setdefault(target.id, reason)
            return
        self._taken |= played.trace.taken
        self._cases.append(
            Case(self._unused(target), target.state, target.what, target.errors, played.execution.input,
                 played.director.played, played.execution, played.trace.taken, played)
        )  # fmt: skip

    def _unused(self, target: _Target) -> str:
        """An id that no case has yet: several classes of errors may come to the same element."""
        known = any(case.id == target.id for case in self._cases)
        return f"{target.id} ({target.errors[0]})" if known and target.errors else target.id

    def _targets(self) -> list[_Target]:
        targets = [_Target("success", "", "nothing fails", (), self._planner.to_end)]
        for state in all_states(self._tree.flow):
            targets += self._of(state)
        for flow_map in self._atlas.flows:
            for exit in loops(flow_map):
                targets.append(
                    _Target(f"loop:{exit.id}", exit.source, f"goes back to {exit.target}, {self._rounds} times", (),
                            lambda exit=exit: self._planner.round(exit, self._rounds), always=True)  # type: ignore[misc]
                )  # fmt: skip
        if self._tree.timeout_seconds is not None:
            targets += [
                _Target("timeout:", "", "the execution times out", (), lambda plan=plan: plan)  # type: ignore[misc]
                for plan in itertools.islice(self._planner.stalls(), STALLS)
            ]
        return targets

    def _of(self, state: State) -> list[_Target]:
        found: list[_Target] = []
        for exit in self._atlas.flow_of(state.name).exits[state.name]:
            if not exit.id.startswith("catch:"):
                what = f"{'default' if exit.id.startswith('default') else 'goes on'} to {exit.target}"
                if exit.id.startswith("choice:"):
                    what = f"rule {exit.id.rpartition('/')[2]} to {exit.target}"
                found.append(
                    _Target(exit.id, state.name, what, (), lambda exit=exit: self._planner.leave(exit))  # type: ignore[misc]
                )
        if isinstance(state, Choice) and state.next is None:
            found.append(
                _Target(f"unhandled:{state.name}", state.name, "no rule holds", ("States.NoChoiceMatched",),
                        lambda: self._planner.no_rule(state))
            )  # fmt: skip
        if isinstance(state, Handling):
            found += self._recoveries(state) + self._ends(state) + self._limits(state) + self._insides(state)
        return found

    def _recoveries(self, state: Handling) -> list[_Target]:
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
                    _Target(f"retry:{state.name}/{index}/{suffix}", state.name, what, _alike(self._atlas, state, index),
                            lambda one=one, retries=retries: self._planner.recover(state, one, retries))  # type: ignore[misc]
                )  # fmt: skip
        return found

    def _ends(self, state: Handling) -> list[_Target]:
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
                _Target(id, state.name, what, one.names, lambda one=one: self._planner.end(state, one), always=True)  # type: ignore[misc]
            )
        return found

    def _limits(self, state: Handling) -> list[_Target]:
        found = []
        one = next((one for one in self._atlas.classes[state.name] if TIMEOUT in one.names), None)
        if one is None or not isinstance(state, Task):
            return []
        alone = ErrorClass(one.retrier, one.catcher, (TIMEOUT,))
        for limit, kind, what in (
            (state.timeout_seconds, "timeout", "times out"),
            (state.heartbeat_seconds, "heartbeat", "misses a heartbeat"),
        ):
            if limit is not None:
                found.append(
                    _Target(f"{kind}:{state.name}", state.name, what, (TIMEOUT,),
                            lambda kind=kind: self._planner.end(state, alone, kind))  # type: ignore[misc]
                )  # fmt: skip
        return found

    def _insides(self, state: Handling) -> list[_Target]:
        found = []
        for index, flow in enumerate(inner_flows(state)):
            id = f"branch:{state.name}/{index}" if isinstance(state, Parallel) else f"item:{state.name}"
            what = f"branch {index} ({flow.start_at}) fails" if isinstance(state, Parallel) else "an item fails"

            def plan(index: int = index) -> Plan | None:
                made = self._planner.inside(state, index)
                return made[0] if made else None

            found.append(_Target(id, state.name, what, (), plan))
        if isinstance(state, Map) and any(one.id == f"tolerated:{state.name}" for one in self._elements):
            found.append(
                _Target(f"tolerated:{state.name}", state.name, "a failed item is tolerated", (),
                        lambda: self._planner.tolerated(state))
            )  # fmt: skip
        return found

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


def _alike(atlas: Atlas, state: Handling, retrier: int) -> tuple[str, ...]:
    return tuple(name for one in atlas.classes[state.name] if one.retrier == retrier for name in one.names)
