"""The steps of a JSONPath, and how they select values.

The dialect is that of Jayway's JsonPath, which Step Functions uses: its messages appear in recorded causes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from everypath.asl.java_values import json_text

Predicate = Callable[[Any, Any], bool]


class PathNotFound(Exception):
    """A path that leads nowhere.

    Parameters
    ----------
    detail : str
        JsonPath's words, such as ``Missing property in path $['no']`` (recorded).
    step : str
        The name or number of the step that failed.
    shown : bool
        Whether the cause of an intrinsic function has the detail instead of a sentence of its own.
    """

    def __init__(self, detail: str, step: str = "", *, shown: bool = False) -> None:
        super().__init__(detail)
        self.detail = detail
        self.step = step
        self.shown = shown


class Step(Protocol):
    """One step of a path."""

    def select(self, value: Any, root: Any) -> Iterator[Any]:
        """Yield what the step selects from a value; nothing where it does not apply."""
        ...


@dataclass(frozen=True, slots=True)
class Child:
    """``.name``, ``['name']`` or ``['one','other']``; with several names, an object of those that exist."""

    names: tuple[str, ...]

    def __str__(self) -> str:
        return "[" + ",".join(f"'{name}'" for name in self.names) + "]"

    def select(self, value: Any, root: Any) -> Iterator[Any]:
        """Yield the member, or an object of the members."""
        if not isinstance(value, dict):
            return
        if len(self.names) > 1:
            yield {name: value[name] for name in self.names if name in value}
        elif self.names[0] in value:
            yield value[self.names[0]]


@dataclass(frozen=True, slots=True)
class Children:
    """``['one','other']`` before another step: each member by itself."""

    names: tuple[str, ...]

    def select(self, value: Any, root: Any) -> Iterator[Any]:
        """Yield the members."""
        if isinstance(value, dict):
            yield from (value[name] for name in self.names if name in value)


@dataclass(frozen=True, slots=True)
class Index:
    """``[0]``, ``[-1]`` or ``[0,2]``."""

    indices: tuple[int, ...]

    def __str__(self) -> str:
        return "[" + ",".join(map(str, self.indices)) + "]"

    def select(self, value: Any, root: Any) -> Iterator[Any]:
        """Yield the elements; a missing one is null, as in Step Functions (see `locate`)."""
        if isinstance(value, list):
            for index in self.indices:
                yield value[index] if -len(value) <= index < len(value) else None


@dataclass(frozen=True, slots=True)
class Slice:
    """``[1:5]``, ``[1:]``, ``[:1]``; a negative number counts from the end if it is the only one.

    With both numbers, JsonPath counts up from the first to the second as they are: ``[1:-1]`` is empty.
    """

    start: int | None
    stop: int | None

    def select(self, value: Any, root: Any) -> Iterator[Any]:
        """Yield the elements."""
        if not isinstance(value, list):
            return
        if self.start is None or self.stop is None:
            yield from value[self.start : self.stop]
        else:
            indices = range(self.start, min(self.stop, len(value)))
            yield from (value[index] for index in indices if index >= -len(value))


@dataclass(frozen=True, slots=True)
class Wildcard:
    """``*``."""

    def select(self, value: Any, root: Any) -> Iterator[Any]:
        """Yield all members or elements."""
        if isinstance(value, dict):
            yield from value.values()
        elif isinstance(value, list):
            yield from value


@dataclass(frozen=True, slots=True)
class Filter:
    """``[?(@.price < 10)]``."""

    accepts: Predicate

    def select(self, value: Any, root: Any) -> Iterator[Any]:
        """Yield the elements that the filter accepts, or an object itself.

        Scalars never match (developer guide, "Using JSONPath paths": "The @ operator … only matches objects").
        """
        if isinstance(value, dict):
            if self.accepts(value, root):
                yield value
        elif isinstance(value, list):
            yield from (item for item in value if isinstance(item, (dict, list)) and self.accepts(item, root))


@dataclass(frozen=True, slots=True)
class Scan:
    """``..`` and the step after it, which is tried on every object and array."""

    step: Step

    def select(self, value: Any, root: Any) -> Iterator[Any]:
        """Yield what the step finds, parents before their children."""
        if not isinstance(value, (dict, list)):
            return
        # A filter tests the elements of an array one by one, when the scan reaches them.
        if isinstance(value, dict) or not isinstance(self.step, Filter):
            yield from self.step.select(value, root)
        for item in value.values() if isinstance(value, dict) else value:
            yield from self.select(item, root)


@dataclass(frozen=True, slots=True)
class PathFunction:
    """``.length()``, ``.size()`` or ``.keys()``.

    Any other name is accepted and finds nothing, aggregates such as ``sum()`` included: Step Functions accepts
    ``$.Jobs.sum()`` and fails with "could not be found in the input" (reported on re:Post, 2022).
    """

    name: str

    def __str__(self) -> str:
        return f".{self.name}()"

    def select(self, value: Any, root: Any) -> Iterator[Any]:
        """Yield the function's result."""
        if self.name in ("length", "size"):
            yield len(value) if isinstance(value, (dict, list)) else None
        elif self.name == "keys":
            yield list(value) if isinstance(value, dict) else None


def is_definite(steps: tuple[Step, ...]) -> bool:
    """Whether the steps identify one value."""
    return all(
        isinstance(step, (Child, PathFunction)) or (isinstance(step, Index) and len(step.indices) == 1)
        for step in steps
    )


def locate(steps: tuple[Step, ...], root: Any, document: Any, *, strict: bool = False) -> Any:
    """Return what a definite path leads to from `root`.

    Parameters
    ----------
    steps : tuple of Step
        The path's steps, all definite.
    root, document : object
        Where the path starts, and what ``$`` is in its filters.
    strict : bool
        Whether an element beyond the end of an array is missing; otherwise it is null. ``$.items[5]`` is null in a
        payload template, and cannot be found as an argument of an intrinsic function (measured on AWS).

    Raises
    ------
    PathNotFound
        The path leads nowhere.
    """
    value, beyond, where = root, False, "$"
    for place, step in enumerate(steps):
        found = next(step.select(value, document), _NOTHING)
        leaf = place == len(steps) - 1
        if found is _NOTHING:
            raise _missing(steps, place, value, beyond, where)
        beyond = isinstance(step, Index) and not -len(value) <= step.indices[0] < len(value)
        if beyond and leaf and strict:
            raise PathNotFound(_no_results(steps), str(step)[1:-1])
        value, where = found, where + str(step)
    return value


def collect(steps: tuple[Step, ...], root: Any, document: Any) -> list[Any]:
    """Return everything that an indefinite path selects; that is never an error, but may be empty (recorded)."""
    values = [root]
    for step in steps:
        values = [found for value in values for found in step.select(value, document)]
    return values


_NOTHING = object()
_PROVIDER = "com.jayway.jsonpath.spi.json.JacksonJsonNodeJsonProvider"
_NODES = {str: "TextNode", int: "IntNode", float: "DoubleNode", bool: "BooleanNode", list: "ArrayNode"}


def _no_results(steps: tuple[Step, ...]) -> str:
    return "No results for path: $" + "".join(map(str, steps))


def _missing(steps: tuple[Step, ...], place: int, value: Any, beyond: bool, where: str) -> PathNotFound:
    """Return why a step found nothing; `beyond` tells whether the value is beyond an array's end, Java's null."""
    step = steps[place]
    if isinstance(step, Index):
        name = str(step.indices[0])
        if beyond:
            return PathNotFound(f"The path {where} is null", name)
        rest = "".join(map(str, steps[place:]))
        detail = f"Filter: {rest} can only be applied to arrays. Current context is: {json_text(value)}"
        return PathNotFound(detail, name, shown=True)
    if not isinstance(step, Child):
        return PathNotFound(_no_results(steps), str(step))
    if not isinstance(value, dict):
        found = "null" if beyond else f"com.fasterxml.jackson.databind.node.{_NODES.get(type(value), 'NullNode')}"
        detail = (
            f"Expected to find an object with property {step} in path {where} but found '{found}'. "
            f"This is not a json object according to the JsonProvider: '{_PROVIDER}'."
        )
        return PathNotFound(detail, step.names[0])
    if place == len(steps) - 1:
        return PathNotFound(_no_results(steps), step.names[0])
    return PathNotFound(f"Missing property in path {where}{step}", step.names[0])
