"""The command line."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from everypath import __version__
from everypath.cli import check, compare, paths, replay, run, serve
from everypath.errors import EverypathError

#: Exit codes.
SUCCEEDED, FAILED, WRONG_INPUT = 0, 1, 2

DESCRIPTION = "Prove every error path of an AWS Step Functions workflow before it is deployed."


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit code."""
    options = _parser().parse_args(arguments)
    try:
        code: int = options.command(options)
    except EverypathError as error:
        print(f"everypath: {error}", file=sys.stderr)
        return WRONG_INPUT
    except BrokenPipeError:
        # Whoever read the output has seen enough; Python would complain again when it flushes stdout at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return SUCCEEDED
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="everypath", description=DESCRIPTION)
    parser.add_argument("--version", action="version", version=f"everypath {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    run.add_parser(commands)
    paths.add_parser(commands)
    check.add_parser(commands)
    replay.add_parser(commands)
    compare.add_parser(commands)
    serve.add_parser(commands)
    return parser
