"""How many items a Map is given, and how many of them fail, so that it fails, and so that it does not."""

from __future__ import annotations

from typing import Any

import pytest

from everypath import Return
from everypath.paths.exports.pytest_file import pytest_file
from everypath.tasks.scripted_outcomes import Throw
from tests.unit.paths.machines import case, enumeration_of, missing, task

FLOW = {"W": task()}
OUTSIDE: dict[str, Any] = {
    "ItemReader": {"Resource": "arn:aws:states:::s3:listObjectsV2", "Parameters": {"Bucket.$": "$.bucket"}},
    "ResultWriter": {"Resource": "arn:aws:states:::s3:putObject", "Parameters": {"Bucket": "results"}},
}


def distributed(flow: dict[str, Any] = FLOW, kind: str = "STANDARD", **fields: Any) -> dict[str, Any]:
    config = {"Mode": "DISTRIBUTED", "ExecutionType": kind}
    processor = {"ProcessorConfig": config, "StartAt": next(iter(flow)), "States": flow}
    return {"Type": "Map", "ItemProcessor": processor, "End": True, **fields}


def items(enumeration: Any, id: str) -> tuple[int, int]:
    """The items of a case, and how many attempts of W failed."""
    one = case(enumeration, id)
    return len(one.input["items"]), sum(isinstance(outcome, Throw) for outcome in one.outcomes["W"])


@pytest.mark.parametrize("kind", ["STANDARD", "EXPRESS"])
@pytest.mark.parametrize(
    ("tolerance", "fails", "succeeds"),
    [
        ({"ToleratedFailurePercentage": 50}, (1, 1), (2, 1)),
        ({"ToleratedFailurePercentage": 0.5}, (1, 1), (200, 1)),
        ({"ToleratedFailureCount": 1}, (2, 2), (1, 1)),
        ({"ToleratedFailureCount": 50}, (51, 51), (1, 1)),
        ({"ToleratedFailureCount": 2, "ToleratedFailurePercentage": 30}, (1, 1), (4, 1)),
        ({"ToleratedFailureCountPath": "$.allowed"}, (2, 2), (1, 1)),
        ({"ToleratedFailurePercentagePath": "$.allowed"}, (1, 1), (2, 1)),
        ({"ToleratedFailurePercentage": 50, "ItemBatcher": {"MaxItemsPerBatch": 2}}, (2, 1), (4, 1)),
        ({"ToleratedFailureCount": 5, "ItemBatcher": {"MaxItemsPerBatch": 4}}, (8, 2), (4, 1)),
    ],
)
def test_a_failed_item_is_once_tolerated_and_once_too_many(
    kind: str, tolerance: dict[str, Any], fails: tuple[int, int], succeeds: tuple[int, int]
) -> None:
    enumeration = enumeration_of({"M": distributed(kind=kind, ItemsPath="$.items", **tolerance)})
    assert missing(enumeration) == {}
    assert items(enumeration, "tolerated:M") == succeeds
    assert case(enumeration, "tolerated:M").execution.succeeded
    assert items(enumeration, "unhandled:M") == fails
    assert case(enumeration, "unhandled:M").execution.error == "States.ExceedToleratedFailureThreshold"


@pytest.mark.parametrize(
    ("tolerance", "element", "reason"),
    [
        ({"ToleratedFailureCount": 0}, "tolerated:M", "what is tolerated is 0"),
        ({"ToleratedFailurePercentage": 0}, "tolerated:M", "what is tolerated is 0"),
        ({"ToleratedFailurePercentage": 0.1}, "tolerated:M", "more than 200 items to tolerate one"),
        ({"ToleratedFailurePercentage": 100}, "item:M", "all of its items may fail"),
        ({"ToleratedFailureCount": 1000}, "item:M", "more than 200 items would have to fail"),
    ],
)
def test_a_threshold_that_is_not_crossed_is_reported_with_the_reason(
    tolerance: dict[str, Any], element: str, reason: str
) -> None:
    assert reason in missing(enumeration_of({"M": distributed(ItemsPath="$.items", **tolerance)}))[element]


def test_an_inline_map_tolerates_nothing_and_that_is_said() -> None:
    inline = {"StartAt": "W", "States": FLOW}
    states = {"M": {"Type": "Map", "ItemProcessor": inline, "ToleratedFailurePercentage": 50, "End": True}}
    assert "INLINE" in missing(enumeration_of(states))["tolerated:M"]


def test_every_item_gets_the_data_that_a_choice_needs() -> None:
    ready = {"Variable": "$.ready", "BooleanEquals": True, "Next": "Done"}
    flow = {
        "Ready?": {"Type": "Choice", "Choices": [ready], "Default": "Late"},
        "Done": {"Type": "Succeed"},
        "Late": {"Type": "Fail", "Error": "Late"},
    }
    enumeration = enumeration_of({"M": distributed(flow, ItemsPath="$.items", ToleratedFailureCount=2)})
    assert missing(enumeration) == {}
    late = [one.get("ready") is True for one in case(enumeration, "unhandled:M").input["items"]]
    assert late == [False, False, False]


def test_items_come_from_the_result_of_a_task_or_a_jsonata_expression() -> None:
    after = {"Fetch": task("M", ResultPath="$.found"), "M": distributed(ItemsPath="$.found.rows")}
    after["M"]["ToleratedFailurePercentage"] = 50
    enumeration = enumeration_of(after)
    assert missing(enumeration) == {}
    [fetched] = case(enumeration, "tolerated:M").outcomes["Fetch"]
    assert isinstance(fetched, Return)
    assert len(fetched.output["rows"]) == 2
    jsonata = distributed(Items="{% $states.input.rows %}", ToleratedFailurePercentage="{% $states.input.percent %}")
    enumeration = enumeration_of({"M": jsonata}, QueryLanguage="JSONata")
    assert missing(enumeration) == {}
    assert len(case(enumeration, "tolerated:M").input["rows"]) == 2


def test_a_map_in_a_map_is_given_items_too() -> None:
    inner = distributed(ItemsPath="$.parts", ToleratedFailureCount=1)
    outer = distributed({"N": inner}, ItemsPath="$.items", ToleratedFailurePercentage=50)
    assert missing(enumeration_of({"M": outer})) == {}


def test_reading_the_items_and_writing_the_results_fail_by_their_names() -> None:
    catch = [{"ErrorEquals": [name], "Next": "Give Up"} for name in ("States.ItemReaderFailed", "States.ALL")]
    retry = [{"ErrorEquals": ["States.ResultWriterFailed"], "MaxAttempts": 2}]
    enumeration = enumeration_of({"M": distributed(**OUTSIDE, Retry=retry, Catch=catch), "Give Up": {"Type": "Fail"}})
    assert missing(enumeration) == {}
    assert case(enumeration, "catch:M/0").errors == ("States.ItemReaderFailed",)
    assert case(enumeration, "retry:M/0/last").execution.elapsed == 3


def test_what_is_read_satisfies_a_choice() -> None:
    large = {"Variable": "$.Size", "NumericGreaterThan": 5, "Next": "Done"}
    flow = {
        "Large?": {"Type": "Choice", "Choices": [large], "Default": "Small"},
        "Done": {"Type": "Succeed"},
        "Small": {"Type": "Fail", "Error": "Small"},
    }
    enumeration = enumeration_of({"M": distributed(flow, **OUTSIDE, ToleratedFailurePercentage=50)})
    assert missing(enumeration) == {}


def test_cases_with_items_that_are_elsewhere_are_not_exported_as_tests() -> None:
    text = pytest_file(enumeration_of({"M": distributed(**OUTSIDE)}), "template.yaml", "Machine")
    assert "def test_" not in text
    assert "their items are elsewhere" in text


def test_an_execution_times_out_when_its_tasks_are_as_slow_as_their_own_limits_allow() -> None:
    states = {"A": task("B", TimeoutSeconds=60), "B": task(TimeoutSeconds=60, HeartbeatSeconds=10)}
    enumeration = enumeration_of(states, TimeoutSeconds=100)
    assert missing(enumeration) == {}
    assert case(enumeration, "timeout:").execution.elapsed == 100
    assert "seconds=59, heartbeats=True" in pytest_file(enumeration, "template.yaml", "Machine")
    assert missing(enumeration_of(states, TimeoutSeconds=500))["timeout:"].endswith("it was seen to take 118 s")


def test_an_execution_times_out_by_retries_on_another_way_than_the_shortest() -> None:
    slow = task("Done", TimeoutSeconds=60, Retry=[{"ErrorEquals": ["Busy"], "MaxAttempts": 2}])
    ask = {"Type": "Choice", "Choices": [{"Variable": "$.x", "IsPresent": True, "Next": "Slow"}], "Default": "Done"}
    enumeration = enumeration_of({"Ask": ask, "Slow": slow, "Done": {"Type": "Succeed"}}, TimeoutSeconds=150)
    assert case(enumeration, "timeout:").execution.path == ("Ask", "Slow")


def test_the_way_on_which_nothing_fails_is_taken_however_long_it_is() -> None:
    catch = [{"ErrorEquals": ["States.ALL"], "Next": "OK"}]
    states = {f"S{n}": task(f"S{n + 1}" if n < 149 else "OK", Catch=catch) for n in range(150)}
    enumeration = enumeration_of({**states, "OK": {"Type": "Succeed"}})
    assert len(case(enumeration, "success").execution.path) == 151


@pytest.mark.parametrize("config", [{"InputType": "PARQUET"}, {"InputType": "CSV", "ManifestType": "ATHENA_DATA"}])
def test_the_items_of_any_reader_are_made_up(config: dict[str, Any]) -> None:
    header = {} if config["InputType"] == "PARQUET" else {"CSVHeaderLocation": "FIRST_ROW"}
    reader = {
        "Resource": "arn:aws:states:::s3:getObject",
        "ReaderConfig": config | header,
        "Parameters": {"Bucket": "b", "Key": "k"},
    }
    processor = {"StartAt": "P", "States": {"P": task()}}
    processor["ProcessorConfig"] = {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
    enumeration = enumeration_of(
        {"Each": {"Type": "Map", "ItemReader": reader, "ItemProcessor": processor, "End": True}}
    )
    assert case(enumeration, "success").execution.status == "SUCCEEDED"
    assert any("item:Each" in one.covered for one in enumeration.cases)
