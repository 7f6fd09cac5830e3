"""The flow of a workflow: choices without a default, loops without a limit."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from everypath.check.checked_definition import CheckedDefinition
from everypath.check.choices import is_exhaustive
from everypath.check.finding import Hit, rule
from everypath.check.view import Data, StateView, reachable_from, successors

#: The words of which a name is made that counts, or says whether there is more to do.
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_COUNTING = frozenset(
    {
        "attempt", "attempts", "continue", "count", "counter", "cursor", "deadline", "exceeded", "exhausted", "expired",
        "index", "iteration", "iterations", "iterator", "left", "limit", "loop", "loops", "marker", "max", "maximum",
        "more", "next", "page", "pages", "remaining", "retries", "retry", "round", "rounds", "tries",
    }
)  # fmt: skip
_LAST_KEY = re.compile(r"(?i)lastEvaluatedKey|exclusiveStartKey|continuationToken|timed?_?out")
#: A number that is compared, and that no loop counts.
_STATUS = re.compile(r"(?i)(code|status)$")
_ARITHMETIC = re.compile(r"<|>|\b\d+\s*=|=\s*-?\d+\b")


@rule("EP301", "warning", "A Choice without Default")
def no_default(checked: CheckedDefinition) -> Iterator[Hit]:
    """Choices that fail with ``States.Runtime`` where no rule matches, which no catcher takes."""
    for state in checked.states:
        if state.type != "Choice" or "Default" in state.data:
            continue
        if not is_exhaustive(state.data.get("Choices"), jsonata=state.jsonata):
            message = "If no rule matches, the execution fails with States.Runtime, which no catcher takes"
            yield Hit(state.place, f"{message}: add a Default, such as a Fail state that says what was expected.")


@rule("EP302", "warning", "A loop without a limit")
def endless_loop(checked: CheckedDefinition) -> Iterator[Hit]:
    """Loops in which nothing counts, in a standard state machine without ``TimeoutSeconds``."""
    if "TimeoutSeconds" in checked.definition or checked.express:
        return
    views = {state.place: state for state in checked.states}
    flows = {state.place[:-1]: state for state in checked.states}
    for state in flows.values():
        for loop in _loops(state.siblings):
            if not any(_bounds(views[(*state.place[:-1], name)], loop) for name in loop):
                message = f"Nothing limits the loop {' → '.join(loop)}: it may go on until the history is full"
                advice = "Count the rounds in a Choice, or set the definition's TimeoutSeconds."
                yield Hit((*state.place[:-1], loop[0]), f"{message} (25,000 events). {advice}")


def _loops(siblings: Mapping[str, Data]) -> list[tuple[str, ...]]:
    """The states of each loop, in the order of the definition; loops that meet are one."""
    after = {
        name: {each for target in successors(data) for each in reachable_from(target, siblings)}
        for name, data in siblings.items()
    }
    loops = (tuple(each for each in siblings if each in after[name] and name in after[each]) for name in siblings)
    return list(dict.fromkeys(loop for loop in loops if loop))


def _bounds(state: StateView, loop: tuple[str, ...]) -> bool:
    """Whether a state ends the loop that it is in after some rounds, as far as the definition alone says.

    It is a Choice that leaves the loop and compares numbers or times, or looks at what is called like a counter, the
    token of a next page, or the first of the items that are left; or a task that waits for an answer in each round.
    """
    resource = state.resource
    if resource is not None and resource.needs_token:
        return True
    if state.type != "Choice" or all(name in loop for name in successors(state.data)):
        return False
    choices = state.data.get("Choices")
    for key, value, variable in _fields(choices):
        if key.startswith(("Numeric", "Timestamp")) and not _STATUS.search(variable):
            return True
        if key == "Condition" and _ARITHMETIC.search(str(value)):
            return True
        if key in ("Variable", "Condition") and _is_counter(str(value)):
            return True
    return False


def _is_counter(text: str) -> bool:
    """Whether a path or a condition reads something that is called like a counter, or the first item of a list."""
    names = re.sub(r"'[^']*'|\"[^\"]*\"", "", text)
    words = {word.casefold() for word in _WORD.findall(names)}
    return bool(words & _COUNTING) or bool(_LAST_KEY.search(names)) or "[0]" in names


def _fields(data: object) -> Iterator[tuple[str, object, str]]:
    """Each field in the rules of a Choice with its value, and the variable that its rule looks at."""
    if isinstance(data, dict):
        for key, value in data.items():
            yield str(key), value, str(data.get("Variable", ""))
            yield from _fields(value)
    elif isinstance(data, list):
        for value in data:
            yield from _fields(value)
