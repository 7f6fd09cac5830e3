"""State machines with their revisions, versions and aliases, and activities."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from everypath.asl.tree import StateMachine as Tree
from everypath.server.inline_execution import runs_inline
from everypath.server.protocol import Json


@dataclass(frozen=True, slots=True)
class Revision:
    """A state machine as it was between two updates.

    Parameters
    ----------
    id : str or None
        None for the revision that the state machine was created with (recorded).
    definition, tree : str, StateMachine
        The definition, as text and parsed.
    role_arn, logging, tracing, encryption
        As requests give them, with defaults filled in.
    references : mapping
        The variables that each state reads.
    updated : float
        When the update was made.
    key : str
        Identifies the revision on disk.

    Attributes
    ----------
    inline : bool
        Whether its executions may run inline, see `everypath.server.inline_execution`.
    """

    id: str | None
    definition: str
    tree: Tree
    role_arn: str
    logging: Json
    tracing: Json
    encryption: Json
    references: Mapping[str, list[str]]
    updated: float
    key: str = field(default_factory=lambda: uuid.uuid4().hex, compare=False)
    inline: bool = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "inline", runs_inline(self.tree))

    def settings(self) -> tuple[Any, ...]:
        """What an update may change."""
        return self.definition, self.role_arn, self.logging, self.tracing, self.encryption


@dataclass(frozen=True, slots=True)
class Version:
    """A published revision."""

    arn: str
    number: int
    revision: Revision
    description: str | None
    created: float


@dataclass(frozen=True, slots=True)
class Alias:
    """A name for one version, or for two with weights.

    Parameters
    ----------
    routes : list of dict
        Its ``routingConfiguration``.
    """

    arn: str
    name: str
    description: str | None
    routes: list[Json]
    created: float
    updated: float


@dataclass(slots=True)
class MachineRecord:
    """A state machine.

    Parameters
    ----------
    last_version : int
        The number of the latest published version; numbers are not reused (recorded).
    """

    arn: str
    name: str
    type: str
    created: float
    revision: Revision
    last_version: int = 0
    versions: dict[int, Version] = field(default_factory=dict)
    aliases: dict[str, Alias] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class ActivityRecord:
    """An activity."""

    arn: str
    name: str
    created: float
    encryption: Json
    tags: dict[str, str] = field(default_factory=dict)
