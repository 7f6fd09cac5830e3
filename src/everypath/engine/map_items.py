"""The items of a Map, inline or distributed, and what ``ItemSelector`` makes of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from everypath.asl.error_catalog import QUERY_EVALUATION_ERROR, RUNTIME
from everypath.asl.errors import StateError
from everypath.asl.tree import Map
from everypath.engine.cursor import Cursor
from everypath.engine.data import to_text

#: ``$$.Map.Item.Source`` of items that are part of the input (AWS: "Accessing Map state context data").
STATE_DATA = "STATE_DATA"


@dataclass(slots=True)
class MapItems:
    """The items of a Map, where they are from, and, for those of a JSON object, their keys.

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
        """Return what a child execution gets of an item where nothing is selected."""
        value = self.values[index]
        return value if self.keys is None else {"Key": self.keys[index], "Value": value}

    def context(self, index: int) -> dict[str, Any]:
        """Return ``Map`` of the context object, for the item selector."""
        item: dict[str, Any] = {"Index": index, "Value": self.values[index]}
        if self.keys is not None:
            item["Key"] = self.keys[index]
        item["Source"] = self.source if self.sources is None else self.sources[index]
        return {"Item": item}


def keyed_items(data: dict[str, Any], source: str) -> MapItems:
    """Return the members of a JSON object as items."""
    return MapItems(list(data.values()), list(data), source)


def find_items(state: Map, cursor: Cursor, effective: Any) -> list[Any]:
    """Return the items of an inline Map; raises `StateError` where they are no array."""
    items = effective if state.items is None else state.items.evaluate(cursor.scope(effective))
    return _require_array(state, items)


def given_items(state: Map, cursor: Cursor, effective: Any) -> MapItems:
    """Return the items that the input of a distributed Map has: an array or an object.

    Raises
    ------
    StateError
        The input has neither.
    """
    items = effective if state.items is None else state.items.evaluate(cursor.scope(effective))
    if isinstance(items, dict):
        return keyed_items(items, STATE_DATA)
    return MapItems(_require_array(state, items))


def _require_array(state: Map, items: Any) -> list[Any]:
    if isinstance(items, list):
        return items
    if state.jsonata:
        raise StateError(QUERY_EVALUATION_ERROR, f"Map state input must be an array but was: {to_text(items)}")
    # A path into the context object is written as if it were one into the input (recorded, ``test_state_api``).
    path = (state.items_path or "$").replace("$$", "$", 1)
    raise StateError(RUNTIME, f'Reference path "{path}" must point to array.')


def select(state: Map, cursor: Cursor, child: Cursor, effective: Any, item: Any) -> Any:
    """Return the input of an iteration: its item, or what ``ItemSelector`` makes of it.

    The selector sees the Map's own input and context, and the item as ``$$.Map.Item.Value``.
    """
    selector = state.item_selector
    if selector is None:
        return item
    child.state, child.entered_at, child.entered_id = state, cursor.entered_at, cursor.entered_id
    return selector.evaluate(child.scope(effective))


def selected(state: Map, cursor: Cursor, effective: Any, items: MapItems) -> Iterator[Any]:
    """Yield the items as ``ItemSelector`` makes them; raises `StateError` where it fails."""
    for index in range(len(items)):
        if state.item_selector is None:
            yield items.value(index)
        else:
            child = cursor.child(cursor.last, items.context(index))
            yield select(state, cursor, child, effective, items.values[index])
