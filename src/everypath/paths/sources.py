"""The data that a state reads: the places that its fields name, and where in the input or a task's result they are."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from everypath.asl.jsonpath.intrinsics import is_intrinsic
from everypath.asl.settings import Constant
from everypath.asl.tree import Map, StateMachine, all_states
from everypath.history.events import details
from everypath.history.visits import Visit
from everypath.paths.plan import READ, Source
from everypath.paths.plan_runner import PlanRun, failed_at_work, is_inside
from everypath.paths.solve import DataPath, From, Steps, array_samples, get, referenced_paths
from everypath.paths.tolerance import ASSUMED_COUNT, ASSUMED_PERCENTAGE

#: How many tasks before a visit are taken for sources of its data.
TASKS = 6
#: Fields that say nothing about a state's own input.
_OTHER_FIELDS = frozenset(
    {
        "ResultSelector", "States", "Branches", "ItemProcessor", "Iterator", "Choices", "Catch", "Retry", "ResultPath",
    }
)  # fmt: skip
_RESULT = re.compile(r"\$states\.result((?:\.\w+)+)")
_COPIED = re.compile(r"^(?:\$\$|\$states\.context)\.Map\.Item\.Value|^\$states\.(?:input|result)|^\$")


class Sources:
    """Where the data of a definition's states come from.

    Parameters
    ----------
    tree : StateMachine
        The definition; its raw form says which field is filled from which path.
    """

    def __init__(self, tree: StateMachine) -> None:
        self._states = {state.name: state for state in all_states(tree.graph)}
        self._aliases: dict[str, list[Steps]] = {}
        self._items: dict[str, list[Steps]] = {}
        self._prefixes: list[Steps] = []
        self._read(tree.definition)

    def places(self, data_path: DataPath, visit: Visit, source: Source | None) -> Iterator[Steps]:
        """Where in a source a value may have to be for a visit to see it at a place, the likeliest first."""
        places: dict[str, Steps] = {}
        for steps in self._places(data_path, visit, source):
            places.setdefault(repr(steps), steps)  # an item and the items from it on are equal, and not the same
        yield from places.values()

    def _places(self, data_path: DataPath, visit: Visit, source: Source | None) -> Iterator[Steps]:
        is_input = source is None
        steps = (data_path.root, *data_path.steps) if data_path.root else data_path.steps
        places = list(self._with_aliases(steps, 3))
        if not is_input:
            places += [
                one[len(prefix) :] for prefix in self._prefixes for one in places if one[: len(prefix)] == prefix
            ]
        places += [one[1:] for one in list(places) if len(one) > 1]
        if not is_input:
            places += [("Payload", *one) for one in list(places)]
        while visit.parent is not None:
            parent = visit.parent
            state = self._states[parent.name]
            if isinstance(state, Map):
                reads = source == (parent.name, READ)
                paths = [()] if reads else self._items.get(parent.name, [()])
                inside = [(*items, *one) for one in _places_in_items(state, visit, places) for items in paths]
                if reads:
                    places = inside
                    break
                places = inside if is_input else [*places, *inside]
            visit = parent
        yield from places

    def _with_aliases(self, steps: Steps, depth: int) -> Iterator[Steps]:
        yield steps
        if depth == 0:
            return
        for index, step in enumerate(steps):
            for alias in self._aliases.get(str(step), ()):
                if alias != steps[: index + 1]:
                    yield from self._with_aliases((*alias, *steps[index + 1 :]), depth - 1)

    def _read(self, data: Any) -> None:
        if isinstance(data, list):
            for item in data:
                self._read(item)
        if not isinstance(data, dict):
            return
        for name, state in data.get("States", {}).items() if isinstance(data.get("States"), dict) else ():
            if isinstance(state, dict):
                self._items[name] = list(_item_paths(state))
        for key, value in data.items():
            if isinstance(value, str):
                self._read_field(key, value)
            else:
                self._read(value)

    def _read_field(self, key: str, text: str) -> None:
        """Note what a field is a copy of: the same data then has two names."""
        if key == "ResultPath":
            self._prefixes += [path.steps for path in referenced_paths(text, jsonata=False) if path.steps]
        jsonata = text.startswith("{%")
        inner = text.removeprefix("{%").removesuffix("%}").strip()
        if not (key.endswith(".$") or jsonata):
            return
        match = _COPIED.match(inner)
        data_paths = referenced_paths("$" + inner[match.end() :], jsonata=False) if match else []
        for data_path in data_paths:
            steps = (data_path.root, *data_path.steps) if data_path.root else data_path.steps
            if all(isinstance(step, int) or re.fullmatch(r"[\w-]+", step) for step in steps):
                self._aliases.setdefault(key.removesuffix(".$"), []).append(steps)


def sources_before(run: PlanRun, visit: Visit) -> Iterator[Source | None]:
    """Where a visit may have its data from: its Map's reader, or the last tasks before and inside of it, and the input.

    The last ones come first; None stands for the input.
    """
    outer = visit.parent
    while outer is not None:
        state = run.trace.states[outer.name]
        if isinstance(state, Map) and state.reader is not None:
            yield outer.name, READ
            return
        outer = outer.parent
    counts: dict[str, int] = {}
    tasks = []
    reached = False
    for other in run.trace.visits:
        name = other.name
        counts[name] = counts.get(name, -1) + 1
        reached = reached or other is visit
        if reached and not is_inside(other, visit):
            continue
        if other.type == "Task" and other.attempts and not failed_at_work(other.attempts[-1]):
            tasks.append((name, counts[name]))
    yield from reversed(tasks[-TASKS:])
    yield None


def value_at(run: PlanRun, visit: Visit, data_path: DataPath) -> Any:
    """The value that a visit sees at a place, or `everypath.paths.solve.MISSING`."""
    if data_path.root:
        return get(variables_before(run, visit), (data_path.root, *data_path.steps))
    return get(json.loads(details(visit.entered)["input"]), data_path.steps)


def variables_before(run: PlanRun, visit: Visit) -> dict[str, Any]:
    """The variables that were assigned before a visit."""
    variables: dict[str, Any] = {}
    for other in run.trace.visits:
        if other is visit:
            break
        assigned = details(other.exited).get("assignedVariables", {}) if other.exited is not None else {}
        variables |= {name: json.loads(text) for name, text in assigned.items()}
    return variables


def raw_states(data: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """All states of a raw definition by name."""
    if isinstance(data, list):
        for item in data:
            yield from raw_states(item)
    elif isinstance(data, dict):
        if isinstance(data.get("States"), dict) and "StartAt" in data:
            yield from data["States"].items()
        for value in data.values():
            if isinstance(value, dict | list):
                yield from raw_states(value)


def named_places(raw: Mapping[str, Any]) -> Iterator[tuple[DataPath, Any]]:
    """The places that a state's own fields name, each with a likely value."""
    for key, value in raw.items():
        if key in _OTHER_FIELDS:
            continue
        if isinstance(value, dict):
            yield from named_places(value)
        elif isinstance(value, list):
            for item in value:
                yield from named_places({key: item})
        elif isinstance(value, str) and (value.startswith(("{%", "$")) or is_intrinsic(value)):
            jsonata = value.startswith("{%")
            data_paths = referenced_paths(value, jsonata=jsonata)
            if is_intrinsic(value):
                words = value.replace("(", ",").replace(")", ",").split(",")
                data_paths = [path for word in words for path in referenced_paths(word.strip(), jsonata=False)]
            arrays = dict(array_samples(value)) if jsonata else {}
            for data_path in data_paths:
                yield data_path, arrays.get(data_path, _likely_value(key))


def named_result_places(raw: Mapping[str, Any]) -> Iterator[tuple[DataPath, Any]]:
    """The places in its own result that a state's fields name, each with a likely value."""
    if isinstance(raw.get("ResultSelector"), dict):
        yield from named_places(raw["ResultSelector"])
    for name in ("Output", "Assign"):
        for match in _RESULT.finditer(json.dumps(raw.get(name), ensure_ascii=False)):
            for data_path in referenced_paths("$" + match[1], jsonata=False):
                yield data_path, "text"


def _likely_value(field: str) -> Any:
    if field.startswith("Item"):
        return [{}]
    if field.startswith("Timestamp"):
        return "2026-01-01T00:00:10Z"
    if field.startswith("ToleratedFailurePercentage"):
        return ASSUMED_PERCENTAGE
    if field.startswith("ToleratedFailureCount"):
        return ASSUMED_COUNT
    if field.startswith(("Seconds", "TimeoutSeconds", "HeartbeatSeconds", "Max")):
        return 1
    return {} if field in ("InputPath", "OutputPath") else "text"


def _places_in_items(state: Map, visit: Visit, places: Sequence[Steps]) -> Iterator[Steps]:
    """The places in the items of a Map for places in one item, or in one batch of items, that a visit inside it sees.

    The first item is alone first, another one goes with all after it first: they are copies of it.
    """
    index = visit.index or 0
    for make in (int, From) if index == 0 else (From, int):
        for one in places:
            if state.batcher is None:
                yield (make(index), *one)
            elif one[:1] == ("Items",) and len(one) > 1 and isinstance(one[1], int):
                size = state.batcher.max_items
                first = index * size.value if isinstance(size, Constant) else index
                yield (make(first + one[1]), *one[2:])


def _item_paths(state: dict[str, Any]) -> Iterator[Steps]:
    """Where a Map's items are in its input."""
    for field in ("ItemsPath", "Items"):
        text = state.get(field)
        if isinstance(text, str):
            for data_path in referenced_paths(text, jsonata=field == "Items"):
                yield data_path.steps
    if "ItemsPath" not in state and "Items" not in state:
        yield ()
