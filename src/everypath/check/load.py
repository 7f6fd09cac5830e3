"""Reads what is to be checked: a state machine of a template, or a bare definition file."""

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
from everypath.check.finding import Place
from everypath.check.view import strings
from everypath.errors import TemplateError
from everypath.sam import read as read_template
from everypath.sam.document import parse_yaml, read_document, read_text
from everypath.sam.intrinsics import Resolver
from everypath.sam.model import StateMachine, Template
from everypath.sam.parameters import Parameters
from everypath.sam.physical import Account
from everypath.sam.properties import Properties
from everypath.sam.substitutions import substitute

_NAME = re.compile(r"\$\{([A-Za-z0-9_.:-]+)\}")
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|\$\{[A-Za-z0-9_.:-]+\}', re.DOTALL)
_PSEUDO = {"AWS::Partition": "aws", "AWS::Region": "us-east-1", "AWS::AccountId": "123456789012"}
_DEFINITION = ("DefinitionUri", "DefinitionString", "Definition")


def load_file(file: Path) -> CheckedDefinition:
    """Return a bare definition file, JSON or YAML, to be checked without handlers."""
    text = read_text(file, "definition")
    definition: str | dict[str, Any] = _quoted(text)
    if file.suffix in (".yaml", ".yml"):
        definition = parse_yaml(text, str(file), json_types=True).data
        if not isinstance(definition, dict):
            raise TemplateError(f"{file}: expected a definition (a mapping)")
    return replace(_subject(file, definition, express=False), lines=_lines(file))


def load_machine(path: str, name: str | None, overrides: Mapping[str, str]) -> CheckedDefinition:
    """Return a state machine of a template, with the handlers' code to be checked against it.

    Raises
    ------
    TemplateError
        The template or the definition cannot be read; a ``${…}`` that nothing is substituted for is no such error.
    """
    template = read_template(path, overrides)
    logical_id = _logical_id(template, name)
    properties = _properties(template, logical_id)
    source, raw, prefix = _written(template, properties)
    # A DefinitionString is put together by CloudFormation's own functions: what it uses cannot be told.
    given = tuple(_substitutions(properties)) if raw is not None else ()
    used = {found: place for text, place in strings(raw) for found in _NAME.findall(text)} | _keys(raw)
    try:
        machine = template.state_machine(logical_id)
    except TemplateError:
        text = _broken_json(source) if raw is None else None
        if text is not None:
            return replace(_subject(source, text, express=False), template=template)
        if not set(used) - set(given) or raw is None:
            raise
        text = substitute(json.dumps(raw, ensure_ascii=False), _known(properties))
        checked = _subject(source, text, express=properties.raw.get("Type") == "EXPRESS")
    else:
        checked = _subject(machine.source, machine.definition, express=machine.type == "EXPRESS")
    return replace(checked, template=template, given=given, used=used, lines=_lines(source), prefix=prefix)


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
    found: StateMachine = template.state_machine(name)  # raises, and says which there are
    return found.logical_id


def _properties(template: Template, logical_id: str) -> Properties:
    document = read_document(template.used)
    account = Account(template.account, template.region, template.stack)
    return Properties(document, Resolver(document, Parameters(document, template.parameters), account), logical_id)


def _written(template: Template, properties: Properties) -> tuple[Path, Any, Place]:
    """The file that the definition is in, its data before anything is substituted, and where in the file it begins."""
    name = next((each for each in _DEFINITION if properties.raw.get(each) is not None), "Definition")
    value = properties.get(name)
    if name == "DefinitionUri" and isinstance(value, str):
        file = Path(template.used.parent / value)
        text = read_text(file, "definition") if file.is_file() else ""
        json_text = file.suffix == ".json" or text.lstrip().startswith("{")
        return file, _data(_quoted(text)) if json_text else parse_yaml(text, str(file), json_types=True).data, ()
    place = properties.path(name)
    return template.used, value if name == "Definition" else None, place


def _known(properties: Properties) -> dict[str, str]:
    known = {}
    for name, raw in _substitutions(properties).items():
        try:
            value = properties.resolver.value(raw, properties.path("DefinitionSubstitutions", name))
        except TemplateError:  # what only a deployment knows
            continue
        known[name] = json.dumps(value)[1:-1] if isinstance(value, str) else json.dumps(value)
    return known


def _substitutions(properties: Properties) -> dict[str, Any]:
    found = properties.raw.get("DefinitionSubstitutions")
    return found if isinstance(found, dict) else {}


def _keys(data: Any, place: Place = ()) -> dict[str, Place]:
    found: dict[str, Place] = {}
    if isinstance(data, dict):
        for key, value in data.items():
            found |= dict.fromkeys(_NAME.findall(str(key)), place) | _keys(value, (*place, key))
    elif isinstance(data, list):
        for index, value in enumerate(data):
            found |= _keys(value, (*place, index))
    return found


def _subject(file: Path, definition: str | dict[str, Any], *, express: bool) -> CheckedDefinition:
    """Parse a definition; what only a substitution would make right is not reported."""
    data = _data(definition) if isinstance(definition, str) else definition
    problems: list[Problem] = []
    if not isinstance(data, dict):
        read(definition, problems, express=express)
        return CheckedDefinition(file, {}, tuple(problems))
    data = _with_resources(data)
    check_size(definition if isinstance(definition, str) else json.dumps(data, ensure_ascii=False), problems)
    read(data, problems, express=express)
    return CheckedDefinition(file, data, tuple(each for each in problems if not _open(data, each.path)))


def _data(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _broken_json(file: Path) -> str | None:
    """The text of a definition file that is meant to be JSON and is not."""
    if file.suffix != ".json" or not file.is_file():
        return None
    text = _quoted(read_text(file, "definition"))
    return text if _data(text) is None else None


def _quoted(text: str) -> str:
    """A definition's text with quotes around each ``${Name}`` that stands for a number or an object."""
    return _TOKEN.sub(lambda match: match[0] if match[0].startswith('"') else f'"{match[0]}"', text)


def _with_resources(data: Any) -> Any:
    """Give every Resource that a substitution would bring in a value that can be parsed."""
    if isinstance(data, list):
        return [_with_resources(each) for each in data]
    if not isinstance(data, dict):
        return data
    found = {key: _with_resources(value) for key, value in data.items()}
    if isinstance(found.get("Resource"), str) and "${" in found["Resource"]:
        text = found["Resource"]
        whole = _NAME.fullmatch(text)
        function = f"arn:aws:lambda:us-east-1:123456789012:function:{whole[1].replace(':', '-')}" if whole else ""
        found["Resource"] = function or _NAME.sub(lambda match: _PSEUDO.get(match[1], match[1]), text)
    return found


def _open(data: Any, path: Place | None) -> bool:
    """Whether a place holds a ``${…}`` whose value is not known."""
    for key in path or ():
        try:
            data = data[key]
        except (KeyError, IndexError, TypeError):
            return False
    return isinstance(data, str) and bool(_NAME.search(data))


def _lines(file: Path) -> Mapping[Place, int]:
    try:
        return parse_yaml(_quoted(read_text(file)) if file.suffix == ".json" else read_text(file), str(file)).lines
    except TemplateError:
        return {}
