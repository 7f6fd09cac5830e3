"""SendTaskSuccess, SendTaskFailure, SendTaskHeartbeat: what workers send for the tasks that wait for them."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from everypath.asl import json_text
from everypath.history.outcome import Failure, Outcome, Success
from everypath.server.api.paging import invalid_token
from everypath.server.protocol import ApiError, Json
from everypath.tasks.callbacks import UnknownToken

if TYPE_CHECKING:
    from everypath.server.api.service import Service


def send_task_success(service: Service, request: Json) -> Json:
    """SendTaskSuccess; a token that was never issued is refused before the output is checked (recorded)."""
    token = request["taskToken"]
    if not _has_form_of_token(token):
        raise invalid_token()
    try:
        output = json_text.read(request["output"])
    except json_text.JsonTextError as error:
        raise ApiError("InvalidOutput", f"Invalid Output: '{error.message}'") from None
    return _complete(service, token, Success(output))


def send_task_failure(service: Service, request: Json) -> Json:
    """SendTaskFailure."""
    return _complete(service, request["taskToken"], Failure(request.get("error"), request.get("cause")))


def send_task_heartbeat(service: Service, request: Json) -> Json:
    """SendTaskHeartbeat."""
    token = request["taskToken"]
    try:
        service.callbacks.heartbeat(token)
    except UnknownToken:
        raise _unknown(token) from None
    return {}


def _complete(service: Service, token: str, outcome: Outcome) -> Json:
    """Save the outcome of a task, and let its execution continue."""
    callbacks, store = service.callbacks, service.store
    try:
        # Of an Express execution there is no history to which the outcome could be added after a restart.
        execution = store.executions.get(callbacks.execution_of(token))
        if execution is not None:
            store.save_task_result(execution, token, outcome)
        callbacks.answer_with(token, outcome)
    except UnknownToken:
        raise _unknown(token) from None
    return {}


def _unknown(token: str) -> ApiError:
    """Return the error of a token that no task waits with."""
    if _has_form_of_token(token):
        reason = "Provided task does not exist anymore"
        return ApiError("TaskTimedOut", f"Task Timed Out: '{reason}'")
    return invalid_token()


def _has_form_of_token(token: str) -> bool:
    """Whether a token has the form of those that the engine issues: then its task has ended."""
    try:
        return str(uuid.UUID(token)) == token
    except ValueError:
        return False
