"""``everypath run``: runs a state machine on the embedded engine, on an endpoint, or on a deployed stack."""

from __future__ import annotations

import argparse
import json
import sys
from typing import TYPE_CHECKING, Any

from everypath.cli.options import (
    add_command,
    add_functions,
    add_input,
    add_machine,
    add_target,
    load_machine,
    print_notes,
    read_events,
    read_input,
    require_lambda_endpoint,
)
from everypath.errors import InputError

if TYPE_CHECKING:
    from everypath.history.execution import Execution

DESCRIPTION = """\
Run a state machine of a SAM template, and print the result: status, output or error, path, time, and the event
history of an execution that failed. Unless --target names another place, it runs in this process, on the embedded
engine: Lambda tasks call your handlers, and time is virtual, so that waits, retries and timeouts take none."""
EPILOG = """\
exit codes:
  0  the execution succeeded; with --events, all executions were run, whatever
     their results
  1  the execution failed, timed out or was aborted
  2  the input, the template or the definition is wrong, or the target does
     not answer

examples:
  everypath run --event events/503.json
  everypath run --input '{"statusCode": "429"}' --json"""


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the command line."""
    parser = add_command(
        commands, "run", help="run a state machine of a SAM template", description=DESCRIPTION, epilog=EPILOG
    )
    add_machine(parser)
    add_functions(parser)
    add_target(parser)
    parser.add_argument(
        "--lambda-endpoint",
        metavar="URL",
        help="the URL of another Lambda API that tasks call, such as that of sam local start-lambda "
        "(default: functions run in this process)",
    )
    source = parser.add_mutually_exclusive_group(required=True)
    add_input(source)
    source.add_argument("--events", metavar="DIR", help="run every .json file of a folder, one after another")
    parser.add_argument("--json", action="store_true", help="print the result as JSON, with the event history")
    parser.add_argument("--logs", action="store_true", help="print the logs of the functions to standard error")
    parser.add_argument(
        "--seed",
        type=int,
        default=0,
        metavar="N",
        help="the seed of jitter and ids; the same seed and input give the same event history (default: 0)",
    )
    parser.add_argument("--real-time", action="store_true", help="wait in real time, instead of on the virtual clock")
    parser.set_defaults(command=command)


def command(options: argparse.Namespace) -> int:
    """Run the executions and return the exit code."""
    from everypath.targets import parse_target

    require_lambda_endpoint(options)
    machine = load_machine(options)
    machine.target = parse_target(options.target, limit=options.time_limit)
    machine.require_supported()
    if machine.target is not None:
        _refuse_embedded_only(options)
    print_notes(machine)
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
    for name in ("logs", "seed", "real_time", "lambda_endpoint"):
        if getattr(options, name):
            raise InputError(
                f"--{name.replace('_', '-')}: only the embedded engine has this option, not {options.target}"
            )


def _as_json(results: list[tuple[str, Execution]], options: argparse.Namespace) -> Any:
    if options.events:
        return {title: execution.to_dict() for title, execution in results}
    return results[0][1].to_dict()


def _print(title: str, execution: Execution, options: argparse.Namespace) -> None:
    from everypath.report.outcome import report

    clock = "real" if options.real_time else "virtual" if options.target == "embedded" else "the target's clock"
    print(report(execution, title, clock=clock), end="\n\n" if options.events else "\n")
