"""The result of a replay or a comparison: the same path, or the first event that differs, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from everypath.engine.data import to_text
from everypath.history.branches import BranchKey
from everypath.history.events import Event, details
from everypath.replay.compare import Difference
from everypath.replay.equivalence import MISSING
from everypath.replay.outcomes import Fields
from everypath.replay.replayer import Replay
from everypath.report.history_table import cause_in_words

#: How many characters of a value are shown.
WIDTH = 60
#: The names of the two sides of a replay.
REPLAYED = ("recorded", "today")
_SHOWN = ("error", "cause", "input", "output", "parameters")


def difference_report(replay: Replay) -> str:
    """Return the outcome of a replay as text."""
    recording, execution, found = replay.recording, replay.execution, replay.difference
    if found is None:
        still = "" if recording.end else " as far as it had come"
        return (
            f"same path{still}: {recording.source}\n"
            f"  {len(recording.events)} events, {execution.transitions} transitions, {_end(recording.end)}"
        )
    return f"differs{_where(found)}: {recording.source}\n\n{_table(found, REPLAYED)}"


def comparison_report(found: Difference | None, names: tuple[str, str]) -> str:
    """Return the result of comparing two executions as text.

    Parameters
    ----------
    names : pair of str
        The names of the two.
    """
    left, right = names
    if found is None:
        return f"same: {left} and {right}"
    return f"differs{_where(found)}: {left} and {right}\n\n{_table(found, names)}"


def comparison_as_data(found: Difference | None, names: tuple[str, str]) -> dict[str, Any]:
    """Return the result of comparing two executions as JSON data."""
    data: dict[str, Any] = {"left": names[0], "right": names[1], "same": found is None}
    return data if found is None else data | {"difference": _as_data(found, ("left", "right"))}


def outcomes_report(fields: Fields, names: tuple[str, str], without: Sequence[str]) -> str:
    """Return the result of comparing the outcomes of two executions as text.

    Parameters
    ----------
    without : sequence of str
        Which of them have no history.
    """
    left, right = names
    sides = " and ".join(dict.fromkeys(without))
    why = f"an Express workflow: {sides} keeps no history, so that events cannot be compared"
    if not fields:
        return f"same outcome: {left} and {right}\n  {why}"
    rows = [(place, _value(before), _value(after)) for place, before, after in fields]
    return f"different outcome: {left} and {right}\n  {why}\n\n{_aligned(rows, names)}"


def outcomes_as_data(fields: Fields, names: tuple[str, str]) -> dict[str, Any]:
    """Return the result of comparing the outcomes of two executions as JSON data."""
    data: dict[str, Any] = {"left": names[0], "right": names[1], "same": not fields, "compared": "outcome"}
    return data | ({"fields": [_field_as_data(("left", "right"), *field) for field in fields]} if fields else {})


def _where(found: Difference) -> str:
    return f" in {branch_name(found.branch)}" if found.branch else ""


def _table(found: Difference, names: tuple[str, str]) -> str:
    return _aligned([(name, *pair) for name, pair in _rows(found)], names)


def _aligned(rows: Sequence[tuple[str, str, str]], names: tuple[str, str]) -> str:
    from tabulate import tabulate

    table = tabulate(rows, ("", *names), tablefmt="simple", disable_numparse=True)
    return "\n".join(f"  {line}".rstrip() for line in table.splitlines())


def difference_as_data(replay: Replay) -> dict[str, Any]:
    """Return the outcome of a replay as JSON data."""
    found = replay.difference
    data: dict[str, Any] = {
        "history": replay.recording.source,
        "same": replay.same_path,
        "recorded_end": replay.recording.end or None,
        "status": replay.execution.status,
        "events": len(replay.recording.events),
    }
    if found is not None:
        data["difference"] = _as_data(found, REPLAYED)
    return data


def _as_data(found: Difference, names: tuple[str, str]) -> dict[str, Any]:
    left, right = names
    return {
        "line": [name for _, name in found.branch],
        left: _event_as_data(found.recorded, found.state_recorded),
        right: _event_as_data(found.now, found.state_now),
        "fields": [_field_as_data(names, *field) for field in found.fields],
    }


def branch_name(line: BranchKey) -> str:
    """The name of a branch or an iteration."""
    return " > ".join(name if name.endswith("]") else f"the branch of {name}" for _, name in line)


def _end(kind: str) -> str:
    return kind.removeprefix("Execution").upper().replace("TIMEDOUT", "TIMED_OUT") or "still running"


def _event_as_data(event: Event | None, state: str) -> dict[str, Any] | None:
    if event is None:
        return None
    return {"id": event["id"], "type": event["type"], "state": state or None, "details": details(event)}


def _field_as_data(names: tuple[str, str], place: str, recorded: Any, now: Any) -> dict[str, Any]:
    sides = dict(zip(names, (recorded, now), strict=True))
    return {"place": place} | {name: value for name, value in sides.items() if value is not MISSING}


def _rows(found: Difference) -> list[tuple[str, tuple[str, str]]]:
    sides = ((found.recorded, found.state_recorded), (found.now, found.state_now))
    rows = [
        ("event", _pair(*("-" if event is None else str(event["id"]) for event, _ in sides))),
        ("type", _pair(*("nothing more" if event is None else event["type"] for event, _ in sides))),
        ("state", _pair(*(state or "-" for _, state in sides))),
    ]
    if found.fields:
        return rows + [(place, _pair(_value(before), _value(after))) for place, before, after in found.fields]
    for name in _SHOWN:
        values = [_detail(event, name) for event, _ in sides]
        if any(values):
            rows.append((name, _pair(*(value or "-" for value in values))))
    return rows


def _pair(recorded: str, now: str) -> tuple[str, str]:
    return recorded, now


def _detail(event: Event | None, name: str) -> str:
    value = details(event).get(name) if event is not None else None
    return "" if value is None else _short(cause_in_words(value) if name == "cause" else str(value))


def _value(value: Any) -> str:
    if value is MISSING:
        return "-"
    return _short(value if isinstance(value, str) else to_text(value))


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= WIDTH else f"{line[: WIDTH - 1]}…"
