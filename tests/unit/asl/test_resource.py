import subprocess
import sys

import pytest

from everypath.asl.resource import (
    OPTIMIZED,
    READING,
    WRITING,
    UnknownResource,
    UnsupportedResource,
    parse_map_resource,
    parse_resource,
    require_supported,
)

NOT_RECOGNIZED = (
    "The resource provided {} is not recognized. The value is not a valid resource ARN, or the resource is not"
    " available in this region."
)


def test_a_function_is_named_by_its_arn() -> None:
    resource = parse_resource("arn:aws:lambda:eu-west-1:123456789012:function:MockAPI")
    assert (resource.kind, resource.name, resource.qualifier) == ("lambda", "MockAPI", "")
    assert (resource.partition, resource.region, resource.account) == ("aws", "eu-west-1", "123456789012")


def test_a_version_or_an_alias_of_a_function_is_its_qualifier() -> None:
    resource = parse_resource("arn:aws-us-gov:lambda:us-gov-west-1:123456789012:function:MockAPI:live")
    assert (resource.partition, resource.name, resource.qualifier) == ("aws-us-gov", "MockAPI", "live")


def test_an_activity_is_named_by_its_arn_and_waits_for_its_worker() -> None:
    resource = parse_resource("arn:aws:states:us-east-1:123456789012:activity:approve")
    assert (resource.kind, resource.name, resource.needs_token) == ("activity", "approve", True)


def test_an_optimized_integration_has_a_service_and_an_action() -> None:
    resource = parse_resource("arn:aws:states:::sqs:sendMessage")
    assert (resource.kind, resource.service, resource.action, resource.pattern) == (
        "optimized", "sqs", "sendMessage", "",
    )  # fmt: skip
    assert (resource.client, resource.operation) == ("sqs", "SendMessage")
    assert not resource.needs_token
    assert not resource.runs_job


def test_a_callback_pattern_needs_a_token() -> None:
    resource = parse_resource("arn:aws:states:::sqs:sendMessage.waitForTaskToken")
    assert resource.needs_token
    assert resource.pattern == "waitForTaskToken"


@pytest.mark.parametrize("pattern", ["sync", "sync:2"])
def test_a_sync_pattern_runs_a_job(pattern: str) -> None:
    resource = parse_resource(f"arn:aws:states:::states:startExecution.{pattern}")
    assert resource.runs_job
    assert resource.pattern == pattern
    assert resource.client == "stepfunctions"


@pytest.mark.parametrize(
    ("arn", "resource_type", "resource"),
    [
        ("arn:aws:states:::lambda:invoke", "lambda", "invoke"),
        ("arn:aws:states:::sqs:sendMessage.waitForTaskToken", "sqs", "sendMessage.waitForTaskToken"),
        ("arn:aws:states:::states:startExecution.sync:2", "states", "startExecution.sync:2"),
        ("arn:aws:states:::aws-sdk:s3:listBuckets", "aws-sdk:s3", "listBuckets"),
    ],
)
def test_the_history_writes_the_service_and_the_action_apart(arn: str, resource_type: str, resource: str) -> None:
    parsed = parse_resource(arn)
    assert (parsed.resource_type, parsed.resource) == (resource_type, resource)


@pytest.mark.parametrize(
    ("service", "action", "client", "operation"),
    [
        ("sfn", "sendTaskSuccess", "stepfunctions", "SendTaskSuccess"),
        ("cloudwatchlogs", "putLogEvents", "logs", "PutLogEvents"),
        ("eventbridge", "putEvents", "events", "PutEvents"),
        ("cognitoidentityprovider", "adminGetUser", "cognito-idp", "AdminGetUser"),
        ("acmpca", "deleteCertificateAuthority", "acm-pca", "DeleteCertificateAuthority"),
        ("rds", "describeDBInstances", "rds", "DescribeDBInstances"),
        ("s3", "listObjectsV2", "s3", "ListObjectsV2"),
    ],
)
def test_an_sdk_integration_names_its_service_as_the_java_sdk_does(
    service: str, action: str, client: str, operation: str
) -> None:
    resource = parse_resource(f"arn:aws:states:::aws-sdk:{service}:{action}.waitForTaskToken")
    assert (resource.kind, resource.client, resource.operation) == ("sdk", client, operation)
    assert resource.needs_token


@pytest.mark.parametrize(
    "arn",
    [
        "arn:aws:states:::dynamodb:query",
        "arn:aws:states:::teleport:send",
        "arn:aws:states:::lambda:invoke.sync",
        "arn:aws:states:::lambda:invoke.",
        "arn:aws:states:::sqs:sendMessage.sync:2",
        "arn:aws:states:::s3:getObject",
        "arn:aws:states:::aws-sdk:teleport:send",
        "arn:aws:states:::aws-sdk:s3:getObjects",
        "arn:aws:states:::aws-sdk:s3:GetObject",
        "arn:aws:states:::aws-sdk:s3:getObject.sync",
        "arn:aws:states:::aws-sdk:s3",
        "arn:aws:states:us-east-1:123456789012:stateMachine:Child",
        "arn:aws:s3:::bucket",
    ],
)
def test_what_aws_does_not_know_is_refused_in_its_words(arn: str) -> None:
    with pytest.raises(UnknownResource) as refused:
        parse_resource(arn)
    assert str(refused.value) == NOT_RECOGNIZED.format(arn)


def test_text_that_is_no_arn_is_refused_as_one() -> None:
    with pytest.raises(UnknownResource, match=r"^Value is not a valid resource ARN$"):
        parse_resource("MockAPI")


@pytest.mark.parametrize(
    ("arn", "hint"),
    [
        ("arn:aws:states:::dynamodb:query", "dynamodb has getItem, putItem, updateItem, deleteItem"),
        ("arn:aws:states:::dynamodv:getItem", "did you mean dynamodb?"),
        ("arn:aws:states:::lambda:invoke.sync", "lambda:invoke can be invoke, invoke.waitForTaskToken"),
        ("arn:aws:states:::aws-sdk:events:putEvents", "did you mean eventbridge?"),
        ("arn:aws:states:::aws-sdk:sqs:sendMesage", "did you mean sendMessage"),
        ("${MockAPIFunctionArn}", "a substitution was not replaced"),
    ],
)
def test_a_refusal_hints_at_what_was_meant(arn: str, hint: str) -> None:
    with pytest.raises(UnknownResource) as refused:
        parse_resource(arn)
    assert hint in refused.value.hint


@pytest.mark.parametrize("action", ["kinesis:subscribeToShard", "s3:selectObjectContent", "lambda:invokeAsync"])
def test_an_action_whose_answer_is_a_stream_or_that_aws_leaves_out_is_not_recognized(action: str) -> None:
    with pytest.raises(UnknownResource):
        parse_resource(f"arn:aws:states:::aws-sdk:{action}")


def test_what_aws_knows_and_everypath_does_not_is_parsed_and_refused_when_it_is_to_be_called() -> None:
    resource = parse_resource("arn:aws:states:::eks:runJob.sync")
    assert not resource.supported
    with pytest.raises(UnsupportedResource, match=r"eks:runJob\.sync is known to AWS, but everypath cannot call it"):
        require_supported(resource)


def test_the_refusal_of_an_unsupported_pattern_says_which_can_be_called() -> None:
    with pytest.raises(UnsupportedResource) as refused:
        require_supported(parse_resource("arn:aws:states:::codebuild:startBuildBatch.sync"))
    assert "startBuild.sync" in refused.value.hint


def test_what_can_be_called_is_not_refused() -> None:
    for resource in ("arn:aws:states:::ecs:runTask.sync", "arn:aws:states:::aws-sdk:s3:getObject"):
        require_supported(parse_resource(resource))
        assert parse_resource(resource).supported


def test_nothing_is_supported_that_aws_does_not_know() -> None:
    for actions in OPTIMIZED.values():
        for action in actions.values():
            assert action.supported <= action.patterns


def test_a_map_reads_from_s3_and_writes_to_it() -> None:
    resource = parse_map_resource("arn:aws:states:eu-west-1:123456789012:s3:getObject", READING)
    assert (resource.client, resource.operation, resource.supported) == ("s3", "GetObject", True)
    assert parse_map_resource("arn:aws:states:::s3:putObject", WRITING).operation == "PutObject"


@pytest.mark.parametrize(
    ("text", "actions"), [("s3:putObject", READING), ("s3:getObject", WRITING), ("s3:deleteObject", READING),
                          ("sqs:getObject", READING)],
)  # fmt: skip
def test_a_map_reads_from_nothing_else_and_writes_to_nothing_else(text: str, actions: frozenset[str]) -> None:
    with pytest.raises(UnknownResource, match="is not recognized"):
        parse_map_resource(f"arn:aws:states:::{text}", actions)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("arn:aws:states:eu-west-1:123456789012:sns:publish", "optimized"),
        ("arn:aws:states:us-east-1:123456789012:lambda:invoke.waitForTaskToken", "optimized"),
        ("arn:aws:states:us-east-1:123456789012:aws-sdk:s3:getObject", "sdk"),
        ("arn:aws-us-gov:states:us-gov-west-1::sqs:sendMessage", "optimized"),
    ],
)
def test_the_arn_of_an_integration_may_have_a_region_and_an_account(text: str, kind: str) -> None:
    resource = parse_resource(text)
    assert (resource.kind, resource.text, resource.region, resource.account) == (kind, text, "", "")


def test_the_harness_of_an_agent_is_an_optimized_integration() -> None:
    resource = parse_resource("arn:aws:states:::bedrockagentcore:invokeHarness")
    assert (resource.client, resource.operation) == ("bedrock-agentcore", "InvokeHarness")


def test_botocore_is_not_imported_before_an_sdk_integration_is_parsed() -> None:
    program = (
        "import sys; from everypath.asl.resource import parse_resource;"
        "parse_resource('arn:aws:states:::dynamodb:putItem'); print('botocore' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert done.stdout == "False\n"
