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
class Spot:
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
    base : Spot, optional
        What has the members that are not among the parts.
    root, steps : str, tuple
        How the expression names it: ``$`` for the input, ``$$`` for the context object, ``=`` for the variables.
    """

    value: Any
    place: Place | None = None
    holder: tuple[Any, Step] | None = None
    derived: tuple[Place, ...] = ()
    parts: dict[Step, Spot] | None = None
    base: Spot | None = None
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
    named : list of Spot
        What the expression names.
    lacks : list of str
        What it names that no made-up data can give it, because the definition made the object that lacks it.
    """

    supplier: Supplier
    scope: Scope
    supplies: bool = True
    named: list[Spot] = field(default_factory=list)
    lacks: list[str] = field(default_factory=list)

    @property
    def origins(self) -> Origins:
        """Where the data of the run are from."""
        return self.supplier.origins

    def root(self, value: Any, root: str = "", steps: Steps = (), place: Place | None = None) -> Spot:
        """The spot of a value that is not read from another one."""
        origins = self.origins
        found = place or origins.place(value)
        return Spot(value, found, derived=origins.derived(value), root=root, steps=steps)

    def member(self, spot: Spot, step: Step, want: Want, *, supplies: bool = True) -> Spot:
        """The spot of a member, which is supplied where it is missing."""
        if spot.parts is not None and isinstance(step, int) and step < 0:
            step += len(spot.parts)
        if spot.parts is not None and step in spot.parts:
            return spot.parts[step]
        root, steps = spot.root, (*spot.steps, step)
        if spot.parts is not None:
            if spot.base is None:
                return Spot(MISSING, root=root, steps=steps)
            return self.member(spot.base, step, want, supplies=supplies)
        container = spot.value
        if container is UNKNOWN:
            return Spot(UNKNOWN, derived=spot.derived, root=root, steps=steps)
        if isinstance(step, int) and step < 0:
            step = max(0, step + len(container)) if isinstance(container, list) else 0
        value = get(container, (step,)) if container is not MISSING else MISSING
        if isinstance(container, dict | list):
            place = self.origins.member_place(container, step)
        else:
            place = None if spot.place is None else spot.place.below(step)
        found = Spot(value, place, (container, step), root=root, steps=steps)
        if value is MISSING and supplies and self.supplies and self.supplier.may_supply(place):
            self._supply(spot, found, step, want.sample)
        found.derived = self.origins.derived(found.value) or (spot.derived if found.place is None else ())
        if spot.root == "=" and not spot.steps and found.place is None and not found.derived:
            found.place, found.derived = self.supplier.assigned_from(str(step))
        return found

    def require(self, spot: Spot, want: Want) -> Spot:
        """Let a value be one that is wanted."""
        if spot.value is MISSING or spot.place is None or not self.supplies:
            return spot
        if spot.value is UNKNOWN:  # it is behind a lens
            value = self.supplier.current(spot.place)
            if (value is MISSING or not want.fits(value)) and self.supplier.may_replace(spot.place, want.sample):
                self.supplier.supply(spot.place, want.sample)
            return spot
        if want.fits(spot.value) or not self.supplier.may_replace(spot.place, want.sample):
            return spot
        self.replace(spot, want.sample)
        return spot

    def replace(self, spot: Spot, value: Any) -> None:
        """Put another value in the place of one, in this run and the next ones."""
        assert spot.place is not None
        self.supplier.supply(spot.place, value)
        self.set(spot, value)

    def set(self, spot: Spot, value: Any) -> None:
        """Put another value in the place of one in this run, if something holds it."""
        if spot.place is None:
            return
        live = self.origins.adopt(value, spot.place)
        if spot.holder is not None and isinstance(spot.holder[0], dict | list):
            container, step = spot.holder
            if isinstance(container, list) and isinstance(step, int) and step >= len(container):
                return
            container[step] = live
            spot.value = live

    def note(self, spot: Spot) -> Spot:
        """Remember that an expression names a spot."""
        self.named.append(spot)
        if spot.value is MISSING and spot.place is None:
            self.lacks.append(_shown(spot))
        return spot

    def _supply(self, parent: Spot, found: Spot, step: Step, sample: Any) -> None:
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

    def apply(self, result: Any, spot: Spot) -> Any:
        """Let what an expression came to know where it is from."""
        origins = self.origins
        if spot.parts is not None and isinstance(result, dict | list):
            own: dict[Step, Place | None] = {}
            alike = isinstance(result, dict) or len(result) == len(spot.parts)
            for key, part in spot.parts.items() if alike else ():
                if get(result, (key,)) is not MISSING:
                    result[key] = self.apply(result[key], part)  # type: ignore[index]
                    own[key] = part.place
            base = spot.base
            if base is not None and isinstance(base.value, dict) and isinstance(result, dict):
                for key, item in base.value.items():
                    if key not in own and key in result:
                        result[key] = origins.mirror(result[key], item)
            origins.note(result, None if base is None else base.place, own, spot.derived)
            return result
        if result is spot.value:
            return result
        if spot.value is not UNKNOWN and spot.value is not MISSING and result == spot.value:
            return origins.mirror(result, spot.value)
        if spot.place is not None and spot.value is UNKNOWN:
            return origins.adopt(result, spot.place)
        derived = places_of([spot])
        if derived and isinstance(result, dict | list):
            origins.note(result, None, None, derived)
        return tagged(result, None, derived) if derived else result


def places_of(spots: Iterable[Spot]) -> tuple[Place, ...]:
    """The places that some spots are at or computed from, those inside of them included."""
    found: dict[Place, None] = {}
    for spot in spots:
        if spot.place is not None:
            found[spot.place] = None
        found |= dict.fromkeys(spot.derived)
        if spot.parts is not None:
            found |= dict.fromkeys(places_of(spot.parts.values()))
        if spot.base is not None:
            found |= dict.fromkeys(places_of([spot.base]))
    return tuple(found)


def merged(spots: list[Spot]) -> Spot:
    """Objects merged into one; what none of them has is looked for in one that is made up."""
    parts: dict[Step, Spot] = {}
    base: Spot | None = None
    for spot in spots:
        inner = spot if spot.parts is None else spot.base
        place = None if inner is None else inner.place
        if inner is not None and isinstance(inner.value, dict):
            below = {key: None if place is None else place.below(key) for key in inner.value}
            parts |= {key: Spot(item, below[key], (inner.value, key)) for key, item in inner.value.items()}
        if place is not None:  # what an object before it has could be in it, too
            for key, part in parts.items():
                if part.place is None and key not in (spot.parts or {}):
                    parts[key] = replace(part, place=place.below(key))
        parts |= spot.parts or {}
        base = inner if inner is not None and (base is None or base.place is None) else base
    return Spot(UNKNOWN, parts=parts, base=base, derived=places_of(spots))


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


def _shown(spot: Spot) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in spot.steps)
