"""No request makes the server stumble: neither a fuzzed one nor one that is broken on the way.

`make soak` sends 10,000 fuzzed requests of each kind, other ones each time; otherwise there are 300, always the same.
"""

from __future__ import annotations

import http.client
import json
import os
import socket
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.server import PASS, ROLE, Answer, Running, client_of, create, ended, serve
from tests.unit.server.fuzzing import ARNS, DEFINITIONS, MODEL, check, check_invocation, invocations, requests

SOAK = bool(os.environ.get("EVERYPATH_SOAK"))
fuzzed = settings(
    max_examples=10_000 if SOAK else 300,
    derandomize=not SOAK,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
#: Seconds after which an answer counts as one that never comes.
PATIENCE = 20


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server of its own, which holds a bit of everything; what it logs must not tell of a bug."""
    folder = tmp_path_factory.mktemp("echo")
    log = folder / "log.txt"
    (folder / "app.py").write_text("def handler(event, context): return event\n")
    with log.open("w") as opened, serve("--function", f"echo={folder}:app.handler", log=opened) as server:
        sfn = client_of(server)
        for number, definition in enumerate(DEFINITIONS):
            arn = create(sfn, f"m{number}", definition, publish=True)
            execution = sfn.start_execution(stateMachineArn=arn, name="one", input='{"items": [1, 2]}')["executionArn"]
            ended(sfn, execution)
        create(sfn, "express", PASS, type="EXPRESS")
        first = ARNS["stateMachineArn"][0]
        routing = [{"stateMachineVersionArn": f"{first}:1", "weight": 100}]
        sfn.create_state_machine_alias(name="live", routingConfiguration=routing)
        yield server
    assert "unexpected internal error" not in log.read_text(), log.read_text()


@pytest.fixture(scope="module")
def connection(target: Running) -> Iterator[http.client.HTTPConnection]:
    with closing(http.client.HTTPConnection(target.url.removeprefix("http://"), timeout=PATIENCE)) as opened:
        yield opened


def exchange(connection: http.client.HTTPConnection, path: str, body: bytes, headers: dict[str, str]) -> Answer:
    connection.request("POST", path, body, {"Content-Type": "application/x-amz-json-1.0", **headers})
    response = connection.getresponse()
    content = response.read()
    return Answer(response.status, response.headers, json.loads(content) if content else None)


@fuzzed
@given(request_=requests())
def test_a_fuzzed_request_is_answered_as_the_model_says(
    connection: http.client.HTTPConnection, request_: tuple[str, bytes]
) -> None:
    operation, body = request_
    check(operation, exchange(connection, "/", body, {"X-Amz-Target": f"AWSStepFunctions.{operation}"}))


@fuzzed
@given(invocation=invocations())
def test_a_fuzzed_invocation_is_answered_as_lambda_does(
    connection: http.client.HTTPConnection, invocation: tuple[str, bytes, dict[str, str]]
) -> None:
    check_invocation(exchange(connection, *invocation))


@settings(fuzzed, max_examples=1000 if SOAK else 50)
@given(
    target_header=st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_categories=["Cc"]), max_size=30)
)
def test_a_fuzzed_operation_is_refused(connection: http.client.HTTPConnection, target_header: str) -> None:
    answer = exchange(connection, "/", b"{}", {"X-Amz-Target": target_header})
    assert (answer.status, answer.body["__type"]) == (400, "UnknownOperationException")


def test_a_megabyte_in_any_member_is_answered(connection: http.client.HTTPConnection) -> None:
    for operation in set(MODEL.operation_names) - {"GetActivityTask"}:
        shape = MODEL.operation_model(operation).input_shape
        texts = [name for name, member in shape.members.items() if member.type_name == "string"]
        for name in texts:
            request = {**dict.fromkeys(shape.required_members, ARNS["stateMachineArn"][0]), name: "x" * 1_048_577}
            answer = exchange(connection, "/", json.dumps(request).encode(),
                              {"X-Amz-Target": f"AWSStepFunctions.{operation}"})  # fmt: skip
            check(operation, answer)
            assert answer.status == 400


@pytest.mark.parametrize("host", ["example.com", "", "127.0.0.1.example.com", "localhost:x:y", "[::1", "\xe9"])
def test_a_host_that_is_not_this_machine_is_refused(connection: http.client.HTTPConnection, host: str) -> None:
    for path in ("/", "/2015-03-31/functions/echo/invocations"):
        answer = exchange(connection, path, b"{}", {"Host": host, "X-Amz-Target": "AWSStepFunctions.ListActivities"})
        assert (answer.status, answer.headers["x-amzn-ErrorType"]) == (403, "AccessDeniedException")


def raw(server: Running, sent: bytes, *, shut: bool = False) -> bytes:
    """What a server answers to some bytes until it closes the connection, or the patience ends."""
    host, port = server.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=PATIENCE) as connection:
        connection.sendall(sent)
        if shut:
            connection.shutdown(socket.SHUT_WR)
        received = b""
        while piece := connection.recv(65536):
            received += piece
        return received


HEAD = b"POST %s HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: AWSStepFunctions.ListActivities\r\nConnection: close\r\n"


@pytest.mark.parametrize("path", [b"/", b"/2015-03-31/functions/echo/invocations"])
@pytest.mark.parametrize(
    "rest",
    [b"Content-Length: 100\r\n\r\n{", b"Transfer-Encoding: chunked\r\n\r\n5\r\n{", b"Content-Length: 100\r\n\r\n", b""],
)
def test_a_request_that_is_broken_off_leaves_the_server_as_it_was(target: Running, path: bytes, rest: bytes) -> None:
    received = raw(target, HEAD % path + rest, shut=True)
    assert not received.startswith(b"HTTP/1.1 5")
    assert target.post("ListActivities").status == 200


@pytest.mark.parametrize(
    "sent",
    [
        HEAD % b"/" + b"Content-Length: x\r\n\r\n{}",
        HEAD % b"/" + b"Content-Length: -1\r\n\r\n{}",
        HEAD % b"/" + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
        HEAD % b"/" + b"Transfer-Encoding: chunked\r\n\r\nnot a chunk\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET / HTTP/9.9\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}",
    ],
)
def test_what_is_no_http_is_refused(target: Running, sent: bytes) -> None:
    assert raw(target, sent, shut=True).startswith(b"HTTP/1.1 4")
    assert target.post("ListActivities").status == 200


def test_a_body_that_comes_slowly_holds_nobody_up(target: Running) -> None:
    host, port = target.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=PATIENCE) as slow:
        slow.sendall(HEAD % b"/" + b"Content-Length: 2\r\n\r\n{")
        assert target.post("ListActivities").status == 200
        slow.sendall(b"}")
        assert slow.recv(65536).startswith(b"HTTP/1.1 200")


def test_a_request_goes_on_that_nobody_waits_for(target: Running) -> None:
    request: Any = {"name": "left", "definition": json.dumps(PASS), "roleArn": ROLE}
    body = json.dumps(request).encode()
    head = HEAD.replace(b"ListActivities", b"CreateStateMachine") % b"/"
    host, port = target.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=PATIENCE) as gone:
        gone.sendall(head + b"Content-Length: %d\r\n\r\n" % len(body) + body)
    assert target.post("ListActivities").status == 200
