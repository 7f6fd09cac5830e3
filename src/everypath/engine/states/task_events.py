"""The events of a Task state: three vocabularies, one for each kind of resource (recorded)."""

from __future__ import annotations

from typing import Any

from everypath.asl.resource import Resource
from everypath.engine.cursor import Cursor
from everypath.history.outcome import Outcome, Success

_UNTRUNCATED = {"truncated": False}
#: The prefix of the event types by the kind of resource.
_PREFIX = {"lambda": "LambdaFunction", "activity": "Activity"}


class TaskEvents:
    """Writes the events of one Task state."""

    __slots__ = ("_cursor", "_lower", "_prefix", "_resource")

    def __init__(self, cursor: Cursor, resource: Resource) -> None:
        self._cursor = cursor
        self._resource = resource
        self._prefix = _PREFIX.get(resource.kind, "Task")
        self._lower = self._prefix[0].lower() + self._prefix[1:]

    def scheduled(self, arguments: Any, timeout: float | None, heartbeat: float | None, credentials: Any) -> None:
        """Write that a call is scheduled."""
        text = self._cursor.run.text(arguments)
        if self._prefix == "Task":
            details = self._named() | {"region": self._cursor.run.identity.region, "parameters": text}
            if credentials is not None:
                details["taskCredentials"] = {"roleArn": credentials.get("RoleArn")}
        else:
            details = {"resource": self._resource.text, "input": text, "inputDetails": _UNTRUNCATED}
        if timeout is not None:
            details["timeoutInSeconds"] = int(timeout)
        if heartbeat is not None:
            details["heartbeatInSeconds"] = int(heartbeat)
        self._add("Scheduled", details)

    def started(self, details: dict[str, Any] | None = None) -> None:
        """Write that the call has begun; an activity's worker may have a name."""
        if self._prefix == "LambdaFunction":
            self._cursor.add("LambdaFunctionStarted")
        else:
            self._add("Started", self._named() if self._prefix == "Task" else details or {})

    def submitted(self, output: Any) -> None:
        """Write that the request was taken, whose job or answer is now waited for."""
        text = self._cursor.run.text(output)
        self._add("Submitted", self._named() | {"output": text, "outputDetails": _UNTRUNCATED})

    def ended(self, outcome: Outcome) -> None:
        """Write what the call came to."""
        named = self._named() if self._prefix == "Task" else {}
        if isinstance(outcome, Success):
            text = self._cursor.run.text(outcome.output)
            self._add("Succeeded", named | {"output": text, "outputDetails": _UNTRUNCATED})
        else:
            self._add("TimedOut" if outcome.timed_out else "Failed", named | outcome.details())

    def producer(self) -> str:
        """What the cause of an oversize result calls the resource (recorded)."""
        return self._resource.text if self._prefix != "Task" else self._resource.service

    def _named(self) -> dict[str, Any]:
        return {"resourceType": self._resource.resource_type, "resource": self._resource.resource}

    def _add(self, kind: str, details: dict[str, Any]) -> None:
        self._cursor.add(self._prefix + kind, f"{self._lower}{kind}EventDetails", details)
