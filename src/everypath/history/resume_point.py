"""The point at which an execution is resumed: how far its branches have come, and which calls are pending.

An execution that was interrupted, because the process ended, or that is redriven does not run again from its beginning:
its branches are resumed, and its history stays as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from everypath.history.outcome import Outcome

if TYPE_CHECKING:
    from everypath.history.events import Event


@dataclass(frozen=True, slots=True)
class Retried:
    """An error that a retrier has taken; no event says so.

    Parameters
    ----------
    entered : int
        The id of the state's StateEntered event.
    after : int
        The number of events in the history at that time.
    retrier : int
        The retrier's index.
    due : float
        When the next attempt begins.
    last : int
        The id of the event that the next event follows from.
    """

    entered: int
    after: int
    retrier: int
    due: float
    last: int


@dataclass(frozen=True, slots=True)
class PendingAttempt:
    """An attempt of a Task that was scheduled and has not ended.

    Parameters
    ----------
    id : int
        The id of its …Scheduled event.
    scheduled : float
        When it was scheduled.
    details : dict
        The details of that event.
    started : bool
        Whether its …Started event was written.
    submitted : dict or None
        The details of its TaskSubmitted event.
    """

    id: int
    scheduled: float
    details: dict[str, Any]
    started: bool = False
    submitted: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class FinishedBranch:
    """A branch that has succeeded.

    Parameters
    ----------
    output : Any
        Its output.
    last : int
        The id of the event with which it left its last state.
    end : int
        Of an iteration, the id of its MapIterationSucceeded event; otherwise the same as `last`.
    """

    output: Any
    last: int
    end: int


@dataclass(frozen=True, slots=True)
class ResumePoint:
    """The state in which a branch is to be resumed.

    Parameters
    ----------
    state : str
        The state's name.
    value : Any
        Its raw input.
    last : int
        The id of the event that the branch's next event follows from.
    entered, entered_previous, entered_at
        The id of its StateEntered event, the id of the event that this one follows from, and its time.
    assigned : mapping
        The variables that this branch has assigned.
    retried : tuple of Retried
        The errors that its retriers have taken in this visit.
    pending : PendingAttempt or None
        Of a Task, the attempt that has not ended.
    started : int
        Of a Parallel or a Map, the id of the …StateStarted event of its current attempt; 0 where there is none.
    map_run : str
        Of a Map, the ARN of the map run that it has started in its current attempt and that did not succeed.
    branches : mapping of str to BranchProgress
        Of a Parallel, its branches by their first states; of a Map, its iterations by ``STATE [INDEX]``. None for one
        that has begun and entered no state.
    redriven : bool
        Whether the state is run again, as in a redrive, rather than resumed.
    """

    state: str
    value: Any
    last: int
    entered: int
    entered_previous: int
    entered_at: float
    assigned: Mapping[str, Any] = field(default_factory=dict)
    retried: tuple[Retried, ...] = ()
    pending: PendingAttempt | None = None
    started: int = 0
    map_run: str = ""
    branches: Mapping[str, BranchProgress] = field(default_factory=dict)
    redriven: bool = False

    @property
    def due(self) -> float | None:
        """When the next attempt begins, where the state waits for it."""
        if not self.retried:
            return None
        latest = self.retried[-1]
        begun = max(self.pending.id if self.pending else 0, self.started)
        return latest.due if begun <= latest.after else None

    def anew(self) -> ResumePoint:
        """Return the same without the current attempt."""
        last = self.retried[-1].last if self.retried else self.last
        return replace(self, pending=None, started=0, map_run="", branches={}, last=last)


BranchProgress = ResumePoint | FinishedBranch | None


@dataclass(frozen=True, slots=True)
class ResumeState:
    """What an execution is resumed with.

    Parameters
    ----------
    events : list of Event
        Its history, to which the new events are appended.
    retried : list of Retried
        All errors that its retriers have taken.
    resume_point : BranchProgress
        Where it is resumed; None where it has entered no state.
    started : float
        When it was started.
    redrives : int
        How often it was redriven.
    redriven : float or None
        When it was redriven last.
    answers : mapping of str to Outcome
        Answers by task token that had arrived and are in no event yet.
    """

    events: list[Event]
    retried: list[Retried]
    resume_point: BranchProgress
    started: float
    redrives: int = 0
    redriven: float | None = None
    answers: Mapping[str, Outcome] = field(default_factory=dict)
