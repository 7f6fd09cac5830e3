"""Whoever answers task tokens in a case."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from types import TracebackType
from typing import Any


class Responder(threading.Thread):
    """Answers task tokens from SQS messages or as an activity worker, while it is entered.

    Parameters
    ----------
    plan : Mapping
        `responder` of a case: where the tokens come from, how many heartbeats are sent, and what is answered.
    client : callable
        Returns the client of a service.
    """

    def __init__(self, plan: Mapping[str, Any], client: Callable[[str], Any]) -> None:
        super().__init__(daemon=True)
        self._plan, self._client, self._stopped = plan, client, threading.Event()

    def __enter__(self) -> Responder:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopped.set()

    def run(self) -> None:
        """Answer until told to stop; what the endpoint refuses shows in the history."""
        receive = self._from_activity if self._plan["via"] == "activity" else self._from_queues
        while not self._stopped.wait(0.1):
            with contextlib.suppress(Exception):
                for token, body in receive():
                    self._answer(token, body)

    def _from_queues(self) -> Iterator[tuple[str, Any]]:
        sqs = self._client("sqs")
        for url in sqs.list_queues().get("QueueUrls", []):
            for message in sqs.receive_message(QueueUrl=url).get("Messages", []):
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
                body = json.loads(message["Body"])
                if "TaskToken" not in body and "Message" in body:
                    body = json.loads(body["Message"])  # a notification that SNS delivered
                if "TaskToken" in body:
                    yield body["TaskToken"], body

    def _from_activity(self) -> Iterator[tuple[str, Any]]:
        worker = {"workerName": self._plan["worker_name"]} if self._plan["worker_name"] else {}
        task = self._client("stepfunctions").get_activity_task(activityArn=self._plan["activity_arn"], **worker)
        if task.get("taskToken"):
            yield task["taskToken"], task["input"]

    def _answer(self, token: str, body: Any) -> None:
        step_functions, plan = self._client("stepfunctions"), self._plan
        for _ in range(plan["heartbeats"]):
            time.sleep(0.3)
            step_functions.send_task_heartbeat(taskToken=token)
        if plan["answer"] == "success":
            step_functions.send_task_success(taskToken=token, output=self._output(body))
        elif plan["answer"] == "failure":
            reason = {key: plan[key] for key in ("error", "cause") if key in plan}
            if reason.get("cause") == "input":
                reason["cause"] = body
            step_functions.send_task_failure(taskToken=token, **reason)

    def _output(self, body: Any) -> str:
        match self._plan["output"]:
            case "input":  # of an activity task: JSON text already
                return str(body)
            case "body":
                return json.dumps(body)
            case "empty":
                return "{}"
            case name:
                return json.dumps(body[name])
