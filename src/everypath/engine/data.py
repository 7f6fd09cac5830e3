"""JSON data on its way through an execution: its text, and how large it may be."""

from __future__ import annotations

from typing import Any

from everypath.asl.error_catalog import DATA_LIMIT_EXCEEDED
from everypath.asl.java_values import json_text
from everypath.history.outcome import Failure

#: Bytes of UTF-8 that the input or the output of a state, or a task's result, may have.
MAX_DATA_BYTES = 262_144


def to_text(value: Any) -> str:
    """Return a value's JSON text as Step Functions writes it: compact, and not escaped to ASCII."""
    return json_text(value)


def too_large(text: str) -> bool:
    """Whether a JSON text is larger than what may pass between states."""
    # One character has at most four bytes: most texts need not be encoded to know.
    return len(text) * 4 > MAX_DATA_BYTES and (len(text) > MAX_DATA_BYTES or len(text.encode()) > MAX_DATA_BYTES)


def limit_exceeded(producer: str, *, fatal: bool = False) -> Failure:
    """The failure of a result that is too large.

    Parameters
    ----------
    producer : str
        What the cause calls the producer: a state's name, a function's ARN, a service (recorded).
    fatal : bool
        A task's result can be caught; a state's output or an execution's input cannot (recorded).
    """
    cause = (
        f"The state/task '{producer}' returned a result with a size exceeding the maximum number of bytes "
        "service limit."
    )
    return Failure(DATA_LIMIT_EXCEEDED, cause, fatal=fatal)
