"""What a call of a service comes to: an answer or a failure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class AwsAnswer:
    """A service has answered.

    Parameters
    ----------
    output : Any
        The JSON value that Step Functions makes of the answer.
    response : mapping
        The request's arguments and boto3's response, which tell `AwsCall.poll` the job that was started.
    """

    output: Any
    response: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AwsFailure:
    """A service has refused, or was not reached.

    Parameters
    ----------
    error, cause : str
        As a catcher sees them.
    """

    error: str
    cause: str


@dataclass(frozen=True, slots=True)
class Caller:
    """The execution that makes the call: some integrations tell the service about it."""

    execution_arn: str = ""
    state_machine_arn: str = ""
    role_arn: str = ""
