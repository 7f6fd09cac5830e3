"""The service that the operations work on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from everypath.server.api.arns import Arn, parse_arn
from everypath.server.protocol import ApiError
from everypath.server.store.execution_record import ExecutionRecord
from everypath.server.store.records import MachineRecord
from everypath.server.store.state_store import StateStore
from everypath.tasks.callbacks import UnknownToken

if TYPE_CHECKING:
    from everypath.lambda_runtime.invoke import LambdaFunctions
    from everypath.server.executor.executor import Executor
    from everypath.tasks.activities import Activities
    from everypath.tasks.callbacks import Callbacks


@dataclass(frozen=True, slots=True)
class Service:
    """A Step Functions service.

    Parameters
    ----------
    account, region : str
        The account and the region in its ARNs.
    store : StateStore
        Its state machines, activities and executions.
    executor : Executor
        Runs its executions.
    callbacks, activities
        The tasks that wait for an answer by their token, and for a worker.
    functions : LambdaFunctions
        The functions that Lambda's Invoke reaches.
    """

    account: str
    region: str
    store: StateStore
    executor: Executor
    callbacks: Callbacks
    activities: Activities
    functions: LambdaFunctions

    def arn(self, kind: str, name: str) -> str:
        """Return the ARN of a resource of this service."""
        return f"arn:aws:states:{self.region}:{self.account}:{kind}:{name}"

    def machine(self, arn: str) -> MachineRecord:
        """Return a state machine by its unqualified ARN.

        Raises
        ------
        ApiError
            ``StateMachineDoesNotExist``.
        """
        machine = self.store.machines.get(arn)
        if machine is None:
            raise machine_does_not_exist(arn)
        return machine

    def qualified_machine(self, arn: Arn) -> MachineRecord:
        """Return the state machine of an ARN that may name one of its versions or aliases.

        Raises
        ------
        ApiError
            ``StateMachineDoesNotExist``: there is no such state machine, version or alias.
        """
        machine = self.store.machines.get(arn.unqualified)
        if machine is None or not (
            not arn.qualifier or arn.version in machine.versions or arn.qualifier in machine.aliases
        ):
            raise machine_does_not_exist(arn.text)
        return machine

    def execution(self, arn_text: str) -> ExecutionRecord:
        """Return an execution by its ARN, for an operation whose answer reports on it.

        Raises
        ------
        ApiError
            ``InvalidArn``, ``ExecutionDoesNotExist``.
        """
        arn = parse_arn(arn_text, "execution")
        execution = self.store.executions.get(arn.text)
        if execution is None:
            raise ApiError("ExecutionDoesNotExist", f"Execution Does Not Exist: '{arn.text}'")
        self.store.report(execution)
        return execution

    def report_task(self, token: str) -> None:
        """Note that an answer gives a task to a worker, by its token."""
        try:
            arn = self.callbacks.execution_of(token)
        except UnknownToken:  # it has ended meanwhile
            return
        execution = self.store.executions.get(arn)
        if execution is not None:
            self.store.report(execution)


def machine_does_not_exist(arn: str) -> ApiError:
    """Return the error of an ARN that no state machine, version or alias has."""
    return ApiError("StateMachineDoesNotExist", f"State Machine Does Not Exist: '{arn}'")
