"""``everypath check``: holds a definition against rules, and against the code of its handlers."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from everypath.cli.options import add_template, parameter_overrides
from everypath.errors import EverypathError

if TYPE_CHECKING:
    from everypath.check.checked_definition import CheckedDefinition
    from everypath.check.finding import Finding

EPILOG = """\
exit codes: 0 there are no errors (with --strict: no warnings either); 1 there are;
2 the template, the file or the configuration is wrong (one state machine of several: the others are checked)."""
_DEFINITIONS = (".json", ".yaml", ".yml")


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "check",
        help="find mistakes in the error handling of a state machine",
        description="Check a state machine of a SAM template against the code of its handlers and a set of rules. "
        "MACHINE may also be a definition file, such as my_api.asl.json, which is checked without handlers; "
        "without MACHINE, all state machines of the template are checked.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_template(parser)
    parser.add_argument(
        "--format", choices=("text", "json", "sarif"), default="text", help="how findings are written (default: text)"
    )
    parser.add_argument("--strict", action="store_true", help="exit with 1 for warnings, too")
    parser.set_defaults(command=command)


def command(options: argparse.Namespace) -> int:
    """Check what the options say and return the exit code."""
    from everypath.check import output
    from everypath.check.checker import check
    from everypath.check.config import find_config
    from everypath.check.rules import CODES

    definitions, home, unread = _checked_definitions(options)
    config = find_config(home, CODES)
    found: list[Finding] = []
    for checked in definitions:
        if checked.template is not None and checked.template.note:
            print(f"everypath: {checked.template.note}", file=sys.stderr)
        found += check(checked, config)
    for name, error in unread.items():
        print(f"everypath: {name} is not checked: {error}", file=sys.stderr)
    if definitions:
        write = {"text": output.as_text, "json": output.as_json, "sarif": output.as_sarif}[options.format]
        print(write(found))
    if unread:
        return 2
    failing = ("error", "warning") if options.strict else ("error",)
    return 1 if any(finding.severity in failing for finding in found) else 0


def _checked_definitions(
    options: argparse.Namespace,
) -> tuple[list[CheckedDefinition], Path, dict[str, EverypathError]]:
    """What is to be checked, the folder that the configuration is looked for from, and what of it cannot be read."""
    from everypath.check.load import load_file, load_machine, machine_names

    name: str | None = options.machine
    if name is not None and name.endswith(_DEFINITIONS):
        return [load_file(Path(name))], Path(name).parent, {}
    overrides = parameter_overrides(options)
    path = Path(options.template)
    home = path if path.is_dir() else path.parent
    names = machine_names(options.template, overrides) if name is None else ()
    if len(names) < 2:
        return [load_machine(options.template, name, overrides)], home, {}
    definitions: list[CheckedDefinition] = []
    unread: dict[str, EverypathError] = {}
    for each in names:
        try:
            definitions.append(load_machine(options.template, each, overrides))
        except EverypathError as error:
            unread[each] = error
    return definitions, home, unread
