"""Judges histories and responses by what was recorded of the real service."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from tests.conformance.cases import Case
from tests.conformance.matcher import Matcher
from tests.conformance.verdict import Difference, Verdict

#: Fields that the service has added to its responses since many of the recordings were made.
_ADDED_LATER = frozenset({"encryptionConfiguration"})
_REFUSAL_TEXT = re.compile(r"An error occurred \((\w+)\) when calling the \w+ operation: (.*)", re.S)
_PARALLEL_ENDS = frozenset(f"ParallelState{end}" for end in ("Succeeded", "Aborted", "Exited", "Failed"))


def compare_history(case: Case, events: list[dict[str, Any]], status: str) -> Verdict:
    """Judge an execution by its final status and GetExecutionHistory.

    A recording that was taken while the execution was running is compared with the beginning of the history.

    Parameters
    ----------
    case : Case
        Expects a status and events.
    events : list of dict
        The events that the server tells of.
    status : str
        The status that DescribeExecution tells of.
    """
    expected = case.fields["expected"]["events"]
    actual = _as_recorded([{**event, "timestamp": "timestamp"} for event in events], case)
    same_status = status == case.fields["expected"]["status"]
    if case.fields["expected"]["status"] == "RUNNING":
        actual, same_status = actual[: len(expected)], True
    matcher = Matcher(case)
    if case.fields.get("unordered_parallel"):
        actual = _sort_parallel(actual)
        if _equal_in_any_order(matcher, expected, actual):
            actual = expected
    types = [event["type"] for event in expected] == [event["type"] for event in actual]
    return _verdict(matcher, same_status, types, expected, actual, "$.events")


def compare_response(case: Case, expected: Any, answer: Mapping[str, Any], path: str = "$") -> Verdict:
    """Judge one response or refusal.

    Parameters
    ----------
    case : Case
        The case that the answer belongs to.
    expected : Any
        The recorded answer.
    answer : Mapping
        The answer of the server, as `tests.conformance.endpoint.Endpoint.answer` returns it.
    path : str
        Where the answer stands in the case, for the differences.
    """
    expected, actual = _refusal(expected), _refusal(_as_recorded(answer, case))
    if not isinstance(expected, dict):
        return _verdict(Matcher(case), True, True, expected, actual, path)
    for name in _ADDED_LATER - expected.keys():
        actual.pop(name, None)
    status = all((key in expected) == (key in actual) for key in ("Error", "Unavailable", "status", "result"))
    status = status and all(expected.get(key) == actual.get(key) for key in ("status", "result"))
    code = expected.get("Error", {}).get("Code") == actual.get("Error", {}).get("Code")
    types = status and code and expected.keys() == actual.keys() and expected.get("error") == actual.get("error")
    return _verdict(Matcher(case), status, types, expected, actual, path)


def is_client_side(expected: Any) -> bool:
    """Whether boto3 gave a recorded refusal before anything was sent: no server can be judged by it."""
    return "Parameter validation failed" in json.dumps(expected)


def _verdict(matcher: Matcher, status: bool, types: bool, expected: Any, actual: Any, path: str) -> Verdict:
    differences = matcher.differences(expected, actual, path)
    if not status and not differences:
        differences = [Difference(path, "status", "as recorded", "another")]
    semantic = status and not any(map(matcher.matters, differences))
    return Verdict(status, types, semantic, status and not differences, tuple(differences))


def _as_recorded(value: Any, case: Case) -> Any:
    """Write an answer in the way of the recordings: JSON objects parsed, names replaced."""
    text = json.dumps(_parse_objects(json.loads(json.dumps(value, default=str))), ensure_ascii=False)
    for concrete, mark in case.fields.get("substitutions", []):
        text = text.replace(_inner_json(concrete), _inner_json(mark))
    return json.loads(text.replace("arn:aws:", "arn:<partition>:").replace("us-east-1", "<region>"))


def _inner_json(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1]


def _parse_objects(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _parse_objects(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_parse_objects(item) for item in value]
    if isinstance(value, str) and value.startswith("{"):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def _refusal(answer: Any) -> Any:
    """Return one shape for the ways in which recordings and boto3 write a refusal; other answers unchanged."""
    text = answer.get("exception_value") if isinstance(answer, dict) else answer
    match = _REFUSAL_TEXT.match(text) if isinstance(text, str) else None
    if match:
        return {"Error": {"Code": match[1], "Message": match[2]}}
    if isinstance(answer, dict) and "Error" in answer:
        return {"Error": {key: answer["Error"].get(key) for key in ("Code", "Message")}}
    return answer


def _sort_parallel(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the events of Parallel states in the order that recordings with `unordered_parallel` have them.

    The recorder sorted them and blanked their ids. Where ParallelStateExited follows ParallelStateSucceeded it also
    lost the latter; that defect is repeated here because it is in the recordings.
    """
    events = [dict(event) for event in events]
    inside: list[dict[str, Any]] = []
    start, collecting = None, False
    for position, event in enumerate(events):
        if event["type"] in _PARALLEL_ENDS:
            if start is not None:
                events[start:position] = sorted(inside, key=lambda one: json.dumps(one, sort_keys=True))
            collecting = False
        elif event["type"] == "ParallelStateStarted":
            collecting, inside, start = True, [], position + 1
        elif collecting:
            event.update(id=[0], previousEventId=0)
            inside.append(event)
    return events


def _equal_in_any_order(matcher: Matcher, expected: list[Any], actual: list[Any]) -> bool:
    left = list(actual)
    for event in expected:
        match = next((other for other in left if not matcher.differences(event, other)), None)
        if match is None:
            return False
        left.remove(match)
    return not left
