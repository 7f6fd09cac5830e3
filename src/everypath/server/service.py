"""What all operations share."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from everypath.server.arns import parse_arn
from everypath.server.execution import Execution
from everypath.server.protocol import ApiError
from everypath.server.store import Machine, Store

if TYPE_CHECKING:
    from everypath.lambda_runtime.invoke import LambdaFunctions
    from everypath.server.executor import Executor
    from everypath.server.mocking import MockFile
    from everypath.tasks.activities import Activities
    from everypath.tasks.callbacks import Callbacks


@dataclass(frozen=True, slots=True)
class Service:
    """The service that a server offers.

    Parameters
    ----------
    account, region : str
        What its ARNs are made with.
    executor : Executor
        Runs executions.
    callbacks, activities
        Where answers to tasks arrive, and where workers find tasks.
    functions : LambdaFunctions
        What Lambda's Invoke reaches.
    mocks : MockFile or None
        The test cases that executions can be started with.
    """

    account: str
    region: str
    executor: Executor
    callbacks: Callbacks
    activities: Activities
    store: Store
    functions: LambdaFunctions
    mocks: MockFile | None = None

    def arn(self, kind: str, name: str) -> str:
        """Return the ARN of something that this service holds."""
        return f"arn:aws:states:{self.region}:{self.account}:{kind}:{name}"

    def machine(self, arn: str) -> Machine:
        """Return a state machine by its ARN.

        Raises
        ------
        ApiError
            ``StateMachineDoesNotExist``.
        """
        found = self.store.machines.get(arn)
        if found is None:
            raise ApiError("StateMachineDoesNotExist", f"State Machine Does Not Exist: '{arn}'")
        return found

    def execution(self, arn_text: str) -> Execution:
        """Return an execution by its ARN.

        Raises
        ------
        ApiError
            ``InvalidArn``, ``ExecutionDoesNotExist``.
        """
        arn = parse_arn(arn_text, "execution")
        found = self.store.executions.get(arn.text)
        if found is None:
            raise ApiError("ExecutionDoesNotExist", f"Execution Does Not Exist: '{arn.text}'")
        return found


def now() -> float:
    """The wall clock, to the millisecond: no answer shows more."""
    return round(time.time(), 3)
