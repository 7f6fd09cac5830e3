"""The operations on versions of state machines, which are published revisions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from everypath.server.api.arns import parse_arn
from everypath.server.api.paging import page
from everypath.server.protocol import ApiError, Json, now, timestamp
from everypath.server.store.records import MachineRecord, Version

if TYPE_CHECKING:
    from everypath.server.api.service import Service

#: The id of the revision that a state machine was created with.
_INITIAL = "INITIAL"


def publish(service: Service, machine: MachineRecord, description: str | None) -> Version:
    """Publish the current revision of a state machine, once, and return its version (recorded)."""
    for version in machine.versions.values():
        if version.revision is machine.revision:
            return version
    machine.last_version += 1
    number = machine.last_version
    version = Version(f"{machine.arn}:{number}", number, machine.revision, description, now())
    machine.versions[number] = version
    service.store.save_machine(machine)
    return version


def publish_state_machine_version(service: Service, request: Json) -> Json:
    """PublishStateMachineVersion."""
    machine = service.machine(parse_arn(request["stateMachineArn"], "stateMachine").text)
    current = machine.revision.id or _INITIAL
    requested = request.get("revisionId")
    if requested is not None and requested != current:
        raise ApiError(
            "ConflictException",
            f"Failed to publish the State Machine version for revision {requested}. "
            f"The current State Machine revision is {current}.",
        )
    version = publish(service, machine, request.get("description"))
    return {"stateMachineVersionArn": version.arn, "creationDate": timestamp(version.created)}


def list_state_machine_versions(service: Service, request: Json) -> Json:
    """ListStateMachineVersions, the newest first (recorded)."""
    machine = service.machine(parse_arn(request["stateMachineArn"], "stateMachine").text)
    newest_first = sorted(machine.versions.values(), key=lambda version: -version.number)
    versions, more = page(newest_first, request, lambda version: version.arn)
    listed = [{"stateMachineVersionArn": each.arn, "creationDate": timestamp(each.created)} for each in versions]
    return {"stateMachineVersions": listed, **more}


def delete_state_machine_version(service: Service, request: Json) -> Json:
    """DeleteStateMachineVersion; it is idempotent (recorded)."""
    arn = parse_arn(request["stateMachineVersionArn"], "stateMachine")
    if arn.version is None:
        raise ApiError("ValidationException", f"Expected the ARN of a version, but got {arn.text}")
    machine = service.store.machines.get(arn.unqualified)
    if machine is None:
        return {}
    referring = [
        alias.name
        for alias in machine.aliases.values()
        if any(route["stateMachineVersionArn"] == arn.text for route in alias.routes)
    ]
    if referring:
        raise ApiError(
            "ConflictException",
            "Version to be deleted must not be referenced by an alias. "
            f"Current list of aliases referencing this version: [{', '.join(referring)}]",
        )
    if machine.versions.pop(arn.version, None) is not None:
        service.store.save_machine(machine)
    return {}
