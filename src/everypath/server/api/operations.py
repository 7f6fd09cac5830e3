"""The operations of the API, by their names."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from everypath.server.api import (
    activities,
    aliases,
    definitions,
    executions,
    map_runs,
    start_execution,
    state_machines,
    tags,
    task_tokens,
    versions,
)
from everypath.server.api.model import check, operations
from everypath.server.api.service import Service
from everypath.server.protocol import ApiError, Json

Operation = Callable[[Service, Json], Json | Awaitable[Json]]


def _test_state(service: Service, request: Json) -> Json | Awaitable[Json]:
    # Loading it takes a tenth of the server's start, and few clients need it.
    from everypath.server.api.test_state.operation import test_state

    return test_state(service, request)


OPERATIONS: dict[str, Operation] = {
    "CreateActivity": activities.create_activity,
    "CreateStateMachine": state_machines.create_state_machine,
    "CreateStateMachineAlias": aliases.create_state_machine_alias,
    "DeleteActivity": activities.delete_activity,
    "DeleteStateMachine": state_machines.delete_state_machine,
    "DeleteStateMachineAlias": aliases.delete_state_machine_alias,
    "DeleteStateMachineVersion": versions.delete_state_machine_version,
    "DescribeActivity": activities.describe_activity,
    "DescribeExecution": executions.describe_execution,
    "DescribeMapRun": map_runs.describe_map_run,
    "DescribeStateMachine": state_machines.describe_state_machine,
    "DescribeStateMachineAlias": aliases.describe_state_machine_alias,
    "DescribeStateMachineForExecution": state_machines.describe_state_machine_for_execution,
    "GetActivityTask": activities.get_activity_task,
    "GetExecutionHistory": executions.get_execution_history,
    "ListActivities": activities.list_activities,
    "ListExecutions": executions.list_executions,
    "ListMapRuns": map_runs.list_map_runs,
    "ListStateMachineAliases": aliases.list_state_machine_aliases,
    "ListStateMachineVersions": versions.list_state_machine_versions,
    "ListStateMachines": state_machines.list_state_machines,
    "ListTagsForResource": tags.list_tags_for_resource,
    "PublishStateMachineVersion": versions.publish_state_machine_version,
    "RedriveExecution": executions.redrive_execution,
    "SendTaskFailure": task_tokens.send_task_failure,
    "SendTaskHeartbeat": task_tokens.send_task_heartbeat,
    "SendTaskSuccess": task_tokens.send_task_success,
    "StartExecution": start_execution.start_execution,
    "StartSyncExecution": start_execution.start_sync_execution,
    "StopExecution": executions.stop_execution,
    "TagResource": tags.tag_resource,
    "TestState": _test_state,
    "UntagResource": tags.untag_resource,
    "UpdateMapRun": map_runs.update_map_run,
    "UpdateStateMachine": state_machines.update_state_machine,
    "UpdateStateMachineAlias": aliases.update_state_machine_alias,
    "ValidateStateMachineDefinition": definitions.validate_state_machine_definition,
}


def perform(service: Service, operation: str, request: Json) -> Json | Awaitable[Json]:
    """Validate a request and perform its operation; an operation that waits returns an awaitable.

    Raises
    ------
    ApiError
        The error that the service would return.
    """
    if operation not in operations():
        raise ApiError("UnknownOperationException", f"Step Functions has no operation {operation or '(none named)'}")
    if operation not in OPERATIONS:
        raise ApiError("UnknownOperationException", f"everypath does not offer {operation} yet")
    check(operation, request)
    service.store.run_deferred()
    # A member that is null is like one that is missing.
    return OPERATIONS[operation](service, {name: value for name, value in request.items() if value is not None})
