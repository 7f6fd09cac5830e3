"""TestState: what it is asked, and what it answers."""

from __future__ import annotations

import asyncio
import json
import re
import uuid
from concurrent.futures import Future
from typing import Any

from everypath.asl.tree import State, Task
from everypath.engine.cursor import Cursor
from everypath.engine.identity import Identity
from everypath.engine.interpreter import Run
from everypath.errors import EverypathError
from everypath.history.outcome import Failure, Outcome
from everypath.integrations.http_call import Exchange
from everypath.server.definitions import refuse_unsupported
from everypath.server.protocol import ApiError, Json
from everypath.server.service import Service
from everypath.server.starting import read_input
from everypath.server.test_state.context import given_context
from everypath.server.test_state.error_origin import with_origin
from everypath.server.test_state.http_trace import shown
from everypath.server.test_state.mock import mocked_outcome
from everypath.server.test_state.mocked_tasks import MockedTasks
from everypath.server.test_state.run import Tested, TestedCursor, run_state
from everypath.server.test_state.subject import alone, subject

_ROLE = re.compile(r"arn:[^:]+:iam::\d{12}:role/.+")
#: Members of ``inspectionData`` that are numbers; the others are JSON texts.
_NUMBERS = frozenset({"maxConcurrency", "toleratedFailureCount", "toleratedFailurePercentage"})


async def test_state(service: Service, request: Json) -> Json:
    """TestState: run one state, mocked or not."""
    _check_role(request.get("roleArn"))
    found = subject(request)
    mocked = mocked_outcome(request, found.state)
    state = with_origin(request, found.state)
    if mocked is None and isinstance(state, Task):
        if request.get("roleArn") is None:
            raise ApiError("ValidationException", "RoleArn must be specified when testing a Task state")
        refuse_unsupported(alone(state))
    context = given_context(request, state)
    variables = _variables(request)
    text = request.get("input", "{}")
    value = read_input(text)
    configuration = request.get("stateConfiguration") or {}
    run = _prepare(service, request, state, value, mocked)
    cursor = TestedCursor(run, variables, context, found.item(value))
    exchanges: list[Exchange] = []
    cursor.on_http_exchange = exchanges.append
    tested: Future[Tested] = Future()

    def work() -> None:
        # A client that has gone cancels what has not begun, and no longer what has.
        if not tested.set_running_or_notify_cancel():
            return
        try:
            tested.set_result(_run(state, cursor, value, mocked, configuration))
        except BaseException as error:
            tested.set_exception(error)

    service.executor.submit(work)
    answer = _answer(await asyncio.wrap_future(tested), cursor, text, request.get("inspectionLevel") or "INFO")
    if request.get("inspectionLevel") == "TRACE":
        for exchange in exchanges:
            answer["inspectionData"] |= shown(exchange, reveal=bool(request.get("revealSecrets")))
    return answer


def _check_role(arn: str | None) -> None:
    if arn is not None and not _ROLE.fullmatch(arn):
        raise ApiError("InvalidArn", f"Invalid Role Arn: '{arn}'")  # as moto words it; not recorded


def _variables(request: Json) -> dict[str, Any]:
    try:
        found = json.loads(request.get("variables") or "{}")
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        # What AWS says is not recorded.
        raise ApiError("ValidationException", "Variables must be a JSON object")
    return found


def _prepare(service: Service, request: Json, state: State, value: Any, mocked: Outcome | None) -> Run:
    """Return an execution of a machine that nobody knows, named as the service does (recorded)."""
    name, machine = str(uuid.uuid4()), str(uuid.uuid4())
    identity = Identity(
        name=name,
        arn=service.arn("express", f"{machine}:{name}"),
        state_machine_name=machine,
        state_machine_arn=service.arn("stateMachine", machine),
        role_arn=request.get("roleArn"),
        account=service.account,
        region=service.region,
    )
    reader_data = (request.get("stateConfiguration") or {}).get("mapItemReaderData")
    tasks = None if mocked is None else MockedTasks(mocked, reader_data)
    return service.executor.prepare(alone(state), value, request.get("input", "{}"), identity, tasks)


def _run(state: State, cursor: Cursor, value: Any, mocked: Outcome | None, configuration: Json) -> Tested:
    try:
        return run_state(state, cursor, value, mocked, configuration)
    except EverypathError as error:
        # As of an execution that the engine could not run to its end.
        return Tested("FAILED", failure=Failure("States.Runtime", str(error)))


def _answer(tested: Tested, cursor: Cursor, text: str, level: str) -> Json:
    found: Json = {"status": tested.status}
    if tested.failure is not None:
        found |= tested.failure.details()
    if tested.step is not None:
        found["output"] = _text(tested.step.output)
        if tested.step.next is not None:
            found["nextState"] = tested.step.next
    if level != "INFO":
        found["inspectionData"] = _inspection(tested, cursor, text)
    return found


def _inspection(tested: Tested, cursor: Cursor, text: str) -> Json:
    stages = cursor.stages or {}
    found: Json = {"input": text}
    found |= {name: value if name in _NUMBERS else _text(value) for name, value in stages.items()}
    if cursor.variables:
        found["variables"] = _text(cursor.variables)
    if tested.handled_by is not None:
        found["errorDetails"] = tested.handled_by
    return found


def _text(value: Any) -> str:
    """A JSON text with blanks in it, as TestState writes arrays (recorded), unlike the history of an execution."""
    return json.dumps(value, ensure_ascii=False)
