"""``everypath compare``: shows the first event in which two executions of one input differ."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from everypath.cli.options import (
    add_command,
    add_input,
    add_template,
    add_time_limit,
    load_machine,
    read_input,
)
from everypath.errors import InputError

if TYPE_CHECKING:
    from everypath.api import Machine
    from everypath.history.execution import Execution
    from everypath.replay.pair import Side
    from everypath.replay.recording import Recording

DESCRIPTION = """\
Compare two executions of one input, and show the first event that differs.

LEFT and RIGHT are each a target, on which the input is run, or a file with an event history. A target is embedded
(in this process), the URL of a Step Functions endpoint, or aws:STACK, a deployed stack. A file holds what
"everypath run --json" or "aws stepfunctions get-execution-history" printed; the input is then that of the history,
unless you give another.

Targets keep no history of an Express workflow: its status, output, error and cause are compared."""
EPILOG = """\
exit codes:
  0  they are the same
  1  they differ
  2  the input, a file or the template is wrong, or a target does not answer

examples:
  everypath compare embedded http://127.0.0.1:8083 --event events/503.json
  everypath compare embedded history.json"""


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the command line."""
    parser = add_command(
        commands,
        "compare",
        help="show where two targets, or two histories, differ",
        description=DESCRIPTION,
        epilog=EPILOG,
    )
    parser.add_argument("left", metavar="LEFT", help="a target, or a file with a history")
    parser.add_argument("right", metavar="RIGHT", help="another target or file")
    add_input(parser.add_mutually_exclusive_group())
    parser.add_argument(
        "--machine",
        metavar="MACHINE",
        help="logical id or name of the state machine; may be left out if the template has only one",
    )
    add_template(parser)
    add_time_limit(parser)
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    parser.set_defaults(command=command)


def command(options: argparse.Namespace) -> int:
    """Compare both sides and return the exit code."""
    from everypath.replay.recording import load_recording

    names = (options.left, options.right)
    files = {name: load_recording(Path(name)) for name in names if _is_file(name)}
    machine = None if len(files) == len(set(names)) else load_machine(options)
    text = _input(options, files) if machine is not None else ""

    def side(name: str) -> Side:
        return (
            _side_of_file(name, files[name])
            if name in files or machine is None
            else _side_of_target(name, machine, text, options)
        )

    left, right = side(options.left), side(options.right)
    same, data, text = _compare(left, right, names, "" if machine is None else machine.template.stack)
    print(json.dumps(data, indent=2, ensure_ascii=False) if options.json else text)
    return 0 if same else 1


def _compare(left: Side, right: Side, names: tuple[str, str], stack: str) -> tuple[bool, dict[str, Any], str]:
    """Whether both sides are the same, and the result as data and as text."""
    from everypath.replay.outcomes import differing_outcome
    from everypath.replay.pair import compare
    from everypath.report import difference as report

    if left.outcome is None and right.outcome is None:
        difference = compare(left, right, stack)
        data = report.comparison_as_data(difference, names)
        return difference is None, data, report.comparison_report(difference, names)
    fields = differing_outcome(left, right, stack)
    without = [side.name for side in (left, right) if side.outcome is not None]
    return not fields, report.outcomes_as_data(fields, names), report.outcomes_report(fields, names, without)


def _is_file(name: str) -> bool:
    return name != "embedded" and not name.startswith(("http://", "https://", "aws:"))


def _input(options: argparse.Namespace, files: dict[str, Recording]) -> str:
    if options.event is None and options.input is None:
        for recording in files.values():
            return recording.input
        raise InputError("comparing two targets needs an input: give --event or --input")
    return read_input(options)[1]


def _side_of_file(name: str, recording: Recording) -> Side:
    from everypath.replay.pair import Side

    described = recording.describe
    own = {described[key] for key in ("executionArn", "stateMachineArn", "name") if described.get(key)}
    return Side(name, recording.events, frozenset(own))


def _side_of_target(name: str, machine: Machine, text: str, options: argparse.Namespace) -> Side:
    from everypath.replay.pair import Side
    from everypath.targets import parse_target

    machine.target = parse_target(name, limit=options.time_limit)
    machine.require_supported()
    execution: Execution = machine.run_text(text, source=options.event or "--input")
    own = frozenset({execution.arn, execution.name, execution.state_machine_arn})
    return Side(name, (), own, execution.outcome()) if execution.events is None else Side(name, execution.events, own)
