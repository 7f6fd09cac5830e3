"""Cases as a mock configuration of Step Functions Local: the file that ``SFN_MOCK_CONFIG`` names."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Container, Sequence
from typing import Any

from everypath.asl.error_catalog import TIMEOUT
from everypath.asl.tree import Map, all_states
from everypath.paths.cases import Case, Enumeration
from everypath.paths.errors import reaches_outside
from everypath.tasks.scripted_outcomes import Return, Throw

Outcome = Return | Throw
_TIMED_OUT = Throw(TIMEOUT)


def mock_config(enumeration: Enumeration, machine: str) -> dict[str, Any]:
    """Return the cases of a machine as test cases; start one with ``stateMachineArn#CASE``.

    A mock takes no time: an attempt that runs into a timeout throws ``States.Timeout`` at once, and the execution's own
    timeout has no test case. Nor has a distributed Map that reads or writes elsewhere, since no mock answers for that,
    nor a case that is undecided.
    """
    cases: dict[str, dict[str, str]] = {}
    responses: dict[str, dict[str, Any]] = {}
    known: dict[str, str] = {}
    used: set[str] = set()
    outside = {
        state.name for state in all_states(enumeration.tree.graph) if isinstance(state, Map) and reaches_outside(state)
    }
    for case, name in zip(enumeration.cases, case_names(enumeration.cases), strict=True):
        if (
            case.undecided is not None
            or case.execution.status == "TIMED_OUT"
            or not outside.isdisjoint(case.execution.path)
        ):
            continue
        cases[name] = {}
        for state, outcomes in case.outcomes.items():
            response = mocked_response(outcomes)
            text = json.dumps(response)
            if text not in known:
                known[text] = _unused_name(f"{name}-{_ascii_name(state)}", used)
                used.add(known[text].lower())
                responses[known[text]] = response
            cases[name][state] = known[text]
    return {"StateMachines": {machine: {"TestCases": cases}}, "MockedResponses": responses}


def case_names(cases: Sequence[Case]) -> list[str]:
    """A name for each case that is valid in an ARN and, in lower case with underscores, in Python."""
    names: list[str] = []
    used: set[str] = set()
    for case in cases:
        names.append(_unused_name(_ascii_name(f"{case.state} {case.what}"), used))
        used.add(names[-1].lower())
    return names


def _unused_name(name: str, names: Container[str]) -> str:
    """The name, with a number where it is used already, in whatever case."""
    numbered = (name if number == 1 else f"{name}-{number}" for number in itertools.count(1))
    return next(one for one in numbered if one.lower() not in names)


def _ascii_name(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "-", text).strip("-") or "case"


def mocked_response(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """The mocked response for the outcomes of a state's attempts: by number, with a range where several are alike."""
    response: dict[str, Any] = {}
    first = 0
    for number in range(1, len(outcomes) + 1):
        if number < len(outcomes) and _mock(outcomes[number]) == _mock(outcomes[first]):
            continue
        last = number - 1
        response[str(first) if first == last else f"{first}-{last}"] = _mock(outcomes[first])
        first = number
    return response


def _mock(outcome: Outcome) -> dict[str, Any]:
    if isinstance(outcome, Return) and outcome.seconds:
        outcome = _TIMED_OUT
    if isinstance(outcome, Throw):
        return {"Throw": {"Error": outcome.error, "Cause": outcome.cause}}
    return {"Return": outcome.output}
