"""The work of a mocked Map: its fields are evaluated as ever, and the mock stands for the iterations.

Which fields TestState shows, and what becomes of iterations that fail, is recorded (``test_state_api``).
"""

from __future__ import annotations

from typing import Any

from everypath.asl.tree import Map
from everypath.engine import dataflow
from everypath.engine.cursor import Cursor
from everypath.engine.distributed.item_batcher import child_inputs
from everypath.engine.distributed.item_reader import read_items
from everypath.engine.distributed.map_state import EXCEEDED, number, tolerated_failures
from everypath.engine.map_items import MapItems, find_items, given_items, selected
from everypath.history.outcome import Failure, Outcome
from everypath.server.protocol import ApiError, Json

_TOO_MANY = "Map iteration failure count must be less than or equal to the number of Map iterations"


async def attempt_map(state: Map, cursor: Cursor, value: Any, mocked: Outcome, configuration: Json) -> Outcome:
    """Return what a Map comes to.

    Raises
    ------
    StateError
        A field cannot be evaluated.
    ApiError
        More iterations are said to have failed than there are.
    """
    stages = cursor.stages
    assert stages is not None
    effective = dataflow.effective_input(state, cursor, value)
    items = await _items(state, cursor, effective, configuration)
    if items is not None:
        _show_items(state, cursor, effective, items)
    stages["maxConcurrency"] = int(number(state.max_concurrency, cursor, effective) or 0)
    tolerance = tolerated_failures(state, cursor, effective)
    if tolerance.count is not None:
        stages["toleratedFailureCount"] = tolerance.count
    if tolerance.percentage is not None:
        stages["toleratedFailurePercentage"] = float(tolerance.percentage)
    failed, total = configuration.get("mapIterationFailureCount"), _total(mocked, items)
    if failed is None or total is None:
        return mocked
    if failed > total:
        raise ApiError("ValidationException", _TOO_MANY)
    # Where nothing says how many may fail, as many as you like may (recorded), although in an execution none may.
    limited = tolerance.count is not None or tolerance.percentage is not None
    if not isinstance(mocked, Failure) and limited and tolerance.exceeded(failed, total):
        return EXCEEDED
    return mocked


async def _items(state: Map, cursor: Cursor, effective: Any, configuration: Json) -> MapItems | None:
    """The items; None where a reader would have to read them, and the request does not say what it reads."""
    if state.reader is not None:
        return await read_items(state, cursor, effective) if configuration.get("mapItemReaderData") else None
    if state.distributed:
        return given_items(state, cursor, effective)
    return MapItems(find_items(state, cursor, effective))


def _show_items(state: Map, cursor: Cursor, effective: Any, items: MapItems) -> None:
    """Show the items as each field leaves them; all but ItemsPath is from the API reference, and not recorded."""
    stages = cursor.stages
    assert stages is not None
    if state.reader is not None:
        if state.reader.config.get("ItemsPointer"):
            stages["afterItemsPointer"] = list(items.values)
    elif not state.jsonata:
        stages["afterItemsPath"] = list(items.values)
    inputs = list(selected(state, cursor, effective, items))
    if state.item_selector is not None:
        stages["afterItemSelector"] = inputs
    if state.batcher is not None:
        stages["afterItemBatcher"] = [batch for batch, _ in child_inputs(state.batcher, cursor, effective, inputs)]


def _total(mocked: Outcome, items: MapItems | None) -> int | None:
    if not isinstance(mocked, Failure) and isinstance(mocked.output, list):
        return len(mocked.output)
    return None if items is None else len(items)
