"""The results of a run: the table, the first differences, and the floors that they must reach."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from tests.conformance.cases import Case
from tests.conformance.verdict import MEASURES, Verdict

#: Differences of one case that are kept in a file of results.
_KEPT_DIFFERENCES = 12


@dataclass(frozen=True)
class Result:
    """What came of one case.

    Parameters
    ----------
    case : Case
        The case.
    verdict : Verdict or None
        None where the case could not be judged.
    skipped : str
        Why it could not.
    seconds : float
        How long it took.
    """

    case: Case
    verdict: Verdict | None
    skipped: str
    seconds: float

    def to_json(self) -> dict[str, Any]:
        """Return what a file of results holds of it."""
        own = {"id": self.case.id, "category": self.case.category, "kind": self.case.kind}
        if self.verdict is None:
            return own | {"skipped": self.skipped, "seconds": self.seconds}
        verdict = asdict(self.verdict)
        return own | verdict | {"differences": verdict["differences"][:_KEPT_DIFFERENCES], "seconds": self.seconds}


@dataclass(frozen=True)
class Floor:
    """A share of the cases of one kind that must reach a measure.

    Parameters
    ----------
    kind, measure : str
        Which cases, and which measure.
    percent : float
        The least share.
    """

    kind: str
    measure: str
    percent: float

    @classmethod
    def parse(cls, text: str) -> Floor:
        """Read ``KIND:MEASURE=PERCENT``.

        Raises
        ------
        ValueError
            The text is another one.
        """
        match = re.fullmatch(rf"(\w+):({'|'.join(MEASURES)})=([\d.]+)", text)
        if not match:
            raise ValueError(f"{text!r} is not KIND:MEASURE=PERCENT")
        return cls(match[1], match[2], float(match[3]))

    def shortfall(self, results: Iterable[Result]) -> str:
        """Say by how much the results miss the floor; an empty string where they reach it."""
        verdicts = [one.verdict for one in results if one.case.kind == self.kind and one.verdict]
        share = 100 * sum(getattr(verdict, self.measure) for verdict in verdicts) / max(len(verdicts), 1)
        if share >= self.percent:
            return ""
        return f"{self.kind}: {self.measure} is {share:.1f} %, at least {self.percent} % demanded"


def table(results: Sequence[Result]) -> str:
    """Return a table with a row for each category and each kind."""
    columns = "".join(f"{name:>10}" for name in (*MEASURES, "skipped", "seconds"))
    head = f"{'kind':16}{'category':25}{'n':>6}{columns}"
    lines = [head, "-" * len(head)]
    for kind in sorted({one.case.kind for one in results}):
        of_kind = [one for one in results if one.case.kind == kind]
        for category in sorted({one.case.category for one in of_kind}):
            lines.append(_row(kind, category, [one for one in of_kind if one.case.category == category]))
        lines += [_row(kind, "TOTAL", of_kind), ""]
    return "\n".join(lines)


def _row(kind: str, category: str, results: Sequence[Result]) -> str:
    verdicts = [one.verdict for one in results if one.verdict]
    counts = "".join(f"{sum(getattr(verdict, name) for verdict in verdicts):>10}" for name in MEASURES)
    seconds = sum(one.seconds for one in results)
    return f"{kind:16}{category:25}{len(verdicts):>6}{counts}{len(results) - len(verdicts):>10}{seconds:>10.1f}"


def failures(results: Iterable[Result], limit: int) -> str:
    """Return the first differences of the first cases that are not fully as expected."""
    lines = []
    imperfect = [(one.case.id, one.verdict) for one in results if one.verdict and not one.verdict.full]
    for name, verdict in imperfect[:limit]:
        lines.append(f"{name}  {verdict.note}")
        for difference in verdict.differences[:3]:
            expected, actual = str(difference.expected)[:120], str(difference.actual)[:120]
            lines.append(f"    {difference.path} {difference.kind}: expected {expected}, got {actual}")
    return "\n".join(lines)


def skipped(results: Iterable[Result]) -> str:
    """Return a line for each reason for which cases were left out."""
    reasons = Counter(one.skipped for one in results if one.skipped)
    return "\n".join(f"skipped {count}: {reason}" for reason, count in reasons.items())
