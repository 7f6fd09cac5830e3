"""A server for all tests, and a client of it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.server import PASS, Running, client_of, create, serve

_number = itertools.count(1)


@pytest.fixture(scope="session")
def server() -> Iterator[Running]:
    with serve() as running:
        yield running


@pytest.fixture(scope="session")
def sfn(server: Running) -> Any:
    return client_of(server)


@pytest.fixture
def name() -> str:
    return f"machine-{next(_number)}"


@pytest.fixture
def machine(sfn: Any, name: str) -> str:
    """The ARN of a state machine of one Pass state."""
    return create(sfn, name, PASS)
