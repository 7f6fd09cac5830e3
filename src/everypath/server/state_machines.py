"""State machines: create, update, describe, delete, list."""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING, Any

from everypath.server.arns import parse_arn
from everypath.server.definitions import parse_definition
from everypath.server.logging_configuration import logging_configuration
from everypath.server.names import check_name
from everypath.server.paging import page
from everypath.server.protocol import ApiError, Json, seconds
from everypath.server.service import now
from everypath.server.store import Machine, Revision
from everypath.server.tags import tags_of
from everypath.server.variable_references import variable_references
from everypath.server.versions import find_version, publish

if TYPE_CHECKING:
    from everypath.server.service import Service

NO_TRACING: Json = {"enabled": False}
OWNED_KEY: Json = {"type": "AWS_OWNED_KEY"}
#: What an update can change.
_SETTINGS = {"definition", "roleArn", "loggingConfiguration", "tracingConfiguration", "encryptionConfiguration"}


async def create_state_machine(service: Service, request: Json) -> Json:
    """CreateStateMachine; the same request again changes nothing and is answered as the first one was."""
    check_name(request["name"])
    if request.get("versionDescription") is not None and not request.get("publish"):
        raise ApiError("ValidationException", "Version description can only be set when publish is true")
    kind = request.get("type", "STANDARD")
    revision = await _revision(service, request, kind)
    arn = service.arn("stateMachine", request["name"])
    machine = service.store.machines.get(arn)
    if machine is None:
        machine = Machine(arn, request["name"], kind, revision.updated, revision)
        machine.tags.update(tags_of(request))
        service.store.machines[arn] = machine
    elif machine.type != kind or not _asks_for(machine.revision, revision):
        raise ApiError("StateMachineAlreadyExists", f"State Machine Already Exists: '{arn}'")
    answer: Json = {"stateMachineArn": arn, "creationDate": seconds(machine.created)}
    if request.get("publish"):
        answer["stateMachineVersionArn"] = publish(machine, request.get("versionDescription")).arn
    return answer


async def update_state_machine(service: Service, request: Json) -> Json:
    """UpdateStateMachine; an update that changes nothing makes no revision (recorded)."""
    arn = parse_arn(request["stateMachineArn"], "stateMachine")
    machine = service.machine(arn.text)
    if not _SETTINGS & request.keys():
        raise ApiError(
            "MissingRequiredParameter",
            "Either the definition, the role ARN, the LoggingConfiguration, or the TracingConfiguration must be "
            "specified",
        )
    if request.get("versionDescription") is not None and not request.get("publish"):
        raise ApiError("ValidationException", "Version description can only be set when publish is true")
    revision = await _revision(service, request, machine.type, machine.revision)
    if not revision.same_as(machine.revision):
        machine.revision = revision
    answer: Json = {"updateDate": seconds(now())}
    if machine.revision.id is not None:
        answer["revisionId"] = machine.revision.id
    if request.get("publish"):
        answer["stateMachineVersionArn"] = publish(machine, request.get("versionDescription")).arn
    return answer


def describe_state_machine(service: Service, request: Json) -> Json:
    """DescribeStateMachine, of a state machine or of one of its versions."""
    arn = parse_arn(request["stateMachineArn"], "stateMachine")
    if arn.version is None:
        machine = service.machine(arn.text)
        revision, own = machine.revision, {"stateMachineArn": machine.arn, "creationDate": seconds(machine.created)}
    else:
        machine, version = find_version(service, arn)
        revision, own = version.revision, {"stateMachineArn": version.arn, "creationDate": seconds(version.created)}
        if version.description is not None:
            own["description"] = version.description
    named = {"name": machine.name, "status": "ACTIVE", "type": machine.type}
    return own | named | _included(revision.described(), request)


def describe_state_machine_for_execution(service: Service, request: Json) -> Json:
    """DescribeStateMachineForExecution: the state machine as it was when the execution was started."""
    execution = service.execution(request["executionArn"])
    arn = parse_arn(execution.machine_arn, "stateMachine")
    found: Json = {
        "stateMachineArn": arn.text,
        "name": arn.name,
        "updateDate": seconds(execution.revision.updated),
    }
    if execution.map_run is not None:
        found |= {"mapRunArn": execution.map_run.arn, "label": arn.name.rpartition("/")[2]}
    return found | _included(execution.revision.described(), request)


def delete_state_machine(service: Service, request: Json) -> Json:
    """DeleteStateMachine, with its versions, aliases and executions; one that is not there is deleted, too."""
    arn = parse_arn(request["stateMachineArn"], "stateMachine")
    machine = service.store.machines.get(arn.text)
    if machine is not None:
        for execution in service.store.executions_of(machine.arn):
            execution.stop(None, None)
        service.store.remove_machine(machine)
    return {}


def list_state_machines(service: Service, request: Json) -> Json:
    """ListStateMachines."""
    machines, more = page(list(service.store.machines.values()), request, lambda machine: machine.arn)
    return {"stateMachines": [_listed(machine) for machine in machines], **more}


def _listed(machine: Machine) -> Json:
    named = {"stateMachineArn": machine.arn, "name": machine.name, "type": machine.type}
    return named | {"creationDate": seconds(machine.created)}


async def _revision(service: Service, request: Json, kind: str, before: Revision | None = None) -> Revision:
    """What a request makes of a state machine; what it does not mention stays as it was before."""

    def given(name: str, kept: Any) -> Any:
        return request[name] if request.get(name) is not None else kept

    logging = before.logging if before else None
    if before is None or "loggingConfiguration" in request:
        logging = await logging_configuration(request.get("loggingConfiguration"), service.region)
    definition = given("definition", before.definition if before else "")
    same = before is not None and before.definition == definition
    tree = before.tree if before and same else parse_definition(definition, kind)
    return Revision(
        id=None if before is None else str(uuid.uuid4()),
        definition=definition,
        tree=tree,
        role_arn=given("roleArn", before.role_arn if before else ""),
        logging=logging or {},
        tracing=NO_TRACING | given("tracingConfiguration", before.tracing if before else NO_TRACING),
        encryption=given("encryptionConfiguration", before.encryption if before else OWNED_KEY),
        references=before.references if before and same else variable_references(json.loads(definition)),
        updated=now(),
    )


def _asks_for(present: Revision, asked: Revision) -> bool:
    """Whether a state machine is as a request to create it says; its role is not looked at (AWS: "idempotent")."""
    left = (present.definition, present.logging, present.tracing, present.encryption)
    return left == (asked.definition, asked.logging, asked.tracing, asked.encryption)


def _included(description: Json, request: Json) -> Json:
    if request.get("includedData") != "METADATA_ONLY":
        return description
    # AWS: DescribeStateMachine, "the returned definition will be {}".
    return {key: value for key, value in description.items() if key != "variableReferences"} | {"definition": "{}"}
