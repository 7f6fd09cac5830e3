"""The results of a machine's cases on a target, as a table of text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from everypath.targets.case_runner import DIFFERS, SAME, SKIPPED, TargetCase

HEADERS = ("State", "Path", "Error", "On the target", "Run by")


def target_table(results: Sequence[TargetCase], machine: str, target: str) -> str:
    """Return the table, and the cases that differ or were skipped, with the reasons."""
    from tabulate import tabulate

    rows = [
        (
            one.case.state or "-",
            one.case.what,
            one.case.errors[0] if one.case.errors else "-",
            one.verdict,
            one.by or "-",
        )
        for one in results
    ]
    counted = Counter(one.verdict for one in results)
    title = f"{machine} on {target}: " + ", ".join(f"{counted[kind]} {kind}" for kind in (SAME, DIFFERS, SKIPPED))
    table = tabulate(rows, HEADERS, tablefmt="simple", disable_numparse=True)
    parts = [title, "\n".join(line.rstrip() for line in table.splitlines())]
    for kind, words in ((DIFFERS, "Different:"), (SKIPPED, "Skipped:")):
        lines = [f"  {_case_name(one)}: {one.reason}" for one in results if one.verdict == kind]
        parts += ["\n".join([words, *lines])] if lines else []
    return "\n\n".join(parts)


def _case_name(one: TargetCase) -> str:
    case = one.case
    error = f" ({case.errors[0]})" if case.errors else ""
    return f"{case.state}: {case.what}{error}" if case.state else case.what
