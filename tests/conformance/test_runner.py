"""The runner that judges an endpoint."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.__main__ import main
from tests.conformance.cases import OWN_CASES, Case, load_cases
from tests.conformance.comparison import compare_history, compare_response
from tests.conformance.divergences import describe, load_divergences, unlisted
from tests.conformance.lambda_endpoint import LambdaEndpoint
from tests.conformance.outcomes import judge
from tests.conformance.results import Floor, Result
from tests.conformance.run import Subject, run_cases
from tests.conformance.server_process import free_port
from tests.conformance.verdict import Verdict

FLOORS = Path(__file__).with_name("floors.txt")


def case(expected: dict[str, Any] | None = None, **fields: Any) -> Case:
    return Case("any/case", "any", "execution", {"expected": expected or {}} | fields)


def result(verdict: Verdict | None, name: str = "any/case") -> Result:
    return Result(replace(case(), id=name), verdict, "" if verdict else "no moto", 0.0)


PERFECT = Verdict.perfect()
SEMANTIC = replace(PERFECT, full=False)


def test_a_case_that_diverges_and_is_not_listed_is_found() -> None:
    (found,) = unlisted([result(SEMANTIC), result(PERFECT, "any/other")], {})
    assert describe(found, {}) == "any/case reaches semantic, and is not listed as a divergence"


def test_a_listed_divergence_that_begins_to_agree_is_found(tmp_path: Path) -> None:
    file = tmp_path / "divergences.json"
    file.write_text('[{"id": "any/case", "reaches": "semantic", "reason": "because"}]')
    known = load_divergences(file)
    assert unlisted([result(SEMANTIC), result(None)], known) == []
    (found,) = unlisted([result(PERFECT)], known)
    assert describe(found, known) == "any/case reaches full, and is listed with semantic"


def test_a_floor_is_missed_where_too_few_cases_reach_it_and_skipped_ones_do_not_count() -> None:
    results = [result(PERFECT), result(SEMANTIC), result(None)]
    assert Floor.parse("execution:full=50").shortfall(results) == ""
    assert (
        Floor.parse("execution:full=50.1").shortfall(results) == "execution: full is 50.0 %, at least 50.1 % demanded"
    )
    assert Floor.parse("api:full=1").shortfall(results) == "api: full is 0.0 %, at least 1.0 % demanded"


@pytest.mark.parametrize("text", ["execution:full", "execution:half=1", "execution=5"])
def test_what_is_no_floor_is_refused(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--endpoint", "http://127.0.0.1:1", "--at-least", text])
    assert f"{text!r} is not KIND:MEASURE=PERCENT" in capsys.readouterr().err


def test_a_run_below_a_floor_ends_with_exit_code_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    floors = tmp_path / "floors.txt"
    floors.write_text("# A comment.\n\n--at-least=execution:status=0\n--at-least=execution:full=100\n")
    arguments = ["--endpoint", f"http://127.0.0.1:{free_port()}", "--id", "tutorial/status-code-200"]
    assert main([*arguments, f"@{floors}"]) == 1
    assert capsys.readouterr().out.endswith("execution: full is 0.0 %, at least 100.0 % demanded\n")


def test_there_is_a_floor_for_every_measure_of_every_kind() -> None:
    lines = [line for line in FLOORS.read_text().splitlines() if line.startswith("--at-least=")]
    floors = {(floor.kind, floor.measure) for floor in (Floor.parse(line.split("=", 1)[1]) for line in lines)}
    kinds = {"execution", "sync_execution", "output_batch", "validation", "test_state", "api", "outcome"}
    assert floors == {(kind, measure) for kind in kinds for measure in ("status", "types", "semantic", "full")}


def test_an_endpoint_that_does_not_answer_reaches_nothing() -> None:
    cases = load_cases(OWN_CASES, fragment="tutorial/status-code-200")
    (found,) = run_cases(Subject(f"http://127.0.0.1:{free_port()}"), cases)
    assert found.verdict is not None
    assert found.verdict.reached == ""
    assert "Could not connect" in found.verdict.note


def test_a_server_that_does_not_start_ends_the_run() -> None:
    with pytest.raises(SystemExit, match="does not answer"):
        run_cases(Subject(start="true {port}"), load_cases(OWN_CASES, ["tutorial"]))


EVENTS = [
    {"id": 1, "previousEventId": 0, "timestamp": "timestamp", "type": "ExecutionStarted"},
    {"id": 2, "previousEventId": 0, "timestamp": "timestamp", "type": "PassStateEntered", "name": "<name>"},
    {"id": 3, "previousEventId": 2, "timestamp": "timestamp", "type": "ExecutionSucceeded", "output": "[1]"},
]


def history(*changes: dict[str, Any]) -> list[dict[str, Any]]:
    own = [dict(event, timestamp=0.0, name="Only") if "name" in event else dict(event) for event in EVENTS]
    for change in changes:
        own[change["id"] - 1] |= change
    return own


def reached(events: list[dict[str, Any]]) -> str:
    return compare_history(case({"status": "SUCCEEDED", "events": EVENTS}), events, "SUCCEEDED").reached


def test_a_placeholder_stands_for_any_value() -> None:
    assert reached(history()) == "full"


def test_white_space_in_json_text_and_a_previous_event_are_told_by_full_only() -> None:
    assert reached(history({"id": 3, "output": "[ 1 ]"})) == "semantic"
    assert reached(history({"id": 3, "previousEventId": 1})) == "semantic"


def test_another_value_is_told_by_semantic() -> None:
    assert reached(history({"id": 3, "output": "[2]"})) == "types"
    assert reached(history({"id": 3, "output": "[true]"})) == "types"


def test_another_sequence_of_events_is_told_by_types() -> None:
    assert reached(history({"id": 3, "type": "ExecutionFailed"})) == "status"
    assert reached(history()[:2]) == "status"


def test_another_final_status_is_told_by_status() -> None:
    verdict = compare_history(case({"status": "FAILED", "events": EVENTS}), history(), "SUCCEEDED")
    assert (verdict.status, verdict.types, verdict.semantic, verdict.full) == (False, True, False, False)
    assert [difference.kind for difference in verdict.differences] == ["status"]


def test_a_recording_of_a_running_execution_is_compared_with_the_beginning() -> None:
    begun = case({"status": "RUNNING", "events": EVENTS[:2]})
    assert compare_history(begun, history(), "SUCCEEDED").reached == "full"


def test_a_refusal_in_other_words_is_told_by_semantic_and_another_code_by_types() -> None:
    recorded = {"Error": {"Code": "InvalidArn", "Message": "Invalid Arn: 'x'"}}
    assert compare_response(case(), recorded, {"Error": {"Code": "InvalidArn", "Message": "no"}}).reached == "types"
    assert compare_response(case(), recorded, {"Error": {"Code": "InvalidName", "Message": "no"}}).reached == "status"
    assert compare_response(case(), recorded, {"Unavailable": "HTTP 500"}).reached == ""


@pytest.mark.parametrize(
    ("expected", "actual", "measure"),
    [
        ({"output": {"a": 1}}, {"output": {"a": 1.0}}, "full"),
        ({"output": True}, {"output": 1}, "types"),
        ({"output": 1}, {"error": "A", "cause": ""}, ""),
        ({"output_matches": "[0-9a-f-]{36}$"}, {"output": "none"}, "types"),
        ({"output_superset": {"a": "<string>"}}, {"output": {"a": "b", "c": 1}}, "full"),
        ({"value_in": [0, 2]}, {"output": {"value": 2}}, "types"),
        ({"any_output": True}, {"output": None}, "full"),
        ({"error": "A"}, {"error": "A", "cause": "any"}, "full"),
        ({"error": "A"}, {"error": "B", "cause": "any"}, "status"),
        ({"error": "A", "cause": "why"}, {"error": "A", "cause": "why not"}, "semantic"),
        ({"error": "A", "cause_contains": ["not"]}, {"error": "A", "cause": "why"}, "types"),
        ({"error": None}, {"output": 1}, ""),
        ({"error": None}, {"refused": "InvalidDefinition", "texts": []}, "full"),
        ({"accepted": True}, {"refused": "InvalidDefinition", "texts": ["no"]}, ""),
        ({"create_refused": True}, {"refused": "InvalidDefinition", "texts": ["no"]}, "full"),
        ({"create_refused": True}, {"output": 1}, ""),
        ({"error": "VALIDATION_FAILED", "cause": "a; b"}, {"refused": "Any", "texts": ["all", "a", "b"]}, "full"),
    ],
)
def test_an_outcome_is_judged_by_its_end_its_error_and_its_cause(
    expected: dict[str, Any], actual: dict[str, Any], measure: str
) -> None:
    assert judge(expected, actual).reached == measure


def test_the_lambda_endpoint_answers_as_lambda_does_when_a_function_is_stopped() -> None:
    endpoint = LambdaEndpoint()
    endpoint.serve([{"function_name": "late", "handler_file": "take_too_long.py"}])
    status, headers, body = endpoint.invoke("arn:aws:lambda:us-east-1:111111111111:function:late:1", b"{}")
    assert (status, headers["X-Amz-Function-Error"]) == (200, "Unhandled")
    assert json.loads(body)["errorType"] == "Sandbox.Timedout"
    assert endpoint.invoke("other", b"{}")[0] == 404


def test_the_cases_of_a_category_or_an_id_can_be_chosen() -> None:
    assert {case.category for case in load_cases(OWN_CASES, ["tutorial"])} == {"tutorial"}
    assert [case.id for case in load_cases(OWN_CASES, fragment="status-code-503")] == ["tutorial/status-code-503"]
