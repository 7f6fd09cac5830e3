"""How many items a Map must have, and how many of its child executions must fail, for it to fail or to succeed."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import takewhile

from everypath.asl.scope import Expression
from everypath.asl.settings import Constant
from everypath.asl.tree import Map
from everypath.engine.child_result import Tolerance

#: More items than these are not made up for a case.
MANY_ITEMS = 200
#: What is assumed, and put into the input, where the input says how many items may fail.
ASSUMED_COUNT, ASSUMED_PERCENTAGE = 1, 50


@dataclass(frozen=True, slots=True)
class ItemCounts:
    """The items of one map run, and how many of its child executions fail.

    Parameters
    ----------
    number : int
        How many items there are.
    failing : int
        How many iterations or child executions fail: the first ones.
    """

    number: int = 1
    failing: int = 1


def items_to_fail(state: Map) -> ItemCounts | None:
    """The fewest items that make a Map fail; None where they cannot, or where it takes more than `MANY_ITEMS`."""
    if not state.distributed:
        return ItemCounts()
    tolerance, size = _tolerance(state), _batch_size(state)
    return next((one for one in _failing_counts(size) if tolerance.exceeded(one.number, one.number)), None)


def items_to_tolerate(state: Map) -> ItemCounts | None:
    """The fewest items with which a Map tolerates one failed child execution; None where it never does."""
    if not state.distributed:
        return None
    tolerance, size = _tolerance(state), _batch_size(state)
    numbers = [size * count for count in range(1, MANY_ITEMS // size + 1)] if size else [1]
    return next((ItemCounts(number, 1) for number in numbers if not tolerance.exceeded(size or number, number)), None)


def reason_not_to_fail(state: Map) -> str | None:
    """Why a Map never fails because of its items; None where it can."""
    if items_to_fail(state) is not None:
        return None
    if _constant_value(state.tolerated_failure_percentage) == 100 and not _tolerance(state).count:
        return "all of its items may fail: ToleratedFailurePercentage is 100"
    return f"more than {MANY_ITEMS} items would have to fail, and so many are not made up"


def reason_not_to_tolerate(state: Map) -> str | None:
    """Why a Map never succeeds with a failed item; None where it can."""
    if items_to_tolerate(state) is not None:
        return None
    if not state.distributed:
        return "a Map in INLINE mode fails with its first failed item, whatever it tolerates"
    if not (_tolerance(state).count or _tolerance(state).percentage):
        return "no item may fail: what is tolerated is 0"
    return f"it would take more than {MANY_ITEMS} items to tolerate one, and so many are not made up"


def _failing_counts(size: int | None) -> list[ItemCounts]:
    numbers = range(1, MANY_ITEMS + 1)
    if size is None:
        return [ItemCounts(number, 1) for number in numbers]
    return list(takewhile(lambda one: one.number <= MANY_ITEMS, (ItemCounts(count * size, count) for count in numbers)))


def _tolerance(state: Map) -> Tolerance:
    count, percentage = state.tolerated_failure_count, state.tolerated_failure_percentage
    return Tolerance(
        None if count is None else int(_value_or_default(count, ASSUMED_COUNT)),
        None if percentage is None else _value_or_default(percentage, ASSUMED_PERCENTAGE),
    )


def _batch_size(state: Map) -> int | None:
    """How many items a child execution gets; None where it gets all of them."""
    if state.batcher is None:
        return 1
    return None if state.batcher.max_items is None else int(_value_or_default(state.batcher.max_items, 1))


def _value_or_default(field: Expression, otherwise: float) -> float:
    known = _constant_value(field)
    return otherwise if known is None else known


def _constant_value(field: Expression | None) -> float | None:
    return float(field.value) if isinstance(field, Constant) else None
