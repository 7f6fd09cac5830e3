"""Lambda's Invoke, of functions in the server's process and of those behind an endpoint."""

from __future__ import annotations

import base64
import http.client
import json
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from everypath.cli.main import main
from tests.support.server import Running, client_of, create, ended, serve
from tests.unit.tasks.aws.stand_in import StandIn

HANDLER = """
import os, sys

class OutOfStock(Exception):
    pass

def handler(event, context):
    kind = event.get("kind")
    if kind == "raise":
        raise OutOfStock("none left")
    if kind == "exit":
        sys.exit(3)
    if kind == "print":
        print("x" * event["times"])
    if kind == "context":
        return [context.client_context.custom, context.invoked_function_arn]
    if kind == "write":
        open(event["file"], "w").write("done")
    return event

def fails_to_return(event, context):
    return {1, 2}
"""
TEMPLATE = """
Transform: AWS::Serverless-2016-10-31
Resources:
  Reserve:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: ., Handler: app.handler, Runtime: python3.13, Timeout: 1, FunctionName: reserve}
  Slow:
    Type: AWS::Serverless::Function
    Properties: {Handler: index.handler, Runtime: python3.13, Timeout: 1, InlineCode: "import time\\ndef handler(e, c): time.sleep(1.01)"}
  Elsewhere:
    Type: AWS::Serverless::Function
    Properties: {Handler: index.handler, Runtime: nodejs22.x, CodeUri: .}
  Order:
    Type: AWS::Serverless::StateMachine
    Properties:
      Name: order
      Definition:
        StartAt: Reserve
        States:
          Reserve: {Type: Task, Resource: !GetAtt Slow.Arn, End: true}
"""  # noqa: E501
ARN = "arn:aws:lambda:us-east-1:123456789012:function:"
ELSEWHERE = "arn:aws:lambda:eu-west-1:210987654321:function:"


@pytest.fixture(scope="module")
def code(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("application")
    (directory / "app.py").write_text(HANDLER)
    (directory / "template.yaml").write_text(TEMPLATE)
    return directory


@pytest.fixture(scope="module")
def functions(code: Path) -> Iterator[Running]:
    plain = ("--function", f"plain={code}:app.handler", "--function", f"odd={code}:app.fails_to_return")
    with serve("--template", "template.yaml", *plain, cwd=code) as running:
        yield running


def lambda_client(server: Running) -> Any:
    session = boto3.session.Session("test", "test", region_name="us-east-1")
    config = Config(retries={"total_max_attempts": 1})
    return session.client("lambda", endpoint_url=server.url, config=config)


@pytest.fixture(scope="module")
def client(functions: Running) -> Any:
    return lambda_client(functions)


def invoke(client: Any, name: str, event: Any, **more: Any) -> tuple[Any, Any]:
    answer = client.invoke(FunctionName=name, Payload=json.dumps(event), **more)
    return answer, json.loads(answer["Payload"].read() or "null")


def refusal(client: Any, name: str, payload: bytes = b"{}", **more: Any) -> tuple[int, dict[str, str], Any]:
    with pytest.raises(ClientError) as caught:
        client.invoke(FunctionName=name, Payload=payload, **more)
    response: Any = caught.value.response
    return response["ResponseMetadata"]["HTTPStatusCode"], response["Error"], response


@pytest.mark.parametrize(
    "name",
    [
        "plain", "plain:live", "123456789012:function:plain", "123456789012:function:plain:live", f"{ARN}plain",
        f"{ARN}plain:7", "reserve", "Reserve", f"{ARN}reserve", f"{ARN}reserve:$LATEST",
    ],
)  # fmt: skip
def test_a_function_is_found_by_every_name_that_lambda_and_the_template_have_for_it(client: Any, name: str) -> None:
    answer, payload = invoke(client, name, {"a": 1})
    assert payload == {"a": 1}
    assert (answer["StatusCode"], answer["ExecutedVersion"]) == (200, "$LATEST")
    assert "FunctionError" not in answer
    assert "LogResult" not in answer


def test_an_exception_is_a_payload_that_is_marked_as_an_error(client: Any) -> None:
    answer, payload = invoke(client, "plain", {"kind": "raise"})
    assert (answer["StatusCode"], answer["FunctionError"]) == (200, "Unhandled")
    assert (payload["errorType"], payload["errorMessage"]) == ("OutOfStock", "none left")
    assert payload["requestId"] == answer["ResponseMetadata"]["RequestId"]


def test_a_crash_a_timeout_and_a_result_that_is_no_json_are_marked_as_errors(client: Any) -> None:
    answer, payload = invoke(client, "plain", {"kind": "exit"})
    assert (answer["FunctionError"], payload["errorType"]) == ("Unhandled", "Runtime.ExitError")
    answer, payload = invoke(client, "Slow", {})
    assert (answer["FunctionError"], payload["errorType"]) == ("Unhandled", "Sandbox.Timedout")
    answer, payload = invoke(client, "odd", {})
    assert (answer["FunctionError"], payload["errorType"]) == ("Unhandled", "Runtime.MarshalError")


def test_the_same_functions_serve_workflows(functions: Running) -> None:
    sfn = client_of(functions)
    task = {"Type": "Task", "Resource": f"{ARN}plain", "End": True}
    started = sfn.start_execution(stateMachineArn=create(sfn, "calls", {"StartAt": "A", "States": {"A": task}}))
    assert ended(sfn, started["executionArn"])["output"] == "{}"
    slow = sfn.start_execution(stateMachineArn=task_machine(sfn))["executionArn"]
    assert ended(sfn, slow)["error"] == "Sandbox.Timedout"


def task_machine(sfn: Any) -> str:
    [arn] = [each["stateMachineArn"] for each in sfn.list_state_machines()["stateMachines"] if each["name"] == "order"]
    return str(arn)


def test_the_log_that_is_asked_for_is_its_last_four_kilobytes(client: Any) -> None:
    answer, _ = invoke(client, "plain", {"kind": "print", "times": 10}, LogType="Tail")
    log = base64.b64decode(answer["LogResult"]).decode()
    request_id = answer["ResponseMetadata"]["RequestId"]
    assert log.startswith(f"START RequestId: {request_id} Version: $LATEST\nxxxxxxxxxx\nEND RequestId: {request_id}\n")
    assert re.search(r"REPORT RequestId: \S+\tDuration: \d+\.\d\d ms\tBilled Duration: \d+ ms\t", log)
    answer, _ = invoke(client, "plain", {"kind": "print", "times": 10_000}, LogType="Tail")
    assert len(base64.b64decode(answer["LogResult"])) == 4096


def test_an_event_is_accepted_and_run_afterwards(client: Any, tmp_path: Path) -> None:
    file = tmp_path / "done.txt"
    event = {"kind": "write", "file": str(file)}
    answer, payload = invoke(client, "plain", event, InvocationType="Event")
    assert (answer["StatusCode"], payload) == (202, None)
    while not file.exists() or not file.read_text():
        pass
    assert file.read_text() == "done"


def test_a_dry_run_runs_nothing(client: Any, tmp_path: Path) -> None:
    file = tmp_path / "done.txt"
    answer, payload = invoke(client, "plain", {"kind": "write", "file": str(file)}, InvocationType="DryRun")
    assert (answer["StatusCode"], payload) == (204, None)
    invoke(client, "plain", {})
    assert not file.exists()


def test_the_function_knows_what_its_client_says_and_by_which_arn_it_was_called(client: Any) -> None:
    context = base64.b64encode(b'{"custom": {"a": 1}}').decode()
    _, payload = invoke(client, f"{ARN}plain:live", {"kind": "context"}, ClientContext=context)
    assert payload == [{"a": 1}, f"{ARN}plain:live"]


@pytest.mark.parametrize(
    ("name", "more", "arn"),
    [
        ("none", {}, f"{ARN}none"),
        ("none:live", {}, f"{ARN}none:live"),
        ("none", {"Qualifier": "live"}, f"{ARN}none:live"),
        (f"{ARN}none:live", {}, f"{ARN}none:live"),
        (f"{ELSEWHERE}plain", {}, f"{ELSEWHERE}plain"),
    ],
)  # fmt: skip
def test_a_function_that_is_not_there_is_not_found(client: Any, name: str, more: Any, arn: str) -> None:
    status, error, response = refusal(client, name, **more)
    assert (status, error) == (404, {"Code": "ResourceNotFoundException", "Message": f"Function not found: {arn}"})
    assert response["Type"] == "User"


def test_a_qualifier_that_contradicts_the_name_is_refused(client: Any) -> None:
    status, error, _ = refusal(client, "plain:live", Qualifier="test")
    assert (status, error["Code"]) == (400, "InvalidParameterValueException")


def test_a_function_that_cannot_be_run_here_says_so(client: Any) -> None:
    status, error, _ = refusal(client, "Elsewhere")
    assert (status, error["Code"]) == (400, "InvalidParameterValueException")
    assert "which is not Python, cannot be run" in error["Message"]


def test_a_payload_that_is_no_json_is_refused(client: Any) -> None:
    status, error, _ = refusal(client, "plain", b"bar")
    assert (status, error["Code"]) == (400, "InvalidRequestContentException")
    assert error["Message"] == (
        "Could not parse request body into json: Could not parse payload into json: Unrecognized token 'bar': was "
        "expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')\n"
        ' at [Source: (byte[])"bar"; line: 1, column: 4]'
    )


def test_a_payload_that_is_too_large_is_refused(client: Any) -> None:
    status, error, _ = refusal(client, "plain", b" " * 6_291_557)
    assert (status, error["Code"]) == (413, "RequestTooLargeException")
    status, error, _ = refusal(client, "plain", b" " * 1_048_577, InvocationType="Event")
    assert (status, error["Code"]) == (413, "RequestTooLargeException")
    assert error["Message"].startswith("1048577 byte payload is too large for the Event invocation type")


@pytest.mark.parametrize(
    ("path", "headers", "refusal_code"),
    [
        ("a%20b", {}, "ValidationException"),
        ("plain?Qualifier=%20", {}, "ValidationException"),
        ("plain", {"X-Amz-Invocation-Type": "Later"}, "ValidationException"),
        ("plain", {"X-Amz-Log-Type": "Head"}, "ValidationException"),
        ("plain", {"X-Amz-Client-Context": "!"}, "InvalidRequestContentException"),
        ("plain", {"X-Amz-Client-Context": "MQ=="}, "InvalidRequestContentException"),
    ],
)
def test_what_is_not_as_the_model_says_is_refused(
    functions: Running, path: str, headers: Any, refusal_code: str
) -> None:
    name, _, query = path.partition("?")
    answer = functions.send(f"/2015-03-31/functions/{name}/invocations?{query}", b"{}", headers)
    assert (answer.status, answer.headers["x-amzn-ErrorType"]) == (400, refusal_code)
    assert answer.body.keys() == {"Type", "message"}


@pytest.mark.parametrize("header", [("Host", "attacker.example"), ("Origin", "https://attacker.example")])
def test_a_request_under_another_name_or_of_a_page_is_refused(functions: Running, header: tuple[str, str]) -> None:
    answer = functions.send("/2015-03-31/functions/plain/invocations", b"{}", dict([header]))
    assert (answer.status, answer.headers["x-amzn-ErrorType"]) == (403, "AccessDeniedException")


def test_a_body_may_come_in_chunks(functions: Running) -> None:
    connection = http.client.HTTPConnection(functions.url.removeprefix("http://"), timeout=30)
    pieces = iter([b'{"a": [', b"1, ", b"2]}"])
    connection.request("POST", "/2015-03-31/functions/plain/invocations", pieces, encode_chunked=True,
                       headers={"Transfer-Encoding": "chunked"})  # fmt: skip
    answer = connection.getresponse()
    assert (answer.status, json.loads(answer.read())) == (200, {"a": [1, 2]})
    connection.close()


def test_many_invocations_at_once_are_all_answered(client: Any) -> None:
    answers: list[Any] = []
    threads = [
        threading.Thread(target=lambda number=number: answers.append(invoke(client, "plain", {"n": number})[1]["n"]))
        for number in range(40)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == list(range(40))


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("f", "--function: expected NAME=DIR:module.handler, but got 'f'"),
        ("f=app.handler", "--function: expected NAME=DIR:module.handler, but got 'f=app.handler'"),
        ("a b=.:app.handler", "expected a name of 1 to 64 letters, digits, hyphens and underscores, but got 'a b'"),
        ("f=.:handler", "expected a handler such as app.handler, but got 'handler'"),
        ("f=missing:app.handler", "expected a directory, but got 'missing'"),
        ("f=.:other.handler", "--function f=.:other.handler: . has no module other"),
        ("Reserve=.:app.handler", "--function: template.yaml already has a function Reserve"),
        ("reserve=.:app.handler", "--function: template.yaml already has a function reserve"),
    ],
)
def test_a_function_that_cannot_be_used_is_told(
    code: Path, option: str, message: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(code)
    assert main(["serve", "--template", "template.yaml", "--function", option]) == 2
    assert message in capsys.readouterr().err


def test_functions_are_named_once_and_are_in_one_place(code: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one = f"f={code}:app.handler"
    assert main(["serve", "--function", one, "--function", one]) == 2
    assert "expected every name once, but got f twice" in capsys.readouterr().err
    assert main(["serve", "--function", one, "--lambda-endpoint", "http://127.0.0.1:1"]) == 2
    assert "expected no --lambda-endpoint beside it" in capsys.readouterr().err


@pytest.fixture(scope="module")
def stand_in() -> Iterator[StandIn]:
    service = StandIn()
    yield service
    service.server.shutdown()
    service.server.server_close()


@pytest.fixture(scope="module")
def proxy(stand_in: StandIn, code: Path) -> Iterator[Running]:
    with serve("--lambda-endpoint", stand_in.url, "--template", "template.yaml", cwd=code) as running:
        yield running


@pytest.fixture
def sam(stand_in: StandIn) -> StandIn:
    stand_in.clear()
    return stand_in


def test_what_an_endpoint_answers_is_passed_on(proxy: Running, sam: StandIn) -> None:
    sam.answers({"a": 1}, X_Amz_Executed_Version="7", X_Amz_Log_Result="bG9n")
    answer, payload = invoke(lambda_client(proxy), "any", {"b": 2}, LogType="Tail", Qualifier="live")
    assert (payload, answer["ExecutedVersion"], answer["LogResult"]) == ({"a": 1}, "7", "bG9n")
    assert "FunctionError" not in answer
    assert (sam.request.path, sam.request.json) == ("/2015-03-31/functions/any/invocations?Qualifier=live", {"b": 2})


@pytest.mark.parametrize("request_id", [{"requestId": "r"}, {}])
def test_the_error_header_that_sam_leaves_out_is_put_back(proxy: Running, sam: StandIn, request_id: Any) -> None:
    error = {"errorMessage": "no", "errorType": "OutOfStock", **request_id, "stackTrace": ["  File …"]}
    sam.answers(error)
    answer, payload = invoke(lambda_client(proxy), "any", {})
    assert (answer["StatusCode"], answer["FunctionError"], payload) == (200, "Unhandled", error)


def test_a_timeout_that_sam_tells_as_text_is_told_as_lambda_does(proxy: Running, sam: StandIn) -> None:
    sam.answers("Task timed out after 3.00 seconds")
    answer, payload = invoke(lambda_client(proxy), "any", {})
    assert (answer["FunctionError"], payload["errorType"]) == ("Unhandled", "Sandbox.Timedout")
    assert re.fullmatch(r"RequestId: \S+ Error: Task timed out after 3.00 seconds", payload["errorMessage"])


def test_a_crash_keeps_the_header_that_sam_gives_it(proxy: Running, sam: StandIn) -> None:
    sam.answers({"errorType": "Runtime.ExitError", "errorMessage": "m"}, x_amz_function_error="Unhandled")
    answer, payload = invoke(lambda_client(proxy), "any", {})
    assert (answer["FunctionError"], payload["errorType"]) == ("Unhandled", "Runtime.ExitError")


@pytest.mark.parametrize("result", ['"Task timed out after 3.00 seconds"', '{"errorMessage": "m"}', "null", "[]"])
def test_what_a_function_returned_is_no_error(proxy: Running, sam: StandIn, result: str) -> None:
    sam.answers(result)
    answer, payload = invoke(lambda_client(proxy), "any", {})
    assert payload == json.loads(result)
    assert "FunctionError" not in answer


def test_a_refusal_of_the_endpoint_is_passed_on(proxy: Running, sam: StandIn) -> None:
    sam.answers({"Type": "User", "Message": "Function not found: x"}, 404, x_amzn_ErrorType="ResourceNotFoundException")
    status, error, _ = refusal(lambda_client(proxy), "any")
    assert (status, error["Code"], error["Message"]) == (404, "ResourceNotFoundException", "Function not found: x")


def test_a_function_that_the_template_gives_no_name_is_called_by_its_logical_id(proxy: Running, sam: StandIn) -> None:
    sfn = client_of(proxy)
    sam.answers({"errorMessage": "m", "errorType": "Declined", "requestId": "r", "stackTrace": []})
    found = ended(sfn, sfn.start_execution(stateMachineArn=task_machine(sfn))["executionArn"])
    assert (found["status"], found["error"]) == ("FAILED", "Declined")
    assert sam.request.path == "/2015-03-31/functions/Slow/invocations"
    sam.clear()
    sam.answers("1")
    invoke(lambda_client(proxy), f"{ARN}reserve", {})
    assert sam.request.path.endswith("%3Areserve/invocations")


def test_an_endpoint_that_is_not_there_is_the_services_fault() -> None:
    with serve("--lambda-endpoint", "http://127.0.0.1:1") as server:
        status, error, _ = refusal(lambda_client(server), "any")
    assert (status, error["Code"]) == (502, "ServiceException")
    assert "Connection refused" in error["Message"]
