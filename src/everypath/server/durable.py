"""Nothing is answered that is not on disk, of a server that keeps its state there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from everypath.tasks.callbacks import UnknownToken

if TYPE_CHECKING:
    from everypath.server.execution import Execution
    from everypath.server.protocol import Json
    from everypath.server.service import Service

_READS = ("Describe", "List", "Get", "Validate")


async def keep(service: Service, operation: str, request: Json, answer: Json) -> None:
    """Keep the state machines and activities that an operation may have changed, and wait until all is on disk.

    Parameters
    ----------
    request, answer : dict
        In which stand the ARNs of what it was about.
    """
    state = service.store.state
    assert state is not None
    if operation.rpartition(".")[2].startswith(_READS):
        for execution in _told_of(service, request, answer):
            await state.settled(execution)
    else:
        for value in (*request.values(), *answer.values()):
            if isinstance(value, str) and value.startswith("arn:"):
                service.store.changed(value)
    await state.flushed()


def _told_of(service: Service, request: Json, answer: Json) -> Iterator[Execution]:
    """The executions that an answer may tell of; of a map run, the one that has started it, whose thread it is in."""
    executions = service.store.executions
    arn, map_run_arn = request.get("executionArn"), request.get("mapRunArn")
    if answer.get("taskToken"):
        try:
            arn = service.callbacks.execution_of(answer["taskToken"])
        except UnknownToken:  # the task has ended meanwhile
            return
    if arn in executions:
        yield executions[arn]
    if map_run_arn:
        yield from (each for each in executions.values() if any(run.arn == map_run_arn for run in each.map_runs))
    yield from service.store.executions_of(request.get("stateMachineArn", ""))
