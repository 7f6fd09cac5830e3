"""A Step Functions endpoint by its URL: everypath serve, Step Functions Local, or anybody's."""

from __future__ import annotations

import hashlib
import json
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from everypath.errors import InputError, NotOnTargetError, TargetError
from everypath.history.events import data_of
from everypath.paths.exports.mock_config import mocked_response
from everypath.targets.clients import endpoint_client, target_errors
from everypath.targets.remote import Remote, describe_faults
from everypath.tasks.mock_config import read_mock_config
from everypath.tasks.scripted_outcomes import Faults, Return, Throw

if TYPE_CHECKING:
    from everypath.api import Machine
    from everypath.history.execution import Execution
    from everypath.sam.model import StateMachine


Outcomes = Mapping[str, Sequence[Return | Throw]]


class Endpoint:
    """An endpoint; a state machine that it lacks is created there, one with another definition is updated.

    Parameters
    ----------
    url : str
        Its URL.
    mock_config : path, optional
        The mock configuration that it reads.
    limit : float
        Seconds that an execution may take.
    """

    def __init__(self, url: str, *, mock_config: str | os.PathLike[str] | None, limit: float) -> None:
        self.name = url
        self._mocks = MockFile(mock_config) if mock_config is not None else None
        self._limit = limit
        self._remote: Remote | None = None
        self._provided: dict[str, Machine] = {}

    def run(self, machine: Machine, text: str, *, name: str | None = None, faults: Faults | None = None) -> Execution:
        """Run an execution; see `everypath.api.Target`.

        The handler of a state with scripted outcomes is not called at all, because a mock answers every attempt: after
        the last scripted outcome, with what the handler does on the embedded engine.
        """
        outcomes: Faults = {}
        case = ""
        if faults:
            if self._mocks is None:
                raise NotOnTargetError(
                    f"{describe_faults(faults)}: cannot be injected into {self.name} without the mock configuration it"
                    " reads"
                )
            outcomes = _all_outcomes(machine, text, faults)
            case = "#" + self._mocks.case(machine.name, outcomes)
        with target_errors(self.name):
            if self._remote is None:
                make_client = partial(endpoint_client, self.name, machine.template.region)
                self._remote = Remote(make_client, self.name, self._limit)
            arn = self._provide(machine, self._remote.client)
            with _mock_refusals(faults or {}, self.name):
                execution = self._remote.run(machine, arn + case, text, name)
        if execution.has_history:
            _require_scripted(execution, outcomes, self.name)
        return execution

    def _provide(self, machine: Machine, client: Any) -> str:
        """Create or update the state machine, unless that has been done, and return its ARN."""
        known = next((arn for arn, one in self._provided.items() if one is machine), None)
        if known is not None:
            return known
        arn = self._find(machine.name, client)
        if arn is None:
            wanted = machine.state_machine
            arn = client.create_state_machine(
                name=wanted.name, definition=json.dumps(wanted.definition), type=wanted.type, roleArn=machine.role_arn
            )["stateMachineArn"]
        self._update(arn, machine, client)
        self._provided[arn] = machine
        return str(arn)

    def _find(self, name: str, client: Any) -> str | None:
        for page in client.get_paginator("list_state_machines").paginate():
            if "stateMachines" not in page:
                raise TargetError(f"{self.name}: what answers there is not the Step Functions API")
            for one in page["stateMachines"]:
                if one["name"] == name:
                    return str(one["stateMachineArn"])
        return None

    def _update(self, arn: str, machine: Machine, client: Any) -> None:
        """Update the definition if it is not today's, read with the account and the region of the endpoint."""
        wanted = _state_machine_at(machine, arn)
        present = client.describe_state_machine(stateMachineArn=arn)
        if present["type"] != wanted.type:
            raise TargetError(f"{self.name}: {arn} is there as {present['type']}, and the template has {wanted.type}")
        if json.loads(present["definition"]) != wanted.definition:
            client.update_state_machine(stateMachineArn=arn, definition=json.dumps(wanted.definition))


@contextmanager
def _mock_refusals(faults: Faults, target: str) -> Iterator[None]:
    """Explain the refusal of an endpoint that has no mocked cases, or not this one."""
    from botocore.exceptions import ClientError

    try:
        yield
    except ClientError as error:
        if not faults or error.operation_name not in ("StartExecution", "StartSyncExecution"):
            raise
        details = error.response["Error"]
        reason = f"{details.get('Code')}: {details.get('Message')}"
        raise NotOnTargetError(f"{describe_faults(faults)}: refused as a mocked case by {target}: {reason}") from None


def _state_machine_at(machine: Machine, arn: str) -> StateMachine:
    """The state machine as the template defines it in the account and the region of an ARN."""
    from everypath.sam import read

    region, account = arn.split(":")[3:5]
    template = machine.template
    if (region, account) == (template.region, template.account):
        return machine.state_machine
    there = read(template.path, template.parameters, values=template.values, account=account, region=region)
    return there.state_machine(machine.state_machine.logical_id)


def _require_scripted(execution: Execution, outcomes: Faults, target: str) -> None:
    """Refuse an execution that made more attempts than its mock has: its result says nothing."""
    for state, scripted in outcomes.items():
        made = sum(attempt.was_scheduled for attempt in execution.attempts(state))
        if made > len(scripted):
            raise NotOnTargetError(
                f"{describe_faults({state: scripted})}: {target} made attempt {made}, and the embedded engine made"
                " fewer"
            )


class MockFile:
    """A mock configuration; cases that it lacks are added to it.

    everypath serve reads the file again when it has changed. Step Functions Local reads it when it starts, and refuses
    a case that was added later.

    Parameters
    ----------
    path : path
        The file.

    Raises
    ------
    InputError
        It cannot be used.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._path = Path(path)
        read_mock_config(self._path)

    def case(self, machine: str, outcomes: Outcomes) -> str:
        """Return the name of the test case in which the attempts of these states have these outcomes."""
        wanted = {state: mocked_response(one) for state, one in outcomes.items()}
        with self._locked():
            read_mock_config(self._path)
            content = json.loads(self._path.read_text(encoding="utf-8"))
            cases = content["StateMachines"].setdefault(machine, {"TestCases": {}})["TestCases"]
            for name, states in cases.items():
                if {state: content["MockedResponses"].get(one) for state, one in states.items()} == wanted:
                    return str(name)
            name = f"faults-{_digest(wanted)}"
            cases[name] = {state: f"{name}-{_digest(response)}" for state, response in wanted.items()}
            for response in wanted.values():
                content["MockedResponses"][f"{name}-{_digest(response)}"] = response
            self._write(json.dumps(content, indent=2, ensure_ascii=False) + "\n")
        return name

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Let one process at a time change the file: pytest-xdist runs several."""
        if sys.platform == "win32":  # where a folder cannot be locked
            yield
            return
        import fcntl

        folder = os.open(self._path.resolve().parent, os.O_RDONLY)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            yield
        finally:
            os.close(folder)

    def _write(self, text: str) -> None:
        """Replace the file at once, so that no reader finds a part of it."""
        folder = self._path.resolve().parent
        try:
            handle, name = tempfile.mkstemp(dir=folder, prefix=f"{self._path.name}.")
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
            Path(name).chmod(self._path.stat().st_mode & 0o777)
            Path(name).replace(self._path.resolve())
        except OSError as error:
            raise InputError(f"{self._path}: cannot be written: {error.strerror}") from None


def _all_outcomes(machine: Machine, text: str, faults: Faults) -> Outcomes:
    """Return the outcomes of all attempts of the states with faults: the scripted ones, and then those of the handler.

    Raises
    ------
    NotOnTargetError
        An outcome takes time, and a mock takes none.
    """
    for state, outcomes in faults.items():
        for number, outcome in enumerate(outcomes, 1):
            if outcome.seconds:
                raise NotOnTargetError(
                    f"{describe_faults({state: outcomes})}: attempt {number} takes {outcome.seconds:g} s, a mock none"
                )
    embedded = machine.run_embedded(text, faults)
    return {state: [*given, *_handler_outcomes(embedded, state, len(given))] for state, given in faults.items()}


def _handler_outcomes(embedded: Execution, state: str, scripted: int) -> Iterator[Return | Throw]:
    """The outcomes of a state's attempts after the scripted ones."""
    scheduled = [attempt for attempt in embedded.attempts(state) if attempt.was_scheduled]
    for attempt in scheduled[scripted:]:
        if attempt.output is not None:
            yield Return(data_of(attempt.output))
        elif attempt.failed:
            yield Throw(attempt.error or "", attempt.cause or "")


def _digest(data: Any) -> str:
    return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()[:12]
