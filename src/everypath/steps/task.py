"""The Task state."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Unpack

from everypath.steps import sdk
from everypath.steps.fields import Payload, Template
from everypath.steps.handlers import Catch, Retry
from everypath.steps.state import State, WorkFields


class TaskFields(WorkFields, total=False):
    """The optional fields of a Task."""

    arguments: Payload
    credentials: Template
    timeout_seconds: int | str
    timeout_seconds_path: str
    heartbeat_seconds: int | str
    heartbeat_seconds_path: str


class Task(State, sdk.Task):
    """A step that work is done in: a Lambda function, an activity, a call of an AWS service.

    Parameters
    ----------
    resource : str
        The ARN of the function, activity or service integration, or ``${Name}`` for one that the template
        fills in.
    arguments : JSON, optional
        JSONata: what the task gets.
    credentials : dict, optional
        ``RoleArn`` of the role to call with.
    timeout_seconds : int or str, optional
        Seconds after which the task fails with States.Timeout; in JSONata also an expression.
    timeout_seconds_path : str, optional
        JSONPath: where in the input to find them.
    heartbeat_seconds : int or str, optional
        Seconds between two heartbeats, less than `timeout_seconds`; in JSONata also an expression.
    heartbeat_seconds_path : str, optional
        JSONPath: where in the input to find them.
    **fields
        What every state takes, see `State`.

    Raises
    ------
    StepError
        When a value is not what AWS takes; the message names the step and the field.

    Notes
    -----
    Source: AWS Step Functions Developer Guide, "Task workflow state".
    """

    TYPE = "Task"
    FIELDS = TaskFields.__optional_keys__ | {"resource"}

    def __init__(
        self,
        state_id: str,
        *,
        resource: str,
        retry: Retry | Sequence[Retry] = (),
        catch: Catch | Sequence[Catch] = (),
        end: bool = False,
        **fields: Unpack[TaskFields],
    ) -> None:
        super().__init__(state_id, {"resource": resource, **fields}, retry=retry, catch=catch, end=end)
