"""What several commands share: their parser, their options, and the inputs that these name."""

from __future__ import annotations

import argparse
import re
import sys
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from everypath.errors import InputError

if TYPE_CHECKING:
    from everypath.api import Machine


#: What the name of a definition in a file of its own ends with.
DEFINITIONS = (".json", ".yaml", ".yml", ".asl")


class HelpFormatter(argparse.HelpFormatter):
    """Wraps each paragraph of a description or an epilog; indented lines, such as commands, stay as they are."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        lines: list[str] = []
        for verbatim, group in groupby(text.splitlines(), key=lambda line: not line or line.startswith(" ")):
            paragraph = list(group)
            lines += paragraph if verbatim else textwrap.wrap(" ".join(paragraph), width)
        return "\n".join(f"{indent}{line}" for line in lines)


def add_command(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    *,
    help: str,
    description: str,
    epilog: str,
) -> argparse.ArgumentParser:
    """Add a command to the command line, and return its parser."""
    return commands.add_parser(name, help=help, description=description, epilog=epilog, formatter_class=HelpFormatter)


def add_machine(parser: argparse.ArgumentParser, *, help: str | None = None) -> None:
    """Add the options that say which state machine of which template."""
    parser.add_argument(
        "machine",
        nargs="?",
        metavar="MACHINE",
        help=help
        or "logical id or name of the state machine, or a definition file such as my_api.asl.json; may be left out if "
        "the template has only one",
    )
    add_template(parser)


def add_template(parser: argparse.ArgumentParser) -> None:
    """Add the options that say which template, with which parameters."""
    parser.add_argument(
        "--template",
        default=".",
        metavar="FILE",
        help="the template, or its folder (default: template.yaml, template.yml or template.json)",
    )
    add_parameter_overrides(parser)
    parser.add_argument("--config-env", metavar="NAME", help="the environment of samconfig.toml (default: default)")
    parser.add_argument(
        "--value",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="a value that only a deployment knows, such as that of an import; can be repeated",
    )


def add_parameter_overrides(parser: argparse.ArgumentParser) -> None:
    """Add the option that gives template parameters other values."""
    parser.add_argument(
        "--parameter-overrides",
        nargs="+",
        default=[],
        metavar="KEY=VALUE",
        help="values for the template's parameters, over those of samconfig.toml",
    )


def add_functions(parser: argparse.ArgumentParser) -> None:
    """Add the option for functions without a template."""
    parser.add_argument(
        "--function",
        action="append",
        default=[],
        metavar="NAME=DIR:module.handler",
        help="a function that the template lacks, or of a definition; can be repeated",
    )


def load_machine(options: argparse.Namespace) -> Machine:
    """Load the state machine that the options say, which may be a definition in a file of its own."""
    from everypath.api import read_machine

    path, name = options.template, options.machine
    if name is not None and name.endswith(DEFINITIONS):
        path, name = name, None
    endpoint = getattr(options, "lambda_endpoint", None)
    return read_machine(path, name, **reading(options), lambda_endpoint=endpoint, use_build=True)


def print_notes(machine: Machine) -> None:
    """Print to standard error what the user should know of a state machine that is about to run."""
    for note in machine.notes:
        print(f"everypath: {note}", file=sys.stderr)


def require_lambda_endpoint(options: argparse.Namespace) -> None:
    """Refuse a ``--lambda-endpoint`` that is no URL."""
    if options.lambda_endpoint and not re.match(r"https?://[^/]", options.lambda_endpoint):
        raise InputError(
            f"--lambda-endpoint: expected a URL such as http://127.0.0.1:3001, but got {options.lambda_endpoint!r}"
        )


class Reading(TypedDict):
    """How a template is read; see `everypath.sam.read`."""

    parameter_overrides: Mapping[str, str]
    values: Mapping[str, str]
    config_env: str | None
    functions: Sequence[str]


def reading(options: argparse.Namespace) -> Reading:
    """How the options say that a template is read."""
    return {
        "parameter_overrides": parameter_overrides(options),
        "values": _values(options.value),
        "config_env": options.config_env,
        "functions": getattr(options, "function", ()),
    }


def _values(texts: Sequence[str]) -> dict[str, str]:
    values: dict[str, str] = {}
    for text in texts:
        name, separator, value = text.partition("=")
        if not separator or not name:
            raise InputError(f"--value: expected NAME=VALUE, but got {text!r}")
        values[name] = value
    return values


def add_target(parser: argparse.ArgumentParser) -> None:
    """Add the options that say where executions run."""
    parser.add_argument(
        "--target",
        default="embedded",
        metavar="TARGET",
        help="where executions run: embedded (in this process), the URL of a Step Functions endpoint, or aws:STACK, "
        "a deployed stack (default: embedded)",
    )
    add_time_limit(parser)


def add_time_limit(parser: argparse.ArgumentParser) -> None:
    """Add the option that limits the duration of executions on a target."""
    parser.add_argument(
        "--time-limit",
        type=float,
        default=300.0,
        metavar="SECONDS",
        help="how long an execution on an endpoint or a stack may take before it is stopped (default: 300)",
    )


def add_input(options: argparse._MutuallyExclusiveGroup) -> None:
    """Add the options that give the input of an execution; see `read_input`."""
    options.add_argument("--event", "-e", metavar="FILE", help="file with the input as JSON; - for standard input")
    options.add_argument("--input", metavar="JSON", help="the input as JSON")


def parameter_overrides(options: argparse.Namespace) -> dict[str, str]:
    """The parameter overrides by name; raises `InputError` where one has no ``=``."""
    from everypath.sam.project_files import parse_pairs

    return parse_pairs(options.parameter_overrides, "--parameter-overrides")


def read_input(options: argparse.Namespace) -> tuple[str, str]:
    """The input that the options give: its name in messages, and its text."""
    if options.input is not None:
        return "--input", options.input
    if options.event == "-":
        return "standard input", sys.stdin.read()
    return options.event, _read(Path(options.event))


def read_events(folder: str) -> Iterator[tuple[str, str]]:
    """The inputs in the .json files of a folder: the name of each in messages, and its text."""
    if not Path(folder).is_dir():
        raise InputError(f"--events: expected a folder, but {folder} is not one")
    files = sorted(Path(folder).glob("*.json"))
    if not files:
        raise InputError(f"--events: expected .json files, but {folder} has none")
    for file in files:
        yield str(file), _read(file)


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise InputError(f"{file}: no such file") from None
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{file}: cannot be read as UTF-8 text: {error}") from None
