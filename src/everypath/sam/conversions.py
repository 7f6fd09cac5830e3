"""What CloudFormation makes of a resolved value where it expects a text or a condition, or compares two."""

from __future__ import annotations

from typing import Any

from everypath.sam.document import Document, Place, shown

NO_VALUE = object()
"""What ``Ref: AWS::NoValue`` gives: the property or the item goes away."""


class Conversions:
    """Converts values of one template.

    Parameters
    ----------
    document : Document
        The template, whose places errors name.
    """

    def __init__(self, document: Document) -> None:
        self._document = document

    def truth(self, value: Any, path: Place) -> bool:
        """Return a value as a condition."""
        if isinstance(value, bool):
            return value
        if isinstance(value, str) and value.lower() in ("true", "false"):
            return value.lower() == "true"
        raise self._document.error(path, f"expected a condition, got {shown(value)}")

    def text(self, value: Any, path: Place) -> str:
        """Return a value as CloudFormation writes it into a text."""
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, str | int | float):
            return str(value)
        if value is NO_VALUE:
            return ""
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return ",".join(value)
        raise self._document.error(path, f"expected a text, got {shown(value)}")


def comparable(value: Any) -> Any:
    """Return a value as ``Fn::Equals`` compares it: by its text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | float) else value
