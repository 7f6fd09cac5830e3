"""What ``Ref`` and ``Fn::GetAtt`` give for resources of the common types.

Source: the "Return values" sections of the CloudFormation user guide. In the format strings, ``{name}`` is the physical
name and ``{id}`` a generated identifier of ten characters.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Kind:
    """A type of resource.

    Parameters
    ----------
    name_property : str
        The property with its name; empty if it cannot be named.
    ref : str
        What ``Ref`` gives.
    arn : str
        What ``Fn::GetAtt`` gives for ``Arn``; empty if it has no such attribute.
    attributes : mapping of str to str
        What ``Fn::GetAtt`` gives for other attributes.
    lowercase : bool
        Whether a generated name is in lower case.
    """

    name_property: str = ""
    ref: str = "{name}"
    arn: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    lowercase: bool = False


_PREFIX = "arn:{partition}"
_HERE = "{region}:{account}"
_FUNCTION_ARN = f"{_PREFIX}:lambda:{_HERE}:function:{{name}}"
_MACHINE_ARN = f"{_PREFIX}:states:{_HERE}:stateMachine:{{name}}"
_ACTIVITY_ARN = f"{_PREFIX}:states:{_HERE}:activity:{{name}}"
_QUEUE_URL = "https://sqs.{region}.{suffix}/{account}/{name}"
_TOPIC_ARN = f"{_PREFIX}:sns:{_HERE}:{{name}}"
_TABLE_ARN = f"{_PREFIX}:dynamodb:{_HERE}:table/{{name}}"
_SECRET_ARN = f"{_PREFIX}:secretsmanager:{_HERE}:secret:{{name}}-AbCdEf"
_API = "https://{id}.execute-api.{region}.{suffix}"

KINDS: Mapping[str, Kind] = {
    "AWS::Serverless::Function": Kind("FunctionName", arn=_FUNCTION_ARN),
    "AWS::Lambda::Function": Kind("FunctionName", arn=_FUNCTION_ARN),
    "AWS::Lambda::Url": Kind(ref="{id}", attributes={"FunctionUrl": "https://{id}.lambda-url.{region}.on.aws/"}),
    "AWS::Serverless::LayerVersion": Kind("LayerName", ref=f"{_PREFIX}:lambda:{_HERE}:layer:{{name}}:1"),
    "AWS::Lambda::LayerVersion": Kind("LayerName", ref=f"{_PREFIX}:lambda:{_HERE}:layer:{{name}}:1"),
    "AWS::Serverless::StateMachine": Kind("Name", _MACHINE_ARN, _MACHINE_ARN, {"Name": "{name}"}),
    "AWS::StepFunctions::StateMachine": Kind("StateMachineName", _MACHINE_ARN, _MACHINE_ARN, {"Name": "{name}"}),
    "AWS::StepFunctions::Activity": Kind("Name", _ACTIVITY_ARN, _ACTIVITY_ARN, {"Name": "{name}"}),
    "AWS::SQS::Queue": Kind(
        "QueueName",
        _QUEUE_URL,
        f"{_PREFIX}:sqs:{_HERE}:{{name}}",
        {"QueueName": "{name}", "QueueUrl": _QUEUE_URL},
    ),
    "AWS::SNS::Topic": Kind("TopicName", _TOPIC_ARN, "", {"TopicArn": _TOPIC_ARN, "TopicName": "{name}"}),
    "AWS::DynamoDB::Table": Kind(
        "TableName", arn=_TABLE_ARN, attributes={"StreamArn": f"{_TABLE_ARN}/stream/2026-01-01T00:00:00.000"}
    ),
    "AWS::DynamoDB::GlobalTable": Kind(
        "TableName", arn=_TABLE_ARN, attributes={"StreamArn": f"{_TABLE_ARN}/stream/2026-01-01T00:00:00.000"}
    ),
    "AWS::Serverless::SimpleTable": Kind("TableName", arn=_TABLE_ARN),
    "AWS::S3::Bucket": Kind(
        "BucketName",
        arn=f"{_PREFIX}:s3:::{{name}}",
        attributes={
            "DomainName": "{name}.s3.{suffix}",
            "RegionalDomainName": "{name}.s3.{region}.{suffix}",
            "DualStackDomainName": "{name}.s3.dualstack.{region}.{suffix}",
            "WebsiteURL": "http://{name}.s3-website-{region}.{suffix}",
        },
        lowercase=True,
    ),
    "AWS::IAM::Role": Kind(
        "RoleName",
        arn=f"{_PREFIX}:iam::{{account}}:role/{{name}}",
        attributes={"RoleId": "AROA{id}"},
    ),
    "AWS::IAM::ManagedPolicy": Kind("ManagedPolicyName", ref=f"{_PREFIX}:iam::{{account}}:policy/{{name}}"),
    "AWS::Logs::LogGroup": Kind("LogGroupName", arn=f"{_PREFIX}:logs:{_HERE}:log-group:{{name}}:*"),
    "AWS::Events::EventBus": Kind(
        "Name", arn=f"{_PREFIX}:events:{_HERE}:event-bus/{{name}}", attributes={"Name": "{name}"}
    ),
    "AWS::Events::Rule": Kind("Name", arn=f"{_PREFIX}:events:{_HERE}:rule/{{name}}"),
    "AWS::KMS::Key": Kind(ref="{id}", arn=f"{_PREFIX}:kms:{_HERE}:key/{{id}}", attributes={"KeyId": "{id}"}),
    "AWS::KMS::Alias": Kind("AliasName"),
    "AWS::SecretsManager::Secret": Kind("Name", _SECRET_ARN, "", {"Id": _SECRET_ARN}),
    "AWS::SSM::Parameter": Kind("Name"),
    "AWS::Kinesis::Stream": Kind("Name", arn=f"{_PREFIX}:kinesis:{_HERE}:stream/{{name}}"),
    "AWS::KinesisFirehose::DeliveryStream": Kind(
        "DeliveryStreamName", arn=f"{_PREFIX}:firehose:{_HERE}:deliverystream/{{name}}"
    ),
    "AWS::ECS::Cluster": Kind("ClusterName", arn=f"{_PREFIX}:ecs:{_HERE}:cluster/{{name}}"),
    "AWS::ECS::TaskDefinition": Kind("Family", ref=f"{_PREFIX}:ecs:{_HERE}:task-definition/{{name}}:1"),
    "AWS::Batch::JobQueue": Kind("JobQueueName", ref=f"{_PREFIX}:batch:{_HERE}:job-queue/{{name}}"),
    "AWS::Batch::JobDefinition": Kind("JobDefinitionName", ref=f"{_PREFIX}:batch:{_HERE}:job-definition/{{name}}:1"),
    "AWS::Glue::Job": Kind("Name"),
    "AWS::Cognito::UserPool": Kind(
        ref="{region}_{id}",
        arn=f"{_PREFIX}:cognito-idp:{_HERE}:userpool/{{region}}_{{id}}",
        attributes={
            "UserPoolId": "{region}_{id}",
            "ProviderName": "cognito-idp.{region}.{suffix}/{region}_{id}",
            "ProviderURL": "https://cognito-idp.{region}.{suffix}/{region}_{id}",
        },
    ),
    "AWS::Cognito::UserPoolClient": Kind(ref="{id}", attributes={"ClientId": "{id}"}),
    "AWS::Serverless::Api": Kind(ref="{id}", attributes={"RootResourceId": "{id}"}),
    "AWS::ApiGateway::RestApi": Kind(ref="{id}", attributes={"RootResourceId": "{id}", "RestApiId": "{id}"}),
    "AWS::Serverless::HttpApi": Kind(ref="{id}", attributes={"ApiEndpoint": _API, "ApiId": "{id}"}),
    "AWS::ApiGatewayV2::Api": Kind(ref="{id}", attributes={"ApiEndpoint": _API, "ApiId": "{id}"}),
}
"""By CloudFormation type."""
