"""``everypath paths``: enumerates the error paths of a state machine, and runs each of them."""

from __future__ import annotations

import argparse
import difflib
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from everypath.cli.inputs import read_events
from everypath.cli.options import add_target, add_template, parameter_overrides
from everypath.errors import InputError

if TYPE_CHECKING:
    from everypath.api import Machine
    from everypath.paths.cases import Enumeration

SNAPSHOT = "paths.txt"
EPILOG = """\
exit codes: 0 the cases were enumerated; 1 with --check, they are not those of the file, and with --target, one came to
something else there; 2 the input, the template or the definition is wrong, or the target does not answer."""


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "paths",
        help="enumerate and run every error path",
        description="Enumerate the cases that take every element of a state machine, and run each of them.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_template(parser)
    parser.add_argument("--loops", type=int, default=2, metavar="N", help="how often a loop is gone round (default: 2)")
    parser.add_argument("--input", metavar="JSON", help="the input to begin with; what states need is added to it")
    parser.add_argument("--real-handlers", action="store_true", help="call the real handlers where nothing shall fail")
    add_target(parser)
    parser.add_argument("--events", metavar="DIR", help="inputs by which the handlers may come to cases on a target")
    parser.add_argument("--mock-config", metavar="FILE", help="the mock configuration that the endpoint reads")
    output = parser.add_mutually_exclusive_group()
    output.add_argument("--json", action="store_true", help="print the cases as JSON")
    output.add_argument("--export", choices=("mock-config", "test-state", "pytest"), help="print the cases for others")
    output.add_argument("--update", nargs="?", const=SNAPSHOT, metavar="FILE", help=f"write FILE ({SNAPSHOT})")
    output.add_argument("--check", nargs="?", const=SNAPSHOT, metavar="FILE", help=f"compare with FILE ({SNAPSHOT})")
    parser.set_defaults(command=command)


def command(options: argparse.Namespace) -> int:
    """Enumerate what the options say and return the exit code."""
    from everypath.api import read_machine
    from everypath.report.paths_table import paths_table
    from everypath.targets import parse_target

    if options.loops < 1:
        raise InputError(f"--loops: expected 1 or more, but got {options.loops}")
    machine = read_machine(options.template, options.machine, parameter_overrides=parameter_overrides(options))
    if machine.template.note:
        print(f"everypath: {machine.template.note}", file=sys.stderr)
    target = parse_target(options.target, mock_config=options.mock_config, limit=options.time_limit)
    if target is not None:
        machine.target = target
        return _on_target(machine, options)
    if options.events:
        raise InputError("--events: inputs are tried on a --target")
    found = _enumerate(machine, options)
    if options.json:
        print(json.dumps(_as_json(found, machine.name), indent=2, ensure_ascii=False))
    elif options.export:
        print(_export(found, machine, options), end="")
    elif options.update:
        Path(options.update).write_text(paths_table(found, machine.name) + "\n", encoding="utf-8")
        print(f"{options.update}: {len(found.cases)} cases")
    elif options.check:
        return _check(Path(options.check), paths_table(found, machine.name) + "\n")
    else:
        print(paths_table(found, machine.name))
    return 0


def _enumerate(machine: Machine, options: argparse.Namespace) -> Enumeration:
    from everypath.paths.machine_cases import enumerate_machine

    value = None
    if options.input is not None:
        try:
            value = json.loads(options.input)
        except ValueError as error:
            raise InputError(f"--input: expected JSON, but {error}") from None
    return enumerate_machine(machine, rounds=options.loops, input=value, real_handlers=options.real_handlers)


def _on_target(machine: Machine, options: argparse.Namespace) -> int:
    from everypath.report.target_table import target_table
    from everypath.targets.cases import DIFFERS, run_cases

    for name in ("export", "update", "check"):
        if getattr(options, name):
            raise InputError(f"--{name}: the cases are those of the embedded engine; leave out --target")
    events = list(read_events(options.events)) if options.events else []
    found = run_cases(machine, _enumerate(machine, options), events)
    if options.json:
        data = {"machine": machine.name, "target": options.target, "cases": [one.to_dict() for one in found]}
        print(json.dumps(data, indent=2, ensure_ascii=False))
    else:
        print(target_table(found, machine.name, options.target))
    return 1 if any(one.verdict == DIFFERS for one in found) else 0


def _as_json(found: Enumeration, name: str) -> dict[str, Any]:
    from everypath.paths.measure import rows

    return {
        "machine": name,
        "elements": [{"id": one.id, "kind": one.kind, "name": one.name, "place": one.place} for one in found.elements],
        "cases": [row.to_dict() for row in rows(found)],
        "unreachable": [{"id": one.element.id, "reason": one.reason} for one in found.unreachable],
        "reduced": found.reduced,
    }


def _export(found: Enumeration, machine: Machine, options: argparse.Namespace) -> str:
    if options.export == "mock-config":
        from everypath.paths.exports.mock_config import mock_config

        return json.dumps(mock_config(found, machine.name), indent=2, ensure_ascii=False) + "\n"
    if options.export == "test-state":
        from everypath.paths.exports.test_state_calls import state_calls

        return json.dumps(state_calls(found), indent=2, ensure_ascii=False) + "\n"
    from everypath.paths.exports.pytest_file import pytest_file

    return pytest_file(found, options.template, machine.state_machine.logical_id)


def _check(file: Path, table: str) -> int:
    try:
        kept = file.read_text(encoding="utf-8")
    except OSError as error:
        raise InputError(f"--check: {file} cannot be read: {error.strerror}; write it with --update") from None
    if kept == table:
        print(f"{file}: up to date")
        return 0
    for line in difflib.unified_diff(kept.splitlines(), table.splitlines(), str(file), "now", lineterm=""):
        print(line)
    return 1
