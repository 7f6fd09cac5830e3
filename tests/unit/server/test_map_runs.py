from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.definitions import flow, function
from tests.support.server import client_of, create, ended, serve
from tests.unit.server.functions import Functions, Raised, lambda_endpoint


@pytest.fixture
def functions() -> Iterator[Functions]:
    """`slow` waits until the gate is open; what is not repaired then fails."""

    def slow(event: Any) -> Any:
        found.gate.wait()
        if event not in found.repaired:
            raise Raised("Broken")
        return event

    with lambda_endpoint(slow=slow) as found:
        yield found


@pytest.fixture
def sfn(functions: Functions) -> Iterator[Any]:
    with serve("--lambda-endpoint", functions.url) as server:
        yield client_of(server)


def started(sfn: Any, items: list[str], **more: Any) -> tuple[str, str]:
    """Start an execution of a distributed Map, and return its ARN and that of its map run."""
    processor = flow(Slow=function("slow")) | {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}}
    arn = create(sfn, "maps", flow(Each={"Type": "Map", "Label": "Each", "ItemProcessor": processor, **more}))
    execution = sfn.start_execution(stateMachineArn=arn, input=json.dumps(items))["executionArn"]
    while not (runs := sfn.list_map_runs(executionArn=execution)["mapRuns"]):
        pass
    return execution, runs[0]["mapRunArn"]


def test_a_map_run_goes_on_with_another_concurrency(sfn: Any, functions: Functions) -> None:
    items = [f"item {number}" for number in range(5)]
    functions.repaired = set(items)
    execution, run = started(sfn, items, MaxConcurrency=1)
    functions.wait_for("slow", 1)
    assert sfn.describe_map_run(mapRunArn=run)["itemCounts"]["running"] == 1
    sfn.update_map_run(mapRunArn=run, maxConcurrency=3)
    functions.wait_for("slow", 3)
    described = sfn.describe_map_run(mapRunArn=run)
    assert (described["maxConcurrency"], described["itemCounts"]["running"]) == (3, 3)
    functions.gate.set()
    assert json.loads(ended(sfn, execution)["output"]) == items


@pytest.mark.parametrize("change", [{"toleratedFailureCount": 1}, {"toleratedFailurePercentage": 50}])
def test_a_map_run_goes_on_with_other_tolerated_failures(
    sfn: Any, functions: Functions, change: dict[str, Any]
) -> None:
    functions.repaired = {"right"}
    execution, run = started(sfn, ["right", "wrong"])
    functions.wait_for("slow", 2)
    sfn.update_map_run(mapRunArn=run, **change)
    functions.gate.set()
    assert ended(sfn, execution)["status"] == "SUCCEEDED"
    assert sfn.describe_map_run(mapRunArn=run)["itemCounts"]["failed"] == 1
