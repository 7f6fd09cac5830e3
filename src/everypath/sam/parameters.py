"""The parameters of a template, and their values."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from everypath.errors import TemplateError
from everypath.sam.document import Document, Place, describe_value

_REPEATS = re.compile(r"[*+}]")
#: Seconds that an AllowedPattern may take.
_PATIENCE = 1.0
_MATCH = "import json, re, sys; sys.exit(not re.fullmatch(*json.load(sys.stdin)))"


class Parameters:
    """The values of a template's parameters.

    Parameters
    ----------
    document : Document
        The template.
    overrides : mapping of str to str
        The values that the user gives; the other parameters have their ``Default``.
    configured : mapping of str to str
        The values of samconfig.toml, under those of `overrides`; as with the SAM CLI, names that the template lacks are
        ignored.
    nested : bool
        Whether `configured` comes from another template, and may hold stand-ins, which no rule of a parameter allows.

    Attributes
    ----------
    overrides : mapping of str to str
        The given values: those of the user, and those of samconfig.toml.

    Raises
    ------
    TemplateError
        If an override names no parameter of the template, or gives a value that the parameter does not allow.

    Notes
    -----
    A parameter of an SSM type (``AWS::SSM::Parameter::Value<…>``) holds the name of an SSM parameter, whose value only
    AWS knows. An override is taken as that value; without one, the default is, as under ``sam local``.
    """

    def __init__(
        self,
        document: Document,
        overrides: Mapping[str, str],
        configured: Mapping[str, str] = MappingProxyType({}),
        *,
        nested: bool = False,
    ) -> None:
        self._document = document
        declared = self._declared = document.section("Parameters")
        of_template = {name: value for name, value in configured.items() if name in declared}
        self.overrides: Mapping[str, str] = {**of_template, **overrides}
        for name, value in overrides.items():
            if name not in declared:
                known = ", ".join(declared) or "none"
                raise TemplateError(
                    f"{document.name}: --parameter-overrides: no parameter '{name}'; the template's are: {known}"
                )
            self._check(name, str(value), self._override_error)
        for name, value in of_template.items():
            if name not in overrides and not nested:
                self._check(name, value, self._configured_error)

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
        if name in self.overrides:
            text = str(self.overrides[name])
        elif "Default" in declaration:
            text = _text(declaration["Default"], self._document, (*path, "Default"))
            self._check(name, text, self._default_error)
        else:
            raise self._missing(name)
        kind = str(declaration.get("Type", "String"))
        if kind == "CommaDelimitedList" or "List<" in kind or "CommaDelimitedList" in kind:
            return [item.strip() for item in text.split(",")] if text else []
        return text

    def _missing(self, name: str) -> TemplateError:
        """Return the error for a parameter without a value, which names all the others without one, too."""
        without = [key for key, item in self._declared.items() if not isinstance(item, dict) or "Default" not in item]
        missing = [key for key in without if key not in self.overrides]
        advice = f"with --parameter-overrides {' '.join(f'{key}=VALUE' for key in missing)}"
        if len(missing) == 1:
            return self._document.error(("Parameters", name), f"has no Default: give it a value {advice}")
        listed = f"{', '.join(missing[:-1])} and {missing[-1]}"
        return self._document.error(("Parameters",), f"{listed} have no Default: give them values {advice}")

    def _override_error(self, name: str, message: str) -> TemplateError:
        return TemplateError(f"{self._document.name}: --parameter-overrides {name}: {message}")

    def _configured_error(self, name: str, message: str) -> TemplateError:
        return TemplateError(f"{self._document.name}: parameter_overrides of samconfig.toml, {name}: {message}")

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
        if isinstance(pattern, str) and not (matches := _matches(pattern, text)):
            slow = f", which could not be found out within {_PATIENCE:g} s" if matches is None else ""
            raise error(name, f"expected a string that matches {pattern}, got {describe_value(text)}{slow}")


def _matches(pattern: str, text: str) -> bool | None:
    """Return whether a text matches; None where that takes too long to find out, as with ``(a+)+$``."""
    try:
        compiled = re.compile(pattern)
    except re.error:  # Java's regular expressions have features that Python's lack; AWS checks them
        return True
    if len(_REPEATS.findall(pattern)) < 2:
        return bool(compiled.fullmatch(text))
    # A process can be stopped while it matches, a thread cannot.
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-S", "-c", _MATCH], input=json.dumps([pattern, text]), text=True, timeout=_PATIENCE
        )
    except subprocess.TimeoutExpired:
        return None
    return done.returncode == 0


def _text(value: Any, document: Document, path: Place) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    raise document.error(path, f"expected a string or a number, got {describe_value(value)}")
