"""The names of targets: ``embedded``, a URL, ``aws:STACK``."""

from __future__ import annotations

import math
import os
import re
from typing import TYPE_CHECKING

from everypath.errors import InputError

if TYPE_CHECKING:
    from everypath.api import Target

EMBEDDED = "embedded"
#: Seconds that an execution on a target may take.
TIME_LIMIT = 300.0
_AWS = "aws:"


def parse_target(
    text: str, *, mock_config: str | os.PathLike[str] | None = None, limit: float = TIME_LIMIT
) -> Target | None:
    """Return the target with a name; None for the embedded engine.

    Parameters
    ----------
    mock_config : path, optional
        The mock configuration that an endpoint reads; scripted faults are injected through it.
    limit : float
        Seconds that an execution may take.

    Raises
    ------
    InputError
        The name is not that of a target.
    """
    if not math.isfinite(limit) or limit <= 0:
        raise InputError(f"the time limit: expected seconds above 0, but got {limit:g}")
    endpoint = re.match(r"https?://[^/\s]+", text) is not None
    if mock_config is not None and not endpoint:
        raise InputError(f"a mock configuration is read by an endpoint, and {text!r} is none")
    if endpoint:
        from everypath.targets.endpoint import Endpoint

        return Endpoint(text, mock_config=mock_config, limit=limit)
    if text.startswith(_AWS) and len(text) > len(_AWS):
        from everypath.targets.stack import Stack

        return Stack(text.removeprefix(_AWS), limit=limit)
    if text != EMBEDDED:
        raise InputError(
            f"the target: expected {EMBEDDED}, a URL such as http://127.0.0.1:8083, or {_AWS}STACK, but got {text!r}"
        )
    return None
