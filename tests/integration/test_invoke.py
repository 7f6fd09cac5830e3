"""Every file of events/ through `sam local invoke`: the payload that the function gives in its container."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from everypath.lambda_runtime.local_function import LocalFunction
from everypath.sam import read
from tests.integration import sam
from tests.integration.conftest import FAILING, TEMPLATE
from tests.integration.images import Image

FUNCTION = "MockAPIFunction"
EVENTS = sorted((sam.ROOT / "events").glob("*.json"))


def embedded(template: Path, function: str, event: str) -> str:
    return LocalFunction(read(template, {}).functions[function]).invoke(event, request_id="any").payload


def without_request_id(payload: str) -> Any:
    found = json.loads(payload)
    return {name: value for name, value in found.items() if name != "requestId"} if isinstance(found, dict) else found


@pytest.mark.parametrize("event", EVENTS, ids=lambda path: path.stem)
def test_a_function_gives_the_same_payload_in_a_container_and_in_process(
    event: Path, built: Path, image: Image
) -> None:
    in_container = sam.invoke(built, FUNCTION, event.read_text(), image)
    in_process = embedded(TEMPLATE, FUNCTION, event.read_text())
    assert without_request_id(in_container) == without_request_id(in_process)
    assert (in_container == '"200 OK"') == (event.stem == "200")


def test_a_function_whose_time_is_over_gives_nothing(image: Image) -> None:
    assert sam.invoke(FAILING, "LateFunction", "{}", image) == ""
