"""A definition as the rules see it: raw data, so that a definition with a wrong state is still checked elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from everypath.asl.parser.transitions import inner_graphs, transitions
from everypath.asl.resource import Resource, UnknownResource, parse_resource
from everypath.sam.document import Place

Data = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Handler:
    """A retrier or a catcher.

    Parameters
    ----------
    place : tuple of str or int
        Where it is, from the root of the definition.
    names : tuple of str
        Its ``ErrorEquals``.
    data : dict
        Its fields.
    """

    place: Place
    names: tuple[str, ...]
    data: Data

    def named_at(self, name: str) -> Place:
        """Where one of its names is."""
        return (*self.place, "ErrorEquals", self.names.index(name))

    def number(self, field: str, default: float) -> float:
        """One of its numbers, or the default where it is left out."""
        return number(self.data.get(field), default)


@dataclass(frozen=True, slots=True, eq=False)
class StateView:
    """A state.

    Parameters
    ----------
    name, place, data
        Its name, its place, and its fields.
    siblings : mapping of str to dict
        The states of the same flow, itself included.
    outer : tuple of StateView
        The Parallel and Map states around it, the outermost first.
    jsonata : bool
        Whether its query language is JSONata.
    """

    name: str
    place: Place
    data: Data
    siblings: Mapping[str, Data]
    outer: tuple[StateView, ...]
    jsonata: bool

    @property
    def type(self) -> str:
        """Its ``Type``."""
        return str(self.data.get("Type"))

    @property
    def retriers(self) -> tuple[Handler, ...]:
        """Its ``Retry``."""
        return tuple(self._handlers("Retry"))

    @property
    def catchers(self) -> tuple[Handler, ...]:
        """Its ``Catch``."""
        return tuple(self._handlers("Catch"))

    @property
    def handlers(self) -> tuple[Handler, ...]:
        """Its retriers and its catchers."""
        return self.retriers + self.catchers

    @property
    def resource(self) -> Resource | None:
        """The resource that it calls; None for a state that calls none, or an unknown one."""
        text = self.data.get("Resource")
        if self.type != "Task" or not isinstance(text, str):
            return None
        try:
            return parse_resource(text)
        except UnknownResource:
            return None

    @property
    def arguments(self) -> Data:
        """The arguments that it passes to a service."""
        arguments = self.data.get("Arguments" if self.jsonata else "Parameters")
        return arguments if isinstance(arguments, dict) else {}

    @property
    def failures(self) -> tuple[str | None, ...]:
        """The errors of the Fail states inside it, at any depth; None for one that is only known at run time."""
        return tuple(_failures(self.data))

    @property
    def calls_lambda(self) -> bool:
        """Whether it calls a Lambda function."""
        resource = self.resource
        return resource is not None and resource.kind in ("lambda", "optimized") and resource.service == "lambda"

    def _handlers(self, field: str) -> Iterator[Handler]:
        items = self.data.get(field)
        for index, item in enumerate(items if isinstance(items, list) else []):
            if isinstance(item, dict):
                names = item.get("ErrorEquals")
                texts = tuple(name for name in names if isinstance(name, str)) if isinstance(names, list) else ()
                yield Handler((*self.place, field, index), texts, item)


def all_states(definition: Data) -> Iterator[StateView]:
    """All states, those of branches and item processors included."""
    yield from _states(definition, (), (), definition.get("QueryLanguage") == "JSONata")


def _states(flow: Data, place: Place, outer: tuple[StateView, ...], jsonata: bool) -> Iterator[StateView]:
    states = flow.get("States")
    siblings = (
        {name: data for name, data in states.items() if isinstance(data, dict)} if isinstance(states, dict) else {}
    )
    for name, data in siblings.items():
        own = data.get("QueryLanguage", "JSONata" if jsonata else "JSONPath") == "JSONata"
        state = StateView(name, (*place, "States", name), data, siblings, outer, own)
        yield state
        for inner, below in inner_graphs(data):
            yield from _states(inner, (*state.place, *below), (*outer, state), jsonata)


def _failures(data: Data) -> Iterator[str | None]:
    for inner, _ in inner_graphs(data):
        states = inner.get("States")
        for state in states.values() if isinstance(states, dict) else ():
            if not isinstance(state, dict):
                continue
            if state.get("Type") == "Fail":
                error = state.get("Error")
                known = isinstance(error, str) and "${" not in error and not error.startswith("{%")
                yield error if known else None if "ErrorPath" in state or error is not None else ""
            yield from _failures(state)


def successors(data: Data) -> list[str]:
    """The states that a state leads to, by a transition or a catcher."""
    return [name for name, _ in transitions(data)]


def reachable_from(start: str, siblings: Mapping[str, Data]) -> list[str]:
    """The states that can be reached from one of them, itself first."""
    reachable: dict[str, None] = {}
    waiting = [start]
    while waiting:
        name = waiting.pop()
        if name in siblings and name not in reachable:
            reachable[name] = None
            waiting += reversed(successors(siblings[name]))
    return list(reachable)


def strings(data: Any, place: Place = ()) -> Iterator[tuple[str, Place]]:
    """All strings in some data, each with its place."""
    if isinstance(data, str):
        yield data, place
    elif isinstance(data, dict):
        for key, value in data.items():
            yield from strings(value, (*place, key))
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from strings(value, (*place, index))


def number(value: Any, default: float) -> float:
    """A value that should be a number, or the default where it is none."""
    return value if isinstance(value, int | float) and not isinstance(value, bool) else default
