"""The error names and causes with which Step Functions reports a service's refusal (recorded).

An `aws-sdk` integration reports what the Java SDK's second version throws, an optimized one what the first threw:

    DynamoDb.ResourceNotFoundException
    Requested resource not found (Service: DynamoDb, Status Code: 400, Request ID: …) (SDK Attempt Count: 1)

    DynamoDB.ResourceNotFoundException
    Requested resource not found (Service: AmazonDynamoDBv2; Status Code: 400; Error Code: ResourceNotFoundException;
    Request ID: …; Proxy: null)

An error that the service's API model does not list is the service's own exception: ``S3.S3Exception``,
``SQS.AmazonSQSException``. Recordings from before 2025 lack the attempt count.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from everypath.asl import error_catalog, sdk_services
from everypath.asl.resource import Resource
from everypath.integrations.answer import AwsFailure
from everypath.tasks import transport_errors

#: S3 answers HEAD without a body, hence without an error code; the SDK names the error by what was asked for.
_HEAD_ERRORS = {"HeadObject": "NoSuchKey", "HeadBucket": "NoSuchBucket"}
#: The services of the query protocol's first generation, which word a missing parameter in their own way.
_WITH_MISSING_PARAMETER = frozenset({"sqs", "ec2"})


def service_failure(resource: Resource, response: Mapping[str, Any]) -> AwsFailure:
    """Return the failure for a service's refusal.

    Parameters
    ----------
    resource : Resource
        What was called.
    response : mapping
        The `response` of botocore's `ClientError`.
    """
    metadata = response.get("ResponseMetadata", {})
    error = response.get("Error", {})
    return refusal(
        resource,
        code=str(error.get("Code", "")),
        message=error.get("Message") or "null",  # what Java writes where there is none
        status=metadata.get("HTTPStatusCode", 400),
        request_id=metadata.get("RequestId") or str(uuid.uuid4()),
        extended_id=metadata.get("HostId") or None,
        modelled=error.get("QueryErrorCode", ""),
        attempts=metadata.get("RetryAttempts", 0) + 1,
    )


def refusal(
    resource: Resource,
    *,
    code: str,
    message: str,
    status: int,
    request_id: str,
    extended_id: str | None = None,
    modelled: str = "",
    attempts: int = 1,
) -> AwsFailure:
    """Return the failure for an error of the service; see `service_failure`.

    Parameters
    ----------
    resource : Resource
        What was called.
    code, message : str
        Of the error.
    status : int
        The HTTP status.
    request_id, extended_id : str
        The ids that the service gave; only S3 gives the second.
    modelled : str
        The name of the error in the API model, where the service still sends the code that it had before.
    attempts : int
        How often the service was asked.
    """
    if resource.service == "s3" and resource.operation in _HEAD_ERRORS and status == 404:
        code = _HEAD_ERRORS[resource.operation]
    error = error_catalog.service_error(resource, modelled or code)
    if resource.kind != "sdk":
        client = error_catalog.java_client(resource.service)
        details = f"Service: {client}; Status Code: {status}; Error Code: {code}; Request ID: {request_id}"
        return AwsFailure(error, f"{message} ({details}; Proxy: null)")
    details = f"Service: {error_catalog.error_prefix(resource)}, Status Code: {status}, Request ID: {request_id}"
    if resource.service == "s3":  # which always sends one; a stand-in may not
        details += f", Extended Request ID: {extended_id or 'null'}"
    return AwsFailure(error, f"{message} ({details}) (SDK Attempt Count: {attempts})")


def missing_members(resource: Resource, members: list[str]) -> AwsFailure:
    """Return the failure for required parameters that are null: the service would say so in these words (recorded).

    It is said here because a stand-in may say anything else, and botocore cannot even send some of these requests.
    """
    model = sdk_services.service_model(resource.client)
    code, message = "ValidationException", ""
    if resource.service in _WITH_MISSING_PARAMETER:
        code, message = "MissingParameter", f"The request must contain the parameter {members[0]}."
    else:
        if model.metadata.get("protocol") == "query":
            code = "ValidationError"
        found = "; ".join(
            f"Value null at '{name[:1].lower()}{name[1:]}' failed to satisfy constraint: Member must not be null"
            for name in members
        )
        count = "1 validation error" if len(members) == 1 else f"{len(members)} validation errors"
        message = f"{count} detected: {found}"
    return refusal(resource, code=code, message=message, status=400, request_id=str(uuid.uuid4()))


def client_failure(resource: Resource, message: str) -> AwsFailure:
    """Return the failure of a request that got no answer."""
    count = " (SDK Attempt Count: 1)" if resource.kind == "sdk" else ""
    return AwsFailure(error_catalog.client_error(resource), f"{message}{count}")


def unusable_parameters(text: str, problems: list[str]) -> AwsFailure:
    """Return the failure for parameters with which Step Functions would not call the service at all."""
    listed = ", ".join(problems)
    return AwsFailure(error_catalog.RUNTIME, f"The Parameters '{text}' could not be used to start the Task: [{listed}]")


_NO_QUEUE = frozenset({"AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist", "InvalidAddress"})
_SQS_HOSTS = (".amazonaws.com", ".amazonaws.com.cn", ".localstack.cloud", "localhost")


def refused(resource: Resource, arguments: Mapping[str, Any], response: Mapping[str, Any]) -> AwsFailure:
    """Return the failure for a service's refusal.

    The SQS client of an optimized integration sends to the host in the queue's URL, and fails when there is none
    (recorded). boto3 sends to the service whatever the URL says, and only the refusal shows that it was wrong.

    Parameters
    ----------
    resource : Resource
        What was called.
    arguments : mapping
        botocore's arguments of the call.
    response : mapping
        The `response` of botocore's `ClientError`.
    """
    code = response.get("Error", {}).get("Code")
    url = str(arguments.get("QueueUrl", ""))
    if resource.kind == "optimized" and resource.service == "sqs" and code in _NO_QUEUE and _is_elsewhere(url):
        message = transport_errors.unreached(url, "Name or service not known")
        return client_failure(resource, message)
    return service_failure(resource, response)


def _is_elsewhere(url: str) -> bool:
    """Tell whether a queue's URL names a host that is neither SQS nor a stand-in on this machine."""
    host = urlsplit(url).hostname or ""
    return bool(host) and not host.endswith(_SQS_HOSTS) and not host.replace(".", "").isdigit()
