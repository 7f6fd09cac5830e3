"""The numbers of a Map, which its input may give: MaxConcurrency, the tolerated failures, MaxItems, the batch sizes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from everypath.asl.error_catalog import RUNTIME
from everypath.asl.errors import StateError
from everypath.asl.parser import expressions
from everypath.asl.parser.block import Block
from everypath.asl.scope import Expression, Scope


@dataclass(frozen=True, slots=True)
class NumberAt:
    """A number at a path; digits in a string are a number, too (recorded, ``assign``).

    Parameters
    ----------
    expression : Expression
        Finds the value.
    field, path : str
        What the cause says of a value that is no number.
    integer : bool
        Whether it must be whole.
    minimum, maximum : float
        Its bounds.
    refusal : str
        What the cause says of a number out of bounds.
    error : str
        The error of both.
    """

    expression: Expression
    field: str
    path: str
    integer: bool
    minimum: float
    maximum: float
    refusal: str
    error: str

    def evaluate(self, scope: Scope) -> int | float:
        """Return the number; raises `StateError` where there is none, or one out of bounds."""
        value = self.expression.evaluate(scope)
        found = _number(value, int if self.integer else float)
        if found is None:
            kind = "integer" if self.integer else "float"
            text = value if isinstance(value, str) else json.dumps(value, separators=(",", ":"), ensure_ascii=False)
            raise StateError(
                self.error,
                f'The {self.field}Path field refers to value "{text}" which is not a valid {kind}: {self.path}',
            )
        if not self.minimum <= found <= self.maximum:
            raise StateError(self.error, self.refusal)
        return found


def map_number(
    block: Block,
    field: str,
    *,
    jsonata: bool,
    minimum: float = 0,
    maximum: float,
    path_maximum: float = float("inf"),
    integer: bool = True,
    refusal: str = "",
    error: str = RUNTIME,
) -> Expression | None:
    """Compile a number of a Map, in ``field`` itself, by ``fieldPath``, or by a JSONata expression.

    A number at a path is checked only when the state runs, with a text of its own (recorded, ``distributed_map``);
    `path_maximum` is its upper bound, because the service takes a ``MaxItemsPath`` larger than any ``MaxItems``
    (recorded).
    """
    name = field + "Path"
    if jsonata or name not in block:
        return expressions.number(block, field, jsonata=jsonata, minimum=minimum, maximum=maximum, integer=integer)
    if not block.at_most_one(field, name):
        return None
    found = expressions.path(block, name)
    if found is None:
        return None
    refusal = refusal or f"{field} cannot be negative."
    return NumberAt(found, field, block.get(name), integer, minimum, path_maximum, refusal, error)


def _number(value: Any, kind: type[int] | type[float]) -> int | float | None:
    if isinstance(value, bool) or not isinstance(value, str | int | kind):
        return None
    try:
        return kind(value)
    except ValueError:
        return None
