"""Runs executions through the Step Functions API: starts them, waits for their end, and reads the result."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Iterator
from functools import cached_property
from itertools import groupby
from typing import TYPE_CHECKING, Any

from everypath.errors import NotOnTargetError, TargetError
from everypath.history.described_execution import execution_of, is_over, output_of, utc
from everypath.history.events import Event
from everypath.history.execution import Execution
from everypath.tasks.scripted_outcomes import Faults, Return, Throw

if TYPE_CHECKING:
    from everypath.api import Machine

#: Seconds between two polls of an execution: at first, at most, and the factor by which they grow.
_FIRST, _MOST, _GROWTH = 0.01, 1.0, 1.5
#: The error codes with which AWS refuses an unknown operation, and Step Functions Local StartSyncExecution.
_NO_SUCH_OPERATION = frozenset({"UnknownOperationException", "UnsupportedOperation"})
#: The HTTP status with which other endpoints do.
_NOT_IMPLEMENTED = 501


class Remote:
    """Runs executions of the state machines behind one API.

    Parameters
    ----------
    make_client : callable
        Makes a Step Functions client; its argument is None, or the read timeout in seconds of a client that does not
        retry.
    target : str
        The target's name, for messages.
    limit : float
        Seconds that an execution may take.
    """

    def __init__(self, make_client: Callable[[float | None], Any], target: str, limit: float) -> None:
        self._make_client = make_client
        self._sync_client: Any = None
        self._target = target
        self._limit = limit

    @cached_property
    def client(self) -> Any:
        """A client that retries."""
        return self._make_client(None)

    def run(self, machine: Machine, arn: str, text: str, name: str | None) -> Execution:
        """Run an execution to its end; that of an Express workflow has no history.

        Parameters
        ----------
        arn : str
            The ARN to start.
        text : str
            The input as JSON text.

        Raises
        ------
        NotOnTargetError
            The workflow is an Express one, and the target has no StartSyncExecution.
        TargetError
            The execution takes too long.
        """
        if machine.state_machine.type == "EXPRESS":
            return self._run_express(machine, arn, text, name)
        return self._run_standard(arn, text, name)

    def _run_standard(self, arn: str, text: str, name: str | None) -> Execution:
        name = name or str(uuid.uuid4())
        execution = self.client.start_execution(stateMachineArn=arn, name=name, input=text)["executionArn"]
        deadline = time.monotonic() + self._limit
        for _ in _polls(deadline):
            described = self.client.describe_execution(executionArn=execution)
            if described["status"] != "RUNNING":
                # The history may be a moment behind.
                events = self._history(execution)
                if is_over(events):
                    return execution_of(described, events, json.loads(text))
        self.client.stop_execution(executionArn=execution, error="everypath.Timeout", cause="it took too long")
        raise TargetError(f"{self._target}: {execution} was not over after {self._limit:g} s, and has been stopped")

    def _history(self, execution: str) -> list[Event]:
        pages = self.client.get_paginator("get_execution_history").paginate(
            executionArn=execution, PaginationConfig={"PageSize": 1000}
        )
        return [event for page in pages for event in page["events"]]

    def _run_express(self, machine: Machine, arn: str, text: str, name: str | None) -> Execution:
        from botocore.exceptions import ClientError, ReadTimeoutError

        if self._sync_client is None:
            self._sync_client = self._make_client(self._limit)
        try:
            named = {} if name is None else {"name": name}
            described = self._sync_client.start_sync_execution(stateMachineArn=arn, input=text, **named)
        except ReadTimeoutError:
            raise TargetError(
                f"{self._target}: an execution of {arn} was not over after {self._limit:g} s; an Express one cannot be"
                " stopped"
            ) from None
        except ClientError as error:
            response = error.response
            status, code = response["ResponseMetadata"].get("HTTPStatusCode"), response.get("Error", {}).get("Code")
            if status != _NOT_IMPLEMENTED and code not in _NO_SUCH_OPERATION:
                raise
            raise NotOnTargetError(
                f"{machine.name}: is an Express workflow, and {self._target} has no StartSyncExecution"
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
            no_history=f"{machine.name}: is an Express workflow, of whose executions {self._target} keeps no history",
        )


def describe_faults(faults: Faults) -> str:
    """Scripted faults in words, such as ``Call API: Throw Busy (2 times), Return``."""
    return "; ".join(
        f"{state}: {', '.join(_counted(word, len(list(equal))) for word, equal in groupby(map(_word, outcomes)))}"
        for state, outcomes in faults.items()
    )


def _word(outcome: Return | Throw) -> str:
    return f"Throw {outcome.error}" if isinstance(outcome, Throw) else "Return"


def _counted(word: str, number: int) -> str:
    return word if number == 1 else f"{word} ({number} times)"


def _polls(deadline: float) -> Iterator[None]:
    """Yield at once, and again after ever longer pauses until the deadline."""
    pause = _FIRST
    while True:
        yield
        left = deadline - time.monotonic()
        if left <= 0:
            return
        time.sleep(min(pause, left))
        pause = min(pause * _GROWTH, _MOST)
