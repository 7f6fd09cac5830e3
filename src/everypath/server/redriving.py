"""RedriveExecution: an execution that was not successful goes on where it failed."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from everypath.engine.context import MAX_STANDARD_SECONDS
from everypath.history.log import MAX_EVENTS
from everypath.server.execution import Redrives
from everypath.server.protocol import ApiError, Json, seconds
from everypath.server.service import now

if TYPE_CHECKING:
    from everypath.server.execution import Execution
    from everypath.server.service import Service

#: Seconds after its end in which an execution can be redriven: 14 days (AWS: "RedriveExecution").
PERIOD = 14 * 86_400
#: Client tokens that are known again, and for how many seconds (the same).
_TOKENS, _TOKEN_SECONDS = 10, 15 * 60


async def redrive_execution(service: Service, request: Json) -> Json:
    """RedriveExecution; the same request again, told by its client token, changes nothing."""
    # What reads histories is loaded when one is to be read.
    from everypath.history.resume import read_resume_point
    from everypath.server.going_on import redrive

    execution = service.execution(request["executionArn"])
    token, redrives = request.get("clientToken"), execution.redrives
    answered = redrives.tokens.get(token or "")
    if answered is not None and time.time() - answered < _TOKEN_SECONDS:
        return {"redriveDate": seconds(answered)}
    reason = not_redrivable(execution)
    if reason is None and execution.status != "RUNNING":
        # Its last event may be there before its thread is done with it.
        await asyncio.wrap_future(execution.ended)
        reason = not_redrivable(execution)
    if reason is None and execution.map_run is not None:
        reason = "Execution is a child workflow execution of a Map Run: redrive the parent execution"
    if reason is not None:
        raise ApiError("ExecutionNotRedrivable", reason)
    resume_point = read_resume_point(execution.events, execution.retried, redrive=True)
    # On a virtual clock, an execution may have ended later than it is.
    date = max(now(), execution.stopped or 0.0)
    tokens = [*redrives.tokens.items(), *([(token, date)] if token is not None else [])]
    execution.redrives = Redrives(redrives.count + 1, date, dict(tokens[-_TOKENS:]))
    try:
        redrive(service, execution, resume_point)
    except ApiError:
        execution.redrives = redrives
        raise
    return {"redriveDate": seconds(date)}


def not_redrivable(execution: Execution) -> str | None:
    """Return why an execution cannot be redriven, in the words of the service; None if it can be."""
    status, stopped = execution.status, execution.stopped
    if stopped is None or status in ("SUCCEEDED", "PENDING_REDRIVE"):
        return f"Execution is {status} and cannot be redriven"  # recorded
    if len(execution.events) >= MAX_EVENTS - 1:
        return "Execution history event limit exceeded"
    if stopped - execution.started >= MAX_STANDARD_SECONDS:
        return "Execution has exceeded the max execution time"
    if time.time() - stopped > PERIOD:
        return "Execution redrivable period exceeded"
    return None


def redrive_status(execution: Execution) -> Json:
    """What DescribeExecution tells of redrives."""
    reason = not_redrivable(execution)
    found = execution.redrives.described()
    if reason is None:
        return found | {"redriveStatus": "REDRIVABLE" if execution.map_run is None else "REDRIVABLE_BY_MAP_RUN"}
    return found | {"redriveStatus": "NOT_REDRIVABLE", "redriveStatusReason": reason}


def is_final(child: Execution) -> bool:
    """Whether a child execution of a map run did not succeed, and cannot be redriven."""
    ended = child.status in ("FAILED", "TIMED_OUT", "ABORTED")
    return ended and not_redrivable(child) is not None
