"""Scripted faults in words."""

from __future__ import annotations

from itertools import groupby

from everypath.tasks.scripted_outcomes import Faults, Return, Throw


def in_words(faults: Faults) -> str:
    """Such as ``Call API: Throw Busy (2 times), Return``."""
    return "; ".join(
        f"{state}: {', '.join(_counted(word, len(list(alike))) for word, alike in groupby(map(_word, outcomes)))}"
        for state, outcomes in faults.items()
    )


def _word(outcome: Return | Throw) -> str:
    return f"Throw {outcome.error}" if isinstance(outcome, Throw) else "Return"


def _counted(word: str, number: int) -> str:
    return word if number == 1 else f"{word} ({number} times)"
