"""Refusals that are not simply passed on: where the real service's client would have failed in another way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from everypath.asl.resource import Resource
from everypath.integrations import service_errors as aws_errors
from everypath.integrations import transport_errors as aws_transport
from everypath.integrations.answer import AwsFailure

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
        message = aws_transport.unreached(url, "Name or service not known")
        return aws_errors.client_failure(resource, message)
    return aws_errors.service_failure(resource, response)


def _is_elsewhere(url: str) -> bool:
    """Tell whether a queue's URL names a host that is neither SQS nor a stand-in on this machine."""
    host = urlsplit(url).hostname or ""
    return bool(host) and not host.endswith(_SQS_HOSTS) and not host.replace(".", "").isdigit()
