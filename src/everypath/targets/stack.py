"""A deployed stack: CloudFormation maps the logical ids of its state machines to ARNs."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

from everypath.errors import NotOnTargetError, TargetError
from everypath.targets.clients import aws_client, target_errors
from everypath.targets.remote import Remote, describe_faults

if TYPE_CHECKING:
    from everypath.api import Machine
    from everypath.history.execution import Execution
    from everypath.tasks.scripted_outcomes import Faults

_MACHINE = "AWS::StepFunctions::StateMachine"


class Stack:
    """A stack of AWS CloudFormation.

    Nothing is deployed: the deployed state machine runs, with the deployed functions.

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
        self._remote = Remote(partial(aws_client, "stepfunctions"), self.name, limit)
        self._arns: dict[str, str] | None = None

    def run(self, machine: Machine, text: str, *, name: str | None = None, faults: Faults | None = None) -> Execution:
        """Run an execution; see `everypath.api.Target`."""
        if faults:
            raise NotOnTargetError(
                f"{describe_faults(faults)}: cannot be injected into the deployed functions of {self.name}"
            )
        with target_errors(self.name):
            if self._arns is None:
                self._arns = self._machines()
            arn = self._arn(self._arns, machine.state_machine.logical_id)
            return self._remote.run(machine, arn, text, name)

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
