"""One step of an execution: a state is left with an output, and another one may follow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from everypath.asl.tree import State
from everypath.engine.cursor import Cursor
from everypath.engine.data import limit_exceeded, too_large
from everypath.history.outcome import Failure


@dataclass(frozen=True, slots=True)
class Step:
    """A state's output, and the name of the next state; None at the end."""

    output: Any
    next: str | None


def leave(state: State, cursor: Cursor, output: Any, assigned: dict[str, Any], following: str | None) -> Step | Failure:
    """Leave a state, unless its output is too large: that fails, and nothing can catch it (recorded)."""
    if too_large(cursor.run.text(output)):
        return limit_exceeded(state.name, fatal=True)
    cursor.leave(state, output, assigned)
    return Step(output, following)
