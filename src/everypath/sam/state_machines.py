"""Reads state machines: ``AWS::Serverless::StateMachine`` and ``AWS::StepFunctions::StateMachine``."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from everypath.errors import TemplateError
from everypath.sam.assets import local_asset
from everypath.sam.document import Document, Place, describe_value, is_dir, is_file, parse_json, parse_yaml, read_text
from everypath.sam.intrinsics import Resolver
from everypath.sam.model import StateMachine
from everypath.sam.physical import Account
from everypath.sam.properties import Properties
from everypath.sam.resource_kinds import KINDS
from everypath.sam.stand_in_values import StandIns, UnknownItems

_NAME = re.compile(r"\$\{([A-Za-z0-9_.:-]+)\}")
#: Characters; what AWS takes is less, and is told by whoever parses the definition.
_LONGEST_DEFINITION = 4_194_304
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
    parsed, source = _definition(properties, template)
    definition, unknown = with_function_arns(parsed.data, resolver.stand_in_values, account)
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
        unknown=unknown,
        warnings=parsed.warnings,
    )


def with_function_arns(data: Any, stand_in_values: StandIns, account: Account) -> tuple[Any, tuple[str, ...]]:
    """Return a definition in which each Resource that a stand-in is for can be parsed, and the names of the unknown.

    What only a deployment knows of a Resource is most often a function.
    """
    unknown: dict[str, None] = {}

    def visit(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: resource(item) if key == "Resource" else visit(item) for key, item in value.items()}
        if isinstance(value, list):
            return [visit(item) for item in value]
        if isinstance(value, str):
            unknown.update(dict.fromkeys(stand_in_values.within(value)))
        return value

    def resource(value: Any) -> Any:
        visit(value)
        if isinstance(value, str) and stand_in_values.is_whole(value):
            return KINDS["AWS::Lambda::Function"].arn.format(
                partition=account.partition, region=account.region, account=account.account, name=value
            )
        return value if isinstance(value, str) else visit(value)

    return visit(data), tuple(unknown)


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
    except TemplateError:  # it is not needed to run the state machine
        return None
    if role is not None and properties.resolver.stand_in_values.within(role):
        return None
    if role is None and name == "Role":
        prefix = f"arn:{account.partition}:iam::{account.account}"
        return f"{prefix}:role/{account.stack}-{properties.logical_id}Role"
    return role


def _definition(properties: Properties, template: Path) -> tuple[Document, Path]:
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
        text = _json(value, properties.path(name), properties.document)
    elif name == "DefinitionString":
        if not isinstance(value, str):
            raise properties.error(name, f"expected a string, got {describe_value(value)}")
        text = value
    else:
        source = _file(properties, name, value, template)
        where = str(source)
        text = read_text(source, "definition")
    known, unknown = _substitutions(properties)
    substituted = substitute(text, known)
    if substituted is None:
        raise properties.error(
            "DefinitionSubstitutions",
            f"the definition has more than {_LONGEST_DEFINITION} characters after substitution",
        )
    parsed = parse_definition(substituted, where) if source != template else parse_json(substituted, where)
    if not isinstance(parsed.data, dict):
        raise TemplateError(f"{where}: expected a definition (a mapping), got {describe_value(parsed.data)}")
    _require_substituted(properties, parsed.data, where, known, unknown)
    return parsed, source


def _json(value: Any, path: Place, document: Document) -> str:
    """Return the JSON text of a definition that is written in the template."""
    parts: list[str] = []
    length = 0
    for part in json.JSONEncoder(ensure_ascii=False).iterencode(value):
        length += len(part)
        if length > _LONGEST_DEFINITION:
            raise document.error(path, f"the definition has more than {_LONGEST_DEFINITION} characters")
        parts.append(part)
    return "".join(parts)


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
    if name == "DefinitionS3Location":
        value = local_asset(value, properties.metadata, template.parent) or value
    if isinstance(value, dict) or (isinstance(value, str) and value.startswith(("s3://", "https://"))):
        got = describe_value(value) if isinstance(value, str) else "an object"
        raise properties.error(name, f"expected the path of a local file, got {got} in S3")
    if not isinstance(value, str):
        raise properties.error(name, f"expected the path of a local file, got {describe_value(value)}")
    path = Path(os.path.normpath(template.parent / value))
    if is_dir(path):
        raise properties.error(
            name, f"expected the path of a definition, got {describe_value(value)}, which is a folder"
        )
    if not is_file(path):
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
        if isinstance(value, UnknownItems):
            value = value[0]
        if isinstance(value, bool):
            known[name] = "true" if value else "false"
        elif isinstance(value, str | int | float):
            known[name] = str(value)
        else:
            raise properties.document.error(path, f"expected a string or a number, got {describe_value(value)}")
    return known, unknown


def parse_definition(text: str, name: str) -> Document:
    """Return the text of a definition file as CloudFormation reads it: as JSON or, if it is not JSON, as YAML.

    Raises
    ------
    TemplateError
        If it is neither; the message is about JSON where the text looks like that.
    """
    looks_like_json = name.endswith(".json") or text.lstrip().startswith("{")
    try:
        return parse_json(text, name)
    except TemplateError as error:
        not_json = error
    try:
        document = parse_yaml(text, name, json_types=True)
    except TemplateError:
        if looks_like_json:
            raise not_json from None
        raise
    if not looks_like_json:
        return document
    if not isinstance(document.data, dict):
        raise not_json
    return replace(document, warnings=(f"{not_json}; read as YAML, as CloudFormation does", *document.warnings))


def substitute(text: str, substitutions: Mapping[str, str]) -> str | None:
    """Return a definition's text with every ``${Name}`` replaced, also in the replacements; None if it grows too long.

    The text is replaced before it is parsed, regardless of quotes: ``"${Retries}"`` stays a JSON string.
    CloudFormation's provider of ``AWS::StepFunctions::StateMachine`` does the same (its source is public), except that
    a replacement that contains its own name is not followed for ever: it stays, and is reported as not replaced.
    """
    if not substitutions:
        return text
    pattern = re.compile("|".join(re.escape("${" + name + "}") for name in substitutions))
    for _ in range(len(substitutions) + 1):
        length = len(text) + sum(len(substitutions[found[2:-1]]) - len(found) for found in pattern.findall(text))
        if length > _LONGEST_DEFINITION:
            return None
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
