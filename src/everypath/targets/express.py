"""Executions of Express workflows elsewhere: StartSyncExecution tells what came of them, and no history is kept."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from everypath.errors import NotOnTargetError, TargetError
from everypath.history.described_execution import output_of, utc
from everypath.history.execution import Execution

if TYPE_CHECKING:
    from everypath.api import Machine
    from everypath.history.events import Event

#: What AWS says of an operation that it does not know, and Step Functions Local of this one.
_NO_SUCH_OPERATION = frozenset({"UnknownOperationException", "UnsupportedOperation"})
#: What other endpoints answer with.
_NOT_IMPLEMENTED = 501


def is_express(machine: Machine) -> bool:
    """Whether a machine is an Express workflow."""
    return machine.state_machine.type == "EXPRESS"


class ExpressExecution(Execution):
    """An execution of which there is no history: what it came to, and nothing of how.

    Whatever is asked for that only a history tells is a `NotOnTargetError`: ``events``, ``path``, ``transitions``, and
    what is worked out from them.

    Parameters
    ----------
    described : mapping
        What StartSyncExecution answered.
    input : JSON data
        What it was started with.
    reason : str
        Why there is no history.
    """

    __slots__ = ("_reason",)
    _reason: str

    def __init__(self, described: Mapping[str, Any], input: Any, reason: str) -> None:
        values = {
            "arn": described["executionArn"],
            "name": described["name"],
            "state_machine_arn": described["stateMachineArn"],
            "status": described["status"],
            "input": input,
            "output": output_of(described),
            "error": described.get("error"),
            "cause": described.get("cause"),
            "start": utc(described["startDate"]),
            "stop": utc(described["stopDate"]),
            "logs": "",
            "virtual": False,
            "_reason": reason,
        }
        for name, value in values.items():
            object.__setattr__(self, name, value)

    @property
    def has_history(self) -> bool:
        """It has none."""
        return False

    @property
    def events(self) -> list[Event]:
        """There are none; raises `NotOnTargetError`."""
        raise self._missing("events")

    @property
    def path(self) -> tuple[str, ...]:
        """There is none; raises `NotOnTargetError`."""
        raise self._missing("path")

    @property
    def transitions(self) -> int:
        """They are not known; raises `NotOnTargetError`."""
        raise self._missing("transitions")

    def to_dict(self) -> dict[str, Any]:
        """What ``everypath run --json`` prints."""
        return self.outcome() | {"elapsed_seconds": self.elapsed}

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.arn!r}, {self.to_dict()!r})"

    def _missing(self, what: str) -> NotOnTargetError:
        return NotOnTargetError(f"{self._reason}: there is no {what}")


def run_sync(
    client: Any, machine: Machine, target: str, limit: float, arn: str, text: str, name: str | None
) -> ExpressExecution:
    """Run an execution to its end.

    Parameters
    ----------
    client : boto3 client
        Of Step Functions; waits for an answer as long as an execution may take, and asks once.
    target : str
        What messages call the place.
    limit : float
        Seconds that it may take.
    arn : str
        What is started.
    text : str
        The input.

    Raises
    ------
    NotOnTargetError
        There is no StartSyncExecution.
    TargetError
        It takes too long.
    """
    from botocore.exceptions import ClientError, ReadTimeoutError

    reason = f"{machine.name}: is an Express workflow, of whose executions {target} keeps no history"
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
    return ExpressExecution(described, json.loads(text), reason)
