"""Reads cases from a folder."""

from __future__ import annotations

import ast
import json
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

#: The project's own cases.
OWN_CASES = Path(__file__).with_name("cases")

#: Integrations that need no other AWS service.
_NATIVE = frozenset({"lambda", "states", "sfn", "http"})
_INTEGRATION = re.compile(r"arn:aws:states:::(?:aws-sdk:)?(\w+):")
_RELATIVE_DAY = re.compile(r"\$\{now\+(\d+)d\}")
#: The part of a resource's name that a recording numbers.
_NUMBERED_NAME = re.compile(r"(?<=[-_])0000(?=[0-9a-f]{4}(?![0-9a-f]))")


@dataclass(frozen=True)
class Case:
    """One case, of any kind.

    Parameters
    ----------
    id : str
        Its name, ``category/name``.
    category : str
        What it is about.
    kind : str
        Which of the kinds in README.md it is.
    fields : Mapping
        All that its file says, these three included.
    """

    id: str
    category: str
    kind: str
    fields: Mapping[str, Any] = field(repr=False)

    @property
    def setup_calls(self) -> list[dict[str, Any]]:
        """The calls that are made before the case begins."""
        return list(self.fields.get("setup_calls", []))

    @property
    def needs_other_services(self) -> bool:
        """Whether it calls an AWS service other than Step Functions and Lambda."""
        calls = self.setup_calls + self.fields.get("steps", [])
        if any(call["service"] != "stepfunctions" for call in calls):
            return True
        definition = json.dumps(self.fields.get("state_machine", self.fields).get("definition", ""))
        if self.kind == "test_state" and "mock" not in self.fields["request"]:
            definition = self.fields["request"]["definition"]
        return bool(set(_INTEGRATION.findall(definition)) - _NATIVE)


def load_cases(folder: Path, categories: Sequence[str] = (), fragment: str = "") -> list[Case]:
    """Return the chosen cases, each with resource names of its own.

    No case meets what another one, or an earlier run, has left behind.

    Parameters
    ----------
    folder : Path
        Holds a folder for each category, with files of one case or of a list of them.
    categories : sequence of str
        Only these categories; all where there are none.
    fragment : str
        Only cases whose id contains this.
    """
    return [
        case for case in _read_all(folder) if fragment in case.id and (not categories or case.category in categories)
    ]


def _read_all(folder: Path) -> Iterator[Case]:
    seed = int(time.time())
    for number, path in enumerate(sorted(folder.glob("*/*.json"))):
        text = _NUMBERED_NAME.sub(f"{(seed + number) % 0xFFFF:04x}", path.read_text(encoding="utf-8"))
        content = json.loads(_RELATIVE_DAY.sub(_days_from_now, text))
        for fields in content if isinstance(content, list) else [content]:
            yield Case(fields["id"], fields["category"], fields["kind"], fields)


def _days_from_now(match: re.Match[str]) -> str:
    return (datetime.now(UTC) + timedelta(days=int(match[1]))).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def with_bytes(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters of a call with bodies that are bytes, which the cases write as Python literals."""
    return {
        name: ast.literal_eval(value) if name == "Body" and str(value)[:2] in ("b'", 'b"') else value
        for name, value in parameters.items()
    }
