"""The operations on aliases of state machines, and their routes to versions."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING

from everypath.server.api.arns import parse_arn
from everypath.server.api.paging import page
from everypath.server.protocol import ApiError, Json, now, timestamp
from everypath.server.store.records import Alias, MachineRecord, Version

if TYPE_CHECKING:
    from everypath.server.api.service import Service


def create_state_machine_alias(service: Service, request: Json) -> Json:
    """CreateStateMachineAlias; it is idempotent."""
    routes = request["routingConfiguration"]
    machine = _check_routes(service, routes)
    name, description = request["name"], request.get("description")
    alias = machine.aliases.get(name)
    if alias is None:
        created = now()
        alias = Alias(f"{machine.arn}:{name}", name, description, routes, created, created)
        machine.aliases[name] = alias
        service.store.save_machine(machine)
    elif (alias.description, alias.routes) != (description, routes):
        raise ApiError(
            "ConflictException",
            "Failed to create alias because an alias with the same name and a different routing configuration "
            "already exists.",
        )
    return {"stateMachineAliasArn": alias.arn, "creationDate": timestamp(alias.created)}


def update_state_machine_alias(service: Service, request: Json) -> Json:
    """UpdateStateMachineAlias."""
    machine, alias = _machine_and_alias(service, request["stateMachineAliasArn"])
    routes = request.get("routingConfiguration")
    if routes is None and request.get("description") is None:
        raise ApiError("ValidationException", "Either the description or the routing configuration must be specified")
    if routes is not None and _check_routes(service, routes) is not machine:
        raise ApiError(
            "ValidationException", "Routing configuration must contain versions of the alias's state machine"
        )
    machine.aliases[alias.name] = updated = replace(
        alias,
        description=request.get("description", alias.description),
        routes=alias.routes if routes is None else routes,
        updated=now(),
    )
    service.store.save_machine(machine)
    return {"updateDate": timestamp(updated.updated)}


def describe_state_machine_alias(service: Service, request: Json) -> Json:
    """DescribeStateMachineAlias."""
    _, alias = _machine_and_alias(service, request["stateMachineAliasArn"])
    description: Json = {
        "stateMachineAliasArn": alias.arn,
        "name": alias.name,
        "routingConfiguration": alias.routes,
        "creationDate": timestamp(alias.created),
        "updateDate": timestamp(alias.updated),
    }
    return description if alias.description is None else description | {"description": alias.description}


def delete_state_machine_alias(service: Service, request: Json) -> Json:
    """DeleteStateMachineAlias; it is idempotent (recorded)."""
    arn = parse_arn(request["stateMachineAliasArn"], "stateMachine")
    machine = service.store.machines.get(arn.unqualified)
    if machine is not None and machine.aliases.pop(arn.qualifier, None) is not None:
        service.store.save_machine(machine)
    return {}


def list_state_machine_aliases(service: Service, request: Json) -> Json:
    """ListStateMachineAliases, of a state machine, or of one of its versions."""
    arn = parse_arn(request["stateMachineArn"], "stateMachine")
    aliases = list(service.machine(arn.unqualified).aliases.values())
    if arn.qualifier:
        aliases = [alias for alias in aliases if any(arn.text == _version_arn(route) for route in alias.routes)]
    chosen, more = page(aliases, request, lambda alias: alias.arn)
    listed = [{"stateMachineAliasArn": alias.arn, "creationDate": timestamp(alias.created)} for alias in chosen]
    return {"stateMachineAliases": listed, **more}


def choose_version(machine: MachineRecord, alias: Alias, random: Random) -> Version:
    """Choose the version that an execution runs which is started by an alias, by the weights of its routes."""
    weights = [route["weight"] for route in alias.routes]
    chosen = random.choices(alias.routes, weights)[0]
    number = parse_arn(_version_arn(chosen), "stateMachine").version
    return machine.versions[number or 0]


def _machine_and_alias(service: Service, arn_text: str) -> tuple[MachineRecord, Alias]:
    arn = parse_arn(arn_text, "stateMachine")
    machine = service.store.machines.get(arn.unqualified)
    alias = machine.aliases.get(arn.qualifier) if machine else None
    if machine is None or alias is None:
        raise _not_found(arn.text)
    return machine, alias


def _check_routes(service: Service, routes: list[Json]) -> MachineRecord:
    """Return the state machine of the versions in a routing configuration; the order of the checks is recorded."""
    version_arns = [_version_arn(route) for route in routes]
    received = f"Received: [{', '.join(version_arns)}]"
    arns = [parse_arn(arn, "stateMachine") for arn in version_arns]
    if any(arn.version is None for arn in arns):
        raise _invalid(f"Routing configuration must contain state machine version ARNs. {received}")
    if len(set(version_arns)) < len(version_arns):
        raise _invalid(f"Routing configuration must contain distinct state machine version ARNs. {received}")
    weights = [route["weight"] for route in routes]
    if sum(weights) != 100:
        shown = ", ".join(map(str, weights))
        raise _invalid(f"Sum of routing configuration weights must equal 100. Received: [{shown}]")
    if len({arn.unqualified for arn in arns}) > 1:
        raise _invalid(f"Routing configuration must contain versions of one state machine. {received}")
    machine = service.store.machines.get(arns[0].unqualified)
    for arn in arns:
        if machine is None or arn.version not in machine.versions:
            raise _not_found(arn.text)
    assert machine is not None
    return machine


def _version_arn(route: Json) -> str:
    return str(route["stateMachineVersionArn"])


def _invalid(message: str) -> ApiError:
    return ApiError("ValidationException", message, reason="INVALID_ROUTING_CONFIGURATION")


def _not_found(arn: str) -> ApiError:
    return ApiError("ResourceNotFound", "Request references a resource that does not exist.", resourceName=arn)
