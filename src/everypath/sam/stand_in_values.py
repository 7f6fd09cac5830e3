"""Values that only a deployment knows: given by the user, or stood in for by a text that contains their name."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping

from everypath.errors import TemplateError

_PREFIX = "stand-in-for-"
#: So long that a stand-in may be the name of a function, which has at most 64 characters.
_LONGEST_NAME = 51


class UnknownItems(list[str]):
    """A list whose items only a deployment knows.

    Parameters
    ----------
    name : str
        What is known only then; its items are called ``{name}.{index}``.
    text : str
        What stands in for the whole of it, where it is not taken apart.
    """

    def __init__(self, name: str, text: str) -> None:
        super().__init__([text])
        self.name = name


class StandIns:
    """The values of a template that only a deployment knows.

    A stand-in consists of letters, digits, hyphens and underscores, so that it may be part of any name or ARN.

    Parameters
    ----------
    given : mapping of str to str
        The values that are known nevertheless, by their names: that of an export for ``Fn::ImportValue``,
        ``Resource.Attribute`` for ``Fn::GetAtt``, ``ssm:/name`` for ``{{resolve:ssm:/name}}``.
    look_up : callable, optional
        Returns the value of a name that a local template makes; None where none does.
    names : dict of str to str, optional
        The names by their stand-ins: one for a template and for those that it takes values from.
    """

    def __init__(
        self,
        given: Mapping[str, str],
        look_up: Callable[[str], str | None] = lambda name: None,
        names: dict[str, str] | None = None,
    ) -> None:
        self._given = dict(given)
        self._look_up = look_up
        self._names: dict[str, str] = {} if names is None else names

    def given(self, name: str) -> str | None:
        """Return the value that the user gives; None where there is none."""
        return self._given.get(name)

    def value(self, name: str) -> str:
        """Return the value that the user gives, or that a local template makes, or else the stand-in."""
        if name in self._given:
            return self._given[name]
        made = self._look_up(name)
        if made is not None:
            return made
        text = re.sub(r"[^A-Za-z0-9_]+", "-", name).strip("-")
        if len(text) > _LONGEST_NAME:
            text = f"{text[: _LONGEST_NAME - 9]}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"
        self._names[_PREFIX + text] = name
        return _PREFIX + text

    def within(self, text: str) -> list[str]:
        """Return the names of the values that a text has stand-ins for, the longest stand-in first."""
        found: list[str] = []
        for each in sorted(self._names, key=len, reverse=True) if _PREFIX in text else ():
            if each in text:
                found.append(self._names[each])
                text = text.replace(each, "")  # a shorter one may be its beginning
        return found

    def is_whole(self, text: str) -> bool:
        """Return whether a text is a stand-in and nothing else."""
        return text in self._names

    def split(self, text: str, separator: str) -> list[str]:
        """Return the parts of a text; a stand-in may have any number of parts."""
        names = self.within(text)
        return UnknownItems(names[0], text) if names else text.split(separator)

    def explained(self, error: TemplateError) -> TemplateError:
        """Return an error with what to do, if a stand-in is what is wrong."""
        names = self.within(str(error))
        return TemplateError(f"{error}; it stands in for {names[0]}, {self.advice(names[0])}") if names else error

    def advice(self, name: str) -> str:
        """Return what to do about a value that is needed."""
        return f"which is known only once it is deployed: give it with --value {name}=VALUE"
