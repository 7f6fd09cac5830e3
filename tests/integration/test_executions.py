"""Every file of events/ through the whole workflow, its function in a container behind `sam local start-lambda`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import everypath
from tests.integration.conftest import FAILING, TEMPLATE
from tests.integration.histories import comparable, unpacked, without_exit_status
from tests.integration.test_invoke import EVENTS
from tests.support.server import Running, client_of, ended


def executed(proxy: Running, input: str) -> tuple[Any, list[Any]]:
    """The description and the events of an execution on the proxy's only state machine."""
    sfn = client_of(proxy)
    [machine] = sfn.list_state_machines()["stateMachines"]
    arn = sfn.start_execution(stateMachineArn=machine["stateMachineArn"], input=input)["executionArn"]
    description = ended(sfn, arn)
    pages = sfn.get_paginator("get_execution_history").paginate(executionArn=arn)
    return description, [event for page in pages for event in page["events"]]


@pytest.mark.parametrize("event", EVENTS, ids=lambda path: path.stem)
def test_an_execution_takes_the_same_course_with_containers_and_embedded(event: Path, proxy: Running) -> None:
    input = event.read_text().strip()
    description, events = executed(proxy, input)
    execution = everypath.load(TEMPLATE).run_text(input)
    assert description["status"] == execution.status
    assert [event["type"] for event in events] == execution.event_types
    assert comparable(events) == comparable(execution.require_history().events)


def course(events: list[Any]) -> Any:
    return without_exit_status(unpacked(comparable(events)))


@pytest.mark.parametrize(
    ("call", "error"),
    [
        ("late", "Sandbox.Timedout"),
        ("exiting", "Runtime.ExitError"),
        ("exiting at import", "Runtime.ExitError"),
        ("missing", "Runtime.ImportModuleError"),
    ],
)
def test_a_function_that_never_answers_fails_as_it_would_on_lambda(
    call: str, error: str, failing_proxy: Running
) -> None:
    input = json.dumps({"call": call, "by": "sys.exit"})
    description, events = executed(failing_proxy, input)
    execution = everypath.load(FAILING).run_text(input)
    assert {attempt.error for state in execution.path for attempt in execution.attempts(state)} == {error}
    assert course(events) == course(execution.require_history().events)
    assert description["status"] == execution.status


def test_a_function_that_ends_its_process_fails_as_one_that_exits(failing_proxy: Running) -> None:
    _, one = executed(failing_proxy, '{"call": "exiting", "by": "os._exit"}')
    _, other = executed(failing_proxy, '{"call": "exiting", "by": "sys.exit"}')
    assert json.loads(json.dumps(course(one)).replace("os._exit", "sys.exit")) == course(other)
