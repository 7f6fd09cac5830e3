"""The items of a distributed Map, and the inputs of the child executions that are made of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from everypath.asl.tree import Map
from everypath.engine.cursor import Cursor
from everypath.engine.states.map import find_items, select

#: ``$$.Map.Item.Source`` of items that the input has (AWS: "Accessing Map state context data").
STATE_DATA = "STATE_DATA"


@dataclass(slots=True)
class MapItems:
    """MapItems, where they are from, and, for those of a JSON object, their keys.

    Parameters
    ----------
    values : sequence
        The items.
    keys : sequence of str, optional
        The name that each has in the object.
    source : str
        Of all items.
    sources : sequence of str, optional
        Of each item, where they differ.
    """

    values: Sequence[Any]
    keys: Sequence[str] | None = None
    source: str = STATE_DATA
    sources: Sequence[str] | None = None

    def __len__(self) -> int:
        return len(self.values)

    def value(self, index: int) -> Any:
        """What a child execution gets of an item where nothing is selected."""
        value = self.values[index]
        return value if self.keys is None else {"Key": self.keys[index], "Value": value}

    def context(self, index: int) -> dict[str, Any]:
        """``Map`` of the context object, for the item selector."""
        item: dict[str, Any] = {"Index": index, "Value": self.values[index]}
        if self.keys is not None:
            item["Key"] = self.keys[index]
        item["Source"] = self.source if self.sources is None else self.sources[index]
        return {"Item": item}


def keyed_items(data: dict[str, Any], source: str) -> MapItems:
    """The members of a JSON object as items."""
    return MapItems(list(data.values()), list(data), source)


def given_items(state: Map, cursor: Cursor, effective: Any) -> MapItems:
    """The items that the input of a Map has: an array or an object; raises `StateError` where it has neither."""
    found = effective if state.items is None else state.items.evaluate(cursor.scope(effective))
    if isinstance(found, dict):
        return keyed_items(found, STATE_DATA)
    return MapItems(found if isinstance(found, list) else find_items(state, cursor, effective))


def selected(state: Map, cursor: Cursor, effective: Any, items: MapItems) -> Iterator[Any]:
    """Yield the items as ``ItemSelector`` makes them; raises `StateError` where it fails."""
    for index in range(len(items)):
        if state.item_selector is None:
            yield items.value(index)
        else:
            child = cursor.child(cursor.last, items.context(index))
            yield select(state, cursor, child, effective, items.values[index])
