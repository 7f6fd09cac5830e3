"""Reads state machines: ``AWS::Serverless::StateMachine`` and ``AWS::StepFunctions::StateMachine``."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, Literal

from everypath.errors import TemplateError
from everypath.sam.document import Document, parse_json, parse_yaml, read_text, shown
from everypath.sam.intrinsics import Resolver
from everypath.sam.model import StateMachine
from everypath.sam.physical import Account
from everypath.sam.properties import Properties
from everypath.sam.resource_kinds import KINDS
from everypath.sam.substitutions import left_over, substitute

MACHINE_TYPES = ("AWS::Serverless::StateMachine", "AWS::StepFunctions::StateMachine")


def read_state_machine(
    document: Document, resolver: Resolver, account: Account, logical_id: str, template: Path
) -> StateMachine:
    """Return a state machine of the template.

    Parameters
    ----------
    document : Document
        The template.
    resolver : Resolver
        Resolves what is in it.
    account : Account
        Where it would be deployed.
    logical_id : str
        The state machine.
    template : Path
        The template's path; relative paths in it start from its directory.

    Raises
    ------
    TemplateError
        If its definition cannot be read, or one of its properties is wrong.
    """
    properties = Properties(document, resolver, logical_id)
    name = resolver.resources.name(logical_id)
    definition, source = _definition(properties, template)
    return StateMachine(
        logical_id=logical_id,
        name=name,
        arn=KINDS[properties.type].arn.format(
            partition=account.partition, region=account.region, account=account.account, name=name
        ),
        type=_type(properties),
        definition=definition,
        source=source,
        place=f"{document.name}: Resources/{logical_id}",
        role_arn=_role(properties, account),
    )


def _type(properties: Properties) -> Literal["STANDARD", "EXPRESS"]:
    name = "Type" if properties.type == "AWS::Serverless::StateMachine" else "StateMachineType"
    value = properties.get(name)
    if value is None or value == "STANDARD":
        return "STANDARD"
    if value == "EXPRESS":
        return "EXPRESS"
    raise properties.error(name, f"expected STANDARD or EXPRESS, got {shown(value)}")


def _role(properties: Properties, account: Account) -> str | None:
    name = "Role" if properties.type == "AWS::Serverless::StateMachine" else "RoleArn"
    try:
        role = properties.text(name)
    except TemplateError:  # an imported role: nothing needs it to run
        return None
    if role is None and name == "Role":
        prefix = f"arn:{account.partition}:iam::{account.account}"
        return f"{prefix}:role/{account.stack}-{properties.logical_id}Role"
    return role


def _definition(properties: Properties, template: Path) -> tuple[Any, Path]:
    """Return the definition, and the file that it is written in."""
    serverless = properties.type == "AWS::Serverless::StateMachine"
    names = (
        ("DefinitionUri", "Definition") if serverless else ("DefinitionString", "Definition", "DefinitionS3Location")
    )
    given = [name for name in names if properties.raw.get(name) is not None]
    if len(given) != 1:
        # What belongs to the other kind of state machine is named, too.
        other = [name for name in ("DefinitionString", "DefinitionUri") if name in properties.raw and name not in names]
        got = " and ".join([*given, *(f"{name}, which {properties.type} does not have" for name in other)]) or "none"
        raise properties.document.error(
            (*properties.place, "Properties"), f"expected exactly one of {', '.join(names)}, got {got}"
        )
    name = given[0]
    value = properties.get(name)
    source, text = template, ""
    where = f"{properties.document.name}: {'/'.join(str(part) for part in properties.path(name))}"
    if name == "Definition":
        if not isinstance(value, dict):
            raise properties.error(name, f"expected a mapping, got {shown(value)}")
        text = json.dumps(value, ensure_ascii=False)
    elif name == "DefinitionString":
        if not isinstance(value, str):
            raise properties.error(name, f"expected a text, got {shown(value)}")
        text = value
    else:
        source = _file(properties, name, value, template)
        where = str(source)
        text = read_text(source, "definition")
    known, unknown = _substitutions(properties)
    definition = _parsed(substitute(text, known), where, yaml=source != template)
    _require_all_substituted(properties, definition, where, known, unknown)
    return definition, source


def _require_all_substituted(
    properties: Properties,
    definition: Any,
    where: str,
    known: dict[str, str],
    unknown: dict[str, TemplateError],
) -> None:
    for pointer, name in left_over(definition):
        if name in unknown:
            raise unknown[name]
        names = ", ".join(known) or "none"
        machine = f"{properties.document.name}: Resources/{properties.logical_id}"
        raise TemplateError(
            f"{where}: {pointer}: nothing is substituted for ${{{name}}};"
            f" the DefinitionSubstitutions of {machine} are: {names}"
        )


def _file(properties: Properties, name: str, value: Any, template: Path) -> Path:
    if isinstance(value, dict) or (isinstance(value, str) and value.startswith(("s3://", "https://"))):
        got = shown(value) if isinstance(value, str) else "an object"
        raise properties.error(name, f"expected the path of a local file, got {got} in S3")
    if not isinstance(value, str):
        raise properties.error(name, f"expected the path of a local file, got {shown(value)}")
    path = Path(os.path.normpath(template.parent / value))
    if not path.is_file():
        raise properties.error(name, f"expected the path of a definition, got {shown(value)}: there is no {path}")
    return path


def _substitutions(properties: Properties) -> tuple[dict[str, str], dict[str, TemplateError]]:
    """Return what stands for each name, as text, and the errors of those whose value cannot be known."""
    given = properties.raw.get("DefinitionSubstitutions") or {}
    if not isinstance(given, dict):
        raise properties.error("DefinitionSubstitutions", f"expected a mapping, got {shown(given)}")
    known: dict[str, str] = {}
    unknown: dict[str, TemplateError] = {}
    for name, raw in given.items():
        path = properties.path("DefinitionSubstitutions", name)
        try:
            value = properties.resolver.value(raw, path)
        except TemplateError as error:
            unknown[name] = error
            continue
        if isinstance(value, bool):
            known[name] = "true" if value else "false"
        elif isinstance(value, str | int | float):
            known[name] = str(value)
        else:
            raise properties.document.error(path, f"expected a text or a number, got {shown(value)}")
    return known, unknown


def _parsed(text: str, where: str, *, yaml: bool) -> Any:
    """Return the data of a definition's text: of a file not called .json also YAML, as CloudFormation takes it.

    CloudFormation looks at the text alone, and so takes a ``.json`` file with a trailing comma for YAML. That a file
    called JSON is none is more likely a mistake, and is reported.
    """
    if yaml and not where.endswith(".json") and not text.lstrip().startswith("{"):
        definition = parse_yaml(text, where, json_types=True).data
    else:
        definition = parse_json(text, where)
    if not isinstance(definition, dict):
        raise TemplateError(f"{where}: expected a definition (a mapping), got {shown(definition)}")
    return definition
