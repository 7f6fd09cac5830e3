"""Reads JSONata fields: expressions, and JSON data with expressions in it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from everypath.asl.errors import StateError
from everypath.asl.jsonata.engine import evaluate
from everypath.asl.jsonata.messages import JsonataError
from everypath.asl.jsonata.operators import truth
from everypath.asl.jsonata.parser import Node, Parsed, parse
from everypath.asl.scope import Scope
from everypath.paths.places import MISSING, Base64Text, JsonText, Part, Step, Sum
from everypath.paths.reading import UNKNOWN, Reading, SourcePlace, merged, places_of
from everypath.paths.wants import ALGORITHM, ANY, ARRAY, FUNCTIONS, ITERATES, LOOKS, NUMBER, OBJECT, TEXT, Want

#: How deep calls of functions that an expression defines are followed.
DEEPEST = 40
#: How many items of an array are followed.
ITEMS = 50

parse_cached = lru_cache(maxsize=4096)(parse)


def is_expression(raw: Any) -> bool:
    """Whether a value of a definition is an expression."""
    return isinstance(raw, str) and raw.startswith("{%") and raw.endswith("%}")


def expression_tree(raw: str) -> Parsed:
    """The syntax tree of an expression with its ``{%`` and ``%}``."""
    parsed: Parsed = parse_cached(raw[2:-2].strip())
    return parsed


def read_data(reading: Reading, raw: Any, want: Want = ANY) -> SourcePlace:
    """Follow JSON data with expressions in it."""
    if is_expression(raw):
        return _Reader(reading).read(expression_tree(raw).tree, want)
    members = raw.items() if isinstance(raw, dict) else enumerate(raw) if isinstance(raw, list) else ()
    parts: dict[Step, SourcePlace] = {key: read_data(reading, value) for key, value in members}
    evaluated = any(is_expression(value) for _, value in _members(raw)) or any(part.parts for part in parts.values())
    return SourcePlace(UNKNOWN, parts=parts if evaluated else None)


def read_node(reading: Reading, node: Node) -> SourcePlace:
    """Follow a part of an expression."""
    return _Reader(reading).read(node, ANY)


def holds(node: Node, scope: Scope) -> bool | None:
    """Whether a part of a condition holds; None where it cannot be evaluated, or is undefined."""
    try:
        value = evaluate(Parsed(node, (), None, ()), scope)
    except (JsonataError, StateError):
        return None
    return None if value is None else bool(truth(value))


def _members(raw: Any) -> Iterable[tuple[Step, Any]]:
    return raw.items() if isinstance(raw, dict) else enumerate(raw) if isinstance(raw, list) else ()


@dataclass(frozen=True, slots=True)
class _Reader:
    """Follows the nodes of an expression, with the variables that it sets and the context of names."""

    reading: Reading
    variables: dict[str, Any] | None = None
    context: SourcePlace | None = None
    supplies: bool = True
    depth: int = 0

    def read(self, node: Node, want: Want) -> SourcePlace:
        if self.depth > DEEPEST:
            return SourcePlace(UNKNOWN)
        follow = _NODES.get(node.type)
        source_place = (
            SourcePlace(UNKNOWN) if follow is None else follow(replace(self, depth=self.depth + 1), node, want)
        )
        for stage in node.predicate or ():
            source_place = self.filtered(source_place, stage.expr)
        return self.reading.require(source_place, want) if node.type == "function" and self.supplies else source_place

    def read_all(self, nodes: Iterable[Node], want: Want = ANY) -> list[SourcePlace]:
        return [self.read(node, want) for node in nodes]

    def variable(self, node: Node, want: Want) -> SourcePlace:
        source_place = self.named(node.value)
        return self.final(source_place, want) if node.value not in ("", "states") else source_place

    def named(self, name: str) -> SourcePlace:
        if name in ("", "$"):
            return self.context or SourcePlace(UNKNOWN)
        if self.variables and name in self.variables:
            found = self.variables[name]
            return found if isinstance(found, SourcePlace) else SourcePlace(UNKNOWN)
        reading, scope = self.reading, self.reading.scope
        if name == "states":
            parts: dict[Step, SourcePlace] = {
                "input": reading.root(scope.value, "$"),
                "context": reading.root(scope.context(), "$$"),
            }
            if scope.has_result:
                parts["result"] = reading.root(scope.result)
            if scope.has_error_output:
                parts["errorOutput"] = reading.root(scope.error_output)
            return SourcePlace(UNKNOWN, parts=parts)
        if name in scope.variables:
            return reading.member(reading.root(scope.variables, "="), name, ANY, supplies=False)
        return SourcePlace(UNKNOWN)

    def name(self, node: Node, want: Want) -> SourcePlace:
        return self.path(_Path([node]), want)

    def path(self, node: Any, want: Want) -> SourcePlace:
        steps = list(node.steps)
        if steps[0].type == "name":
            source_places = [self.context or SourcePlace(UNKNOWN)]
        else:
            first = self.read(steps[0], _container(steps[1:2], steps[0]) if len(steps) > 1 else want)
            source_places = [self.staged(first, steps[0])]
            steps = steps[1:]
        for index, step in enumerate(steps):
            following = steps[index + 1 : index + 2]
            needed = _container(following, step) if following or step.stages else want
            source_places = [inner for source_place in source_places for inner in self.step(source_place, step, needed)]
        source_places = [self.final(source_place, want) for source_place in source_places]
        if len(source_places) == 1:
            return source_places[0]
        return SourcePlace(UNKNOWN, derived=places_of(source_places))

    def step(self, source_place: SourcePlace, node: Node, want: Want) -> list[SourcePlace]:
        """Apply a step of a path, to each item where it is applied to an array."""
        items = self.items(source_place)
        if node.type == "name":
            found = [self.member(item, str(node.value), want) for item in items]
        elif node.type in ("block", "function", "unary", "condition", "binary", "variable"):
            found = [replace(self, context=item).read(node, want) for item in items]
        elif node.type == "wildcard":
            found = [self.member(item, key, want) for item in items for key in _keys(item)]
        else:
            return [SourcePlace(UNKNOWN, derived=places_of([source_place]))]
        return [self.staged(one, node) for one in found]

    def items(self, source_place: SourcePlace) -> list[SourcePlace]:
        """The items of an array, the value itself where it is none."""
        if isinstance(source_place.value, list):
            return [self.member(source_place, index, ANY) for index in range(min(len(source_place.value), ITEMS))]
        if (
            source_place.parts is not None
            and source_place.parts
            and all(isinstance(key, int) for key in source_place.parts)
        ):
            return [inner for part in source_place.parts.values() for inner in self.items(part)]
        return [source_place]

    def elements(self, source_place: SourcePlace) -> list[SourcePlace]:
        """What a value adds to an array that it is appended to."""
        if source_place.parts is not None and all(isinstance(key, int) for key in source_place.parts):
            return list(source_place.parts.values())
        return self.items(source_place)

    def member(self, source_place: SourcePlace, step: Step, want: Want) -> SourcePlace:
        return self.reading.member(source_place, step, want, supplies=self.supplies)

    def staged(self, source_place: SourcePlace, node: Node) -> SourcePlace:
        for stage in node.stages or ():
            if stage.type == "filter":
                source_place = self.filtered(source_place, stage.expr)
        return source_place

    def filtered(self, source_place: SourcePlace, expression: Node) -> SourcePlace:
        if expression.type == "number":
            if isinstance(source_place.value, list) or (
                source_place.value is UNKNOWN and source_place.parts is not None
            ):
                return self.member(source_place, int(expression.value), OBJECT)
            return source_place
        for item in self.items(source_place):
            replace(self, context=item, supplies=False).read(expression, ANY)
        return source_place

    def final(self, source_place: SourcePlace, want: Want) -> SourcePlace:
        """What a path leads to."""
        if source_place.parts is not None:
            return source_place
        if self.supplies:
            self.reading.require(source_place, want)
        is_lacking = source_place.value is MISSING and source_place.place is None
        if is_lacking and not self.supplies:
            return source_place
        if source_place.root or source_place.place is not None or is_lacking:
            self.reading.note(source_place)
        return source_place

    def unary(self, node: Node, want: Want) -> SourcePlace:
        if node.value == "{":
            parts: dict[Step, SourcePlace] = {}
            for key, value in node.lhs_object:
                source_place = self.read(value, ANY)
                if key.type == "string":
                    parts[key.value] = source_place
            return SourcePlace(UNKNOWN, parts=parts)
        if node.value == "[":
            wanted = NUMBER if want is FUNCTIONS["sum"] else ANY
            return SourcePlace(UNKNOWN, parts=dict(enumerate(self.read_all(node.expressions, wanted))))
        return SourcePlace(UNKNOWN, derived=places_of([self.read(node.expression, NUMBER)]))

    def binary(self, node: Node, want: Want) -> SourcePlace:
        operator = node.value
        if operator in ("and", "or", "=", "!=", "in"):
            quiet = replace(self, supplies=False)
            return SourcePlace(UNKNOWN, derived=places_of([quiet.read(node.lhs, ANY), quiet.read(node.rhs, ANY)]))
        if operator in ("<", "<=", ">", ">="):
            kinds = {node.lhs.type, node.rhs.type}
            wanted = TEXT if "string" in kinds else NUMBER
            return SourcePlace(UNKNOWN, derived=places_of([self.read(node.lhs, wanted), self.read(node.rhs, wanted)]))
        wanted = NUMBER if operator in ("+", "-", "*", "/", "%") else ANY
        left, right = self.read(node.lhs, wanted), self.read(node.rhs, wanted)
        derived = places_of([left, right])
        for source_place, other, sign in ((left, node.rhs, -1 if operator == "-" else 1), (right, node.lhs, 1)):
            is_sum = operator == "+" or (operator == "-" and source_place is left)
            if is_sum and other.type == "number" and source_place.place is not None:
                return SourcePlace(UNKNOWN, source_place.place.below(Sum(sign * other.value)), derived=derived)
        return SourcePlace(UNKNOWN, derived=derived)

    def condition(self, node: Node, want: Want) -> SourcePlace:
        derived = places_of([replace(self, supplies=False).read(node.condition, ANY)])
        branches = [node.then] + ([] if node._else is None else [node._else])
        if not self.variables and self.context is None:
            first = holds(node.condition, self.reading.scope)
            branches = branches[:1] if first else branches[1:]
        source_places = self.read_all(branches, want)
        if len(source_places) != 1:
            return SourcePlace(UNKNOWN, derived=places_of(source_places) + derived)
        return replace(source_places[0], derived=source_places[0].derived + derived)

    def block(self, node: Node, want: Want) -> SourcePlace:
        inner, source_place = replace(self, variables=dict(self.variables or {})), SourcePlace(UNKNOWN)
        for expression in node.expressions:
            source_place = inner.read(expression, want if expression is node.expressions[-1] else ANY)
        return source_place

    def bind(self, node: Node, want: Want) -> SourcePlace:
        function = node.rhs if node.rhs.type == "lambda" else None
        source_place = SourcePlace(UNKNOWN) if function is not None else self.read(node.rhs, want)
        if self.variables is not None:
            self.variables[node.lhs.value] = function or source_place
        return source_place

    def function(self, node: Node, want: Want, first: SourcePlace | None = None) -> SourcePlace:
        procedure = node.procedure
        name = procedure.value if procedure.type == "variable" else ""
        own = (self.variables or {}).get(name)
        if own is not None and not isinstance(own, SourcePlace):
            given = ([] if first is None else [first]) + self.read_all(node.arguments)
            return self.called(own, given)
        return self.builtin(name, first, list(node.arguments))

    def called(self, function: Node, given: list[SourcePlace]) -> SourcePlace:
        """Follow a function that the expression defines."""
        names = [parameter.value for parameter in function.arguments]
        variables = (self.variables or {}) | dict(zip(names, given, strict=False))
        body = function.body
        while body.type == "lambda" and body.thunk:  # a tail call
            body = body.body
        return replace(self, variables=variables).read(body, ANY)

    def builtin(self, name: str, first: SourcePlace | None, arguments: list[Node]) -> SourcePlace:
        reader = replace(self, supplies=False) if name in LOOKS else self
        wanted = FUNCTIONS.get(name, ANY)
        functions = [self.function_of(argument) for argument in arguments]
        source_places = [] if first is None else [first]
        for argument, function in zip(arguments, functions, strict=True):
            if function is None:
                source_places.append(reader.read(argument, wanted if not source_places else _other(name)))
        if name in ITERATES:
            return self.iterated(name, source_places, [function for function in functions if function is not None])
        return self.result(name, source_places, arguments[0 if first is not None else 1 :])

    def function_of(self, node: Node) -> Node | None:
        if node.type == "lambda":
            return node
        found = (self.variables or {}).get(node.value) if node.type == "variable" else None
        return None if isinstance(found, SourcePlace) else found

    def iterated(self, name: str, source_places: list[SourcePlace], functions: list[Node]) -> SourcePlace:
        first = source_places[0] if source_places else SourcePlace(UNKNOWN)
        items = (
            [self.member(first, key, ANY) for key in _keys(first)] if name in ("each", "sift") else self.items(first)
        )
        results: list[SourcePlace] = []
        for function in functions:
            for item in items:
                given = (
                    [SourcePlace(UNKNOWN), item]
                    if name == "reduce"
                    else [item, item if name == "sort" else SourcePlace(UNKNOWN)]
                )
                results.append(self.called(function, given))
        if name == "map" and len(results) == len(items) > 0:
            return SourcePlace(UNKNOWN, parts=dict(enumerate(results)))
        return SourcePlace(UNKNOWN, derived=places_of([*source_places, *results]), base=first)

    def result(self, name: str, source_places: list[SourcePlace], others: list[Node]) -> SourcePlace:
        """What a function comes to, as far as that is part of its arguments."""
        first = source_places[0] if source_places else SourcePlace(UNKNOWN)
        if name == "parse" and first.place is not None:
            place = first.place.below(JsonText())
            content = JsonText().read(first.value)
            live = UNKNOWN if content is MISSING else self.reading.origins.adopt(content, place)
            return SourcePlace(live, place)
        if name == "base64decode" and first.place is not None:
            return SourcePlace(UNKNOWN, first.place.below(Base64Text()))
        if name == "merge" and first.parts is not None:
            return merged(list(first.parts.values()))
        if name == "append" and len(source_places) == 2:
            members = [member for source_place in source_places for member in self.elements(source_place)]
            return SourcePlace(UNKNOWN, parts=dict(enumerate(members)), derived=places_of(source_places))
        if name == "lookup" and others and others[0].type == "string":
            return self.final(self.member(first, others[0].value, ANY), ANY)
        if name == "split" and first.place is not None and others and others[0].type == "string" and others[0].value:
            place, delimiter = first.place, str(others[0].value)
            count = max(len(first.value.split(delimiter)) if isinstance(first.value, str) else 1, 8)
            return SourcePlace(
                UNKNOWN, parts={n: SourcePlace(UNKNOWN, place.below(Part(delimiter, n))) for n in range(count)}
            )
        return SourcePlace(UNKNOWN, derived=places_of(source_places))

    def apply(self, node: Node, want: Want) -> SourcePlace:
        left = self.read(node.lhs, ANY)
        right = node.rhs
        if right.type == "function":
            return self.function(right, want, left)
        if right.type == "variable":
            return self.builtin(right.value, left, [])
        if right.type == "lambda":
            return self.called(right, [left])
        return SourcePlace(UNKNOWN, derived=places_of([left]), parts={}, base=left)


@dataclass(frozen=True, slots=True)
class _Path:
    steps: list[Node]


def _container(following: list[Node], step: Node) -> Want:
    """What a step of a path needs of the value before it."""
    if step.stages and step.stages[0].type == "filter":
        return ARRAY
    return ARRAY if following and following[0].type != "name" else OBJECT


def _keys(source_place: SourcePlace) -> list[Step]:
    if isinstance(source_place.value, dict):
        return list(source_place.value)
    return list(range(len(source_place.value))) if isinstance(source_place.value, list) else []


def _other(name: str) -> Want:
    """What a function needs of its further arguments."""
    if name == "hash":
        return ALGORITHM
    return NUMBER if name in ("range", "power", "substring", "partition", "round") else ANY


_NODES: dict[str, Any] = {
    "path": _Reader.path,
    "name": _Reader.name,
    "variable": _Reader.variable,
    "unary": _Reader.unary,
    "binary": _Reader.binary,
    "condition": _Reader.condition,
    "block": _Reader.block,
    "bind": _Reader.bind,
    "function": _Reader.function,
    "apply": _Reader.apply,
}
