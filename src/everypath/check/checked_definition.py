"""What is checked: a definition and, if it comes from a template, what belongs to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from everypath.asl.errors import Problem
from everypath.asl.resource import is_asynchronous
from everypath.check.raised import RaisedErrors, raised_by
from everypath.check.requirements import Requirements
from everypath.check.view import StateView, all_states
from everypath.sam.document import Place
from everypath.sam.model import Function, Template


@dataclass(frozen=True)
class CheckedDefinition:
    """A definition to check.

    Parameters
    ----------
    file : Path
        Where it is written.
    definition : dict
        Its data, substitutions made as far as they are known.
    problems : tuple of Problem
        The problems of its structure.
    template : Template or None
        The template that it belongs to; None for a bare file.
    substitutions : tuple of str
        The names in ``DefinitionSubstitutions``; empty for a bare file.
    placeholders : mapping of str to place
        The names in the ``${…}`` of the definition, with their places; empty for a bare file.
    lines : mapping of place to int
        The line of each place in the file, where it is known.
    prefix : place
        Where the definition begins in the file.
    express : bool
        Whether the state machine is known to run Express workflows.
    requirements : Requirements
        What the project requires of it.
    warnings : tuple of str
        What is odd about the file, and yet accepted.
    """

    file: Path
    definition: dict[str, Any]
    problems: tuple[Problem, ...] = ()
    template: Template | None = None
    substitutions: tuple[str, ...] = ()
    placeholders: Mapping[str, Place] = field(default_factory=dict)
    lines: Mapping[Place, int] = field(default_factory=dict)
    prefix: Place = ()
    express: bool = False
    requirements: Requirements = field(default_factory=Requirements)
    warnings: tuple[str, ...] = ()

    @cached_property
    def states(self) -> tuple[StateView, ...]:
        """All states."""
        return tuple(all_states(self.definition))

    @cached_property
    def tasks(self) -> tuple[StateView, ...]:
        """All Task states."""
        return tuple(state for state in self.states if state.type == "Task")

    @cached_property
    def _raised(self) -> dict[str, RaisedErrors | None]:
        return {}

    def function(self, state: StateView) -> Function | None:
        """Return the function of the template that a state calls; None where it is not known."""
        if self.template is None or not state.calls_lambda:
            return None
        direct = state.resource is not None and state.resource.kind == "lambda"
        name = state.data.get("Resource") if direct else state.arguments.get("FunctionName")
        return self.template.find_function(name) if isinstance(name, str) else None

    def raised(self, state: StateView) -> RaisedErrors | None:
        """Return what the function that a state calls can raise into it; None where its code cannot be read."""
        function = self.function(state)
        if function is None or (state.resource and is_asynchronous(state.resource, state.arguments)):
            return None
        if function.logical_id not in self._raised:
            self._raised[function.logical_id] = raised_by(function)
        return self._raised[function.logical_id]

    def line(self, place: Place) -> int | None:
        """Return the line of a place, or of the nearest place around it; None where neither is known."""
        whole = self.prefix + place
        while whole and whole not in self.lines:
            whole = whole[:-1]
        return self.lines.get(whole)
