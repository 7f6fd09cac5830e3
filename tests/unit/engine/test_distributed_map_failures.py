from __future__ import annotations

import pytest

from tests.unit.engine.distributed import World, distributed, failing_children, run_definition, run_map
from tests.unit.engine.machines import chain

EXCEEDED = "States.ExceedToleratedFailureThreshold"
CAUSE = "The specified tolerated failure threshold was exceeded"


def test_one_failed_item_is_too_many_unless_the_map_says_otherwise() -> None:
    execution, run = run_map(failing_children(), [1, 2, 3], World(failing=(2,)))
    assert (execution.status, execution.error, execution.cause) == ("FAILED", EXCEEDED, CAUSE)
    tail = execution.require_history().events[-3:]
    assert [event["type"] for event in tail] == ["MapRunFailed", "MapStateFailed", "ExecutionFailed"]
    assert [event["previousEventId"] for event in tail] == [4, 5, 6]
    assert tail[0]["mapRunFailedEventDetails"] == {"error": EXCEEDED, "cause": CAUSE}
    assert run.map_runs.started[0].status == "FAILED"


@pytest.mark.parametrize(
    ("fields", "failing", "status"),
    [
        ({"ToleratedFailureCount": 1}, (1,), "SUCCEEDED"),
        ({"ToleratedFailureCount": 1}, (1, 2), "FAILED"),
        ({"ToleratedFailurePercentage": 50}, (1, 2), "SUCCEEDED"),
        ({"ToleratedFailurePercentage": 49.9}, (1, 2), "FAILED"),
        ({"ToleratedFailurePercentage": 100}, (1, 2, 3, 4), "SUCCEEDED"),
        ({"ToleratedFailureCount": 1, "ToleratedFailurePercentage": 100}, (1, 2), "FAILED"),
        ({"ToleratedFailureCount": 4, "ToleratedFailurePercentage": 25}, (1, 2), "FAILED"),
    ],
)
def test_failures_are_tolerated_by_count_and_by_percentage(
    fields: dict[str, float], failing: tuple[int, ...], status: str
) -> None:
    execution, _ = run_map(failing_children(**fields), [1, 2, 3, 4], World(failing=failing))
    assert execution.status == status


def test_a_tolerated_failure_is_among_the_results_with_its_error() -> None:
    execution, run = run_map(failing_children(ToleratedFailureCount=1), [1, 2], World(failing=(1,)))
    assert execution.output == [{"Status": "FAILED", "Error": "Bad", "Cause": "too bad"}, 2]
    assert run.map_runs.started[0].items.failed == 1


def test_a_failed_batch_that_is_tolerated_takes_one_place() -> None:
    state = failing_children(ItemBatcher={"MaxItemsPerBatch": 2}, ToleratedFailureCount=2)
    execution, _ = run_map(state, [1, 2, 3], World(failing=({"Items": [1, 2]},)))
    assert execution.output == [{"Status": "FAILED", "Error": "Bad", "Cause": "too bad"}, {"Items": [3]}]


def test_without_a_transformation_all_is_known_of_a_tolerated_failure() -> None:
    writer = {"WriterConfig": {"Transformation": "NONE", "OutputType": "JSON"}}
    execution, _ = run_map(failing_children(ToleratedFailureCount=1, ResultWriter=writer), [1], World(failing=(1,)))
    assert (execution.output[0]["Input"], execution.output[0]["RedriveCount"]) == ("1", 0)


@pytest.mark.parametrize(
    ("count", "percentage", "failing", "exceeded"),
    [(0, 50, (1,), False), (1, 0, (1,), False), (0, 0, (1,), True), (1, 90, (1, 2), True), (0, 50, (1, 2), True)],
)
def test_a_threshold_of_zero_counts_as_not_set(
    count: int, percentage: int, failing: tuple[int, ...], exceeded: bool
) -> None:
    state = failing_children(ToleratedFailureCount=count, ToleratedFailurePercentage=percentage)
    execution, _ = run_map(state, [1, 2], World(failing=failing))
    assert (execution.error == EXCEEDED) is exceeded


def test_all_items_of_a_failed_batch_have_failed() -> None:
    state = failing_children(ItemBatcher={"MaxItemsPerBatch": 2}, ToleratedFailureCount=1)
    execution, run = run_map(state, [1, 2, 3], World(failing=({"Items": [1, 2]},)))
    assert execution.error == EXCEEDED
    counts = run.map_runs.started[0]
    assert (counts.items.failed, counts.executions.failed) == (2, 1)


def test_children_that_still_run_are_aborted_and_others_not_started() -> None:
    state = failing_children(MaxConcurrency=2)
    _, run = run_map(state, [1, 2, 3, 4], World(failing=(1,), seconds=1))
    counts = run.map_runs.started[0].executions
    assert (counts.failed, counts.aborted + counts.succeeded, counts.pending, counts.running) == (1, 1, 2, 0)


def test_a_catcher_takes_an_exceeded_threshold() -> None:
    state = failing_children(Catch=[{"ErrorEquals": [EXCEEDED], "Next": "Caught"}])
    definition = chain(("M", state), ("Caught", {"Type": "Pass", "End": True}))
    execution, _ = run_definition(definition, [1], World(failing=(1,)))
    assert execution.output == {"Error": EXCEEDED, "Cause": CAUSE}
    assert execution.path == ("M", "Caught")


@pytest.mark.parametrize("given", ["1", 1])
def test_a_tolerated_count_at_a_path_may_be_written_as_a_string(given: object) -> None:
    state = failing_children(ItemsPath="$.items", ToleratedFailureCountPath="$.count")
    execution, _ = run_map(state, {"items": [1, 2], "count": given}, World(failing=(1,)))
    assert execution.succeeded


@pytest.mark.parametrize(
    ("field", "given", "cause"),
    [
        ("Count", {}, 'The ToleratedFailureCountPath field refers to value "{}" which is not a valid integer: $.at'),
        (
            "Percentage",
            "x",
            'The ToleratedFailurePercentagePath field refers to value "x" which is not a valid float: $.at',
        ),
        ("Percentage", -1, "ToleratedFailurePercentage must be between 0 and 100."),
        ("Percentage", 100.1, "ToleratedFailurePercentage must be between 0 and 100."),
    ],
)
def test_tolerated_failures_that_make_no_sense_fail_the_execution_before_the_map_run(
    field: str, given: object, cause: str
) -> None:
    state = distributed(ItemsPath="$.items") | {f"ToleratedFailure{field}Path": "$.at"}
    execution, run = run_map(state, {"items": [1], "at": given})
    assert execution.error == "States.Runtime"
    assert execution.cause == f"An error occurred while executing the state 'M' (entered at the event id #2). {cause}"
    assert "MapStateStarted" in execution.event_types
    assert run.map_runs.started == []


def test_a_max_concurrency_that_is_no_number_fails_the_execution_before_the_map_has_started() -> None:
    state = distributed(ItemsPath="$.items", MaxConcurrencyPath="$.at")
    execution, _ = run_map(state, {"items": [1], "at": "x"})
    assert (execution.cause or "").endswith(
        'The MaxConcurrencyPath field refers to value "x" which is not a valid integer: $.at'
    )
    assert "MapStateStarted" not in execution.event_types


def test_an_item_selector_that_fails_fails_the_map_run() -> None:
    execution, run = run_map(distributed(ItemSelector={"a.$": "$.missing"}), [1])
    assert execution.status == "FAILED"
    assert "MapRunFailed" in execution.event_types
    assert run.map_runs.started[0].status == "FAILED"
