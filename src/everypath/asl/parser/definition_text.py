"""Reads the JSON text of a definition; what is wrong with it is said as AWS does, which reads JSON with Jackson."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from everypath.asl import json_text
from everypath.asl.errors import Problem

INVALID_JSON = "INVALID_JSON_DESCRIPTION"
#: Bytes (AWS: "Quotas for state machine definitions").
LARGEST = 1_048_576


@dataclass(frozen=True, slots=True)
class TextProblem(Problem):
    """A problem of the text itself; its place is one in the text.

    Parameters
    ----------
    source : str
        The place: ``[Source: (String)"…"; line: 1, column: 4]``, which the message ends with, too.
    """

    source: str = ""

    @property
    def location(self) -> str:
        """The place as AWS writes it (recorded: validation)."""
        return self.source

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


def read_definition(text: str, problems: list[Problem]) -> dict[str, Any] | None:
    """Return the data of a definition's text; None, with the problem noted, where it is none.

    Where a name stands twice in an object, the last one counts, as with Jackson: AWS was not seen to mind.
    """
    if not check_size(text, problems):
        return None
    try:
        data = json_text.read(text)
    except json_text.JsonTextError as error:
        problems.append(TextProblem(INVALID_JSON, error.whole, None, error.location))
        return None
    if not isinstance(data, dict):
        problems.append(Problem("SCHEMA_VALIDATION_FAILED", "Expected value of type [OBJECT]", ()))
        return None
    return data


def check_size(text: str, problems: list[Problem]) -> bool:
    """Whether a definition's text is as small as it must be; notes the problem where it is not."""
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > LARGEST:
        problems.append(Problem("DEFINITION_TOO_LARGE", f"A definition may have {LARGEST} bytes, not {size}", None))
    return size <= LARGEST
