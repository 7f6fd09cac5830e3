"""A server with the tutorial's application, and templates for others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import everypath
from everypath import Machine
from everypath.api import Target
from everypath.targets import parse_target
from tests.support.application import TEMPLATE
from tests.support.server import Running, serve
from tests.unit.targets import express_shop


@dataclass(frozen=True)
class Application:
    """The application behind a server.

    Parameters
    ----------
    url : str
        The server's.
    mocks : Path
        The mock configuration that it reads.
    """

    url: str
    mocks: Path


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    mocks = tmp_path_factory.mktemp("mocks") / "mocks.json"
    mocks.write_text('{"StateMachines": {}, "MockedResponses": {}}')
    with serve("--template", str(TEMPLATE), "--mock-config", str(mocks)) as running:
        yield Application(running.url, mocks)


@pytest.fixture(scope="module")
def bare() -> Iterator[Running]:
    """A server without a template, as one that others wrote would be."""
    with serve("--account", "210987654321", "--region", "eu-west-1") as running:
        yield running


def on(url: str, template: Path, mock_config: Path | None = None, limit: float = 60.0) -> Machine:
    machine = everypath.load(template)
    machine.target = target_of(url, mock_config, limit)
    return machine


def target_of(url: str, mock_config: Path | None = None, limit: float = 60.0) -> Target:
    found = parse_target(url, mock_config=mock_config, limit=limit)
    assert found is not None
    return found


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("express")
    (folder / "app.py").write_text(express_shop.HANDLER)
    (folder / "template.yaml").write_text(express_shop.TEMPLATE)
    return folder / "template.yaml"


@pytest.fixture(scope="module")
def shop(template: Path) -> Iterator[Application]:
    """The Express workflow behind a server."""
    mocks = template.with_name("mocks.json")
    mocks.write_text('{"StateMachines": {}, "MockedResponses": {}}')
    with serve("--template", str(template), "--mock-config", str(mocks)) as running:
        yield Application(running.url, mocks)
