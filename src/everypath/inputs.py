"""What starts an execution: an input, and a name. What is wrong with them is an `InputError`."""

from __future__ import annotations

import json
import re
from typing import Any

from everypath.engine.data import MAX_DATA_BYTES, to_text, too_large
from everypath.errors import InputError

#: What the name of an execution may not have (AWS: StartExecution).
_REFUSED = r"""<>{}[]?*"#%\^|~`$&,;:/"""
_NAME = re.compile(rf"[^\s\x00-\x1f\x7f-\x9f{re.escape(_REFUSED)}]{{1,80}}")


def require_name(name: str) -> None:
    """Refuse what cannot be the name of an execution."""
    if not _NAME.fullmatch(name):
        raise InputError(f"name: expected 1 to 80 characters without blanks or any of {_REFUSED}, but got {name!r}")


def input_text(value: Any) -> str:
    """Return an input as JSON text; that of ``{}`` for None."""
    try:
        return to_text({} if value is None else value)
    except (TypeError, ValueError) as error:
        raise InputError(f"input: expected JSON data, but {error}") from None


def input_value(text: str, source: str) -> Any:
    """Return the data of an input that is given as JSON text."""
    try:
        value = json.loads(text, parse_constant=_refuse_constant)
    except ValueError as error:
        raise InputError(f"{source}: expected JSON, but {error}") from None
    if too_large(text):
        raise InputError(f"{source}: expected at most {MAX_DATA_BYTES} bytes, but it has {len(text.encode())}")
    return value


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")
