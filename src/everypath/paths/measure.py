"""The figures of a case: what the table of cases says of it."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import Any

from everypath.history.events import CONTAINERS, details
from everypath.history.log import MAX_EVENTS
from everypath.history.visits import Visit
from everypath.paths.cases import Case, Enumeration
from everypath.tasks.scripted_outcomes import Throw

KEPT, LOST = "kept", "lost"
#: The status of a case that data which could not be found have decided.
UNDECIDED = "undecided"

# Prices of Step Functions in US East (N. Virginia), in US dollars. What tasks call costs extra.
#: A Standard workflow: for each state transition.
TRANSITION = 0.025 / 1_000
#: An Express workflow: for each request, and for memory by the time that it is held.
REQUEST = 1.00 / 1_000_000
GIGABYTE_SECOND = 0.00001667
#: The memory that an Express execution holds at least, and the seconds to which its duration is rounded up.
GIGABYTES, DURATION_STEP = 64 / 1024, 0.1


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table.

    Parameters
    ----------
    attempts : int
        Attempts of all tasks together.
    cost : float
        US dollars for a million such executions.
    input : {"kept", "lost", ""}
        Whether the input of the state is still there after its error was caught; empty where none was.
    """

    case: Case
    error: str
    attempts: int
    status: str
    final_state: str
    seconds: float
    transitions: int
    events: int
    cost: float
    input: str

    def to_dict(self) -> dict[str, Any]:
        """The case as ``--json`` prints it."""
        case = self.case
        return {
            "id": case.id,
            "state": case.state,
            "what": case.what,
            "errors": list(case.errors),
            "error": self.error,
            "attempts": self.attempts,
            "status": self.status,
            "undecided": None if case.undecided is None else case.undecided.to_dict(),
            "final_state": self.final_state,
            "elapsed_seconds": self.seconds,
            "transitions": self.transitions,
            "events": self.events,
            "events_limit": MAX_EVENTS,
            "dollars_per_million": round(self.cost, 2),
            "input_after_error": self.input,
            "path": list(case.execution.path),
            "input": case.input,
            "outcomes": {state: [_outcome(one) for one in outcomes] for state, outcomes in case.outcomes.items()},
            "taken": sorted(case.covered),
        }


def rows(enumeration: Enumeration) -> list[Row]:
    """The lines of the table, in the order of the definition."""
    return [_row(case, express=enumeration.tree.express) for case in enumeration.cases]


def cost_per_million(transitions: int, seconds: float, *, express: bool) -> float:
    """Dollars for a million executions."""
    if not express:
        return transitions * TRANSITION * 1_000_000
    counted = max(math.ceil(seconds / DURATION_STEP - 1e-9), 1) * DURATION_STEP
    return (REQUEST + counted * GIGABYTES * GIGABYTE_SECOND) * 1_000_000


def _row(case: Case, *, express: bool) -> Row:
    execution = case.execution
    thrown = [one.error for outcomes in case.outcomes.values() for one in outcomes if isinstance(one, Throw)]
    return Row(
        case=case,
        error=case.errors[0] if case.errors else thrown[0] if thrown else "",
        attempts=sum(len(outcomes) for outcomes in case.outcomes.values()),
        status=execution.status if case.undecided is None else UNDECIDED,
        final_state=_final_state(case),
        seconds=execution.elapsed,
        transitions=execution.transitions,
        events=len(execution.require_history().events),
        cost=cost_per_million(execution.transitions, execution.elapsed, express=express),
        input=_input_after_error(case),
    )


def _final_state(case: Case) -> str:
    """The state in which the execution ended; in a Parallel or a Map another one may have been entered after it."""
    own = {id(event) for event in case.execution.require_history().events}
    failed = [
        visit.name
        for visit in case.plan_run.trace.visits
        if id(visit.entered) in own and not _is_left(visit) and visit.type not in CONTAINERS and _has_failed(visit)
    ]
    if case.execution.status == "FAILED" and failed:
        return failed[-1]
    return case.execution.path[-1] if case.execution.path else ""


def _is_left(visit: Visit | None) -> bool:
    """Whether the execution has gone on from a state, or from one around it."""
    while visit is not None and visit.exited is None:
        visit = visit.parent
    return visit is not None


def _has_failed(visit: Visit) -> bool:
    return visit.type == "Fail" or visit.failed


def _input_after_error(case: Case) -> str:
    caught = [
        visit
        for visit, exit in zip(case.plan_run.trace.visits, case.plan_run.trace.exits, strict=True)
        if exit.startswith("catch:")
    ]
    of_case = [visit for visit in caught if visit.name == case.state] or caught
    if not of_case:
        return ""
    return KEPT if _keeps_input(of_case[0]) else LOST


def _keeps_input(visit: Visit) -> bool:
    assert visit.exited is not None
    value = json.loads(details(visit.entered)["input"])
    output = json.loads(details(visit.exited)["output"])
    return contains(output, value)


def contains(data: Any, sought: Any) -> bool:
    """Whether a value, or an object with all its members, is somewhere in the data."""
    if data == sought and sought != {}:
        return True
    if isinstance(data, dict):
        if isinstance(sought, dict) and sought and all(key in data and data[key] == sought[key] for key in sought):
            return True
        return (sought == {} and not {"Error", "Cause"} >= data.keys()) or any(
            contains(value, sought) for value in data.values()
        )
    return isinstance(data, list) and any(contains(value, sought) for value in data)


def _outcome(outcome: Any) -> dict[str, Any]:
    timing: dict[str, Any] = {"seconds": outcome.seconds} if outcome.seconds else {}
    timing |= {"heartbeats": True} if outcome.heartbeats else {}
    if isinstance(outcome, Throw):
        return {"throw": outcome.error} | ({"cause": outcome.cause} if outcome.cause else {}) | timing
    return {"return": outcome.output} | timing
