"""``everypath replay``: runs a recorded execution again, with today's definition."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from everypath.cli.options import add_template, parameter_overrides
from everypath.errors import InputError

EPILOG = """\
The history is what `aws stepfunctions get-execution-history --execution-arn ARN` prints. Nothing is called: every task
comes to what it came to in the recording, on a virtual clock.

exit codes: 0 the same path; 1 the paths differ; 2 the history, the template or the definition is wrong."""


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "replay",
        help="replay a recorded execution against today's definition",
        description="Run a recorded execution again with today's definition, and name the first event that differs.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("history", metavar="HISTORY", help="file with the execution's history as JSON")
    add_template(parser)
    parser.add_argument("--definition", metavar="FILE", help="a definition in a file, in place of a template's")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    parser.add_argument("--save", metavar="FILE", help="write a regression test, with the history beside it")
    parser.set_defaults(command=command)


def command(options: argparse.Namespace) -> int:
    """Replay what the options say and return the exit code."""
    from everypath.replay import ReplayedMachine, replay
    from everypath.replay.save import save_test
    from everypath.report.difference import difference_as_data, difference_report

    if options.definition and options.machine:
        raise InputError("--definition: a definition in a file is of no MACHINE of a template; leave one of them out")
    replayed = ReplayedMachine(
        template=None if options.definition else options.template,
        machine=options.machine,
        definition=options.definition,
        parameter_overrides=parameter_overrides(options),
    )
    found = replay(options.history, replayed)
    if options.json:
        print(json.dumps(difference_as_data(found), indent=2, ensure_ascii=False))
    else:
        print(difference_report(found))
    if options.save and found.same:
        save_test(Path(options.save), Path(options.history), replayed)
    elif options.save:
        print(f"everypath: {options.save} is not written: its test would fail", file=sys.stderr)
    return 0 if found.same else 1
