"""Every field of the language, as it is rendered."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from everypath.steps import (
    Catch,
    Chain,
    ExecutionInput,
    Fail,
    ItemBatcher,
    ItemReader,
    Map,
    Parallel,
    Pass,
    ResultWriter,
    Retry,
    State,
    StateMachine,
    StepInput,
    Succeed,
    Task,
    Wait,
    sdk,
)
from everypath.steps.fields import ORDER

ARN = "arn:aws:lambda:us-east-1:123456789012:function:F"


class ThrottledError(Exception):
    pass


def fail() -> Fail:
    return Fail("Failed")


def rendered(state: State) -> dict[str, Any]:
    definition: dict[str, Any] = StateMachine(state).to_definition()["States"][state.state_id]
    return definition


STATES: list[tuple[Callable[[], State], dict[str, Any]]] = [
    (
        lambda: Task(
            "T",
            comment="c",
            resource=ARN,
            credentials={"RoleArn": "arn:aws:iam::1:role/r"},
            input_path="$.in",
            parameters={"a.$": "$.a", "b": [1, 2.5, None, True, {"c.$": "States.UUID()"}]},
            timeout_seconds=10,
            heartbeat_seconds=5,
            result_selector={"r.$": "$.Payload"},
            result_path="$.result",
            assign={"v.$": "$.a"},
            output_path="$.out",
            end=True,
        ),
        {
            "Type": "Task",
            "Comment": "c",
            "Resource": ARN,
            "Credentials": {"RoleArn": "arn:aws:iam::1:role/r"},
            "InputPath": "$.in",
            "Parameters": {"a.$": "$.a", "b": [1, 2.5, None, True, {"c.$": "States.UUID()"}]},
            "TimeoutSeconds": 10,
            "HeartbeatSeconds": 5,
            "ResultSelector": {"r.$": "$.Payload"},
            "ResultPath": "$.result",
            "Assign": {"v.$": "$.a"},
            "OutputPath": "$.out",
            "End": True,
        },
    ),
    (
        lambda: Task("T", resource="${F}", timeout_seconds_path="$.t", heartbeat_seconds_path="$.h", end=True),
        {
            "Type": "Task",
            "Resource": "${F}",
            "TimeoutSecondsPath": "$.t",
            "HeartbeatSecondsPath": "$.h",
            "End": True,
        },
    ),
    (
        lambda: Task(
            "T",
            query_language="JSONata",
            resource=ARN,
            arguments="{% $states.input %}",
            timeout_seconds="{% $t %}",
            heartbeat_seconds="{% $h %}",
            assign={"v": "{% $states.result %}"},
            output={"o": ["{% $states.result %}"]},
            end=True,
        ),
        {
            "Type": "Task",
            "QueryLanguage": "JSONata",
            "Resource": ARN,
            "Arguments": "{% $states.input %}",
            "TimeoutSeconds": "{% $t %}",
            "HeartbeatSeconds": "{% $h %}",
            "Assign": {"v": "{% $states.result %}"},
            "Output": {"o": ["{% $states.result %}"]},
            "End": True,
        },
    ),
    (
        lambda: Task(
            "T",
            resource=ARN,
            retry=[
                Retry(
                    error_equals=[ThrottledError, "Lambda.SdkClientException"],
                    comment="c",
                    interval_seconds=2,
                    max_attempts=0,
                    backoff_rate=1.5,
                    max_delay_seconds=60,
                    jitter_strategy="FULL",
                ),
                Retry(error_equals=["States.ALL"]),
            ],
            catch=Catch(
                error_equals=["States.ALL"], next_step=fail(), comment="c", result_path="$.error", assign={"v": 1}
            ),
            end=True,
        ),
        {
            "Type": "Task",
            "Resource": ARN,
            "Retry": [
                {
                    "Comment": "c",
                    "ErrorEquals": ["ThrottledError", "Lambda.SdkClientException"],
                    "IntervalSeconds": 2,
                    "MaxAttempts": 0,
                    "BackoffRate": 1.5,
                    "MaxDelaySeconds": 60,
                    "JitterStrategy": "FULL",
                },
                {"ErrorEquals": ["States.ALL"]},
            ],
            "Catch": [
                {
                    "Comment": "c",
                    "ErrorEquals": ["States.ALL"],
                    "ResultPath": "$.error",
                    "Assign": {"v": 1},
                    "Next": "Failed",
                }
            ],
            "End": True,
        },
    ),
    (
        lambda: Task(
            "T",
            query_language="JSONata",
            resource=ARN,
            catch=Catch(error_equals=["States.ALL"], next_step=fail(), output="{% $states.errorOutput %}"),
            end=True,
        ),
        {
            "Type": "Task",
            "QueryLanguage": "JSONata",
            "Resource": ARN,
            "Catch": [{"ErrorEquals": ["States.ALL"], "Output": "{% $states.errorOutput %}", "Next": "Failed"}],
            "End": True,
        },
    ),
    (
        lambda: Pass(
            "P",
            input_path=None,
            parameters={},
            result=None,
            result_path=None,
            assign={"n": None},
            output_path=None,
            end=True,
        ),
        {
            "Type": "Pass",
            "InputPath": None,
            "Parameters": {},
            "Result": None,
            "ResultPath": None,
            "Assign": {"n": None},
            "OutputPath": None,
            "End": True,
        },
    ),
    (
        lambda: Pass("P", query_language="JSONata", output="{% 1 %}", end=True),
        {"Type": "Pass", "QueryLanguage": "JSONata", "Output": "{% 1 %}", "End": True},
    ),
    (lambda: Wait("W", seconds=0, end=True), {"Type": "Wait", "Seconds": 0, "End": True}),
    (
        lambda: Wait("W", seconds="{% $s %}", query_language="JSONata", end=True),
        {"Type": "Wait", "QueryLanguage": "JSONata", "Seconds": "{% $s %}", "End": True},
    ),
    (
        lambda: Wait("W", seconds_path="$.s", input_path="$.i", output_path="$.o", assign={"v": 1}, end=True),
        {
            "Type": "Wait",
            "InputPath": "$.i",
            "SecondsPath": "$.s",
            "Assign": {"v": 1},
            "OutputPath": "$.o",
            "End": True,
        },
    ),
    (
        lambda: Wait("W", timestamp="2016-03-05T21:29:29.243167252Z", end=True),
        {"Type": "Wait", "Timestamp": "2016-03-05T21:29:29.243167252Z", "End": True},
    ),
    (
        lambda: Wait("W", timestamp="{% $t %}", query_language="JSONata", output=1, end=True),
        {"Type": "Wait", "QueryLanguage": "JSONata", "Timestamp": "{% $t %}", "Output": 1, "End": True},
    ),
    (
        lambda: Wait("W", timestamp_path="$variable", end=True),
        {"Type": "Wait", "TimestampPath": "$variable", "End": True},
    ),
    (
        lambda: Succeed("S", comment="c", input_path="$.a", output_path="$.b"),
        {"Type": "Succeed", "Comment": "c", "InputPath": "$.a", "OutputPath": "$.b"},
    ),
    (
        lambda: Succeed("S", query_language="JSONata", output={"a": "{% 1 %}"}),
        {"Type": "Succeed", "QueryLanguage": "JSONata", "Output": {"a": "{% 1 %}"}},
    ),
    (
        lambda: Fail("F", comment="c", error="E", cause="because"),
        {"Type": "Fail", "Comment": "c", "Error": "E", "Cause": "because"},
    ),
    (
        lambda: Fail("F", error_path="$.error", cause_path="States.Format('{}', $.cause)"),
        {"Type": "Fail", "ErrorPath": "$.error", "CausePath": "States.Format('{}', $.cause)"},
    ),
    (
        lambda: Fail("F", query_language="JSONata", error="{% $e %}", cause="{% $c %}"),
        {"Type": "Fail", "QueryLanguage": "JSONata", "Error": "{% $e %}", "Cause": "{% $c %}"},
    ),
    (
        lambda: Parallel(
            "P",
            branches=[Pass("A", end=True), Chain([Pass("B"), Succeed("C")])],
            parameters={"p": 1},
            result_selector={"r.$": "$[0]"},
            result_path="$.r",
            retry=Retry(error_equals=["States.Timeout"]),
            catch=Catch(error_equals=["States.ALL"], next_step=fail()),
            end=True,
        ),
        {
            "Type": "Parallel",
            "Parameters": {"p": 1},
            "Branches": [
                {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}},
                {"StartAt": "B", "States": {"B": {"Type": "Pass", "Next": "C"}, "C": {"Type": "Succeed"}}},
            ],
            "ResultSelector": {"r.$": "$[0]"},
            "ResultPath": "$.r",
            "Retry": [{"ErrorEquals": ["States.Timeout"]}],
            "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Failed"}],
            "End": True,
        },
    ),
    (
        lambda: Parallel(
            "P", query_language="JSONata", branches=[Pass("A", end=True)], arguments={"a": 1}, output=2, end=True
        ),
        {
            "Type": "Parallel",
            "QueryLanguage": "JSONata",
            "Arguments": {"a": 1},
            "Branches": [{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}],
            "Output": 2,
            "End": True,
        },
    ),
    (
        lambda: Map(
            "M",
            item_processor=Pass("A", end=True),
            mode="INLINE",
            items_path="$.items",
            item_selector={"i.$": "$$.Map.Item.Value"},
            max_concurrency=4,
            result_path="$.r",
            retry=[Retry(error_equals=["E"])],
            catch=[Catch(error_equals=["E"], next_step=fail())],
            end=True,
        ),
        {
            "Type": "Map",
            "ItemsPath": "$.items",
            "ItemSelector": {"i.$": "$$.Map.Item.Value"},
            "MaxConcurrency": 4,
            "ItemProcessor": {
                "ProcessorConfig": {"Mode": "INLINE"},
                "StartAt": "A",
                "States": {"A": {"Type": "Pass", "End": True}},
            },
            "ResultPath": "$.r",
            "Retry": [{"ErrorEquals": ["E"]}],
            "Catch": [{"ErrorEquals": ["E"], "Next": "Failed"}],
            "End": True,
        },
    ),
    (
        lambda: Map(
            "M",
            item_processor=Pass("A", end=True),
            mode="DISTRIBUTED",
            execution_type="EXPRESS",
            label="Orders",
            item_reader=ItemReader(
                resource="arn:aws:states:::s3:getObject",
                parameters={"Bucket": "b", "Key.$": "$.key"},
                reader_config={"InputType": "CSV", "CSVHeaderLocation": "GIVEN", "CSVHeaders": ["a"], "MaxItems": 9},
            ),
            item_batcher=ItemBatcher(
                max_items_per_batch=10, max_input_bytes_per_batch=262144, batch_input={"a.$": "$.a"}
            ),
            max_concurrency_path="$.c",
            tolerated_failure_count=0,
            tolerated_failure_percentage=0.5,
            result_writer=ResultWriter(
                resource="arn:aws:states:::s3:putObject",
                parameters={"Bucket": "b", "Prefix": "p"},
                writer_config={"Transformation": "FLATTEN", "OutputType": "JSONL"},
            ),
            end=True,
        ),
        {
            "Type": "Map",
            "Label": "Orders",
            "ItemReader": {
                "Resource": "arn:aws:states:::s3:getObject",
                "Parameters": {"Bucket": "b", "Key.$": "$.key"},
                "ReaderConfig": {
                    "InputType": "CSV",
                    "CSVHeaderLocation": "GIVEN",
                    "CSVHeaders": ["a"],
                    "MaxItems": 9,
                },
            },
            "ItemBatcher": {
                "MaxItemsPerBatch": 10,
                "MaxInputBytesPerBatch": 262144,
                "BatchInput": {"a.$": "$.a"},
            },
            "MaxConcurrencyPath": "$.c",
            "ToleratedFailureCount": 0,
            "ToleratedFailurePercentage": 0.5,
            "ItemProcessor": {
                "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"},
                "StartAt": "A",
                "States": {"A": {"Type": "Pass", "End": True}},
            },
            "ResultWriter": {
                "Resource": "arn:aws:states:::s3:putObject",
                "Parameters": {"Bucket": "b", "Prefix": "p"},
                "WriterConfig": {"Transformation": "FLATTEN", "OutputType": "JSONL"},
            },
            "End": True,
        },
    ),
    (
        lambda: Map(
            "M",
            item_processor=Pass("A", end=True),
            mode="DISTRIBUTED",
            execution_type="STANDARD",
            item_batcher=ItemBatcher(max_items_per_batch_path="$.items", max_input_bytes_per_batch_path="$.bytes"),
            tolerated_failure_count_path="$.n",
            tolerated_failure_percentage_path="$.p",
            parameters={"a": 1},
            end=True,
        ),
        {
            "Type": "Map",
            "Parameters": {"a": 1},
            "ItemBatcher": {"MaxItemsPerBatchPath": "$.items", "MaxInputBytesPerBatchPath": "$.bytes"},
            "ToleratedFailureCountPath": "$.n",
            "ToleratedFailurePercentagePath": "$.p",
            "ItemProcessor": {
                "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
                "StartAt": "A",
                "States": {"A": {"Type": "Pass", "End": True}},
            },
            "End": True,
        },
    ),
    (
        lambda: Map(
            "M",
            query_language="JSONata",
            item_processor=Pass("A", end=True),
            mode="DISTRIBUTED",
            execution_type="STANDARD",
            items=[1, "{% $two %}"],
            item_selector="{% $states.context.Map.Item.Value %}",
            item_reader=ItemReader(resource="arn:aws:states:::s3:listObjectsV2", arguments={"Bucket": "{% $b %}"}),
            item_batcher=ItemBatcher(max_items_per_batch="{% $n %}", max_input_bytes_per_batch="{% $m %}"),
            max_concurrency="{% $c %}",
            tolerated_failure_count="{% $f %}",
            tolerated_failure_percentage="{% $p %}",
            result_writer=ResultWriter(resource="arn:aws:states:::s3:putObject", arguments={"Bucket": "{% $b %}"}),
            output="{% $states.result %}",
            end=True,
        ),
        {
            "Type": "Map",
            "QueryLanguage": "JSONata",
            "ItemReader": {
                "Resource": "arn:aws:states:::s3:listObjectsV2",
                "Arguments": {"Bucket": "{% $b %}"},
            },
            "Items": [1, "{% $two %}"],
            "ItemSelector": "{% $states.context.Map.Item.Value %}",
            "ItemBatcher": {"MaxItemsPerBatch": "{% $n %}", "MaxInputBytesPerBatch": "{% $m %}"},
            "MaxConcurrency": "{% $c %}",
            "ToleratedFailureCount": "{% $f %}",
            "ToleratedFailurePercentage": "{% $p %}",
            "ItemProcessor": {
                "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
                "StartAt": "A",
                "States": {"A": {"Type": "Pass", "End": True}},
            },
            "ResultWriter": {
                "Resource": "arn:aws:states:::s3:putObject",
                "Arguments": {"Bucket": "{% $b %}"},
            },
            "Output": "{% $states.result %}",
            "End": True,
        },
    ),
]


@pytest.mark.parametrize(("make", "expected"), STATES)
def test_every_field_is_rendered_as_the_language_spells_it_and_in_a_fixed_order(
    make: Callable[[], State], expected: dict[str, Any]
) -> None:
    # Compared as text: the order of the fields counts.
    assert json.dumps(rendered(make())) == json.dumps(expected)


def test_the_cases_above_have_every_field_but_those_of_a_choice_and_of_a_machine() -> None:
    definitions = "".join(json.dumps(expected) for _, expected in STATES)
    missing = {name for name in ORDER if f'"{name}": ' not in definitions}
    assert missing == {"Condition", "Choices", "Default", "Version"}


@pytest.mark.parametrize("make", [make for make, _ in STATES])
def test_every_state_is_an_instance_of_the_sdks_class_of_its_name(make: Callable[[], State]) -> None:
    state = make()
    assert isinstance(state, getattr(sdk, type(state).__name__))
    assert isinstance(state, sdk.State)


def test_retriers_catchers_and_machines_are_instances_of_the_sdks_classes() -> None:
    assert isinstance(Retry(error_equals=["E"]), sdk.Retry)
    assert isinstance(Catch(error_equals=["E"], next_step=fail()), sdk.Catch)
    assert isinstance(StateMachine(fail()), sdk.Graph)


def test_a_placeholder_of_the_sdk_becomes_a_path() -> None:
    first = Pass("First")
    state = Task(
        "T",
        resource=ARN,
        parameters={
            "id": ExecutionInput()["id"],
            "nested": {"x": first.output()["x"]},
            "list": [{"y": StepInput()[0]}],
        },
        end=True,
    )
    assert rendered(state)["Parameters"] == {
        "id.$": "$$.Execution.Input['id']",
        "nested": {"x.$": "$['x']"},
        "list": [{"y.$": "$[0]"}],
    }


def test_a_tuple_is_a_list_in_json() -> None:
    assert rendered(Pass("P", result=(1, 2), end=True))["Result"] == [1, 2]


def test_a_misspelled_attribute_is_an_error_not_none_as_in_the_sdk() -> None:
    with pytest.raises(AttributeError, match="'Pass' has no attribute 'resutl'"):
        Pass("P", end=True).resutl  # type: ignore[attr-defined]  # noqa: B018


def test_an_unfinished_state_can_still_be_shown() -> None:
    assert str(Wait("Later", seconds=1)) == repr(Wait("Later", seconds=1)) == "Later Wait(seconds=1, type='Wait')"
