"""Loads what is to be checked: a state machine of a template, or a definition file on its own."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from everypath.asl.errors import Problem
from everypath.asl.parser.definition import read
from everypath.asl.parser.definition_text import check_size
from everypath.check.checked_definition import CheckedDefinition
from everypath.check.typos import correct
from everypath.check.view import strings
from everypath.errors import TemplateError
from everypath.sam import read as read_template
from everypath.sam.document import Place, parse_yaml, read_document, read_text
from everypath.sam.intrinsics import Resolver
from everypath.sam.model import StateMachine, Template
from everypath.sam.parameters import Parameters
from everypath.sam.physical import Account
from everypath.sam.properties import Properties
from everypath.sam.state_machines import substitute

_NAME = re.compile(r"\$\{([A-Za-z0-9_.:-]+)\}")
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|\$\{[A-Za-z0-9_.:-]+\}', re.DOTALL)
_PSEUDO = {"AWS::Partition": "aws", "AWS::Region": "us-east-1", "AWS::AccountId": "123456789012"}
_DEFINITION = ("DefinitionUri", "DefinitionString", "Definition")


def load_file(file: Path) -> CheckedDefinition:
    """Load a definition file, JSON or YAML, to be checked without handlers."""
    text = read_text(file, "definition")
    definition: str | dict[str, Any] = _quote_names(text)
    if file.suffix in (".yaml", ".yml"):
        definition = parse_yaml(text, str(file), json_types=True).data
        if not isinstance(definition, dict):
            raise TemplateError(f"{file}: expected a definition (a mapping)")
    return replace(_parse(file, definition, express=False), lines=_lines(file))


def load_machine(path: str, name: str | None, overrides: Mapping[str, str]) -> CheckedDefinition:
    """Load a state machine of a template, to be checked together with the code of its handlers.

    Raises
    ------
    TemplateError
        The template or the definition cannot be read. A ``${…}`` that the template gives no value for is not an error
        here: a rule reports it.
    """
    template = read_template(path, overrides)
    logical_id = _logical_id(template, name)
    properties = _properties(template, logical_id)
    source, raw, prefix = _raw_definition(template, properties)
    # A DefinitionString is put together by CloudFormation's own functions: what it uses is not known.
    substitutions = tuple(_substitutions(properties)) if raw is not None else ()
    placeholders = {each: place for text, place in strings(raw) for each in _NAME.findall(text)} | _names_in_keys(raw)
    try:
        machine = template.state_machine(logical_id)
    except TemplateError:
        text = _broken_json(source) if raw is None else None
        if text is not None:
            return replace(_parse(source, text, express=False), template=template)
        if not set(placeholders) - set(substitutions) or raw is None:
            raise
        text = substitute(json.dumps(raw, ensure_ascii=False), _known_substitutions(properties))
        checked = _parse(source, text, express=properties.raw.get("Type") == "EXPRESS")
    else:
        checked = _parse(machine.source, machine.definition, express=machine.type == "EXPRESS")
    return replace(
        checked,
        template=template,
        substitutions=substitutions,
        placeholders=placeholders,
        lines=_lines(source),
        prefix=prefix,
    )


def machine_names(path: str, overrides: Mapping[str, str]) -> tuple[str, ...]:
    """The logical ids of a template's state machines."""
    return tuple(read_template(path, overrides).state_machines)


def _logical_id(template: Template, name: str | None) -> str:
    if name in template.state_machines:
        return str(name)
    for logical_id, known in template.machine_names.items():
        if name == known:
            return logical_id
    if name is None and len(template.state_machines) == 1:
        return next(iter(template.state_machines))
    machine: StateMachine = template.state_machine(name)  # raises an error that lists the state machines
    return machine.logical_id


def _properties(template: Template, logical_id: str) -> Properties:
    document = read_document(template.used)
    account = Account(template.account, template.region, template.stack)
    return Properties(document, Resolver(document, Parameters(document, template.parameters), account), logical_id)


def _raw_definition(template: Template, properties: Properties) -> tuple[Path, Any, Place]:
    """The file with the definition, its data before anything is substituted, and its place in the file."""
    name = next((each for each in _DEFINITION if properties.raw.get(each) is not None), "Definition")
    value = properties.get(name)
    if name == "DefinitionUri" and isinstance(value, str):
        file = Path(template.used.parent / value)
        text = read_text(file, "definition") if file.is_file() else ""
        json_text = file.suffix == ".json" or text.lstrip().startswith("{")
        return file, _data(_quote_names(text)) if json_text else parse_yaml(text, str(file), json_types=True).data, ()
    place = properties.path(name)
    return template.used, value if name == "Definition" else None, place


def _known_substitutions(properties: Properties) -> dict[str, str]:
    known = {}
    for name, raw in _substitutions(properties).items():
        try:
            value = properties.resolver.value(raw, properties.path("DefinitionSubstitutions", name))
        except TemplateError:  # what only a deployment knows
            continue
        known[name] = json.dumps(value)[1:-1] if isinstance(value, str) else json.dumps(value)
    return known


def _substitutions(properties: Properties) -> dict[str, Any]:
    substitutions = properties.raw.get("DefinitionSubstitutions")
    return substitutions if isinstance(substitutions, dict) else {}


def _names_in_keys(data: Any, place: Place = ()) -> dict[str, Place]:
    names: dict[str, Place] = {}
    if isinstance(data, dict):
        for key, value in data.items():
            names |= dict.fromkeys(_NAME.findall(str(key)), place) | _names_in_keys(value, (*place, key))
    elif isinstance(data, list):
        for index, value in enumerate(data):
            names |= _names_in_keys(value, (*place, index))
    return names


def _parse(file: Path, definition: str | dict[str, Any], *, express: bool) -> CheckedDefinition:
    """Parse a definition; a problem that a substitution may settle is not reported."""
    data = _data(definition) if isinstance(definition, str) else definition
    problems: list[Problem] = []
    if not isinstance(data, dict):
        read(definition, problems, express=express)
        return CheckedDefinition(file, {}, tuple(problems), express=express)
    data = _with_resources(data)
    check_size(definition if isinstance(definition, str) else json.dumps(data, ensure_ascii=False), problems)
    corrected = correct(data, _problems(data, express=express), lambda other: _problems(other, express=express))
    return CheckedDefinition(file, corrected.definition, (*problems, *corrected.problems), express=express)


def _problems(data: dict[str, Any], *, express: bool) -> list[Problem]:
    """The problems of a definition, but for those that a substitution may settle."""
    problems: list[Problem] = []
    read(data, problems, express=express)
    return [each for each in problems if not _is_substituted(data, each.path)]


def _data(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _broken_json(file: Path) -> str | None:
    """The text of a ``.json`` definition file that is not JSON; None for any other file."""
    if file.suffix != ".json" or not file.is_file():
        return None
    text = _quote_names(read_text(file, "definition"))
    return text if _data(text) is None else None


def _quote_names(text: str) -> str:
    """Put quotes around each ``${Name}`` that stands for a number or an object."""
    return _TOKEN.sub(lambda match: match[0] if match[0].startswith('"') else f'"{match[0]}"', text)


def _with_resources(data: Any) -> Any:
    """Replace every ``Resource`` that a substitution provides by one that can be parsed."""
    if isinstance(data, list):
        return [_with_resources(each) for each in data]
    if not isinstance(data, dict):
        return data
    result = {key: _with_resources(value) for key, value in data.items()}
    if isinstance(result.get("Resource"), str) and "${" in result["Resource"]:
        text = result["Resource"]
        whole = _NAME.fullmatch(text)
        function = f"arn:aws:lambda:us-east-1:123456789012:function:{whole[1].replace(':', '-')}" if whole else ""
        result["Resource"] = function or _NAME.sub(lambda match: _PSEUDO.get(match[1], match[1]), text)
    return result


def _is_substituted(data: Any, path: Place | None) -> bool:
    """Whether a place holds a ``${…}`` whose value is not known."""
    for key in path or ():
        try:
            data = data[key]
        except (KeyError, IndexError, TypeError):
            return False
    return isinstance(data, str) and bool(_NAME.search(data))


def _lines(file: Path) -> Mapping[Place, int]:
    try:
        return parse_yaml(_quote_names(read_text(file)) if file.suffix == ".json" else read_text(file), str(file)).lines
    except TemplateError:
        return {}
