"""The operations on activities, and the polling of their workers."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from everypath.server.api.arns import check_name, parse_arn
from everypath.server.api.encryption_configuration import OWNED_KEY, check_encryption
from everypath.server.api.paging import page
from everypath.server.api.tags import tags_of
from everypath.server.protocol import ApiError, Json, now, timestamp
from everypath.server.store.records import ActivityRecord

if TYPE_CHECKING:
    from everypath.server.api.service import Service

#: Seconds after which a poll ends without a task.
POLL_SECONDS = 60.0
#: The pauses between two checks for a task grow: at first they are short, so that a waiting worker gets it at once.
_FIRST_PAUSE, _GROWTH, _LONGEST_PAUSE = 0.005, 1.2, 0.05


def create_activity(service: Service, request: Json) -> Json:
    """CreateActivity; of an existing activity, its own creation date is returned (recorded)."""
    name = request["name"]
    check_name(name)
    arn = service.arn("activity", name)
    encryption = check_encryption(request.get("encryptionConfiguration") or OWNED_KEY, service.region)
    activity = service.store.activities.get(arn)
    if activity is None:
        activity = ActivityRecord(arn, name, now(), encryption, tags_of(request))
        service.store.save_activity(activity)
    elif activity.encryption != encryption:
        raise ApiError("ActivityAlreadyExists", f"Activity Already Exists: '{arn}'")
    return {"activityArn": arn, "creationDate": timestamp(activity.created)}


def describe_activity(service: Service, request: Json) -> Json:
    """DescribeActivity."""
    activity = _activity(service, request["activityArn"])
    return _summary(activity) | {"encryptionConfiguration": activity.encryption}


def delete_activity(service: Service, request: Json) -> Json:
    """DeleteActivity; it is idempotent (recorded)."""
    service.store.delete_activity(parse_arn(request["activityArn"], "activity").text)
    return {}


def list_activities(service: Service, request: Json) -> Json:
    """ListActivities."""
    activities, more = page(list(service.store.activities.values()), request, lambda activity: activity.arn)
    return {"activities": [_summary(activity) for activity in activities], **more}


async def get_activity_task(service: Service, request: Json) -> Json:
    """GetActivityTask: waits for a task, and returns none after a minute.

    A poll whose client has disconnected is cancelled between two checks, so that no task is lost.
    """
    activity = _activity(service, request["activityArn"])
    worker = request.get("workerName")
    end = time.monotonic() + POLL_SECONDS
    pause = _FIRST_PAUSE
    while time.monotonic() < end and activity.arn in service.store.activities:
        task = service.activities.take(activity.arn, worker, 0)
        if task is not None:
            service.report_task(task.token)
            return {"taskToken": task.token, "input": task.input}
        await asyncio.sleep(pause)
        pause = min(pause * _GROWTH, _LONGEST_PAUSE)
    return {"taskToken": None, "input": None}


def _activity(service: Service, arn_text: str) -> ActivityRecord:
    arn = parse_arn(arn_text, "activity")
    activity = service.store.activities.get(arn.text)
    if activity is None:
        raise ApiError("ActivityDoesNotExist", f"Activity Does Not Exist: '{arn.text}'")
    return activity


def _summary(activity: ActivityRecord) -> Json:
    return {"activityArn": activity.arn, "name": activity.name, "creationDate": timestamp(activity.created)}
