"""``everypath check``: holds a definition against rules, and against the code of its handlers."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from everypath.cli.options import DEFINITIONS, add_command, add_functions, add_machine, reading
from everypath.errors import EverypathError

if TYPE_CHECKING:
    from everypath.check.checked_definition import CheckedDefinition
    from everypath.check.finding import Finding

DESCRIPTION = """\
Check the error handling of a state machine against the source of its handlers and a set of rules: error names that
no handler raises, errors that nothing handles, retries that cannot help. Nothing is run and nothing is imported.
Without MACHINE, all state machines of the template are checked.

To turn a rule off, name its code in pyproject.toml: [tool.everypath.check], ignore = ["EP208"]."""
EPILOG = """\
exit codes:
  0  there are no errors; with --strict, no warnings either
  1  there are some
  2  the template, the file or the configuration is wrong; if it is one state
     machine of several, the others are checked

examples:
  everypath check --strict
  everypath check workflow/my_api.asl.json --format sarif"""


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the command line."""
    parser = add_command(
        commands,
        "check",
        help="find mistakes in the error handling of a state machine",
        description=DESCRIPTION,
        epilog=EPILOG,
    )
    add_machine(
        parser,
        help="logical id or name of a state machine, or a definition file such as my_api.asl.json, which is checked "
        "without handlers unless --function gives some",
    )
    add_functions(parser)
    parser.add_argument(
        "--format",
        choices=("text", "json", "sarif"),
        default="text",
        help="the format of the findings; code scanning services read SARIF (default: text)",
    )
    parser.add_argument("--strict", action="store_true", help="exit with 1 for warnings, too")
    parser.set_defaults(command=command)


def command(options: argparse.Namespace) -> int:
    """Check the definitions and return the exit code."""
    from everypath.check import output
    from everypath.check.checker import check
    from everypath.check.config import find_config
    from everypath.check.rules import CODES

    definitions, folder, unreadable = _checked_definitions(options)
    config = find_config(folder, CODES)
    findings: list[Finding] = []
    for checked in definitions:
        notes = [*checked.warnings]
        if checked.template is not None:
            notes += [*checked.template.warnings, checked.template.note]
        for note in filter(None, notes):
            print(f"everypath: {note}", file=sys.stderr)
        findings += check(checked, config)
    for name, error in unreadable.items():
        print(f"everypath: {name} is not checked: {error}", file=sys.stderr)
    if definitions:
        write = {"text": output.as_text, "json": output.as_json, "sarif": output.as_sarif}[options.format]
        print(write(findings))
    if unreadable:
        return 2
    failing = ("error", "warning") if options.strict else ("error",)
    return 1 if any(finding.severity in failing for finding in findings) else 0


def _checked_definitions(
    options: argparse.Namespace,
) -> tuple[list[CheckedDefinition], Path, dict[str, EverypathError]]:
    """The definitions, the folder where the search for the configuration begins, and the errors of unreadable ones."""
    from everypath.check.load import load_definition, load_file, load_machine, machine_names

    name: str | None = options.machine
    how = reading(options)
    if name is not None and name.endswith(DEFINITIONS):
        bare = not how["functions"] and not how["values"]
        return [load_file(Path(name)) if bare else load_definition(Path(name), **how)], Path(name).parent, {}
    path = Path(options.template)
    folder = path if path.is_dir() else path.parent
    names = machine_names(options.template, **how) if name is None else ()
    if len(names) < 2:
        return [load_machine(options.template, name, **how)], folder, {}
    definitions: list[CheckedDefinition] = []
    unreadable: dict[str, EverypathError] = {}
    for each in names:
        try:
            definitions.append(load_machine(options.template, each, **how))
        except EverypathError as error:
            unreadable[each] = error
    return definitions, folder, unreadable
