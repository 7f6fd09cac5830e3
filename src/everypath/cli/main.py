"""The command line."""

from __future__ import annotations

import argparse
import os
import sys
import traceback
from collections.abc import Sequence

from everypath import __version__
from everypath.cli import check, compare, paths, replay, run, serve
from everypath.cli.options import HelpFormatter
from everypath.errors import EverypathError

#: Exit codes; commands return 1 themselves.
SUCCEEDED, WRONG_INPUT, INTERNAL_ERROR = 0, 2, 3

DESCRIPTION = """\
Run every error path of an AWS Step Functions workflow before you deploy it: every retrier, every catcher and every
timeout, with your own Lambda handlers, on a virtual clock, without an AWS account, Docker or a network."""
EPILOG = """\
The state machine is that of template.yaml, a SAM template in the current directory, unless the options say otherwise.

exit codes:
  0  success
  1  the command found what it looks for: a failed execution, an error, a
     difference
  2  something that you gave is wrong: an option, a file, the template
  3  an unexpected internal error of everypath (please report)

examples:
  everypath run --event events/503.json
  everypath paths"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit code."""
    options = _parser().parse_args(arguments)
    try:
        code: int = options.command(options)
    except EverypathError as error:
        print(f"everypath: {error}", file=sys.stderr)
        return WRONG_INPUT
    except BrokenPipeError:
        # The reader of the output has closed it; without this, Python would report that again when it flushes stdout.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return SUCCEEDED
    except Exception:
        traceback.print_exc()
        print("everypath: unexpected internal error (please report)", file=sys.stderr)
        return INTERNAL_ERROR
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="everypath", description=DESCRIPTION, epilog=EPILOG, formatter_class=HelpFormatter
    )
    parser.add_argument("--version", action="version", version=f"everypath {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    run.add_parser(commands)
    paths.add_parser(commands)
    check.add_parser(commands)
    replay.add_parser(commands)
    compare.add_parser(commands)
    serve.add_parser(commands)
    return parser
