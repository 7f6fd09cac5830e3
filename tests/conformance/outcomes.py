"""Judges an execution by what came of it: for cases of which AWS's answer is known, but not the whole history."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from tests.conformance.verdict import Difference, Verdict

#: What a case expects as `error` where the definition itself is refused.
_REFUSED = "VALIDATION_FAILED"


def judge(expected: Mapping[str, Any], actual: Mapping[str, Any]) -> Verdict:
    """Compare an outcome with the one that AWS is known to have.

    The measures: *status*, refused, failed or succeeded alike; *types*, the same error name; *semantic*, the same
    output, or the fragments that the cause must hold; *full*, the same cause, letter by letter.

    Parameters
    ----------
    expected : Mapping
        `expected` of a case.
    actual : Mapping
        ``{"refused": code, "texts": [message, …]}`` of CreateStateMachine and ValidateStateMachineDefinition,
        ``{"output": JSON data}``, or ``{"error": …, "cause": …}``.
    """
    if expected.get("accepted"):  # what came of running it is not known
        return (
            Verdict.perfect() if _end(actual) != "refused" else Verdict(note=f"AWS accepts it: {actual['texts'][:1]}")
        )
    if expected.get("error", "") is None:  # known to fail; whether at once or when it runs is not
        return Verdict.perfect() if _end(actual) != "succeeded" else Verdict(note="AWS refuses it or fails")
    status = _end(expected) == _end(actual)
    named = expected.get("error") not in (None, _REFUSED)
    types = status and (not named or expected["error"] == actual.get("error"))
    semantic = types and _output_fits(expected, actual) and _has_fragments(expected, actual)
    full = semantic and ("cause" not in expected or expected["cause"] in _causes(actual))
    return Verdict(status, types, semantic, full, () if full else (Difference("$", "differs", expected, actual),))


def parse_output(text: str) -> Any:
    """Parse an output; what is no JSON (NaN, Infinity) is refused."""

    def refuse(word: str) -> None:
        raise ValueError(f"{word} is not JSON")

    return json.loads(text, parse_constant=refuse)


def _end(outcome: Mapping[str, Any]) -> str:
    if "refused" in outcome or outcome.get("create_refused") or outcome.get("error") == _REFUSED:
        return "refused"
    return "failed" if {"error", "error_absent"} & outcome.keys() else "succeeded"


def _causes(actual: Mapping[str, Any]) -> list[str]:
    if "refused" in actual:
        return ["; ".join(actual["texts"][1:]), *actual["texts"]]
    return [actual.get("cause") or ""]


def _has_fragments(expected: Mapping[str, Any], actual: Mapping[str, Any]) -> bool:
    return all(any(part in cause for cause in _causes(actual)) for part in expected.get("cause_contains", []))


def _output_fits(expected: Mapping[str, Any], actual: Mapping[str, Any]) -> bool:
    output = actual.get("output")
    value = output.get("value") if isinstance(output, dict) else None
    if "output" in expected:
        return _equal(expected["output"], output)
    if "output_matches" in expected:
        return re.match(expected["output_matches"], str(output)) is not None
    if "output_superset" in expected:
        return _within(expected["output_superset"], output)
    if "value_matches" in expected:
        return re.match(expected["value_matches"], str(value)) is not None
    if "value_in" in expected:
        low, high = expected["value_in"]
        return isinstance(value, int) and low <= value < high
    return True


def _equal(expected: Any, actual: Any) -> bool:
    """Whether two values are equal as JSON: ``true`` is not 1, while 1 and 1.0 are one number."""
    if isinstance(expected, bool) or isinstance(actual, bool):
        return type(expected) is type(actual) and expected == actual
    if isinstance(expected, dict) and isinstance(actual, dict):
        return expected.keys() == actual.keys() and all(_equal(expected[key], actual[key]) for key in expected)
    if isinstance(expected, list) and isinstance(actual, list):
        return len(expected) == len(actual) and all(map(_equal, expected, actual))
    return bool(expected == actual)


def _within(expected: Any, actual: Any) -> bool:
    """Whether a value holds another one; ``"<string>"`` stands for any string."""
    if isinstance(expected, dict) and isinstance(actual, dict):
        return all(key in actual and _within(expected[key], actual[key]) for key in expected)
    return _equal(expected, actual) or (expected == "<string>" and isinstance(actual, str))
