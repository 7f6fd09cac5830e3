import json
from typing import Any

import pytest

from everypath.asl.resource import parse_resource
from everypath.integrations.parameters import parameter_problems
from everypath.integrations.service_call import AwsFailure
from tests.unit.tasks.aws.conftest import Request
from tests.unit.tasks.aws.stand_in import StandIn


def problems(resource: str, parameters: Any) -> Any:
    return parameter_problems(parse_resource(f"arn:aws:states:::{resource}"), parameters)


def test_parameters_are_mapped_onto_the_members_of_the_api(call: Request, service: StandIn) -> None:
    service.answers({"executionArn": "arn:e", "startDate": 0})
    call("states:startExecution", {"StateMachineArn": "arn:m", "Name": "n"})
    assert service.request.json == {"stateMachineArn": "arn:m", "name": "n"}


def test_nested_parameters_are_mapped_too_and_the_keys_of_maps_are_not(call: Request, service: StandIn) -> None:
    service.answers({})
    call(
        "aws-sdk:sqs:sendMessage",
        {
            "QueueUrl": "https://sqs.us-east-1.amazonaws.com/1/q",
            "MessageBody": "m",
            "MessageAttributes": {"someKey": {"DataType": "String", "StringValue": "v"}},
        },
    )
    assert service.request.json["MessageAttributes"] == {"someKey": {"DataType": "String", "StringValue": "v"}}


def test_an_sdk_integration_takes_the_java_names_of_dynamodb_types(call: Request, service: StandIn) -> None:
    service.answers({})
    call("aws-sdk:dynamodb:putItem", {"TableName": "t", "Item": {"a": {"Bool": True}, "b": {"Ss": ["x"]}}})
    assert service.request.json["Item"] == {"a": {"BOOL": True}, "b": {"SS": ["x"]}}


def test_an_optimized_integration_takes_the_names_of_dynamodb_types_as_they_are(
    call: Request, service: StandIn
) -> None:
    service.answers({})
    call("dynamodb:putItem", {"TableName": "t", "Item": {"a": {"BOOL": True}, "b": {"N": 5}}})
    assert service.request.json["Item"] == {"a": {"BOOL": True}, "b": {"N": "5"}}


def test_json_data_for_a_text_is_sent_as_json_text(call: Request, service: StandIn) -> None:
    service.answers({"MessageId": "1"})
    call("sqs:sendMessage", {"QueueUrl": f"{service.url}/1/q", "MessageBody": {"Größe": [1, None]}})
    assert service.request.json["MessageBody"] == '{"Größe":[1,null]}'


def test_a_number_for_a_text_is_sent_as_its_digits(call: Request, service: StandIn) -> None:
    service.answers("<PublishResponse><PublishResult/></PublishResponse>", Content_Type="text/xml")
    call("sns:publish", {"TopicArn": "arn:aws:sns:us-east-1:1:t", "Message": 1})
    assert service.request.form["Message"] == "1"


def test_a_text_for_a_number_is_sent_as_a_number(call: Request, service: StandIn) -> None:
    service.answers({"MessageId": "1"})
    call("sqs:sendMessage", {"QueueUrl": f"{service.url}/1/q", "MessageBody": "m", "DelaySeconds": "5"})
    assert service.request.json["DelaySeconds"] == 5


def test_null_is_left_out(call: Request, service: StandIn) -> None:
    service.answers({"executionArn": "arn:e", "startDate": 0})
    call("states:startExecution", {"StateMachineArn": "arn:m", "Input": None})
    assert service.request.json == {"stateMachineArn": "arn:m"}


@pytest.mark.parametrize(("body", "sent"), [("text", "text"), (0, "0"), ({"a": [1]}, '{"a":[1]}')])
def test_the_body_of_an_object_is_text_or_json_text(call: Request, service: StandIn, body: Any, sent: str) -> None:
    service.answers("")
    call("aws-sdk:s3:putObject", {"Bucket": "b", "Key": "k", "Body": body})
    assert service.request.body == sent
    assert service.request.path == "/b/k"


def test_binary_data_of_an_optimized_integration_is_base64(call: Request, service: StandIn) -> None:
    service.answers({})
    call("dynamodb:putItem", {"TableName": "t", "Item": {"a": {"B": "YWJj"}}})
    assert service.request.json["Item"] == {"a": {"B": "YWJj"}}


def test_binary_data_of_an_sdk_integration_is_the_text_itself(call: Request, service: StandIn) -> None:
    service.answers({})
    call("aws-sdk:dynamodb:putItem", {"TableName": "t", "Item": {"a": {"B": "abc"}}})
    assert service.request.json["Item"] == {"a": {"B": "YWJj"}}


def test_a_field_that_the_api_lacks_is_reported_however_deep_it_is() -> None:
    found = problems("sqs:sendMessage", {"QueueUrl": "q", "MessageBody": "m", "TaskToken": "t"})
    assert found == ['The field "TaskToken" is not supported by Step Functions']
    found = problems("aws-sdk:dynamodb:putItem", {"TableName": "t", "Item": {"a": {"BOOL": True}}})
    assert found == ['The field "BOOL" is not supported by Step Functions']


def test_a_field_that_the_api_requires_is_reported_when_it_is_not_given() -> None:
    assert problems("sns:publish", {"TopicArn": "t"}) == ["The field 'Message' is required but was missing"]
    assert problems("lambda:invoke", {}) == ["The field 'FunctionName' is required but was missing"]


def test_a_field_that_is_null_is_given() -> None:
    assert problems("sqs:sendMessage", {"QueueUrl": "q", "MessageBody": None}) == []


def test_the_names_of_a_template_may_end_in_a_path_marker() -> None:
    assert problems("sqs:sendMessage", {"QueueUrl.$": "$.q", "MessageBody": {"a.$": "$.a"}}) == []


def test_what_a_function_is_sent_is_not_looked_into() -> None:
    assert problems("lambda:invoke", {"FunctionName": "f", "Payload": {"anything": 1}}) == []
    assert parameter_problems(parse_resource("arn:aws:lambda:us-east-1:1:function:f"), {"anything": 1}) == []


def test_a_token_beside_the_payload_of_a_function_is_reported() -> None:
    found = problems("lambda:invoke.waitForTaskToken", {"FunctionName": "f", "TaskToken": "t"})
    assert found == ['The field "TaskToken" is not supported by Step Functions']


def test_parameters_that_cannot_be_used_fail_the_task_before_anything_is_sent(call: Request, service: StandIn) -> None:
    parameters = {"QueueUrl": "q"}
    assert call("sqs:sendMessage", parameters) == AwsFailure(
        "States.Runtime",
        "The Parameters '{\"QueueUrl\":\"q\"}' could not be used to start the Task: [The field 'MessageBody' is"
        " required but was missing]",
    )
    assert service.requests == []


@pytest.mark.parametrize("entries", ["text", {"Detail": "{}"}])
def test_a_value_of_the_wrong_structure_cannot_be_used(call: Request, service: StandIn, entries: Any) -> None:
    failure = call("events:putEvents", {"Entries": entries})
    text = json.dumps({"Entries": entries}, separators=(",", ":"))
    assert failure.cause == (
        f"The Parameters '{text}' could not be used to start the Task: [The value of the field 'Entries' has an"
        " invalid format]"
    )
    assert service.requests == []


def test_parameters_that_are_no_object_cannot_be_used(call: Request) -> None:
    assert call("sqs:sendMessage", "text").error == "States.Runtime"
