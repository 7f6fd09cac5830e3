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
from everypath.paths.exports.pytest_file import needs_no_store
from everypath.replay.equivalence import MISSING
from everypath.replay.outcomes import differing_outcome
from everypath.replay.pair import Side

SAME, DIFFERS, SKIPPED = "same", "differs", "skipped"
#: What a case is run by, if not by an event.
OWN_INPUT, MOCK = "its own input", "a mock"


@dataclass(frozen=True, slots=True)
class TargetCase:
    """The result of a case on a target.

    Parameters
    ----------
    verdict : {"same", "differs", "skipped"}
        Whether status, error, path and transitions are those of the embedded engine. An Express workflow has no history
        there: status, output, error and cause are compared.
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
        """The result as ``--json`` prints it."""
        case = self.case
        named = {"id": case.id, "state": case.state, "what": case.what, "errors": list(case.errors)}
        return named | {"verdict": self.verdict, "by": self.by, "reason": self.reason}


def run_cases(machine: Machine, enumeration: Enumeration, events: Sequence[tuple[str, str]]) -> list[TargetCase]:
    """Run all cases of an enumeration on the machine's target.

    If an input alone leads the real handlers through a case, the case is run by that input on every target. Other cases
    need their faults injected, and are skipped if the target cannot do that.

    Parameters
    ----------
    events : sequence of (str, str)
        Inputs to try: the name of each, and its text.
    """
    embedded = [(title, text, machine.run_embedded(text)) for title, text in events]
    return [_run(machine, enumeration, case, embedded) for case in enumeration.cases]


def _run(
    machine: Machine, enumeration: Enumeration, case: Case, events: Sequence[tuple[str, str, Execution]]
) -> TargetCase:
    assert machine.target is not None
    if case.undecided is not None:
        return TargetCase(case, SKIPPED, reason=f"undecided: {case.undecided}")
    for title, text, embedded in (*events, *_own_input(machine, case)):
        if _difference(case.execution, embedded) == "" and covered(machine.tree, embedded) == case.covered:
            try:
                return _compare(machine, case, title, embedded, machine.target.run(machine, text))
            except NotOnTargetError as error:
                return TargetCase(case, SKIPPED, reason=str(error))
    if not needs_no_store(enumeration.tree, case):
        return TargetCase(case, SKIPPED, reason="a Map reads its items elsewhere, or writes its results there")
    text = to_text(case.input)
    try:
        remote = machine.target.run(machine, text, faults=case.outcomes)
        embedded = case.execution if remote.has_history else machine.run_embedded(text, case.outcomes)
        return _compare(machine, case, MOCK, embedded, remote)
    except NotOnTargetError as error:
        return TargetCase(case, SKIPPED, reason=str(error))


def _own_input(machine: Machine, case: Case) -> Iterator[tuple[str, str, Execution]]:
    """A run of the case's own input with the real handlers, if those can be run here."""
    text = to_text(case.input)
    try:
        yield OWN_INPUT, text, machine.run_embedded(text)
    except EverypathError:
        return


def _compare(machine: Machine, case: Case, by: str, embedded: Execution, remote: Execution) -> TargetCase:
    if remote.has_history:
        reason = _difference(case.execution, remote)
    else:
        own = frozenset({remote.arn, remote.name, remote.state_machine_arn})
        sides = Side("embedded", embedded.require_history().events), Side("remote", (), own, remote.outcome())
        fields = differing_outcome(*sides, machine.template.stack)
        reason = next((f"{place} {_text(after)} in place of {_text(before)}" for place, before, after in fields), "")
    return TargetCase(case, DIFFERS if reason else SAME, by, reason)


def _difference(expected: Execution, actual: Execution) -> str:
    """The first difference in words; empty if there is none."""
    sides = [
        ("status", expected.status, actual.status),
        ("path", " > ".join(expected.path), " > ".join(actual.path)),
        ("error", expected.error, actual.error),
        ("transitions", expected.transitions, actual.transitions),
    ]
    return next((f"{name} {after} in place of {before}" for name, before, after in sides if before != after), "")


def _text(value: object) -> str:
    return "nothing" if value is MISSING else value if isinstance(value, str) else to_text(value)
