"""Finds data for which a Choice takes a given exit."""

from __future__ import annotations

import copy
import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from everypath.asl.errors import StateError
from everypath.asl.scope import Scope
from everypath.asl.tree import Choice
from everypath.engine.clock import EPOCH
from everypath.paths.tolerance import MANY_ITEMS

#: Stands for a value that is not there.
MISSING: Any = object()
#: How many combinations of values are tried for one exit.
TRIES = 20_000
#: The longest string that is made up.
LONGEST_STRING = 10_000

_QUERY = re.compile(
    r"\$states\.(?:input|context\.Execution\.Input)((?:\.\w+|\.`[^`]+`|\[\d+\])*)"
    r"|\$([A-Za-z_]\w*)((?:\.\w+|\[\d+\])*)(?!\w*\()"
)
_MAPPED = re.compile(r"\$states\.input((?:\.\w+)+)\.\(([^()]*)\)")
_NAME = re.compile(r"(?<![\w$.'\"])[A-Za-z_]\w*(?!\w*\()")
_LITERAL = re.compile(r"'([^']*)'|\"([^\"]*)\"|(?<![\w.])(-?\d+(?:\.\d+)?)(?![\w.])")
_STEP = re.compile(r"\['([^']*)'\]|\[\"([^\"]*)\"\]|\[(\d+)\]|([^.\[\]]+)")
TIMES = ("2026-01-01T00:00:00Z", "2025-01-01T00:00:00Z", "2027-01-01T00:00:00Z")


#: The keys and indices that lead to a place in the data.
Steps = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class DataPath:
    """A place in the data: `root` is empty for the input, otherwise a variable's name."""

    root: str
    steps: Steps


#: The values to put at some places.
Assignment = dict[DataPath, Any]


def parse_data_path(text: str) -> DataPath | None:
    """The place that a reference path names; None for the context object and for any other text."""
    if not text.startswith("$") or text.startswith("$$") or any(mark in text for mark in ("*", "..", "?", ":", "(")):
        return None
    root = re.match(r"\w*", text[1:])[0]  # type: ignore[index]
    return DataPath(root, _steps(text[1 + len(root) :]))


def solutions(choice: Choice, raw: Mapping[str, Any], wanted: str, value: Any, variables: Any) -> Iterator[Assignment]:
    """Changes of the data that make a Choice take an exit, the smallest first.

    Parameters
    ----------
    raw : mapping
        The state as the definition has it.
    wanted : str
        The id of the exit; empty where no rule is to hold.
    value, variables : JSON data
        The input and the variables that the Choice saw when it took another exit.
    """
    pools = _pools(raw)
    number = int(wanted.rpartition("/")[2]) if wanted.startswith("choice:") else None
    data_paths = list(pools)
    tried = 0
    for size in range(1, len(data_paths) + 1):
        for chosen in itertools.combinations(data_paths, size):
            for values in itertools.product(*(pools[data_path] for data_path in chosen)):
                tried += 1
                if tried > TRIES:
                    return
                changes = dict(zip(chosen, values, strict=True))
                if _matching_rule(choice, value, variables, changes) == (True, number):
                    yield changes


class From(int):
    """A step into an array that stands for an item and all items after it."""


def put(data: Any, steps: Sequence[str | int], value: Any) -> Any:
    """A copy of the data with a value at a place; whatever is no array or object on the way there is replaced."""
    if not steps:
        return {} if value is MISSING else copy.deepcopy(value)
    step, rest = steps[0], steps[1:]
    if isinstance(step, int):
        items = list(data) if isinstance(data, list) else []
        items += [{} for _ in range(step + 1 - len(items))]
        for index in range(step, len(items) if isinstance(step, From) else step + 1):
            items[index] = put(items[index], rest, value)
        return items
    members = dict(data) if isinstance(data, dict) else {}
    if not rest and value is MISSING:
        members.pop(step, None)
        return members
    members[step] = put(members.get(step, {}), rest, value)
    return members


def get(data: Any, steps: Sequence[str | int]) -> Any:
    """The value at a place, or `MISSING`."""
    for step in steps:
        try:
            data = data[step]
        except (KeyError, IndexError, TypeError):
            return MISSING
    return data


def non_empty_containers(data: Any, steps: Steps = ()) -> Iterator[tuple[Steps, Any]]:
    """All arrays and objects in the data that are not empty, with their places, the outer ones first."""
    if isinstance(data, list | dict) and data:
        yield steps, data
    inside = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for step, value in inside:
        yield from non_empty_containers(value, (*steps, step))


def resize(items: Any, number: int) -> Any:
    """An array or an object cut to so many items, or filled up with copies of its last one."""
    if isinstance(items, dict):
        kept = dict(list(items.items())[:number])
        last = list(kept.values())[-1]
        return kept | {f"item{index}": copy.deepcopy(last) for index in range(len(kept), number)}
    return [*items[:number], *(copy.deepcopy(items[-1]) for _ in range(number - len(items)))]


def referenced_paths(text: str, *, jsonata: bool) -> list[DataPath]:
    """The places of the input and the variables that an expression or a path names."""
    if not jsonata:
        data_path = parse_data_path(text)
        return [] if data_path is None else [data_path]
    data_paths = []
    for match in _QUERY.finditer(text):
        path, name, rest = match.groups()
        if path is not None:
            data_paths.append(DataPath("", _steps(path)))
        elif name != "states":
            data_paths.append(DataPath(name, _steps(rest)))
    return list(dict.fromkeys(data_paths))


def array_samples(text: str) -> Iterator[tuple[DataPath, Any]]:
    """Arrays whose items have the fields that a JSONata expression asks them for: ``items.(price * quantity)``."""
    for match in _MAPPED.finditer(text):
        fields = _NAME.findall(match[2])
        yield DataPath("", _steps(match[1])), [dict.fromkeys(fields, 1)]


def _matching_rule(choice: Choice, value: Any, variables: Any, changes: Assignment) -> tuple[bool, int | None]:
    """Whether the rules can be evaluated with some changes, and the index of the first that holds."""
    value, variables = copy.copy(value), dict(variables)
    for data_path, new in changes.items():
        if data_path.root:
            variables = put(variables, (data_path.root, *data_path.steps), new)
        else:
            value = put(value, data_path.steps, new)
    scope = Scope(value, lambda: {"Execution": {"Input": value}}, variables, Random(0), lambda: EPOCH)
    try:
        return True, next((index for index, one in enumerate(choice.choices) if one.rule(scope)), None)
    except StateError:
        return False, None


def _pools(raw: Mapping[str, Any]) -> dict[DataPath, list[Any]]:
    """For each place that the rules look at, the values that matter to them."""
    pools: dict[DataPath, list[Any]] = {}
    for rule in raw.get("Choices", ()):
        _gather(rule, pools)
    return {data_path: _without_duplicates(values) for data_path, values in pools.items()}


def _gather(rule: Mapping[str, Any], pools: dict[DataPath, list[Any]]) -> None:
    for name in ("And", "Or"):
        for inner in rule.get(name, ()):
            _gather(inner, pools)
    if "Not" in rule:
        _gather(rule["Not"], pools)
    if isinstance(rule.get("Condition"), str):
        values = _literals(rule["Condition"])
        for named in referenced_paths(rule["Condition"], jsonata=True):
            pools.setdefault(named, []).extend(values)
    data_path = parse_data_path(rule.get("Variable", ""))
    if data_path is None:
        return
    for name, constant in rule.items():
        values = _compared_values(name, constant)
        pools.setdefault(data_path, []).extend(values)
        other = parse_data_path(constant) if name.endswith("Path") and isinstance(constant, str) else None
        if other is not None:
            pools.setdefault(other, []).extend(values)


def _compared_values(name: str, constant: Any) -> list[Any]:
    """Values on both sides of a comparison."""
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


def _literals(text: str) -> list[Any]:
    """Values on both sides of the literals of a JSONata condition, and one of each kind."""
    values: list[Any] = []
    for single, double, number in _LITERAL.findall(text):
        if number:
            exact = float(number) if "." in number else int(number)
            values += [exact, exact + 1, exact - 1, *_sized_values(text, exact)]
        else:
            values += [single or double, (single or double) + "x"]
    return [*values, True, False, "text", 1, 0, [{}], [{}, {}], [], {}, MISSING, TIMES[0]]


def _sized_values(text: str, size: float) -> list[Any]:
    """Strings and arrays of about the size that an expression compares theirs with."""
    sizes = [int(size) + more for more in (-1, 0, 1) if 0 <= size + more <= LONGEST_STRING]
    strings = ["x" * each for each in sizes] if "$length(" in text else []
    return strings + [[{}] * each for each in sizes if "$count(" in text and each <= MANY_ITEMS]


def _steps(text: str) -> Steps:
    return tuple(
        int(index) if index else single or double or plain.strip("`")
        for single, double, index, plain in _STEP.findall(text)
    )


def _without_duplicates(values: list[Any]) -> list[Any]:
    unique: dict[str, Any] = {}
    for value in values:
        unique.setdefault(repr(value), value)
    return list(unique.values())
