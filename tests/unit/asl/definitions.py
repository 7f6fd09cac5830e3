"""Short ways to write a definition, and to say what is wrong with it."""

from __future__ import annotations

import json
from typing import Any

from everypath.asl.errors import DefinitionError
from everypath.asl.parser.definition import parse

FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:f"
PASS = {"Type": "Pass", "End": True}
TASK = {"Type": "Task", "Resource": FUNCTION, "End": True}
FLOW = {"StartAt": "P", "States": {"P": PASS}}


def machine(state: Any, **fields: Any) -> dict[str, Any]:
    """A definition of the one state ``X``, and of ``Y`` where that is gone to."""
    states = {"X": state} | ({"Y": PASS} if '"Y"' in json.dumps(state) else {})
    return {"StartAt": "X", "States": states, **fields}


def problems(definition: str | dict[str, Any], kind: str = "STANDARD") -> list[tuple[str, str, str]]:
    """Code, location and message of everything that is wrong with a definition."""
    try:
        parse(definition, kind=kind)
    except DefinitionError as error:
        return [(problem.code, problem.location, problem.message) for problem in error.problems]
    return []


def complaints(state: Any, kind: str = "STANDARD", **fields: Any) -> list[tuple[str, str]]:
    """Location and message of what the schema has against a state; the graph is left out."""
    found = problems(machine(state, **fields), kind)
    return [(location, message) for code, location, message in found if code == "SCHEMA_VALIDATION_FAILED"]
