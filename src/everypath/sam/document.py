"""A YAML or JSON file as data, with the line of every value."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from everypath.errors import TemplateError

if TYPE_CHECKING:
    import yaml

Place = tuple[str | int, ...]
"""A place in a document: the keys and indices that lead to it."""


@dataclass(frozen=True, slots=True)
class Document:
    """A file that was parsed.

    Parameters
    ----------
    name : str
        The name of the file in messages: its path as the user gave it.
    data : Any
        Its data; CloudFormation's tags are in their long form (``{"Fn::Sub": …}``).
    lines : mapping of tuple to int
        The line of every place, counted from 1.
    warnings : tuple of str
        What is odd about the text, and yet accepted.
    """

    name: str
    data: Any
    lines: Mapping[Place, int] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    def error(self, path: Place, message: str) -> TemplateError:
        """Return the error for a place: ``template.yaml:12: Resources/Fn/Properties/Handler: …``."""
        line = self.line(path)
        where = f"{self.name}:{line}" if line else self.name
        place = "/".join(str(part) for part in path)
        return TemplateError(f"{where}: {place}: {message}" if place else f"{where}: {message}")

    def mapping(self, value: Any, path: Place) -> dict[str, Any]:
        """Return the value at a place as a mapping; an empty one where it is absent.

        Raises
        ------
        TemplateError
            If it is anything else.
        """
        if value is None:
            return {}
        if not isinstance(value, dict):
            raise self.error(path, f"expected a mapping, got {describe_value(value)}")
        return value

    def section(self, name: str) -> dict[str, Any]:
        """Return one of the template's sections, such as ``Conditions``; empty where it is absent."""
        return self.mapping(self.data.get(name), (name,))

    def line(self, path: Place) -> int | None:
        """Return the line of a place, or of the nearest one around it that is in the file."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path)


def describe_value(value: Any) -> str:
    """Return a value as messages show it: scalars as JSON, anything else by its kind."""
    if isinstance(value, dict):
        return "a mapping" if value else "an empty mapping"
    if isinstance(value, list):
        return "a list" if value else "an empty list"
    if not isinstance(value, str | int | float):
        return "nothing"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 80 else text[:77] + '…"'


def is_file(path: Path) -> bool:
    """Return whether a path is that of a file; False also for what can be no path, such as a text that is too long."""
    try:
        return path.is_file()
    except OSError:
        return False


def is_dir(path: Path) -> bool:
    """Return whether a path is that of a folder; see `is_file`."""
    try:
        return path.is_dir()
    except OSError:
        return False


def read_text(path: Path, what: str = "template") -> str:
    """Return the text of a file.

    Raises
    ------
    TemplateError
        If it cannot be read, or is not UTF-8.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise TemplateError(f"{path}: no such {what}") from None
    except UnicodeDecodeError as error:
        raise TemplateError(f"{path}: expected UTF-8 text: {error.reason} at byte {error.start}") from None
    except IsADirectoryError:
        raise TemplateError(f"{path}: is a folder; expected a {what}") from None
    except OSError as error:
        raise TemplateError(f"{path}: cannot be read: {error.strerror}") from None


def parse_json(text: str, name: str) -> Document:
    """Return a JSON text as a document, which has no lines.

    Raises
    ------
    TemplateError
        With file, line and column.
    """
    twice: list[str] = []

    def members_of(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        members = dict(pairs)
        if len(members) < len(pairs):
            seen: set[str] = set()
            twice.extend(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        return members

    def refuse_constant(word: str) -> Any:
        raise TemplateError(f"{name}: {word} is not JSON")

    try:
        data = json.loads(text, object_pairs_hook=members_of, parse_constant=refuse_constant)
    except json.JSONDecodeError as error:
        where = f"{name}:{error.lineno}:{error.colno}"
        raise TemplateError(f"{where}: not valid JSON: {error.msg}") from None
    except RecursionError:
        raise TemplateError(f"{name}: nested too deeply") from None
    except ValueError as error:  # a number of thousands of digits
        raise TemplateError(f"{name}: not valid JSON: {error}") from None
    if not twice:
        return Document(name, data)
    try:
        warnings = parse_yaml(text, name, json_types=True).warnings  # which have the places
    except TemplateError:
        warnings = tuple(f"{name}: the key '{key}' appears twice in one object; the last one counts" for key in twice)
    return Document(name, data, warnings=warnings)


def parse_yaml(text: str, name: str, *, json_types: bool = False) -> Document:
    """Return a YAML text as a document.

    Parameters
    ----------
    text, name : str
        The text, and its name in messages.
    json_types : bool
        Read scalars as YAML 1.2's JSON schema does, in which ``No`` and ``on`` are text. That is how CloudFormation
        reads definitions; templates are YAML 1.1.

    Raises
    ------
    TemplateError
        With file, line and column.
    """
    import yaml  # it takes longer to load than all of this package, and a definition in JSON needs none of it

    from everypath.sam.yaml_nodes import Construction, compose

    construction = Construction(name, json_types=json_types)
    try:
        data = construction.data(compose(text))
    except RecursionError:
        raise TemplateError(f"{name}: nested too deeply") from None
    except yaml.YAMLError as error:
        raise _yaml_error(error, name) from None
    return Document(name, data, construction.lines, tuple(construction.warnings))


def read_document(path: Path) -> Document:
    """Return the document in a template file: as the SAM CLI reads it, JSON or, if it is not JSON, YAML."""
    text, name = read_text(path), str(path)
    if not text.lstrip().startswith("{"):
        return parse_yaml(text, name)
    try:
        document = parse_json(text, name)
    except TemplateError as not_json:
        try:
            return parse_yaml(text, name)
        except TemplateError:
            raise not_json from None
    try:
        return replace(document, lines=parse_yaml(text, name).lines)
    except TemplateError:  # not all JSON is YAML; a document without lines is better than none
        return document


def _yaml_error(error: Exception, name: str) -> TemplateError:
    mark: yaml.Mark | None = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    where = f"{name}:{mark.line + 1}:{mark.column + 1}" if mark else name
    problem = getattr(error, "problem", None) or str(error).splitlines()[0]
    context = getattr(error, "context", None)
    return TemplateError(f"{where}: not valid YAML: {problem}" + (f" ({context})" if context else ""))
