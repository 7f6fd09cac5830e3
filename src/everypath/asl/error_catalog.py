"""Every error name that AWS has: those of Step Functions, of Lambda, and of the services that a Task calls.

Whoever names, raises, matches or checks an error asks here. An error that a handler raises has the bare name of its
exception class and no place in this module.

Sources: "Handling errors in Step Functions workflows" (its list of error names, and "Handle transient Lambda service
exceptions"), "AWS SDK service integrations" and the page of each optimized integration in the developer guide; and the
failures recorded from the real service, which win where the two disagree.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from typing import NamedTuple, Protocol

from everypath.asl import sdk_services
from everypath.asl.java_names import exception_name, optimized_exception_name, service_name
from everypath.asl.resource import Resource

# Names of the language.

ALL = "States.ALL"
BRANCH_FAILED = "States.BranchFailed"
DATA_LIMIT_EXCEEDED = "States.DataLimitExceeded"
EXCEED_TOLERATED_FAILURE_THRESHOLD = "States.ExceedToleratedFailureThreshold"
HEARTBEAT_TIMEOUT = "States.HeartbeatTimeout"
HTTP_SOCKET = "States.Http.Socket"
INTRINSIC_FAILURE = "States.IntrinsicFailure"
ITEM_READER_FAILED = "States.ItemReaderFailed"
NO_CHOICE_MATCHED = "States.NoChoiceMatched"
PARAMETER_PATH_FAILURE = "States.ParameterPathFailure"
PERMISSIONS = "States.Permissions"
QUERY_EVALUATION_ERROR = "States.QueryEvaluationError"
REFERENCE_PATH_CONFLICT = "States.ReferencePathConflict"
RESULT_PATH_MATCH_FAILURE = "States.ResultPathMatchFailure"
RESULT_WRITER_FAILED = "States.ResultWriterFailed"
RUNTIME = "States.Runtime"
TASK_FAILED = "States.TaskFailed"
TIMEOUT = "States.Timeout"

RESERVED_PREFIX = "States."
"""What the names of the language begin with; no other name may."""

RESERVED = frozenset(
    {
        ALL, BRANCH_FAILED, DATA_LIMIT_EXCEEDED, EXCEED_TOLERATED_FAILURE_THRESHOLD, HEARTBEAT_TIMEOUT, HTTP_SOCKET,
        INTRINSIC_FAILURE, ITEM_READER_FAILED, NO_CHOICE_MATCHED, PARAMETER_PATH_FAILURE, PERMISSIONS,
        QUERY_EVALUATION_ERROR, REFERENCE_PATH_CONFLICT, RESULT_PATH_MATCH_FAILURE, RESULT_WRITER_FAILED, RUNTIME,
        TASK_FAILED, TIMEOUT,
    }
)  # fmt: skip
"""The names of the language, but for those that end in an HTTP status; see `is_reserved`."""

_HTTP_STATUS_PREFIX = "States.Http.StatusCode."

# What the names of the language match.

WILDCARDS = frozenset({ALL, TASK_FAILED})
"""The names that match errors of other names."""

NEVER_TAKEN = frozenset({RUNTIME, NO_CHOICE_MATCHED})
"""The names that a retrier or a catcher has in vain.

Nothing takes `RUNTIME`; and what the specification calls `NO_CHOICE_MATCHED`, AWS reports as `RUNTIME` (measured in
2026).
"""

_MATCHED_BY_NONE = frozenset({RUNTIME})
_NOT_MATCHED_BY_TASK_FAILED = frozenset({TIMEOUT, QUERY_EVALUATION_ERROR})

# Lambda.

LAMBDA_AWS_LAMBDA_EXCEPTION = "Lambda.AWSLambdaException"
LAMBDA_CLIENT_EXECUTION_TIMEOUT = "Lambda.ClientExecutionTimeoutException"
LAMBDA_SDK_CLIENT_EXCEPTION = "Lambda.SdkClientException"
LAMBDA_SERVICE_EXCEPTION = "Lambda.ServiceException"
LAMBDA_TOO_MANY_REQUESTS = "Lambda.TooManyRequestsException"
LAMBDA_UNKNOWN = "Lambda.Unknown"
FUNCTION_RESPONSE_SIZE_TOO_LARGE = "Function.ResponseSizeTooLarge"
RUNTIME_EXIT_ERROR = "Runtime.ExitError"
SANDBOX_TIMEDOUT = "Sandbox.Timedout"

LAMBDA_TRANSIENT = (
    LAMBDA_TOO_MANY_REQUESTS,
    LAMBDA_SERVICE_EXCEPTION,
    LAMBDA_AWS_LAMBDA_EXCEPTION,
    LAMBDA_SDK_CLIENT_EXCEPTION,
    LAMBDA_CLIENT_EXECUTION_TIMEOUT,
)
"""What a task fails with when Lambda could not run the function; another attempt may succeed."""

LAMBDA_CRASHES = (SANDBOX_TIMEDOUT, RUNTIME_EXIT_ERROR)
"""What a task fails with when the function exceeded its timeout or ended its process (recorded).

The developer guide still names `LAMBDA_UNKNOWN`, which is the error of an answer that has no ``errorType``.
"""

LAMBDA_ERRORS = frozenset({*LAMBDA_TRANSIENT, *LAMBDA_CRASHES, LAMBDA_UNKNOWN})
"""What a task fails with because of Lambda, whatever the handler does."""

LAMBDA_PREFIXES = frozenset({"Lambda", "Sandbox", "Runtime", "Function", "Extension"})
"""The prefixes of the errors that Lambda reports; what a handler raises has none."""

# Services.


class _Optimized(NamedTuple):
    prefix: str
    client: str


# By the service's name in the ARN: the prefix, and the client of the AWS SDK for Java 1 that causes name and that the
# service's own exception is called after. Lambda, SNS, SQS, DynamoDB and Step Functions are recorded. API Gateway is
# called without such a client.
_OPTIMIZED = {
    "apigateway": _Optimized("ApiGateway", ""),
    "athena": _Optimized("Athena", "AmazonAthena"),
    "batch": _Optimized("Batch", "AWSBatch"),
    "bedrock": _Optimized("Bedrock", "AmazonBedrock"),
    "bedrockagentcore": _Optimized("BedrockAgentCore", "AmazonBedrockAgentCore"),
    "codebuild": _Optimized("CodeBuild", "AWSCodeBuild"),
    "dynamodb": _Optimized("DynamoDB", "AmazonDynamoDBv2"),
    "ecs": _Optimized("ECS", "AmazonECS"),
    "eks": _Optimized("EKS", "AmazonEKS"),
    "events": _Optimized("EventBridge", "AmazonEventBridge"),
    "glue": _Optimized("Glue", "AWSGlue"),
    "lambda": _Optimized("Lambda", "AWSLambda"),
    "sagemaker": _Optimized("SageMaker", "AmazonSageMaker"),
    "sns": _Optimized("SNS", "AmazonSNS"),
    "sqs": _Optimized("SQS", "AmazonSQS"),
    "states": _Optimized("StepFunctions", "AWSStepFunctions"),
}

OPTIMIZED_PREFIXES = frozenset(service.prefix for service in _OPTIMIZED.values())
"""The prefixes of the errors that optimized integrations report."""

ALWAYS_PREFIXED = frozenset(
    {
        "AWSLambdaException", "ConditionalCheckFailedException", "ProvisionedThroughputExceededException",
        "SdkClientException", "ServiceException", "ThrottledException", "ThrottlingException",
    }
)  # fmt: skip
"""Well-known exceptions of services, which no service integration reports without its prefix."""


class Taker(Protocol):
    """A retrier or a catcher."""

    @property
    def error_equals(self) -> tuple[str, ...]:
        """The names of the errors that it takes."""
        ...


def takes(names: Container[str], error: str | None, alias: str | None = None) -> bool:
    """Tell whether a retrier or a catcher with these names takes an error.

    ``States.ALL`` takes everything but ``States.Runtime``, oversize results included (recorded, against the documents);
    ``States.TaskFailed`` takes all of that but ``States.Timeout`` (recorded) and ``States.QueryEvaluationError``
    (measured on AWS). Nothing takes ``States.Runtime``, not even what names it (recorded). Other names are compared
    letter by letter: an exception's base class means nothing here.

    Parameters
    ----------
    names : container of str
        Its ``ErrorEquals``.
    error : str or None
        The name of the error; None for an error without one.
    alias : str or None
        Another name by which it is taken, if it has one: an expired heartbeat has `HEARTBEAT_TIMEOUT`.
    """
    if error in _MATCHED_BY_NONE:
        return False
    if alias is not None and alias in names:
        return True
    return error in names or ALL in names or (TASK_FAILED in names and error not in _NOT_MATCHED_BY_TASK_FAILED)


def first_taker(takers: Sequence[Taker], error: str | None, alias: str | None = None) -> int | None:
    """Return the index of the first retrier or catcher that takes an error; None where none does. See `takes`."""
    return next((index for index, taker in enumerate(takers) if takes(taker.error_equals, error, alias)), None)


def is_reserved(name: str) -> bool:
    """Tell whether a name is one of the language's own."""
    return name in RESERVED or name.startswith(_HTTP_STATUS_PREFIX)


def http_status_error(status: int) -> str:
    """Return the error of an HTTP Task whose API has answered with a status."""
    return f"{_HTTP_STATUS_PREFIX}{status}"


def lambda_runtime_error(kind: str) -> str:
    """Return the error with which Lambda's runtime reports a handler that it cannot load, call or answer for."""
    return f"Runtime.{kind}"


def error_prefix(resource: Resource) -> str | None:
    """Return the prefix of the errors that the service of a Task reports; None where it has none, or none is known."""
    if resource.kind == "sdk":
        model = sdk_services.service_model(resource.client)
        return service_name(model.metadata.get("serviceId") or resource.service)
    if resource.kind == "activity" or resource.service not in _OPTIMIZED:
        return None
    return _OPTIMIZED[resource.service].prefix


def java_client(service: str) -> str:
    """Return the name by which the causes of an optimized integration's errors call its service."""
    return _OPTIMIZED[service].client


def optimized_error(service: str, name: str) -> str:
    """Return an error of an optimized integration: ``ApiGateway.404`` for ``404`` of ``apigateway``."""
    return f"{_OPTIMIZED[service].prefix}.{name}"


def service_error(resource: Resource, code: str) -> str:
    """Return the error with which a task fails for an error code of its service.

    An `aws-sdk` integration reports the exception of the AWS SDK for Java 2, an optimized one that of the SDK for
    Java 1. A code that the API model lacks is the service's own exception; see `unmodelled_error`.
    """
    prefix = error_prefix(resource)
    if resource.service == "lambda" and resource.kind != "sdk" and code.endswith("Exception"):
        return f"{prefix}.{code}"  # as the model has it, which would take time to load
    shape = sdk_services.service_model(resource.client or resource.service).shape_for_error_code(code)
    if shape is None:
        return unmodelled_error(resource)
    return f"{prefix}.{(exception_name if resource.kind == 'sdk' else optimized_exception_name)(shape.name)}"


def unmodelled_error(resource: Resource) -> str:
    """Return the service's own exception, for errors that its API model lacks: ``S3.S3Exception``."""
    prefix = error_prefix(resource)
    if resource.kind == "sdk":
        return f"{prefix}.{prefix}Exception"
    return f"{prefix}.{java_client(resource.service).removesuffix('v2')}Exception"


def client_error(resource: Resource) -> str:
    """Return the error with which a task fails when its request was not answered."""
    return f"{error_prefix(resource)}.SdkClientException"
