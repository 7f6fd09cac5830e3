"""The endpoint under test, and the other services, as boto3 reaches them."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Mapping
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

ACCOUNT, REGION = "111111111111", "us-east-1"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/conformance"

#: How servers say that they do not know an operation, or that they have met a bug.
_UNKNOWN_OPERATION = frozenset(
    {"UnknownOperationException", "UnknownOperation", "InvalidAction", "NotImplemented", "InternalFailure"}
)


class CaseTimeout(Exception):
    """The time that one case may take is over."""


class Endpoint:
    """Calls the API for one case after another, and deletes what each has made.

    Parameters
    ----------
    url : str
        Where the Step Functions API is.
    services_url : str
        Where the other AWS services are; never AWS itself.
    limit : float
        Seconds that one case may take.
    """

    def __init__(self, url: str, services_url: str, limit: float) -> None:
        self.limit = limit
        self._url, self._services_url = url, services_url
        self._clients: dict[str, Any] = {}
        self._machines: list[str] = []
        self._activities: list[str] = []
        self._deadline = 0.0

    def restart_limit(self) -> None:
        """Give the case that runs its whole time, from now on."""
        self._deadline = time.monotonic() + self.limit

    def client(self, service: str) -> Any:
        """Return the client of a service, which checks no parameters and tries once."""
        if service not in self._clients:
            config = Config(
                parameter_validation=False,
                inject_host_prefix=False,
                connect_timeout=5,
                read_timeout=self.limit,
                retries={"total_max_attempts": 1},
                s3={"addressing_style": "path"},
            )
            self._clients[service] = boto3.client(
                service,
                endpoint_url=self._url if service == "stepfunctions" else self._services_url,
                config=config,
                aws_access_key_id="test",
                aws_secret_access_key="test",
                region_name=REGION,
            )
        return self._clients[service]

    def call(self, operation: str, service: str = "stepfunctions", **parameters: Any) -> dict[str, Any]:
        """Call an operation and return its response.

        Raises
        ------
        CaseTimeout
            The time of the case is over.
        botocore.exceptions.ClientError
            The operation is refused.
        """
        if time.monotonic() > self._deadline:
            raise CaseTimeout(f"no time left for {operation} after {self.limit} s")
        response: dict[str, Any] = getattr(self.client(service), operation)(**parameters)
        if operation == "create_state_machine":
            self._machines.append(response["stateMachineArn"])
        elif operation == "create_activity":
            self._activities.append(response["activityArn"])
        return response

    def answer(self, operation: str, service: str = "stepfunctions", **parameters: Any) -> dict[str, Any]:
        """Return the response or the refusal as recordings have it; `Unavailable` where there was neither.

        Raises
        ------
        CaseTimeout
            The time of the case is over.
        """
        try:
            answer = self.call(operation, service, **parameters)
        except CaseTimeout:
            raise
        except ClientError as error:
            answer = dict(error.response)
        except Exception as error:  # no connection, no HTTP, or an operation that this boto3 does not know
            return {"Unavailable": f"{operation}: {type(error).__name__}: {error}"[:300]}
        status, code = answer["ResponseMetadata"]["HTTPStatusCode"], answer.get("Error", {}).get("Code")
        if (
            status not in (200, 400) or code in _UNKNOWN_OPERATION
        ):  # whatever the reason, Step Functions refuses with 400
            return {"Unavailable": f"{operation}: HTTP {status} {answer['Error']}"[:300]}
        return answer | {"ResponseMetadata": {"HTTPHeaders": {}, "HTTPStatusCode": status}}

    def create_machine(self, machine: Mapping[str, Any]) -> str:
        """Create the state machine that a case describes and return its ARN."""
        definition = machine["definition"]
        parameters = {
            "name": machine["name"],
            "roleArn": machine.get("roleArn", ROLE),
            "type": machine.get("type", "STANDARD"),
            "definition": definition if isinstance(definition, str) else json.dumps(definition),
        }
        if machine.get("loggingConfiguration"):
            parameters["loggingConfiguration"] = machine["loggingConfiguration"]
        return str(self.call("create_state_machine", **parameters)["stateMachineArn"])

    def finish(self, execution: str, patience: float | None = None) -> dict[str, Any]:
        """Describe an execution once it has ended; with `patience`, or has had no new event for so many seconds.

        Raises
        ------
        CaseTimeout
            It has not ended in time.
        """
        started, pause = time.monotonic(), 0.005
        latest = [] if patience is None else self._latest(execution)
        while True:
            if time.monotonic() > self._deadline:
                self._deadline += 5
                last = [event["type"] for event in self.history(execution)][-3:]
                raise CaseTimeout(f"still RUNNING after {self.limit} s, last events {last}")
            description = self.answer("describe_execution", executionArn=execution)
            if "status" not in description:
                raise RuntimeError(f"describe_execution answered {description}")
            if description["status"] != "RUNNING":
                return description
            if patience is not None and time.monotonic() - started > patience:
                before, latest = latest, self._latest(execution)
                if latest == before:
                    return description
                started = time.monotonic()
            time.sleep(pause)
            pause = min(pause * 1.5, 0.2)

    def history(self, execution: str, reverse: bool = False) -> list[dict[str, Any]]:
        """Return all events of an execution."""
        events: list[dict[str, Any]] = []
        parameters: dict[str, Any] = {"executionArn": execution, "maxResults": 1000, "reverseOrder": reverse}
        while True:
            page = self.call("get_execution_history", **parameters)
            events += page["events"]
            if not page.get("nextToken"):
                return events
            parameters["nextToken"] = page["nextToken"]

    def _latest(self, execution: str) -> list[int]:
        """Return the id of the latest event, if there is one."""
        found = self.answer("get_execution_history", executionArn=execution, maxResults=1, reverseOrder=True)
        return [event["id"] for event in found.get("events", [])]

    def clean_up(self) -> None:
        """Stop and delete what the case has made."""
        self._deadline = time.monotonic() + 10
        with contextlib.suppress(CaseTimeout):
            for arn in self._machines:
                running = self.answer("list_executions", stateMachineArn=arn, statusFilter="RUNNING")
                for execution in running.get("executions", []):
                    self.answer("stop_execution", executionArn=execution["executionArn"])
                self.answer("delete_state_machine", stateMachineArn=arn)
            for arn in self._activities:
                self.answer("delete_activity", activityArn=arn)
        self._machines, self._activities = [], []
