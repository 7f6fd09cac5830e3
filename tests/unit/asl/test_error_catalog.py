"""The error names that AWS has, and what takes them."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import everypath
from everypath.asl import error_catalog
from everypath.asl.error_catalog import (
    LAMBDA_ERRORS,
    LAMBDA_PREFIXES,
    LAMBDA_TRANSIENT,
    OPTIMIZED_PREFIXES,
    RESERVED,
    first_taker,
    is_reserved,
    takes,
)
from everypath.asl.jsonpath.intrinsic_functions import FUNCTIONS
from everypath.asl.resource import OPTIMIZED, parse_resource
from everypath.asl.tree import Retrier

SDK = "arn:aws:states:::aws-sdk:"
OPTIMIZED_ARN = "arn:aws:states:::"
SOURCES = Path(everypath.__file__).parent
CATALOG = Path(error_catalog.__file__)
PREFIX = rf"(?:{'|'.join(sorted({'States', *LAMBDA_PREFIXES, *OPTIMIZED_PREFIXES}))})\."
NAME = re.compile(rf"{PREFIX}(?:[A-Za-z0-9]+\.)*[A-Za-z0-9]+")
BEGINNING = re.compile(rf"{PREFIX}(?:[A-Za-z0-9]+\.)*")


def error_names_written_in(source: str) -> Iterator[tuple[int, str]]:
    """The error names in a module's strings, and the beginnings of those that it puts together, with their lines."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.JoinedStr):
            first = node.values[0] if len(node.values) > 1 else None
            if isinstance(first, ast.Constant) and isinstance(first.value, str) and BEGINNING.fullmatch(first.value):
                yield node.lineno, first.value
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and is_error_name(node.value):
            yield node.lineno, node.value


def is_error_name(text: str) -> bool:
    return NAME.fullmatch(text) is not None and text not in FUNCTIONS


@pytest.mark.parametrize("error", [*sorted(RESERVED - {"States.Runtime"}), "Boom", "Lambda.Unknown", None])
def test_states_all_takes_every_error_but_states_runtime(error: str | None) -> None:
    assert takes(["States.ALL"], error)


@pytest.mark.parametrize("names", [["States.ALL"], ["States.TaskFailed"], ["States.Runtime"]])
def test_nothing_takes_states_runtime(names: list[str]) -> None:
    assert not takes(names, "States.Runtime")


@pytest.mark.parametrize(
    ("error", "taken"), [("Boom", True), ("States.DataLimitExceeded", True), (None, True), ("States.Timeout", False),
     ("States.QueryEvaluationError", False)],
)  # fmt: skip
def test_states_task_failed_takes_every_error_but_timeouts_and_failed_expressions(
    error: str | None, taken: bool
) -> None:
    assert takes(["States.TaskFailed"], error) is taken


def test_other_names_are_compared_letter_by_letter() -> None:
    assert takes(["States.Timeout", "Boom"], "Boom")
    assert not takes(["Boom", "OSError", "State.ALL"], "boom")
    assert not takes(["OSError"], "FileNotFoundError")
    assert not takes(["Boom"], None)


def test_the_first_retrier_that_takes_an_error_is_found() -> None:
    retriers = [Retrier(("A",)), Retrier(("B", "A")), Retrier(("States.ALL",))]
    assert [first_taker(retriers, name) for name in ("A", "B", "C", "States.Runtime")] == [0, 1, 2, None]


def test_the_errors_of_http_tasks_are_reserved() -> None:
    assert error_catalog.http_status_error(404) == "States.Http.StatusCode.404"
    assert is_reserved("States.Http.StatusCode.404")
    assert is_reserved("States.ReferencePathConflict")
    assert not is_reserved("States.All")
    assert not is_reserved("Boom")


def test_lambda_has_the_five_transient_errors_of_the_developer_guide() -> None:
    assert {name.removeprefix("Lambda.") for name in LAMBDA_TRANSIENT} == {
        "ClientExecutionTimeoutException",
        "ServiceException",
        "AWSLambdaException",
        "SdkClientException",
        "TooManyRequestsException",
    }


@pytest.mark.parametrize(
    ("arn", "prefix"),
    [
        ("arn:aws:lambda:us-east-1:123456789012:function:f", "Lambda"),
        (f"{OPTIMIZED_ARN}lambda:invoke", "Lambda"),
        (f"{OPTIMIZED_ARN}apigateway:invoke", "ApiGateway"),
        (f"{OPTIMIZED_ARN}sagemaker:createTrainingJob.sync", "SageMaker"),
        (f"{OPTIMIZED_ARN}eks:call", "EKS"),
        (f"{OPTIMIZED_ARN}states:startExecution", "StepFunctions"),
        (f"{SDK}dynamodb:getItem", "DynamoDb"),
        (f"{SDK}sfn:startExecution", "Sfn"),
        (f"{SDK}acmpca:deleteCertificateAuthority", "AcmPca"),
        (f"{OPTIMIZED_ARN}http:invoke", None),
        ("arn:aws:states:us-east-1:123456789012:activity:a", None),
    ],
)
def test_the_errors_of_a_service_begin_with_its_prefix(arn: str, prefix: str | None) -> None:
    assert error_catalog.error_prefix(parse_resource(arn)) == prefix


@pytest.mark.parametrize(
    ("arn", "code", "error"),
    [
        (f"{SDK}s3:getObject", "NoSuchKey", "S3.NoSuchKeyException"),
        (f"{SDK}s3:getObject", "SignatureDoesNotMatch", "S3.S3Exception"),
        (f"{SDK}rds:describeDBInstances", "DBInstanceNotFound", "Rds.DbInstanceNotFoundException"),
        (f"{OPTIMIZED_ARN}sqs:sendMessage", "AccessDenied", "SQS.AmazonSQSException"),
        (f"{OPTIMIZED_ARN}dynamodb:getItem", "Odd", "DynamoDB.AmazonDynamoDBException"),
        (f"{OPTIMIZED_ARN}dynamodb:getItem", "ResourceNotFoundException", "DynamoDB.ResourceNotFoundException"),
        (f"{OPTIMIZED_ARN}lambda:invoke", "TooManyRequestsException", "Lambda.TooManyRequestsException"),
    ],
)
def test_an_error_code_of_a_service_is_an_exception_of_the_sdk_for_java(arn: str, code: str, error: str) -> None:
    assert error_catalog.service_error(parse_resource(arn), code) == error


def test_every_optimized_service_that_can_be_called_has_a_prefix() -> None:
    callable_services = {
        service for service, actions in OPTIMIZED.items() if any(action.supported for action in actions.values())
    }
    for service in callable_services - {"http"}:
        action = next(iter(OPTIMIZED[service]))
        resource = parse_resource(f"{OPTIMIZED_ARN}{service}:{action}")
        assert error_catalog.client_error(resource) == error_catalog.optimized_error(service, "SdkClientException")


def test_no_error_name_is_written_outside_the_catalog() -> None:
    written = [
        f"{file.relative_to(SOURCES)}:{line}: {name}"
        for file in sorted(SOURCES.rglob("*.py"))
        if file != CATALOG
        for line, name in error_names_written_in(file.read_text())
    ]
    assert written == []


def test_error_names_are_found_in_a_modules_syntax_tree() -> None:
    assert {name for _, name in error_names_written_in(CATALOG.read_text())} >= RESERVED | LAMBDA_ERRORS
    source = """
        '''``States.Runtime`` in a docstring, or "States.ALL must be last" in a message, is prose.'''
        raise StateError("States.Runtime", f"Lambda.{code}", f"States.Http.StatusCode.{code}", f"SQS.{code}Exception")
        if text.startswith("States.") or text == "States.Format": ...
    """
    assert [name for _, name in error_names_written_in(inspect.cleandoc(source))] == [
        "States.Runtime", "Lambda.", "States.Http.StatusCode.", "SQS.",
    ]  # fmt: skip
