"""What Express workflows do not have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from everypath.errors import NotOnTargetError

if TYPE_CHECKING:
    from everypath.machine import Machine


def require_history(machine: Machine, target: str) -> None:
    """Refuse an Express workflow: the API keeps no history of its executions, at AWS it is in CloudWatch Logs."""
    if machine.state_machine.type == "EXPRESS":
        raise NotOnTargetError(f"{machine.name}: is an Express workflow, of whose executions {target} keeps no history")
