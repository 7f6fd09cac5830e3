"""Options that several commands have."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from everypath.errors import InputError


def add_template(parser: argparse.ArgumentParser) -> None:
    """Add the options that say which state machine of which template."""
    parser.add_argument(
        "machine",
        nargs="?",
        metavar="MACHINE",
        help="logical id or name of the state machine, if there are several",
    )
    parser.add_argument(
        "--template",
        default="template.yaml",
        metavar="FILE",
        help="the SAM template (default: template.yaml)",
    )
    parser.add_argument(
        "--parameter-overrides",
        nargs="+",
        default=[],
        metavar="KEY=VALUE",
        help="values for the template's parameters",
    )


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
    return dict(_pair(text) for text in _words(options.parameter_overrides))


def _words(texts: Sequence[str]) -> list[str]:
    """SAM takes several pairs in one argument, too."""
    return [word for text in texts for word in text.split()]


def _pair(text: str) -> tuple[str, str]:
    # SAM's long form is ParameterKey=Name,ParameterValue=Value.
    if text.startswith("ParameterKey=") and ",ParameterValue=" in text:
        key, _, value = text.removeprefix("ParameterKey=").partition(",ParameterValue=")
        return key, value
    key, separator, value = text.partition("=")
    if not separator or not key:
        raise InputError(f"--parameter-overrides: expected KEY=VALUE, but got {text!r}")
    return key, value.strip("\"'")
