"""Groups the items of a distributed Map: one child execution for each group (AWS: "ItemBatcher (Map)")."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from everypath.asl.scope import Expression
from everypath.asl.tree import Batcher
from everypath.engine.child_result import ChildInput
from everypath.engine.cursor import Cursor
from everypath.engine.data import MAX_DATA_BYTES, to_text


def child_inputs(batcher: Batcher | None, cursor: Cursor, effective: Any, items: Iterable[Any]) -> list[ChildInput]:
    """Return the inputs of the child executions.

    A batch is ``{"BatchInput": …, "MapItems": […]}``; without ``BatchInput`` it has only the items (recorded,
    ``scenarios``). Raises `StateError` where an expression fails.
    """
    if batcher is None:
        return [(item, 1) for item in items]
    scope = cursor.scope(effective)
    shared = {} if batcher.batch_input is None else {"BatchInput": batcher.batch_input.evaluate(scope)}
    most = _number(batcher.max_items, cursor, effective)
    # No input of an execution may be larger than what passes between states, whatever the batcher says.
    largest = min(_number(batcher.max_bytes, cursor, effective) or MAX_DATA_BYTES, MAX_DATA_BYTES)
    room = largest - len(to_text(shared | {"Items": []}).encode())
    return [(shared | {"Items": batch}, len(batch)) for batch in _batches(items, most, room)]


def _batches(items: Iterable[Any], most: int | None, room: int) -> Iterator[list[Any]]:
    """Yield batches of as many items as fit; an item that is too large for any has one of its own."""
    batch: list[Any] = []
    used = 0
    for item in items:
        size = len(to_text(item).encode()) + 1  # and a comma
        if batch and (len(batch) == most or used + size - 1 > room):
            yield batch
            batch, used = [], 0
        batch.append(item)
        used += size
    if batch:
        yield batch


def _number(field: Expression | None, cursor: Cursor, effective: Any) -> int | None:
    return None if field is None else int(field.evaluate(cursor.scope(effective)))
