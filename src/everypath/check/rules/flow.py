"""Where a workflow goes: choices without a way out, loops without an end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from everypath.check.checked_definition import CheckedDefinition
from everypath.check.finding import Hit, rule
from everypath.check.view import Data, reached, strings, successors


@rule("EP301", "warning", "A Choice without Default")
def no_default(checked: CheckedDefinition) -> Iterator[Hit]:
    """Choices that fail with ``States.Runtime`` where no rule matches, which no catcher takes."""
    for state in checked.states:
        if state.type == "Choice" and "Default" not in state.data:
            message = "If no rule matches, the execution fails with States.Runtime, which no catcher takes"
            yield Hit(state.place, f"{message}: add a Default, such as a Fail state that says what was expected.")


@rule("EP302", "warning", "A loop with no bound")
def endless_loop(checked: CheckedDefinition) -> Iterator[Hit]:
    """Loops in which nothing counts, in a state machine without ``TimeoutSeconds``."""
    if "TimeoutSeconds" in checked.definition:
        return
    flows = {state.place[:-1]: state for state in checked.states}
    for state in flows.values():
        for loop in _loops(state.siblings):
            if not any(_counts(state.siblings[name]) for name in loop):
                message = f"Nothing limits the loop {' → '.join(loop)}: it may go round until the history is full"
                advice = "Count the rounds in a Choice, or set the definition's TimeoutSeconds."
                yield Hit((*state.place[:-1], loop[0]), f"{message} (25,000 events). {advice}")


def _loops(siblings: Mapping[str, Data]) -> list[tuple[str, ...]]:
    """The states of each loop, in the order of the definition; loops that meet are one."""
    after = {
        name: {each for target in successors(data) for each in reached(target, siblings)}
        for name, data in siblings.items()
    }
    loops = (tuple(each for each in siblings if each in after[name] and name in after[each]) for name in siblings)
    return list(dict.fromkeys(loop for loop in loops if loop))


def _counts(data: Data) -> bool:
    """Whether a Choice compares numbers, as one that counts does; of JSONata's conditions any ordering is taken."""
    if data.get("Type") != "Choice":
        return False
    choices = data.get("Choices")
    keys = _keys(choices)
    ordered = any("<" in text or ">" in text for text, place in strings(choices) if place and place[-1] == "Condition")
    return ordered or any(key.startswith("Numeric") for key in keys)


def _keys(data: object) -> Iterator[str]:
    if isinstance(data, dict):
        for key, value in data.items():
            yield str(key)
            yield from _keys(value)
    elif isinstance(data, list):
        for value in data:
            yield from _keys(value)
