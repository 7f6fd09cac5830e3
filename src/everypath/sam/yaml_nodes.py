"""YAML nodes as data: CloudFormation's tags in their long form, all keys as strings, with the line of every value.

PyYAML's own constructors are not used because they turn ``2012-10-17`` into a date, do not tell of a key that appears
twice, and forget the lines.
"""

from __future__ import annotations

import re
from typing import Any

import yaml

from everypath.errors import TemplateError

_Loader: type = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_STANDARD = "tag:yaml.org,2002:"
_AS_TEXT = frozenset({_STANDARD + name for name in ("str", "timestamp", "binary", "value", "merge")})
_TYPED = frozenset({_STANDARD + name for name in ("bool", "int", "float", "null")})
#: How much aliases may repeat: values, and characters in units of sixteen.
_MOST_REPEATED = 100_000
#: Levels of nesting that nobody has to look for.
_SHALLOW = 5_000
_JSON_SCALAR = re.compile(r"true|false|null|~|-?(0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?|", re.IGNORECASE)


def compose(text: str) -> yaml.Node | None:
    """Return the only node of a text; None for an empty one.

    Raises
    ------
    yaml.YAMLError
        If it is not YAML, or holds several documents.
    RecursionError
        If it is nested so deeply that libyaml's composer would overflow the stack.
    """
    if any(text.count(opening) > _SHALLOW for opening in ("[", "{", "- ", "? ")):
        _require_shallow(text)
    loader = _Loader(text)
    try:
        node: yaml.Node | None = loader.get_single_node()
        return node
    finally:
        loader.dispose()


def _require_shallow(text: str) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > _SHALLOW:
            raise RecursionError


class Construction:
    """Makes data of nodes.

    Parameters
    ----------
    name : str
        The name of the text in messages.
    json_types : bool
        See `everypath.sam.document.parse_yaml`.

    Attributes
    ----------
    lines : dict of place to int
        The line of every place.
    warnings : list of str
        A message for every key that appears twice in one mapping; the last one counts, as with the SAM CLI.
    """

    def __init__(self, name: str, *, json_types: bool) -> None:
        self.name = name
        self.lines: dict[tuple[str | int, ...], int] = {}
        self.warnings: list[str] = []
        self.json_types = json_types
        self.scalars = yaml.constructor.SafeConstructor()
        self.enclosing: set[int] = set()
        self.seen: set[int] = set()
        self.repeated = 0

    def data(self, node: yaml.Node | None) -> Any:
        """Return the data of a node.

        Raises
        ------
        TemplateError
            With file, line and column.
        """
        return None if node is None else self.value(node, ())

    def value(self, node: yaml.Node, path: tuple[str | int, ...]) -> Any:
        """Return the data of a node at a place."""
        self.lines[path] = node.start_mark.line + 1
        if id(node) in self.seen:
            self.repeated += 1 + (len(node.value) // 16 if isinstance(node, yaml.ScalarNode) else 0)
            if self.repeated > _MOST_REPEATED:
                raise self._error(node, "aliases repeat too much: write out what is needed")
        self.seen.add(id(node))
        if node.tag.startswith("!") and node.tag != "!":
            return self._tagged(node, path)
        if id(node) in self.enclosing:
            raise self._error(node, "an alias that contains itself")
        self.enclosing.add(id(node))
        try:
            return self._plain(node, path)
        finally:
            self.enclosing.discard(id(node))

    def _plain(self, node: yaml.Node, path: tuple[str | int, ...]) -> Any:
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*path, index)) for index, item in enumerate(node.value)]
        return self._scalar(node)

    def _mapping(self, node: yaml.MappingNode, path: tuple[str | int, ...]) -> dict[str, Any]:
        own: dict[str, Any] = {}
        marks: dict[str, yaml.Mark] = {}
        merged: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                raise self._error(key_node, "expected a string as the key")
            if key_node.tag == _STANDARD + "merge":
                self._merge(value_node, path, merged)
                continue
            key = str(key_node.value)
            if key in own:
                self.warnings.append(self._twice(key, key_node, marks[key]))
                del own[key]
            marks[key] = key_node.start_mark
            own[key] = self.value(value_node, (*path, key))
            self.lines[(*path, key)] = key_node.start_mark.line + 1
        return {**merged, **own}

    def _merge(self, node: yaml.Node, path: tuple[str | int, ...], merged: dict[str, Any]) -> None:
        """Add the pairs of ``<<``: of several mappings, the first that has a key provides its value."""
        sources = node.value if isinstance(node, yaml.SequenceNode) else [node]
        for source in sources:
            if not isinstance(source, yaml.MappingNode):
                raise self._error(source, "expected a mapping to merge")
            for key, value in self.value(source, path).items():
                merged.setdefault(key, value)

    def _scalar(self, node: yaml.Node) -> Any:
        text = str(node.value)
        if node.tag in _AS_TEXT or node.tag == "!":
            return text
        if self.json_types and not _JSON_SCALAR.fullmatch(text):
            return text
        if node.tag not in _TYPED:
            raise self._error(node, f"the tag {node.tag.replace(_STANDARD, '!!')} is not supported")
        try:
            return self.scalars.construct_object(node)
        except (yaml.YAMLError, ValueError, LookupError):
            raise self._error(node, f"cannot read {text!r}") from None

    def _tagged(self, node: yaml.Node, path: tuple[str | int, ...]) -> dict[str, Any]:
        """Return ``!Sub x`` as ``{"Fn::Sub": "x"}``, and ``!GetAtt a.b`` with the list of its long form."""
        short = node.tag[1:]
        key = short if short in ("Ref", "Condition") else f"Fn::{short}"
        inner = (*path, key)
        self.lines[inner] = node.start_mark.line + 1
        value = str(node.value) if isinstance(node, yaml.ScalarNode) else self._plain(node, inner)
        if key == "Fn::GetAtt" and isinstance(value, str):
            value = value.split(".", 1)
        return {key: value}

    def _twice(self, key: str, node: yaml.Node, first: yaml.Mark) -> str:
        place = f"{first.line + 1}:{first.column + 1}"
        return str(self._error(node, f"the key '{key}' is also at {place} in the same mapping; the last one counts"))

    def _error(self, node: yaml.Node, message: str) -> TemplateError:
        mark = node.start_mark
        return TemplateError(f"{self.name}:{mark.line + 1}:{mark.column + 1}: {message}")
