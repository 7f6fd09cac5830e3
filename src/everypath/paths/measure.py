"""What a case came to, in the figures of the table."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from everypath.asl.tree import ErrorHandlingState
from everypath.history.log import MAX_EVENTS
from everypath.history.visits import Visit
from everypath.paths.cases import Case, Enumeration
from everypath.paths.errors import inner_graphs
from everypath.paths.prices import cost_per_million
from everypath.tasks.scripted_outcomes import Throw

KEPT, LOST = "kept", "lost"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table.

    Parameters
    ----------
    attempts : int
        Attempts of all tasks.
    input : {"kept", "lost", ""}
        Whether what the state was given is still there after its error was caught; empty where none was.
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
        """What ``--json`` prints of a case."""
        case = self.case
        return {
            "id": case.id,
            "state": case.state,
            "what": case.what,
            "errors": list(case.errors),
            "error": self.error,
            "attempts": self.attempts,
            "status": self.status,
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


def rows(found: Enumeration) -> list[Row]:
    """The lines of the table, in the order of the definition."""
    return [_row(case, express=found.tree.express) for case in found.cases]


def _row(case: Case, *, express: bool) -> Row:
    execution = case.execution
    thrown = [one.error for outcomes in case.outcomes.values() for one in outcomes if isinstance(one, Throw)]
    return Row(
        case=case,
        error=case.errors[0] if case.errors else thrown[0] if thrown else "",
        attempts=sum(len(outcomes) for outcomes in case.outcomes.values()),
        status=execution.status,
        final_state=_final_state(case),
        seconds=execution.elapsed,
        transitions=execution.transitions,
        events=len(execution.require_history().events),
        cost=cost_per_million(execution.transitions, execution.elapsed, express=express),
        input=_input(case),
    )


def _final_state(case: Case) -> str:
    """The state that ended the execution: in a Parallel or an inline Map that is not always the last one entered."""
    own = {id(event) for event in case.execution.require_history().events}
    failed = [
        visit.state.name
        for visit in case.played.trace.visits
        if visit.exited is None and id(visit.entered) in own and visit.attempts and visit.attempts[-1].error is not None
        if not inner_graphs(visit.state)
    ]
    if case.execution.status == "FAILED" and failed:
        return failed[-1]
    return case.execution.path[-1] if case.execution.path else ""


def _input(case: Case) -> str:
    caught = [
        visit
        for visit, exit in zip(case.played.trace.visits, case.played.trace.exits, strict=True)
        if exit.startswith("catch:")
    ]
    here = [visit for visit in caught if visit.state.name == case.state] or caught
    return _after_catch(here[0]) if here else ""


def _after_catch(visit: Visit) -> str:
    assert isinstance(visit.state, ErrorHandlingState) and visit.exited is not None
    given = json.loads(visit.entered["stateEnteredEventDetails"]["input"])
    passed = json.loads(visit.exited["stateExitedEventDetails"]["output"])
    return KEPT if contains(passed, given) else LOST


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
    found: dict[str, Any] = {"seconds": outcome.seconds} if outcome.seconds else {}
    found |= {"heartbeats": True} if outcome.heartbeats else {}
    if isinstance(outcome, Throw):
        return {"throw": outcome.error} | ({"cause": outcome.cause} if outcome.cause else {}) | found
    return {"return": outcome.output} | found
