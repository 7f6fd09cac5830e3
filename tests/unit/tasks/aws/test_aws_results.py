from typing import Any

import pytest

from everypath.tasks.http_metadata import metadata_of
from tests.unit.tasks.aws.conftest import Request
from tests.unit.tasks.aws.stand_in import StandIn

QUEUE = "https://sqs.us-east-1.amazonaws.com/1/q"


def test_an_optimized_integration_gives_the_data_and_what_http_said(call: Request, service: StandIn) -> None:
    json_type = "application/x-amz-json-1.0"
    headers: dict[str, Any] = {"x_amzn_RequestId": "r", "Date": "today", "Content_Type": json_type}
    service.answers({"MessageId": "m", "MD5OfMessageBody": "d"}, **headers)
    answer = call("sqs:sendMessage", {"QueueUrl": QUEUE, "MessageBody": "b"})
    assert answer.output == {
        "MD5OfMessageBody": "d",
        "MessageId": "m",
        "SdkHttpMetadata": {
            "AllHttpHeaders": {
                "x-amzn-RequestId": ["r"],
                "connection": ["keep-alive"],
                "Content-Length": ["40"],
                "Date": ["today"],
                "Content-Type": [json_type],
            },
            "HttpHeaders": {
                "connection": "keep-alive",
                "Content-Length": "40",
                "Content-Type": json_type,
                "Date": "today",
                "x-amzn-RequestId": "r",
            },
            "HttpStatusCode": 200,
        },
        "SdkResponseMetadata": {"RequestId": "r"},
    }


def test_an_sdk_integration_gives_the_data_alone(call: Request, service: StandIn) -> None:
    service.answers({"MessageId": "m", "MD5OfMessageBody": "d"}, x_amzn_RequestId="r")
    answer = call("aws-sdk:sqs:sendMessage", {"QueueUrl": QUEUE, "MessageBody": "b"})
    assert answer.output == {"MessageId": "m", "Md5OfMessageBody": "d"}


def test_header_names_are_sorted_regardless_of_their_case() -> None:
    metadata = metadata_of([("x-b", "1"), ("Connection", "c"), ("X-A", "2"), ("X-A", "3")], 200, "r")
    assert list(metadata["SdkHttpMetadata"]["HttpHeaders"]) == ["Connection", "X-A", "x-b"]
    assert metadata["SdkHttpMetadata"]["AllHttpHeaders"]["X-A"] == ["2", "3"]


def test_a_time_is_milliseconds_for_an_optimized_integration(call: Request, service: StandIn) -> None:
    service.answers({"executionArn": "arn:e", "startDate": 1733089875.458})
    assert call("states:startExecution", {"StateMachineArn": "m"}).output["StartDate"] == 1733089875458


@pytest.mark.parametrize(
    ("seconds", "text"), [(1733089875.458, "2024-12-01T21:51:15.458Z"), (1733089875, "2024-12-01T21:51:15Z")]
)
def test_a_time_is_iso_text_for_an_sdk_integration(call: Request, service: StandIn, seconds: float, text: str) -> None:
    service.answers({"executionArn": "arn:e", "startDate": seconds})
    assert call("aws-sdk:sfn:startExecution", {"StateMachineArn": "m"}).output["StartDate"] == text


def test_the_body_of_an_object_is_text(call: Request, service: StandIn) -> None:
    service.answers("text data", Content_Type="binary/octet-stream", ETag='"e"', Accept_Ranges="bytes")
    answer = call("aws-sdk:s3:getObject", {"Bucket": "b", "Key": "k"})
    assert answer.output == {
        "AcceptRanges": "bytes",
        "Body": "text data",
        "ContentLength": 9,
        "ContentType": "binary/octet-stream",
        "ETag": '"e"',
        "Metadata": {},
        "ServerSideEncryption": "AES256",
    }


def test_an_object_is_got_without_asking_for_its_checksum(call: Request, service: StandIn) -> None:
    service.answers("text")
    call("aws-sdk:s3:getObject", {"Bucket": "b", "Key": "k"})
    assert "x-amz-checksum-mode" not in service.request.headers


def test_binary_data_that_is_no_text_is_base64(call: Request, service: StandIn) -> None:
    service.answers({"Plaintext": "gIGC"})
    answer = call("aws-sdk:kms:decrypt", {"CiphertextBlob": "x"})
    assert answer.output == {"Plaintext": "gIGC"}


def test_an_empty_list_stays(call: Request, service: StandIn) -> None:
    service.answers({"SecretList": []})
    assert call("aws-sdk:secretsmanager:listSecrets", {}).output == {"SecretList": []}


def test_an_answer_without_data_is_an_empty_object(call: Request, service: StandIn) -> None:
    service.answers({})
    assert call("aws-sdk:dynamodb:putItem", {"TableName": "t", "Item": {}}).output == {}


def test_nested_names_are_capitalized_and_the_keys_of_maps_are_not(call: Request, service: StandIn) -> None:
    service.answers({"Item": {"someKey": {"BOOL": True}}})
    parameters = {"TableName": "t", "Key": {"id": {"S": "1"}}}
    assert call("aws-sdk:dynamodb:getItem", parameters).output == {"Item": {"someKey": {"Bool": True}}}
    service.answers({"Item": {"someKey": {"BOOL": True}}})
    assert call("dynamodb:getItem", parameters).output["Item"] == {"someKey": {"BOOL": True}}
