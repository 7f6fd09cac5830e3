"""TestState of an HTTP Task: what TRACE shows of the request and of the response."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.server import ROLE, client_of, refused, serve
from tests.unit.tasks.aws.stand_in import StandIn

CONNECTION = "arn:aws:events:us-east-1:123456789012:connection/billing/8ae3b5a0"
SECRET = {
    "username": "me",
    "password": "secret",
    "invocation_http_parameters": {
        "header_parameters": [{"key": "X-Tenant", "value": "7"}],
        "query_string_parameters": [{"key": "key", "value": "k-1"}],
        "body_parameters": [{"key": "account", "value": "a-1"}],
    },
}
AGENT = "User-Agent: Amazon|StepFunctions|HttpInvoke|us-east-1, Range: bytes=0-262144"


@pytest.fixture(scope="module")
def aws() -> Iterator[StandIn]:
    """The API, EventBridge and Secrets Manager in one; each takes the next answer."""
    made = StandIn()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture(scope="module")
def sfn(aws: StandIn) -> Iterator[Any]:
    with serve(variables={"AWS_ENDPOINT_URL": aws.url}) as running:
        yield client_of(running)


def state_of(aws: StandIn, **parameters: Any) -> dict[str, Any]:
    given = {"ApiEndpoint": f"{aws.url}/items", "Method": "POST", "Authentication": {"ConnectionArn": CONNECTION}}
    return {"Type": "Task", "Resource": "arn:aws:states:::http:invoke", "Parameters": given | parameters, "End": True}


def connected(aws: StandIn) -> StandIn:
    aws.clear()
    aws.answers({"AuthorizationType": "BASIC", "SecretArn": "arn:s"})
    return aws.answers({"SecretString": json.dumps(SECRET)})


def answer_of(sfn: Any, state: Any, **more: Any) -> Any:
    return sfn.test_state(**{"definition": json.dumps(state), "roleArn": ROLE, "inspectionLevel": "TRACE", **more})


def test_the_request_is_shown_as_it_was_sent_where_secrets_are_revealed(sfn: Any, aws: StandIn) -> None:
    connected(aws).answers({"id": 1}, 201, Content_Type="application/json")
    state = state_of(aws, Headers={"X-Mine": "m"}, QueryParameters={"q": 1}, RequestBody={"n": 1})
    found = answer_of(sfn, state, revealSecrets=True)
    assert found["status"] == "SUCCEEDED"
    assert json.loads(found["output"])["ResponseBody"] == {"id": 1}
    assert found["inspectionData"]["request"] == {
        "protocol": "http",
        "method": "POST",
        "url": f"{aws.url}/items?q=1&key=k-1",
        "headers": f"[X-Mine: m, Authorization: Basic bWU6c2VjcmV0, X-Tenant: 7, {AGENT}]",
        "body": '{"n":1,"account":"a-1"}',
    }
    assert found["inspectionData"]["response"] == {
        "protocol": "http",
        "statusCode": "201",
        "statusMessage": "Created",
        "headers": "[Content-Length: 9, Content-Type: application/json]",
        "body": '{"id": 1}',
    }


def test_what_the_connection_adds_is_left_out_otherwise(sfn: Any, aws: StandIn) -> None:
    connected(aws).answers({"key": "k-1"})
    state = state_of(aws, Headers={"x-tenant": "mine"}, QueryParameters={"q": 1}, RequestBody={"n": 1, "account": 0})
    shown = answer_of(sfn, state)["inspectionData"]
    assert shown["request"] == {
        "protocol": "http",
        "method": "POST",
        "url": f"{aws.url}/items?q=1",
        "headers": f"[{AGENT}]",
        "body": '{"n":1}',
    }
    assert shown["response"]["body"] == '{"key": "k-1"}'  # AWS: what the response holds is never left out
    assert aws.requests[-1].json == {"n": 1, "account": "a-1"}


def test_a_body_that_the_connection_alone_gives_is_secret(sfn: Any, aws: StandIn) -> None:
    connected(aws).answers()
    assert "body" not in answer_of(sfn, state_of(aws))["inspectionData"]["request"]
    connected(aws).answers()
    revealed = answer_of(sfn, state_of(aws), revealSecrets=True)["inspectionData"]["request"]
    assert revealed["body"] == '{"account":"a-1"}'


def test_an_api_that_refuses_is_shown_with_its_response(sfn: Any, aws: StandIn) -> None:
    connected(aws).answers("try later", 503)
    state = state_of(aws) | {"Retry": [{"ErrorEquals": ["States.Http.StatusCode.503"], "IntervalSeconds": 3}]}
    found = answer_of(sfn, state)
    assert (found["status"], found["error"], found["cause"]) == (
        "RETRIABLE",
        "States.Http.StatusCode.503",
        "try later",
    )
    shown = found["inspectionData"]
    assert (shown["response"]["statusCode"], shown["response"]["body"]) == ("503", "try later")
    assert shown["errorDetails"] == {"retryIndex": 0, "retryBackoffIntervalSeconds": 3}


def test_an_api_that_is_not_reached_has_no_response(sfn: Any, aws: StandIn) -> None:
    connected(aws)
    found = answer_of(sfn, state_of(aws, ApiEndpoint="http://127.0.0.1:1/"))
    assert found["error"] == "States.Http.Socket"
    assert found["inspectionData"]["request"]["url"] == "http://127.0.0.1:1/"
    assert "response" not in found["inspectionData"]


@pytest.mark.parametrize("level", ["INFO", "DEBUG"])
def test_no_other_level_shows_the_request(sfn: Any, aws: StandIn, level: str) -> None:
    connected(aws).answers()
    found = answer_of(sfn, state_of(aws), inspectionLevel=level, revealSecrets=True)
    assert found["status"] == "SUCCEEDED"
    assert not {"request", "response"} & found.get("inspectionData", {}).keys()


def test_a_mock_stands_for_the_call_and_has_no_form_to_keep_to(sfn: Any, aws: StandIn) -> None:
    aws.clear()
    found = answer_of(sfn, state_of(aws), mock={"result": '{"StatusCode": "none", "ResponseBody": [1]}'})
    assert json.loads(found["output"]) == {"StatusCode": "none", "ResponseBody": [1]}
    assert not {"request", "response"} & found["inspectionData"].keys()
    assert aws.requests == []
    with refused("ValidationException"):
        answer_of(sfn, state_of(aws), mock={"result": "{}"}, revealSecrets=True)
