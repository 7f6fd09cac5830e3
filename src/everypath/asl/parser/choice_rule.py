"""Choice rules: the comparisons of a Choice state, compiled into functions of a scope.

A comparison of values of different types is False, never an error (recorded, for every operator).
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from typing import Any

from everypath.asl.error_catalog import RUNTIME
from everypath.asl.errors import StateError
from everypath.asl.jsonpath.path import Path, PathNotFound
from everypath.asl.parser import expressions
from everypath.asl.parser.block import Block
from everypath.asl.parser.fields import refuse_fields
from everypath.asl.scope import Scope
from everypath.asl.timestamps import NO_TIMESTAMP, parse_timestamp, written_timestamp
from everypath.asl.tree import Rule

_ORDERINGS: dict[str, Callable[[Any, Any], bool]] = {
    "Equals": operator.eq,
    "LessThan": operator.lt,
    "GreaterThan": operator.gt,
    "LessThanEquals": operator.le,
    "GreaterThanEquals": operator.ge,
}


def _string(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _number(value: Any) -> float | None:
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _boolean(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


#: Reads a value for a family of operators; returns None for a value of another type.
_READERS: dict[str, Callable[[Any], Any]] = {
    "String": _string,
    "Numeric": _number,
    "Timestamp": parse_timestamp,
    "Boolean": _boolean,
}

_JSON_TYPES = {"String": "STRING", "Numeric": "NUMBER", "Timestamp": "STRING", "Boolean": "BOOLEAN"}

#: The operators that compare two values, by name: their family, and how to compare.
COMPARISONS: dict[str, tuple[str, str]] = {
    family + ordering: (family, ordering)
    for family in _READERS
    for ordering in _ORDERINGS
    if family != "Boolean" or ordering == "Equals"
}

TYPE_TESTS: dict[str, Callable[[Any], bool]] = {
    "IsNull": lambda value: value is None,
    "IsString": lambda value: isinstance(value, str),
    "IsNumeric": lambda value: _number(value) is not None,
    "IsBoolean": lambda value: isinstance(value, bool),
    "IsTimestamp": lambda value: parse_timestamp(value) is not None,
}

#: In the order in which they make AWS's message about them, by way of a Java set (measured in 2026).
OPERATORS = (*COMPARISONS, *(f"{name}Path" for name in COMPARISONS), "StringMatches", *TYPE_TESTS, "IsPresent")
#: The fields of which a rule has exactly one, in AWS's order.
SELECTORS = ("And", "Or", "Not", "Variable", "Condition")
TOP_FIELDS = frozenset({"Next", "Assign", "Output"})
RULE_FIELDS = frozenset({*SELECTORS, *OPERATORS, "Comment"})
#: The fields of rules that exist in one query language only.
JSONPATH_ONLY = RULE_FIELDS - {"Condition", "Comment"}
JSONATA_ONLY = frozenset({"Condition", "Output"})


def check_rule(block: Block, *, jsonata: bool, top: bool) -> bool:
    """Whether a rule has the fields that it must have, and no others.

    The messages were measured on AWS (badmintoncryer/cdk-preflight, ``pf-sfn-asl-choice-rules`` and
    ``pf-sfn-asl-query-language``).
    """
    before = len(block.problems)
    known = RULE_FIELDS | TOP_FIELDS if top else RULE_FIELDS
    refuse_fields(block, known, jsonata=jsonata, foreign=JSONPATH_ONLY if jsonata else JSONATA_ONLY)
    if sum(name in block for name in SELECTORS) != 1:
        block.problem(f"The object must have only one of the following fields, [{', '.join(SELECTORS)}]")
    return len(block.problems) == before


def compile_rule(block: Block, *, top: bool = False) -> Rule | None:
    """Compile a choice rule of a JSONPath state.

    Parameters
    ----------
    block : Block
        The rule.
    top : bool
        Whether it is an element of ``Choices``: only those have ``Next`` and ``Assign``.

    Returns
    -------
    Rule or None
        None, with its problems noted, where the rule is wrong.
    """
    good = check_rule(block, jsonata=False, top=top)
    block.string("Comment")
    rule = _compile(block)
    return rule if good else None


def _compile(block: Block) -> Rule | None:
    for name, combine in (("And", all), ("Or", any)):
        if name in block:
            return _combined([compile_rule(inner) for inner in block.blocks(name)], combine)
    if "Not" in block:
        inner = block.block("Not")
        negated = compile_rule(inner) if inner else None
        return (lambda scope: not negated(scope)) if negated else None
    return _comparison(block) if "Variable" in block else None


def _combined(rules: list[Rule | None], combine: Callable[[Any], bool]) -> Rule | None:
    good = [rule for rule in rules if rule is not None]
    return (lambda scope: combine(rule(scope) for rule in good)) if len(good) == len(rules) else None


def _comparison(block: Block) -> Rule | None:
    operators = [field for field in OPERATORS if field in block]
    variable = _path(block, "Variable")
    if not operators:
        block.exactly_one(*OPERATORS)
        return None
    if len(operators) > 1:
        block.at_most_one(*OPERATORS)
    rules = [_operation(block, variable, name) for name in operators]
    return rules[0]


def _operation(block: Block, variable: Path | None, name: str) -> Rule | None:
    if name in COMPARISONS:
        return _with_constant(block, variable, name)
    if name.endswith("Path"):
        other = _path(block, name)
        return _with_path(variable, other, name[:-4]) if variable and other else None
    return _matches(block, variable) if name == "StringMatches" else _test(block, variable, name)


def _path(block: Block, field: str) -> Path | None:
    """Compile a reference path, possibly into the context object (AWS: "Accessing execution data from the Context")."""
    found = expressions.path(block, field, context=True)
    return None if found is None else found.path


def _value(path: Path, scope: Scope) -> Any:
    try:
        return path.evaluate(scope)
    except PathNotFound:
        message = f"Invalid path '{path.text}': The choice state's condition path references an invalid value."
        raise StateError(RUNTIME, message) from None


def _with_constant(block: Block, variable: Path | None, name: str) -> Rule | None:
    family, ordering = COMPARISONS[name]
    read, compare = _READERS[family], _ORDERINGS[ordering]
    constant = (written_timestamp if family == "Timestamp" else read)(block.get(name))
    if constant is None:
        if family == "Timestamp" and isinstance(block.get(name), str):
            block.problem(NO_TIMESTAMP, name)
        else:
            block.wrong_type(_JSON_TYPES[family], name)
    if constant is None or variable is None:
        return None

    def rule(scope: Scope) -> bool:
        value = read(_value(variable, scope))
        return value is not None and compare(value, constant)

    return rule


def _with_path(variable: Path, other: Path, name: str) -> Rule:
    family, ordering = COMPARISONS[name]
    read, compare = _READERS[family], _ORDERINGS[ordering]

    def rule(scope: Scope) -> bool:
        left, right = read(_value(variable, scope)), read(_value(other, scope))
        return left is not None and right is not None and compare(left, right)

    return rule


def _test(block: Block, variable: Path | None, name: str) -> Rule | None:
    wanted = block.get(name)
    if not isinstance(wanted, bool):
        block.wrong_type("BOOLEAN", name)
    if not isinstance(wanted, bool) or variable is None:
        return None
    if name == "IsPresent":
        return lambda scope: _is_present(variable, scope) is wanted
    test = TYPE_TESTS[name]
    return lambda scope: test(_value(variable, scope)) is wanted


def _is_present(path: Path, scope: Scope) -> bool:
    """Whether there is a value; there is none at ``$.items[0]`` of an empty array, which is how that is tested."""
    try:
        found = path.require(scope)
    except PathNotFound:
        return False
    return path.definite or found != []


def _matches(block: Block, variable: Path | None) -> Rule | None:
    text = block.string("StringMatches")
    if text is None or variable is None:
        return None
    pattern = re.compile(_wildcard_pattern(text), re.DOTALL)

    def rule(scope: Scope) -> bool:
        value = _value(variable, scope)
        return isinstance(value, str) and pattern.fullmatch(value) is not None

    return rule


def _wildcard_pattern(text: str) -> str:
    r"""Return the regular expression of a pattern: ``*`` matches anything, ``\*`` and ``\\`` are escapes."""
    parts = re.findall(r"\\[*\\]|.", text, re.DOTALL)
    return "".join(".*" if part == "*" else re.escape(part[-1]) for part in parts)
