"""Enumerates the cases of a state machine of a template."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from everypath.api import Machine
from everypath.asl.tree import Task
from everypath.paths.cases import Enumeration, enumerate_cases
from everypath.paths.errors import Raised


def enumerate_machine(
    machine: Machine,
    *,
    rounds: int = 2,
    input: Any = None,
    results: Mapping[str, Sequence[Any]] | None = None,
    real_handlers: bool = False,
    raised: Raised | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Enumeration:
    """Return the cases of a machine; see `enumerate_cases`.

    Parameters
    ----------
    real_handlers : bool
        Whether attempts that are to succeed call the template's functions.
    raised : callable, optional
        Returns the names of the exceptions that the code behind a task can raise; read from the source where it is left
        out.
    """
    return enumerate_cases(
        machine.tree,
        raised=raised or raised_in(machine),
        rounds=rounds,
        input=input,
        results=results,
        real_tasks=machine.tasks if real_handlers else None,
        progress=progress,
    )


def raised_in(machine: Machine) -> Raised:
    """Return a callable that names the exceptions which the source of a task's function can raise."""
    from everypath.check.raised import error_names

    def raised(task: Task) -> Iterable[str]:
        function = machine.template.find_function(task.resource.text) if task.resource.kind == "lambda" else None
        return () if function is None else error_names(function)

    return raised
