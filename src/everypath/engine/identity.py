"""What an execution is called."""

from __future__ import annotations

from dataclasses import dataclass


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
