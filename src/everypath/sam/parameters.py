"""The parameters of a template, and their values."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from everypath.errors import TemplateError
from everypath.sam.document import Document, Place, describe_value


class Parameters:
    """The values of a template's parameters.

    Parameters
    ----------
    document : Document
        The template.
    overrides : mapping of str to str
        The values that the user gives; the other parameters have their ``Default``.

    Raises
    ------
    TemplateError
        If an override names no parameter of the template, or gives a value that the parameter does not allow.

    Notes
    -----
    A parameter of an SSM type (``AWS::SSM::Parameter::Value<…>``) holds the name of an SSM parameter, whose value only
    AWS knows. An override is taken as that value; without one, the default is, as under ``sam local``.
    """

    def __init__(self, document: Document, overrides: Mapping[str, str]) -> None:
        self._document = document
        self._overrides = dict(overrides)
        declared = self._declared = document.section("Parameters")
        for name, value in overrides.items():
            if name not in declared:
                known = ", ".join(declared) or "none"
                raise TemplateError(
                    f"{document.name}: --parameter-overrides: no parameter '{name}'; the template's are: {known}"
                )
            self._check(name, str(value), self._override_error)

    def __contains__(self, name: str) -> bool:
        return name in self._declared

    def value(self, name: str) -> str | list[str]:
        """Return what ``Ref`` gives for a parameter: a string, also for a number; a list of strings for a list type.

        Raises
        ------
        TemplateError
            If it has neither an override nor a default.
        """
        path: Place = ("Parameters", name)
        declaration = self._document.mapping(self._declared[name], path)
        if name in self._overrides:
            text = str(self._overrides[name])
        elif "Default" in declaration:
            text = _text(declaration["Default"], self._document, (*path, "Default"))
            self._check(name, text, self._default_error)
        else:
            raise self._document.error(path, f"has no Default: give it a value with --parameter-overrides {name}=VALUE")
        kind = str(declaration.get("Type", "String"))
        if kind == "CommaDelimitedList" or "List<" in kind or "CommaDelimitedList" in kind:
            return [item.strip() for item in text.split(",")] if text else []
        return text

    def _override_error(self, name: str, message: str) -> TemplateError:
        return TemplateError(f"{self._document.name}: --parameter-overrides {name}: {message}")

    def _default_error(self, name: str, message: str) -> TemplateError:
        return self._document.error(("Parameters", name, "Default"), message)

    def _check(self, name: str, text: str, error: Callable[[str, str], TemplateError]) -> None:
        """Refuse the values that CloudFormation refuses before it deploys."""
        declaration = self._declared[name]
        if not isinstance(declaration, dict):
            return
        allowed = declaration.get("AllowedValues")
        if isinstance(allowed, list):
            texts = [_text(item, self._document, ("Parameters", name, "AllowedValues")) for item in allowed]
            if text not in texts:
                expected = ", ".join(describe_value(item) for item in texts)
                raise error(name, f"expected one of {expected}, got {describe_value(text)}")
        if declaration.get("Type") == "Number" and not re.fullmatch(r"[-+]?\d+(\.\d+)?", text):
            raise error(name, f"expected a number, got {describe_value(text)}")
        pattern = declaration.get("AllowedPattern")
        if isinstance(pattern, str) and not _matches(pattern, text):
            raise error(name, f"expected a string that matches {pattern}, got {describe_value(text)}")


def _matches(pattern: str, text: str) -> bool:
    try:
        return bool(re.fullmatch(pattern, text))
    except re.error:  # Java's regular expressions have features that Python's lack; AWS checks them
        return True


def _text(value: Any, document: Document, path: Place) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    raise document.error(path, f"expected a string or a number, got {describe_value(value)}")
