"""The properties of a resource, merged with the template's Globals."""

from __future__ import annotations

from typing import Any

from everypath.errors import TemplateError
from everypath.sam.document import Document, Place, describe_value
from everypath.sam.intrinsics import Resolver

_SECTIONS = {"AWS::Serverless::Function": "Function", "AWS::Serverless::StateMachine": "StateMachine"}


def merge_globals(general: Any, own: Any) -> Any:
    """Return a property's value merged with that of the Globals.

    Mappings are merged key by key and lists are joined, the Globals' items first; any other value of the resource
    replaces that of the Globals (SAM specification, "Globals section"). An intrinsic function counts as a value.
    """
    if isinstance(general, dict) and isinstance(own, dict) and not (_is_function(general) or _is_function(own)):
        return {
            **general,
            **{key: merge_globals(general[key], own[key]) if key in general else own[key] for key in own},
        }
    if isinstance(general, list) and isinstance(own, list):
        return [*general, *own]
    return own


def _is_function(value: dict[str, Any]) -> bool:
    return len(value) == 1 and next(iter(value)).startswith(("Fn::", "Ref"))


class Properties:
    """The properties of one resource.

    Parameters
    ----------
    document : Document
        The template.
    resolver : Resolver
        Resolves the intrinsic functions in them.
    logical_id : str
        The resource.

    Raises
    ------
    TemplateError
        If they are not a mapping.
    """

    def __init__(self, document: Document, resolver: Resolver, logical_id: str) -> None:
        self.document = document
        self.resolver = resolver
        self.logical_id = logical_id
        self.place: Place = ("Resources", logical_id)
        resource = resolver.resources.all[logical_id]
        self.type = str(resource["Type"])
        self.metadata: Any = resource.get("Metadata") or {}
        self._section = _SECTIONS.get(self.type, "")
        self._own = resolver.resources.properties(logical_id)
        general = document.section("Globals").get(self._section)
        self.raw: dict[str, Any] = merge_globals(document.mapping(general, ("Globals", self._section)), self._own)

    def path(self, *names: str | int) -> Place:
        """Return where a property is written: in the resource or, if the resource has none, in the Globals."""
        own: Place = (*self.place, "Properties", *names)
        if names and names[0] not in self._own and names[0] in self.raw:
            return ("Globals", self._section, *names)
        return own

    def get(self, name: str) -> Any:
        """Return a property resolved; None where it is missing or ``AWS::NoValue``.

        Raises
        ------
        TemplateError
            If it cannot be resolved.
        """
        return self.resolver.value(self.raw.get(name), self.path(name))

    def text(self, name: str) -> str | None:
        """Return a property that must be a string."""
        value = self.get(name)
        if value is not None and not isinstance(value, str):
            raise self.error(name, f"expected a string, got {describe_value(value)}")
        return value

    def number(self, name: str, default: int, least: int, most: int) -> int:
        """Return a property that must be a whole number between two bounds."""
        value = self.get(name)
        if value is None:
            return default
        if isinstance(value, str) and value.isdigit():
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise self.error(name, f"expected a whole number from {least} to {most}, got {describe_value(value)}")
        return value

    def error(self, name: str, message: str) -> TemplateError:
        """Return the error for a property."""
        return self.document.error(self.path(name), message)
