"""Runs the enumerated cases of a machine on a target, each in the way that the target allows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from everypath.api import Machine
from everypath.coverage.trace import covered
from everypath.engine.data import to_text
from everypath.errors import EverypathError, NotOnTargetError
from everypath.history.execution import Execution
from everypath.paths.cases import Case, Enumeration
from everypath.paths.exports.pytest_file import runs_as_it_is
from everypath.replay.equivalence import MISSING
from everypath.replay.outcomes import differing_outcome
from everypath.replay.pair import Side

SAME, DIFFERS, SKIPPED = "same", "differs", "skipped"
#: What a case is run by, where it is not a file of an event.
OWN_INPUT, MOCK = "its own input", "a mock"


@dataclass(frozen=True, slots=True)
class TargetCase:
    """What a case came to on a target.

    Parameters
    ----------
    verdict : {"same", "differs", "skipped"}
        Whether status, error, path and transitions are those of the embedded engine; of an Express workflow, which has
        no history there, whether status, output, error and cause are.
    by : str
        What it was run by: an event, its own input, a mock.
    reason : str
        What differs, or why it was skipped.
    """

    case: Case
    verdict: str
    by: str = ""
    reason: str = ""

    def to_dict(self) -> dict[str, Any]:
        """What ``--json`` prints."""
        case = self.case
        named = {"id": case.id, "state": case.state, "what": case.what, "errors": list(case.errors)}
        return named | {"verdict": self.verdict, "by": self.by, "reason": self.reason}


def run_cases(machine: Machine, found: Enumeration, events: Sequence[tuple[str, str]]) -> list[TargetCase]:
    """Run all cases of an enumeration on the machine's target.

    A case that the handlers come to by an input alone is run by that input, everywhere. The others need their faults
    injected, and are skipped where the target cannot do that.

    Parameters
    ----------
    events : sequence of (str, str)
        Inputs to try: what each is called, and its text.
    """
    known = [(title, text, machine.run_embedded(text)) for title, text in events]
    return [_run(machine, found, case, known) for case in found.cases]


def _run(machine: Machine, found: Enumeration, case: Case, known: Sequence[tuple[str, str, Execution]]) -> TargetCase:
    assert machine.target is not None
    for title, text, embedded in (*known, *_own(machine, case)):
        if _differing(case.execution, embedded) == "" and covered(machine.tree, embedded) == case.covered:
            try:
                return _judged(machine, case, title, embedded, machine.target.run(machine, text))
            except NotOnTargetError as error:
                return TargetCase(case, SKIPPED, reason=str(error))
    if not runs_as_it_is(found.tree, case):
        return TargetCase(case, SKIPPED, reason="a Map reads its items elsewhere, or writes its results there")
    text = to_text(case.input)
    try:
        there = machine.target.run(machine, text, faults=case.outcomes)
        embedded = case.execution if there.has_history else machine.run_embedded(text, case.outcomes)
        return _judged(machine, case, MOCK, embedded, there)
    except NotOnTargetError as error:
        return TargetCase(case, SKIPPED, reason=str(error))


def _own(machine: Machine, case: Case) -> Iterator[tuple[str, str, Execution]]:
    """The case's own input with the real handlers, as far as those can be run here."""
    text = to_text(case.input)
    try:
        yield OWN_INPUT, text, machine.run_embedded(text)
    except EverypathError:
        return


def _judged(machine: Machine, case: Case, by: str, here: Execution, there: Execution) -> TargetCase:
    if there.has_history:
        reason = _differing(case.execution, there)
    else:
        own = frozenset({there.arn, there.name, there.state_machine_arn})
        sides = Side("here", here.require_history().events), Side("there", (), own, there.outcome())
        fields = differing_outcome(*sides, machine.template.stack)
        reason = next((f"{place} {_shown(after)} in place of {_shown(before)}" for place, before, after in fields), "")
    return TargetCase(case, DIFFERS if reason else SAME, by, reason)


def _differing(expected: Execution, found: Execution) -> str:
    """What is not the same, in words; empty where nothing is."""
    sides = [
        ("status", expected.status, found.status),
        ("path", " > ".join(expected.path), " > ".join(found.path)),
        ("error", expected.error, found.error),
        ("transitions", expected.transitions, found.transitions),
    ]
    return next((f"{name} {there} in place of {here}" for name, here, there in sides if here != there), "")


def _shown(value: object) -> str:
    return "nothing" if value is MISSING else value if isinstance(value, str) else to_text(value)
