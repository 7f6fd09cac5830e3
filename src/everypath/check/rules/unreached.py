"""Retriers and catchers that no error reaches."""

from __future__ import annotations

from collections.abc import Iterator

from everypath.asl.error_catalog import ALL, takes
from everypath.check.checked_definition import CheckedDefinition
from everypath.check.finding import Hit, rule
from everypath.check.view import Handler


@rule("EP201", "error", "States.ALL is not alone or not last")
def wildcard_place(checked: CheckedDefinition) -> Iterator[Hit]:
    """``States.ALL`` beside other names, or in a retrier or catcher that is not the last; AWS refuses both."""
    for state in checked.states:
        for group in (state.retriers, state.catchers):
            for handler in group:
                if ALL in handler.names and len(handler.names) > 1:
                    message = "States.ALL must be alone in its ErrorEquals: remove the other names, which it includes."
                    yield Hit(handler.named_at(ALL), message)
                elif ALL in handler.names and handler is not group[-1]:
                    message = "States.ALL takes every error from those after it: move this to the end of the list."
                    yield Hit(handler.named_at(ALL), message)


@rule("EP203", "warning", "A retrier, a catcher or a name in it is never reached")
def never_reached(checked: CheckedDefinition) -> Iterator[Hit]:
    """What an earlier retrier or catcher of the same list takes first."""
    for state in checked.states:
        for group in (state.retriers, state.catchers):
            for index, handler in enumerate(group):
                yield from _shadowed(handler, group[:index])


def _shadowed(handler: Handler, earlier: tuple[Handler, ...]) -> Iterator[Hit]:
    shadowed = {name: other for name in handler.names if (other := _taker(name, earlier)) is not None}
    if shadowed and len(shadowed) == len(set(handler.names)):
        other = next(iter(shadowed.values()))
        yield Hit(handler.place, f"Never reached: {_label(other)} takes its errors before. Reorder or remove it.")
        return
    for name, other in shadowed.items():
        message = f"'{name}' is never taken here: {_label(other)} takes it before. Remove the name from one of them."
        yield Hit(handler.named_at(name), message)


def _taker(name: str, earlier: tuple[Handler, ...]) -> Handler | None:
    for other in earlier:
        # The error States.ALL does not exist: only States.ALL takes as much.
        if ALL in other.names if name == ALL else takes(other.names, name):
            return other
    return None


def _label(handler: Handler) -> str:
    kind, index = handler.place[-2:]
    return f"{kind}[{index}] ({', '.join(handler.names)})"
