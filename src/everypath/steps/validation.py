"""Asks `everypath.asl` what is wrong with a rendered definition, and tells it by step and field."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from everypath.asl.errors import DefinitionError, Problem
from everypath.asl.parser.definition import parse
from everypath.asl.parser.transitions import DUPLICATE, DUPLICATE_LABEL, END, TARGET
from everypath.asl.parser.variable_scopes import DUPLICATE_VARIABLE
from everypath.steps.errors import StepError

Place = tuple[str | int, ...]

#: What stands for the states inside of a state while it is validated alone.
ANY_STATES = {"StartAt": "Any", "States": {"Any": {"Type": "Succeed"}}}
#: Whether these hold, only all states together show.
_OF_THE_GRAPH = frozenset({DUPLICATE, DUPLICATE_LABEL, DUPLICATE_VARIABLE, END, TARGET})
#: Fields of a state that may be empty for as long as it is not finished.
_FILLED_LATER = (("Choices",), ("Branches",))
_SUBSTITUTION = re.compile(r"\$\{[^}]+\}")


def validate_definition(definition: dict[str, Any]) -> None:
    """Refuse a definition that AWS would refuse.

    Raises
    ------
    StepError
        With everything that is wrong with it.
    """
    _refuse(definition, _problems(definition))


def validate_state(name: str, state: dict[str, Any]) -> None:
    """Refuse a state that AWS would refuse whatever the definition around it is.

    A state that does not say its query language has that of a state machine which is not known yet: it must fit
    one of the two.

    Raises
    ------
    StepError
        With everything that is wrong with it, in the query language that it is nearer to.
    """
    definition = {"StartAt": name, "States": {name: state}}
    problems = _problems_alone(definition)
    if problems and "QueryLanguage" not in state:
        problems = min(problems, _problems_alone({"QueryLanguage": "JSONata", **definition}), key=_distance)
    _refuse(definition, problems)


def _distance(problems: Sequence[Problem]) -> tuple[int, int]:
    """How far a state is from the query language in which it has these problems.

    AWS says of a field of the other language that the QueryLanguage does not support it.
    """
    return sum("QueryLanguage" in problem.message for problem in problems), len(problems)


def _problems_alone(definition: dict[str, Any]) -> list[Problem]:
    return [
        problem
        for problem in _problems(definition)
        if problem.code not in _OF_THE_GRAPH and (problem.path or ())[2:] not in _FILLED_LATER
    ]


def _problems(definition: dict[str, Any]) -> list[Problem]:
    try:
        parse(definition)
    except DefinitionError as error:
        return [problem for problem in error.problems if not _is_taken(problem, definition)]
    return []


def _is_taken(problem: Problem, definition: dict[str, Any]) -> bool:
    """Whether AWS takes what the definition as it stands now has a problem with."""
    path = problem.path or ()
    value = _at(definition, path)
    # A template fills in ``${Name}`` before AWS sees the definition; but what it fills in stays a string.
    is_string = isinstance(value, str) and not problem.message.startswith("Expected value of type")
    return is_string and _SUBSTITUTION.search(value) is not None


def _refuse(definition: dict[str, Any], problems: Sequence[Problem]) -> None:
    lines = [_told(problem, definition) for problem in problems]
    if lines:
        raise StepError(lines[0] if len(lines) == 1 else "\n  ".join([f"{len(lines)} problems", *lines]))


def _told(problem: Problem, definition: dict[str, Any]) -> str:
    """A problem as ``Task 'Call API': Retry[0].MaxAttempts: Minimum value is 0 (got -1)``."""
    path = problem.path or ()
    length = _innermost_state(path)
    label = f"{_at(definition, path[:length])['Type']} {path[length - 1]!r}" if length else "StateMachine"
    inside = path[length:]
    place = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in inside).removeprefix(".")
    value = _at(definition, path)
    got = "" if isinstance(value, (dict, list)) else f" (got {value!r})"
    return ": ".join(filter(None, (label, place, problem.message))) + got


def _innermost_state(path: Place) -> int:
    """How many parts of a place lead to the innermost state that it is in; 0 where it is in none."""
    match path:
        case ("States", _, "Branches", int(), "States", _, *_):
            return 4 + _innermost_state(path[4:])
        case ("States", _, "ItemProcessor", "States", _, *_):
            return 3 + _innermost_state(path[3:])
        case ("States", _, *_):
            return 2
    return 0


def _at(definition: Any, path: Place) -> Any:
    for part in path:
        definition = definition[part]
    return definition
