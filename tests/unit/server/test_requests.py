from __future__ import annotations

import json
from typing import Any

import pytest

from everypath.asl import json_text
from everypath.server.api.model import operations
from everypath.server.http.request_guard import headers_of, is_local_host, is_loopback, rejection_reason
from tests.support.server import PASS, ROLE, Running

AN_ARN = "arn:aws:states:us-east-1:123456789012:stateMachine:m"


@pytest.mark.parametrize(
    ("operation", "request_", "constraint"),
    [
        ("ListStateMachines", {"maxResults": 1001}, "Value '1001' at 'maxResults' failed to satisfy constraint: "
         "Member must have value less than or equal to 1000"),
        ("ListStateMachines", {"maxResults": -1}, "Value '-1' at 'maxResults' failed to satisfy constraint: "
         "Member must have value greater than or equal to 0"),
        ("CreateActivity", {"name": "a" * 81}, f"Value '{'a' * 81}' at 'name' failed to satisfy constraint: "
         "Member must have length less than or equal to 80"),
        ("CreateActivity", {}, "Value null at 'name' failed to satisfy constraint: Member must not be null"),
        ("ListExecutions", {"stateMachineArn": AN_ARN, "statusFilter": "running"},
         "Value 'running' at 'statusFilter' failed to satisfy constraint: Member must satisfy enum value set: "
         "[SUCCEEDED, TIMED_OUT, PENDING_REDRIVE, ABORTED, FAILED, RUNNING]"),
        ("CreateStateMachineAlias",
         {"name": "12", "routingConfiguration": [{"stateMachineVersionArn": f"{AN_ARN}:1", "weight": 100}]},
         "Value '12' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: "
         r"^(?=.*[a-zA-Z_\-\.])[a-zA-Z0-9_\-\.]+$"),
        ("CreateStateMachineAlias",
         {"name": "a", "routingConfiguration": [{"stateMachineVersionArn": f"{AN_ARN}:1", "weight": 101}]},
         "Value '101' at 'routingConfiguration.1.member.weight' failed to satisfy constraint: "
         "Member must have value less than or equal to 100"),
        ("SendTaskSuccess", {"taskToken": "", "output": "1"},
         "Value at 'taskToken' failed to satisfy constraint: Member must have length greater than or equal to 1"),
    ],
)  # fmt: skip
def test_a_constraint_that_is_not_satisfied_is_named(
    server: Running, operation: str, request_: Any, constraint: str
) -> None:
    answer = server.post(operation, request_)
    assert answer.status == 400
    assert answer.body == {
        "__type": "ValidationException",
        "message": f"1 validation error detected: {constraint}",
    }


def test_all_constraints_that_are_not_satisfied_are_named(server: Running) -> None:
    message = server.post("CreateStateMachine", {"name": "a" * 81}).body["message"]
    assert message.startswith("3 validation errors detected: ")
    assert message.count("; ") == 2


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{", "SerializationException"),
        (b"[]", "SerializationException"),
        (b"\xff\xfe", "SerializationException"),
        (b"[" * 100_000, "SerializationException"),
        (b'{"maxResults": NaN}', "SerializationException"),
        (b'{"maxResults": "1"}', "SerializationException"),
        (b'{"maxResults": 1.5}', "SerializationException"),
        (b'{"maxResults": 1e999}', "SerializationException"),
        (b'{"maxResults": true}', "SerializationException"),
        (b'{"nextToken": {"a": 1}}', "SerializationException"),
        (b'{"nextToken": [1]}', "SerializationException"),
    ],
)
def test_a_body_that_is_not_as_the_model_says_is_refused(server: Running, body: bytes, code: str) -> None:
    answer = server.post("ListStateMachines", body=body)
    assert (answer.status, answer.body["__type"]) == (400, code)


def test_members_that_are_null_are_not_there(server: Running) -> None:
    assert server.post("ListStateMachines", {"nextToken": None}).status == 200


@pytest.mark.parametrize("operation", ["Dance", "", "ListStateMachines2"])
def test_an_unknown_operation_is_refused(server: Running, operation: str) -> None:
    answer = server.post(operation)
    assert (answer.status, answer.body["__type"]) == (400, "UnknownOperationException")


def test_what_is_not_the_api_is_refused_in_its_shape(server: Running) -> None:
    for path, content in (("/", None), ("/other", b"{}"), ("/health", b"{}")):
        answer = server.send(path, content, {})
        assert (answer.status, answer.body["__type"]) == (404, "UnknownOperationException")


def test_the_server_says_that_it_is_ready(server: Running) -> None:
    assert server.send("/health", None, {}).body == {"status": "ok"}


def test_a_request_under_another_name_is_refused(server: Running) -> None:
    answer = server.post("ListStateMachines", Host="attacker.example")
    assert (answer.status, answer.body["__type"]) == (403, "AccessDeniedException")


def test_a_large_body_is_refused_and_the_server_goes_on(server: Running) -> None:
    definition = json.dumps(PASS) + " " * 1_048_576
    answer = server.post("CreateStateMachine", {"name": "a", "definition": definition, "roleArn": ROLE})
    assert (answer.status, answer.body["__type"]) == (400, "ValidationException")
    answer = server.post("CreateStateMachine", body=b" " * (9 * 1024 * 1024))
    assert (answer.status, answer.body["__type"]) == (413, "RequestEntityTooLargeException")
    assert server.post("ListStateMachines").status == 200


@pytest.mark.parametrize("operation", sorted(set(operations()) - {"GetActivityTask"}))
@pytest.mark.parametrize("value", [None, 0, -1, 1.5, True, "", "a", [], [None], {}, {"a": {}}, "arn:aws:states:::x:y"])
def test_no_request_makes_the_server_stumble(server: Running, operation: str, value: Any) -> None:
    from everypath.server.api.model import _model

    members = _model()["shapes"][operations()[operation]]["members"]
    answer = server.post(operation, dict.fromkeys(members, value))
    assert answer.status in (200, 400)
    assert answer.status == 200 or {"__type", "message"} <= answer.body.keys()


@pytest.mark.parametrize("origin", ["https://attacker.example", "http://127.0.0.1:8083", "null"])
def test_a_page_in_a_browser_is_refused_wherever_it_comes_from(server: Running, origin: str) -> None:
    answer = server.post("ListStateMachines", Origin=origin)
    assert (answer.status, answer.body["__type"]) == (403, "AccessDeniedException")


def test_a_page_in_a_browser_is_refused_on_every_address() -> None:
    headers = headers_of({"headers": [(b"host", b"172.17.0.1:8084"), (b"origin", b"null")]})
    assert rejection_reason(headers, loopback=False) is not None


def test_of_two_headers_with_the_same_name_the_first_one_counts() -> None:
    headers = headers_of({"headers": [(b"host", b"attacker.example"), (b"host", b"localhost")]})
    assert rejection_reason(headers, loopback=True) is not None


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:8083", "[::1]:8083", "sync-localhost", "states.localhost"])
def test_a_server_on_loopback_answers_to_the_names_of_the_machine(host: str) -> None:
    assert is_local_host(host)


@pytest.mark.parametrize("host", ["", "example.com", "localhost.example.com", "10.0.0.1", "[fe80::1]:80", "[::1"])
def test_a_server_on_loopback_answers_to_no_other_names(host: str) -> None:
    assert not is_local_host(host)


def test_addresses_of_other_interfaces_are_no_loopback() -> None:
    assert is_loopback("127.0.0.2")
    assert not is_loopback("0.0.0.0")
    assert not is_loopback("example.com")


@pytest.mark.parametrize(
    ("text", "message", "place"),
    [
        ('{\n "a": tru\n}', "Unrecognized token 'tru': was expecting", "line: 2, column: 10]"),
        ('["a', "Unexpected end-of-input: was expecting closing quote", "line: 1, column: 4]"),
        ('["\\x"]', "Unrecognized character escape 'x' (code 120)", "line: 1, column: 5]"),
        ('["\n"]', "Illegal unquoted character ((CTRL-CHAR, code 10))", "column"),
        ("[1,]", "Unexpected character (']' (code 93)): expected a valid value", "line: 1, column: 5]"),
        ("[NaN]", "Non-standard token 'NaN'", "column"),
        ("x" * 600, "Unrecognized token", "[truncated 100 chars]; line: 1, column: 601]"),
    ],
)
def test_what_is_wrong_with_a_json_text_is_told_as_the_service_tells_it(text: str, message: str, place: str) -> None:
    with pytest.raises(json_text.JsonTextError) as caught:
        json_text.read(text)
    assert caught.value.message.startswith(message)
    assert place in caught.value.location
