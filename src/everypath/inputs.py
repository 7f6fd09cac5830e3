"""The input and the name that an execution is started with; `InputError` says what is wrong with them."""

from __future__ import annotations

import json
from typing import Any

from everypath.asl import json_text
from everypath.asl.resource_names import LONGEST, SPECIAL_CHARACTERS, is_resource_name
from everypath.engine.data import MAX_DATA_BYTES, to_text, too_large
from everypath.errors import InputError


def require_name(name: str) -> None:
    """Refuse a name that no execution may have."""
    if not is_resource_name(name):
        expected = f"1 to {LONGEST} characters without blanks or any of {SPECIAL_CHARACTERS}"
        raise InputError(f"name: expected {expected}, but got {name!r}")


def input_text(value: Any) -> str:
    """Return an input as JSON text; that of ``{}`` for None."""
    try:
        text = to_text({} if value is None else value)
        if "NaN" in text or "Infinity" in text:
            json.dumps(value, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise InputError(f"input: expected JSON data, but {error}") from None
    return text


def input_value(text: str, source: str) -> Any:
    """Return the data of an input that is given as JSON text."""
    try:
        value = json_text.load(text)
    except ValueError as error:
        raise InputError(f"{source}: expected JSON, but {error}") from None
    if too_large(text):
        raise InputError(f"{source}: expected at most {MAX_DATA_BYTES} bytes, but it has {len(text.encode())}")
    return value
