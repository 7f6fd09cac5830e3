"""Reads state machines: ``AWS::Serverless::StateMachine`` and ``AWS::StepFunctions::StateMachine``."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

from everypath.errors import TemplateError
from everypath.sam.document import Document, describe_value, parse_json, parse_yaml, read_text
from everypath.sam.intrinsics import Resolver
from everypath.sam.model import StateMachine
from everypath.sam.physical import Account
from everypath.sam.properties import Properties
from everypath.sam.resource_kinds import KINDS

_NAME = re.compile(r"\$\{([A-Za-z0-9_.:-]+)\}")
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
        Resolves the intrinsic functions in it.
    account : Account
        Where it would be deployed.
    logical_id : str
        The logical id of the state machine.
    template : Path
        The template's path; paths in it are relative to its directory.

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
    raise properties.error(name, f"expected STANDARD or EXPRESS, got {describe_value(value)}")


def _role(properties: Properties, account: Account) -> str | None:
    name = "Role" if properties.type == "AWS::Serverless::StateMachine" else "RoleArn"
    try:
        role = properties.text(name)
    except TemplateError:  # an imported role: it is not needed to run the state machine
        return None
    if role is None and name == "Role":
        prefix = f"arn:{account.partition}:iam::{account.account}"
        return f"{prefix}:role/{account.stack}-{properties.logical_id}Role"
    return role


def _definition(properties: Properties, template: Path) -> tuple[Any, Path]:
    """Return the definition, and the file with it."""
    serverless = properties.type == "AWS::Serverless::StateMachine"
    names = (
        ("DefinitionUri", "Definition") if serverless else ("DefinitionString", "Definition", "DefinitionS3Location")
    )
    present = [name for name in names if properties.raw.get(name) is not None]
    if len(present) != 1:
        # A property of the other type of state machine is named, too.
        other = [name for name in ("DefinitionString", "DefinitionUri") if name in properties.raw and name not in names]
        got = " and ".join([*present, *(f"{name}, which {properties.type} does not have" for name in other)]) or "none"
        raise properties.document.error(
            (*properties.place, "Properties"), f"expected exactly one of {', '.join(names)}, got {got}"
        )
    name = present[0]
    value = properties.get(name)
    source, text = template, ""
    where = f"{properties.document.name}: {'/'.join(str(part) for part in properties.path(name))}"
    if name == "Definition":
        if not isinstance(value, dict):
            raise properties.error(name, f"expected a mapping, got {describe_value(value)}")
        text = json.dumps(value, ensure_ascii=False)
    elif name == "DefinitionString":
        if not isinstance(value, str):
            raise properties.error(name, f"expected a string, got {describe_value(value)}")
        text = value
    else:
        source = _file(properties, name, value, template)
        where = str(source)
        text = read_text(source, "definition")
    known, unknown = _substitutions(properties)
    definition = _parse_definition(substitute(text, known), where, yaml=source != template)
    _require_substituted(properties, definition, where, known, unknown)
    return definition, source


def _require_substituted(
    properties: Properties,
    definition: Any,
    where: str,
    known: dict[str, str],
    unknown: dict[str, TemplateError],
) -> None:
    for pointer, name in unreplaced_names(definition):
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
        got = describe_value(value) if isinstance(value, str) else "an object"
        raise properties.error(name, f"expected the path of a local file, got {got} in S3")
    if not isinstance(value, str):
        raise properties.error(name, f"expected the path of a local file, got {describe_value(value)}")
    path = Path(os.path.normpath(template.parent / value))
    if not path.is_file():
        raise properties.error(
            name, f"expected the path of a definition, got {describe_value(value)}: there is no {path}"
        )
    return path


def _substitutions(properties: Properties) -> tuple[dict[str, str], dict[str, TemplateError]]:
    """Return the value of each name as text, and the errors for those whose value is unknown before deployment."""
    substitutions = properties.raw.get("DefinitionSubstitutions") or {}
    if not isinstance(substitutions, dict):
        raise properties.error("DefinitionSubstitutions", f"expected a mapping, got {describe_value(substitutions)}")
    known: dict[str, str] = {}
    unknown: dict[str, TemplateError] = {}
    for name, raw in substitutions.items():
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
            raise properties.document.error(path, f"expected a string or a number, got {describe_value(value)}")
    return known, unknown


def _parse_definition(text: str, where: str, *, yaml: bool) -> Any:
    """Return the data of a definition's text, which may be YAML unless its file is a ``.json`` one.

    CloudFormation looks only at the text, and therefore reads a ``.json`` file with a trailing comma as YAML. Here it
    is reported, because it is probably a mistake.
    """
    if yaml and not where.endswith(".json") and not text.lstrip().startswith("{"):
        definition = parse_yaml(text, where, json_types=True).data
    else:
        definition = parse_json(text, where)
    if not isinstance(definition, dict):
        raise TemplateError(f"{where}: expected a definition (a mapping), got {describe_value(definition)}")
    return definition


def substitute(text: str, substitutions: Mapping[str, str]) -> str:
    """Return a definition's text with every ``${Name}`` replaced, also in the replacements.

    The text is replaced before it is parsed, regardless of quotes: ``"${Retries}"`` stays a JSON string.
    CloudFormation's provider of ``AWS::StepFunctions::StateMachine`` does the same (its source is public), except that
    a replacement that contains its own name is not followed for ever: it stays, and is reported as not replaced.
    """
    if not substitutions:
        return text
    pattern = re.compile("|".join(re.escape("${" + name + "}") for name in substitutions))
    for _ in range(len(substitutions) + 1):
        replaced = pattern.sub(lambda match: substitutions[match[0][2:-1]], text)
        if replaced == text:
            break
        text = replaced
    return text


def unreplaced_names(value: Any, pointer: str = "") -> Iterator[tuple[str, str]]:
    """Yield the JSON pointer and the name of every ``${Name}`` that is left in a definition."""
    if isinstance(value, dict):
        for key, item in value.items():
            place = f"{pointer}/{key.replace('~', '~0').replace('/', '~1')}"
            yield from ((place, name) for name in _NAME.findall(key))
            yield from unreplaced_names(item, place)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from unreplaced_names(item, f"{pointer}/{index}")
    elif isinstance(value, str) and "${" in value:
        yield from ((pointer, name) for name in _NAME.findall(value))
