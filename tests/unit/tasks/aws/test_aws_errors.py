import re
from typing import Any

import pytest

from everypath.integrations.service_call import AwsFailure
from tests.unit.tasks.aws.conftest import Request
from tests.unit.tasks.aws.stand_in import StandIn

ID = {"x_amzn_RequestId": "r"}
TABLE = {"TableName": "t", "Item": {}}
S3_ERROR = "<Error><Code>{}</Code><Message>{}</Message></Error>"


def refuses(service: StandIn, code: str, message: str, status: int = 400) -> None:
    service.answers({"__type": f"com.amazonaws#{code}", "message": message}, status, **ID)


def test_an_sdk_integration_fails_with_the_exception_of_the_java_sdk(call: Request, service: StandIn) -> None:
    refuses(service, "ConditionalCheckFailedException", "The conditional request failed")
    assert call("aws-sdk:dynamodb:putItem", TABLE) == AwsFailure(
        "DynamoDb.ConditionalCheckFailedException",
        "The conditional request failed (Service: DynamoDb, Status Code: 400, Request ID: r) (SDK Attempt Count: 1)",
    )


def test_an_optimized_integration_fails_with_the_exception_of_the_java_sdk_before_it(
    call: Request, service: StandIn
) -> None:
    refuses(service, "ConditionalCheckFailedException", "The conditional request failed")
    assert call("dynamodb:putItem", TABLE) == AwsFailure(
        "DynamoDB.ConditionalCheckFailedException",
        "The conditional request failed (Service: AmazonDynamoDBv2; Status Code: 400; Error Code:"
        " ConditionalCheckFailedException; Request ID: r; Proxy: null)",
    )


def test_an_error_that_the_api_does_not_list_is_the_exception_of_the_service(call: Request, service: StandIn) -> None:
    refuses(service, "ValidationException", "Invalid")
    assert call("aws-sdk:dynamodb:putItem", TABLE).error == "DynamoDb.DynamoDbException"
    refuses(service, "ValidationException", "Invalid")
    assert call("dynamodb:putItem", TABLE).error == "DynamoDB.AmazonDynamoDBException"


def test_an_error_code_without_exception_gets_it_in_the_name_but_not_in_the_cause(
    call: Request, service: StandIn
) -> None:
    refuses(service, "StateMachineDoesNotExist", "State Machine Does Not Exist: 'm'")
    assert call("states:startExecution", {"StateMachineArn": "m"}) == AwsFailure(
        "StepFunctions.StateMachineDoesNotExistException",
        "State Machine Does Not Exist: 'm' (Service: AWSStepFunctions; Status Code: 400; Error Code:"
        " StateMachineDoesNotExist; Request ID: r; Proxy: null)",
    )
    refuses(service, "InvalidToken", "Invalid Token: 'Invalid token'")
    assert call("aws-sdk:sfn:sendTaskSuccess", {"TaskToken": "t", "Output": "1"}) == AwsFailure(
        "Sfn.InvalidTokenException",
        "Invalid Token: 'Invalid token' (Service: Sfn, Status Code: 400, Request ID: r) (SDK Attempt Count: 1)",
    )


def test_s3_adds_its_second_id(call: Request, service: StandIn) -> None:
    service.answers(
        S3_ERROR.format("NoSuchKey", "The specified key does not exist."), 404, x_amz_request_id="r", x_amz_id_2="h"
    )
    assert call("aws-sdk:s3:getObject", {"Bucket": "b", "Key": "k"}) == AwsFailure(
        "S3.NoSuchKeyException",
        "The specified key does not exist. (Service: S3, Status Code: 404, Request ID: r, Extended Request ID: h)"
        " (SDK Attempt Count: 1)",
    )


def test_an_object_that_is_not_there_is_no_such_key_even_without_a_body_that_says_so(
    call: Request, service: StandIn
) -> None:
    service.answers("", 404, x_amz_request_id="r")
    assert call("aws-sdk:s3:headObject", {"Bucket": "b", "Key": "k"}).error == "S3.NoSuchKeyException"


def test_a_missing_queue_is_named_by_the_model_of_the_api(call: Request, service: StandIn) -> None:
    service.answers(
        {"__type": "com.amazonaws.sqs#QueueDoesNotExist", "message": "The specified queue does not exist."},
        400,
        x_amzn_query_error="AWS.SimpleQueueService.NonExistentQueue;Sender",
        **ID,
    )
    url = "https://sqs.us-east-1.amazonaws.com/1/q"
    assert call("sqs:sendMessage", {"QueueUrl": url, "MessageBody": "b"}) == AwsFailure(
        "SQS.QueueDoesNotExistException",
        "The specified queue does not exist. (Service: AmazonSQS; Status Code: 400; Error Code:"
        " AWS.SimpleQueueService.NonExistentQueue; Request ID: r; Proxy: null)",
    )


def test_a_queue_on_a_host_that_is_not_there_is_not_reached(call: Request, service: StandIn) -> None:
    refuses(service, "QueueDoesNotExist", "The specified queue does not exist.")
    assert call("sqs:sendMessage", {"QueueUrl": "http://no-such-queue", "MessageBody": "b"}) == AwsFailure(
        "SQS.SdkClientException",
        "Unable to execute HTTP request: no-such-queue: Name or service not known",
    )


@pytest.mark.parametrize(
    ("resource", "parameters", "error", "cause"),
    [
        (
            "dynamodb:putItem",
            {"TableName": "t", "Item": None},
            "DynamoDB.AmazonDynamoDBException",
            "1 validation error detected: Value null at 'item' failed to satisfy constraint: Member must not be null"
            " (Service: AmazonDynamoDBv2; Status Code: 400; Error Code: ValidationException; Request ID: …; Proxy:"
            " null)",
        ),
        (
            "aws-sdk:dynamodb:putItem",
            {"TableName": None, "Item": None},
            "DynamoDb.DynamoDbException",
            "2 validation errors detected: Value null at 'tableName' failed to satisfy constraint: Member must not be"
            " null; Value null at 'item' failed to satisfy constraint: Member must not be null (Service: DynamoDb,"
            " Status Code: 400, Request ID: …) (SDK Attempt Count: 1)",
        ),
        (
            "sqs:sendMessage",
            {"QueueUrl": "q", "MessageBody": None},
            "SQS.AmazonSQSException",
            "The request must contain the parameter MessageBody. (Service: AmazonSQS; Status Code: 400; Error Code:"
            " MissingParameter; Request ID: …; Proxy: null)",
        ),
    ],
)
def test_a_required_parameter_that_is_null_fails_in_the_words_of_the_service(
    call: Request, resource: str, parameters: dict[str, Any], error: str, cause: str
) -> None:
    failure = call(resource, parameters)
    assert failure.error == error
    assert re.sub(r"Request ID: [0-9a-f-]{36}", "Request ID: …", failure.cause) == cause


def test_a_service_that_cannot_be_reached_is_a_client_exception(call: Request, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    refused = "Unable to execute HTTP request: Connect to 127.0.0.1:1 [127.0.0.1] failed: Connection refused"
    assert call("dynamodb:putItem", TABLE) == AwsFailure(
        "DynamoDB.SdkClientException", f"{refused} (Connection refused)"
    )
    assert call("aws-sdk:dynamodb:putItem", TABLE).error == "DynamoDb.SdkClientException"


def test_missing_credentials_are_a_cause_that_says_what_to_set(call: Request, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    failure = call("dynamodb:putItem", TABLE)
    assert failure.error == "DynamoDB.SdkClientException"
    assert "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE" in failure.cause


def test_a_failing_service_is_asked_once(call: Request, service: StandIn) -> None:
    service.answers({"__type": "InternalServerError", "message": "broken"}, 500, **ID)
    assert call("aws-sdk:dynamodb:putItem", TABLE).error == "DynamoDb.InternalServerErrorException"
    assert len(service.requests) == 1


def test_a_role_that_cannot_be_assumed_fails_the_task(call: Request, service: StandIn) -> None:
    service.answers("<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>", 403)
    assert call("dynamodb:putItem", TABLE, role_arn="arn:aws:iam::2:role/other") == AwsFailure(
        "States.TaskFailed",
        "The role of the state machine is not authorized to assume the task state's role, arn:aws:iam::2:role/other.",
    )
