"""Corrects the typos of a definition, so that each is reported once, with what was probably meant.

A transition to a state that does not exist makes all states behind it unreachable, and a field that does not exist
leaves another one out. The definition is corrected where one name is near, and checked as corrected.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any

from everypath.asl.errors import Problem
from everypath.asl.parser.choice_rule import RULE_FIELDS, TOP_FIELDS
from everypath.asl.parser.definition import MACHINE_FIELDS
from everypath.asl.parser.fields import BY_TYPE, CATCHER, RETRIER
from everypath.asl.parser.map_state import PROCESSOR_FIELDS
from everypath.asl.parser.state import GRAPH_FIELDS
from everypath.asl.parser.transitions import TARGET
from everypath.sam.document import Place

Read = Callable[[dict[str, Any]], list[Problem]]

_UNKNOWN_FIELD = re.compile(r"Field '(.*)' is not supported")
_TRANSITIONS = ("Next", "Default", "StartAt")
#: What is like a name less than this is not meant by it.
_CUTOFF = 0.75


@dataclass(frozen=True, slots=True)
class Corrected:
    """A definition as it was probably meant, and what is wrong with it as it is."""

    definition: dict[str, Any]
    problems: tuple[Problem, ...]


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the name that was probably meant; None where none is near.

    Names that differ in case, spaces and punctuation only are nearest.
    """
    candidates = list(dict.fromkeys(known))
    bare = re.sub(r"[\W_]", "", name).casefold()
    for each in candidates:
        if bare and re.sub(r"[\W_]", "", each).casefold() == bare:
            return each
    found = get_close_matches(name, candidates, n=1, cutoff=_CUTOFF)
    return found[0] if found else None


def correct(definition: dict[str, Any], problems: list[Problem], read: Read) -> Corrected:
    """Return a definition without its typos.

    Parameters
    ----------
    definition : dict
        The definition.
    problems : list of Problem
        The problems of its structure.
    read : callable
        Returns the problems of another definition.
    """
    corrected = copy.deepcopy(definition)
    typos = [typo for each in problems if (typo := _corrected(corrected, each)) is not None]
    if typos:
        problems = [*typos, *read(corrected)]
    return Corrected(corrected, tuple(each for each in problems if not _is_behind(each, problems)))


def _corrected(definition: dict[str, Any], problem: Problem) -> Problem | None:
    """Correct a typo in a definition, and return the problem with what was meant; None where it is none."""
    path = problem.path
    if path is None:
        return None
    holder = _at(definition, path[:-1]) if path else None
    if _leads_nowhere(problem):
        flow = _flow(definition, path)
        target = holder.get(path[-1]) if isinstance(holder, dict) else None
        meant = nearest(target, _unreached_first(flow)) if isinstance(target, str) else None
        if isinstance(holder, dict) and meant is not None:
            holder[path[-1]] = meant
            return _with_hint(problem, meant)
    unknown = _UNKNOWN_FIELD.fullmatch(problem.message)
    block = _at(definition, path)
    if unknown and isinstance(block, dict) and unknown[1] in block:
        meant = nearest(unknown[1], _fields(definition, path) - block.keys())
        if meant is not None:
            items = [(meant if key == unknown[1] else key, value) for key, value in block.items()]
            block.clear()
            block.update(items)
            return _with_hint(problem, meant)
    if path and path[-1] == "Type" and isinstance(holder, dict) and isinstance(holder.get("Type"), str):
        meant = nearest(holder["Type"], BY_TYPE)
        if meant is not None and holder["Type"] not in BY_TYPE:
            holder["Type"] = meant
            return _with_hint(problem, meant)
    return None


def _with_hint(problem: Problem, meant: str) -> Problem:
    return replace(problem, message=f"{problem.message.removesuffix('.')}; did you mean '{meant}'?")


def _leads_nowhere(problem: Problem) -> bool:
    return (
        problem.code == TARGET and bool(problem.path) and problem.path is not None and problem.path[-1] in _TRANSITIONS
    )


def _is_behind(problem: Problem, problems: Iterable[Problem]) -> bool:
    """Whether a state may be unreachable only because a transition of its flow leads nowhere."""
    if problem.code != TARGET or _leads_nowhere(problem) or not problem.path:
        return False
    flow = problem.path[:-2]
    unknown = (each.path for each in problems if _leads_nowhere(each) and "did you mean" not in each.message)
    return any(path is not None and _flow_place(path) == flow for path in unknown)


def _flow_place(path: Place) -> Place:
    """The place of the flow that a transition is in."""
    if path[-1] == "StartAt":
        return path[:-1]
    return path[: max(index for index, key in enumerate(path[:-1]) if key == "States" and index + 1 < len(path))]


def _flow(definition: dict[str, Any], path: Place) -> dict[str, Any]:
    flow = _at(definition, _flow_place(path))
    return flow if isinstance(flow, dict) else {}


def _unreached_first(flow: dict[str, Any]) -> list[str]:
    """The states of a flow, those to which nothing leads before the others."""
    states = flow.get("States")
    names = list(states) if isinstance(states, dict) else []
    reached = {flow.get("StartAt"), *(target for target in _targets(states))}
    return [*(name for name in names if name not in reached), *(name for name in names if name in reached)]


def _targets(data: Any) -> Iterable[Any]:
    if isinstance(data, dict):
        for key, value in data.items():
            if key in _TRANSITIONS and isinstance(value, str):
                yield value
            yield from _targets(value)
    elif isinstance(data, list):
        for value in data:
            yield from _targets(value)


def _fields(definition: dict[str, Any], path: Place) -> frozenset[str]:
    """The fields that the object at a place may have."""
    if not path:
        return MACHINE_FIELDS
    if "Choices" in path:
        return RULE_FIELDS | TOP_FIELDS
    if path[-1] in ("ItemProcessor", "Iterator"):
        return PROCESSOR_FIELDS
    for field, known in (("Retry", RETRIER), ("Catch", CATCHER), ("Branches", GRAPH_FIELDS)):
        if len(path) > 1 and path[-2] == field:
            return known
    data = _at(definition, path)
    return BY_TYPE.get(str(data.get("Type")), frozenset()) if isinstance(data, dict) else frozenset()


def _at(data: Any, path: Place) -> Any:
    for key in path:
        try:
            data = data[key]
        except (KeyError, IndexError, TypeError):
            return None
    return data
