"""Options that several commands have."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, TypedDict

from everypath.errors import InputError

if TYPE_CHECKING:
    from everypath.api import Machine


#: What the name of a definition in a file of its own ends with.
DEFINITIONS = (".json", ".yaml", ".yml", ".asl")


def add_template(parser: argparse.ArgumentParser) -> None:
    """Add the options that say which state machine of which template."""
    parser.add_argument(
        "machine",
        nargs="?",
        metavar="MACHINE",
        help="logical id or name of the state machine, if there are several; or a file with a definition",
    )
    parser.add_argument(
        "--template",
        default=".",
        metavar="FILE",
        help="the template, or its folder (default: template.yaml, template.yml or template.json)",
    )
    parser.add_argument(
        "--parameter-overrides",
        nargs="+",
        default=[],
        metavar="KEY=VALUE",
        help="values for the template's parameters, over those of samconfig.toml",
    )
    parser.add_argument("--config-env", metavar="NAME", help="the environment of samconfig.toml (default: default)")
    parser.add_argument(
        "--value",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="a value that only a deployment knows, such as that of an import; can be repeated",
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
    """Load the state machine that the options say, and tell on standard error what is to know of it."""
    from everypath.api import read_machine

    path, name = options.template, options.machine
    if name is not None and name.endswith(DEFINITIONS):
        path, name = name, None
    endpoint = getattr(options, "lambda_endpoint", None)
    machine = read_machine(path, name, **reading(options), lambda_endpoint=endpoint, use_build=True)
    for note in machine.notes:
        print(f"everypath: {note}", file=sys.stderr)
    return machine


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
        help="where it runs: embedded, the URL of a Step Functions endpoint, or aws:STACK (default: embedded)",
    )
    add_time_limit(parser)


def add_time_limit(parser: argparse.ArgumentParser) -> None:
    """Add the option that bounds the executions on a target."""
    parser.add_argument(
        "--time-limit",
        type=float,
        default=300.0,
        metavar="SECONDS",
        help="how long an execution on an endpoint or a stack may take before it is stopped (default: 300)",
    )


def parameter_overrides(options: argparse.Namespace) -> dict[str, str]:
    """The parameter overrides by name; raises `InputError` where one has no ``=``."""
    from everypath.sam.project_files import parse_pairs

    return parse_pairs(options.parameter_overrides, "--parameter-overrides")
