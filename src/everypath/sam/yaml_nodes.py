"""YAML nodes as data: CloudFormation's tags in their long form, all keys as strings, with the line of every value.

PyYAML's own constructors are not used because they turn ``2012-10-17`` into a date, accept a key that appears twice,
and forget the lines.
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
_JSON_SCALAR = re.compile(r"true|false|null|~|-?(0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?|", re.IGNORECASE)


def compose(text: str) -> yaml.Node | None:
    """Return the only node of a text; None for an empty one.

    Raises
    ------
    yaml.YAMLError
        If it is not YAML, or holds several documents.
    """
    loader = _Loader(text)
    try:
        node: yaml.Node | None = loader.get_single_node()
        return node
    finally:
        loader.dispose()


def construct(node: yaml.Node | None, name: str, lines: dict[tuple[str | int, ...], int], *, json_types: bool) -> Any:
    """Return the data of a node, and enter the line of every place into `lines`."""
    if node is None:
        return None
    return _Construction(name, lines, json_types).value(node, ())


class _Construction:
    def __init__(self, name: str, lines: dict[tuple[str | int, ...], int], json_types: bool) -> None:
        self.name = name
        self.lines = lines
        self.json_types = json_types
        self.scalars = yaml.constructor.SafeConstructor()
        self.enclosing: set[int] = set()

    def value(self, node: yaml.Node, path: tuple[str | int, ...]) -> Any:
        """Return the data of a node at a place."""
        self.lines[path] = node.start_mark.line + 1
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
        merged: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                raise self._error(key_node, "expected a string as the key")
            if key_node.tag == _STANDARD + "merge":
                self._merge(value_node, path, merged)
                continue
            key = str(key_node.value)
            if key in own:
                raise self._error(key_node, f"the key '{key}' appears twice in one mapping")
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

    def _error(self, node: yaml.Node, message: str) -> TemplateError:
        mark = node.start_mark
        return TemplateError(f"{self.name}:{mark.line + 1}:{mark.column + 1}: {message}")
