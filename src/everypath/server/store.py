"""What the server knows: state machines with their versions and aliases, executions and activities.

Only the thread of the event loop reads and writes it, so it needs no locks.
"""

from __future__ import annotations

import uuid
from collections import OrderedDict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from everypath.asl.tree import StateMachine as Tree
from everypath.engine.distributed.map_run import MapRun
from everypath.server.brief import is_brief
from everypath.server.execution import Execution
from everypath.server.protocol import Json

if TYPE_CHECKING:
    from everypath.server.state import State

#: Executions that have ended and are kept; older ones are forgotten, so that a server may run for weeks.
KEPT = 1000
#: The same for the child executions of distributed Maps.
KEPT_CHILDREN = 10_000


@dataclass(frozen=True, slots=True)
class Revision:
    """A state machine as it was between two updates.

    Parameters
    ----------
    id : str or None
        None for what the state machine was created with (recorded).
    definition, tree : str, StateMachine
        As text and parsed.
    role_arn, logging, tracing, encryption
        As requests give them, defaults filled in.
    references : mapping
        The variables that each state reads.
    updated : float
        Since when it holds.
    key : str
        What it is called on disk.

    Attributes
    ----------
    brief : bool
        Whether its executions are over soon.
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
    brief: bool = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "brief", is_brief(self.tree))

    def same_as(self, other: Revision) -> bool:
        """Whether an update from one to the other changes nothing."""
        return self.settings() == other.settings()

    def settings(self) -> tuple[Any, ...]:
        """What an update may change."""
        return self.definition, self.role_arn, self.logging, self.tracing, self.encryption

    def described(self) -> Json:
        """What every description of it holds."""
        found: Json = {
            "definition": self.definition,
            "roleArn": self.role_arn,
            "loggingConfiguration": self.logging,
            "tracingConfiguration": self.tracing,
            "encryptionConfiguration": self.encryption,
        }
        if self.id is not None:
            found["revisionId"] = self.id
        if self.references:
            found["variableReferences"] = dict(self.references)
        return found


@dataclass(frozen=True, slots=True)
class Version:
    """A revision that was published."""

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
class Machine:
    """A state machine.

    Parameters
    ----------
    last_version : int
        The number of the version that was published last; numbers are never used again (recorded).
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
class Activity:
    """Work that somebody outside asks for."""

    arn: str
    name: str
    created: float
    encryption: Json
    tags: dict[str, str] = field(default_factory=dict)


class Store:
    """Everything by its ARN.

    Parameters
    ----------
    state : State, optional
        Where it is kept on disk.
    """

    def __init__(self, state: State | None = None) -> None:
        self.state = state
        self.machines: dict[str, Machine] = {}
        self.activities: dict[str, Activity] = {}
        self.executions: dict[str, Execution] = {}
        self._notes: deque[tuple[Callable[[Execution], None], Execution]] = deque()
        self._ended: OrderedDict[str, Execution] = OrderedDict()
        self._ended_children: OrderedDict[str, Execution] = OrderedDict()
        # By what they are listed by: the ARN of their state machine or of their map run.
        self._listed: dict[str, dict[str, Execution]] = {}

    def note(self, what: Callable[[Execution], None], execution: Execution) -> None:
        """Have something noted of an execution before the next request is answered; from any thread."""
        self._notes.append((what, execution))

    def catch_up(self) -> None:
        """Do what was noted: nobody sees the store between two requests, and to be woken up costs more than it."""
        while self._notes:
            what, execution = self._notes.popleft()
            what(execution)

    def add_execution(self, execution: Execution) -> None:
        """Remember an execution."""
        self.executions[execution.arn] = execution
        self._listed.setdefault(_lister(execution), {})[execution.arn] = execution

    def changed(self, arn: str) -> None:
        """Keep a state machine or an activity as it is now, or is no longer; other ARNs do not matter."""
        if self.state is None:
            return
        unqualified = ":".join(arn.split(":")[:7])
        if ":stateMachine:" in unqualified:
            self.state.keep_machine(unqualified, self.machines.get(unqualified))
        elif ":activity:" in unqualified:
            self.state.keep_activity(unqualified, self.activities.get(unqualified))

    def executions_of(self, machine_arn: str) -> list[Execution]:
        """The executions of a state machine, the newest first."""
        return list(reversed(self._listed.get(machine_arn, {}).values()))

    def children_of(self, map_run: MapRun) -> list[Execution]:
        """The child executions of a map run, the newest first."""
        return self.executions_of(map_run.arn)

    def ended(self, execution: Execution) -> None:
        """Note that an execution has ended, and forget the one that ended first where too many are kept."""
        ended, most = self._those_like(execution)
        ended[execution.arn] = execution
        if len(ended) > most:
            self._forget(ended.popitem(last=False)[1])

    def goes_on(self, execution: Execution) -> None:
        """Note that an execution that had ended goes on; a child may have been forgotten meanwhile."""
        self._those_like(execution)[0].pop(execution.arn, None)
        self.add_execution(execution)

    def descendants_of(self, execution: Execution) -> dict[str, Execution]:
        """The child executions of all map runs of an execution, and theirs, by their ARNs."""
        found: dict[str, Execution] = {}
        for map_run in execution.map_runs:
            for child in self._listed.get(map_run.arn, {}).values():
                found[child.arn] = child
                found |= self.descendants_of(child)
        return found

    def remove_machine(self, machine: Machine) -> None:
        """Forget a state machine and its executions."""
        del self.machines[machine.arn]
        for execution in self.executions_of(machine.arn):
            self._forget(execution)

    def _those_like(self, execution: Execution) -> tuple[OrderedDict[str, Execution], int]:
        """Those that have ended, among which an execution is, and how many of them are kept."""
        if execution.map_run is not None:
            return self._ended_children, KEPT_CHILDREN
        return self._ended, KEPT

    def _forget(self, execution: Execution) -> None:
        if self.executions.get(execution.arn) is not execution:
            return
        del self.executions[execution.arn]
        if self.state is not None:
            self.state.forget(execution)
        lister = _lister(execution)
        listed = self._listed[lister]
        del listed[execution.arn]
        if not listed:
            del self._listed[lister]
        for map_run in execution.map_runs:
            for child in self.children_of(map_run):
                self._forget(child)


def _lister(execution: Execution) -> str:
    return execution.map_run.arn if execution.map_run else execution.machine_arn
