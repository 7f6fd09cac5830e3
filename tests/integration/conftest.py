"""Applications that are built, behind services that run for all tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from everypath.sam import read
from tests.integration import sam
from tests.integration.images import Image, image_for
from tests.support.server import Running, serve

TEMPLATE = sam.ROOT / "template.yaml"
FAILING = Path(__file__).with_name("failing") / "template.yaml"


@pytest.fixture(scope="session")
def image() -> Image:
    runtime = read(TEMPLATE, {}).functions["MockAPIFunction"].runtime
    assert runtime is not None
    return image_for(runtime)


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory, image: Image) -> Path:
    """The template of the application as `sam build` leaves it, with the function's package beside it."""
    return sam.build(TEMPLATE, tmp_path_factory.mktemp("build"), image)


@pytest.fixture(scope="session")
def proxy(built: Path, image: Image) -> Iterator[Running]:
    """The application's workflow, whose function is behind `sam local start-lambda`."""
    with sam.lambda_service(built, image) as url, serve("--template", str(TEMPLATE), "--lambda-endpoint", url) as proxy:
        yield proxy


@pytest.fixture(scope="session")
def failing_proxy(image: Image) -> Iterator[Running]:
    """The same for functions that never answer."""
    with (
        sam.lambda_service(FAILING, image) as url,
        serve("--template", str(FAILING), "--lambda-endpoint", url) as proxy,
    ):
        yield proxy
