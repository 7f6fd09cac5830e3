"""Express workflows on targets: what came of an execution, and no history of it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

import everypath
from everypath import NotOnTargetError, TargetError, Throw
from everypath.cli import main
from everypath.targets.clients import aws_client
from tests.unit.plugin.test_plugin import run as run_pytest
from tests.unit.server.conftest import ROLE, Running, client_of, serve
from tests.unit.targets.conftest import Application, on, written

TEMPLATE = """
Transform: AWS::Serverless-2016-10-31
Resources:
  Reserve:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: ., Handler: app.handler, Runtime: python3.13}
  Order:
    Type: AWS::Serverless::StateMachine
    Properties:
      Name: order
      Type: EXPRESS
      Definition:
        StartAt: Reserve
        States:
          Reserve:
            Type: Task
            Resource: !GetAtt Reserve.Arn
            Retry: [{ErrorEquals: [Busy], IntervalSeconds: 2, MaxAttempts: 1}]
            Catch: [{ErrorEquals: [OutOfStock], ResultPath: null, Next: Apologise}]
            End: true
          Apologise: {Type: Wait, Seconds: 20, End: true}
"""
HANDLER = """
class OutOfStock(Exception):
    pass

class Broken(Exception):
    pass

def handler(event, context):
    if event["quantity"] > 100:
        raise Broken("who needs so many?")
    if event["quantity"] > 10:
        raise OutOfStock("only 10 left")
    return {"reserved": event["quantity"]}
"""
ORDER = "arn:aws:states:us-east-1:123456789012:stateMachine:order"
Command = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("express")
    (folder / "app.py").write_text(HANDLER)
    (folder / "template.yaml").write_text(TEMPLATE)
    return folder / "template.yaml"


@pytest.fixture(scope="module")
def shop(template: Path) -> Iterator[Application]:
    """The Express workflow behind a server."""
    mocks = template.with_name("mocks.json")
    mocks.write_text('{"StateMachines": {}, "MockedResponses": {}}')
    with serve("--template", str(template), "--mock-config", str(mocks)) as running:
        yield Application(running.url, mocks)


@pytest.fixture
def everypath_command(template: Path, capsys: pytest.CaptureFixture[str]) -> Command:
    def run(*arguments: str) -> tuple[int, str, str]:
        code = main([*arguments, "--template", str(template)])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


@pytest.mark.parametrize(
    ("quantity", "status"), [(3, "SUCCEEDED"), (11, "SUCCEEDED"), (101, "FAILED")], ids=["result", "caught", "failed"]
)
def test_an_outcome_is_that_of_the_embedded_engine(
    shop: Application, template: Path, quantity: int, status: str
) -> None:
    there = on(shop.url, template).run({"quantity": quantity}, name="mine")
    here = everypath.load(template, target="embedded").run({"quantity": quantity})
    assert there.status == here.status == status
    for name in ("input", "output", "error", "elapsed", "succeeded", "state_machine_arn"):
        assert getattr(there, name) == getattr(here, name), name
    assert (there.name, there.arn.split(":")[5]) == ("mine", "express")
    if quantity == 101:
        assert json.loads(there.cause or "")["errorMessage"] == json.loads(here.cause or "")["errorMessage"]


@pytest.mark.parametrize(
    ("ask", "what"),
    [
        (lambda execution: execution.events, "events"),
        (lambda execution: execution.event_types, "events"),
        (lambda execution: execution.attempts("Reserve"), "events"),
        (lambda execution: execution.input_of("Reserve"), "events"),
        (lambda execution: execution.output_of("Reserve"), "events"),
        (lambda execution: execution.path, "path"),
        (lambda execution: execution.entered("Reserve"), "path"),
        (lambda execution: execution.transitions, "transitions"),
    ],
)
def test_what_only_a_history_tells_is_refused_by_name(
    shop: Application, template: Path, ask: Callable[[Any], object], what: str
) -> None:
    execution = on(shop.url, template).run({"quantity": 3})
    assert not execution.has_history
    with pytest.raises(NotOnTargetError) as refused:
        ask(execution)
    assert str(refused.value) == (
        f"order: is an Express workflow, of whose executions {shop.url} keeps no history: there is no {what}"
    )


def test_an_execution_without_history_can_be_shown(shop: Application, template: Path) -> None:
    execution = on(shop.url, template).run({"quantity": 3})
    assert execution.to_dict() == {"status": "SUCCEEDED", "output": {"reserved": 3}, "elapsed_seconds": 0.0}
    assert repr(execution).startswith("ExpressExecution('arn:aws:states:us-east-1:123456789012:express:order:")


def test_a_fault_is_injected_through_the_mock_configuration(shop: Application, template: Path) -> None:
    machine = on(shop.url, template, shop.mocks)
    execution = machine.run({"quantity": 3}, faults={"Reserve": [Throw("Busy")]})
    assert (execution.output, execution.elapsed) == ({"reserved": 3}, 2)
    execution = machine.run({"quantity": 3}, faults={"Reserve": [Throw("Busy", "very"), Throw("Busy", "very")]})
    assert (execution.status, execution.error, execution.cause) == ("FAILED", "Busy", "very")


def test_a_machine_that_is_not_there_is_created_as_an_express_workflow(bare: Running, tmp_path: Path) -> None:
    definition = {"StartAt": "Only", "States": {"Only": {"Type": "Pass", "Result": [1], "End": True}}}
    execution = on(bare.url, written(tmp_path, definition, "EXPRESS", name="express")).run({})
    assert execution.output == [1]


# In pytest

TESTS = """
import everypath

def run(quantity):
    return everypath.load("template.yaml").run({"quantity": quantity})

def test_outcome():
    assert run(101).error == "Broken"
    assert run(11).took(20)

def test_path():
    assert run(11).path == ("Reserve", "Apologise")
"""


def test_a_test_that_needs_the_history_is_skipped_by_name(shop: Application, template: Path, tmp_path: Path) -> None:
    for name in ("app.py", "template.yaml"):
        (tmp_path / name).write_text(template.with_name(name).read_text())
    (tmp_path / "test_order.py").write_text(TESTS)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    assert "2 passed" in run_pytest(tmp_path).stdout
    done = run_pytest(tmp_path, "-rs", f"--everypath-target={shop.url}", "--everypath-cov")
    assert done.returncode == 0, done.stdout
    assert "1 passed, 1 skipped" in done.stdout
    assert f"test_path: order: is an Express workflow, of whose executions {shop.url} keeps no history" in done.stdout
    assert "no state machine was run" in done.stdout  # whose history could be counted


# On the command line


def test_a_run_shows_the_outcome_and_says_that_there_is_no_more(shop: Application, everypath_command: Command) -> None:
    code, out, err = everypath_command("run", "--target", shop.url, "--input", '{"quantity": 11}')
    assert (code, err) == (0, "")
    assert out == (
        '--input  {"quantity":11}\n'
        '  SUCCEEDED    {"quantity":11}\n'
        "  time         20 s (the target's clock)\n"
        "  events       unknown: of Express workflows, only the embedded engine has a history\n"
    )
    code, out, _ = everypath_command("run", "--target", shop.url, "--input", '{"quantity": 101}', "--json")
    assert code == 1
    assert json.loads(out)["error"] == "Broken"


def test_outcomes_are_compared_and_that_there_are_no_events_is_said(
    shop: Application, everypath_command: Command
) -> None:
    why = f"  an Express workflow: {shop.url} keeps no history, and no events are compared\n"
    for quantity in (3, 11, 101):
        compare = ["compare", "embedded", shop.url, "--input", f'{{"quantity": {quantity}}}']
        assert everypath_command(*compare) == (0, f"same outcome: embedded and {shop.url}\n{why}", "")
    _, out, _ = everypath_command("compare", shop.url, shop.url, "--input", '{"quantity": 3}')
    assert out.endswith(why)
    _, out, _ = everypath_command("compare", "embedded", "embedded", "--input", '{"quantity": 3}')
    assert out == "same: embedded and embedded\n"


def test_outcomes_that_differ_are_shown_side_by_side(
    shop: Application, everypath_command: Command, tmp_path: Path
) -> None:
    saved = tmp_path / "saved.json"
    saved.write_text(everypath_command("run", "--input", '{"quantity": 101}', "--json")[1].replace("Broken", "Busy"))
    code, out, _ = everypath_command("compare", str(saved), shop.url)
    lines = [line.split() for line in out.splitlines()]
    assert code == 1
    assert lines[0] == ["different", "outcome:", str(saved), "and", shop.url]
    assert lines[3] == [str(saved), shop.url]
    assert lines[5:] == [["error", "Busy", "Broken"], ["cause.errorType", "Busy", "Broken"]]
    code, out, _ = everypath_command("compare", str(saved), shop.url, "--json")
    assert (code, json.loads(out)) == (
        1,
        {
            "left": str(saved),
            "right": shop.url,
            "same": False,
            "compared": "outcome",
            "fields": [
                {"place": "error", "left": "Busy", "right": "Broken"},
                {"place": "cause.errorType", "left": "Busy", "right": "Broken"},
            ],
        },
    )


def test_an_outcome_of_another_status_differs_in_all_that_it_has(
    shop: Application, everypath_command: Command, tmp_path: Path
) -> None:
    saved = tmp_path / "saved.json"
    saved.write_text(everypath_command("run", "--input", '{"quantity": 3}', "--json")[1])
    code, out, _ = everypath_command("compare", str(saved), shop.url, "--input", '{"quantity": 101}', "--json")
    assert code == 1
    assert [field["place"] for field in json.loads(out)["fields"]] == ["status", "output", "error", "cause"]


def test_every_case_is_judged_by_its_outcome(
    shop: Application, template: Path, everypath_command: Command, tmp_path: Path
) -> None:
    (tmp_path / "failed.json").write_text('{"quantity": 101}')
    options = ["--mock-config", str(shop.mocks), "--events", str(tmp_path)]
    code, out, _ = everypath_command("paths", "--target", shop.url, *options)
    assert code == 0, out
    assert " same, 0 differs, 0 skipped" in out.splitlines()[0]
    own = tmp_path / "own.json"
    own.write_text(shop.mocks.read_text())
    content = json.loads(shop.mocks.read_text())
    for response in content["MockedResponses"].values():
        response.update({number: {"Return": "anything"} for number in response if number in ("0", "0-1")})
    shop.mocks.write_text(json.dumps(content))
    code, out, _ = everypath_command("paths", "--target", shop.url, "--mock-config", str(own))
    assert code == 1
    assert "status SUCCEEDED in place of FAILED" in out


# Endpoints that are not everypath's


@contextmanager
def answering(answers: Callable[[str], tuple[int, bytes]]) -> Iterator[str]:
    """A server that answers by the last word of X-Amz-Target, or of the body where there is none."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            status, answer = answers(self.headers.get("X-Amz-Target", body).rpartition(".")[2])
            self.send_response(status)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def order_at(template: Path, start: Callable[[], tuple[int, bytes]]) -> Callable[[str], tuple[int, bytes]]:
    """The answers of an endpoint that has the state machine, and starts it like this."""
    machine = everypath.load(template, target="embedded")
    listed = {"name": "order", "stateMachineArn": ORDER}
    definition = json.dumps(machine.state_machine.definition)
    known = {
        "ListStateMachines": {"stateMachines": [listed]},
        "DescribeStateMachine": {"type": "EXPRESS", "definition": definition},
    }
    return lambda operation: (200, json.dumps(known[operation]).encode()) if operation in known else start()


@pytest.mark.parametrize(
    ("status", "code"), [(400, "UnknownOperationException"), (500, "UnsupportedOperation"), (501, "InternalFailure")]
)
def test_an_endpoint_without_start_sync_execution_is_named(template: Path, status: int, code: str) -> None:
    refusal = json.dumps({"__type": code, "message": "no"}).encode()
    with answering(order_at(template, lambda: (status, refusal))) as url, pytest.raises(NotOnTargetError) as refused:
        on(url, template).run({"quantity": 3})
    assert str(refused.value) == f"order: is an Express workflow, and {url} has no StartSyncExecution"


def test_one_that_takes_too_long_is_told_and_is_not_started_again(template: Path) -> None:
    starts, over = [], threading.Event()

    def start() -> tuple[int, bytes]:
        starts.append(1)
        over.wait(60)
        return 200, b"{}"

    with answering(order_at(template, start)) as url:
        with pytest.raises(TargetError) as refused:
            on(url, template, limit=0.2).run({"quantity": 3})
        over.set()
    assert str(refused.value) == (
        f"{url}: an execution of {ORDER} was not over after 0.2 s; an Express one cannot be stopped"
    )
    assert len(starts) == 1


RESOURCES = """<ListStackResourcesResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/">
<ListStackResourcesResult><StackResourceSummaries><member><LogicalResourceId>Order</LogicalResourceId>
<PhysicalResourceId>arn:aws:states:us-east-1:123456789012:stateMachine:shop-Order-1A2B</PhysicalResourceId>
<ResourceType>AWS::StepFunctions::StateMachine</ResourceType></member></StackResourceSummaries>
</ListStackResourcesResult></ListStackResourcesResponse>"""


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PROFILE", "ENDPOINT_URL", "ENDPOINT_URL_SFN", "DISABLE_HOST_PREFIX_INJECTION"):
        monkeypatch.delenv(f"AWS_{name}", raising=False)
    for name, value in (("ACCESS_KEY_ID", "test"), ("SECRET_ACCESS_KEY", "test"), ("REGION", "us-east-1")):
        monkeypatch.setenv(f"AWS_{name}", value)


@pytest.mark.usefixtures("account")
def test_a_deployed_express_workflow_answers_at_an_endpoint_of_the_environment_too(
    shop: Application, template: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serve() as running, answering(lambda _: (200, RESOURCES.encode())) as formation:
        definition = json.dumps({"StartAt": "Only", "States": {"Only": {"Type": "Succeed"}}})
        client_of(running).create_state_machine(
            name="shop-Order-1A2B", definition=definition, roleArn=ROLE, type="EXPRESS"
        )
        monkeypatch.setenv("AWS_ENDPOINT_URL_SFN", running.url)
        monkeypatch.setenv("AWS_ENDPOINT_URL_CLOUDFORMATION", formation)
        execution = on("aws:shop", template).run({"quantity": 3})
    assert (execution.output, execution.has_history) == ({"quantity": 3}, False)
    assert ":express:shop-Order-1A2B:" in execution.arn


@pytest.mark.usefixtures("account")
@pytest.mark.parametrize(
    ("url", "prefixed"), [(None, True), ("http://127.0.0.1:4566", False), ("https://step-functions.example", False)]
)
def test_sync_goes_before_the_host_of_aws_and_before_no_other(
    monkeypatch: pytest.MonkeyPatch, url: str | None, prefixed: bool
) -> None:
    if url is not None:
        monkeypatch.setenv("AWS_ENDPOINT_URL", url)
    assert aws_client("stepfunctions").meta.config.inject_host_prefix is prefixed


@pytest.mark.usefixtures("account")
def test_who_wants_no_prefix_gets_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DISABLE_HOST_PREFIX_INJECTION", "true")
    assert aws_client("stepfunctions").meta.config.inject_host_prefix is False
