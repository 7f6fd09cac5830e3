"""Values are checked when a step is made, and the message names the step and the field."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from everypath.errors import EverypathError
from everypath.steps import (
    Catch,
    Chain,
    Fail,
    ItemBatcher,
    ItemReader,
    Map,
    Parallel,
    Pass,
    ReaderConfig,
    ResultWriter,
    Retry,
    State,
    StateMachine,
    StepError,
    StepInput,
    Succeed,
    Task,
    Wait,
    sdk,
)

ARN = "arn:aws:lambda:us-east-1:123456789012:function:F"
# What follows is wrong on purpose, and mypy knows it.
Wrong = Any


class ThrottledError(Exception):
    pass


def task(**fields: Wrong) -> Task:
    return Task("Call API", **{"resource": ARN, **fields})


def retry(**fields: Wrong) -> Task:
    return task(retry=Retry(**{"error_equals": ["E"], **fields}))


def catch(**fields: Wrong) -> Task:
    return task(catch=[Catch(**{"error_equals": ["E"], "next_step": Fail("F"), **fields})])


def pass_(**fields: Wrong) -> Pass:
    return Pass("P", **fields)


def wait(**fields: Wrong) -> Wait:
    return Wait("W", **fields)


def fail(**fields: Wrong) -> Fail:
    return Fail("F", **fields)


def map_(**fields: Wrong) -> Map:
    return Map("M", **fields)


def distributed(**fields: Wrong) -> Map:
    return Map("M", **{"mode": "DISTRIBUTED", "execution_type": "STANDARD", **fields})


def machine(**fields: Wrong) -> StateMachine:
    return StateMachine(Fail("F"), **fields)


S3 = "arn:aws:states:::s3:getObject"
INTEGER = "Expected value of type Integer"
STRING = "Expected value of type [STRING]"
NOT_ROOTED = "Value is not a Reference Path: Reference path didn't start with '$'"

REFUSED: list[tuple[Callable[[], object], str]] = [
    # retriers
    (lambda: retry(max_attempts=-1), "Task 'Call API': Retry[0].MaxAttempts: Minimum value is 0 (got -1)"),
    (
        lambda: retry(max_attempts=100000000),
        "Task 'Call API': Retry[0].MaxAttempts: Maximum value is 99999999 (got 100000000)",
    ),
    (lambda: retry(max_attempts=True), f"Task 'Call API': Retry[0].MaxAttempts: {INTEGER} (got True)"),
    (lambda: retry(interval_seconds=1.5), f"Task 'Call API': Retry[0].IntervalSeconds: {INTEGER} (got 1.5)"),
    (lambda: retry(interval_seconds="1"), f"Task 'Call API': Retry[0].IntervalSeconds: {INTEGER} (got '1')"),
    (lambda: retry(backoff_rate=0.9), "Task 'Call API': Retry[0].BackoffRate: Minimum value is 1.0 (got 0.9)"),
    (
        lambda: retry(backoff_rate=float("inf")),
        "Task 'Call API': Retry[0].BackoffRate must be a JSON value, got inf",
    ),
    (
        lambda: retry(backoff_rate=float("nan")),
        "Task 'Call API': Retry[0].BackoffRate must be a JSON value, got nan",
    ),
    (
        lambda: retry(max_delay_seconds=31622401),
        "Task 'Call API': Retry[0].MaxDelaySeconds: Maximum value is 31622400 (got 31622401)",
    ),
    (lambda: retry(max_delay_seconds=0), "Task 'Call API': Retry[0].MaxDelaySeconds: Minimum value is 1 (got 0)"),
    (
        lambda: retry(jitter_strategy="full"),
        "Task 'Call API': Retry[0].JitterStrategy: Value should be one of the following: [NONE, FULL] (got 'full')",
    ),
    (lambda: retry(comment=3), f"Task 'Call API': Retry[0].Comment: {STRING} (got 3)"),
    (lambda: retry(max_attemps=1), "Retry has no field 'max_attemps'; did you mean 'max_attempts'?"),
    (
        lambda: task(retry=[Retry(error_equals=["E"]), Retry(error_equals=["F"], max_attempts=-1)]),
        "Task 'Call API': Retry[1].MaxAttempts: Minimum value is 0 (got -1)",
    ),
    (
        lambda: task(retry={"ErrorEquals": ["E"]}),
        "Task 'Call API': Retry must be everypath.steps.Retry or a list of it, got {'ErrorEquals': ['E']}",
    ),
    (lambda: pass_(retry=[]), "Pass 'P' has no field 'retry'; it has "),
    (lambda: pass_().add_retry(Retry(error_equals=["E"])), "Pass 'P': Field 'Retry' is not supported"),
    # catchers
    (lambda: catch(result_path="error"), f"Task 'Call API': Catch[0].ResultPath: {NOT_ROOTED} (got 'error')"),
    (
        lambda: catch(result_path="$$"),
        "Task 'Call API': Catch[0].ResultPath: Value is not a Reference Path (got '$$')",
    ),
    (lambda: catch(assign=[]), "Task 'Call API': Catch[0].Assign: Expected value of type [OBJECT]"),
    (
        lambda: catch(next_step="F"),
        "Task 'Call API': Catch[0].Next must be a state or a chain, got 'F'",
    ),
    (
        lambda: catch(next_step=Chain()),
        "Task 'Call API': Catch[0].Next must be a state or a chain, got a chain without states",
    ),
    (
        lambda: catch(next_step=sdk.Fail("F")),
        "Task 'Call API': Catch[0].Next must be a state of everypath.steps, got the SDK's own Fail 'F'",
    ),
    (
        lambda: wait(seconds=1).add_catch(Catch(error_equals=["E"], next_step=Fail("F"))),
        "Wait 'W': Field 'Catch' is not supported",
    ),
    # tasks
    (
        lambda: task(resource="MyFunction"),
        "Task 'Call API': Resource: Value is not a valid resource ARN (got 'MyFunction')",
    ),
    (lambda: task(resource=None), f"Task 'Call API': Resource: {STRING} (got None)"),
    (
        lambda: task(resource="arn:aws:states:::sqs:send"),
        "Task 'Call API': Resource: The resource provided arn:aws:states:::sqs:send is not recognized.",
    ),
    (lambda: task(timeout_seconds=0), "Task 'Call API': TimeoutSeconds: Minimum value is 1 (got 0)"),
    (lambda: task(timeout_seconds="5"), f"Task 'Call API': TimeoutSeconds: {INTEGER} (got '5')"),
    (lambda: task(timeout_seconds="${Limit}"), f"Task 'Call API': TimeoutSeconds: {INTEGER} (got '${{Limit}}')"),
    (
        lambda: task(heartbeat_seconds=100000000),
        "Task 'Call API': HeartbeatSeconds: Maximum value is 99999999 (got 100000000)",
    ),
    (
        lambda: task(timeout_seconds=5, heartbeat_seconds=5),
        "Task 'Call API': HeartbeatSeconds: HeartbeatSeconds must be smaller than TimeoutSeconds (got 5)",
    ),
    (
        lambda: task(timeout_seconds=5, timeout_seconds_path="$.t"),
        "Task 'Call API': There should only be one of the following fields: [TimeoutSeconds, TimeoutSecondsPath]",
    ),
    (lambda: task(timeout_seconds_path="t"), f"Task 'Call API': TimeoutSecondsPath: {NOT_ROOTED} (got 't')"),
    (
        lambda: task(credentials={"Role": "r"}),
        "Task 'Call API': Credentials: The field 'RoleArn' is required but was missing",
    ),
    (
        lambda: task(parameters={"a": {"b.$": "title"}}),
        "Task 'Call API': Parameters: The value for the field 'b.$' must be a valid JSONPath or a valid intrinsic",
    ),
    (lambda: task(parameters={1: 2}), "Task 'Call API': Parameters must have strings as keys, got 1"),
    (
        lambda: task(parameters={"a": [1, {2}]}),
        "Task 'Call API': Parameters.a[1] must be a JSON value, got {2}",
    ),
    (
        lambda: task(parameters={"a": [StepInput()["x"]]}),
        "Task 'Call API': Parameters.a[0] cannot be a placeholder: only a value of a template's object can be one",
    ),
    (lambda: task(input_path="x"), "Task 'Call API': InputPath: Value must be a valid JSONPath. (got 'x')"),
    (lambda: task(output_path=1), f"Task 'Call API': OutputPath: {STRING} (got 1)"),
    (lambda: task(comment=None), f"Task 'Call API': Comment: {STRING} (got None)"),
    (lambda: task(end="yes"), "Task 'Call API': End: Expected value of type [BOOLEAN] (got 'yes')"),
    (lambda: task(timout_seconds=1), "Task 'Call API' has no field 'timout_seconds'; did you mean 'timeout_seconds'?"),
    (lambda: task(retries=[]), "Task 'Call API' has no field 'retries'; did you mean 'retry'?"),
    (
        lambda: task(query_language="JSONPATH"),
        "Task 'Call API': QueryLanguage: Value should be one of the following: [JSONPath, JSONata] (got 'JSONPATH')",
    ),
    # names
    (lambda: Pass("x" * 81), f"Pass '{'x' * 81}': Invalid State name: State '{'x' * 81}' exceeds the 80-character"),
    (lambda: Pass(""), "Pass '': Invalid State name: a name must have at least one character"),
    (lambda: Pass(7), "Pass 7: the name must be a string"),  # type: ignore[arg-type]
    # pass, wait, succeed, fail
    (lambda: pass_(result=date(2026, 3, 14)), "Pass 'P': Result must be a JSON value, got datetime.date(2026, 3, 14)"),
    (lambda: pass_(result={"a": float("nan")}), "Pass 'P': Result.a must be a JSON value, got nan"),
    (lambda: pass_(result={"a": StepInput()["x"]}), "Pass 'P': Result.a cannot be a placeholder"),
    (
        lambda: wait(),
        "Wait 'W': This object should have only one of the following fields: [SecondsPath, Seconds, TimestampPath, ",
    ),
    (
        lambda: wait(seconds=1, timestamp="2026-03-14T01:59:00Z"),
        "Wait 'W': There should only be one of the following fields: [SecondsPath, Seconds, TimestampPath, Timestamp]",
    ),
    (lambda: wait(seconds=-1), "Wait 'W': Seconds: Minimum value is 0 (got -1)"),
    (lambda: wait(seconds_path="s"), f"Wait 'W': SecondsPath: {NOT_ROOTED} (got 's')"),
    (
        lambda: Succeed("S", result=1),  # type: ignore[call-arg]
        "Succeed 'S' has no field 'result'; it has comment, input_path, output, output_path, query_language",
    ),
    (
        lambda: fail(error="E", error_path="$.e"),
        "Fail 'F': There should only be one of the following fields: [Error, ErrorPath]",
    ),
    (
        lambda: fail(cause_path="the cause"),
        "Fail 'F': CausePath: The value for the field 'CausePath' must be a valid JSONPath or a valid intrinsic ",
    ),
    (lambda: fail(error=503), f"Fail 'F': Error: {STRING} (got 503)"),
    # parallel and map
    (
        lambda: Parallel("P", branches=[Pass("A"), "B"]),  # type: ignore[list-item]
        "Parallel 'P': Branches[1] must be a state or a chain, got 'B'",
    ),
    (
        lambda: Parallel("P", branches=Pass("A")),  # type: ignore[arg-type]
        "Parallel 'P': Branches must be a list of states and chains, got A Pass(type='Pass')",
    ),
    (lambda: map_(max_concurrency=-1), "Map 'M': MaxConcurrency: Minimum value is 0 (got -1)"),
    (
        lambda: map_(tolerated_failure_percentage=100.1),
        "Map 'M': ToleratedFailurePercentage: Maximum value is 100.0 (got 100.1)",
    ),
    (lambda: map_(tolerated_failure_count=1.5), f"Map 'M': ToleratedFailureCount: {INTEGER} (got 1.5)"),
    (
        lambda: map_(mode="EXPRESS"),
        "Map 'M': ItemProcessor.ProcessorConfig.Mode: Value should be one of the following: [INLINE, DISTRIBUTED] ",
    ),
    (
        lambda: map_(mode="DISTRIBUTED"),
        "Map 'M': ItemProcessor.ProcessorConfig: These fields are required: [ExecutionType]",
    ),
    (
        lambda: map_(item_batcher=ItemBatcher(max_items_per_batch=1), mode="INLINE"),
        "Map 'M': ItemBatcher is for distributed mode: give mode='DISTRIBUTED'",
    ),
    (
        lambda: distributed(item_reader={"Resource": S3}),
        "Map 'M': ItemReader must be everypath.steps.ItemReader, got {'Resource': ",
    ),
    (lambda: distributed(label="x" * 41), "Map 'M': Label: Invalid Label name: Label 'xxxxxx"),
    (
        lambda: distributed(item_batcher=ItemBatcher(max_items_per_batch=0)),
        "Map 'M': ItemBatcher.MaxItemsPerBatch: Minimum value is 1 (got 0)",
    ),
    (
        lambda: distributed(item_batcher=ItemBatcher(max_input_bytes_per_batch=262145)),
        "Map 'M': ItemBatcher.MaxInputBytesPerBatch: Maximum value is 262144 (got 262145)",
    ),
    (
        lambda: distributed(item_reader=ItemReader(resource="s3", parameters={})),
        "Map 'M': ItemReader.Resource: Value is not a valid resource ARN",
    ),
    (
        lambda: distributed(
            item_reader=ItemReader(
                resource=S3,
                reader_config={"InputType": "JSON", "Type": 1},  # type: ignore[typeddict-unknown-key]
                parameters={},
            )
        ),
        "Map 'M': ItemReader.ReaderConfig: Field 'Type' is not supported",
    ),
    (
        lambda: distributed(item_reader=ItemReader(resource=S3, reader_config={"InputType": "XML"}, parameters={})),  # type: ignore[typeddict-item]
        "Map 'M': ItemReader.ReaderConfig.InputType: The field 'InputType' should have one of these values: [CSV, ",
    ),
    (
        lambda: distributed(
            item_reader=ItemReader(
                resource=S3, reader_config={"InputType": "JSON", "MaxItems": 1, "MaxItemsPath": "$.m"}, parameters={}
            ),
            query_language="JSONPath",
        ),
        "Map 'M': ItemReader.ReaderConfig: There should only be one of the following fields: [MaxItems, MaxItemsPath]",
    ),
    (
        lambda: distributed(result_writer=ResultWriter(writer_config={"Output": "JSON"})),  # type: ignore[typeddict-unknown-key]
        "Map 'M': ResultWriter.WriterConfig: Field 'Output' is not supported",
    ),
    (
        lambda: map_(parameters={}, item_selector={}),
        "Map 'M': There should only be one of the following fields: [Parameters, ItemSelector]",
    ),
    (
        lambda: ItemBatcher(max_items=1),  # type: ignore[call-arg]
        "ItemBatcher has no field 'max_items'; did you mean 'max_items_per_batch'?",
    ),
    # the machine
    (lambda: machine(timeout_seconds=-1), "StateMachine: TimeoutSeconds: Minimum value is 0 (got -1)"),
    (lambda: machine(timeout_seconds="{% 1 %}"), f"StateMachine: TimeoutSeconds: {INTEGER} (got '{{% 1 %}}')"),
    (
        lambda: machine(version="2"),
        "StateMachine: Version: Value should be one of the following: [1.0] (got '2')",
    ),
    (lambda: machine(comment=1), f"StateMachine: Comment: {STRING} (got 1)"),
    (
        lambda: machine(query_language="x"),
        "StateMachine: QueryLanguage: Value should be one of the following: [JSONPath, JSONata] (got 'x')",
    ),
    (lambda: machine(timeout=1), "StateMachine has no field 'timeout'; did you mean 'timeout_seconds'?"),
    (
        lambda: StateMachine("F"),  # type: ignore[arg-type]
        "StateMachine: StartAt must be a state or a chain, got 'F'",
    ),
]


@pytest.mark.parametrize(("make", "message"), REFUSED, ids=[message[:90] for _, message in REFUSED])
def test_a_wrong_value_is_refused_with_the_step_the_field_the_rule_and_what_came(
    make: Callable[[], object], message: str
) -> None:
    with pytest.raises(StepError) as refusal:
        make()
    assert str(refusal.value).startswith(message)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    "timestamp",
    [
        "2016-12-05 21:29:29Z",
        "2016-12-05T21:29:29",
        "2016-13-05T21:29:29Z",
        "2016-02-30T21:29:29Z",
        "2016-12-05T25:29:29Z",
        "2016-12-05t21:29:29z",
        "2016-12-05",
        "",
    ],
)
def test_a_timestamp_that_aws_refuses_is_refused(timestamp: str) -> None:
    with pytest.raises(StepError, match="Wait 'W': Timestamp: String does not match RFC3339 timestamp"):
        wait(timestamp=timestamp)


@pytest.mark.parametrize(
    "timestamp", ["2016-12-05T21:29:29Z", "2016-12-05T21:29:29.1+02:00", "2016-03-05T21:29:29.243167252Z"]
)
def test_a_timestamp_of_rfc_3339_is_taken(timestamp: str) -> None:
    assert wait(timestamp=timestamp).fields["timestamp"] == timestamp


@pytest.mark.parametrize(
    "make",
    [
        lambda: retry(max_attempts=0, interval_seconds=99999999, backoff_rate=1),
        lambda: retry(max_attempts=99999999, max_delay_seconds=31622400),
        lambda: task(timeout_seconds=2, heartbeat_seconds=1),
        lambda: task(heartbeat_seconds=99999999),
        lambda: task(resource="${Prefix}:function:F"),
        lambda: task(result_path="$"),
        lambda: task(result_path="$['a'][0]"),
        lambda: pass_(result=1, result_path="$.r"),
        lambda: Pass("x" * 80),
        lambda: wait(seconds=99999999),
        lambda: map_(tolerated_failure_percentage=100),
        lambda: distributed(label="x" * 40),
        lambda: machine(timeout_seconds=99999999, version="1.0"),
        # What AWS takes, although its documents say otherwise.
        lambda: retry(interval_seconds=0),
        lambda: machine(timeout_seconds=0),
        lambda: map_(label="L", mode="INLINE"),
    ],
)
def test_a_value_at_the_edge_of_its_range_is_taken(make: Callable[[], object]) -> None:
    assert make() is not None


@pytest.mark.parametrize(
    "make",
    [
        lambda: task(resource="${F}", end=True),
        lambda: task(resource="arn:${AWS::Partition}:states:::sqs:sendMessage", end=True),
        lambda: wait(timestamp="${When}", end=True),
        lambda: pass_(output="{% ${Factor} * 2 %}", query_language="JSONata", end=True),
        lambda: distributed(
            item_reader=ItemReader(resource="${Reader}", parameters={}), item_processor=Pass("P", end=True), end=True
        ),
    ],
)
def test_a_string_that_the_template_fills_in_is_not_judged(make: Callable[[], State]) -> None:
    assert "${" in StateMachine(make()).to_json()


def test_a_file_that_aws_reads_and_everypath_does_not_is_no_mistake() -> None:
    configs: list[ReaderConfig] = [{"InputType": "PARQUET"}, {"InputType": "JSONL", "ManifestType": "ATHENA_DATA"}]
    for config in configs:
        reader = ItemReader(resource=S3, reader_config=config, parameters={})
        state = distributed(item_reader=reader, item_processor=Pass("P", end=True), end=True)
        assert StateMachine(state).to_definition()["States"]["M"]["ItemReader"]["ReaderConfig"] == config


def test_a_mistake_is_told_where_it_is_made_whatever_is_inside_the_state_or_around_it() -> None:
    inner = Parallel("Inner", branches=[Pass("Unfinished")])
    with pytest.raises(StepError, match=r"^Map 'M': MaxConcurrency: Minimum value is 0 \(got -1\)$"):
        map_(item_processor=inner, max_concurrency=-1)


def test_a_step_error_is_an_everypath_error_and_a_value_error_as_the_sdk_raises() -> None:
    assert issubclass(StepError, EverypathError)
    assert issubclass(StepError, ValueError)


def test_a_refused_retrier_or_catcher_leaves_the_state_as_it_was() -> None:
    state = task(retry=Retry(error_equals=["A"]))
    with pytest.raises(StepError):
        state.add_retry(Retry(error_equals=["B"], max_attempts=-1))
    with pytest.raises(StepError):
        state.add_catch(Catch(error_equals=[], next_step=Fail("F")))
    assert [handler.fields["error_equals"] for handler in state.retries] == [["A"]]
    assert state.catches == []


def test_retriers_and_catchers_added_later_come_after_the_first() -> None:
    state = task(retry=Retry(error_equals=[ThrottledError]), end=True)
    state.add_retry([Retry(error_equals=["B"]), Retry(error_equals=["States.ALL"])])
    state.add_catch(Catch(error_equals=["C"], next_step=Fail("F")))
    definition = state.to_dict()
    assert [retrier["ErrorEquals"] for retrier in definition["Retry"]] == [["ThrottledError"], ["B"], ["States.ALL"]]
    assert definition["Catch"] == [{"ErrorEquals": ["C"], "Next": "F"}]


def test_the_sdks_update_parameters_is_checked_too() -> None:
    state = task(parameters={"a": 1}, end=True)
    with pytest.raises(StepError, match=r"Task 'Call API': Parameters: The value for the field 'a.\$' must be"):
        state.update_parameters({"a.$": 2})
    state.update_parameters({"a": 3})
    assert state.to_dict()["Parameters"] == {"a": 3}
    with pytest.raises(StepError, match="Fail 'F' has no field 'parameters'"):
        Fail("F").update_parameters({})
