"""What the tasks of a server's executions reach."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from everypath.asl.resource import Resource
from everypath.lambda_runtime.functions import Functions
from everypath.lambda_runtime.invoke import LambdaFunctions
from everypath.tasks.router import Router


class ServerTasks(Router):
    """Sends each call to those who can make it; activities must be there.

    Services are called through boto3, Step Functions among them: a nested execution lands where
    ``AWS_ENDPOINT_URL_SFN`` leads, which is the server itself.

    Parameters
    ----------
    functions, lambda_endpoint
        See `Router`.
    is_activity : callable
        Tells whether there is an activity of an ARN.
    """

    def __init__(
        self,
        functions: Functions | None,
        lambda_endpoint: LambdaFunctions | None,
        is_activity: Callable[[str], bool],
    ) -> None:
        super().__init__(functions, lambda_endpoint=lambda_endpoint)
        self._is_activity = is_activity

    def problem(self, resource: Resource, arguments: Any) -> str | None:
        """Return why a call with these arguments would not be scheduled; see `Tasks`."""
        if resource.kind == "activity" and not self._is_activity(resource.text):
            return f"The activity {resource.text} does not exist."
        return super().problem(resource, arguments)
