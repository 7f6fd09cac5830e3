"""The vocabulary of events is that of the service's own API."""

from __future__ import annotations

from typing import Any

import botocore.session
import pytest

from everypath.history import events

API = botocore.session.get_session().get_service_model("stepfunctions")
TYPES: list[str] = sorted(API.shape_for("HistoryEventType").enum)
MEMBERS: dict[str, Any] = API.shape_for("HistoryEvent").members


@pytest.mark.parametrize("kind", TYPES)
def test_the_details_of_an_event_are_under_the_key_that_the_api_has_for_its_type(kind: str) -> None:
    key = events.details_key(kind)
    without = {"LambdaFunctionStarted", "MapRunSucceeded", "MapRunAborted"}
    states = kind.endswith(("StateStarted", "StateSucceeded", "StateFailed", "StateAborted"))
    if kind in without or (states and kind != "MapStateStarted"):
        assert key not in MEMBERS
    else:
        assert key in MEMBERS
        assert events.details({"type": kind, key: {"name": "X"}}) == {"name": "X"}
    assert events.details({"type": kind}) == {}


def test_every_event_type_of_the_api_is_named_and_no_other() -> None:
    groups = [value for value in vars(events).values() if isinstance(value, frozenset)]
    named = frozenset[str]().union(*groups) | {"EvaluationFailed", "MapRunSucceeded", "MapRunFailed"}
    assert sorted(named) == TYPES


def test_the_status_of_an_execution_is_that_of_its_last_event() -> None:
    assert sorted([*events.STATUSES.values(), "PENDING_REDRIVE", "RUNNING"]) == sorted(
        API.shape_for("ExecutionStatus").enum
    )
    started, ended = {"type": "ExecutionStarted"}, {"type": "ExecutionTimedOut"}
    assert events.status_of([]) == events.status_of([started]) == "RUNNING"
    assert events.status_of([started, ended]) == "TIMED_OUT"
    assert events.status_of([started, ended, {"type": "ExecutionRedriven"}]) == "RUNNING"
