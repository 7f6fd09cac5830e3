"""Parses what only a Task has: its resource, what the resource needs, its credentials and its time limits."""

from __future__ import annotations

from typing import Any

from everypath.asl.parser import expressions
from everypath.asl.parser.block import Block
from everypath.asl.resource import Resource, UnknownResource, parse_resource
from everypath.asl.scope import Expression
from everypath.asl.tree import Task

LONGEST_TIMEOUT = 99_999_999

#: What the arguments of an integration must have, as far as it was measured with ValidateStateMachineDefinition
#: (badmintoncryer/cdk-preflight, ``pf-sfn-asl-integration-parameters``).
REQUIRED_ARGUMENTS: dict[tuple[str, str], tuple[str, ...]] = {
    ("lambda", "invoke"): ("FunctionName",),
    ("sqs", "sendMessage"): ("QueueUrl", "MessageBody"),
    ("sns", "publish"): ("Message",),
    ("dynamodb", "putItem"): ("TableName", "Item"),
    ("dynamodb", "getItem"): ("TableName", "Key"),
    ("states", "startExecution"): ("StateMachineArn",),
    ("events", "putEvents"): ("Entries",),
    ("ecs", "runTask"): ("TaskDefinition",),
    ("glue", "startJobRun"): ("JobName",),
}


def parse_task(block: Block, jsonata: bool, express: bool, fields: dict[str, Any]) -> Task | None:
    """Parse a Task; `fields` are those that are parsed already."""
    resource = _resource(block, express)
    if resource is not None:
        _check_arguments(block, resource, "Arguments" if jsonata else "Parameters")
    timeout = expressions.number(block, "TimeoutSeconds", jsonata=jsonata, minimum=1, maximum=LONGEST_TIMEOUT)
    heartbeat = expressions.number(block, "HeartbeatSeconds", jsonata=jsonata, minimum=1, maximum=LONGEST_TIMEOUT)
    limits = block.get("TimeoutSeconds"), block.get("HeartbeatSeconds")
    if all(type(limit) is int for limit in limits) and limits[1] >= limits[0]:
        # The documents demand it ("Task state"); what AWS says, and whether it looks, is not known.
        block.problem("HeartbeatSeconds must be smaller than TimeoutSeconds", "HeartbeatSeconds")
    credentials = _credentials(block, jsonata, resource)
    if resource is None:
        return None
    return Task(
        **fields, resource=resource, timeout_seconds=timeout, heartbeat_seconds=heartbeat, credentials=credentials
    )


def _resource(block: Block, express: bool) -> Resource | None:
    text = block.string("Resource")
    if text is None:
        return None
    try:
        resource = parse_resource(text)
    except UnknownResource as error:
        block.problem(str(error), "Resource")
        return None
    if express and resource.kind == "activity":
        block.problem("Express state machine does not support Activity ARN", "Resource")
    elif express and resource.pattern:
        # The two blanks are AWS's (recorded).
        block.problem(f"Express state machine does not support '.{resource.pattern}' service integration ", "Resource")
    return resource


def _check_arguments(block: Block, resource: Resource, field: str) -> None:
    if resource.kind in ("lambda", "activity"):
        return
    if field not in block:
        block.problem(f"{field} field is required for resource ARN: {resource.text}", "Resource")
        return
    data = block.get(field)
    if resource.kind == "sdk" or not isinstance(data, dict):
        return
    for name in REQUIRED_ARGUMENTS.get((resource.service, resource.action), ()):
        if name not in data and (field == "Arguments" or f"{name}.$" not in data):
            block.problem(f"The field '{name}' is required but was missing", field)


def _credentials(block: Block, jsonata: bool, resource: Resource | None) -> Expression | None:
    inner = block.block("Credentials")
    if inner is None:
        return None
    if "RoleArn" not in inner and (jsonata or "RoleArn.$" not in inner):
        inner.problem("The field 'RoleArn' is required but was missing")
    if resource is not None and resource.kind == "activity":
        # Sentence: badmintoncryer/cdk-preflight, ``pf-sfn-asl-credentials``.
        inner.problem("The field 'Credentials' is not supported for activities")
    return expressions.template(block, "Credentials", jsonata=jsonata)
