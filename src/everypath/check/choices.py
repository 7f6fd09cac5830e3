"""Whether the rules of a Choice leave nothing over: some rule matches whatever the values are that it looks at.

The values that a rule distinguishes are few: below, at, between and above the constants that it compares with, true
and false, present and absent. The rules are evaluated for all combinations of them. Each value is taken to be of a
type that some rule compares it with: a value of a wrong type is another mistake.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from itertools import product
from typing import Any

from everypath.asl.jsonata.messages import JsonataError
from everypath.asl.jsonata.parser import parse_tree

#: Rules that distinguish more combinations than these are not looked at.
_MOST = 20_000
_COMPARISON = re.compile(r"(String|Numeric|Timestamp|Boolean)(Equals|(?:Less|Greater)Than(?:Equals)?)(Path)?")
_JSONATA_COMPARISON = {
    "=": "Equals", "<": "LessThan", "<=": "LessThanEquals", ">": "GreaterThan", ">=": "GreaterThanEquals",
}  # fmt: skip
_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
_ABSENT, _OTHER = "absent", "other"
_RELATION = "relation"
_CONSTANTS: dict[str, tuple[type, ...]] = {
    "String": (str,), "Timestamp": (str,), "Numeric": (int, float), "Boolean": (bool,),
}  # fmt: skip


class _Undefined(Exception):
    """A rule compares what is absent, which fails the execution otherwise than by matching nothing."""


#: What each key stands for, in one combination: a kind and a rank, or the order of two values.
_Values = Mapping[Hashable, tuple[str, float]]
_Condition = Callable[[_Values], bool]


@dataclass
class _Domain:
    """The constants that a value is compared with, by kind, and the kinds that it is tested for.

    A `natural` value counts something: it is never below 0.
    """

    natural: bool = False
    constants: dict[str, list[Any]] = field(default_factory=dict)
    kinds: set[str] = field(default_factory=set)

    def values(self) -> Iterator[tuple[str, float]]:
        """Yield one value for each case that the rules distinguish."""
        for kind, constants in self.constants.items():
            if kind == "Boolean":
                yield from (("Boolean", 0), ("Boolean", 1))
            else:
                # At rank 2 i + 1 is the constant i, at the even ranks is what lies between them.
                least = self.rank(kind, 0) if self.natural and kind == "Numeric" and 0 in constants else 0
                yield from ((kind, rank) for rank in range(int(least), 2 * len(set(constants)) + 1))
        for kind in self.kinds - self.constants.keys():
            yield kind, 0
        if not self.constants:
            yield _OTHER, 0

    def rank(self, kind: str, constant: Any) -> float:
        """The rank of a constant."""
        if kind == "Boolean":
            return float(constant)
        return 2 * sorted(set(self.constants[kind])).index(constant) + 1

    def constant(self, kind: str, rank: float) -> Any:
        """The constant at a rank; None between them."""
        return sorted(set(self.constants[kind]))[int(rank) // 2] if rank % 2 else None


def is_exhaustive(rules: Any, *, jsonata: bool) -> bool:
    """Tell whether one of the rules of a Choice always matches; False where that cannot be told."""
    reader = _Reader()
    conditions = []
    try:
        for rule in rules if isinstance(rules, list) else []:
            conditions.append(reader.jsonata(rule) if jsonata else reader.jsonpath(rule))
    except (_Unreadable, JsonataError, TypeError, RecursionError):
        return False
    domains = {key: list(domain.values()) for key, domain in reader.domains.items()}
    count = 1
    for values in domains.values():
        count *= len(values)
    if not conditions or count > _MOST:
        return False
    combinations = (dict(zip(domains, values, strict=True)) for values in product(*domains.values()))
    return all(_matches(conditions, values) for values in combinations)


def _matches(conditions: list[_Condition], values: _Values) -> bool:
    try:
        return any(condition(values) for condition in conditions)
    except _Undefined:
        return True


class _Unreadable(Exception):
    """A rule whose meaning is not known."""


class _Reader:
    """Makes conditions of rules, and learns which values they distinguish."""

    def __init__(self) -> None:
        self.domains: dict[Hashable, _Domain] = {}

    def jsonpath(self, rule: Any) -> _Condition:
        """Return the condition of a rule."""
        if not isinstance(rule, dict):
            raise _Unreadable
        for key, test in (("And", all), ("Or", any)):
            if isinstance(rule.get(key), list):
                inner = [self.jsonpath(each) for each in rule[key]]
                return lambda values, test=test, inner=inner: test(each(values) for each in inner)  # type: ignore[misc]
        if "Not" in rule:
            negated = self.jsonpath(rule["Not"])
            return lambda values: not negated(values)
        variable = rule.get("Variable")
        for operator, operand in rule.items():
            if operator == "StringMatches":
                return self._pattern(variable, operand)
            if operator == "IsPresent":
                return self._kind(variable, _ABSENT, expected=not operand)
            if operator.startswith("Is"):
                kind = {"IsNull": "null"}.get(operator, operator.removeprefix("Is"))
                return self._kind(variable, kind, expected=bool(operand), defined=False)
            match = _COMPARISON.fullmatch(operator)
            if match and match[3]:
                return self._relation((variable, match[1], operand), match[2])
            if match:
                return self._comparison(variable, match[1], match[2], operand)
        raise _Unreadable

    def jsonata(self, rule: Any) -> _Condition:
        """Return the condition of a rule of JSONata."""
        condition = rule.get("Condition") if isinstance(rule, dict) else None
        if isinstance(condition, bool):
            return lambda values, condition=condition: condition  # type: ignore[misc]
        if not isinstance(condition, str):
            raise _Unreadable
        return self._node(parse_tree(condition.strip().removeprefix("{%").removesuffix("%}").strip()))

    def _node(self, node: Any) -> _Condition:
        if node.type == "value" and isinstance(node.value, bool):
            constant = node.value
            return lambda values: constant
        if node.type == "block" and len(node.expressions) == 1:
            return self._node(node.expressions[0])
        if node.type == "function" and node.procedure.value == "not" and len(node.arguments) == 1:
            negated = self._node(node.arguments[0])
            return lambda values: not negated(values)
        if node.type == "function" and node.procedure.value == "exists" and len(node.arguments) == 1:
            return self._kind(_key(node.arguments[0]), _ABSENT, expected=False)
        if node.type == "binary" and node.value in ("and", "or"):
            first, second = self._node(node.lhs), self._node(node.rhs)
            if node.value == "and":
                return lambda values: first(values) and second(values)
            return lambda values: first(values) or second(values)
        if node.type == "binary" and node.value in ("!=", *_JSONATA_COMPARISON):
            return self._compared(node)
        return self._comparison(_key(node), "Boolean", "Equals", True, strict=False)

    def _compared(self, node: Any) -> _Condition:
        operator, left, right = node.value, node.lhs, node.rhs
        if _constant_kind(left):
            operator, left, right = _MIRRORED.get(operator, operator), right, left
        kind = _constant_kind(right)
        if operator == "!=":
            equal = self._atom(left, right, kind, "=")
            return lambda values: not equal(values)
        return self._atom(left, right, kind, operator)

    def _atom(self, left: Any, right: Any, kind: str | None, operator: str) -> _Condition:
        if kind == "null":
            return self._kind(_key(left), "null", expected=True)
        if kind is not None:
            return self._comparison(_key(left), kind, _JSONATA_COMPARISON[operator], right.value, strict=False)
        return self._relation((_key(left), _key(right)), _JSONATA_COMPARISON[operator])

    def _domain(self, key: Hashable) -> _Domain:
        return self.domains.setdefault(key, _Domain(natural=_counts(key)))

    def _comparison(self, key: Hashable, kind: str, operator: str, constant: Any, *, strict: bool = True) -> _Condition:
        if not isinstance(constant, _CONSTANTS[kind]) or (isinstance(constant, bool) and kind != "Boolean"):
            raise _Unreadable
        domain = self._domain(key)
        domain.constants.setdefault(kind, []).append(constant)

        def condition(values: _Values) -> bool:
            found, rank = values[key]
            if found == _ABSENT and strict:
                raise _Undefined
            return found == kind and _ordered(rank - domain.rank(kind, constant), operator)

        return condition

    def _relation(self, key: Hashable, operator: str) -> _Condition:
        self._domain((_RELATION, key)).constants[_RELATION] = [0]  # less, equal, greater
        return lambda values: _ordered(values[(_RELATION, key)][1] - 1, operator)

    def _pattern(self, key: Hashable, pattern: str) -> _Condition:
        domain = self._domain(key)
        domain.constants.setdefault("String", [])
        whole = set(pattern) == {"*"}

        def condition(values: _Values) -> bool:
            found, rank = values[key]
            if found == _ABSENT:
                raise _Undefined
            text = domain.constant("String", rank) if found == "String" else None
            return found == "String" and (whole or (text is not None and fnmatchcase(text, pattern)))

        return condition

    def _kind(self, key: Hashable, kind: str, *, expected: bool, defined: bool = True) -> _Condition:
        self._domain(key).kinds.add(kind)

        def condition(values: _Values) -> bool:
            found = values[key][0]
            if found == _ABSENT and not defined:
                raise _Undefined
            return (found == kind) is expected

        return condition


def _counts(key: Hashable) -> bool:
    """Whether a variable is called like a count, or an expression is the length of something."""
    if isinstance(key, tuple):
        procedures = [child[1] for child in key[2:] if isinstance(child, tuple) and child[:1] == ("procedure",)]
        return any(procedure[1] in ("'count'", "'length'") for procedure in procedures)
    return re.search(r"(?i)(count|length|size)$", str(key)) is not None


def _ordered(difference: float, operator: str) -> bool:
    if difference == 0:
        return operator.endswith("Equals")
    return operator.startswith("Less" if difference < 0 else "Greater")


def _constant_kind(node: Any) -> str | None:
    if node.type in ("string", "number"):
        return {"string": "String", "number": "Numeric"}[node.type]
    if node.type == "value":
        return "Boolean" if isinstance(node.value, bool) else "null" if node.value is None else None
    return None


def _key(node: Any) -> Hashable:
    """What is the same for two expressions that are written alike."""
    if isinstance(node, list | tuple):
        return tuple(_key(each) for each in node)
    if hasattr(node, "type") and hasattr(node, "value"):
        children = (
            (name, _key(value))
            for name, value in sorted(vars(node).items())
            if isinstance(value, list | tuple) or (hasattr(value, "type") and hasattr(value, "value"))
        )
        return (node.type, repr(node.value), *children)
    return repr(node)
