"""Makes a service out of what the command line says."""

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
from everypath.server.executor import ClockKind, Executor
from everypath.server.lambda_local import LocalLambda
from everypath.server.lambda_names import OfTemplate
from everypath.server.logging_configuration import OFF
from everypath.server.mocking import MockFile
from everypath.server.plain_functions import plain_functions
from everypath.server.service import Service, now
from everypath.server.state_machines import NO_TRACING, OWNED_KEY
from everypath.server.store import Machine, Revision, Store
from everypath.server.variable_references import variable_references

if TYPE_CHECKING:
    from everypath.lambda_runtime.invoke import LambdaFunctions
    from everypath.sam.model import StateMachine, Template


@dataclass(frozen=True, slots=True)
class Settings:
    """What a server is started with.

    Parameters
    ----------
    template : str or None
        A SAM template, whose state machines and functions are there from the beginning.
    lambda_endpoint : str or None
        Where functions are called. Where it is None, the template's run in this process; without a template, they
        are called through boto3.
    functions : sequence of str
        More functions of this process, as ``NAME=DIR:module.handler``.
    state : str or None
        The directory in which everything is kept over a restart.
    mock_config : str or None
        A mock configuration as Step Functions Local has them.
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
    """Return a service, with the state machines of the template.

    Raises
    ------
    TemplateError, DefinitionError
        The template, or a definition in it, cannot be used.
    InputError
        A function or the mock configuration of the settings cannot be used.
    """
    template = _template(settings)
    store = _store(settings)
    functions, endpoint = _functions(settings, template), _endpoint(settings, template)
    # A nested execution lands where AWS_ENDPOINT_URL_SFN leads, which is the server itself.
    tasks = task_router(functions, lambda_endpoint=endpoint, is_activity=store.activities.__contains__)
    invoked = endpoint or LocalLambda(functions, settings.account, settings.region)
    mocks = None if settings.mock_config is None else MockFile(settings.mock_config)
    executor = Executor(tasks, settings.clock)
    service = Service(
        settings.account, settings.region, executor, tasks.callbacks, tasks.activities, store, invoked, mocks
    )
    for logical_id in template.state_machines if template else ():
        assert template is not None
        machine = _machine(template.state_machine(logical_id))
        service.store.machines[machine.arn] = _renewed(store.machines.get(machine.arn), machine)
        service.store.changed(machine.arn)
    return service


def _store(settings: Settings) -> Store:
    if settings.state is None:
        return Store()
    from everypath.server.restore import restored
    from everypath.server.state import State
    from everypath.server.state_file import open_state

    return restored(State(*open_state(settings.state)))


def _renewed(stored: Machine | None, machine: Machine) -> Machine:
    """Return the template's state machine: the stored one, at a new revision where the template has another one."""
    if stored is None or stored.type != machine.type:
        return machine
    before, after = stored.revision, machine.revision
    if (before.definition, before.role_arn) != (after.definition, after.role_arn):
        stored.revision = replace(
            after,
            id=str(uuid.uuid4()),
            logging=before.logging,
            tracing=before.tracing,
            encryption=before.encryption,
        )
    return stored


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
    functions = template.functions.values()
    timeouts = {name: function.timeout for function in functions for name in (function.logical_id, function.name)}
    return OfTemplate(template, LambdaEndpoint(settings.lambda_endpoint, timeouts))


def _machine(found: StateMachine) -> Machine:
    created = now()
    revision = Revision(
        id=None,
        definition=json.dumps(found.definition, indent=2, ensure_ascii=False),
        tree=parse(found.definition, kind=found.type, source=str(found.source)),
        role_arn=found.role_arn or "",
        logging=OFF,
        tracing=NO_TRACING,
        encryption=OWNED_KEY,
        references=variable_references(found.definition),
        updated=created,
    )
    return Machine(found.arn, found.name, found.type, created, revision)
