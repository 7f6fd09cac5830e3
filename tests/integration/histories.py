"""Event histories without what is another in every execution."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def comparable(events: Iterable[Mapping[str, Any]]) -> list[Any]:
    """Return events without timestamps and without the ids of executions and invocations.

    Everything else stays: types, order, states, inputs, outputs, errors, and causes with messages and stack traces.
    """
    kept = [{name: value for name, value in event.items() if name != "timestamp"} for event in events]
    found: list[Any] = json.loads(_ID.sub("an id", json.dumps(kept)))
    return found


def unpacked(value: Any) -> Any:
    """Return JSON data in which a text that is JSON, as a cause may be, has become what it says.

    SAM's emulator and Lambda put blanks at different places where they themselves tell of an error.
    """
    if isinstance(value, dict):
        return {name: unpacked(field) for name, field in value.items()}
    if isinstance(value, list):
        return [unpacked(item) for item in value]
    if isinstance(value, str) and value.startswith("{"):
        return unpacked(json.loads(value))
    return value


def without_exit_status(value: Any) -> Any:
    """Return JSON data in which a process that has exited has not told its status.

    Now and then SAM's emulator is gone with the process, before it has told: SAM then answers with nothing, and the
    status is lost. That it was an exit is not.
    """
    told = re.compile(r"Runtime exited with error: exit status \d+")
    return json.loads(told.sub("Runtime exited without providing a reason", json.dumps(value)))
