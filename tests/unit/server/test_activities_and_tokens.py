from __future__ import annotations

import json
import threading
import uuid
from typing import Any

from tests.support.server import Running, client_of, create, ended, refused


def asking(sfn: Any, name: str, **more: Any) -> tuple[str, str]:
    """An activity, and an execution that waits for its worker."""
    activity = sfn.create_activity(name=name)["activityArn"]
    task = {"Type": "Task", "Resource": activity, "End": True, **more}
    arn = create(sfn, name, {"StartAt": "Ask", "States": {"Ask": task}})
    return activity, sfn.start_execution(stateMachineArn=arn, input='{"a": 1}')["executionArn"]


def test_an_activity_is_made_once(sfn: Any, name: str) -> None:
    first, again = sfn.create_activity(name=name), sfn.create_activity(name=name)
    assert (first["activityArn"], first["creationDate"]) == (again["activityArn"], again["creationDate"])
    found = sfn.describe_activity(activityArn=first["activityArn"])
    assert found["name"] == name
    assert first["activityArn"] in [each["activityArn"] for each in sfn.list_activities()["activities"]]
    sfn.delete_activity(activityArn=first["activityArn"])
    sfn.delete_activity(activityArn=first["activityArn"])
    with refused("ActivityDoesNotExist"):
        sfn.describe_activity(activityArn=first["activityArn"])


def test_a_worker_takes_a_task_and_its_answer_is_the_result(sfn: Any, name: str) -> None:
    activity, execution = asking(sfn, name)
    task = sfn.get_activity_task(activityArn=activity, workerName="me")
    assert json.loads(task["input"]) == {"a": 1}
    sfn.send_task_heartbeat(taskToken=task["taskToken"])
    sfn.send_task_success(taskToken=task["taskToken"], output='"done"')
    assert ended(sfn, execution)["output"] == '"done"'
    events = sfn.get_execution_history(executionArn=execution)["events"]
    [started] = [event for event in events if event["type"] == "ActivityStarted"]
    assert started["activityStartedEventDetails"] == {"workerName": "me"}


def test_a_poll_waits_for_a_task_that_comes_later(server: Running, sfn: Any, name: str) -> None:
    activity = sfn.create_activity(name=name)["activityArn"]
    found: list[Any] = []
    worker = threading.Thread(target=lambda: found.append(client_of(server).get_activity_task(activityArn=activity)))
    worker.start()
    _, execution = asking(sfn, name)
    worker.join(30)
    sfn.send_task_success(taskToken=found[0]["taskToken"], output="1")
    assert ended(sfn, execution)["status"] == "SUCCEEDED"


def test_a_worker_may_fail_a_task(sfn: Any, name: str) -> None:
    activity, execution = asking(sfn, name)
    token = sfn.get_activity_task(activityArn=activity)["taskToken"]
    sfn.send_task_failure(taskToken=token, error="NoPaper", cause="tray 2")
    found = ended(sfn, execution)
    assert (found["error"], found["cause"]) == ("NoPaper", "tray 2")
    with refused("TaskTimedOut"):
        sfn.send_task_success(taskToken=token, output="1")


def test_a_token_that_nobody_has_given_out_is_refused_whatever_the_output(sfn: Any) -> None:
    with refused("InvalidToken"):
        sfn.send_task_success(taskToken="made up", output="no JSON")
    with refused("InvalidOutput"):
        sfn.send_task_success(taskToken=str(uuid.uuid4()), output="no JSON")


def test_a_task_of_a_deleted_activity_fails_the_execution(sfn: Any, name: str) -> None:
    activity = sfn.create_activity(name=name)["activityArn"]
    sfn.delete_activity(activityArn=activity)
    task = {"Type": "Task", "Resource": activity, "End": True}
    arn = create(sfn, name, {"StartAt": "Ask", "States": {"Ask": task}})
    found = ended(sfn, sfn.start_execution(stateMachineArn=arn)["executionArn"])
    assert found["error"] == "States.Runtime"
    assert found["cause"].endswith(f"The activity {activity} does not exist.")
