"""How many items a Map must have, and how many of its child executions must fail, for it to fail or to succeed."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import takewhile

from everypath.asl.scope import Expression
from everypath.asl.settings import Constant
from everypath.asl.tree import Map
from everypath.engine.distributed.child_result import Tolerance

#: More items than these are not made up for a case.
MANY_ITEMS = 200
#: What is assumed, and supplied, where the input says how many items may fail.
GIVEN_COUNT, GIVEN_PERCENTAGE = 1, 50


@dataclass(frozen=True, slots=True)
class ItemCounts:
    """The items of one map run, and how many of its child executions fail.

    Parameters
    ----------
    number : int
        The items.
    failing : int
        The first so many iterations or child executions fail.
    """

    number: int = 1
    failing: int = 1


def too_many(state: Map) -> ItemCounts | None:
    """As few items as make a Map fail; None where it cannot, or not with so few."""
    if not state.distributed:
        return ItemCounts()
    tolerance, size = _tolerance(state), _batch(state)
    return next((one for one in _all_fail(size) if tolerance.exceeded(one.number, one.number)), None)


def tolerated(state: Map) -> ItemCounts | None:
    """As few items as make a Map succeed although one child execution fails; None where it cannot."""
    if not state.distributed:
        return None
    tolerance, size = _tolerance(state), _batch(state)
    numbers = [size * count for count in range(1, MANY_ITEMS // size + 1)] if size else [1]
    return next((ItemCounts(number, 1) for number in numbers if not tolerance.exceeded(size or number, number)), None)


def why_not(state: Map, *, fails: bool) -> str | None:
    """Why a Map never fails because of its items, or never succeeds with a failed one; None where it can.

    Parameters
    ----------
    fails : bool
        Which of the two.
    """
    if fails and too_many(state) is None:
        if _known(state.tolerated_failure_percentage) == 100 and not _tolerance(state).count:
            return "all of its items may fail: ToleratedFailurePercentage is 100"
        return f"more than {MANY_ITEMS} items would have to fail, and so many are not made up"
    if not fails and tolerated(state) is None:
        if not state.distributed:
            return "a Map in INLINE mode fails with its first failed item, whatever it tolerates"
        if not (_tolerance(state).count or _tolerance(state).percentage):
            return "no item may fail: what is tolerated is 0"
        return f"it would take more than {MANY_ITEMS} items to tolerate one, and so many are not made up"
    return None


def _all_fail(size: int | None) -> list[ItemCounts]:
    numbers = range(1, MANY_ITEMS + 1)
    if size is None:
        return [ItemCounts(number, 1) for number in numbers]
    return list(takewhile(lambda one: one.number <= MANY_ITEMS, (ItemCounts(count * size, count) for count in numbers)))


def _tolerance(state: Map) -> Tolerance:
    count, percentage = state.tolerated_failure_count, state.tolerated_failure_percentage
    return Tolerance(
        None if count is None else int(_assumed(count, GIVEN_COUNT)),
        None if percentage is None else _assumed(percentage, GIVEN_PERCENTAGE),
    )


def _batch(state: Map) -> int | None:
    """How many items a child execution gets; None where it gets all of them."""
    if state.batcher is None:
        return 1
    return None if state.batcher.max_items is None else int(_assumed(state.batcher.max_items, 1))


def _assumed(field: Expression, otherwise: float) -> float:
    known = _known(field)
    return otherwise if known is None else known


def _known(field: Expression | None) -> float | None:
    return float(field.value) if isinstance(field, Constant) else None
