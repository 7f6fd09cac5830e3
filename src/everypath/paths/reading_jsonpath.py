"""Reads JSONPath fields: paths, intrinsic functions, and payload templates."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from everypath.asl.jsonpath.intrinsics import is_intrinsic
from everypath.asl.jsonpath.path import Path, compile_path, read_path
from everypath.asl.jsonpath.steps import Child, Filter, Index, Slice, Wildcard
from everypath.asl.scanner import Scanner
from everypath.paths.places import MISSING, Base64Text, JsonText, Part, Step, Sum, is_number
from everypath.paths.reading import UNKNOWN, Reading, SourcePlace, merged, places_of
from everypath.paths.wants import ANY, ARRAY, INTRINSICS, OBJECT, Want

_NAME = re.compile(r"States\.\w+")
_STRING = re.compile(r"'((?:[^'\\]|\\.)*)'", re.DOTALL)
_CONSTANT = re.compile(r"[^,)\s]+")


@dataclass(frozen=True, slots=True)
class Call:
    """A call of an intrinsic function; an argument is a path, a call or a constant."""

    name: str
    arguments: tuple[Path | Call | Literal, ...]


@dataclass(frozen=True, slots=True)
class Literal:
    """A constant argument."""

    value: Any


@lru_cache(maxsize=4096)
def parse_value(text: str) -> Path | Call:
    """The path or the call that a field of a payload template holds."""
    if not is_intrinsic(text):
        return compile_path(text)
    return _call(Scanner(text.strip()))


def read_template(reading: Reading, raw: Any, want: Want = ANY) -> SourcePlace:
    """Follow a payload template."""
    if isinstance(raw, dict):
        parts: dict[Step, SourcePlace] = {}
        for name, value in raw.items():
            if name.endswith(".$") and isinstance(value, str):
                parts[name[:-2]] = read_value(reading, value, want)
            else:
                parts[name] = read_template(reading, value, want)
        evaluated = any(name.endswith(".$") for name in raw) or any(part.parts for part in parts.values())
        return SourcePlace(UNKNOWN, parts=parts if evaluated else None)
    if isinstance(raw, list):
        items: dict[Step, SourcePlace] = {index: read_template(reading, item, want) for index, item in enumerate(raw)}
        return SourcePlace(UNKNOWN, parts=items if any(part.parts for part in items.values()) else None)
    return SourcePlace(UNKNOWN)


def read_value(reading: Reading, text: str, want: Want = ANY) -> SourcePlace:
    """Follow a path or a call."""
    return _read(reading, parse_value(text), want)


def read_path_spots(reading: Reading, path: Path, want: Want = ANY) -> list[SourcePlace]:
    """Follow a path; one that is not definite may lead to several values."""
    source_places = [_root(reading, path)]
    for index, step in enumerate(path.steps):
        needed = want if index == len(path.steps) - 1 else _container(path.steps[index + 1])
        if isinstance(step, Child) and len(step.names) == 1:
            source_places = [reading.member(source_place, step.names[0], needed) for source_place in source_places]
        elif isinstance(step, Index) and len(step.indices) == 1:
            source_places = [
                reading.member(reading.require(source_place, ARRAY), step.indices[0], needed)
                for source_place in source_places
            ]
        elif isinstance(step, Wildcard | Slice | Filter):
            source_places = [
                inner for source_place in source_places for inner in _members(reading, source_place, needed)
            ]
        else:
            return [SourcePlace(UNKNOWN, derived=places_of(source_places))]
    if path.definite:
        return [reading.note(reading.require(source_place, want)) for source_place in source_places]
    return source_places


def _root(reading: Reading, path: Path) -> SourcePlace:
    if path.root == "$":
        return reading.root(reading.scope.value, "$")
    if path.root == "$$":
        return reading.root(reading.scope.context(), "$$")
    return reading.root(reading.scope.variables, "=")


def _container(step: Any) -> Want:
    return OBJECT if isinstance(step, Child) else ARRAY


def _members(reading: Reading, source_place: SourcePlace, want: Want) -> list[SourcePlace]:
    value = source_place.value
    if isinstance(value, dict):
        return [reading.member(source_place, key, want) for key in list(value)]
    return [reading.member(source_place, index, want) for index in range(len(value))] if isinstance(value, list) else []


def _read(reading: Reading, node: Path | Call | Literal, want: Want) -> SourcePlace:
    if isinstance(node, Literal):
        return SourcePlace(UNKNOWN)
    if isinstance(node, Path):
        source_places = read_path_spots(reading, node, want)
        return source_places[0] if node.definite else SourcePlace(UNKNOWN, derived=places_of(source_places))
    wants = INTRINSICS.get(node.name, ())
    source_places = [
        _read(reading, argument, wants[index] if index < len(wants) else ANY)
        for index, argument in enumerate(node.arguments)
    ]
    return reading.require(_result(reading, node, source_places), want)


def _result(reading: Reading, node: Call, source_places: list[SourcePlace]) -> SourcePlace:
    """What a function comes to, as far as that is part of its arguments."""
    first = source_places[0] if source_places else SourcePlace(UNKNOWN)
    constants = [argument.value if isinstance(argument, Literal) else MISSING for argument in node.arguments]
    if node.name == "States.StringToJson" and first.place is not None:
        return SourcePlace(UNKNOWN, first.place.below(JsonText()))
    if node.name == "States.Base64Decode" and first.place is not None:
        return SourcePlace(UNKNOWN, first.place.below(Base64Text()))
    if node.name == "States.ArrayGetItem" and len(source_places) == 2 and isinstance(constants[1], int):
        return reading.note(reading.require(reading.member(first, constants[1], ANY), ANY))
    if node.name == "States.Array":
        return SourcePlace(UNKNOWN, parts=dict(enumerate(source_places)))
    if node.name == "States.JsonMerge" and len(source_places) == 3:
        return merged(source_places[:2])
    if node.name == "States.MathAdd" and len(source_places) == 2:
        for source_place, other in ((first, constants[1]), (source_places[1], constants[0])):
            if source_place.place is not None and is_number(other):
                return SourcePlace(UNKNOWN, source_place.place.below(Sum(other)), derived=places_of([source_place]))
    if node.name == "States.StringSplit" and first.place is not None and isinstance(constants[1], str):
        place = first.place
        count = max(len(first.value.split(constants[1][:1])) if isinstance(first.value, str) and constants[1] else 1, 8)
        return SourcePlace(
            UNKNOWN, parts={n: SourcePlace(UNKNOWN, place.below(Part(constants[1][:1], n))) for n in range(count)}
        )
    return SourcePlace(UNKNOWN, derived=places_of(source_places))


def _call(scanner: Scanner) -> Call:
    name = scanner.read(_NAME)
    scanner.skip_blanks()
    scanner.expect("(")
    arguments: list[Path | Call | Literal] = []
    scanner.skip_blanks()
    while not scanner.take(")"):
        if arguments:
            scanner.expect(",")
            scanner.skip_blanks()
        arguments.append(_argument(scanner))
        scanner.skip_blanks()
    return Call(name, tuple(arguments))


def _argument(scanner: Scanner) -> Path | Call | Literal:
    if scanner.peek() == "$":
        return read_path(scanner)
    if scanner.peek() == "S":
        return _call(scanner)
    string = scanner.read(_STRING)
    if string:
        return Literal(re.sub(r"\\(.)", r"\1", string[1:-1]))
    return Literal(json.loads(scanner.read(_CONSTANT)))
