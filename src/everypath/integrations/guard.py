"""The one place from which boto3 is called, so that whatever it raises is a failure of the task and never a crash."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from everypath.tasks import transport_errors

Answer = TypeVar("Answer")


class Refused(Exception):
    """A service has refused a request.

    Parameters
    ----------
    response : mapping
        As botocore parsed it.
    operation : str
        What was asked for; ``AssumeRole`` where the role of the state's ``Credentials`` could not be had.
    """

    def __init__(self, response: Mapping[str, Any], operation: str) -> None:
        super().__init__(operation)
        self.response = response
        self.operation = operation


class NoAnswer(Exception):
    """A request was not sent, or what came back is no answer; the message is as the Java SDK words it."""


def reach(attempt: Callable[[], Answer]) -> Answer:
    """Return what a call of boto3 returns.

    The arguments of a call come from a workflow's data, and what answers may be any stand-in: besides its own
    exceptions, botocore then raises those of Python, for an argument that it cannot put into a request and for an
    answer that it cannot parse.

    Raises
    ------
    Refused
        The service has refused.
    NoAnswer
        Anything else is wrong.
    """
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        return attempt()
    except (Refused, NoAnswer):
        raise
    except ClientError as error:
        raise Refused(error.response, error.operation_name) from error
    except BotoCoreError as error:
        raise NoAnswer(transport_errors.describe(error)) from error
    except Exception as error:
        raise NoAnswer(f"Unable to execute HTTP request: {error or type(error).__name__}") from error
