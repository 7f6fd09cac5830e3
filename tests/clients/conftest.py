"""Clients that users have, each in the virtual environment that make has made for it, and services for them."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.application import ROOT
from tests.support.server import Running, serve

CLIENTS = ROOT / ".venv-clients/bin"
SAM = ROOT / ".venv-sam/bin/sam"
ACCOUNT = "arn:aws:states:us-east-1:123456789012"
MACHINE = f"{ACCOUNT}:stateMachine:MyAPIStateMachine"

Run = Callable[..., subprocess.CompletedProcess[str]]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what has no virtual environment; `make clients` makes it."""
    missing = [path.parents[1].name for path in (CLIENTS / "aws", SAM) if not path.exists()]
    for item in items if missing else ():
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.skip(reason=f"{' and '.join(missing)} missing: run `make clients`"))


def environment(**more: str) -> dict[str, str]:
    """What a user has set who works with an endpoint: nothing of AWS but keys and a region."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("AWS_", "PYTEST_"))}
    own = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1"}
    return kept | own | {"AWS_EC2_METADATA_DISABLED": "true", "SAM_CLI_TELEMETRY": "0"} | more


@dataclass(frozen=True)
class Moto:
    """moto's server, in which state machines execute."""

    url: str


@pytest.fixture(scope="session")
def server() -> Iterator[Running]:
    with serve("--template", str(ROOT / "template.yaml")) as running:
        yield running


@pytest.fixture(scope="session")
def moto() -> Iterator[Moto]:
    command = [CLIENTS / "python", Path(__file__).with_name("moto_server.py")]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment())
    try:
        assert process.stdout is not None
        yield Moto(process.stdout.readline().strip())
    finally:
        process.terminate()
        process.communicate(timeout=30)


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run a program as a user would, in a folder of its own."""

    def run(*command: object, **more: str) -> subprocess.CompletedProcess[str]:
        words = [str(word) for word in command]
        return subprocess.run(
            words, cwd=tmp_path, env=environment(**more), capture_output=True, text=True, timeout=120, check=False
        )

    return run
