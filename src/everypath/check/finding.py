"""What a check finds, and the rules that find it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from everypath.asl.errors import Problem

if TYPE_CHECKING:
    from everypath.check.checked_definition import CheckedDefinition

Severity = Literal["error", "warning", "info"]
Place = tuple[str | int, ...]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")


@dataclass(frozen=True, slots=True)
class Hit:
    """One place that a rule objects to.

    Parameters
    ----------
    place : tuple of str or int
        From the root of the definition.
    message : str
        What is wrong and what to do.
    severity : {"error", "warning", "info"}, optional
        Where it is another than the rule's own.
    """

    place: Place
    message: str
    severity: Severity | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule: its stable code, how bad it is to break it, and the function that finds where it is broken."""

    code: str
    severity: Severity
    title: str
    find: Callable[[CheckedDefinition], Iterable[Hit]]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was found.

    Parameters
    ----------
    code, severity, message : str
        The rule's code, how bad it is, what is wrong and what to do.
    file : str
        The file that the definition is written in.
    place : tuple of str or int
        From the root of the definition.
    line : int or None
        The line in the file, where it is known.
    """

    code: str
    severity: Severity
    message: str
    file: str
    place: Place
    line: int | None = None

    @property
    def pointer(self) -> str:
        """The place as a JSON pointer: ``/States/Call API/Retry/0``."""
        return Problem(self.code, self.message, self.place).pointer

    @property
    def states(self) -> tuple[str, ...]:
        """The names of the states that the place is in, the outermost first."""
        names = []
        for key, name in zip(self.place, self.place[1:], strict=False):
            if key == "States" and isinstance(name, str):
                names.append(name)
        return tuple(names)


def rule(code: str, severity: Severity, title: str) -> Callable[[Callable[[CheckedDefinition], Iterable[Hit]]], Rule]:
    """Make a rule of a function that yields the places where it is broken."""

    def make(find: Callable[[CheckedDefinition], Iterable[Hit]]) -> Rule:
        return Rule(code, severity, title, find)

    return make
