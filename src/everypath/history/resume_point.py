"""Where an execution stands: what it takes to go on with it as if it had never been interrupted.

An execution that was interrupted (the process ended) or is redriven is not run again from its beginning: its lines go
on where they stand. What was done is in its history, which stays as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from everypath.history.outcome import Outcome

if TYPE_CHECKING:
    from everypath.history.log import Event


@dataclass(frozen=True, slots=True)
class Retried:
    """A retrier has taken an error.

    Parameters
    ----------
    entered : int
        The StateEntered event of the state.
    after : int
        The number of events that there were.
    retrier : int
        Its index.
    due : float
        When the next attempt begins.
    last : int
        The event that the next one follows from.
    """

    entered: int
    after: int
    retrier: int
    due: float
    last: int


@dataclass(frozen=True, slots=True)
class PendingAttempt:
    """An attempt of a Task that has been scheduled and has not ended.

    Parameters
    ----------
    id : int
        Of its …Scheduled event.
    scheduled : float
        When it was scheduled.
    details : dict
        Of that event.
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
class Done:
    """A line that has come to its end with an output.

    Parameters
    ----------
    last : int
        The event in which it left its last state.
    end : int
        Of an iteration, its MapIterationSucceeded event; otherwise as `last`.
    """

    output: Any
    last: int
    end: int


@dataclass(frozen=True, slots=True)
class ResumePoint:
    """The state in which a line stands.

    Parameters
    ----------
    state : str
        Its name.
    value : Any
        Its raw input.
    last : int
        The event that the next one follows from.
    entered, entered_previous, entered_at
        The id of its StateEntered event, the event that this follows from, and its time.
    assigned : mapping
        What this line has assigned to variables.
    retried : tuple of Retried
        In this visit of the state.
    pending : PendingAttempt or None
        Of a Task.
    started : int
        Of a Parallel or a Map, the …StateStarted event of its current attempt; 0 where there is none.
    map_run : str
        Of a Map, the ARN of the map run that it has started in its current attempt and that was not successful.
    branches : mapping of str to ResumePoint, Done or None
        Of a Parallel, its branches by their first states; of a Map, its iterations by ``STATE [INDEX]``. None for one
        that has begun and entered no state.
    redriven : bool
        Whether the state is to be done again, rather than gone on with.
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
        """When the next attempt begins, of a state that waits for it."""
        if not self.retried:
            return None
        latest = self.retried[-1]
        begun = max(self.pending.id if self.pending else 0, self.started)
        return latest.due if begun <= latest.after else None

    def anew(self) -> ResumePoint:
        """The same with nothing of the current attempt."""
        last = self.retried[-1].last if self.retried else self.last
        return replace(self, pending=None, started=0, map_run="", branches={}, last=last)


BranchProgress = ResumePoint | Done | None


@dataclass(frozen=True, slots=True)
class ResumeState:
    """What an execution that goes on has behind it.

    Parameters
    ----------
    events : list of Event
        Its history, to which what follows is appended.
    retried : list of Retried
        All that its retriers have taken.
    resume_point : ResumePoint, Done or None
        Where it stands; None where it has entered no state.
    started : float
        When it was started.
    redrives : int
        How often it was redriven.
    redriven : float or None
        When that was the last time.
    answers : mapping of str to Outcome
        Answers by task token that had arrived and are in no event.
    """

    events: list[Event]
    retried: list[Retried]
    resume_point: BranchProgress
    started: float
    redrives: int = 0
    redriven: float | None = None
    answers: Mapping[str, Outcome] = field(default_factory=dict)
