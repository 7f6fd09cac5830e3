"""Data on its way through a machine: what goes in, what an execution shows of it, and what comes out."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

import everypath
from everypath import Execution, InputError
from everypath.cli.main import main
from tests.support.templates import write_template

ID = r"arn:aws:states:us-east-1:123456789012:express:M:(e|[0-9a-f-]{36}):[0-9a-f]{8}-[0-9a-f-]{27}"


def passed(folder: Path, state: dict[str, Any], text: str = "{}", kind: str = "STANDARD") -> Execution:
    """The execution of a machine of one Pass state, with an input that is given as JSON text."""
    definition = {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True, **state}}}
    return everypath.load(write_template(folder, definition, kind, "M")).run_text(text, name="e")


def test_the_id_of_an_express_execution_ends_with_one_of_its_own(tmp_path: Path) -> None:
    last = "States.ArrayGetItem(States.StringSplit($$.Execution.Id, ':'), 8)"
    output = passed(tmp_path, {"Parameters": {"id.$": "$$.Execution.Id", "last.$": last}}, kind="EXPRESS").output
    assert re.fullmatch(ID, output["id"])
    assert output["id"].endswith(f":{output['last']}")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ('{"v": 12345678.5}', '{"v":1.23456785E7}'),
        ('{"v": 0.0001}', '{"v":1.0E-4}'),
        ('{"v": 100000000000000000000}', '{"v":100000000000000000000}'),
        ('{"v": 1e400}', '{"v":"Infinity"}'),
        (r'{"v": "\ud83d\ude00"}', '{"v":"😀"}'),
        (r'{"v": "\ud83d"}', '{"v":"?"}'),
    ],
)
def test_an_execution_writes_data_as_java_does(tmp_path: Path, text: str, shown: str) -> None:
    events = passed(tmp_path, {"Parameters": {"v.$": "$.v"}}, text).require_history().events
    assert events[-1]["executionSucceededEventDetails"]["output"] == shown


def test_an_integer_that_an_expression_has_read_is_a_double(tmp_path: Path) -> None:
    state = {"QueryLanguage": "JSONata", "Output": {"v": "{% $states.input.v %}"}}
    events = passed(tmp_path, state, '{"v": 10000000000000000000000001}').require_history().events
    assert events[-1]["executionSucceededEventDetails"]["output"] == '{"v":1.0E25}'


@pytest.mark.parametrize("value", [float("nan"), {"a": [float("inf")]}])
def test_an_input_that_is_not_json_is_refused(tmp_path: Path, value: Any) -> None:
    machine = everypath.load(write_template(tmp_path, {"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}))
    with pytest.raises(InputError, match="expected JSON data"):
        machine.run(value)


@pytest.mark.parametrize(
    "expression",
    [r'{% "\uD83D\uDE00" %}', r'{% {"n": $length("\uD83D\uDE00")} %}', r'{% "\uD83D" %}', "{% 1e308 * 10 %}"],
)
@pytest.mark.parametrize("options", [[], ["--json"]])
def test_the_command_prints_whatever_an_expression_makes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], expression: str, options: list[str]
) -> None:
    state = {"Type": "Pass", "QueryLanguage": "JSONata", "Output": expression, "End": True}
    template = write_template(tmp_path, {"StartAt": "A", "States": {"A": state}})
    assert main(["run", "--template", str(template), "--input", "{}", *options]) == 0
    printed = capsys.readouterr().out.encode().decode()
    if options:
        json.loads(printed, parse_constant=pytest.fail)
