"""Measures everything, prints the table and writes `bench/RESULTS.md`.

Each measurement of each peer is made in a process of its own, one after another. Targets that are not reached are
shown, and nothing more: how fast a machine is on a given day is no error. Where everypath itself does not do what is
to be measured, the exit code is 1 and the results on file stay what they are.

`--peer URL`, which may be given several times, measures an endpoint that is there already beside them, over HTTP.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from bench.report import OURS, PEER, Results, machine, page, problems, table
from bench.rows import ROWS
from bench.servers import ENDPOINT

HERE = Path(__file__).resolve().parent


def main() -> int:
    """Run the benchmark and return the exit code."""
    endpoints = _endpoints()
    begin, found_on = time.perf_counter(), machine()
    results = Results(missing=[] if importlib.util.find_spec(PEER) else [PEER], endpoints=endpoints)
    peers = [peer for peer in (OURS, PEER) if peer not in results.missing]
    for measurement in dict.fromkeys(row.measurement for row in ROWS):
        for peer in [*peers, *(endpoints if measurement in ENDPOINT else ())]:
            if (OURS, measurement) not in results.failures:  # there would be nothing to compare
                print(f"{measurement}: {peer}", file=sys.stderr, flush=True)
                _measure(results, peer, measurement)
    print(table(results, "simple"))
    if wrong := problems(results.failures):
        print("everypath fails:", *wrong, sep="\n", file=sys.stderr)
        return 1
    (HERE / "RESULTS.md").write_text(page(results, found_on, time.perf_counter() - begin), encoding="utf-8")
    return 0


def _endpoints() -> list[str]:
    parser = argparse.ArgumentParser(prog="bench", description="Measure everypath beside moto.")
    parser.add_argument(
        "--peer", action="append", default=[], metavar="URL", help="an endpoint of the Step Functions API, as well"
    )
    found: list[str] = parser.parse_args().peer
    for url in found:
        if not url.startswith("http://"):
            parser.error(f"--peer: expected a URL such as http://127.0.0.1:8083, but got {url!r}")
    return found


def _measure(results: Results, peer: str, measurement: str) -> None:
    command = [sys.executable, "-m", "bench.worker", peer, measurement]
    done = subprocess.run(command, capture_output=True, text=True, cwd=HERE.parent)
    crash = {"failed": done.stderr.strip().rpartition("\n")[2]}
    answer: dict[str, Any] = crash if done.returncode else json.loads(done.stdout)
    if "failed" in answer:
        results.failures[peer, measurement] = answer["failed"]
    else:
        results.samples[peer, measurement] = answer["samples"]


if __name__ == "__main__":
    sys.exit(main())
