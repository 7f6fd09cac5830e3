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
from everypath.paths.reading import UNKNOWN, Reading, Spot, merged, places_of
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


def read_template(reading: Reading, raw: Any, want: Want = ANY) -> Spot:
    """Follow a payload template."""
    if isinstance(raw, dict):
        parts: dict[Step, Spot] = {}
        for name, value in raw.items():
            if name.endswith(".$") and isinstance(value, str):
                parts[name[:-2]] = read_value(reading, value, want)
            else:
                parts[name] = read_template(reading, value, want)
        evaluated = any(name.endswith(".$") for name in raw) or any(part.parts for part in parts.values())
        return Spot(UNKNOWN, parts=parts if evaluated else None)
    if isinstance(raw, list):
        items: dict[Step, Spot] = {index: read_template(reading, item, want) for index, item in enumerate(raw)}
        return Spot(UNKNOWN, parts=items if any(part.parts for part in items.values()) else None)
    return Spot(UNKNOWN)


def read_value(reading: Reading, text: str, want: Want = ANY) -> Spot:
    """Follow a path or a call."""
    return _read(reading, parse_value(text), want)


def read_path_spots(reading: Reading, path: Path, want: Want = ANY) -> list[Spot]:
    """Follow a path; one that is not definite may lead to several values."""
    spots = [_root(reading, path)]
    for index, step in enumerate(path.steps):
        needed = want if index == len(path.steps) - 1 else _container(path.steps[index + 1])
        if isinstance(step, Child) and len(step.names) == 1:
            spots = [reading.member(spot, step.names[0], needed) for spot in spots]
        elif isinstance(step, Index) and len(step.indices) == 1:
            spots = [reading.member(reading.require(spot, ARRAY), step.indices[0], needed) for spot in spots]
        elif isinstance(step, Wildcard | Slice | Filter):
            spots = [inner for spot in spots for inner in _members(reading, spot, needed)]
        else:
            return [Spot(UNKNOWN, derived=places_of(spots))]
    if path.definite:
        return [reading.note(reading.require(spot, want)) for spot in spots]
    return spots


def _root(reading: Reading, path: Path) -> Spot:
    if path.root == "$":
        return reading.root(reading.scope.value, "$")
    if path.root == "$$":
        return reading.root(reading.scope.context(), "$$")
    return reading.root(reading.scope.variables, "=")


def _container(step: Any) -> Want:
    return OBJECT if isinstance(step, Child) else ARRAY


def _members(reading: Reading, spot: Spot, want: Want) -> list[Spot]:
    value = spot.value
    if isinstance(value, dict):
        return [reading.member(spot, key, want) for key in list(value)]
    return [reading.member(spot, index, want) for index in range(len(value))] if isinstance(value, list) else []


def _read(reading: Reading, node: Path | Call | Literal, want: Want) -> Spot:
    if isinstance(node, Literal):
        return Spot(UNKNOWN)
    if isinstance(node, Path):
        spots = read_path_spots(reading, node, want)
        return spots[0] if node.definite else Spot(UNKNOWN, derived=places_of(spots))
    wants = INTRINSICS.get(node.name, ())
    spots = [
        _read(reading, argument, wants[index] if index < len(wants) else ANY)
        for index, argument in enumerate(node.arguments)
    ]
    return reading.require(_result(reading, node, spots), want)


def _result(reading: Reading, node: Call, spots: list[Spot]) -> Spot:
    """What a function comes to, as far as that is part of its arguments."""
    first = spots[0] if spots else Spot(UNKNOWN)
    constants = [argument.value if isinstance(argument, Literal) else MISSING for argument in node.arguments]
    if node.name == "States.StringToJson" and first.place is not None:
        return Spot(UNKNOWN, first.place.below(JsonText()))
    if node.name == "States.Base64Decode" and first.place is not None:
        return Spot(UNKNOWN, first.place.below(Base64Text()))
    if node.name == "States.ArrayGetItem" and len(spots) == 2 and isinstance(constants[1], int):
        return reading.note(reading.require(reading.member(first, constants[1], ANY), ANY))
    if node.name == "States.Array":
        return Spot(UNKNOWN, parts=dict(enumerate(spots)))
    if node.name == "States.JsonMerge" and len(spots) == 3:
        return merged(spots[:2])
    if node.name == "States.MathAdd" and len(spots) == 2:
        for spot, other in ((first, constants[1]), (spots[1], constants[0])):
            if spot.place is not None and is_number(other):
                return Spot(UNKNOWN, spot.place.below(Sum(other)), derived=places_of([spot]))
    if node.name == "States.StringSplit" and first.place is not None and isinstance(constants[1], str):
        place = first.place
        count = max(len(first.value.split(constants[1][:1])) if isinstance(first.value, str) and constants[1] else 1, 8)
        return Spot(UNKNOWN, parts={n: Spot(UNKNOWN, place.below(Part(constants[1][:1], n))) for n in range(count)})
    return Spot(UNKNOWN, derived=places_of(spots))


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
