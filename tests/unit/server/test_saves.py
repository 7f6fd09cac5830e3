"""What operations save, and what they leave alone."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from everypath.server.api import state_machines
from everypath.server.api.operations import OPERATIONS, perform
from everypath.server.api.service import Service
from everypath.server.protocol import ApiError
from everypath.server.startup import Settings, make_service
from tests.support.definitions import flow, function
from tests.support.server import PASS, ROLE, client_of, create, kill, serve
from tests.unit.server.functions import lambda_endpoint

TABLES = ("machines", "revisions", "activities", "executions", "map_runs")
ARN = "arn:aws:states:us-east-1:123456789012"
MACHINE, ACTIVITY = f"{ARN}:stateMachine:m", f"{ARN}:activity:a"
CHANGED = json.dumps(PASS | {"Comment": "changed"})
ROUTE = {"routingConfiguration": [{"stateMachineVersionArn": f"{MACHINE}:1", "weight": 100}]}
OTHER_ROUTE = {"routingConfiguration": [{"stateMachineVersionArn": f"{MACHINE}:2", "weight": 100}]}
CREATE = {"name": "m", "definition": json.dumps(PASS), "roleArn": ROLE}


@contextmanager
def running(state: Path) -> Iterator[Service]:
    service = make_service(Settings(state=str(state)))
    try:
        yield service
    finally:
        service.store.close()


def ask(service: Service, operation: str, **request: Any) -> Any:
    answer: Any = perform(service, operation, request)
    return answer if isinstance(answer, dict) else asyncio.run(answer)


def count_writes(state: Path) -> None:
    """Have the database note in a table of its own which tables are written."""
    with running(state):
        pass
    with closing(sqlite3.connect(state / "everypath.sqlite")) as connection, connection:
        connection.execute("CREATE TABLE writes (name TEXT)")
        for table in TABLES:
            for event in ("INSERT", "DELETE"):
                connection.execute(
                    f"CREATE TRIGGER {table}_{event} AFTER {event} ON {table} "
                    f"BEGIN INSERT INTO writes VALUES ('{table}'); END"
                )


def writes(state: Path) -> Counter[str]:
    """The rows that were written since the last time this was asked, by table."""
    with closing(sqlite3.connect(state / "everypath.sqlite")) as connection, connection:
        names = connection.execute("SELECT name FROM writes").fetchall()
        connection.execute("DELETE FROM writes")
    return Counter(name for (name,) in names)


@pytest.fixture
def state(tmp_path: Path) -> Path:
    count_writes(tmp_path)
    return tmp_path


def written_by(state: Path, operation: str, *requests: dict[str, Any]) -> Counter[str]:
    writes(state)
    with running(state) as service:
        for request in requests:
            ask(service, operation, **request)
    return writes(state)


def test_starting_executions_does_not_write_the_state_machine(state: Path) -> None:
    assert written_by(state, "CreateStateMachine", CREATE) == {"machines": 1, "revisions": 1}
    starts = [{"stateMachineArn": MACHINE} for _ in range(5)]
    assert written_by(state, "StartExecution", *starts) == {"executions": 5}


def test_an_operation_that_changes_nothing_writes_nothing(state: Path) -> None:
    written_by(state, "CreateStateMachine", CREATE | {"publish": True})
    written_by(state, "CreateActivity", {"name": "a"})
    requests: list[tuple[str, dict[str, Any]]] = [
        ("CreateStateMachine", CREATE | {"publish": True}),
        ("CreateActivity", {"name": "a"}),
        ("UpdateStateMachine", {"stateMachineArn": MACHINE, "definition": CREATE["definition"]}),
        ("PublishStateMachineVersion", {"stateMachineArn": MACHINE}),
        ("DescribeStateMachine", {"stateMachineArn": MACHINE}),
        ("ListTagsForResource", {"resourceArn": ACTIVITY}),
        ("DeleteStateMachineAlias", {"stateMachineAliasArn": f"{MACHINE}:none"}),
        ("DeleteActivity", {"activityArn": f"{ARN}:activity:none"}),
        ("DeleteStateMachine", {"stateMachineArn": f"{ARN}:stateMachine:none"}),
    ]
    for operation, request in requests:
        assert written_by(state, operation, request) == {}, operation


#: Every operation that changes a state machine or an activity, in an order in which each has something to change.
CHANGES: list[tuple[str, dict[str, Any]]] = [
    ("CreateStateMachine", CREATE | {"publish": True, "tags": [{"key": "team", "value": "a"}]}),
    ("UpdateStateMachine", {"stateMachineArn": MACHINE, "definition": CHANGED}),
    ("PublishStateMachineVersion", {"stateMachineArn": MACHINE}),
    ("CreateStateMachineAlias", {"name": "live", **ROUTE}),
    ("UpdateStateMachineAlias", {"stateMachineAliasArn": f"{MACHINE}:live", **OTHER_ROUTE}),
    ("DeleteStateMachineVersion", {"stateMachineVersionArn": f"{MACHINE}:1"}),
    ("DeleteStateMachineAlias", {"stateMachineAliasArn": f"{MACHINE}:live"}),
    ("TagResource", {"resourceArn": MACHINE, "tags": [{"key": "stage", "value": "b"}]}),
    ("UntagResource", {"resourceArn": MACHINE, "tagKeys": ["team"]}),
    ("CreateActivity", {"name": "a", "tags": [{"key": "team", "value": "a"}]}),
    ("TagResource", {"resourceArn": ACTIVITY, "tags": [{"key": "stage", "value": "b"}]}),
    ("UntagResource", {"resourceArn": ACTIVITY, "tagKeys": ["team"]}),
    ("DeleteActivity", {"activityArn": ACTIVITY}),
    ("DeleteStateMachine", {"stateMachineArn": MACHINE}),
]
#: The operations that change executions and map runs, or nothing.
OTHERS = {
    "GetActivityTask", "GetExecutionHistory", "RedriveExecution", "SendTaskFailure", "SendTaskHeartbeat",
    "SendTaskSuccess", "StartExecution", "StartSyncExecution", "StopExecution", "TestState", "UpdateMapRun",
    "ValidateStateMachineDefinition",
}  # fmt: skip


def everything(service: Service) -> list[Any]:
    """What the service says of its state machines and activities."""
    shown = [ask(service, "ListStateMachines"), ask(service, "ListActivities")]
    for arn in service.store.machines:
        shown.append(ask(service, "DescribeStateMachine", stateMachineArn=arn))
        shown.append(ask(service, "ListTagsForResource", resourceArn=arn))
        versions = ask(service, "ListStateMachineVersions", stateMachineArn=arn)["stateMachineVersions"]
        for version in versions:
            shown.append(ask(service, "DescribeStateMachine", stateMachineArn=version["stateMachineVersionArn"]))
        aliases = ask(service, "ListStateMachineAliases", stateMachineArn=arn)["stateMachineAliases"]
        for alias in aliases:
            shown.append(ask(service, "DescribeStateMachineAlias", stateMachineAliasArn=alias["stateMachineAliasArn"]))
    for arn in service.store.activities:
        shown.append(ask(service, "DescribeActivity", activityArn=arn))
        shown.append(ask(service, "ListTagsForResource", resourceArn=arn))
    return shown


def test_every_operation_saves_what_it_changes(tmp_path: Path) -> None:
    changing = {operation for operation in OPERATIONS if not operation.startswith(("Describe", "List"))}
    assert changing - OTHERS == {operation for operation, _ in CHANGES}
    for operation, request in CHANGES:
        with running(tmp_path) as service:
            before = everything(service)
            ask(service, operation, **request)
            after = everything(service)
        assert after != before, operation
        with running(tmp_path) as service:
            assert everything(service) == after, operation


def test_a_state_machine_that_is_deleted_during_its_update_is_not_saved_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running(tmp_path) as service:

        async def look_up(given: Any, region: str) -> Any:
            perform(service, "DeleteStateMachine", {"stateMachineArn": MACHINE})
            return given

        ask(service, "CreateStateMachine", **CREATE)
        monkeypatch.setattr(state_machines, "logging_configuration", look_up)
        with pytest.raises(ApiError, match="StateMachineDoesNotExist"):
            ask(service, "UpdateStateMachine", stateMachineArn=MACHINE, loggingConfiguration={"level": "OFF"})
    with running(tmp_path) as service:
        assert not service.store.machines


def test_an_update_of_a_map_run_is_there_after_the_server_is_killed(tmp_path: Path) -> None:
    processor = flow(Held=function("held")) | {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}}
    each = {"Type": "Map", "ItemProcessor": processor, "Label": "Each", "MaxConcurrency": 1}

    def held(event: Any) -> Any:
        functions.gate.wait()
        return event

    with lambda_endpoint(held=held) as functions:
        options = ("--state", str(tmp_path / "state"), "--lambda-endpoint", functions.url)
        with serve(*options) as server:
            sfn = client_of(server)
            machine = create(sfn, "maps", flow(Each=each))
            execution = sfn.start_execution(stateMachineArn=machine, input='[{"id": "a"}, {"id": "b"}]')
            functions.wait_for("held", 1)
            [map_run] = sfn.list_map_runs(executionArn=execution["executionArn"])["mapRuns"]
            sfn.update_map_run(mapRunArn=map_run["mapRunArn"], toleratedFailureCount=7)
            kill(server)
        functions.gate.set()
        with serve(*options) as server:
            described = client_of(server).describe_map_run(mapRunArn=map_run["mapRunArn"])
    assert (described["status"], described["toleratedFailureCount"]) == ("ABORTED", 7)
