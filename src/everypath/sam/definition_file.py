"""A definition in a file of its own, as Terraform and others deploy it, with functions that are given beside it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from everypath.errors import TemplateError
from everypath.sam.document import describe_value, is_file, read_text
from everypath.sam.model import Function, StateMachine, Template
from everypath.sam.physical import Account
from everypath.sam.resource_kinds import KINDS
from everypath.sam.stand_in_values import StandIns
from everypath.sam.state_machines import parse_definition, with_function_arns

_NAME = re.compile(r"\$\{([A-Za-z0-9_.:-]+)\}")
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|\$\{[A-Za-z0-9_.:-]+\}', re.DOTALL)
#: The first parts of an ARN, of which each may be a ``${…}``.
_ARN = re.compile(r"arn:(\$\{[^}]*\}|[\w-]*):([\w-]+):(\$\{[^}]*\}|[\w-]*):(\$\{[^}]*\}|\w*):")


def is_definition(path: Path) -> bool:
    """Return whether a file is a definition and not a template."""
    if not is_file(path):
        return path.name.endswith((".asl.json", ".asl.yaml", ".asl.yml"))
    text = read_text(path)
    if not text.lstrip().startswith("{"):
        return bool(re.search(r"""^["']?StartAt["']?\s*:""", text, re.MULTILINE))
    if "StartAt" not in text:
        return False
    try:
        data = json.loads(quote_names(text))
    except (ValueError, RecursionError):
        return '"Resources"' not in text
    return isinstance(data, dict) and "StartAt" in data


def quote_names(text: str) -> str:
    """Return JSON in which each ``${Name}`` that stands for a number or an object is in quotes."""
    return _TOKEN.sub(lambda match: match[0] if match[0].startswith('"') else f'"{match[0]}"', text)


def fill_arns(text: str, account: Account) -> str:
    """Return a text in whose ARNs each ``${…}`` for the partition, the region or the account has a value."""

    def filled(match: re.Match[str]) -> str:
        partition, service, region, number = match.groups()
        known = (
            account.partition if "$" in partition else partition,
            service,
            account.region if "$" in region else region,
            account.account if "$" in number else number,
        )
        return f"arn:{':'.join(known)}:"

    return _ARN.sub(filled, text)


def read_definition_file(
    path: Path, functions: Mapping[str, Function], values: Mapping[str, str], account: Account
) -> Template:
    """Return a definition file as a template with one state machine.

    Parameters
    ----------
    path : Path
        The file, JSON or YAML. A ``${Name}`` in it has the value of that name, or is the ARN of the function of that
        name (of ``${aws_lambda_function.Name.arn}``, too); any other has a stand-in.
    functions : mapping of str to Function
        By their names.
    values : mapping of str to str
        Values by name.
    account : Account
        Where the definition would be deployed.

    Raises
    ------
    TemplateError
        If the file cannot be read, or if a number or an object in it is a ``${Name}`` without a value.
    """
    text = fill_arns(read_text(path, "definition"), account)
    functions = {name: _as_called(function, text) for name, function in functions.items()}
    stand_in_values = StandIns({**_arns(text, functions), **values})
    _require_values(text, stand_in_values, path)
    text = _NAME.sub(lambda match: stand_in_values.value(match[1]), text)
    document = parse_definition(text, str(path))
    if not isinstance(document.data, dict):
        raise TemplateError(f"{path}: expected a definition (a mapping), got {describe_value(document.data)}")
    definition, unknown = with_function_arns(document.data, stand_in_values, account)
    name = re.sub(r"[^A-Za-z0-9_-]+", "-", re.sub(r"\.(asl\.)?(json|ya?ml|asl)$", "", path.name))
    arn = KINDS["AWS::StepFunctions::StateMachine"].arn.format(
        partition=account.partition, region=account.region, account=account.account, name=name
    )
    machine = StateMachine(
        logical_id=name,
        name=name,
        arn=arn,
        type="STANDARD",
        definition=definition,
        source=path,
        place=str(path),
        unknown=unknown,
        warnings=document.warnings,
    )
    return Template(
        path=path,
        used=path,
        note="",
        account=account.account,
        region=account.region,
        stack=account.stack,
        parameters={},
        values=values,
        functions=functions,
        state_machines={name: machine},
        machine_names={name: name},
    )


def _as_called(function: Function, text: str) -> Function:
    """Return a function under the ARN by which the definition calls it."""
    found = re.search(rf"arn:[\w-]+:lambda:[\w-]+:\d{{12}}:function:{re.escape(function.name)}(?![\w-])", text)
    return replace(function, arn=found[0]) if found else function


def _arns(text: str, functions: Mapping[str, Function]) -> dict[str, str]:
    """Return the ARNs of functions for the ``${…}`` that name them."""
    return {
        name: functions[part].arn
        for name in dict.fromkeys(_NAME.findall(text))
        for part in name.split(".")
        if part in functions
    }


def _require_values(text: str, stand_in_values: StandIns, path: Path) -> None:
    bare = [
        (text.count("\n", 0, match.start()) + 1, match[0][2:-1])
        for match in _TOKEN.finditer(text)
        if match[0].startswith("$") and stand_in_values.given(match[0][2:-1]) is None
    ]
    if bare and path.suffix == ".json":
        advice = " ".join(f"--value {name}=VALUE" for name in dict.fromkeys(name for _, name in bare))
        raise TemplateError(f"{path}:{bare[0][0]}: ${{{bare[0][1]}}} is no text: give its value with {advice}")
