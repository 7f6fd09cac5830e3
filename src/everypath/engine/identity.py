"""What an execution is called."""

from __future__ import annotations

from dataclasses import dataclass


def execution_arn(state_machine_arn: str, name: str, express_id: str | None = None) -> str:
    """Return the ARN of an execution; that of an Express one has an id after the name (recorded)."""
    if express_id is None:
        return f"{state_machine_arn.replace(':stateMachine:', ':execution:', 1)}:{name}"
    return f"{state_machine_arn.replace(':stateMachine:', ':express:', 1)}:{name}:{express_id}"


@dataclass(frozen=True, slots=True)
class Identity:
    """The names of an execution and of its state machine, and the account and region that they are in."""

    name: str
    arn: str
    state_machine_name: str
    state_machine_arn: str
    role_arn: str | None
    account: str
    region: str
