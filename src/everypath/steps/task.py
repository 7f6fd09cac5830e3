"""The Task state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Unpack

from everypath.steps import _sdk
from everypath.steps._fields import Payload, Template
from everypath.steps._state_fields import WorkFields
from everypath.steps.errors import StepError
from everypath.steps.handlers import Catch, Retry
from everypath.steps.state import State


class TaskFields(WorkFields, total=False):
    """The optional fields of a Task."""

    arguments: Payload
    credentials: Template
    timeout_seconds: int | str
    timeout_seconds_path: str
    heartbeat_seconds: int | str
    heartbeat_seconds_path: str


class Task(State, _sdk.Task):
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
        Seconds, 1 to 99999999, after which the task fails with States.Timeout; in JSONata also an expression.
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

    @classmethod
    def check_together(cls, prefix: str, fields: Mapping[str, object]) -> None:
        """Refuse a heartbeat that the timeout never waits for."""
        heartbeat, timeout = fields.get("heartbeat_seconds"), fields.get("timeout_seconds")
        if isinstance(heartbeat, int) and isinstance(timeout, int) and heartbeat >= timeout:
            raise StepError(f"{prefix}HeartbeatSeconds must be less than TimeoutSeconds ({timeout}), got {heartbeat}")
