"""A deployed stack: its state machines by their logical ids, as CloudFormation knows them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from everypath.errors import NotOnTargetError, TargetError
from everypath.targets.clients import aws_client, explained
from everypath.targets.express import is_express, run_sync
from everypath.targets.faults import in_words
from everypath.targets.remote import Remote

if TYPE_CHECKING:
    from everypath.api import Machine
    from everypath.history.execution import Execution
    from everypath.tasks.scripted_outcomes import Faults

_MACHINE = "AWS::StepFunctions::StateMachine"


class Stack:
    """A stack of AWS CloudFormation.

    Nothing is deployed: what is there is run, with the functions that are there.

    Parameters
    ----------
    stack : str
        Its name or its ARN.
    limit : float
        Seconds that an execution may take.
    """

    def __init__(self, stack: str, *, limit: float) -> None:
        self.name = f"aws:{stack}"
        self._stack = stack
        self._limit = limit
        self._remote: Remote | None = None
        self._sync_client: Any = None
        self._arns: dict[str, str] | None = None

    def run(self, machine: Machine, text: str, *, name: str | None = None, faults: Faults | None = None) -> Execution:
        """Run an execution; see `everypath.targets.Target`."""
        if faults:
            raise NotOnTargetError(f"{in_words(faults)}: cannot be injected into the deployed functions of {self.name}")
        with explained(self.name):
            if self._arns is None:
                self._arns = self._machines()
            arn = self._arn(self._arns, machine.state_machine.logical_id)
            if is_express(machine):
                if self._sync_client is None:
                    self._sync_client = aws_client("stepfunctions", answers_within=self._limit)
                return run_sync(self._sync_client, machine, self.name, self._limit, arn, text, name)
            if self._remote is None:
                self._remote = Remote(aws_client("stepfunctions"), self.name, self._limit)
            return self._remote.run(arn, text, name)

    def _machines(self) -> dict[str, str]:
        pages = aws_client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=self._stack)
        return {
            resource["LogicalResourceId"]: resource["PhysicalResourceId"]
            for page in pages
            for resource in page["StackResourceSummaries"]
            if resource["ResourceType"] == _MACHINE
        }

    def _arn(self, arns: Mapping[str, str], logical_id: str) -> str:
        if logical_id not in arns:
            known = ", ".join(sorted(arns)) or "none"
            raise TargetError(f"{self.name}: it has no state machine {logical_id}; there are: {known}")
        return arns[logical_id]
