"""What an expression can see while it is evaluated."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any, Protocol


@dataclass(slots=True)
class Scope:
    """The values that an expression can refer to.

    Parameters
    ----------
    value
        ``$`` in JSONPath; ``$states.input`` in JSONata.
    context
        Returns the context object: ``$$`` in JSONPath, ``$states.context`` in JSONata.
    variables
        Workflow variables by name, without the ``$``.
    random
        The execution's source of randomness, for ``States.UUID``, ``States.MathRandom`` and the like.
    now
        Returns the time of the execution's clock, for ``$now`` and ``$millis`` in JSONata.
    result, error_output
        ``$states.result`` and ``$states.errorOutput``, in the fields that have them.
    has_result, has_error_output
        Whether they exist; ``null`` is a result like any other.
    """

    value: Any
    context: Callable[[], dict[str, Any]]
    variables: Mapping[str, Any]
    random: Random
    now: Callable[[], float]
    result: Any = None
    error_output: Any = None
    has_result: bool = False
    has_error_output: bool = False


class Expression(Protocol):
    """A compiled part of a definition."""

    def evaluate(self, scope: Scope) -> Any:
        """Return the value in `scope`; raises `StateError` where there is none."""
        ...
