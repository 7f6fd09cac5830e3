"""Reads the JSON text of a definition, and reports what is wrong with it in AWS's words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from everypath.asl import json_text
from everypath.asl.errors import Problem
from everypath.asl.parser.block import SCHEMA

INVALID_JSON = "INVALID_JSON_DESCRIPTION"
#: Bytes (AWS: "Quotas for state machine definitions").
LARGEST_DEFINITION = 1_048_576


@dataclass(frozen=True, slots=True)
class TextProblem(Problem):
    """A problem of the text, which has a position in the text.

    Parameters
    ----------
    source : str
        The position: ``[Source: (String)"…"; line: 1, column: 4]``, with which the message ends, too.
    """

    source: str = ""

    @property
    def location(self) -> str:
        """The position as AWS writes it (recorded: validation)."""
        return self.source

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


def read_definition(text: str, problems: list[Problem]) -> dict[str, Any] | None:
    """Return the data of a definition's text; None, with the problem noted, where it cannot be read.

    Where an object has a name twice, the last value counts; AWS is not known to refuse it.
    """
    if not check_size(text, problems):
        return None
    try:
        data = json_text.read(text)
    except json_text.JsonTextError as error:
        problems.append(TextProblem(INVALID_JSON, error.whole, None, error.location))
        return None
    if not isinstance(data, dict):
        problems.append(Problem(SCHEMA, "Expected value of type [OBJECT]", ()))
        return None
    return data


def check_size(text: str, problems: list[Problem]) -> bool:
    """Whether a definition's text is small enough; note the problem where it is not."""
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > LARGEST_DEFINITION:
        problems.append(
            Problem("DEFINITION_TOO_LARGE", f"A definition may have {LARGEST_DEFINITION} bytes, not {size}", None)
        )
    return size <= LARGEST_DEFINITION
