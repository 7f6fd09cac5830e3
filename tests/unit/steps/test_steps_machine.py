"""The state machine as a whole: its own fields, and the text it is rendered to."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from everypath.steps import Chain, Fail, Map, Pass, StateMachine, Succeed, Wait, sdk


def machine() -> StateMachine:
    return StateMachine(
        Chain([Pass("Grüße", result={"b": 1, "a": [1.0, "→"]}), Wait("Warten", seconds=1), Succeed("Ende")]),
        comment="c",
        query_language="JSONPath",
        timeout_seconds=300,
        version="1.0",
    )


TEXT = """\
{
  "Comment": "c",
  "StartAt": "Grüße",
  "QueryLanguage": "JSONPath",
  "TimeoutSeconds": 300,
  "Version": "1.0",
  "States": {
    "Grüße": {
      "Type": "Pass",
      "Result": {
        "b": 1,
        "a": [
          1.0,
          "→"
        ]
      },
      "Next": "Warten"
    },
    "Warten": {
      "Type": "Wait",
      "Seconds": 1,
      "Next": "Ende"
    },
    "Ende": {
      "Type": "Succeed"
    }
  }
}
"""


def test_the_text_is_indented_by_two_keeps_every_letter_and_ends_with_a_line_feed() -> None:
    assert machine().to_json() == TEXT


def test_the_text_is_the_same_in_every_process() -> None:
    code = "import sys; sys.path.insert(0, sys.argv[1]); import test_steps_machine as t; sys.stdout.buffer.write("
    code += "t.machine().to_json().encode())"
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        command = [sys.executable, "-c", code, os.path.dirname(__file__)]  # noqa: PTH120 - a string is wanted
        assert subprocess.run(command, env=environment, capture_output=True, check=True).stdout == TEXT.encode()


def test_the_order_of_the_keyword_arguments_does_not_count() -> None:
    first = Pass("P", comment="c", result=1, end=True).to_dict()
    second = Pass("P", end=True, result=1, comment="c").to_dict()
    assert json.dumps(first) == json.dumps(second)


def test_the_text_can_be_one_line() -> None:
    one_line = StateMachine(Fail("F", error="E")).to_json(pretty=False)
    assert one_line == '{"StartAt":"F","States":{"F":{"Type":"Fail","Error":"E"}}}'


def test_the_text_and_the_data_are_the_same_definition() -> None:
    assert json.loads(machine().to_json()) == machine().to_definition() == machine().to_dict()


def test_every_definition_is_a_new_one() -> None:
    original = machine()
    original.to_definition()["States"].clear()
    assert original.to_json() == TEXT


def test_fields_that_are_not_given_are_not_rendered() -> None:
    assert StateMachine(Succeed("S")).to_definition() == {"StartAt": "S", "States": {"S": {"Type": "Succeed"}}}


def test_a_machine_answers_as_the_sdks_graph_does() -> None:
    inner, start = Pass("Inner", end=True), Pass("Start")
    start.next(Map("M", item_processor=inner, end=True))
    graph = StateMachine(start)
    assert isinstance(graph, sdk.Graph)
    assert list(graph.states) == ["Start", "M"]
    assert graph.contains(start)
    assert not graph.contains(inner)


@pytest.mark.parametrize("show", [str, repr])
def test_an_unfinished_machine_can_still_be_shown(show: type[str]) -> None:
    assert show(StateMachine(Pass("P"))) == "StateMachine(start='P')"
