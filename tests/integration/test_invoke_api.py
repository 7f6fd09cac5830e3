"""Lambda's Invoke through the proxy: what Step Functions Local, or anything else that goes by the header, is told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import boto3
import pytest

from tests.integration.histories import without_exit_status
from tests.integration.test_invoke import EVENTS, FUNCTION
from tests.support.server import Running


def invoked(proxy: Running, function: str, event: str) -> tuple[str | None, Any]:
    """`X-Amz-Function-Error` and the payload."""
    client = boto3.session.Session("any", "any", region_name="us-east-1").client("lambda", endpoint_url=proxy.url)
    answer = client.invoke(FunctionName=function, Payload=event)
    return answer.get("FunctionError"), json.loads(answer["Payload"].read())


@pytest.mark.parametrize("event", EVENTS, ids=lambda path: path.stem)
def test_an_exception_has_the_header_that_sam_leaves_out_and_a_result_has_not(event: Path, proxy: Running) -> None:
    error, payload = invoked(proxy, FUNCTION, event.read_text())
    if event.stem == "200":
        assert (error, payload) == (None, "200 OK")
    else:
        assert error == "Unhandled"
        assert payload["errorType"].endswith("Exception")


@pytest.mark.parametrize(
    ("function", "error", "message"),
    [
        ("LateFunction", "Sandbox.Timedout", "Task timed out after 1.00 seconds"),
        ("ExitingFunction", "Runtime.ExitError", "Runtime exited without providing a reason"),
        ("ExitingAtImportFunction", "Runtime.ExitError", "Runtime exited without providing a reason"),
    ],
)
def test_a_function_that_never_answers_has_the_header_and_the_words_of_lambda(
    function: str, error: str, message: str, failing_proxy: Running
) -> None:
    header, payload = invoked(failing_proxy, function, '{"by": "os._exit"}')
    assert header == "Unhandled"
    assert payload["errorType"] == error
    assert without_exit_status(payload)["errorMessage"].endswith(f" Error: {message}")
