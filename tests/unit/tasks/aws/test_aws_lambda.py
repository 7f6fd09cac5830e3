import base64
import json
import re
from typing import Any

import pytest

from everypath.asl.resource import parse_resource
from everypath.integrations.clients import Connections
from everypath.integrations.lambda_client import AwsLambda
from everypath.integrations.lambda_invoke import invoke_function
from everypath.integrations.service_call import AwsFailure
from everypath.lambda_runtime.endpoint_client import LambdaEndpoint
from everypath.lambda_runtime.invoke import LambdaAnswer, looks_like_error
from tests.unit.tasks.aws.conftest import Request
from tests.unit.tasks.aws.stand_in import StandIn

FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:MockAPI"
ERROR = {"errorMessage": "no", "errorType": "CustomException", "requestId": "r", "stackTrace": []}
HEADERS: dict[str, Any] = {"X_Amz_Executed_Version": "$LATEST", "x_amzn_RequestId": "r"}


@pytest.fixture(params=["endpoint", "boto3"])
def functions(request: pytest.FixtureRequest, service: StandIn, connections: Connections) -> LambdaEndpoint | AwsLambda:
    """The same functions, reached in both ways."""
    return LambdaEndpoint(service.url) if request.param == "endpoint" else AwsLambda(connections, "us-east-1")


@pytest.fixture
def invoke(call: Request, functions: LambdaEndpoint | AwsLambda) -> Request:
    return lambda parameters: call("lambda:invoke", {"FunctionName": "MockAPI", **parameters}, functions=functions)


def test_the_result_of_invoke_holds_the_payload_and_what_http_said(invoke: Request, service: StandIn) -> None:
    service.answers({"a": 1}, **HEADERS)
    assert invoke({"Payload": {"b": 2}}).output == {
        "ExecutedVersion": "$LATEST",
        "Payload": {"a": 1},
        "SdkHttpMetadata": {
            "AllHttpHeaders": {
                "Content-Length": ["8"],
                "X-Amz-Executed-Version": ["$LATEST"],
                "x-amzn-RequestId": ["r"],
            },
            "HttpHeaders": {"Content-Length": "8", "X-Amz-Executed-Version": "$LATEST", "x-amzn-RequestId": "r"},
            "HttpStatusCode": 200,
        },
        "SdkResponseMetadata": {"RequestId": "r"},
        "StatusCode": 200,
    }
    assert (service.request.path, service.request.body) == ("/2015-03-31/functions/MockAPI/invocations", '{"b":2}')


@pytest.mark.parametrize(
    ("payload", "sent"),
    [(None, ""), ("0.0", "0.0"), ('"HelloWorld"', '"HelloWorld"'), ([1, None], "[1,null]"), (True, "true")],
)
def test_a_payload_that_is_text_is_sent_as_it_is_and_null_is_not_sent(
    invoke: Request, service: StandIn, payload: Any, sent: str
) -> None:
    service.answers({}, **HEADERS)
    invoke({"Payload": payload})
    assert service.request.body == sent


def test_a_payload_that_is_no_json_is_refused_as_lambda_refuses_it(invoke: Request, service: StandIn) -> None:
    failure = invoke({"Payload": "bar"})
    assert failure.error == "Lambda.InvalidRequestContentException"
    assert failure.cause.startswith("Could not parse request body into json: ")
    assert "(Service: AWSLambda; Status Code: 400; Error Code: InvalidRequestContentException;" in failure.cause
    assert service.requests == []


def test_the_other_parameters_of_invoke_reach_lambda(invoke: Request, service: StandIn) -> None:
    service.answers("", 202, **HEADERS)
    context = base64.b64encode(b"{}").decode()
    invoke({"Qualifier": "live", "InvocationType": "Event", "LogType": "Tail", "ClientContext": context})
    headers = {name.lower(): value for name, value in service.request.headers.items()}
    assert service.request.path == "/2015-03-31/functions/MockAPI/invocations?Qualifier=live"
    assert headers["x-amz-invocation-type"] == "Event"
    assert headers["x-amz-log-type"] == "Tail"
    assert headers["x-amz-client-context"] == context


def test_a_log_that_was_asked_for_is_in_the_result(invoke: Request, service: StandIn) -> None:
    service.answers({}, X_Amz_Log_Result="bG9n", **HEADERS)
    assert invoke({"LogType": "Tail"}).output["LogResult"] == "bG9n"


def test_a_log_that_the_endpoint_does_not_have_is_empty(invoke: Request, service: StandIn) -> None:
    service.answers({}, **HEADERS)
    assert invoke({"LogType": "Tail"}).output["LogResult"] == ""


def test_a_function_that_raises_gives_its_error_type_and_its_payload_without_blanks(
    invoke: Request, service: StandIn
) -> None:
    service.answers(ERROR, X_Amz_Function_Error="Unhandled", **HEADERS)
    assert invoke({}) == AwsFailure("CustomException", json.dumps(ERROR, separators=(",", ":")))


def test_an_error_without_a_type_is_unknown(invoke: Request, service: StandIn) -> None:
    service.answers({"errorMessage": "no"}, X_Amz_Function_Error="Unhandled", **HEADERS)
    sentence = "The cause could not be determined because Lambda did not return an error type. Returned payload: "
    assert invoke({}) == AwsFailure("Lambda.Unknown", sentence + '{"errorMessage": "no"}')


def test_a_function_that_is_not_there_is_an_error_of_lambda(invoke: Request, service: StandIn) -> None:
    service.answers({"Type": "User", "Message": "Function not found: f"}, 404,
                    x_amzn_ErrorType="ResourceNotFoundException", **HEADERS)  # fmt: skip
    assert invoke({}) == AwsFailure(
        "Lambda.ResourceNotFoundException",
        "Function not found: f (Service: AWSLambda; Status Code: 404; Error Code: ResourceNotFoundException; Request"
        " ID: r; Proxy: null)",
    )


def test_an_unlisted_error_of_lambda_is_the_exception_of_the_service(invoke: Request, service: StandIn) -> None:
    service.answers({"Message": "broken"}, 500, x_amzn_ErrorType="Broken:detail", **HEADERS)
    assert invoke({}).error == "Lambda.AWSLambdaException"


def test_a_function_named_by_its_arn_gets_its_input_and_gives_its_payload(
    functions: LambdaEndpoint | AwsLambda, service: StandIn
) -> None:
    service.answers('"HelloWorld!"', **HEADERS)
    answer = invoke_function(parse_resource(FUNCTION), "0.0", functions)
    assert isinstance(answer, LambdaAnswer)
    assert (answer.payload, answer.executed_version, answer.request_id) == ('"HelloWorld!"', "$LATEST", "r")
    assert service.request.body == "0.0"
    assert service.request.path.lower() == f"/2015-03-31/functions/{FUNCTION.replace(':', '%3a')}/invocations".lower()


def test_a_function_named_by_its_arn_fails_with_the_same_names(
    functions: LambdaEndpoint | AwsLambda, service: StandIn
) -> None:
    service.answers(ERROR, X_Amz_Function_Error="Unhandled", **HEADERS)
    answer = invoke_function(parse_resource(FUNCTION), "{}", functions)
    assert answer == AwsFailure("CustomException", json.dumps(ERROR))


def test_an_endpoint_that_is_not_there_is_a_client_exception(call: Request) -> None:
    failure = call("lambda:invoke", {"FunctionName": "f"}, functions=LambdaEndpoint("http://127.0.0.1:1"))
    assert failure == AwsFailure(
        "Lambda.SdkClientException",
        "Unable to execute HTTP request: Connect to 127.0.0.1:1 [127.0.0.1] failed: Connection refused"
        " (Connection refused)",
    )


def test_an_endpoint_that_forgets_the_error_header_is_not_taken_for_a_success(call: Request, service: StandIn) -> None:
    service.answers(ERROR, **HEADERS)
    failure = call("lambda:invoke", {"FunctionName": "f"}, functions=LambdaEndpoint(service.url))
    assert failure == AwsFailure("CustomException", json.dumps(ERROR, separators=(",", ":")))


def silent(call: Request, service: StandIn, function: Any, timeouts: Any) -> Any:
    """The error and the message of a call that was answered with nothing."""
    service.answers("")
    failure = call("lambda:invoke", {"FunctionName": function}, functions=LambdaEndpoint(service.url, timeouts))
    cause = json.loads(failure.cause)
    assert list(cause) == ["errorType", "errorMessage"]
    assert cause["errorType"] == failure.error
    request, message = cause["errorMessage"].split(" Error: ")
    assert re.fullmatch("RequestId: [0-9a-f-]{36}", request)
    return failure.error, message


@pytest.mark.parametrize("function", ["f", "f:live", "123456789012:function:f", FUNCTION.replace("MockAPI", "f:1")])
def test_an_endpoint_that_answers_with_nothing_in_time_means_that_the_function_exited(
    call: Request, service: StandIn, function: Any
) -> None:
    expected = "Runtime.ExitError", "Runtime exited without providing a reason"
    assert silent(call, service, function, {"f": 60.0}) == expected


def test_an_endpoint_that_answers_with_nothing_when_time_is_over_means_that_the_function_was_stopped(
    call: Request, service: StandIn
) -> None:
    expected = "Sandbox.Timedout", "Task timed out after 0.00 seconds"
    assert silent(call, service, "f", {"f": 0.0}) == expected


def test_without_a_template_nothing_within_a_second_is_no_timeout_since_no_function_has_a_shorter_one(
    call: Request, service: StandIn
) -> None:
    assert silent(call, service, "f", {})[0] == "Runtime.ExitError"


@pytest.mark.parametrize(
    ("status", "parameters", "headers"),
    [(200, {}, HEADERS), (202, {"InvocationType": "Event"}, {}), (204, {"InvocationType": "DryRun"}, {})],
)
def test_an_empty_answer_that_lambda_itself_may_send_is_a_result(
    call: Request, service: StandIn, status: int, parameters: dict[str, Any], headers: Any
) -> None:
    service.answers("", status, **headers)
    parameters = {"FunctionName": "f", **parameters}
    assert call("lambda:invoke", parameters, functions=LambdaEndpoint(service.url)).output["StatusCode"] == status


@pytest.mark.parametrize("payload", ['{"errorMessage": "m", "errorType": "t"}', '"errorMessage"', "{", "[]"])
def test_what_merely_resembles_the_payload_of_an_exception_is_a_result(payload: str) -> None:
    assert not looks_like_error(payload)


def test_without_functions_of_its_own_invoke_calls_lambda_as_boto3_finds_it(call: Request, service: StandIn) -> None:
    service.answers({}, **HEADERS)
    assert call("lambda:invoke", {"FunctionName": "MockAPI"}).output["StatusCode"] == 200
    assert service.request.path == "/2015-03-31/functions/MockAPI/invocations"
