"""``everypath paths``: enumerates the error paths of a state machine, and runs each of them."""

from __future__ import annotations

import argparse
import difflib
import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from everypath.cli.options import (
    add_command,
    add_functions,
    add_machine,
    add_target,
    load_machine,
    print_notes,
    read_events,
)
from everypath.errors import InputError

if TYPE_CHECKING:
    from everypath.api import Machine
    from everypath.paths.cases import Enumeration

SNAPSHOT = "paths.txt"
DESCRIPTION = """\
Enumerate the cases of a state machine, and run each of them. A case is a scripted outcome for each task attempt:
success, error or timeout. Together, the cases take every element of the definition: every state, transition,
retrier, catcher and timeout. No handler and no service is called, unless an option says so."""
EPILOG = """\
exit codes:
  0  the cases were enumerated
  1  with --check, they differ from the file; with --target, a case has
     another result there
  2  the input, the template or the definition is wrong, or the target does
     not answer

examples:
  everypath paths --update
  everypath paths --export pytest > test_every_path.py"""


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the command line."""
    parser = add_command(
        commands, "paths", help="enumerate and run every error path", description=DESCRIPTION, epilog=EPILOG
    )
    add_machine(parser)
    add_functions(parser)
    parser.add_argument(
        "--loops", type=int, default=2, metavar="N", help="how many times a case goes round a loop (default: 2)"
    )
    parser.add_argument(
        "--input",
        metavar="JSON|FILE",
        help='the input to begin with; what the states need is added to it (default: {"id": "case"})',
    )
    parser.add_argument(
        "--result",
        action="append",
        default=[],
        metavar="STATE=JSON|FILE",
        help="the result of a task, in place of one that is made up; may be given for several states",
    )
    parser.add_argument(
        "--like",
        metavar="FILE",
        help="a recorded history (aws stepfunctions get-execution-history) whose input and results are used",
    )
    parser.add_argument(
        "--real-handlers", action="store_true", help="call the real handlers for the attempts that are to succeed"
    )
    add_target(parser)
    parser.add_argument(
        "--events",
        metavar="DIR",
        help="with --target: folder of inputs (.json files) that may lead the real handlers through a case",
    )
    parser.add_argument(
        "--mock-config",
        metavar="FILE",
        help="with --target: the mock configuration that the endpoint reads; scripted outcomes are added to it",
    )
    output = parser.add_mutually_exclusive_group()
    output.add_argument("--json", action="store_true", help="print the cases as JSON")
    output.add_argument(
        "--export",
        choices=("mock-config", "test-state", "pytest"),
        help="print the cases as a mock configuration of Step Functions Local, as TestState calls, or as pytest tests",
    )
    output.add_argument(
        "--update",
        nargs="?",
        const=SNAPSHOT,
        metavar="FILE",
        help=f"write the table of cases to FILE (default: {SNAPSHOT})",
    )
    output.add_argument(
        "--check",
        nargs="?",
        const=SNAPSHOT,
        metavar="FILE",
        help=f"compare the table of cases with FILE, and show the differences (default: {SNAPSHOT})",
    )
    parser.set_defaults(command=command)


def command(options: argparse.Namespace) -> int:
    """Enumerate the cases and return the exit code."""
    from everypath.report.paths_table import paths_table
    from everypath.targets import parse_target

    if options.loops < 1:
        raise InputError(f"--loops: expected 1 or more, but got {options.loops}")
    machine = load_machine(options)
    target = parse_target(options.target, mock_config=options.mock_config, limit=options.time_limit)
    if target is not None:
        machine.target = target
        return _on_target(machine, options)
    if options.events:
        raise InputError("--events: the inputs are for a --target, and there is none")
    enumeration = _enumerate(machine, options)
    if options.json:
        print(json.dumps(_as_json(enumeration, machine.name), indent=2, ensure_ascii=False))
    elif options.export:
        print(_export(enumeration, machine, options), end="")
    elif options.update:
        Path(options.update).write_text(paths_table(enumeration, machine.name) + "\n", encoding="utf-8")
        print(f"{options.update}: {len(enumeration.cases)} cases")
    elif options.check:
        return _check(Path(options.check), paths_table(enumeration, machine.name) + "\n")
    else:
        print(paths_table(enumeration, machine.name))
    return 0


def _enumerate(machine: Machine, options: argparse.Namespace) -> Enumeration:
    from everypath.paths.machine_cases import enumerate_machine

    value, results = _given_data(machine, options)
    print_notes(machine)
    with _progress_shown() as progress:
        return enumerate_machine(
            machine,
            rounds=options.loops,
            input=value,
            results=results,
            real_handlers=options.real_handlers,
            progress=progress,
        )


def _given_data(machine: Machine, options: argparse.Namespace) -> tuple[Any, dict[str, list[Any]]]:
    """The input and the results that the options give, which are then not made up."""
    from everypath.asl.tree import Task, all_states
    from everypath.paths.case_data import recorded_results
    from everypath.replay.recording import load_recording

    value, results = None, {}
    tasks = sorted(state.name for state in all_states(machine.tree.graph) if isinstance(state, Task))
    if options.like is not None:
        recording = load_recording(Path(options.like))
        value, results = json.loads(recording.input), recorded_results(recording.events)
    if options.input is not None:
        value = _json_or_file("--input", options.input)
    for given in options.result:
        state, equals, text = given.partition("=")
        if not equals:
            raise InputError(f"--result: expected STATE=JSON or STATE=FILE, but got {given!r}")
        if state not in tasks:
            raise InputError(f"--result: expected a Task state, but got {state!r}; Task states: {', '.join(tasks)}")
        results[state] = [_json_or_file(f"--result {state}", text)]
    return value, results


def _json_or_file(option: str, text: str) -> Any:
    """The JSON data that an option gives, or that are in the file that it names."""
    try:
        return json.loads(text)
    except ValueError as error:
        problem = error
    if not Path(text).is_file():
        raise InputError(f"{option}: expected JSON or a file with JSON, but {problem}")
    try:
        return json.loads(Path(text).read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        raise InputError(f"{option}: expected JSON in {text}, but {error}") from None


@contextmanager
def _progress_shown() -> Iterator[Callable[[int, int], None] | None]:
    """Show on a terminal how far the enumeration is, once it has taken a second."""
    if not sys.stderr.isatty():
        yield None
        return
    begun, shown = time.monotonic(), 0.0

    def show(covered: int, number: int) -> None:
        nonlocal shown
        now = time.monotonic()
        if now - begun > 1 and now - shown > 0.2:
            shown = now
            print(f"\r{covered} of {number} elements are taken", end="", file=sys.stderr, flush=True)

    try:
        yield show
    finally:
        if shown:
            print("\r\033[K", end="", file=sys.stderr, flush=True)


def _on_target(machine: Machine, options: argparse.Namespace) -> int:
    from everypath.report.target_table import target_table
    from everypath.targets.case_runner import DIFFERS, run_cases

    for name in ("export", "update", "check"):
        if getattr(options, name):
            raise InputError(f"--{name}: always uses the cases of the embedded engine; leave out --target")
    events = list(read_events(options.events)) if options.events else []
    results = run_cases(machine, _enumerate(machine, options), events)
    if options.json:
        data = {"machine": machine.name, "target": options.target, "cases": [one.to_dict() for one in results]}
        print(json.dumps(data, indent=2, ensure_ascii=False))
    else:
        print(target_table(results, machine.name, options.target))
    return 1 if any(one.verdict == DIFFERS for one in results) else 0


def _as_json(enumeration: Enumeration, name: str) -> dict[str, Any]:
    from everypath.paths.measure import rows

    return {
        "machine": name,
        "elements": [
            {"id": one.id, "kind": one.kind, "name": one.name, "place": one.place} for one in enumeration.elements
        ],
        "cases": [row.to_dict() for row in rows(enumeration)],
        "unreachable": [{"id": one.element.id, "reason": one.reason} for one in enumeration.unreachable],
        "reduced": enumeration.reduced,
    }


def _export(enumeration: Enumeration, machine: Machine, options: argparse.Namespace) -> str:
    if options.export == "mock-config":
        from everypath.paths.exports.mock_config import mock_config

        return json.dumps(mock_config(enumeration, machine.name), indent=2, ensure_ascii=False) + "\n"
    if options.export == "test-state":
        from everypath.paths.exports.test_state_calls import state_calls

        return json.dumps(state_calls(enumeration), indent=2, ensure_ascii=False) + "\n"
    from everypath.paths.exports.pytest_file import pytest_file

    return pytest_file(enumeration, str(machine.template.path), machine.state_machine.logical_id)


def _check(file: Path, table: str) -> int:
    try:
        old = file.read_text(encoding="utf-8")
    except OSError as error:
        raise InputError(f"--check: {file} cannot be read: {error.strerror}; write it with --update") from None
    if old == table:
        print(f"{file}: up to date")
        return 0
    for line in difflib.unified_diff(old.splitlines(), table.splitlines(), str(file), "now", lineterm=""):
        print(line)
    return 1
