from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from everypath.asl.resource import parse_resource
from everypath.integrations.clients import Connections
from everypath.integrations.service_call import AwsCall
from tests.unit.tasks.aws.stand_in import StandIn

#: Makes a request, and gives what came of it: an `AwsAnswer` or an `AwsFailure`, as the test expects.
Request = Callable[..., Any]


@pytest.fixture(scope="session")
def server() -> Iterator[StandIn]:
    made = StandIn()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def service(server: StandIn, monkeypatch: pytest.MonkeyPatch) -> StandIn:
    """The stand-in, as the place where every call of AWS lands."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_ENDPOINT_URL", server.url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
    server.clear()
    return server


@pytest.fixture(scope="session")
def connections() -> Connections:
    return Connections()


@pytest.fixture
def call(connections: Connections, service: StandIn) -> Request:
    """Requests `arn:aws:states:::` plus a service and an action."""

    def request(resource: str, parameters: Any, **options: Any) -> Any:
        parsed = parse_resource(f"arn:aws:states:::{resource}")
        return AwsCall(parsed, connections, region="us-east-1", **options).request(parameters)

    return request
