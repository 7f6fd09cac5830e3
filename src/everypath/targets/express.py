"""Runs Express workflows on a target: StartSyncExecution returns the result, and no history is kept."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from everypath.errors import NotOnTargetError, TargetError
from everypath.history.described_execution import output_of, utc
from everypath.history.execution import Execution

if TYPE_CHECKING:
    from everypath.api import Machine

#: The error codes with which AWS refuses an unknown operation, and Step Functions Local this one.
_NO_SUCH_OPERATION = frozenset({"UnknownOperationException", "UnsupportedOperation"})
#: The HTTP status of other endpoints.
_NOT_IMPLEMENTED = 501


def is_express(machine: Machine) -> bool:
    """Whether a machine is an Express workflow."""
    return machine.state_machine.type == "EXPRESS"


def run_sync(
    client: Any, machine: Machine, target: str, limit: float, arn: str, text: str, name: str | None
) -> Execution:
    """Run an execution to its end; the result has no history.

    Parameters
    ----------
    client : boto3 client
        A Step Functions client whose read timeout is `limit`, and which does not retry.
    target : str
        The target's name, for messages.
    limit : float
        Seconds that the execution may take.
    arn : str
        The state machine's ARN.
    text : str
        The input as JSON text.

    Raises
    ------
    NotOnTargetError
        The target has no StartSyncExecution.
    TargetError
        The execution takes too long.
    """
    from botocore.exceptions import ClientError, ReadTimeoutError

    try:
        named = {} if name is None else {"name": name}
        described = client.start_sync_execution(stateMachineArn=arn, input=text, **named)
    except ReadTimeoutError:
        raise TargetError(
            f"{target}: an execution of {arn} was not over after {limit:g} s; an Express one cannot be stopped"
        ) from None
    except ClientError as error:
        told = error.response
        status, code = told["ResponseMetadata"].get("HTTPStatusCode"), told.get("Error", {}).get("Code")
        if status != _NOT_IMPLEMENTED and code not in _NO_SUCH_OPERATION:
            raise
        raise NotOnTargetError(
            f"{machine.name}: is an Express workflow, and {target} has no StartSyncExecution"
        ) from None
    return Execution(
        arn=described["executionArn"],
        name=described["name"],
        state_machine_arn=described["stateMachineArn"],
        status=described["status"],
        input=json.loads(text),
        output=output_of(described),
        error=described.get("error"),
        cause=described.get("cause"),
        start=utc(described["startDate"]),
        stop=utc(described["stopDate"]),
        history=None,
        no_history=f"{machine.name}: is an Express workflow, of whose executions {target} keeps no history",
    )
