"""The operations on tags of state machines and activities."""

from __future__ import annotations

from typing import TYPE_CHECKING

from everypath.server.api.arns import parse_arn
from everypath.server.protocol import ApiError, Json
from everypath.server.store.records import ActivityRecord, MachineRecord

if TYPE_CHECKING:
    from everypath.server.api.service import Service

_MAX_TAGS = 50


def tags_of(request: Json) -> dict[str, str]:
    """Return the tags in a request.

    Raises
    ------
    ApiError
        ``TooManyTags``.
    """
    tags = {tag["key"]: tag.get("value", "") for tag in request.get("tags") or () if "key" in tag}
    _check_number(tags, request.get("resourceArn", ""))
    return tags


def tag_resource(service: Service, request: Json) -> Json:
    """TagResource."""
    resource = _resource(service, request["resourceArn"])
    tags = resource.tags | tags_of(request)
    _check_number(tags, request["resourceArn"])
    resource.tags = tags
    _save(service, resource)
    return {}


def untag_resource(service: Service, request: Json) -> Json:
    """UntagResource; keys of tags that do not exist are ignored (recorded)."""
    resource = _resource(service, request["resourceArn"])
    for key in request["tagKeys"]:
        resource.tags.pop(key, None)
    _save(service, resource)
    return {}


def list_tags_for_resource(service: Service, request: Json) -> Json:
    """ListTagsForResource."""
    resource = _resource(service, request["resourceArn"])
    return {"tags": [{"key": key, "value": value} for key, value in resource.tags.items()]}


def _check_number(tags: dict[str, str], arn: str) -> None:
    if len(tags) > _MAX_TAGS:
        raise ApiError("TooManyTags", f"A resource may have {_MAX_TAGS} tags, not {len(tags)}", resourceName=arn)


def _resource(service: Service, arn_text: str) -> MachineRecord | ActivityRecord:
    arn = parse_arn(arn_text, "stateMachine", "activity")
    resource = service.store.machines.get(arn.text) or service.store.activities.get(arn.text)
    if resource is None:
        raise ApiError("ResourceNotFound", f"Resource not found: '{arn.text}'", resourceName=arn.text)
    return resource


def _save(service: Service, resource: MachineRecord | ActivityRecord) -> None:
    if isinstance(resource, MachineRecord):
        service.store.save_machine(resource)
    else:
        service.store.save_activity(resource)
