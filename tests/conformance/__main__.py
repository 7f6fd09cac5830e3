"""Replays cases on any Step Functions endpoint and says how close its answers come to AWS's; see README.md."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.conformance.cases import OWN_CASES, load_cases
from tests.conformance.divergences import describe, load_divergences, unlisted
from tests.conformance.results import Floor, failures, skipped, table
from tests.conformance.run import Subject, run_cases

EXAMPLES = """\
examples:
  python -m tests.conformance --start 'everypath serve --port {port} --lambda-endpoint {lambda_endpoint}'
  python -m tests.conformance --endpoint http://127.0.0.1:8083 --category tutorial --failures 5
"""


class _Parser(argparse.ArgumentParser):
    """Reads options also from files, one a line, with comments."""

    def convert_arg_line_to_args(self, line: str) -> list[str]:
        return [] if not line.strip() or line.startswith("#") else [line.strip()]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code: 1 where a floor is missed or the list of divergences is not true."""
    options = _options(arguments)
    cases = load_cases(options.cases, options.category, options.id)
    results = run_cases(Subject(options.endpoint, options.start, options.timeout), cases, options.jobs)
    if options.json:
        text = json.dumps([result.to_json() for result in results], indent=1, default=str)
        options.json.write_text(text + "\n", encoding="utf-8")
    shown, complaints = results, [floor.shortfall(results) for floor in options.at_least]
    if options.divergences:
        known = load_divergences(options.divergences)
        shown = unlisted(results, known)
        complaints += [describe(result, known) for result in shown]
    complaints = list(filter(None, complaints))
    print(*filter(None, (table(results), failures(shown, options.failures), skipped(results), *complaints)), sep="\n")
    return 1 if complaints else 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = _Parser(
        prog="python -m tests.conformance",
        description=__doc__,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        fromfile_prefix_chars="@",
    )
    parser.add_argument("--endpoint", default="", metavar="URL", help="a server that is already running")
    parser.add_argument("--start", default="", metavar="COMMAND", help="command with {port}, {lambda_endpoint}, …")
    parser.add_argument("--cases", type=Path, default=OWN_CASES, metavar="FOLDER", help="default: the project's own")
    parser.add_argument("--category", nargs="+", default=[], help="only cases of these categories")
    parser.add_argument("--id", default="", metavar="TEXT", help="only cases whose id contains this")
    parser.add_argument("--timeout", type=float, default=30, metavar="SECONDS", help="how long one case may take")
    parser.add_argument("--json", type=Path, metavar="FILE", help="where to write every verdict")
    parser.add_argument("--failures", type=int, default=20, metavar="N", help="how many failed cases to print")
    parser.add_argument(
        "--jobs", type=int, default=1, metavar="N", help="processes, each with its own server; needs --start"
    )
    parser.add_argument(
        "--at-least",
        type=_floor,
        action="append",
        default=[],
        metavar="KIND:MEASURE=PERCENT",
        help="end with exit code 1 where fewer cases reach a measure; may be given several times",
    )
    parser.add_argument(
        "--divergences",
        type=Path,
        metavar="FILE",
        help="end with exit code 1 where other cases diverge than those that the file lists",
    )
    options = parser.parse_args(arguments)
    if not (options.start or options.endpoint) or (options.jobs > 1 and not options.start):
        parser.error("give --endpoint or --start; --jobs needs --start")
    if not options.cases.is_dir():
        parser.error(f"there is no folder {options.cases}")
    return options


def _floor(text: str) -> Floor:
    try:
        return Floor.parse(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


if __name__ == "__main__":
    sys.exit(main())
