from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from everypath.errors import InputError
from everypath.replay.recording import load_recording, read_recording
from everypath.tasks.scripted_outcomes import Return
from tests.unit.engine.machines import chain, run_machine, task
from tests.unit.replay.recorded import history


@pytest.fixture
def page() -> dict[str, Any]:
    return history(run_machine(chain(("A", task())), {"x": 1}, {"A": [Return("y")]}))


def test_a_history_is_the_output_of_get_execution_history(page: dict[str, Any]) -> None:
    found = read_recording([page])
    assert (found.input, found.end, len(found.events)) == ('{"x":1}', "ExecutionSucceeded", 7)


def test_a_history_may_be_a_plain_list_of_events(page: dict[str, Any]) -> None:
    assert len(read_recording([page["events"]]).events) == 7


def test_a_history_may_come_with_the_description_of_its_execution(page: dict[str, Any]) -> None:
    describe = {"executionArn": "arn:aws:states:us-east-1:123456789012:execution:M:e", "status": "SUCCEEDED"}
    assert read_recording([{"describe": describe, "history": page}]).describe == describe
    assert read_recording([describe, page]).describe == describe


def test_a_history_may_be_in_several_pages(page: dict[str, Any], tmp_path: Path) -> None:
    first = {"events": page["events"][:3], "nextToken": "AAAA"}
    second = {"events": page["events"][3:]}
    assert len(read_recording([[first, second]]).events) == 7
    file = tmp_path / "pages.json"
    file.write_text(json.dumps(first) + "\n" + json.dumps(second, indent=2) + "\n")
    assert len(load_recording(file).events) == 7


def test_events_may_come_in_reverse_order(page: dict[str, Any]) -> None:
    assert read_recording([page["events"][::-1]]).input == '{"x":1}'


@pytest.mark.parametrize(
    "given",
    ["2026-11-01T10:00:00.250000+00:00", "2026-11-01T10:00:00.250Z", 1793527200.25, 1793527200250],
)
def test_timestamps_may_be_texts_or_numbers(page: dict[str, Any], given: Any) -> None:
    for event in page["events"]:
        event["timestamp"] = given
    assert read_recording([page]).start == 1793527200.25


def refused(pages: list[Any]) -> str:
    with pytest.raises(InputError) as raised:
        read_recording(pages)
    return str(raised.value)


def test_a_history_with_a_token_for_its_next_page_is_refused_as_incomplete(page: dict[str, Any]) -> None:
    assert "incomplete: it ends with a nextToken" in refused([page | {"nextToken": "AAAA"}])


def test_a_history_without_its_first_event_is_refused(page: dict[str, Any]) -> None:
    assert "does not begin with ExecutionStarted" in refused([page["events"][1:]])


def test_a_history_in_which_an_event_is_missing_is_refused(page: dict[str, Any]) -> None:
    assert "event 4 is missing" in refused([page["events"][:3] + page["events"][4:]])


def test_truncated_data_is_refused_by_its_event(page: dict[str, Any]) -> None:
    page["events"][4]["lambdaFunctionSucceededEventDetails"]["outputDetails"] = {"truncated": True}
    assert "event 5 (LambdaFunctionSucceeded): outputDetails says that data was truncated" in refused([page])


def test_a_history_without_its_data_is_refused_with_the_option_that_gets_it(page: dict[str, Any]) -> None:
    del page["events"][0]["executionStartedEventDetails"]["input"]
    assert "event 1 (ExecutionStarted): it has no input" in refused([page])
    assert "--include-execution-data" in refused([page])


def test_an_execution_that_is_redriven_without_having_ended_is_refused(page: dict[str, Any]) -> None:
    redriven = {"id": 7, "type": "ExecutionRedriven", "timestamp": 1793527200, "previousEventId": 0}
    message = refused([[*page["events"][:-1], redriven]])
    assert "event 7 (ExecutionRedriven): expected an event before it that ends the execution, but it is" in message


@pytest.mark.parametrize("text", ["", "{", "[1]", '"a"', '{"executionArn": "x"}', '{"events": {}}', "[]"])
def test_what_is_no_history_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "history.json"
    file.write_text(text)
    with pytest.raises(InputError, match=r"history\.json"):
        load_recording(file)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.json: cannot be read: No such file or directory$"):
        load_recording(tmp_path / "none.json")
    (tmp_path / "binary.json").write_bytes(b"\xff")
    with pytest.raises(InputError, match=r"binary\.json: cannot be read: it is not UTF-8 text$"):
        load_recording(tmp_path / "binary.json")


def test_a_timestamp_that_is_none_is_refused_by_its_event(page: dict[str, Any]) -> None:
    page["events"][2]["timestamp"] = "yesterday"
    assert "event 3: expected an id, a type and a timestamp" in refused([page])


def test_an_input_that_is_no_json_text_is_refused(page: dict[str, Any]) -> None:
    page["events"][0]["executionStartedEventDetails"]["input"] = "{"
    assert "event 1 (ExecutionStarted): expected JSON text as input" in refused([page])
