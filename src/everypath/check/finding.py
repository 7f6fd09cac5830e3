"""Rules, and the findings that they lead to."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from everypath.asl.errors import Problem
from everypath.check.checked_definition import CheckedDefinition
from everypath.sam.document import Place

Severity = Literal["error", "warning", "info"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")


@dataclass(frozen=True, slots=True)
class Hit:
    """A place that breaks a rule.

    Parameters
    ----------
    place : tuple of str or int
        From the root of the definition.
    message : str
        What is wrong and what to do.
    severity : {"error", "warning", "info"}, optional
        Where it differs from the rule's own.
    """

    place: Place
    message: str
    severity: Severity | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule: its stable code, its severity, its title, and the function that finds where it is broken."""

    code: str
    severity: Severity
    title: str
    find: Callable[[CheckedDefinition], Iterable[Hit]]


@dataclass(frozen=True, slots=True)
class Finding:
    """A broken rule, as it is reported.

    Parameters
    ----------
    code, severity, message : str
        The rule's code, its severity, what is wrong and what to do.
    file : str
        The file with the definition.
    place : tuple of str or int
        From the root of the definition.
    line : int or None
        The line in the file; None where it is not known.
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
        """The names of the states around the place, the outermost first."""
        names = []
        for key, name in zip(self.place, self.place[1:], strict=False):
            if key == "States" and isinstance(name, str):
                names.append(name)
        return tuple(names)


def rule(code: str, severity: Severity, title: str) -> Callable[[Callable[[CheckedDefinition], Iterable[Hit]]], Rule]:
    """Make a rule out of a function that yields the places where it is broken."""

    def make(find: Callable[[CheckedDefinition], Iterable[Hit]]) -> Rule:
        return Rule(code, severity, title, find)

    return make
