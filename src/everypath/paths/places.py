"""Places in the data that a case makes up: which source they are in, and the steps that lead there.

A step is a key, an index, or a lens: the content of a JSON text, one part of a text that is split, a number before
something was added to it. A value behind lenses can be put like any other.
"""

from __future__ import annotations

import base64
import copy
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeGuard

#: Stands for a value that is not there.
MISSING: Any = object()
#: A text that is made up.
SAMPLE_TEXT = "text"


class Lens(Protocol):
    """A step that reads a part of a value in another way than by a key, and can write it."""

    def read(self, whole: Any) -> Any:
        """Return the part, or `MISSING`."""
        ...

    def write(self, whole: Any, part: Any) -> Any:
        """Return the value with another part."""
        ...


@dataclass(frozen=True, slots=True)
class JsonText:
    """What a JSON text means."""

    def read(self, whole: Any) -> Any:
        """Return the data."""
        try:
            return json.loads(whole)
        except (TypeError, ValueError):
            return MISSING

    def write(self, whole: Any, part: Any) -> Any:
        """Return the text."""
        return json.dumps({} if part is MISSING else part, ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class Base64Text:
    """What a Base64 text means."""

    def read(self, whole: Any) -> Any:
        """Return the decoded text."""
        try:
            return base64.b64decode(whole, validate=True).decode()
        except (TypeError, ValueError):
            return MISSING

    def write(self, whole: Any, part: Any) -> Any:
        """Return the encoded text."""
        return base64.b64encode(str(part).encode()).decode()


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a text that is split at a delimiter."""

    delimiter: str
    index: int

    def read(self, whole: Any) -> Any:
        """Return the part."""
        parts = whole.split(self.delimiter) if isinstance(whole, str) else []
        return parts[self.index] if -len(parts) <= self.index < len(parts) else MISSING

    def write(self, whole: Any, part: Any) -> Any:
        """Return the text with another part, and with as many parts before it as it takes."""
        parts = whole.split(self.delimiter) if isinstance(whole, str) else []
        parts += [SAMPLE_TEXT] * (self.index + 1 - len(parts))
        parts[self.index] = str(part)
        return self.delimiter.join(parts)


@dataclass(frozen=True, slots=True)
class Sum:
    """A number plus another one."""

    other: float

    def read(self, whole: Any) -> Any:
        """Return the sum."""
        return whole + self.other if is_number(whole) else MISSING

    def write(self, whole: Any, part: Any) -> Any:
        """Return the number before the addition."""
        return part - self.other if is_number(part) else part


Step = str | int | Lens
Steps = tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Source:
    """Where data come from.

    Parameters
    ----------
    kind : {"input", "result", "items", "error", "cause"}
        The input of the execution, the result of a task, what a Map reads, or the name or the cause of a task's error.
    state, visit : str, int
        Of all but the input: which visit of which state.
    """

    kind: str
    state: str = ""
    visit: int = 0


#: The input of the execution.
INPUT_SOURCE = Source("input")


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a source."""

    source: Source
    steps: Steps = ()

    def below(self, *steps: Step) -> Place:
        """Return a place inside of this one."""
        return Place(self.source, self.steps + steps)


def put(data: Any, steps: Sequence[Step], value: Any) -> Any:
    """A copy of the data with a value at a place; whatever is no array or object on the way there is replaced."""
    if not steps:
        return {} if value is MISSING else plain(value)
    step, rest = steps[0], steps[1:]
    if isinstance(step, int):
        items = list(data) if isinstance(data, list) else []
        if not rest and value is MISSING:
            return items[:step]
        filler = items[-1] if items else {}
        items += [copy.deepcopy(filler) for _ in range(step + 1 - len(items))]
        items[step] = put(items[step], rest, value)
        return items
    if not isinstance(step, str):
        inner = step.read(data)
        return step.write(data, put({} if inner is MISSING else inner, rest, value) if rest else value)
    members = dict(data) if isinstance(data, dict) else {}
    if not rest and value is MISSING:
        members.pop(step, None)
        return members
    members[step] = put(members.get(step, {}), rest, value)
    return members


def get(data: Any, steps: Sequence[Step]) -> Any:
    """The value at a place, or `MISSING`."""
    for step in steps:
        if isinstance(step, str | int):
            if isinstance(data, str) or (isinstance(step, int) and not isinstance(data, list)):
                return MISSING
            try:
                data = data[step]
            except (KeyError, IndexError, TypeError):
                return MISSING
        else:
            data = step.read(data)
        if data is MISSING:
            return MISSING
    return data


def array_around(place: Place) -> Place | None:
    """The outermost array that a place is in, as far as its steps tell."""
    index = next((index for index, step in enumerate(place.steps) if isinstance(step, int)), None)
    return None if index is None else Place(place.source, place.steps[:index])


def resized(items: Any, number: int) -> Any:
    """An array or an object cut to so many items, or filled up with copies of its last one."""
    if isinstance(items, dict) and items:
        kept = dict(list(items.items())[:number])
        last = list(items.values())[-1]
        return kept | {f"item{index}": copy.deepcopy(last) for index in range(len(kept), number)}
    items = items if isinstance(items, list) else []
    last = items[-1] if items else {}
    return [*items[:number], *(copy.deepcopy(last) for _ in range(number - len(items)))]


def is_number(value: Any) -> TypeGuard[float]:
    """Whether a value is a number and no boolean."""
    return isinstance(value, int | float) and not isinstance(value, bool)


class Text(str):
    """A string that knows where it is from."""

    __slots__ = ("derived", "place")

    place: Place | None
    derived: tuple[Place, ...]


class Whole(int):
    """A whole number that knows where it is from."""

    place: Place | None
    derived: tuple[Place, ...]


class Real(float):
    """A number that knows where it is from."""

    __slots__ = ("derived", "place")

    place: Place | None
    derived: tuple[Place, ...]


def tagged(value: Any, place: Place | None, derived: tuple[Place, ...] = ()) -> Any:
    """A scalar that knows where it is from, or from which places it was made; booleans and null cannot."""
    made: Text | Whole | Real
    if isinstance(value, str):
        made = Text(value)
    elif isinstance(value, bool) or not isinstance(value, int | float):
        return value
    else:
        made = Whole(value) if isinstance(value, int) else Real(value)
    made.place, made.derived = place, derived
    return made


def plain(value: Any) -> Any:
    """A copy of the data that knows nothing of where it is from."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, str):
        return str(value)
    if isinstance(value, Whole):
        return int(value)
    return float(value) if isinstance(value, Real) else value


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an object or an array of a run is from.

    Parameters
    ----------
    value : dict or list
        What it is known by; kept, so that nothing else can have its identity.
    place : Place or None
        Where a member that it lacks would be; None for what the definition has made.
    own : dict
        The places of the members that are not from there, as far as they have any.
    derived : tuple of Place
        The places that it was computed from.
    """

    value: Any
    place: Place | None
    own: dict[Step, Place | None]
    derived: tuple[Place, ...] = ()


class Origins:
    """Knows where the data of one run are from, by the identity of objects and arrays."""

    def __init__(self) -> None:
        self._known: dict[int, Origin] = {}

    def adopt(self, value: Any, place: Place) -> Any:
        """A copy of data that are all from one place."""
        if isinstance(value, dict):
            made: Any = {key: self.adopt(item, place.below(key)) for key, item in value.items()}
        elif isinstance(value, list):
            made = [self.adopt(item, place.below(index)) for index, item in enumerate(value)]
        else:
            return tagged(value, place)
        self.note(made, place)
        return made

    def note(
        self, value: Any, place: Place | None, own: dict[Step, Place | None] | None = None,
        derived: tuple[Place, ...] = (),
    ) -> None:  # fmt: skip
        """Remember where an object or an array is from."""
        self._known[id(value)] = Origin(value, place, own or {}, derived)

    def of(self, value: Any) -> Origin | None:
        """Where an object or an array is from, if it is known."""
        return self._known.get(id(value)) if isinstance(value, dict | list) else None

    def place(self, value: Any) -> Place | None:
        """The place of a value that knows it by itself."""
        if isinstance(value, Text | Whole | Real):
            return value.place
        origin = self.of(value)
        return None if origin is None else origin.place

    def member_place(self, container: Any, step: Step) -> Place | None:
        """The place of a member, also of one that is missing."""
        if isinstance(container, dict | list) and get(container, (step,)) is not MISSING:
            found = self.place(container[step])  # type: ignore[index]
            if found is not None or self.of(container[step]) is not None:  # type: ignore[index]
                return found
        origin = self.of(container)
        if origin is None:
            return None
        if step in origin.own:
            return origin.own[step]
        return None if origin.place is None else origin.place.below(step)

    def derived(self, value: Any) -> tuple[Place, ...]:
        """The places that a value was computed from."""
        if isinstance(value, Text | Whole | Real):
            return value.derived
        origin = self.of(value)
        return () if origin is None else origin.derived

    def mirror(self, copied: Any, original: Any) -> Any:
        """Let a copy, with all that is in it, be from where the original is."""
        if isinstance(copied, dict) and isinstance(original, dict):
            for key, item in copied.items():
                if key in original:
                    copied[key] = self.mirror(item, original[key])
        elif isinstance(copied, list) and isinstance(original, list):
            for index, item in enumerate(copied[: len(original)]):
                copied[index] = self.mirror(item, original[index])
        else:
            return original if isinstance(original, Text | Whole | Real) and copied == original else copied
        origin = self.of(original)
        if origin is not None:
            self.note(copied, origin.place, origin.own, origin.derived)
        return copied
