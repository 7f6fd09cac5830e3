"""A Step Functions endpoint by its URL: everypath serve, Step Functions Local, or anybody's."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from everypath.errors import NotOnTargetError, TargetError
from everypath.history.branches import Branches
from everypath.targets.clients import endpoint_client, explained
from everypath.targets.express import is_express, run_sync
from everypath.targets.faults import in_words
from everypath.targets.mocks import MockFile, scripted_outcomes
from everypath.targets.remote import Remote

if TYPE_CHECKING:
    from everypath.api import Machine
    from everypath.history.execution import Execution
    from everypath.sam.model import StateMachine
    from everypath.tasks.scripted_outcomes import Faults


class Endpoint:
    """An endpoint; a state machine that it lacks, or has with another definition, is put there.

    Parameters
    ----------
    url : str
        Where it is.
    mock_config : path, optional
        The mock configuration that it reads.
    limit : float
        Seconds that an execution may take.
    """

    def __init__(self, url: str, *, mock_config: str | os.PathLike[str] | None, limit: float) -> None:
        self.name = url
        self._mocks = MockFile(mock_config) if mock_config is not None else None
        self._limit = limit
        self._client: Any = None
        self._sync_client: Any = None
        self._put: dict[str, Machine] = {}

    def run(self, machine: Machine, text: str, *, name: str | None = None, faults: Faults | None = None) -> Execution:
        """Run an execution; see `everypath.targets.Target`.

        Of a state with scripted outcomes, the handler is not called at all: a mock answers every attempt. What follows
        the last scripted outcome is what the handler does on the embedded engine.
        """
        outcomes: Faults = {}
        case = ""
        if faults:
            if self._mocks is None:
                raise NotOnTargetError(
                    f"{in_words(faults)}: cannot be injected into {self.name} without the mock configuration it reads"
                )
            outcomes = scripted_outcomes(machine, text, faults)
            case = "#" + self._mocks.case(machine.name, outcomes)
        with explained(self.name):
            if self._client is None:
                self._client = endpoint_client(self.name, machine.template.region)
            arn = self._provide(machine)
            with _refusing(faults or {}, self.name):
                if is_express(machine):
                    return self._run_sync(machine, arn + case, text, name)
                execution = Remote(self._client, self.name, self._limit).run(arn + case, text, name)
        _require_scripted(execution, outcomes, self.name)
        return execution

    def _run_sync(self, machine: Machine, arn: str, text: str, name: str | None) -> Execution:
        if self._sync_client is None:
            self._sync_client = endpoint_client(self.name, machine.template.region, answers_within=self._limit)
        return run_sync(self._sync_client, machine, self.name, self._limit, arn, text, name)

    def _provide(self, machine: Machine) -> str:
        """Have the state machine there, and return its ARN."""
        known = next((arn for arn, one in self._put.items() if one is machine), None)
        if known is not None:
            return known
        arn = self._find(machine.name)
        if arn is None:
            wanted = machine.state_machine
            arn = self._client.create_state_machine(
                name=wanted.name, definition=json.dumps(wanted.definition), type=wanted.type, roleArn=machine.role_arn
            )["stateMachineArn"]
        self._update(arn, machine)
        self._put[arn] = machine
        return str(arn)

    def _find(self, name: str) -> str | None:
        for page in self._client.get_paginator("list_state_machines").paginate():
            if "stateMachines" not in page:
                raise TargetError(f"{self.name}: what answers there is not the Step Functions API")
            for one in page["stateMachines"]:
                if one["name"] == name:
                    return str(one["stateMachineArn"])
        return None

    def _update(self, arn: str, machine: Machine) -> None:
        """Have today's definition there, with the account and the region that the endpoint has."""
        wanted = _as_of(machine, arn)
        present = self._client.describe_state_machine(stateMachineArn=arn)
        if present["type"] != wanted.type:
            raise TargetError(f"{self.name}: {arn} is there as {present['type']}, and the template has {wanted.type}")
        if json.loads(present["definition"]) != wanted.definition:
            self._client.update_state_machine(stateMachineArn=arn, definition=json.dumps(wanted.definition))


@contextmanager
def _refusing(faults: Faults, target: str) -> Iterator[None]:
    """Whoever has no mocked cases, or not this one, refuses to start it."""
    from botocore.exceptions import ClientError

    try:
        yield
    except ClientError as error:
        if not faults or error.operation_name not in ("StartExecution", "StartSyncExecution"):
            raise
        told = error.response["Error"]
        raise NotOnTargetError(
            f"{in_words(faults)}: refused as a mocked case by {target}: {told.get('Code')}: {told.get('Message')}"
        ) from None


def _as_of(machine: Machine, arn: str) -> StateMachine:
    """The state machine with the account and the region of an ARN."""
    from everypath.sam import read

    region, account = arn.split(":")[3:5]
    template = machine.template
    if (region, account) == (template.region, template.account):
        return machine.state_machine
    there = read(template.path, template.parameters, account=account, region=region)
    return there.state_machine(machine.state_machine.logical_id)


def _require_scripted(execution: Execution, outcomes: Faults, target: str) -> None:
    """Refuse an execution that asked for more attempts than its mock has: what it came to then says nothing."""
    branches = Branches(execution.require_history().events).all.values()
    for state, scripted in outcomes.items():
        made = sum(branch.scheduled[state] for branch in branches)
        if made > len(scripted):
            raise NotOnTargetError(
                f"{in_words({state: scripted})}: {target} made attempt {made}, and the embedded engine made fewer"
            )
