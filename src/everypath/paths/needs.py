"""What a visit needs to go as planned: the data that its fields name, and where that data may come from."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from everypath.asl.error_catalog import QUERY_EVALUATION_ERROR
from everypath.asl.jsonpath.intrinsics import is_intrinsic
from everypath.asl.tree import Choice, ErrorHandlingState, Fail, Map, State, Task
from everypath.coverage.elements import pointer
from everypath.history.visits import UNKNOWN, Visit
from everypath.paths.play import Played
from everypath.paths.solve import MISSING, Assignment, DataPath, array_samples, get, referenced
from everypath.paths.tolerance import GIVEN_COUNT, GIVEN_PERCENTAGE

_OF_RESULT = re.compile(r"\$states\.result((?:\.\w+)+)")
_COMPLAINT = re.compile(r"entered at the event id #\d+\)\. (.{0,80})")
#: Where data come from: a task's result, by state and visit; with `READ` as the visit, what a Map reads.
Source = tuple[str, int]
READ = -1
#: Errors of a state's own fields.
EVALUATION = (UNKNOWN, QUERY_EVALUATION_ERROR)
#: How many solutions of a rule are tried, and how many for the same places.
SOLUTIONS, ALIKE = 12, 2


@dataclass(frozen=True, slots=True)
class Deviation:
    """A visit that did not go as planned.

    `wanted` is the exit of a Choice, None where data was missing; `items` how many items a Map should have had.
    """

    visit: Visit
    number: int
    wanted: str | None
    what: str
    items: int = 0


def various(found: Iterator[Assignment]) -> Iterator[Assignment]:
    """The first solutions, but few for the same places."""
    seen: dict[frozenset[DataPath], int] = {}
    count = 0
    for _, changes in zip(range(SOLUTIONS * 100), found, strict=False):
        data_paths = frozenset(changes)
        seen[data_paths] = seen.get(data_paths, 0) + 1
        if seen[data_paths] <= ALIKE:
            count += 1
            yield changes
        if count == SOLUTIONS:
            return


def seen(played: Played, visit: Visit, data_path: DataPath) -> Any:
    """What a visit sees at a spot, or `MISSING`."""
    if data_path.root:
        return get(variables(played, visit), (data_path.root, *data_path.steps))
    return get(json.loads(visit.entered["stateEnteredEventDetails"]["input"]), data_path.steps)


def present(played: Played, visit: Visit, data_path: DataPath) -> bool:
    """Whether a visit sees a value at a spot."""
    return seen(played, visit, data_path) is not MISSING


def same_visit(played: Played, deviation: Deviation) -> Visit | None:
    """The visit that deviated, in another run."""
    fitting = [visit for visit in played.trace.visits if visit.state.name == deviation.visit.state.name]
    return fitting[deviation.number] if deviation.number < len(fitting) else None


def before(played: Played, visit: Visit) -> Iterator[Source | None]:
    """What a visit may have its data from: what its Map read, the tasks before it and inside of it, None for the input.

    The last ones come first.
    """
    outer = visit.parent
    while outer is not None:
        if isinstance(outer.state, Map) and outer.state.reader is not None:
            yield outer.state.name, READ
            return
        outer = outer.parent
    counts: dict[str, int] = {}
    tasks = []
    reached = False
    for other in played.trace.visits:
        name = other.state.name
        counts[name] = counts.get(name, -1) + 1
        reached = reached or other is visit
        if reached and not is_inside(other, visit):
            continue
        if isinstance(other.state, Task) and other.attempts and other.attempts[-1].error in (None, *EVALUATION):
            tasks.append((name, counts[name]))
    yield from reversed(tasks[-6:])
    yield None


def is_inside(visit: Visit | None, container: Visit) -> bool:
    """Whether a visit is that of a container, or inside of it."""
    while visit is not None and visit is not container:
        visit = visit.parent
    return visit is not None


def lacks_data(visit: Visit, exit: str, played: Played) -> bool:
    """Whether a visit ended in an error that nobody scripted: its own fields could not be evaluated."""
    if exit.startswith("catch:"):
        return not visit.attempts or visit.attempts[-1].error in (None, *EVALUATION)
    if visit.exited is not None or isinstance(visit.state, Fail) or not visit.failed:
        return False
    if isinstance(visit.state, ErrorHandlingState) and visit.attempts:
        last = visit.attempts[-1]
        if isinstance(visit.state, Map):  # an error of its own, and not of what is inside of it
            return last.error in EVALUATION and last.source is None
        return last.error in EVALUATION or (last.error is None and last.done)
    return not isinstance(visit.state, Choice) or visit.state.next is not None


def lacks_items(visit: Visit, planned: int) -> bool:
    """Whether a Map had another number of items than planned; one that reads them elsewhere is given what it needs."""
    if not planned or not isinstance(visit.state, Map) or visit.state.reader is not None or not visit.attempts:
        return False
    found: dict[str, Any] = visit.attempts[0].scheduled.get("mapStateStartedEventDetails", {})
    return bool(found.get("length", planned) != planned)


def needs(raw: Mapping[str, Any], state: State | None) -> Iterator[tuple[DataPath, Any]]:
    """The places that a state's own fields name, each with a likely value."""
    for key, value in raw.items():
        if key in (
            "ResultSelector",
            "States",
            "Branches",
            "ItemProcessor",
            "Iterator",
            "Choices",
            "Catch",
            "Retry",
            "ResultPath",
        ):
            continue
        if isinstance(value, dict):
            yield from needs(value, state)
        elif isinstance(value, list):
            for item in value:
                yield from needs({key: item}, state)
        elif isinstance(value, str) and (value.startswith(("{%", "$")) or is_intrinsic(value)):
            jsonata = value.startswith("{%")
            data_paths = referenced(value, jsonata=jsonata)
            if is_intrinsic(value):
                data_paths = [data_path for word in value.replace("(", ",").replace(")", ",").split(",")
                         for data_path in referenced(word.strip(), jsonata=False)]  # fmt: skip
            made = dict(array_samples(value)) if jsonata else {}
            for data_path in data_paths:
                yield data_path, made.get(data_path, sample(key))


def result_needs(raw: Mapping[str, Any]) -> Iterator[tuple[DataPath, Any]]:
    """The places in its result that a state's fields name."""
    if isinstance(raw.get("ResultSelector"), dict):
        yield from needs(raw["ResultSelector"], None)
    for name in ("Output", "Assign"):
        for match in _OF_RESULT.finditer(json.dumps(raw.get(name), ensure_ascii=False)):
            for data_path in referenced("$" + match[1], jsonata=False):
                yield data_path, "text"


def complaint(played: Played, deviation: Deviation) -> str | None:
    """What a visit failed with, in the words that follow the state's name; None where it did not."""
    visit = same_visit(played, deviation)
    if visit is None:
        return None
    exited = (visit.exited or {}).get("stateExitedEventDetails", {}).get("output")
    match = _COMPLAINT.search(exited or played.execution.cause or "")
    return match[1] if match else None


def sample(field: str) -> Any:
    """A likely value for a field."""
    if field.startswith("Item"):
        return [{}]
    if field.startswith("Timestamp"):
        return "2026-01-01T00:00:10Z"
    if field.startswith("ToleratedFailurePercentage"):
        return GIVEN_PERCENTAGE
    if field.startswith("ToleratedFailureCount"):
        return GIVEN_COUNT
    if field.startswith(("Seconds", "TimeoutSeconds", "HeartbeatSeconds", "Max")):
        return 1
    return {} if field in ("InputPath", "OutputPath") else "text"


def variables(played: Played, visit: Visit) -> dict[str, Any]:
    """The variables that were assigned before a visit."""
    found: dict[str, Any] = {}
    for other in played.trace.visits:
        if other is visit:
            break
        details = (other.exited or {}).get("stateExitedEventDetails", {})
        found |= {name: json.loads(text) for name, text in details.get("assignedVariables", {}).items()}
    return found


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


def described(exit: str, state: State) -> str:
    """What an exit means, with its place."""
    if not exit:
        return f"no rule of {state.name} holds"
    place = pointer(state.place)
    if exit.startswith("default:"):
        return f"{state.name} takes its default ({place}/Default)"
    return f"the rule {place}/Choices/{exit.rpartition('/')[2]} holds and none before it"
