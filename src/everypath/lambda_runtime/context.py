"""The context object that a handler is given."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from typing import Any


class CognitoIdentity:
    """Who called the function through Cognito; nobody, here."""

    __slots__ = ("cognito_identity_id", "cognito_identity_pool_id")

    def __init__(self) -> None:
        self.cognito_identity_id: str | None = None
        self.cognito_identity_pool_id: str | None = None


class ClientContext:
    """What a mobile application says about itself, from the ``X-Amz-Client-Context`` of the call."""

    __slots__ = ("client", "custom", "env")

    def __init__(self, given: Mapping[str, Any]) -> None:
        self.custom: Any = given.get("custom")
        self.env: Any = given.get("env")
        self.client: Any = given.get("client")


class LambdaContext:
    """The context of one invocation.

    Names and types are those of the Lambda developer guide, "Using the Lambda context object to retrieve Python
    function information", and of awslambdaric, where the memory limit is a string.

    Parameters
    ----------
    environment : mapping of str to str
        The variables that the Lambda runtime sets.
    request_id : str
        The invocation's id.
    arn : str
        The ARN that the caller named, with its qualifier if it gave one.
    deadline : float
        When the function times out, in seconds since the epoch.
    client_context : mapping, optional
        What the caller's client says about itself.
    """

    def __init__(
        self,
        environment: Mapping[str, str],
        request_id: str,
        arn: str,
        deadline: float,
        client_context: Mapping[str, Any] | None = None,
    ) -> None:
        self.aws_request_id = request_id
        self.log_group_name = environment["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = environment["AWS_LAMBDA_LOG_STREAM_NAME"]
        self.function_name = environment["AWS_LAMBDA_FUNCTION_NAME"]
        self.memory_limit_in_mb = environment["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self.function_version = environment["AWS_LAMBDA_FUNCTION_VERSION"]
        self.invoked_function_arn = arn
        self.tenant_id: str | None = None
        self.identity = CognitoIdentity()
        self.client_context = None if client_context is None else ClientContext(client_context)
        self._deadline = deadline

    def get_remaining_time_in_millis(self) -> int:
        """Return how many milliseconds of the function's timeout are left, on the wall clock."""
        return max(0, int((self._deadline - time.time()) * 1000))

    def log(self, message: object) -> None:
        """Write a message to the log as it is."""
        sys.stdout.write(str(message))

    def __repr__(self) -> str:
        return f"LambdaContext(aws_request_id={self.aws_request_id}, function_name={self.function_name})"
