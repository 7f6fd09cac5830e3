"""The operations on state machines: create, update, describe, delete, list."""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING, Any

from everypath.server.api.arns import check_name, check_role_arn, parse_arn
from everypath.server.api.definitions import parse_definition, variable_references
from everypath.server.api.encryption_configuration import OWNED_KEY, check_encryption
from everypath.server.api.logging_configuration import check_logged_name, logging_configuration
from everypath.server.api.paging import page
from everypath.server.api.tags import tags_of
from everypath.server.api.versions import publish
from everypath.server.protocol import ApiError, Json, now, timestamp
from everypath.server.store.records import MachineRecord, Revision

if TYPE_CHECKING:
    from everypath.server.api.service import Service

NO_TRACING: Json = {"enabled": False}
#: The members of a request that an update can change.
_SETTINGS = {"definition", "roleArn", "loggingConfiguration", "tracingConfiguration", "encryptionConfiguration"}


async def create_state_machine(service: Service, request: Json) -> Json:
    """CreateStateMachine; it is idempotent."""
    check_name(request["name"])
    _check_version_description(request)
    _check_settings(service, request)
    kind = request.get("type", "STANDARD")
    logging = await logging_configuration(request.get("loggingConfiguration"), service.region)
    check_logged_name(request["name"], logging)
    revision = _revision(request, kind, logging)
    arn = service.arn("stateMachine", request["name"])
    machine = service.store.machines.get(arn)
    if machine is None:
        machine = MachineRecord(arn, request["name"], kind, revision.updated, revision, tags=tags_of(request))
        service.store.save_machine(machine)
    elif machine.type != kind or not _is_repeated(machine.revision, revision):
        raise ApiError("StateMachineAlreadyExists", f"State Machine Already Exists: '{arn}'")
    response: Json = {"stateMachineArn": arn, "creationDate": timestamp(machine.created)}
    if request.get("publish"):
        response["stateMachineVersionArn"] = publish(service, machine, request.get("versionDescription")).arn
    return response


async def update_state_machine(service: Service, request: Json) -> Json:
    """UpdateStateMachine; an update that changes nothing creates no revision (recorded)."""
    arn = parse_arn(request["stateMachineArn"], "stateMachine")
    machine = service.machine(arn.text)
    if not _SETTINGS & request.keys():
        raise ApiError(
            "MissingRequiredParameter",
            "Either the definition, the role ARN, the LoggingConfiguration, or the TracingConfiguration must be "
            "specified",
        )
    _check_version_description(request)
    _check_settings(service, request)
    logging = machine.revision.logging
    if "loggingConfiguration" in request:
        logging = await logging_configuration(request["loggingConfiguration"], service.region)
        machine = service.machine(arn.text)  # it may have been deleted meanwhile
        check_logged_name(machine.name, logging)
    revision = _revision(request, machine.type, logging, machine.revision)
    if revision.settings() != machine.revision.settings():
        machine.revision = revision
        service.store.save_machine(machine)
    response: Json = {"updateDate": now()}
    if machine.revision.id is not None:
        response["revisionId"] = machine.revision.id
    if request.get("publish"):
        response["stateMachineVersionArn"] = publish(service, machine, request.get("versionDescription")).arn
    return response


def describe_state_machine(service: Service, request: Json) -> Json:
    """DescribeStateMachine, of a state machine or of one of its versions."""
    arn = parse_arn(request["stateMachineArn"], "stateMachine")
    if arn.version is None:
        machine = service.machine(arn.text)
        revision, own = machine.revision, {"stateMachineArn": machine.arn, "creationDate": timestamp(machine.created)}
    else:
        machine = service.qualified_machine(arn)
        version = machine.versions[arn.version]
        revision, own = version.revision, {"stateMachineArn": version.arn, "creationDate": timestamp(version.created)}
        if version.description is not None:
            own["description"] = version.description
    named = {"name": machine.name, "status": "ACTIVE", "type": machine.type}
    return own | named | _describe(revision, request)


def describe_state_machine_for_execution(service: Service, request: Json) -> Json:
    """DescribeStateMachineForExecution: the state machine as it was when the execution was started."""
    execution = service.execution(request["executionArn"])
    arn = parse_arn(execution.machine_arn, "stateMachine")
    description: Json = {
        "stateMachineArn": arn.text,
        "name": arn.name,
        "updateDate": timestamp(execution.revision.updated),
    }
    if execution.map_run is not None:
        description |= {"mapRunArn": execution.map_run.arn, "label": arn.name.rpartition("/")[2]}
    return description | _describe(execution.revision, request)


def delete_state_machine(service: Service, request: Json) -> Json:
    """DeleteStateMachine, with its versions, aliases and executions; it is idempotent."""
    arn = parse_arn(request["stateMachineArn"], "stateMachine")
    machine = service.store.machines.get(arn.text)
    if machine is not None:
        for execution in service.store.executions_of(machine.arn):
            execution.stop(None, None)
        service.store.delete_machine(machine)
    return {}


def list_state_machines(service: Service, request: Json) -> Json:
    """ListStateMachines."""
    machines, more = page(list(service.store.machines.values()), request, lambda machine: machine.arn)
    return {"stateMachines": [_summary(machine) for machine in machines], **more}


def _summary(machine: MachineRecord) -> Json:
    named = {"stateMachineArn": machine.arn, "name": machine.name, "type": machine.type}
    return named | {"creationDate": timestamp(machine.created)}


def _check_version_description(request: Json) -> None:
    if request.get("versionDescription") is not None and not request.get("publish"):
        raise ApiError("ValidationException", "Version description can only be set when publish is true")


def _check_settings(service: Service, request: Json) -> None:
    if request.get("roleArn") is not None:
        check_role_arn(request["roleArn"])
    if request.get("encryptionConfiguration") is not None:
        check_encryption(request["encryptionConfiguration"], service.region)


def _revision(request: Json, kind: str, logging: Json, before: Revision | None = None) -> Revision:
    """Return the revision that a request creates; what it does not mention is as in the revision before."""

    def given(name: str, default: Any) -> Any:
        return request[name] if request.get(name) is not None else default

    definition = given("definition", before.definition if before else "")
    unchanged = before is not None and before.definition == definition
    return Revision(
        id=None if before is None else str(uuid.uuid4()),
        definition=definition,
        tree=before.tree if before and unchanged else parse_definition(definition, kind),
        role_arn=given("roleArn", before.role_arn if before else ""),
        logging=logging,
        tracing=NO_TRACING | given("tracingConfiguration", before.tracing if before else NO_TRACING),
        encryption=given("encryptionConfiguration", before.encryption if before else OWNED_KEY),
        references=before.references if before and unchanged else variable_references(json.loads(definition)),
        updated=now(),
    )


def _is_repeated(present: Revision, requested: Revision) -> bool:
    """Whether a request to create a state machine is a repeated one; roles are not compared (AWS: "idempotent")."""
    settings = (present.definition, present.logging, present.tracing, present.encryption)
    return settings == (requested.definition, requested.logging, requested.tracing, requested.encryption)


def _describe(revision: Revision, request: Json) -> Json:
    description: Json = {
        "definition": revision.definition,
        "roleArn": revision.role_arn,
        "loggingConfiguration": revision.logging,
        "tracingConfiguration": revision.tracing,
        "encryptionConfiguration": revision.encryption,
    }
    if revision.id is not None:
        description["revisionId"] = revision.id
    if request.get("includedData") == "METADATA_ONLY":
        # AWS: DescribeStateMachine, "the returned definition will be {}".
        return description | {"definition": "{}"}
    if revision.references:
        description["variableReferences"] = dict(revision.references)
    return description
