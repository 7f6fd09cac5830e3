"""Writes the results: a table, and what has to be known to read it."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version

from tabulate import tabulate

from bench.rows import ROWS, Row, as_factor
from bench.timing import Samples

OURS, PEER = "everypath", "moto"


@dataclass
class Results:
    """What a run found: samples by peer and measurement, and what went wrong instead.

    Parameters
    ----------
    missing : list of str
        Peers that are not installed.
    endpoints : list of str
        URLs that were measured as well, each in a column of its own.
    """

    samples: dict[tuple[str, str], Samples] = field(default_factory=dict)
    failures: dict[tuple[str, str], str] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    endpoints: list[str] = field(default_factory=list)

    def figure(self, peer: str, row: Row) -> float | None:
        """A row's figure; None where the peer has none."""
        samples = self.samples.get((peer, row.measurement))
        return None if samples is None else row.figure(samples)


def table(results: Results, form: str) -> str:
    """Write the table in one of tabulate's formats."""
    lines = [_line(results, row) for row in ROWS]
    headers = ["", OURS, PEER, *results.endpoints, "ratio", "target", "reached"]
    alignment = ["left", *["right"] * (len(headers) - 2), "left"]
    return tabulate(lines, headers, tablefmt=form, colalign=alignment, disable_numparse=True)


def machine() -> str:
    """What it was measured on."""
    load = os.getloadavg()[0]
    return (
        f"{platform.system()} on {platform.machine()}, {os.cpu_count()} cores, load {load:.1f} at the start, "
        f"{platform.python_implementation()} {platform.python_version()}"
    )


def page(results: Results, machine: str, seconds: float) -> str:
    """Write `bench/RESULTS.md`."""
    packages = [OURS, *(name for name in (PEER, "boto3") if PEER not in results.missing)]
    notes = [f"- {peer}, {_titles(name)}: {text}" for (peer, name), text in results.failures.items()]
    notes += [f"- {peer} is not installed and was left out." for peer in results.missing]
    return "\n".join(
        [
            "# Results of `make bench`",
            "",
            "Written by the benchmark; what the rows mean is in [docs/benchmarks.md](../docs/benchmarks.md).",
            "",
            f"- Date: {datetime.now(UTC):%Y-%m-%d %H:%M} UTC; the run took {seconds:.0f} s",
            f"- Machine: {machine}",
            f"- Versions: {', '.join(f'{name} {version(name)}' for name in packages)}",
            "",
            table(results, "github"),
            "",
            *(["What is missing:", "", *notes, ""] if notes else []),
        ]
    )


def _line(results: Results, row: Row) -> list[str]:
    ours, peers = results.figure(OURS, row), results.figure(PEER, row)
    ratio = peers / ours if row.compared and ours and peers else None
    return [
        row.title,
        _shown(results, OURS, row, ours),
        _shown(results, PEER, row, peers),
        *(_shown(results, url, row, results.figure(url, row)) for url in results.endpoints),
        "" if ratio is None else as_factor(ratio),
        _target(row),
        _reached(row, ours, ratio),
    ]


def _shown(results: Results, peer: str, row: Row, figure: float | None) -> str:
    if figure is not None:
        return row.show(figure)
    return "fails" if (peer, row.measurement) in results.failures else "–"


def _target(row: Row) -> str:
    if row.target is None:
        return ""
    if row.target.ratio is not None:
        return f"≥ {as_factor(row.target.ratio)}"
    assert row.target.most is not None
    return f"≤ {row.show(row.target.most)}"


def _reached(row: Row, ours: float | None, ratio: float | None) -> str:
    if row.target is None:
        return ""
    if row.target.ratio is not None:
        return "not known" if ratio is None else _yes(ratio >= row.target.ratio)
    assert row.target.most is not None
    return "not known" if ours is None else _yes(ours <= row.target.most)


def _yes(reached: bool) -> str:
    return "yes" if reached else "NO"


def _titles(measurement: str) -> str:
    return "; ".join(row.title for row in ROWS if row.measurement == measurement)


def problems(failures: Mapping[tuple[str, str], str]) -> list[str]:
    """What went wrong with everypath itself."""
    return [f"{_titles(name)}: {text}" for (peer, name), text in failures.items() if peer == OURS]
