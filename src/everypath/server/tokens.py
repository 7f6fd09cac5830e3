"""SendTaskSuccess, SendTaskFailure, SendTaskHeartbeat: answers to tasks that wait for one."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from everypath.asl import json_text
from everypath.history.outcome import Failure, Outcome, Success
from everypath.server.paging import invalid_token
from everypath.server.protocol import ApiError, Json
from everypath.tasks.callbacks import UnknownToken

if TYPE_CHECKING:
    from everypath.server.service import Service


def send_task_success(service: Service, request: Json) -> Json:
    """SendTaskSuccess; a token that was never given out is refused before the output is looked at (recorded)."""
    if not _looks_given_out(request["taskToken"]):
        raise invalid_token()
    try:
        output = json_text.read(request["output"])
    except json_text.JsonTextError as error:
        raise ApiError("InvalidOutput", f"Invalid Output: '{error.message}'") from None
    return _send(service, request, Success(output))


def send_task_failure(service: Service, request: Json) -> Json:
    """SendTaskFailure."""
    return _send(service, request, Failure(request.get("error"), request.get("cause")))


def send_task_heartbeat(service: Service, request: Json) -> Json:
    """SendTaskHeartbeat."""
    return _send(service, request, None)


def _send(service: Service, request: Json, outcome: Outcome | None) -> Json:
    """Pass on an answer, or a heartbeat."""
    token, callbacks, store = request["taskToken"], service.callbacks, service.store
    try:
        if outcome is None:
            callbacks.heartbeat(token)
            return {}
        execution = store.executions.get(callbacks.execution_of(token)) if store.state is not None else None
        if execution is not None and store.state is not None:
            store.state.answered(token, execution, outcome)
        callbacks.answer_with(token, outcome)
    except UnknownToken:
        if _looks_given_out(token):
            reason = "Provided task does not exist anymore"
            raise ApiError("TaskTimedOut", f"Task Timed Out: '{reason}'") from None
        raise invalid_token() from None
    return {}


def _looks_given_out(token: str) -> bool:
    """Whether a token has the form of those that the engine gives out: then its task has ended."""
    try:
        return str(uuid.UUID(token)) == token
    except ValueError:
        return False
