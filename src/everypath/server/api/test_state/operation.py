"""The operation TestState: its request and its response."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Iterable
from concurrent.futures import Future
from typing import Any
from urllib.parse import urlsplit

from everypath.asl import json_text
from everypath.asl.error_catalog import RUNTIME
from everypath.asl.tree import State, Task
from everypath.engine.cursor import Cursor
from everypath.engine.identity import Identity
from everypath.engine.interpreter import Run
from everypath.errors import EverypathError
from everypath.history.outcome import Failure, Outcome
from everypath.integrations.http_call import Exchange, Reply, Request
from everypath.server.api.arns import check_role_arn
from everypath.server.api.definitions import refuse_unsupported
from everypath.server.api.service import Service
from everypath.server.api.start_execution import read_input
from everypath.server.api.test_state.context import given_context
from everypath.server.api.test_state.mock import MockedTasks, mocked_outcome
from everypath.server.api.test_state.run_state import StateResult, TestedCursor, run_state
from everypath.server.api.test_state.tested_state import alone, tested_state, with_error_origin
from everypath.server.protocol import ApiError, Json

#: The members of ``inspectionData`` that are numbers; all others are JSON texts.
_NUMBERS = frozenset({"maxConcurrency", "toleratedFailureCount", "toleratedFailurePercentage"})


async def test_state(service: Service, request: Json) -> Json:
    """TestState: run one state, mocked or not."""
    if request.get("roleArn") is not None:
        check_role_arn(request["roleArn"])
    tested = tested_state(request)
    mocked = mocked_outcome(request, tested.state)
    state = with_error_origin(request, tested.state)
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
    cursor = TestedCursor(run, variables, context, tested.item(value))
    exchanges: list[Exchange] = []
    cursor.on_http_exchange = exchanges.append
    result: Future[StateResult] = Future()

    def work() -> None:
        # A client that disconnects cancels a test that has not begun, but not one that has.
        if not result.set_running_or_notify_cancel():
            return
        try:
            result.set_result(_run(state, cursor, value, mocked, configuration))
        except BaseException as error:
            result.set_exception(error)

    service.executor.runner.submit(work)
    response = _response(await asyncio.wrap_future(result), cursor, text, request.get("inspectionLevel") or "INFO")
    if request.get("inspectionLevel") == "TRACE":
        for exchange in exchanges:
            response["inspectionData"] |= _http_trace(exchange, reveal=bool(request.get("revealSecrets")))
    return response


def _variables(request: Json) -> dict[str, Any]:
    try:
        variables = json_text.load(request.get("variables") or "{}")
    except ValueError:
        variables = None
    if not isinstance(variables, dict):
        # AWS's words are not recorded.
        raise ApiError("ValidationException", "Variables must be a JSON object")
    return variables


def _prepare(service: Service, request: Json, state: State, value: Any, mocked: Outcome | None) -> Run:
    """Return an execution of a state machine that does not exist, named as the service names it (recorded)."""
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
    return service.executor.runner.prepare(alone(state), value, request.get("input", "{}"), identity, tasks)


def _run(state: State, cursor: Cursor, value: Any, mocked: Outcome | None, configuration: Json) -> StateResult:
    try:
        return run_state(state, cursor, value, mocked, configuration)
    except EverypathError as error:
        # As in an execution that the engine cannot run to its end.
        return StateResult("FAILED", failure=Failure(RUNTIME, str(error)))


def _response(result: StateResult, cursor: Cursor, text: str, level: str) -> Json:
    response: Json = {"status": result.status}
    if result.failure is not None:
        response |= result.failure.details()
    if result.step is not None:
        response["output"] = _text(result.step.output)
        if result.step.next is not None:
            response["nextState"] = result.step.next
    if level != "INFO":
        response["inspectionData"] = _inspection_data(result, cursor, text)
    return response


def _inspection_data(result: StateResult, cursor: Cursor, text: str) -> Json:
    stages = cursor.stages or {}
    data: Json = {"input": text}
    data |= {name: value if name in _NUMBERS else _text(value) for name, value in stages.items()}
    if cursor.variables:
        data["variables"] = _text(cursor.variables)
    if result.handled_by is not None:
        data["errorDetails"] = result.handled_by
    return data


def _text(value: Any) -> str:
    """Return a JSON text with spaces, as TestState writes it (recorded), unlike the history of an execution."""
    return json.dumps(value, ensure_ascii=False)


def _http_trace(exchange: Exchange, *, reveal: bool) -> Json:
    """Return ``request`` and, if there was one, ``response`` of an HTTP Task, as TRACE shows them.

    Source: the example "Using TRACE inspectionLevel and revealSecrets" in AWS's guide to TestState.

    Parameters
    ----------
    reveal : bool
        Whether to show what the connection has added to the request; the response is always shown as it came (AWS: API
        reference).
    """
    protocol = urlsplit(exchange.request.url).scheme
    trace = {"request": _http_request(exchange.request if reveal else exchange.public, protocol)}
    return trace if exchange.reply is None else trace | {"response": _http_response(exchange.reply, protocol)}


def _http_request(request: Request, protocol: str) -> Json:
    shown = {
        "protocol": protocol,
        "method": request.method,
        "url": request.url,
        "headers": _headers(request.headers.items()),
    }
    return shown if request.body is None else shown | {"body": request.body}


def _http_response(reply: Reply, protocol: str) -> Json:
    return {
        "protocol": protocol,
        "statusCode": str(reply.status),
        "statusMessage": reply.reason,
        "headers": _headers((name, value) for name, values in reply.headers.items() for value in values),
        "body": reply.text,
    }


def _headers(pairs: Iterable[tuple[str, str]]) -> str:
    return f"[{', '.join(f'{name}: {value}' for name, value in pairs)}]"
