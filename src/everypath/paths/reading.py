"""Follows an expression through the data of a run, and supplies the made-up data that it reads and does not find."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Protocol

from everypath.asl.scope import Scope
from everypath.paths.places import MISSING, Origins, Place, Step, Steps, get, put, tagged
from everypath.paths.wants import Want

#: Stands for a value that only an evaluation can tell.
UNKNOWN: Any = object()


@dataclass(slots=True)
class SourcePlace:
    """What an expression, or a part of one, reads.

    Parameters
    ----------
    value : JSON data
        The value in the run, `MISSING` or `UNKNOWN`.
    place : Place or None
        Where it is in the made-up data; where it would be if it is missing.
    holder : tuple, optional
        The object or the array of the run that it is a member of, and its key.
    derived : tuple of Place
        The places that it is computed from.
    parts : dict, optional
        The members of what the expression puts together.
    base : SourcePlace, optional
        What has the members that are not among the parts.
    root, steps : str, tuple
        How the expression names it: ``$`` for the input, ``$$`` for the context object, ``=`` for the variables.
    """

    value: Any
    place: Place | None = None
    holder: tuple[Any, Step] | None = None
    derived: tuple[Place, ...] = ()
    parts: dict[Step, SourcePlace] | None = None
    base: SourcePlace | None = None
    root: str = ""
    steps: Steps = ()


class Supplier(Protocol):
    """Who makes data up."""

    @property
    def origins(self) -> Origins:
        """Where the data of the run are from."""
        ...

    def supply(self, place: Place, value: Any) -> None:
        """Put a value at a place, from the next run on."""
        ...

    def current(self, place: Place) -> Any:
        """Return what is at a place, from the next run on."""
        ...

    def may_supply(self, place: Place | None) -> bool:
        """Whether there may be a value at a place where none is."""
        ...

    def may_decide(self, place: Place | None) -> bool:
        """Whether a Choice may have the value at a place that it needs for the planned exit."""
        ...

    def assigned_from(self, variable: str) -> tuple[Place | None, tuple[Place, ...]]:
        """Where the value of a variable is from, which cannot say so by itself."""
        ...

    def may_replace(self, place: Place | None, value: Any) -> bool:
        """Whether there may be another value at a place."""
        ...


@dataclass(slots=True)
class Reading:
    """One evaluation of an expression, as far as it is about data.

    Parameters
    ----------
    supplier : Supplier
        Makes up what is missing.
    scope : Scope
        What the expression sees.
    supplies : bool
        Whether anything is made up.

    Attributes
    ----------
    named : list of SourcePlace
        What the expression names.
    lacks : list of str
        What it names that no made-up data can give it, because the definition made the object that lacks it.
    """

    supplier: Supplier
    scope: Scope
    supplies: bool = True
    named: list[SourcePlace] = field(default_factory=list)
    lacks: list[str] = field(default_factory=list)

    @property
    def origins(self) -> Origins:
        """Where the data of the run are from."""
        return self.supplier.origins

    def root(self, value: Any, root: str = "", steps: Steps = (), place: Place | None = None) -> SourcePlace:
        """The source_place of a value that is not read from another one."""
        origins = self.origins
        found = place or origins.place(value)
        return SourcePlace(value, found, derived=origins.derived(value), root=root, steps=steps)

    def member(self, source_place: SourcePlace, step: Step, want: Want, *, supplies: bool = True) -> SourcePlace:
        """The source_place of a member, which is supplied where it is missing."""
        if source_place.parts is not None and isinstance(step, int) and step < 0:
            step += len(source_place.parts)
        if source_place.parts is not None and step in source_place.parts:
            return source_place.parts[step]
        root, steps = source_place.root, (*source_place.steps, step)
        if source_place.parts is not None:
            if source_place.base is None:
                return SourcePlace(MISSING, root=root, steps=steps)
            return self.member(source_place.base, step, want, supplies=supplies)
        container = source_place.value
        if container is UNKNOWN:
            return SourcePlace(UNKNOWN, derived=source_place.derived, root=root, steps=steps)
        if isinstance(step, int) and step < 0:
            step = max(0, step + len(container)) if isinstance(container, list) else 0
        value = get(container, (step,)) if container is not MISSING else MISSING
        if isinstance(container, dict | list):
            place = self.origins.member_place(container, step)
        else:
            place = None if source_place.place is None else source_place.place.below(step)
        found = SourcePlace(value, place, (container, step), root=root, steps=steps)
        if value is MISSING and supplies and self.supplies and self.supplier.may_supply(place):
            self._supply(source_place, found, step, want.sample)
        found.derived = self.origins.derived(found.value) or (source_place.derived if found.place is None else ())
        if source_place.root == "=" and not source_place.steps and found.place is None and not found.derived:
            found.place, found.derived = self.supplier.assigned_from(str(step))
        return found

    def require(self, source_place: SourcePlace, want: Want) -> SourcePlace:
        """Let a value be one that is wanted."""
        if source_place.value is MISSING or source_place.place is None or not self.supplies:
            return source_place
        if source_place.value is UNKNOWN:  # it is behind a lens
            value = self.supplier.current(source_place.place)
            if (value is MISSING or not want.fits(value)) and self.supplier.may_replace(
                source_place.place, want.sample
            ):
                self.supplier.supply(source_place.place, want.sample)
            return source_place
        if want.fits(source_place.value) or not self.supplier.may_replace(source_place.place, want.sample):
            return source_place
        self.replace(source_place, want.sample)
        return source_place

    def replace(self, source_place: SourcePlace, value: Any) -> None:
        """Put another value in the place of one, in this run and the next ones."""
        assert source_place.place is not None
        self.supplier.supply(source_place.place, value)
        self.set(source_place, value)

    def set(self, source_place: SourcePlace, value: Any) -> None:
        """Put another value in the place of one in this run, if something holds it."""
        if source_place.place is None:
            return
        live = self.origins.adopt(value, source_place.place)
        if source_place.holder is not None and isinstance(source_place.holder[0], dict | list):
            container, step = source_place.holder
            if isinstance(container, list) and isinstance(step, int) and step >= len(container):
                return
            container[step] = live
            source_place.value = live

    def note(self, source_place: SourcePlace) -> SourcePlace:
        """Remember that an expression names a source_place."""
        self.named.append(source_place)
        if source_place.value is MISSING and source_place.place is None:
            self.lacks.append(_shown(source_place))
        return source_place

    def _supply(self, parent: SourcePlace, found: SourcePlace, step: Step, sample: Any) -> None:
        place = found.place
        assert place is not None
        container = parent.value
        if not isinstance(container, list if isinstance(step, int) else dict):
            empty: Any = [] if isinstance(step, int) else {}
            if container is not MISSING and not self.supplier.may_replace(parent.place, empty):
                return
            self.supplier.supply(place, sample)
            if parent.holder is None or parent.place is None or not isinstance(parent.holder[0], dict | list):
                return
            container = [] if isinstance(step, int) else {}
            self.origins.note(container, parent.place)
            outer, key = parent.holder
            if isinstance(outer, list) and isinstance(key, int) and key >= len(outer):
                return
            outer[key] = parent.value = container
        else:
            self.supplier.supply(place, sample)
        if isinstance(container, list):
            assert isinstance(step, int) and parent.place is not None
            for index in range(len(container), step + 1):
                container.append(self.origins.adopt(sample, parent.place.below(index)))
        else:
            container[step] = self.origins.adopt(sample, place)
        found.value, found.holder = container[step], (container, step)  # type: ignore[index]

    def apply(self, result: Any, source_place: SourcePlace) -> Any:
        """Let what an expression came to know where it is from."""
        origins = self.origins
        if source_place.parts is not None and isinstance(result, dict | list):
            own: dict[Step, Place | None] = {}
            alike = isinstance(result, dict) or len(result) == len(source_place.parts)
            for key, part in source_place.parts.items() if alike else ():
                if get(result, (key,)) is not MISSING:
                    result[key] = self.apply(result[key], part)  # type: ignore[index]
                    own[key] = part.place
            base = source_place.base
            if base is not None and isinstance(base.value, dict) and isinstance(result, dict):
                for key, item in base.value.items():
                    if key not in own and key in result:
                        result[key] = origins.mirror(result[key], item)
            origins.note(result, None if base is None else base.place, own, source_place.derived)
            return result
        if result is source_place.value:
            return result
        if source_place.value is not UNKNOWN and source_place.value is not MISSING and result == source_place.value:
            return origins.mirror(result, source_place.value)
        if source_place.place is not None and source_place.value is UNKNOWN:
            return origins.adopt(result, source_place.place)
        derived = places_of([source_place])
        if derived and isinstance(result, dict | list):
            origins.note(result, None, None, derived)
        return tagged(result, None, derived) if derived else result


def places_of(source_places: Iterable[SourcePlace]) -> tuple[Place, ...]:
    """The places that some source_places are at or computed from, those inside of them included."""
    found: dict[Place, None] = {}
    for source_place in source_places:
        if source_place.place is not None:
            found[source_place.place] = None
        found |= dict.fromkeys(source_place.derived)
        if source_place.parts is not None:
            found |= dict.fromkeys(places_of(source_place.parts.values()))
        if source_place.base is not None:
            found |= dict.fromkeys(places_of([source_place.base]))
    return tuple(found)


def merged(source_places: list[SourcePlace]) -> SourcePlace:
    """Objects merged into one; what none of them has is looked for in one that is made up."""
    parts: dict[Step, SourcePlace] = {}
    base: SourcePlace | None = None
    for source_place in source_places:
        inner = source_place if source_place.parts is None else source_place.base
        place = None if inner is None else inner.place
        if inner is not None and isinstance(inner.value, dict):
            below = {key: None if place is None else place.below(key) for key in inner.value}
            parts |= {key: SourcePlace(item, below[key], (inner.value, key)) for key, item in inner.value.items()}
        if place is not None:  # what an object before it has could be in it, too
            for key, part in parts.items():
                if part.place is None and key not in (source_place.parts or {}):
                    parts[key] = replace(part, place=place.below(key))
        parts |= source_place.parts or {}
        base = inner if inner is not None and (base is None or base.place is None) else base
    return SourcePlace(UNKNOWN, parts=parts, base=base, derived=places_of(source_places))


def changed_scope(scope: Scope, changes: Mapping[tuple[str, Steps], Any]) -> Scope:
    """A scope in which some values are others, as an expression names them."""
    value, context, variables = scope.value, scope.context, dict(scope.variables)
    for (root, steps), new in changes.items():
        if root == "$":
            value = put(value, steps, new)
        elif root == "$$":
            context = partial(put, context(), steps, new)
        else:
            variables = put(variables, steps, new)
    return Scope(value, context, variables, scope.random, scope.now)


def _shown(source_place: SourcePlace) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in source_place.steps)
