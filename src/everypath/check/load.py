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
from everypath.sam.definition_file import fill_arns, is_definition, quote_names
from everypath.sam.document import Document, Place, is_file, parse_json, parse_yaml, read_text
from everypath.sam.model import StateMachine, Template
from everypath.sam.physical import Account
from everypath.sam.properties import Properties
from everypath.sam.reader import read_properties
from everypath.sam.state_machines import parse_definition, substitute

_NAME = re.compile(r"\$\{([A-Za-z0-9_.:-]+)\}")
_ACCOUNT = Account("123456789012", "us-east-1", "local")
_DEFINITION = ("DefinitionUri", "DefinitionString", "Definition")


def load_file(file: Path) -> CheckedDefinition:
    """Load a definition file, JSON or YAML, to be checked without handlers."""
    text = _quote_names(read_text(file, "definition"), file)
    document = _document(text, file)
    if document is None:
        return replace(_parse(file, text, express=False), lines=_lines(file))
    if file.suffix in (".yaml", ".yml") and not isinstance(document.data, dict):
        raise TemplateError(f"{file}: expected a definition (a mapping)")
    checked = _parse(file, document.data if isinstance(document.data, dict) else text, express=False)
    return replace(checked, lines=_lines(file), warnings=document.warnings)


def _document(text: str, file: Path) -> Document | None:
    """The data of a definition file; None for JSON that is wrong, of which the parser of definitions tells.

    Raises
    ------
    TemplateError
        The text of a YAML file is wrong.
    """
    try:
        return parse_json(text, str(file)) if _is_json(text, file) else parse_yaml(text, str(file), json_types=True)
    except TemplateError:
        if not _is_json(text, file):
            raise
        return None


def load_definition(file: Path, **how: Any) -> CheckedDefinition:
    """Load a definition file, to be checked together with the functions that are given; see `everypath.sam.read`."""
    template = read_template(file, **how)
    machine = template.state_machine()
    checked = _parse(file, machine.definition, express=False)
    return replace(checked, template=template, lines=_lines(file), warnings=machine.warnings)


def load_machine(path: str, name: str | None, parameter_overrides: Mapping[str, str], **how: Any) -> CheckedDefinition:
    """Load a state machine of a template, to be checked together with the code of its handlers.

    Raises
    ------
    TemplateError
        The template or the definition cannot be read. A ``${…}`` that the template gives no value for is not an error
        here: a rule reports it.
    """
    template = read_template(path, parameter_overrides, **how)
    if is_definition(template.used):
        return load_definition(template.used, parameter_overrides=parameter_overrides, **how)
    logical_id = _logical_id(template, name)
    properties = read_properties(template, logical_id)
    source, raw, prefix = _raw_definition(properties)
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
        text = substitute(json.dumps(raw, ensure_ascii=False), _known_substitutions(properties)) or ""
        checked = _parse(source, text, express=properties.raw.get("Type") == "EXPRESS")
    else:
        checked = _parse(machine.source, machine.definition, express=machine.type == "EXPRESS")
        checked = replace(checked, warnings=machine.warnings)
    return replace(
        checked,
        template=template,
        substitutions=substitutions,
        placeholders=placeholders,
        lines=_lines(source),
        prefix=prefix,
    )


def machine_names(path: str, parameter_overrides: Mapping[str, str], **how: Any) -> tuple[str, ...]:
    """The logical ids of a template's state machines."""
    return tuple(read_template(path, parameter_overrides, **how).state_machines)


def _logical_id(template: Template, name: str | None) -> str:
    if name in template.state_machines:
        return str(name)
    for logical_id, known in template.machine_names.items():
        if name == known:
            return logical_id
    own = [key for key in template.state_machines if "/" not in key] or list(template.state_machines)
    if name is None and len(own) == 1:
        return own[0]
    machine: StateMachine = template.state_machine(name)  # raises an error that lists the state machines
    return machine.logical_id


def _raw_definition(properties: Properties) -> tuple[Path, Any, Place]:
    """The file with the definition, its data before anything is substituted, and its place in the file."""
    name = next((each for each in _DEFINITION if properties.raw.get(each) is not None), "Definition")
    value = properties.get(name)
    if name == "DefinitionUri" and isinstance(value, str):
        file = Path(properties.document.name).parent / value
        text = read_text(file, "definition") if is_file(file) else ""
        try:
            return file, parse_definition(_quote_names(text, file), str(file)).data, ()
        except TemplateError:
            return file, None, ()
    place = properties.path(name)
    return Path(properties.document.name), value if name == "Definition" else None, place


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
    if file.suffix != ".json" or not is_file(file):
        return None
    text = _quote_names(read_text(file, "definition"), file)
    return text if _data(text) is None else None


def _is_json(text: str, file: Path) -> bool:
    return file.suffix == ".json" or text.lstrip().startswith("{")


def _quote_names(text: str, file: Path) -> str:
    """Put quotes around each ``${Name}`` that stands for a number or an object in JSON."""
    if not _is_json(text, file):
        return text
    return quote_names(text)


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
        function = f"arn:aws:lambda:us-east-1:123456789012:function:{re.sub('[:.]', '-', whole[1])}" if whole else ""
        result["Resource"] = function or _NAME.sub(lambda match: match[1], fill_arns(text, _ACCOUNT))
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
        return parse_yaml(_quote_names(read_text(file), file), str(file)).lines
    except TemplateError:
        return {}
