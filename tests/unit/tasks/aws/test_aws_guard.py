"""Whatever goes wrong in a call of AWS is a failure that a catcher sees."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from everypath.asl.resource import parse_resource
from everypath.engine.item_store import StoreFailure
from everypath.integrations.answer import AwsFailure
from everypath.integrations.clients import Connections
from everypath.integrations.lambda_client import AwsLambda
from everypath.integrations.lambda_invoke import lambda_invoke
from everypath.integrations.s3_items import S3Items
from tests.unit.tasks.aws.stand_in import StandIn

Parameters = dict[str, Any]
WRONG: list[Parameters] = [
    {}, {"Bucket": None, "Key": "k"}, {"Bucket": 5, "Key": ["k"]}, {"Bucket": {"a": 1}}, {"Bucket": "b"},
    {"Bucket": "b", "Key": None}, {"Bucket": "", "Key": ""}, {"Bucket": "b", "Key": "k", "Nonsense": 1},
    {"Bucket": "b", "Key": "k", "Range": 7},
]  # fmt: skip


@pytest.mark.parametrize("parameters", WRONG)
@pytest.mark.parametrize(
    "use",
    [
        lambda store, parameters: store.get_object(parameters),
        lambda store, parameters: store.list_objects(parameters, 1),
        lambda store, parameters: store.put_object({"Body": b"", **parameters}),
    ],
)
def test_a_store_fails_on_any_arguments_and_never_crashes(
    connections: Connections, service: StandIn, use: Callable[[S3Items, Parameters], Any], parameters: Parameters
) -> None:
    service.answers("<Error><Code>NoSuchKey</Code><Message>none</Message></Error>", 404)
    with pytest.raises(StoreFailure, match=r"\w"):
        use(S3Items(connections, "us-east-1"), parameters)


@pytest.mark.parametrize(
    ("resource", "parameters"),
    [
        ("dynamodb:getItem", {"TableName": "t", "Key": {"id": {"S": "1"}}}),
        ("aws-sdk:dynamodb:listTables", {}),
        ("states:startExecution.sync", {"StateMachineArn": "arn:aws:states:us-east-1:123456789012:stateMachine:m"}),
        ("batch:submitJob", {"JobName": "j", "JobQueue": "q", "JobDefinition": "d"}),
    ],
)
def test_an_answer_that_cannot_be_parsed_is_a_failure_of_the_client(
    call: Callable[..., Any], service: StandIn, resource: str, parameters: Parameters
) -> None:
    service.answers("<html>this is no answer</html>")
    failure = call(resource, parameters)
    assert isinstance(failure, AwsFailure)
    assert failure.error.endswith("ClientException")


def test_lambda_whose_answer_cannot_be_read_is_a_failure_of_the_client(
    connections: Connections, service: StandIn
) -> None:
    service.answers("NaN", 200, x_amzn_RequestId="r")
    functions = AwsLambda(connections, "us-east-1")
    failure = lambda_invoke(parse_resource("arn:aws:states:::lambda:invoke"), {"FunctionName": "f"}, functions)
    assert isinstance(failure, AwsFailure)
    assert failure.error == "Lambda.SdkClientException"
