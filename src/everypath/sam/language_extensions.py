"""What CloudFormation's transforms make of a template before it is resolved: ``Fn::ForEach`` and ``AWS::Include``."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from everypath.sam.document import Document, Place, describe_value, is_file, read_document

_LOOP = "Fn::ForEach"
#: Values that loops may make; CloudFormation takes 500 resources.
_MOST_VALUES = 100_000
_NAME = re.compile(r"\$\{([A-Za-z0-9]+)\}|&\{([A-Za-z0-9]+)\}")


def expand(document: Document, collection: Callable[[Any, Place], Any], folder: Path) -> Document:
    """Return a template with its loops written out and its local includes put in.

    Parameters
    ----------
    document : Document
        The template.
    collection : callable
        Resolves the list that a loop goes through, which may refer to parameters and mappings.
    folder : Path
        What the locations of includes are relative to.

    Raises
    ------
    TemplateError
        If a loop or an include is malformed.
    """
    if not _is_needed(document.data):
        return document
    expansion = _Expansion(document, collection, folder)
    data = expansion.value(_included_at_top(document.data), (), (), {})
    return Document(document.name, data, {**document.lines, **expansion.lines}, document.warnings)


def _is_needed(value: Any) -> bool:
    if isinstance(value, dict):
        return any(
            key.startswith(_LOOP) or _is_include(item) or _is_needed(item) for key, item in value.items()
        ) or any(_is_include(each) for each in _transforms(value))
    return isinstance(value, list) and any(map(_is_needed, value))


def _is_include(value: Any) -> bool:
    return isinstance(value, dict) and value.get("Name") == "AWS::Include"


def _transforms(data: dict[str, Any]) -> list[Any]:
    transforms = data.get("Transform")
    return transforms if isinstance(transforms, list) else [transforms]


def _included_at_top(data: Any) -> Any:
    """Return a template in which the include of the whole template is written as that of a part of it."""
    if not isinstance(data, dict):
        return data
    includes = [each for each in _transforms(data) if _is_include(each)]
    return {**data, "Fn::Transform": includes[0]} if includes else data


class _Expansion:
    def __init__(self, document: Document, collection: Callable[[Any, Place], Any], folder: Path) -> None:
        self._document = document
        self._collection = collection
        self._folder = folder
        self._made = 0
        self.lines: dict[Place, int] = {}

    def value(self, value: Any, path: Place, source: Place, names: Mapping[str, str]) -> Any:
        """Return what becomes of a value: it is at `source` in the file, and at `path` in what is made of it."""
        self._count(path, source)
        if isinstance(value, dict):
            reference = value.get("Ref") if len(value) == 1 else None
            if isinstance(reference, str) and reference in names:
                return names[reference]
            return self._mapping(value, path, source, names)
        if isinstance(value, list):
            return [self.value(item, (*path, index), (*source, index), names) for index, item in enumerate(value)]
        return _replaced(value, names) if isinstance(value, str) and names else value

    def _count(self, path: Place, source: Place) -> None:
        self._made += 1
        if self._made > _MOST_VALUES:
            raise self._document.error(source, f"{_LOOP} makes too much of the template")
        line = self._document.line(source)
        if line is not None and path != source:
            self.lines[path] = line

    def _mapping(self, value: dict[str, Any], path: Place, source: Place, names: Mapping[str, str]) -> Any:
        result: dict[str, Any] = {}
        for key, item in value.items():
            place: Place = (*source, key)
            made: Any
            if key.startswith(f"{_LOOP}::"):
                made = self._loop(item, path, place, names)
            elif key == "Fn::Transform" and _is_include(item) and (file := self._file(item, place)):
                made = self.value(read_document(file).data, path, place, names)
                if len(value) == 1:
                    return made
                if not isinstance(made, dict):
                    raise self._document.error(place, f"expected a mapping in {file}, got {describe_value(made)}")
            else:
                name = _replaced(key, names)
                made = {name: self.value(item, (*path, name), place, names)}
            for name, each in made.items():
                both = isinstance(result.get(name), dict) and isinstance(each, dict) and not path
                if name in result and not both:
                    raise self._document.error(place, f"makes {name} twice")
                result[name] = {**result[name], **each} if both else each
        return result

    def _loop(self, argument: Any, path: Place, source: Place, names: Mapping[str, str]) -> dict[str, Any]:
        if (
            not isinstance(argument, list)
            or len(argument) != 3
            or not isinstance(argument[0], str)
            or not isinstance(argument[2], dict)
        ):
            raise self._document.error(
                source, f"expected a name, a list and a mapping to repeat, got {describe_value(argument)}"
            )
        identifier, items, body = argument
        items = self._collection(self.value(items, (*path, 1), (*source, 1), names), (*source, 1))
        if not isinstance(items, list):
            raise self._document.error((*source, 1), f"expected a list, got {describe_value(items)}")
        result: dict[str, Any] = {}
        for item in items:
            if not isinstance(item, str | int | float):
                raise self._document.error((*source, 1), f"expected a list of strings, got {describe_value(item)}")
            made = self._mapping(body, path, (*source, 2), {**names, identifier: str(item)})
            for name, each in made.items():
                if name in result:
                    raise self._document.error(source, f"makes {name} twice; put ${{{identifier}}} into its name")
                result[name] = each
        return result

    def _file(self, include: dict[str, Any], place: Place) -> Path | None:
        """Return the local file of an include; None where it is in S3."""
        parameters = include.get("Parameters")
        location = parameters.get("Location") if isinstance(parameters, dict) else None
        if not isinstance(location, str):
            raise self._document.error(place, f"expected the Location of a file, got {describe_value(location)}")
        if location.startswith(("s3://", "https://")):
            return None
        file = self._folder / location
        if not is_file(file):
            raise self._document.error(place, f"expected the Location of a file, but there is no {file}")
        return file


def _replaced(text: str, names: Mapping[str, str]) -> str:
    """Return a text with ``${Name}`` replaced, and ``&{Name}`` by the letters and digits of its value."""

    def value(match: re.Match[str]) -> str:
        plain, only_letters = match.groups()
        if plain is not None:
            return names.get(plain, match[0])
        return re.sub(r"[^A-Za-z0-9]", "", names[only_letters]) if only_letters in names else match[0]

    return _NAME.sub(value, text) if names else text
