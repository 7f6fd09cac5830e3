"""``everypath run``: runs a state machine on the embedded engine, on an endpoint, or as it is deployed."""

from __future__ import annotations

import argparse
import json
import sys
from typing import TYPE_CHECKING, Any

from everypath.cli.inputs import read_events, read_input
from everypath.cli.options import add_target, add_template, parameter_overrides
from everypath.errors import InputError

if TYPE_CHECKING:
    from everypath.history.execution import Execution

EPILOG = """\
exit codes: 0 the execution succeeded (with --events: all executions were run, whatever came of them);
1 the execution failed, timed out or was aborted; 2 the input, the template or the definition is wrong, or the target
does not answer."""


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "run",
        help="run a state machine of a SAM template",
        description="Run a state machine of a SAM template, on the embedded engine with its real handlers or elsewhere",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_template(parser)
    add_target(parser)
    given = parser.add_mutually_exclusive_group(required=True)
    given.add_argument("--event", "-e", metavar="FILE", help="file with the input as JSON; - for standard input")
    given.add_argument("--input", metavar="JSON", help="the input as JSON")
    given.add_argument("--events", metavar="DIR", help="run every .json file of a folder, one after another")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    parser.add_argument("--logs", action="store_true", help="show what the functions log, on standard error")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="for jitter and ids (default: 0)")
    parser.add_argument("--real-time", action="store_true", help="really wait, on the wall clock")
    parser.set_defaults(command=command)


def command(options: argparse.Namespace) -> int:
    """Run what the options say and return the exit code."""
    from everypath.api import read_machine
    from everypath.targets import parse_target

    machine = read_machine(options.template, options.machine, parameter_overrides=parameter_overrides(options))
    machine.target = parse_target(options.target, limit=options.time_limit)
    machine.require_supported()
    if machine.target is not None:
        _refuse_embedded_only(options)
    if machine.template.note:
        print(f"everypath: {machine.template.note}", file=sys.stderr)
    results = []
    for title, text in read_events(options.events) if options.events else [read_input(options)]:
        execution = machine.run_text(text, seed=options.seed, real_time=options.real_time, source=title)
        if options.logs and execution.logs:
            print(execution.logs, file=sys.stderr, end="")
        results.append((title, execution))
        if not options.json:
            _print(title, execution, options)
    if options.json:
        print(json.dumps(_as_json(results, options), indent=2, ensure_ascii=False))
    return 0 if options.events or results[0][1].succeeded else 1


def _refuse_embedded_only(options: argparse.Namespace) -> None:
    for name in ("logs", "seed", "real_time"):
        if getattr(options, name):
            raise InputError(f"--{name.replace('_', '-')}: only the embedded engine has it, and not {options.target}")


def _as_json(results: list[tuple[str, Execution]], options: argparse.Namespace) -> Any:
    if options.events:
        return {title: execution.to_dict() for title, execution in results}
    return results[0][1].to_dict()


def _print(title: str, execution: Execution, options: argparse.Namespace) -> None:
    from everypath.report.outcome import report

    clock = "real" if options.real_time else "virtual" if options.target == "embedded" else "the target's clock"
    print(report(execution, title, clock=clock), end="\n\n" if options.events else "\n")
