"""``everypath replay``: replays a recorded execution against today's definition."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from everypath.cli.options import add_command, add_machine, reading
from everypath.errors import InputError

DESCRIPTION = """\
Replay a recorded execution against today's definition, and show the first event that differs. Nothing is called:
every task has the outcome that it had in the recording, and time is virtual.

HISTORY holds the event history that the AWS CLI prints (or everypath run --json):

  aws stepfunctions get-execution-history --execution-arn ARN > history.json"""
EPILOG = """\
exit codes:
  0  the execution takes the same path
  1  the paths differ
  2  the history, the template or the definition is wrong

examples:
  everypath replay history.json
  everypath replay history.json --save tests/test_order_4711.py"""


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the command line."""
    parser = add_command(
        commands,
        "replay",
        help="replay a recorded execution against today's definition",
        description=DESCRIPTION,
        epilog=EPILOG,
    )
    parser.add_argument("history", metavar="HISTORY", help="file with the event history as JSON")
    add_machine(parser, help="logical id or name of the state machine; may be left out if the template has only one")
    parser.add_argument("--definition", metavar="FILE", help="a definition file, in place of a template")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    parser.add_argument(
        "--save", metavar="FILE", help="if the paths are the same, write a test to FILE, and the history beside it"
    )
    parser.set_defaults(command=command)


def command(options: argparse.Namespace) -> int:
    """Replay the recording and return the exit code."""
    from everypath.replay import ReplayedMachine, replay
    from everypath.replay.save import save_test
    from everypath.report.difference import difference_as_data, difference_report

    if options.definition and options.machine:
        raise InputError("--definition: a definition file has no MACHINE of a template; leave one of them out")
    how = reading(options)
    replayed = ReplayedMachine(
        template=None if options.definition else options.template,
        machine=options.machine,
        definition=options.definition,
        parameter_overrides=how["parameter_overrides"],
        values=how["values"],
        config_env=how["config_env"],
    )
    result = replay(options.history, replayed)
    if options.json:
        print(json.dumps(difference_as_data(result), indent=2, ensure_ascii=False))
    else:
        print(difference_report(result))
    if options.save and result.same_path:
        save_test(Path(options.save), Path(options.history), replayed)
    elif options.save:
        print(f"everypath: {options.save} is not written: its test would fail", file=sys.stderr)
    return 0 if result.same_path else 1
