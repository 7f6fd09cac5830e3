"""Finds data for which a Choice takes a given exit: each test of its rules for itself, where its value is from."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from everypath.asl.errors import StateError
from everypath.asl.jsonata.parser import Node, nodes_of
from everypath.asl.jsonpath.path import Path, compile_path
from everypath.asl.parser.block import Block
from everypath.asl.parser.choice_rule import compile_rule
from everypath.asl.scope import Scope
from everypath.asl.tree import Choice, Rule
from everypath.paths.places import MISSING, Place, Steps
from everypath.paths.reading import Reading, SourcePlace, Supplier, changed_scope, places_of
from everypath.paths.reading_jsonata import expression_tree, holds, read_node
from everypath.paths.reading_jsonpath import read_path_spots
from everypath.paths.tolerance import MANY_ITEMS

#: How many ways to meet the rules are tried for one exit, and how many combinations of values for each of them.
WAYS, COMBINATIONS = 300, 3_000
#: The longest string that is made up.
LONGEST_STRING = 10_000
TIMES = ("2026-01-01T00:00:00Z", "2025-01-01T00:00:00Z", "2027-01-01T00:00:00Z")

#: How an expression names a value.
Name = tuple[str, Steps]
#: Values by name.
Changes = dict[Name, Any]


@dataclass(frozen=True, slots=True, eq=False)
class Test:
    """One test of a rule.

    Parameters
    ----------
    source_places : tuple of SourcePlace
        What it looks at.
    pool : tuple
        Values on both sides of what it compares with.
    holds : callable
        Whether it holds in a scope; None where it cannot be evaluated.
    """

    source_places: tuple[SourcePlace, ...]
    pool: tuple[Any, ...]
    holds: Callable[[Scope], bool | None]


@dataclass(frozen=True, slots=True)
class All:
    """A rule that holds if all of several do."""

    parts: tuple[Formula, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """A rule that holds if one of several does."""

    parts: tuple[Formula, ...]


@dataclass(frozen=True, slots=True)
class Opposite:
    """A rule that holds if another one does not."""

    part: Formula


Formula = Test | All | AnyOf | Opposite
#: Tests, and whether they are to hold.
Way = tuple[tuple[Test, bool], ...]


@dataclass(frozen=True, slots=True)
class Solution:
    """Values for which a Choice takes an exit, and the tests that they rest on."""

    changes: tuple[tuple[SourcePlace, Any], ...]
    way: Way


@dataclass(frozen=True, slots=True)
class KeptValues:
    """A test of an earlier visit that a value at a place must still pass."""

    accepts: Callable[[Any], bool]
    pool: tuple[Any, ...]


class ChoiceSolver:
    """Solves one visit of a Choice.

    Parameters
    ----------
    choice, raw : Choice, mapping
        The state, and as the definition has it.
    supplier : Supplier
        Knows where the data are from.
    scope : Scope
        What the rules see.
    kept : mapping
        What earlier visits need of the places.
    """

    def __init__(
        self, choice: Choice, raw: Mapping[str, Any], supplier: Supplier, scope: Scope,
        kept: Mapping[Place, Sequence[KeptValues]],
    ) -> None:  # fmt: skip
        self._choice, self._supplier, self._scope, self._kept = choice, supplier, scope, kept
        self._reading = Reading(supplier, scope, supplies=False)
        self._formulas = [self._formula(rule, choice.jsonata) for rule in raw["Choices"]]

    @property
    def places(self) -> tuple[Place, ...]:
        """The places on which the rules depend."""
        return places_of(
            source_place
            for formula in self._formulas
            for test in _tests(formula)
            for source_place in test.source_places
        )

    def pool(self) -> list[Any]:
        """The values that matter to the rules."""
        return _unique(value for formula in self._formulas for test in _tests(formula) for value in test.pool)

    def solve(self, number: int | None) -> Solution | None:
        """Values for which the rule of a number is the first that holds; no rule for None."""
        before = self._formulas if number is None else self._formulas[:number]
        goal: Formula = All((*map(Opposite, before), *([] if number is None else [self._formulas[number]])))
        if self._matches({}, number):
            return Solution((), self._current_value(goal))
        for with_kept in (True, False):
            for way in itertools.islice(self._ways(goal, True), WAYS):
                changes = self._assign(way, with_kept)
                if changes is None:
                    continue
                for more in ({}, self._fillers(changes, before)):
                    if self._matches({**more, **changes}, number):
                        return self._solution({**more, **changes}, way)
        return None

    def _solution(self, changes: Changes, way: Way) -> Solution:
        source_places = {(source_place.root, source_place.steps): source_place for formula in self._formulas
                 for test in _tests(formula) for source_place in test.source_places}  # fmt: skip
        return Solution(tuple((source_places[name], value) for name, value in changes.items()), way)

    def _current_value(self, goal: Formula) -> Way:
        """The tests that are as they should be already."""
        way = next(self._ways(goal, True), ())
        return way if all(test.holds(self._scope) == wanted for test, wanted in way) else ()

    def _matches(self, changes: Changes, number: int | None) -> bool:
        scope = changed_scope(self._scope, changes) if changes else self._scope
        try:
            return next((n for n, one in enumerate(self._choice.choices) if _rule(one)(scope)), None) == number
        except StateError:
            return False

    def _ways(self, formula: Formula, wanted: bool) -> Iterator[Way]:
        """The ways to let a formula hold, or not hold; those that need the fewest changes first."""
        if isinstance(formula, Opposite):
            yield from self._ways(formula.part, not wanted)
        elif isinstance(formula, Test):
            yield ((formula, wanted),)
        elif isinstance(formula, All) == wanted:
            yield from self._together(formula.parts, wanted)
        else:
            for part in sorted(formula.parts, key=lambda part: not self._is(part, wanted)):
                yield from self._ways(part, wanted)

    def _together(self, parts: Sequence[Formula], wanted: bool) -> Iterator[Way]:
        if not parts:
            yield ()
            return
        for first in self._ways(parts[0], wanted):
            for rest in self._together(parts[1:], wanted):
                yield first + rest

    def _is(self, formula: Formula, wanted: bool) -> bool:
        if isinstance(formula, Opposite):
            return self._is(formula.part, not wanted)
        if isinstance(formula, Test):
            return formula.holds(self._scope) == wanted
        combine = all if isinstance(formula, All) == wanted else any
        return combine(self._is(part, wanted) for part in formula.parts)

    def _assign(self, way: Way, with_kept: bool) -> Changes | None:
        """Values for which all tests of a way are as wanted; None where there are none."""
        changes: Changes = {}
        for group in _groups(way):
            found = self._assign_group(group, with_kept)
            if found is None:
                return None
            changes |= found
        return changes

    def _assign_group(self, group: Way, with_kept: bool) -> Changes | None:
        if all(test.holds(self._scope) == wanted for test, wanted in group):
            return {}
        pools: dict[Name, list[Any]] = {}
        source_places: dict[Name, SourcePlace] = {}
        for test, _ in group:
            for source_place in test.source_places:
                if self._supplier.may_decide(source_place.place):
                    pools.setdefault((source_place.root, source_place.steps), []).extend(test.pool)
                    source_places[source_place.root, source_place.steps] = source_place
        for name, source_place in source_places.items():
            kept = self._kept.get(source_place.place, ()) if source_place.place is not None else ()
            values = _unique([*pools[name], *(value for one in kept for value in one.pool)])
            pools[name] = [value for value in values if not with_kept or all(one.accepts(value) for one in kept)]
        tried = 0
        for size in range(1, len(pools) + 1):
            for chosen in itertools.combinations(pools, size):
                for values_ in itertools.product(*(pools[name] for name in chosen)):
                    tried += 1
                    if tried > COMBINATIONS:
                        return None
                    changes = dict(zip(chosen, values_, strict=True))
                    scope = changed_scope(self._scope, changes)
                    if all(test.holds(scope) == wanted for test, wanted in group):
                        return changes
        return None

    def _fillers(self, changes: Changes, before: Sequence[Formula]) -> Changes:
        """Values for what other tests look at and do not find, which would be an error."""
        more: Changes = {}
        for formula in [*before, *self._formulas]:
            for test in _tests(formula):
                for source_place in test.source_places:
                    name = (source_place.root, source_place.steps)
                    if (
                        source_place.value is MISSING
                        and self._supplier.may_decide(source_place.place)
                        and name not in changes
                        and test.pool
                    ):
                        scope = self._scope
                        off = [value for value in test.pool if value is not MISSING
                               and test.holds(changed_scope(scope, {name: value})) is False]  # fmt: skip
                        more.setdefault(name, off[0] if off else test.pool[0])
        return more

    def _formula(self, rule: Any, jsonata: bool) -> Formula:
        if jsonata:
            condition = rule.get("Condition")
            if not isinstance(condition, str):
                return Test((), (), lambda scope: bool(condition))
            return self._condition(expression_tree(condition).tree)
        if "And" in rule:
            return All(tuple(self._formula(part, jsonata) for part in rule["And"]))
        if "Or" in rule:
            return AnyOf(tuple(self._formula(part, jsonata) for part in rule["Or"]))
        if "Not" in rule:
            return Opposite(self._formula(rule["Not"], jsonata))
        return self._comparison(rule)

    def _comparison(self, rule: Mapping[str, Any]) -> Test:
        compiled, paths, pool = _compiled_comparison(json.dumps(rule))
        source_places = [source_place for path in paths for source_place in read_path_spots(self._reading, path)]
        return Test(tuple(source_places), pool, lambda scope: _value(compiled, scope))

    def _condition(self, node: Node) -> Formula:
        if node.type == "binary" and node.value in ("and", "or"):
            parts = (self._condition(node.lhs), self._condition(node.rhs))
            return All(parts) if node.value == "and" else AnyOf(parts)
        if node.type == "block" and len(node.expressions) == 1:
            return self._condition(node.expressions[0])
        if node.type == "function" and node.procedure.value == "not" and len(node.arguments) == 1:
            return Opposite(self._condition(node.arguments[0]))
        self._reading.named = []
        read_node(self._reading, node)
        source_places = {
            (source_place.root, source_place.steps): source_place
            for source_place in self._reading.named
            if source_place.root
        }
        pool = _literal_values(node)
        return Test(tuple(source_places.values()), pool, lambda scope: holds(node, scope))


@lru_cache(maxsize=4096)
def _compiled_comparison(text: str) -> tuple[Rule, tuple[Path, ...], tuple[Any, ...]]:
    """A comparison of a rule: what tells whether it matches, the paths that it names, and the values that matter."""
    own = {name: value for name, value in json.loads(text).items() if name not in ("Next", "Assign", "Comment")}
    compiled = compile_rule(Block(own, (), []))
    assert compiled is not None
    texts = [value for name, value in own.items() if name == "Variable" or name.endswith("Path")]
    pool = [value for name, constant in own.items() for value in _compared_values(name, constant)]
    return compiled, tuple(compile_path(one) for one in texts), tuple(_unique(pool))


def kept_tests(way: Way, scope: Scope) -> Iterator[tuple[Place, KeptValues]]:
    """What later visits may not change of what a solution rests on."""
    for test, wanted in way:
        if len(test.source_places) == 1 and test.source_places[0].place is not None:
            source_place, place = test.source_places[0], test.source_places[0].place
            yield place, KeptValues(_accepting(test, wanted, scope, (source_place.root, source_place.steps)), test.pool)


def _accepting(test: Test, wanted: bool, scope: Scope, name: Name) -> Callable[[Any], bool]:
    return lambda value: test.holds(changed_scope(scope, {name: value})) == wanted


def _rule(one: Any) -> Rule:
    rule: Rule = getattr(one.rule, "inner", one.rule)
    return rule


def _value(rule: Rule, scope: Scope) -> bool | None:
    try:
        return rule(scope)
    except StateError:
        return None


def _tests(formula: Formula) -> Iterator[Test]:
    if isinstance(formula, Test):
        yield formula
    elif isinstance(formula, Opposite):
        yield from _tests(formula.part)
    else:
        for part in formula.parts:
            yield from _tests(part)


def _groups(way: Way) -> list[Way]:
    """The tests that look at the same values together."""
    groups: list[tuple[set[Name], list[tuple[Test, bool]]]] = []
    for test, wanted in way:
        names = {(source_place.root, source_place.steps) for source_place in test.source_places}
        joined = [group for group in groups if any(_overlap(one, other) for one in group[0] for other in names)]
        tests = [pair for group in joined for pair in group[1]]
        groups = [group for group in groups if group not in joined]
        groups.append((names.union(*(group[0] for group in joined)), [*tests, (test, wanted)]))
    return [tuple(tests) for _, tests in groups]


def _overlap(one: Name, other: Name) -> bool:
    size = min(len(one[1]), len(other[1]))
    return one[0] == other[0] and one[1][:size] == other[1][:size]


def _compared_values(name: str, constant: Any) -> list[Any]:
    """Values on both sides of a comparison."""
    if name == "Variable":
        return []
    if name.endswith("Path"):
        samples: dict[str, list[Any]] = {"S": ["a", "b", "c"], "N": [1, 2, 3], "B": [True, False], "T": list(TIMES)}
        return samples.get(name[0], [])
    if name == "StringMatches":
        return [constant.replace("\\*", "\0").replace("*", "x").replace("\0", "*"), constant.replace("*", ""), "other"]
    if name.startswith("String"):
        return [constant, constant + "x", "", chr(max(ord(constant[0]) - 1, 32)) if constant else "a"]
    if name.startswith("Numeric"):
        return [constant, constant + 1, constant - 1]
    if name.startswith("Boolean"):
        return [constant, not constant]
    if name.startswith("Timestamp"):
        return [constant, *TIMES, "1970-01-01T00:00:00Z", "2100-01-01T00:00:00Z"]
    if name.startswith("Is"):
        return ["text", MISSING, None, 1, True, TIMES[0]]
    return []


@lru_cache(maxsize=4096)
def _literal_values(node: Node) -> tuple[Any, ...]:
    """Values on both sides of the literals of a JSONata condition, and one of each kind."""
    values: list[Any] = []
    functions: set[str] = set()
    numbers: list[float] = []
    for one in nodes_of(node):
        if one.type == "string":
            values += [one.value, str(one.value) + "x"]
        elif one.type == "number":
            numbers.append(one.value)
            values += [one.value, one.value + 1, one.value - 1]
        elif one.type == "value" and isinstance(one.value, bool):
            values += [one.value, not one.value]
        elif one.type == "function":
            functions.add(str(one.procedure.value))
    sized = [value for number in numbers for value in _sized_values(functions, number)]
    kinds = [True, False, "text", 1, 0, [{}], [{}, {}], [], {}, MISSING, None, *TIMES]
    return tuple(_unique([*sized, *values, *kinds]))


def _sized_values(functions: set[str], size: float) -> list[Any]:
    """Strings and arrays of about the size that an expression compares theirs with."""
    sizes = [int(size) + more for more in (-1, 0, 1) if 0 <= size + more <= LONGEST_STRING]
    strings = ["x" * each for each in sizes] if "length" in functions else []
    return strings + [[{}] * each for each in sizes if "count" in functions and each <= MANY_ITEMS]


def _unique(values: Any) -> list[Any]:
    unique: dict[str, Any] = {}
    for value in values:
        unique.setdefault(repr(value), value)
    return list(unique.values())
