"""The cases in which everypath is known not to do what AWS does, and whether the list of them is true."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.conformance.results import Result

#: Those among the project's own cases.
KNOWN_DIVERGENCES = Path(__file__).with_name("divergences.json")


@dataclass(frozen=True)
class Divergence:
    """A case that does not reach *full*.

    Parameters
    ----------
    id : str
        The case.
    reaches : str
        The strictest measure that it reaches; empty where it reaches none.
    reason : str
        What everypath does otherwise, and why.
    """

    id: str
    reaches: str
    reason: str


def load_divergences(file: Path) -> dict[str, Divergence]:
    """Read a list of divergences, by id."""
    return {entry["id"]: Divergence(**entry) for entry in json.loads(file.read_text(encoding="utf-8"))}


def unlisted(results: Iterable[Result], known: Mapping[str, Divergence]) -> list[Result]:
    """Return the results that are not what the list says of them, better ones included."""
    return [one for one in results if one.verdict and one.verdict.reached != _expected(one, known)]


def describe(result: Result, known: Mapping[str, Divergence]) -> str:
    """Say what is wrong in the list about a result."""
    assert result.verdict is not None
    reached = result.verdict.reached or "nothing"
    if result.case.id not in known:
        return f"{result.case.id} reaches {reached}, and is not listed as a divergence"
    return f"{result.case.id} reaches {reached}, and is listed with {known[result.case.id].reaches or 'nothing'}"


def _expected(result: Result, known: Mapping[str, Divergence]) -> str:
    return known[result.case.id].reaches if result.case.id in known else "full"
