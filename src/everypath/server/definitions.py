"""Definitions in requests: parsed, or refused with everything that is wrong with them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from everypath.asl import json_text
from everypath.asl.errors import DefinitionError
from everypath.asl.parser.definition import parse, unsupported
from everypath.server.protocol import ApiError, Json

if TYPE_CHECKING:
    from everypath.asl.tree import StateMachine as Tree
    from everypath.server.service import Service

_MOST_DIAGNOSTICS = 100

Parsed = TypeVar("Parsed")


def parse_definition(text: str, kind: str) -> Tree:
    """Parse a definition.

    Raises
    ------
    ApiError
        ``InvalidDefinition``, with all problems.
    """
    tree = parsed(text, partial(parse, kind=kind))
    refuse_unsupported(tree)
    return tree


def parsed(text: str, parser: Callable[[str], Parsed]) -> Parsed:
    """Return what a parser makes of a definition, or of a part of one.

    Raises
    ------
    ApiError
        ``InvalidDefinition``, with all problems.
    """
    problems = _not_json(text)
    if not problems:
        try:
            return parser(text)
        except DefinitionError as error:
            problems = [str(problem) for problem in error.problems]
        except RecursionError:
            problems = ["SCHEMA_VALIDATION_FAILED: The definition is nested too deeply"]
    raise _invalid(problems)


def refuse_unsupported(tree: Tree) -> None:
    """Refuse, as an ``InvalidDefinition``, tasks that AWS could run and this service cannot."""
    problems = [str(problem) for problem in unsupported(tree)]
    if problems:
        raise _invalid(problems)


def _invalid(problems: Sequence[str]) -> ApiError:
    return ApiError("InvalidDefinition", f"Invalid State Machine Definition: '{', '.join(problems)}'")


def validate_state_machine_definition(service: Service, request: Json) -> Json:
    """ValidateStateMachineDefinition: everything that is wrong with a definition, as diagnostics."""
    most = request.get("maxResults") or _MOST_DIAGNOSTICS
    found = _diagnostics(request["definition"], request.get("type", "STANDARD"))
    return {"result": "FAIL" if found else "OK", "diagnostics": found[:most], "truncated": len(found) > most}


def _diagnostics(text: str, kind: str) -> list[Json]:
    try:
        json_text.read(text)
        parse(text, kind=kind)
    except json_text.JsonTextError as error:
        return [_diagnostic("INVALID_JSON_DESCRIPTION", error.whole, error.location)]
    except RecursionError:
        return [_diagnostic("SCHEMA_VALIDATION_FAILED", "The definition is nested too deeply", "/")]
    except DefinitionError as error:
        return [_diagnostic(problem.code, problem.message, problem.location) for problem in error.problems]
    return []


def _diagnostic(code: str, message: str, location: str) -> Json:
    found = {"severity": "ERROR", "code": code, "message": message}
    return found | {"location": location} if location else found


def _not_json(text: str) -> list[str]:
    try:
        json_text.read(text)
    except json_text.JsonTextError as error:
        # The service names the place twice: in Jackson's message, and as the problem's own.
        return [f"INVALID_JSON_DESCRIPTION: {error.whole} at {error.location}"]
    return []
