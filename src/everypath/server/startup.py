"""Creates the service that a server offers, from the settings of the command line."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from everypath.asl.parser.definition import parse
from everypath.errors import InputError
from everypath.integrations.routing import task_router
from everypath.lambda_runtime.endpoint_client import LambdaEndpoint
from everypath.lambda_runtime.functions import Functions
from everypath.lambda_runtime.template_endpoint import template_endpoint
from everypath.sam.plain_functions import plain_functions
from everypath.server.api.definitions import variable_references
from everypath.server.api.encryption_configuration import OWNED_KEY
from everypath.server.api.logging_configuration import OFF
from everypath.server.api.service import Service
from everypath.server.api.state_machines import NO_TRACING
from everypath.server.executor.executor import Executor
from everypath.server.executor.mock_file import MockFile
from everypath.server.executor.runner import ClockKind, Runner
from everypath.server.lambda_functions import LocalLambda
from everypath.server.protocol import now
from everypath.server.store.records import MachineRecord, Revision
from everypath.server.store.state_store import StateStore

if TYPE_CHECKING:
    from everypath.lambda_runtime.invoke import LambdaFunctions
    from everypath.sam.model import StateMachine, Template
    from everypath.server.store.restore import Interrupted


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of a server.

    Parameters
    ----------
    account, region : str
        The account and the region in ARNs.
    clock : {"virtual", "real"}
        The clock of its executions.
    template : str or None
        A SAM template whose state machines and functions are served.
    parameter_overrides : mapping of str to str
        Values of the template's parameters.
    lambda_endpoint : str or None
        The URL where functions are invoked. Without it, those of the template run in this process, and without a
        template, functions are invoked by boto3.
    functions : sequence of str
        Further functions that run in this process, as ``NAME=DIR:module.handler``.
    state : str or None
        The directory in which the state is saved.
    mock_config : str or None
        A mock configuration of Step Functions Local.
    """

    account: str = "123456789012"
    region: str = "us-east-1"
    clock: ClockKind = "virtual"
    template: str | None = None
    parameter_overrides: Mapping[str, str] = field(default_factory=dict)
    lambda_endpoint: str | None = None
    functions: Sequence[str] = ()
    state: str | None = None
    mock_config: str | None = None


def make_service(settings: Settings) -> Service:
    """Return the service, with the state machines of the template.

    Raises
    ------
    TemplateError, DefinitionError
        The template, or a definition in it, cannot be used.
    InputError
        The state, a function or the mock configuration cannot be used.
    """
    template = _template(settings)
    store, interrupted = _state(settings)
    functions, endpoint = _functions(settings, template), _endpoint(settings, template)
    # A nested execution is started at AWS_ENDPOINT_URL_SFN, which is the server itself.
    tasks = task_router(functions, lambda_endpoint=endpoint, is_activity=store.activities.__contains__)
    mock_file = None if settings.mock_config is None else MockFile(settings.mock_config)
    for logical_id in template.state_machines if template else ():
        assert template is not None
        machine = _machine(template.state_machine(logical_id))
        store.save_machine(_updated(store.machines.get(machine.arn), machine))
    return Service(
        account=settings.account,
        region=settings.region,
        store=store,
        executor=Executor(store, Runner(tasks, settings.clock), mock_file, interrupted),
        callbacks=tasks.callbacks,
        activities=tasks.activities,
        functions=endpoint or LocalLambda(functions, settings.account, settings.region),
    )


def _state(settings: Settings) -> tuple[StateStore, Interrupted | None]:
    if settings.state is None:
        return StateStore(), None
    # SQLite is loaded only if it is used.
    from everypath.server.store.restore import restore

    return restore(settings.state)


def _template(settings: Settings) -> Template | None:
    if settings.template is None:
        return None
    from everypath.sam import read

    overrides = settings.parameter_overrides
    return read(settings.template, overrides, account=settings.account, region=settings.region)


def _functions(settings: Settings, template: Template | None) -> Functions | None:
    plain = plain_functions(settings.functions, settings.account, settings.region)
    if settings.lambda_endpoint is not None:
        if plain:
            raise InputError("--function: expected no --lambda-endpoint beside it, which is where all functions are")
        return None
    if template is None:
        return Functions(plain, "--function") if plain else None
    for name in plain:
        if template.find_function(name) is not None:
            raise InputError(f"--function: {template.path} already has a function {name}")
    return Functions({**template.functions, **plain}, str(template.path))


def _endpoint(settings: Settings, template: Template | None) -> LambdaFunctions | None:
    if settings.lambda_endpoint is None:
        return None
    if template is None:
        return LambdaEndpoint(settings.lambda_endpoint)
    return template_endpoint(template, settings.lambda_endpoint)


def _machine(state_machine: StateMachine) -> MachineRecord:
    """Return a state machine of the template as CreateStateMachine would create it."""
    created = now()
    revision = Revision(
        id=None,
        definition=json.dumps(state_machine.definition, indent=2, ensure_ascii=False),
        tree=parse(state_machine.definition, kind=state_machine.type, source=str(state_machine.source)),
        role_arn=state_machine.role_arn or "",
        logging=OFF,
        tracing=NO_TRACING,
        encryption=OWNED_KEY,
        references=variable_references(state_machine.definition),
        updated=created,
    )
    return MachineRecord(state_machine.arn, state_machine.name, state_machine.type, created, revision)


def _updated(saved: MachineRecord | None, machine: MachineRecord) -> MachineRecord:
    """Return a saved state machine with the definition and the role that the template has now."""
    if saved is None or saved.type != machine.type:
        return machine
    before, after = saved.revision, machine.revision
    if (before.definition, before.role_arn) != (after.definition, after.role_arn):
        saved.revision = replace(
            after,
            id=str(uuid.uuid4()),
            logging=before.logging,
            tracing=before.tracing,
            encryption=before.encryption,
        )
    return saved
