"""Where the data that a state sees may come from: the input, or the result of a task before it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from everypath.asl.settings import Constant
from everypath.asl.tree import Map, StateMachine
from everypath.history.visits import Visit
from everypath.paths.needs import READ, Source
from everypath.paths.solve import DataPath, From, referenced

Steps = tuple[str | int, ...]

_MOVED = re.compile(r"^(?:\$\$|\$states\.context)\.Map\.Item\.Value|^\$states\.(?:input|result)|^\$")


class Sources:
    """What the fields of a definition are made of.

    Parameters
    ----------
    tree : StateMachine
        The definition; its raw form says which field is filled from which path.
    """

    def __init__(self, tree: StateMachine) -> None:
        self._aliases: dict[str, list[Steps]] = {}
        self._items: dict[str, list[Steps]] = {}
        self._prefixes: list[Steps] = []
        self._read(tree.definition)

    def places(self, data_path: DataPath, visit: Visit, source: Source | None) -> Iterator[Steps]:
        """Where in a source a value may have to be for a state to see it at a spot, the likeliest first."""
        found: dict[str, Steps] = {}
        for steps in self._places(data_path, visit, source):
            found.setdefault(repr(steps), steps)  # an item and the items from it on are equal, and not the same
        yield from found.values()

    def _places(self, data_path: DataPath, visit: Visit, source: Source | None) -> Iterator[Steps]:
        is_input = source is None
        steps = (data_path.root, *data_path.steps) if data_path.root else data_path.steps
        found = list(self._renamed(steps, 3))
        if not is_input:
            found += [one[len(prefix) :] for prefix in self._prefixes for one in found if one[: len(prefix)] == prefix]
        found += [one[1:] for one in list(found) if len(one) > 1]
        if not is_input:
            found += [("Payload", *one) for one in list(found)]
        while visit.parent is not None:
            parent = visit.parent
            if isinstance(parent.state, Map):
                reads = source == (parent.state.name, READ)
                paths = [()] if reads else self._items.get(parent.state.name, [()])
                inside = [(*items, *one) for one in _items_at(parent.state, visit, found) for items in paths]
                if reads:
                    found = inside
                    break
                found = inside if is_input else [*found, *inside]
            visit = parent
        yield from found

    def _renamed(self, steps: Steps, depth: int) -> Iterator[Steps]:
        yield steps
        if depth == 0:
            return
        for index, step in enumerate(steps):
            for alias in self._aliases.get(str(step), ()):
                if alias != steps[: index + 1]:
                    yield from self._renamed((*alias, *steps[index + 1 :]), depth - 1)

    def _read(self, data: Any) -> None:
        if isinstance(data, list):
            for item in data:
                self._read(item)
        if not isinstance(data, dict):
            return
        for name, state in data.get("States", {}).items() if isinstance(data.get("States"), dict) else ():
            if isinstance(state, dict):
                self._items[name] = list(_items(state))
        for key, value in data.items():
            if isinstance(value, str):
                self._alias(key, value)
            else:
                self._read(value)

    def _alias(self, key: str, text: str) -> None:
        if key == "ResultPath":
            self._prefixes += [data_path.steps for data_path in referenced(text, jsonata=False) if data_path.steps]
        jsonata = text.startswith("{%")
        inner = text.removeprefix("{%").removesuffix("%}").strip()
        if not (key.endswith(".$") or jsonata):
            return
        match = _MOVED.match(inner)
        data_paths = referenced("$" + inner[match.end() :], jsonata=False) if match else []
        for data_path in data_paths:
            steps = (data_path.root, *data_path.steps) if data_path.root else data_path.steps
            if all(isinstance(step, int) or re.fullmatch(r"[\w-]+", step) for step in steps):
                self._aliases.setdefault(key.removesuffix(".$"), []).append(steps)


def _items_at(state: Map, visit: Visit, found: Sequence[Steps]) -> Iterator[Steps]:
    """Places in the items of a Map that are places in an item, or in a batch of items, for a visit inside it.

    The first item is alone first, another one goes with all after it first: they are copies of it.
    """
    index = visit.index or 0
    for make in (int, From) if index == 0 else (From, int):
        for one in found:
            if state.batcher is None:
                yield (make(index), *one)
            elif one[:1] == ("Items",) and len(one) > 1 and isinstance(one[1], int):
                size = state.batcher.max_items
                first = index * size.value if isinstance(size, Constant) else index
                yield (make(first + one[1]), *one[2:])


def _items(state: dict[str, Any]) -> Iterator[Steps]:
    """Where a Map's items are."""
    for field in ("ItemsPath", "Items"):
        text = state.get(field)
        if isinstance(text, str):
            for data_path in referenced(text, jsonata=field == "Items"):
                yield data_path.steps
    if "ItemsPath" not in state and "Items" not in state:
        yield ()
