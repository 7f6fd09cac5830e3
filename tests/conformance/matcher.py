"""Compares JSON data with what was recorded of it, in which placeholders stand for whatever differs from run to run."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from tests.conformance.cases import Case
from tests.conformance.verdict import Difference

#: A recording writes ``<uuid:1>`` or ``<ArnPart_0idx>`` where the value differs from run to run.
_TOKEN = re.compile(r"<<[A-Za-z0-9_.:\- ]+>[:\d]*>|<[A-Za-z0-9_.:\- ]+>")

#: Bare words that recordings use in the same way, besides those that a case lists for itself.
_BARE_WORDS = frozenset(
    {"timestamp", "datetime", "date", "time", "uuid", "snf_role_arn", "sfn_role_arn"}
    | {"start-time", "entered-time", "start-date", "stop-date", "creation-date"}
)

#: Facts about the transport, not about the workflow: *semantic* overlooks them.
_METADATA = re.compile("SdkHttpMetadata|ResponseMetadata|billingDetails|stackTrace|previousEventId")


class Matcher:
    """Lists the differences between a recorded value and an actual one.

    Parameters
    ----------
    case : Case
        Names the placeholders that its recording uses.
    """

    def __init__(self, case: Case) -> None:
        marks = {mark for _, mark in case.fields.get("substitutions", [])}
        self._words = _BARE_WORDS | marks | set(case.fields.get("placeholders", []))
        embedded = [re.escape(word) for word in self._words if len(word) >= 8 or word.startswith("<")]
        self._pattern = re.compile("|".join([_TOKEN.pattern, *sorted(embedded, key=len, reverse=True)]))

    def differences(self, expected: Any, actual: Any, path: str = "$") -> list[Difference]:
        """Return the differences between two values, in the order of their places."""
        return list(self._differences(expected, actual, path))

    def matters(self, difference: Difference) -> bool:
        """Whether a difference is more than transport metadata or white space in embedded JSON."""
        if _METADATA.search(difference.path):
            return False
        try:
            return bool(self.differences(json.loads(difference.expected), json.loads(difference.actual)))
        except (TypeError, ValueError):
            return True

    def _differences(self, expected: Any, actual: Any, path: str) -> Iterator[Difference]:
        if self._is_placeholder(expected):
            return
        if isinstance(expected, dict) and isinstance(actual, dict):
            yield from self._in_objects(expected, actual, path)
        elif isinstance(expected, list) and isinstance(actual, list):
            if len(expected) != len(actual):
                yield Difference(path, "length", len(expected), len(actual))
            for index, (left, right) in enumerate(zip(expected, actual, strict=False)):
                yield from self._differences(left, right, f"{path}[{index}]")
        elif not self._equal(expected, actual):
            yield Difference(path, "differs", expected, actual)

    def _in_objects(self, expected: dict[str, Any], actual: dict[str, Any], path: str) -> Iterator[Difference]:
        for key in sorted(expected.keys() | actual.keys()):
            if key not in actual:
                yield Difference(f"{path}.{key}", "missing", expected[key], None)
            elif key not in expected:
                yield Difference(f"{path}.{key}", "extra", None, actual[key])
            else:
                yield from self._differences(expected[key], actual[key], f"{path}.{key}")

    def _equal(self, expected: Any, actual: Any) -> bool:
        if isinstance(expected, str) and isinstance(actual, str):
            return self._text_matches(expected, actual)
        return bool(expected == actual) and isinstance(expected, bool) == isinstance(actual, bool)

    def _text_matches(self, expected: str, actual: str) -> bool:
        if expected == actual or not self._pattern.search(expected):
            return expected == actual
        literals = map(re.escape, self._pattern.split(expected))
        return self._is_placeholder(actual) or re.fullmatch(".*?".join(literals), actual, re.S) is not None

    def _is_placeholder(self, value: Any) -> bool:
        return isinstance(value, str) and (value in self._words or _TOKEN.fullmatch(value) is not None)
