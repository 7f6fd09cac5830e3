"""The function: what it answers, raises, logs, counts and traces."""

import ast
import contextlib
import io
import json
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from tests.support.application import ROOT

SOURCE = ROOT / "functions" / "mock_api"
MODULES = ("app", "errors", "tracing")
FROM_LAMBDA = ("LAMBDA_TASK_ROOT", "AWS_XRAY_DAEMON_ADDRESS", "AWS_SAM_LOCAL", "_X_AMZN_TRACE_ID")


def context(request_id: str = "request-1") -> SimpleNamespace:
    return SimpleNamespace(
        function_name="MockAPIFunction",
        memory_limit_in_mb="256",
        invoked_function_arn="arn:aws:lambda:eu-west-1:123456789012:function:MockAPIFunction",
        aws_request_id=request_id,
    )


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """The handler's module, imported as a runtime would: by its bare name, beside its siblings."""
    for name in FROM_LAMBDA:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.syspath_prepend(str(SOURCE))
    forget()
    forget()
    import app

    yield app
    forget()


def forget() -> None:
    for name in MODULES:
        sys.modules.pop(name, None)


class Call:
    """One call of the handler and what it left: an answer or an error, and lines of JSON."""

    def __init__(self, app: ModuleType, capsys: pytest.CaptureFixture[str], event: object, **ids: str) -> None:
        self.answer: object = None
        self.error: Exception | None = None
        capsys.readouterr()
        try:
            self.answer = app.lambda_handler(event, context(**ids))
        except Exception as error:
            self.error = error
        lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        self.metrics: list[dict[str, Any]] = [line for line in lines if "_aws" in line]
        self.log: list[dict[str, Any]] = [line for line in lines if "_aws" not in line]

    def counts(self, metric: str) -> list[dict[str, str]]:
        """Name the dimensions under which the metric was counted once."""
        found = []
        for line in self.metrics:
            (directive,) = line["_aws"]["CloudWatchMetrics"]
            if {"Name": metric, "Unit": "Count"} in directive["Metrics"]:
                assert directive["Namespace"] == "MockAPI"
                assert line[metric] == [1.0]
                (dimensions,) = directive["Dimensions"]
                found.append({name: line[name] for name in dimensions})
        return found


def in_process(code: str, **environment: str) -> str:
    """Run code in a fresh Python that has nothing in its environment but what is given."""
    run = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(SOURCE)!r})\n{code}"],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return run.stdout


# Answers


def test_200_returns_200_ok(app: ModuleType) -> None:
    assert app.lambda_handler({"statusCode": "200"}, context()) == "200 OK"


@pytest.mark.parametrize(
    ("code", "name", "message"),
    [
        ("429", "TooManyRequestsException", "429 Too Many Requests"),
        ("503", "ServerUnavailableException", "503 Server Unavailable"),
        ("999", "UnknownException", "Unknown error"),
        ("0200", "UnknownException", "Unknown error"),
        (" ", "UnknownException", "Unknown error"),
    ],
)
def test_any_other_code_raises_the_error_of_that_name(app: ModuleType, code: str, name: str, message: str) -> None:
    with pytest.raises(Exception) as raised:
        app.lambda_handler({"statusCode": code}, context())

    assert raised.type.__name__ == name
    assert str(raised.value) == message


def test_what_is_raised_are_the_classes_that_the_workflow_is_built_from(app: ModuleType) -> None:
    import errors

    with pytest.raises(errors.TooManyRequestsException):
        app.lambda_handler({"statusCode": "429"}, context())


@pytest.mark.parametrize(
    ("event", "came"),
    [
        ({}, 'an object without "statusCode" (its keys: none)'),
        ({"statuscode": "200"}, "an object without \"statusCode\" (its keys: ['statuscode'])"),
    ],
)
def test_a_missing_status_code_names_what_was_expected_and_what_came(app: ModuleType, event: object, came: str) -> None:
    assert refusal(app, event) == f'expected an object such as {{"statusCode": "200"}}, got {came}'


def test_an_empty_status_code_names_what_was_expected_and_what_came(app: ModuleType) -> None:
    assert refusal(app, {"statusCode": ""}) == (
        'expected an object such as {"statusCode": "200"}, got an empty "statusCode"'
    )


@pytest.mark.parametrize(
    ("code", "came"),
    [(429, "429 (int)"), (None, "None (NoneType)"), (True, "True (bool)"), (["200"], "['200'] (list)")],
)
def test_a_status_code_that_is_no_string_names_what_was_expected_and_what_came(
    app: ModuleType, code: object, came: str
) -> None:
    assert refusal(app, {"statusCode": code}) == (
        f'expected an object such as {{"statusCode": "200"}}, got the "statusCode" {came}'
    )


@pytest.mark.parametrize(("event", "came"), [(None, "None (NoneType)"), ("200", "'200' (str)"), ([{}], "[{}] (list)")])
def test_an_event_that_is_no_object_names_what_was_expected_and_what_came(
    app: ModuleType, event: object, came: str
) -> None:
    assert refusal(app, event) == f'expected an object such as {{"statusCode": "200"}}, got {came}'


def test_a_large_event_is_shortened_in_the_message(app: ModuleType) -> None:
    assert len(refusal(app, {"statusCode": ["x" * 10_000] * 100})) < 400
    assert len(refusal(app, {f"key-{i}": "x" for i in range(1000)})) < 400


def refusal(app: ModuleType, event: object) -> str:
    with pytest.raises(Exception) as raised:
        app.lambda_handler(event, context())
    assert raised.type.__name__ == "InvalidStatusCodeException"
    return str(raised.value)


def test_the_events_ask_for_each_answer_once(app: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    calls = {path.stem: Call(app, capsys, json.loads(path.read_text())) for path in (ROOT / "events").glob("*.json")}

    assert {name: call.answer or type(call.error).__name__ for name, call in calls.items()} == {
        "200": "200 OK",
        "429": "TooManyRequestsException",
        "503": "ServerUnavailableException",
        "999": "UnknownException",
    }


# Errors on their way out


def test_an_error_reaches_the_runtime_unchanged(app: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    unforeseen = RuntimeError("unforeseen")

    def fail(code: str) -> str:
        raise unforeseen

    monkeypatch.setattr(app, "respond", fail)

    with pytest.raises(RuntimeError) as raised:
        app.lambda_handler({"statusCode": "200"}, context())

    assert raised.value is unforeseen
    assert raised.value.__cause__ is None
    assert raised.value.__context__ is None


def test_an_unforeseen_error_is_logged_and_counted_like_the_others(
    app: ModuleType, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(code: str) -> str:
        raise RuntimeError("unforeseen")

    monkeypatch.setattr(app, "respond", fail)
    call = Call(app, capsys, {"statusCode": "200"})

    assert call.counts("Failures") == [{"error_name": "RuntimeError", "service": "mock-api"}]
    assert call.log[-1]["error_name"] == "RuntimeError"


def test_the_context_may_be_any_object_with_the_attributes_of_lambdas_own(app: ModuleType) -> None:
    class Context:
        __slots__ = ()
        function_name = invoked_function_arn = aws_request_id = "any"
        memory_limit_in_mb = 128

    assert app.lambda_handler({"statusCode": "200"}, Context()) == "200 OK"


# Logs


@pytest.mark.parametrize("code", ["200", "503"])
def test_every_log_line_carries_the_request_id_and_the_execution_id(
    app: ModuleType, capsys: pytest.CaptureFixture[str], code: str
) -> None:
    call = Call(app, capsys, {"statusCode": code, "executionId": "execution-1"}, request_id="request-7")

    assert call.log
    for line in call.log:
        assert line["function_request_id"] == "request-7"
        assert line["execution_id"] == "execution-1"
        assert line["service"] == "mock-api"


def test_the_execution_id_is_found_in_the_shape_of_the_context_object(
    app: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    call = Call(app, capsys, {"statusCode": "200", "Execution": {"Id": "execution-2"}})

    assert call.log[-1]["execution_id"] == "execution-2"


@pytest.mark.parametrize(
    "event",
    [
        {"statusCode": "200"},
        {"statusCode": "200", "executionId": 7},
        {"statusCode": "200", "Execution": "execution-1"},
        ["200"],
    ],
)
def test_without_an_execution_id_the_log_has_none(
    app: ModuleType, capsys: pytest.CaptureFixture[str], event: object
) -> None:
    call = Call(app, capsys, event)

    assert call.log
    assert all("execution_id" not in line for line in call.log)


def test_the_ids_of_one_call_do_not_show_in_the_next(app: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    Call(app, capsys, {"statusCode": "200", "executionId": "execution-1"}, request_id="request-1")
    second = Call(app, capsys, {"statusCode": "200"}, request_id="request-2")

    assert second.log[-1]["function_request_id"] == "request-2"
    assert "execution_id" not in second.log[-1]


def test_a_failure_is_logged_as_an_error_with_its_name_and_message(
    app: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    (line,) = Call(app, capsys, {"statusCode": "503"}).log

    assert line["level"] == "ERROR"
    assert line["error_name"] == "ServerUnavailableException"
    assert line["error_message"] == "503 Server Unavailable"


def test_log_lines_go_to_what_standard_output_is_when_they_are_written(app: ModuleType) -> None:
    for _ in range(2):
        with io.StringIO() as output, contextlib.redirect_stdout(output):
            app.lambda_handler({"statusCode": "200"}, context())
            assert '"message":"call answered"' in output.getvalue()


# Metrics


@pytest.mark.parametrize("event", [{"statusCode": "200"}, {"statusCode": "429"}, {}])
def test_every_call_is_counted_once_whatever_comes_of_it(
    app: ModuleType, capsys: pytest.CaptureFixture[str], event: object
) -> None:
    assert Call(app, capsys, event).counts("Calls") == [{"service": "mock-api"}]


@pytest.mark.parametrize(
    ("event", "name"),
    [
        ({"statusCode": "429"}, "TooManyRequestsException"),
        ({"statusCode": "503"}, "ServerUnavailableException"),
        ({"statusCode": "999"}, "UnknownException"),
        ({}, "InvalidStatusCodeException"),
    ],
)
def test_a_failure_is_counted_under_its_error_name(
    app: ModuleType, capsys: pytest.CaptureFixture[str], event: object, name: str
) -> None:
    assert Call(app, capsys, event).counts("Failures") == [{"error_name": name, "service": "mock-api"}]


def test_a_success_counts_no_failure(app: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    assert Call(app, capsys, {"statusCode": "200"}).counts("Failures") == []


def test_a_failed_call_leaves_no_metric_behind_for_the_next(
    app: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    Call(app, capsys, {"statusCode": "503"})

    assert len(Call(app, capsys, {"statusCode": "200"}).metrics) == 1


# Traces


@pytest.mark.parametrize(
    "environment",
    [
        {},
        {"LAMBDA_TASK_ROOT": "/var/task"},
        {"AWS_XRAY_DAEMON_ADDRESS": "127.0.0.1:2000"},
        {"LAMBDA_TASK_ROOT": "/var/task", "AWS_XRAY_DAEMON_ADDRESS": "x:1", "AWS_SAM_LOCAL": "true"},
    ],
    ids=["in process", "emulator", "a daemon of someone else's", "sam local"],
)
def test_the_tracer_leaves_the_handler_alone_off_lambda(
    app: ModuleType, monkeypatch: pytest.MonkeyPatch, environment: dict[str, str]
) -> None:
    import tracing

    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    assert tracing.traced("service")(app.lambda_handler) is app.lambda_handler


def test_on_lambda_each_call_sends_a_trace_and_raises_as_ever() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as daemon:
        daemon.bind(("127.0.0.1", 0))
        daemon.settimeout(30)
        printed = in_process(
            "import app\n"
            "from types import SimpleNamespace\n"
            "names = 'function_name', 'memory_limit_in_mb', 'invoked_function_arn', 'aws_request_id'\n"
            "context = SimpleNamespace(**dict.fromkeys(names, 'any'))\n"
            "try: app.lambda_handler({'statusCode': '503'}, context)\n"
            "except Exception as error: print(type(error).__name__)\n"
            "print(sorted({'botocore.session', 'botocore.client', 'boto3'} & set(sys.modules)))\n",
            LAMBDA_TASK_ROOT=str(SOURCE),
            AWS_XRAY_DAEMON_ADDRESS=f"127.0.0.1:{daemon.getsockname()[1]}",
            _X_AMZN_TRACE_ID="Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1",
        )
        _, segment = daemon.recv(65535).decode().split("\n", 1)

    assert printed.splitlines()[-2:] == ["ServerUnavailableException", "[]"]
    assert json.loads(segment)["trace_id"] == "1-5759e988-bd862e3fe1be46a994272793"
    assert json.loads(segment)["cause"]["exceptions"][0]["type"] == "ServerUnavailableException"


def test_only_the_seam_names_a_tracer() -> None:
    naming = {path.name for path in SOURCE.glob("*.py") if re.search(r"\bTracer\b|xray_sdk", path.read_text())}

    assert naming == {"tracing.py"}


# The package


def test_the_import_loads_neither_an_aws_client_nor_a_tracer() -> None:
    """Powertools imports the bare package botocore, which is almost empty; its modules must not come along."""
    loaded = in_process("import app; print(*sys.modules)").split()

    assert "app" in loaded
    unwanted = r"boto3|botocore\..+|aws_xray_sdk.*|wrapt.*|pydantic.*"
    assert [name for name in loaded if re.fullmatch(unwanted, name)] == []


def test_the_module_of_the_errors_imports_nothing() -> None:
    tree = ast.parse((SOURCE / "errors.py").read_text())

    assert [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)] == []


def pins(path: Path) -> dict[str, str]:
    # What a platform does not have is behind a marker.
    lines = [line.partition("; ")[0] for line in path.read_text().splitlines() if line and not line.startswith("#")]
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.]+", line) for line in lines), path
    return dict(line.lower().split("==") for line in lines)


def test_the_package_is_pinned_to_what_runs_here() -> None:
    shipped = pins(SOURCE / "requirements.txt")

    assert shipped.items() <= pins(ROOT / "requirements.txt").items()


def test_the_package_leaves_out_what_the_runtime_has() -> None:
    assert {"boto3", "botocore"}.isdisjoint(pins(SOURCE / "requirements.txt"))


def test_the_requirements_of_sam_are_pinned_and_name_no_index() -> None:
    assert pins(ROOT / "requirements-sam.txt")["aws-sam-cli"] == "1.170.0"
