"""Definitions in requests: parsed or refused with all their problems, and the variables that their states read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from everypath.asl import json_text
from everypath.asl.errors import DefinitionError
from everypath.asl.jsonata import is_jsonata
from everypath.asl.parser.definition import parse, unsupported
from everypath.server.protocol import ApiError, Json

if TYPE_CHECKING:
    from everypath.asl.tree import StateMachine as Tree
    from everypath.server.api.service import Service

_MAX_DIAGNOSTICS = 100

#: The fields of a state that contain states.
_NESTED = frozenset({"ItemProcessor", "Iterator", "Branches"})
#: The fields of a JSONata state, a choice rule and a catcher in which expressions are; anything else is only text.
_EXPRESSIONS = frozenset(
    {
        "Arguments", "Assign", "Cause", "Condition", "Credentials", "Error", "HeartbeatSeconds", "ItemBatcher",
        "ItemReader", "ItemSelector", "Items", "MaxConcurrency", "Output", "ResultWriter", "Seconds", "TimeoutSeconds",
        "Timestamp", "ToleratedFailureCount", "ToleratedFailurePercentage",
    }
)  # fmt: skip
#: The fields of a JSONPath state that hold no path, whatever is in them.
_TEXTS = frozenset({"Comment", "Result"})
#: Fields whose value is a path although their name does not say so.
_PATHS = frozenset({"Variable"})
#: A variable in a path or in the arguments of an intrinsic function; ``$$`` is the context object.
_VARIABLE = re.compile(r"(?<!\$)\$([^\W\d]\w*)")
#: A string in quotes, or a field's name in brackets; neither contains a variable.
_QUOTED = re.compile(r"'(?:[^'\\]|\\.)*'")

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
    """Parse a definition, or a part of one, with a parser.

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
    """Refuse, as ``InvalidDefinition``, tasks that AWS can run and this service cannot."""
    problems = [str(problem) for problem in unsupported(tree)]
    if problems:
        raise _invalid(problems)


def _invalid(problems: Sequence[str]) -> ApiError:
    return ApiError("InvalidDefinition", f"Invalid State Machine Definition: '{', '.join(problems)}'")


def validate_state_machine_definition(service: Service, request: Json) -> Json:
    """ValidateStateMachineDefinition: the problems of a definition, as diagnostics."""
    limit = request.get("maxResults") or _MAX_DIAGNOSTICS
    diagnostics = _diagnostics(request["definition"], request.get("type", "STANDARD"))
    return {
        "result": "FAIL" if diagnostics else "OK",
        "diagnostics": diagnostics[:limit],
        "truncated": len(diagnostics) > limit,
    }


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
    diagnostic = {"severity": "ERROR", "code": code, "message": message}
    return diagnostic | {"location": location} if location else diagnostic


def _not_json(text: str) -> list[str]:
    try:
        json_text.read(text)
    except json_text.JsonTextError as error:
        # The service gives the location twice: in Jackson's message, and as the problem's own.
        return [f"INVALID_JSON_DESCRIPTION: {error.whole} at {error.location}"]
    return []


def variable_references(definition: Json) -> dict[str, list[str]]:
    """Return ``variableReferences``: the sorted names of the variables that each state reads, if it reads any."""
    return dict(_of_states(definition, jsonata=definition.get("QueryLanguage") == "JSONata"))


def _of_states(machine: Json, *, jsonata: bool) -> Iterator[tuple[str, list[str]]]:
    for name, state in machine.get("States", {}).items():
        language = state.get("QueryLanguage")
        own_jsonata = jsonata if language is None else language == "JSONata"
        fields = {key: value for key, value in state.items() if key not in _NESTED | _TEXTS}
        variables = sorted(set(_in_jsonata(_expressions(state)) if own_jsonata else _in_paths(fields)))
        if variables:
            yield name, variables
        for key in ("ItemProcessor", "Iterator"):
            if isinstance(state.get(key), dict):
                yield from _of_states(state[key], jsonata=jsonata)
        for branch in state.get("Branches", ()):
            yield from _of_states(branch, jsonata=jsonata)


def _in_paths(value: Any, key: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for name, member in value.items():
            yield from _in_paths(member, name)
    elif isinstance(value, list):
        for element in value:
            yield from _in_paths(element)
    elif isinstance(value, str) and (key.endswith((".$", "Path")) or key in _PATHS):
        yield from _VARIABLE.findall(_QUOTED.sub("''", value))


def _expressions(state: Json) -> list[Any]:
    """Return what a JSONata state has in the fields where expressions are."""
    blocks = [state, *state.get("Choices", ()), *state.get("Catch", ())]
    return [value for block in blocks for key, value in block.items() if key in _EXPRESSIONS]


def _in_jsonata(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for element in value:
            yield from _in_jsonata(element)
    elif is_jsonata(value):
        yield from _of_expression(value[2:-2])


def _of_expression(text: str) -> list[str]:
    from everypath.asl.jsonata.builtins import BUILTINS
    from everypath.asl.jsonata.parser import parse

    return [name for name in parse(text).variables if name != "states" and name not in BUILTINS]
