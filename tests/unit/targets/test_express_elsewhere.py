"""Express workflows at endpoints that are not everypath's, and deployed ones."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

import everypath
from everypath import NotOnTargetError, TargetError
from everypath.targets.clients import aws_client
from tests.support.server import ROLE, client_of, serve
from tests.unit.targets.conftest import Application, on

ORDER = "arn:aws:states:us-east-1:123456789012:stateMachine:order"


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
