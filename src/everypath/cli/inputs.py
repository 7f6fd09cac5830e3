"""Inputs of executions, from the options ``--input`` and ``--event`` and from folders of events."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from everypath.errors import InputError


def read_input(options: argparse.Namespace) -> tuple[str, str]:
    """The one input that the options give: what messages call it, and its text."""
    if options.input is not None:
        return "--input", options.input
    if options.event == "-":
        return "standard input", sys.stdin.read()
    return options.event, _read(Path(options.event))


def read_events(folder: str) -> Iterator[tuple[str, str]]:
    """The inputs in the .json files of a folder: what messages call each, and its text."""
    if not Path(folder).is_dir():
        raise InputError(f"--events: expected a folder, but {folder} is none")
    files = sorted(Path(folder).glob("*.json"))
    if not files:
        raise InputError(f"--events: expected .json files, but there are none in {folder}")
    for file in files:
        yield str(file), _read(file)


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise InputError(f"{file}: there is no such file") from None
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{file}: cannot be read as UTF-8 text: {error}") from None
