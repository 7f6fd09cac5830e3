"""Names of state machines, executions and activities."""

from __future__ import annotations

from everypath.asl.resource_names import is_resource_name
from everypath.server.protocol import ApiError


def check_name(name: str) -> None:
    """Check a name.

    Raises
    ------
    ApiError
        ``InvalidName``.
    """
    if not is_resource_name(name):
        raise ApiError("InvalidName", f"Invalid Name: '{name}'")
