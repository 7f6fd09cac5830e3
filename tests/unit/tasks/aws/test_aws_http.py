import base64
import json
from typing import Any
from urllib.parse import unquote

import pytest

from everypath.integrations.http_task import form_encoded
from everypath.integrations.service_call import AwsFailure
from tests.unit.tasks.aws.conftest import Request
from tests.unit.tasks.aws.stand_in import Reply, StandIn

CONNECTION = "arn:aws:events:us-east-1:123456789012:connection/billing/8ae3b5a0"
API_KEY = {"api_key_name": "X-Key", "api_key_value": "secret"}


@pytest.fixture
def http(call: Request, service: StandIn) -> Request:
    """Calls an API at the stand-in with the credentials of a connection."""

    def invoke(
        parameters: dict[str, Any] | None = None, secret: dict[str, Any] | None = API_KEY, kind: str = "API_KEY"
    ) -> Any:
        connection, stored = {"AuthorizationType": kind, "SecretArn": "arn:s"}, {"SecretString": json.dumps(secret)}
        mine = list(service.replies)
        service.replies.clear()
        service.answers(connection).answers(stored)
        service.replies.extend(mine)
        given = {"ApiEndpoint": f"{service.url}/v1/items", "Method": "POST"} | (parameters or {})
        return call("http:invoke", {"Authentication": {"ConnectionArn": CONNECTION}, **given})

    return invoke


def sent(service: StandIn) -> Any:
    return service.requests[-1]


def test_the_result_of_an_http_task_holds_the_headers_the_body_and_the_status(http: Request, service: StandIn) -> None:
    service.answers({"a": 1}, 201, Content_Type="application/json", X_Own="x")
    assert http().output == {
        "Headers": {"Content-Length": ["8"], "Content-Type": ["application/json"], "X-Own": ["x"]},
        "ResponseBody": {"a": 1},
        "StatusCode": 201,
        "StatusText": "Created",
    }


def test_a_body_that_is_no_json_is_text(http: Request, service: StandIn) -> None:
    service.answers('{"a": 1}', Content_Type="text/plain")
    assert http().output["ResponseBody"] == '{"a": 1}'


def test_the_credentials_are_those_of_the_connection(http: Request, service: StandIn) -> None:
    service.answers()
    http()
    assert service.requests[0].json == {"Name": "billing"}
    assert service.requests[1].json == {"SecretId": "arn:s"}
    assert sent(service).headers["X-Key"] == "secret"


def test_a_connection_may_authorize_with_a_user_and_a_password(http: Request, service: StandIn) -> None:
    service.answers()
    http(secret={"username": "u", "password": "p"}, kind="BASIC")
    assert sent(service).headers["Authorization"] == f"Basic {base64.b64encode(b'u:p').decode()}"


def test_a_connection_may_add_headers_and_parameters(http: Request, service: StandIn) -> None:
    service.answers()
    extra = {
        "header_parameters": [{"key": "X-More", "value": "h"}],
        "query_string_parameters": [{"key": "q", "value": "1"}],
        "body_parameters": [{"key": "b", "value": "2"}],
    }
    http({"RequestBody": {"a": 1}}, secret=API_KEY | {"invocation_http_parameters": extra})
    assert sent(service).headers["X-More"] == "h"
    assert sent(service).path == "/v1/items?q=1"
    assert sent(service).json == {"a": 1, "b": "2"}


def test_what_a_connection_adds_wins_over_what_the_task_gives(http: Request, service: StandIn) -> None:
    service.answers()
    extra = {
        "header_parameters": [{"key": "X-Mode", "value": "connection"}],
        "query_string_parameters": [{"key": "mode", "value": "connection"}],
        "body_parameters": [{"key": "mode", "value": "connection"}],
    }
    given = {"Headers": {"x-mode": "task"}, "QueryParameters": {"mode": "task"}, "RequestBody": {"mode": "task"}}
    http(given, secret=API_KEY | {"invocation_http_parameters": extra})
    assert sent(service).headers["X-Mode"] == "connection"
    assert "x-mode" not in sent(service).headers
    assert sent(service).path == "/v1/items?mode=connection"
    assert sent(service).json == {"mode": "connection"}


@pytest.mark.parametrize(
    ("given", "cause"),
    [
        ({"Headers": {"Host": "elsewhere"}}, "The header 'Host' cannot be used"),
        ({"Headers": {"X-Amz-Date": "today"}}, "The header 'X-Amz-Date' cannot be used"),
        ({"Headers": {"X-Mine": "a\nb"}}, "The header 'X-Mine' has a name or a value that cannot be sent"),
        ({"Headers": "X-Mine"}, "The value of the field 'Headers' has an invalid format"),
        ({"QueryParameters": "a=1"}, "The value of the field 'QueryParameters' has an invalid format"),
        ({"Method": "TRACE"}, 'The Method "TRACE" is none of GET, POST, PUT, DELETE, PATCH, OPTIONS, HEAD'),
        ({"ApiEndpoint": "api.example.com"}, 'The ApiEndpoint "api.example.com" is not the URL of an API'),
        ({"RequestBody": "text"}, "The value of the field 'RequestBody' is not an object"),
    ],
)
def test_a_request_that_cannot_be_made_is_not_sent(
    http: Request, service: StandIn, given: dict[str, Any], cause: str
) -> None:
    body = {"invocation_http_parameters": {"body_parameters": [{"key": "b", "value": "2"}]}}
    failure = http(given, secret=API_KEY | body)
    assert failure.error == "States.Runtime"
    assert cause in failure.cause
    assert [request.path for request in service.requests] == ["/", "/"]  # EventBridge and Secrets Manager


@pytest.mark.parametrize("kind", ["image/png", "application/octet-stream", "Audio/mpeg"])
def test_what_is_no_text_by_its_type_is_a_runtime_error(http: Request, service: StandIn, kind: str) -> None:
    service.answers("text", Content_Type=kind)
    assert http().error == "States.Runtime"


def test_what_cannot_be_read_as_text_is_a_runtime_error(http: Request, service: StandIn) -> None:
    service.replies.append(Reply(200, b"\xff\xfe", {"Content-Length": "2", "Content-Type": "application/json"}))
    failure = http()
    assert failure.error == "States.Runtime"
    assert "cannot be read as text: its content type is application/json" in failure.cause


def test_a_request_carries_the_query_the_headers_and_the_body_of_the_task(http: Request, service: StandIn) -> None:
    service.answers()
    http({"QueryParameters": {"q": ["1", "2"]}, "Headers": {"X-Mine": "m"}, "RequestBody": {"a": [1]}})
    assert sent(service).path == "/v1/items?q=1&q=2"
    assert sent(service).headers["X-Mine"] == "m"
    assert sent(service).headers["Content-Type"] == "application/json; charset=UTF-8"
    assert sent(service).headers["User-Agent"] == "Amazon|StepFunctions|HttpInvoke|us-east-1"
    assert sent(service).headers["Range"] == "bytes=0-262144"
    assert sent(service).body == '{"a":[1]}'


def test_a_body_may_be_sent_as_form_data(http: Request, service: StandIn) -> None:
    service.answers()
    http({"RequestBody": {"a": [1, 2]}, "Transform": {"RequestBodyEncoding": "URL_ENCODED"}})
    assert sent(service).body == "a%5B0%5D=1&a%5B1%5D=2"
    assert sent(service).headers["Content-Type"] == "application/x-www-form-urlencoded"


@pytest.mark.parametrize("status", [301, 404, 503])
def test_a_status_from_300_is_an_error_with_the_body_as_cause(http: Request, service: StandIn, status: int) -> None:
    service.answers({"message": "no"}, status, Content_Type="application/json", Location="elsewhere")
    assert http() == AwsFailure(f"States.Http.StatusCode.{status}", '{"message": "no"}')


def test_an_api_that_cannot_be_reached_is_a_socket_error(http: Request) -> None:
    failure = http({"ApiEndpoint": "http://127.0.0.1:1/"})
    assert failure.error == "States.Http.Socket"
    assert "Connection refused" in failure.cause


def test_an_http_task_without_a_connection_cannot_start(call: Request, service: StandIn) -> None:
    failure = call("http:invoke", {"ApiEndpoint": service.url, "Method": "GET"})
    assert failure.error == "States.Runtime"
    assert service.requests == []


def test_a_connection_that_is_not_there_is_named(call: Request, service: StandIn) -> None:
    service.answers({"__type": "ResourceNotFoundException", "message": "Connection does not exist"}, 400)
    given = {"ApiEndpoint": service.url, "Method": "GET", "Authentication": {"ConnectionArn": CONNECTION}}
    failure = call("http:invoke", given)
    assert failure == AwsFailure(
        "Events.ConnectionResource.ResourceNotFound", f"Connection does not exist: {CONNECTION}"
    )


def test_a_connection_that_cannot_be_read_says_what_to_do(
    call: Request, service: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    given = {"ApiEndpoint": service.url, "Method": "GET", "Authentication": {"ConnectionArn": CONNECTION}}
    failure = call("http:invoke", given)
    assert failure.error == "Events.ConnectionResource.InternalError"
    assert "Let AWS_ENDPOINT_URL name a stand-in" in failure.cause


def test_an_authorization_that_everypath_does_not_know_is_refused_by_name(http: Request) -> None:
    failure = http(secret={}, kind="OAUTH_CLIENT_CREDENTIALS")
    assert failure.error == "Events.ConnectionResource.InvalidConnectionState"
    assert "OAUTH_CLIENT_CREDENTIALS" in failure.cause


@pytest.mark.parametrize(
    ("array_format", "encoded"),
    [
        ("INDICES", "a[0]=1&a[1]=2"),
        ("REPEAT", "a=1&a=2"),
        ("BRACKETS", "a[]=1&a[]=2"),
        ("COMMAS", "a=1,2"),
        ("NONE", "a=[1,2]"),
    ],
)
def test_the_items_of_an_array_are_named_as_the_format_says(array_format: str, encoded: str) -> None:
    assert unquote(form_encoded({"a": [1, 2]}, array_format)) == encoded


def test_nested_form_data_is_named_by_its_path() -> None:
    assert form_encoded({"a": {"b": {"c": "x y"}}}) == "a%5Bb%5D%5Bc%5D=x+y"


def test_api_gateway_is_called_by_host_name_stage_and_path(call: Request, service: StandIn) -> None:
    service.answers('"HelloWorld"', Content_Type="application/json")
    endpoint = service.url.removeprefix("http://")
    answer = call(
        "apigateway:invoke",
        {
            "ApiEndpoint": endpoint, "Method": "POST", "Stage": "dev", "Path": "/items", "RequestBody": {"a": None},
            "QueryParameters": {"q": ["1"]}, "Headers": {"X-Mine": ["m", "n"]},
        },
    )  # fmt: skip
    assert answer.output == {
        "Headers": {"Content-Length": ["12"], "Content-Type": ["application/json"]},
        "ResponseBody": "HelloWorld",
        "StatusCode": 200,
        "StatusText": "OK",
    }
    assert service.request.path == "/dev/items?q=1"
    assert service.request.headers["X-Mine"] == "m, n"


@pytest.mark.parametrize(("allow", "body"), [(False, '{"b":[{}]}'), (True, '{"a":null,"b":[{"c":null}]}')])
def test_nulls_reach_an_api_only_where_they_are_allowed(
    call: Request, service: StandIn, allow: bool, body: str
) -> None:
    service.answers()
    given = {"ApiEndpoint": service.url, "Method": "POST", "RequestBody": {"a": None, "b": [{"c": None}]}}
    call("apigateway:invoke", given | {"AllowNullValues": allow})
    assert service.request.body == body


def test_an_api_that_refuses_is_an_error_by_its_status(call: Request, service: StandIn) -> None:
    service.answers({"message": "Missing Authentication Token"}, 403)
    failure = call("apigateway:invoke", {"ApiEndpoint": service.url, "Method": "GET"})
    assert failure == AwsFailure("ApiGateway.403", '{"message": "Missing Authentication Token"}')


def test_a_stand_in_for_api_gateway_is_told_the_host_name(
    call: Request, service: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_EXECUTE_API", service.url)
    service.answers()
    host = "abc.execute-api.us-east-1.amazonaws.com"
    call("apigateway:invoke", {"ApiEndpoint": host, "Method": "GET", "Stage": "dev"})
    assert (service.request.path, service.request.headers["Host"]) == ("/dev", host)


def test_a_request_is_signed_where_the_api_wants_it(call: Request, service: StandIn) -> None:
    service.answers()
    call("apigateway:invoke", {"ApiEndpoint": service.url, "Method": "GET", "AuthType": "IAM_ROLE"})
    assert "/us-east-1/execute-api/aws4_request" in service.request.headers["Authorization"]
