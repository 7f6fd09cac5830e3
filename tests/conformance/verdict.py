"""How close an answer came to what is known of AWS: four measures, and the differences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

#: The measures, from the weakest to the strictest.
MEASURES = ("status", "types", "semantic", "full")


@dataclass(frozen=True)
class Difference:
    """One place where an answer is not as expected.

    Parameters
    ----------
    path : str
        Where, such as ``$.events[3].type``.
    kind : str
        ``missing``, ``extra``, ``length``, ``differs`` or ``status``.
    expected, actual : Any
        The two values; None where one of them is not there.
    """

    path: str
    kind: str
    expected: Any
    actual: Any


@dataclass(frozen=True)
class Verdict:
    """The four measures of one case.

    Parameters
    ----------
    status, types, semantic, full : bool
        Which measures are met.
    differences : tuple of Difference
        Where the answer is not as expected.
    note : str
        Why a case could not be brought to a comparison.
    """

    status: bool = False
    types: bool = False
    semantic: bool = False
    full: bool = False
    differences: tuple[Difference, ...] = ()
    note: str = ""

    @classmethod
    def perfect(cls) -> Verdict:
        """Return the verdict on an answer that is as expected in everything."""
        return cls(True, True, True, True)

    def __and__(self, other: Verdict) -> Verdict:
        return Verdict(
            self.status and other.status,
            self.types and other.types,
            self.semantic and other.semantic,
            self.full and other.full,
            self.differences + other.differences,
            self.note or other.note,
        )

    @property
    def reached(self) -> str:
        """The strictest measure that is met, or an empty string."""
        return next((name for name in reversed(MEASURES) if getattr(self, name)), "")
