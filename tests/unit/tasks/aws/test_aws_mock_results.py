from typing import Any

import pytest

from everypath.asl.resource import parse_resource
from everypath.integrations.mock_results import mock_problem

PROBLEM = "Mock result schema validation error: "


def problem(resource: str, result: Any, mode: str = "STRICT") -> Any:
    return mock_problem(parse_resource(f"arn:aws:states:::{resource}"), result, mode)


@pytest.mark.parametrize(
    ("resource", "result", "text"),
    [
        ("events:putEvents", {"Entries": "text"}, "Field 'Entries' must be an array"),
        ("events:putEvents", {"Entries": [{"EventId": ["x"]}]}, "Field 'EventId' must be a string"),
        ("states:startExecution", {"ExecutionArn": "a", "StartDate": 1}, "Field 'StartDate' must be a string"),
        ("states:startExecution", {"ExecutionArn": "a", "StartDate": True}, "Field 'StartDate' must be a string"),
        ("dynamodb:putItem", {"ConsumedCapacity": {"CapacityUnits": "1"}}, "Field 'CapacityUnits' must be a number"),
        ("lambda:invoke", {"StatusCode": "200"}, "Field 'StatusCode' must be a number"),
        ("lambda:invoke", {"StatusCode": True}, "Field 'StatusCode' must be a number"),
        ("aws-sdk:s3:getObject", {"StorageClass": "Papyrus"}, "Field 'StorageClass' is not an expected value"),
        ("aws-sdk:kms:encrypt", {"CiphertextBlob": ""}, "Field 'CiphertextBlob' is smaller than the minimum length"),
        (
            "aws-sdk:lambda:getFunction",
            {"Configuration": {"MemorySize": 127}},
            "Field 'MemorySize' is less than the minimum value",
        ),
    ],
)
@pytest.mark.parametrize("mode", ["STRICT", "PRESENT"])
def test_a_field_that_is_there_must_be_what_the_api_gives(
    resource: str, result: dict[str, Any], text: str, mode: str
) -> None:
    assert problem(resource, result, mode) == PROBLEM + text


def test_only_the_strict_mode_asks_for_required_fields() -> None:
    missing = "Required field 'ExecutionArn' is missing"
    assert problem("states:startExecution", {"executionArn": "a"}) == PROBLEM + missing
    assert problem("states:startExecution", {"executionArn": "a"}, "PRESENT") is None


def test_no_mode_minds_a_field_that_the_api_lacks() -> None:
    assert problem("events:putEvents", {"random": "json"}) is None


def test_the_mode_none_takes_anything() -> None:
    assert problem("states:startExecution", {"StartDate": 1}, "NONE") is None


@pytest.mark.parametrize("payload", ["text", {"a": 1}, None, 5])
def test_the_payload_of_a_function_is_anything(payload: Any) -> None:
    assert problem("lambda:invoke", {"Payload": payload}) is None


def test_the_result_of_a_job_is_checked_against_its_description() -> None:
    missing = "Required field 'ExecutionArn' is missing"
    assert problem("states:startExecution.sync:2", {"Status": "SUCCEEDED"}) == PROBLEM + missing


def test_what_is_no_integration_by_an_api_is_not_checked() -> None:
    assert mock_problem(parse_resource("arn:aws:lambda:us-east-1:1:function:f"), 5) is None
    assert problem("http:invoke", 5) is None


@pytest.mark.parametrize("resource", ["http:invoke", "apigateway:invoke", "eks:call", "eks:runJob.sync"])
def test_what_has_no_api_model_is_not_checked(resource: str) -> None:
    assert problem(resource, [1]) is None


def test_a_job_whose_description_is_not_known_is_not_checked() -> None:
    assert problem("elasticmapreduce:createCluster.sync", {"Cluster": 1}) is None
