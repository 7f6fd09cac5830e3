"""Starts an execution through the API, waits for its end, and reads what came of it."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from everypath.errors import TargetError
from everypath.history.described_execution import execution_of, is_over
from everypath.history.execution import Execution
from everypath.history.log import Event

#: Seconds between two looks at an execution: at first, at most, and by how much they grow.
_FIRST, _MOST, _GROWTH = 0.01, 1.0, 1.5


@dataclass(frozen=True, slots=True)
class Remote:
    """A state machine behind the API.

    Parameters
    ----------
    client : boto3 client
        Of Step Functions.
    target : str
        What messages call the place.
    limit : float
        Seconds that an execution may take; it is then stopped.
    """

    client: Any
    target: str
    limit: float

    def run(self, arn: str, text: str, name: str | None) -> Execution:
        """Run an execution to its end.

        Raises
        ------
        TargetError
            It takes too long.
        """
        name = name or str(uuid.uuid4())
        execution = self.client.start_execution(stateMachineArn=arn, name=name, input=text)["executionArn"]
        deadline = time.monotonic() + self.limit
        for _ in self._looks(deadline):
            described = self.client.describe_execution(executionArn=execution)
            if described["status"] != "RUNNING":
                # The history may be a moment behind.
                events = self._history(execution)
                if is_over(events):
                    return execution_of(described, events, json.loads(text))
        self.client.stop_execution(executionArn=execution, error="everypath.Timeout", cause="it took too long")
        raise TargetError(f"{self.target}: {execution} was not over after {self.limit:g} s, and has been stopped")

    def _looks(self, deadline: float) -> Iterator[None]:
        pause = _FIRST
        while True:
            yield
            left = deadline - time.monotonic()
            if left <= 0:
                return
            time.sleep(min(pause, left))
            pause = min(pause * _GROWTH, _MOST)

    def _history(self, execution: str) -> list[Event]:
        pages = self.client.get_paginator("get_execution_history").paginate(
            executionArn=execution, PaginationConfig={"PageSize": 1000}
        )
        return [event for page in pages for event in page["events"]]
