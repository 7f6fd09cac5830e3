"""The workflow on any Step Functions endpoint, held to the embedded runs; `make sfn-local` runs it.

The endpoint has to call the functions of template.yaml, and to know the mock file that `everypath paths --export
mock-config` writes.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

import everypath
from everypath.engine.data import to_text
from everypath.engine.execution import Execution
from everypath.paths.machines import enumerate_machine
from everypath.paths.mock_config import case_names, mock_config
from tests.integration.sam import ROOT
from tests.unit.server.conftest import ROLE

MACHINE = everypath.load(ROOT / "template.yaml", "MyAPIStateMachine")
FOUND = enumerate_machine(MACHINE)
MOCKED = mock_config(FOUND, MACHINE.name)["StateMachines"][MACHINE.name]["TestCases"]
CASES = {name: case for name, case in zip(case_names(FOUND.cases), FOUND.cases, strict=True) if name in MOCKED}
#: Seconds that an execution may take: an endpoint may wait in real time.
PATIENCE = 120


@pytest.fixture(scope="session")
def sfn(request: pytest.FixtureRequest) -> Any:
    url = request.config.getoption("--endpoint")
    assert url, "say where: --endpoint http://127.0.0.1:8083"
    session = boto3.session.Session("any", "any", region_name="us-east-1")
    return session.client("stepfunctions", endpoint_url=url, config=Config(inject_host_prefix=False))


@pytest.fixture(scope="session")
def machine(sfn: Any) -> str:
    definition = to_text(MACHINE.state_machine.definition)
    arn: str = sfn.create_state_machine(name=MACHINE.name, definition=definition, roleArn=ROLE)["stateMachineArn"]
    return arn


def check_that_it_takes_the_same_course(sfn: Any, machine: str, input: str, embedded: Execution) -> None:
    arn = sfn.start_execution(stateMachineArn=machine, input=input)["executionArn"]
    deadline = time.monotonic() + PATIENCE
    while (found := sfn.describe_execution(executionArn=arn))["status"] == "RUNNING":
        assert time.monotonic() < deadline, f"still running after {PATIENCE} s"
        time.sleep(0.05)
    pages = sfn.get_paginator("get_execution_history").paginate(executionArn=arn)
    events = [event for page in pages for event in page["events"]]
    assert [event["type"] for event in events] == embedded.event_types
    entered = [event["stateEnteredEventDetails"]["name"] for event in events if "stateEnteredEventDetails" in event]
    assert entered == list(embedded.path)
    assert found["status"] == embedded.status
    assert json.loads(found.get("output", "null")) == embedded.output
    ended = events[-1].get("executionFailedEventDetails", {})
    assert (ended.get("error"), ended.get("cause")) == (embedded.error, embedded.cause)


@pytest.mark.parametrize("event", sorted((ROOT / "events").glob("*.json")), ids=lambda path: path.stem)
def test_an_event_takes_the_same_course_on_the_endpoint_with_the_real_function(
    event: Path, sfn: Any, machine: str
) -> None:
    input = event.read_text().strip()
    check_that_it_takes_the_same_course(sfn, machine, input, MACHINE.run_text(input))


@pytest.mark.parametrize("name", CASES)
def test_a_case_of_the_mock_file_takes_the_same_course_on_the_endpoint(name: str, sfn: Any, machine: str) -> None:
    case = CASES[name]
    input = to_text(case.input)
    check_that_it_takes_the_same_course(sfn, f"{machine}#{name}", input, case.execution)
