"""Structure: what AWS itself refuses, and substitutions that do not fit."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from everypath.asl.errors import Problem
from everypath.asl.parser.retry_catch import MISPLACED_WILDCARD
from everypath.check.checked_definition import CheckedDefinition
from everypath.check.finding import Hit, Rule, rule
from everypath.check.typos import nearest

#: The rule of each code of AWS; the others are about expressions and variables.
_CODES = {
    "INVALID_JSON_DESCRIPTION": "EP001",
    "SCHEMA_VALIDATION_FAILED": "EP002",
    "MISSING_TRANSITION_TARGET": "EP003",
    "MISSING_END_STATE": "EP004",
    "DUPLICATE_STATE_NAME": "EP005",
    "INVALID_STATE_NAME": "EP006",
    "INVALID_LABEL_NAME": "EP002",
    "DUPLICATE_LABEL_NAME": "EP002",
    "DEFINITION_TOO_LARGE": "EP008",
}
_EXPRESSION = "EP007"
#: How a message of AWS's JSON parser ends.
_SOURCE = re.compile(r"(.*?)\s+at \[Source: .*line: (\d+), column: (\d+)\]\s*", re.DOTALL)


def _found_by_parser(code: str) -> Callable[[CheckedDefinition], Iterator[Hit]]:
    def find(checked: CheckedDefinition) -> Iterator[Hit]:
        for problem in checked.problems:
            if _code(problem) == code and problem.message != MISPLACED_WILDCARD:  # EP201 says it better
                yield Hit(problem.path or (), _without_source(problem.message))

    return find


def _without_source(message: str) -> str:
    """A message of the JSON parser without the text that it quotes."""
    match = _SOURCE.fullmatch(message)
    return f"{match[1]} (line {match[2]}, column {match[3]})." if match else message


def _code(problem: Problem) -> str:
    return _CODES.get(problem.code, _EXPRESSION)


def _structural(code: str, title: str) -> Rule:
    return Rule(code, "error", title, _found_by_parser(code))


NOT_JSON = _structural("EP001", "The definition is not JSON")
SCHEMA = _structural("EP002", "A field is missing, unknown, or has a value that AWS refuses")
TRANSITION = _structural("EP003", "A transition has no target, or a state cannot be reached")
NO_END = _structural("EP004", "No state ends the workflow")
DUPLICATE = _structural("EP005", "Two states have the same name")
STATE_NAME = _structural("EP006", "A state's name is empty or too long")
EXPRESSION = _structural(_EXPRESSION, "An expression or a variable's name is wrong")
TOO_LARGE = _structural("EP008", "The definition is too large")


@rule("EP010", "error", "A ${…} is not in DefinitionSubstitutions")
def not_substituted(checked: CheckedDefinition) -> Iterator[Hit]:
    """Names in the definition that the template gives no value for; AWS deploys them as they stand."""
    for name, place in checked.placeholders.items():
        if checked.template is not None and name not in checked.substitutions:
            known = ", ".join(checked.substitutions) or "none"
            meant = nearest(name, _unused(checked))
            advice = f"did you mean ${{{meant}}}?" if meant else f"add it to DefinitionSubstitutions ({known})."
            yield Hit(place, f"Nothing is substituted for ${{{name}}}: {advice}")


@rule("EP011", "warning", "A substitution is not used")
def unused_substitution(checked: CheckedDefinition) -> Iterator[Hit]:
    """Names that the template gives a value for, and the definition does not have."""
    unknown = [name for name in checked.placeholders if name not in checked.substitutions]
    meant = {nearest(name, _unused(checked)) for name in unknown}
    for name in _unused(checked):
        if checked.definition and name not in meant:
            yield Hit((), f"DefinitionSubstitutions gives {name}, but the definition has no ${{{name}}}: remove it.")


def _unused(checked: CheckedDefinition) -> list[str]:
    return [name for name in checked.substitutions if name not in checked.placeholders]
