"""The names of state machines, executions and activities.

Source: ``name`` of CreateStateMachine, StartExecution and CreateActivity in the API reference.
"""

from __future__ import annotations

import re

LONGEST = 80
"""Characters."""

SPECIAL_CHARACTERS = r"""<>{}[]?*"#%\^|~`$&,;:/"""
"""The printable characters that a name may not have."""

_NAME = re.compile(
    rf"[^\s\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff\U0010ffff{re.escape(SPECIAL_CHARACTERS)}]{{1,{LONGEST}}}"
)


def is_resource_name(name: str) -> bool:
    """Tell whether a state machine, an execution or an activity may have a name."""
    return _NAME.fullmatch(name) is not None
