"""The steps of a JSONPath, and how they select values.

The dialect is that of Jayway's JsonPath 2.0.0, which Step Functions uses: its messages appear in recorded causes.
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
class Index:
    """``[0]`` or ``[0,2]``; a negative number finds nothing."""

    indices: tuple[int, ...]

    def __str__(self) -> str:
        return "[" + ",".join(map(str, self.indices)) + "]"

    def select(self, value: Any, root: Any) -> Iterator[Any]:
        """Yield the elements; one beyond the end is null, as in Step Functions (see `locate`)."""
        if isinstance(value, list):
            for index in self.indices:
                if index >= 0:
                    yield value[index] if index < len(value) else None


@dataclass(frozen=True, slots=True)
class FromEnd:
    """``[(@.length-1)]``: the element so many before the end."""

    distance: int

    def __str__(self) -> str:
        return f"[(@.length-{self.distance})]"

    def select(self, value: Any, root: Any) -> Iterator[Any]:
        """Yield the element."""
        if isinstance(value, list) and 0 < self.distance <= len(value):
            yield value[-self.distance]


@dataclass(frozen=True, slots=True)
class Slice:
    """``[1:5]``, ``[1:]``, ``[:1]``; a negative number counts from the end if it is the only one.

    With both numbers, JsonPath counts up from the first to the second as they are: ``[1:-1]`` is empty. A third one is
    ignored.
    """

    start: int | None
    stop: int | None

    def __str__(self) -> str:
        return f"[{'' if self.start is None else self.start}:{'' if self.stop is None else self.stop}]"

    def select(self, value: Any, root: Any) -> Iterator[Any]:
        """Yield the elements."""
        if not isinstance(value, list):
            return
        if self.start is None or self.stop is None:
            yield from value[self.start : self.stop]
        else:
            yield from value[max(0, self.start) : max(0, self.stop)]


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

    def __str__(self) -> str:
        return "[?]"

    def select(self, value: Any, root: Any) -> Iterator[Any]:
        """Yield the elements that the filter accepts, or an object itself."""
        if isinstance(value, dict):
            if self.accepts(value, root):
                yield value
        elif isinstance(value, list):
            yield from (item for item in value if self.accepts(item, root))


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


def is_definite(steps: tuple[Step, ...]) -> bool:
    """Whether the steps identify one value."""
    return all(
        isinstance(step, (Child, FromEnd)) or (isinstance(step, Index) and len(step.indices) == 1) for step in steps
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
    value, where = root, "$"
    for place, step in enumerate(steps):
        found = next(step.select(value, document), _NOTHING)
        leaf = place == len(steps) - 1
        if found is _NOTHING or (isinstance(step, Child) and len(step.names) > 1 and not leaf):
            raise _missing(steps, place, value, where)
        if leaf and strict and isinstance(step, Index) and step.indices[0] >= len(value):
            raise PathNotFound(_no_results(steps), str(step)[1:-1])
        value, where = found, where + str(step)
    return value


def collect(steps: tuple[Step, ...], root: Any, document: Any) -> list[Any]:
    """Return everything that an indefinite path selects; nothing, where a beginning is missing (recorded).

    Raises
    ------
    PathNotFound
        A step cannot be applied to a value that is there.
    """
    values = [root]
    for place, step in enumerate(steps):
        for value in values:
            if problem := _inapplicable(steps, place, value):
                raise PathNotFound(problem, str(step)[1:-1], shown=True)
        values = [found for value in values for found in step.select(value, document)]
    return values


_NOTHING = object()


def _no_results(steps: tuple[Step, ...]) -> str:
    return "No results for path: $" + "".join(map(str, steps))


def _inapplicable(steps: tuple[Step, ...], place: int, value: Any) -> str:
    """Return what JsonPath says of a step that cannot be applied to a value; nothing where it can be."""
    step = steps[place]
    if isinstance(step, (Index, Slice, FromEnd)) and not isinstance(value, list):
        rest = "".join(map(str, steps[place:]))
        return f"Filter: {rest} can only be applied to arrays. Current context is: {json_text(value)}"
    if isinstance(step, Filter) and not isinstance(value, (dict, list)):
        return f"Filter: {step} can not be applied to primitives. Current context is: {json_text(value)}"
    if isinstance(step, Child) and len(step.names) > 1 and place < len(steps) - 1:
        return f"Multi properties can only be used as path leafs: {step}"
    return ""


def _missing(steps: tuple[Step, ...], place: int, value: Any, where: str) -> PathNotFound:
    """Return why a step found nothing."""
    step = steps[place]
    name = step.names[0] if isinstance(step, Child) else str(step)[1:-1]
    if problem := _inapplicable(steps, place, value):
        return PathNotFound(problem, name, shown=True)
    if isinstance(step, Child) and not isinstance(value, dict):
        return PathNotFound(f"Property {step} not found in path {where}", name)
    if place == len(steps) - 1 or not isinstance(step, Child):
        return PathNotFound(_no_results(steps), name)
    return PathNotFound(f"Missing property in path {where}{step}", name)
