"""The result of a run: the outcome of an execution, and what its history shows."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from everypath.errors import NotOnTargetError
from everypath.history.events import Event

if TYPE_CHECKING:
    from everypath.history.attempts import Attempt

_MILLISECOND, _MICROSECOND = 1e-3, 1e-6


@dataclass(frozen=True, slots=True)
class RecordedHistory:
    """The event history of a finished execution, with its path and its state transitions.

    Parameters
    ----------
    events : list of dict
        In the shape of boto3's GetExecutionHistory.
    path : tuple of str
        The names of the states, in the order in which they were entered.
    transitions : int
        State transitions as Standard workflows are charged for them: states entered, and retries.
    """

    events: list[Event]
    path: tuple[str, ...]
    transitions: int


@dataclass(frozen=True, slots=True)
class Execution:
    """A finished execution.

    Parameters
    ----------
    status : str
        ``SUCCEEDED``, ``FAILED``, ``TIMED_OUT`` or ``ABORTED``.
    output : Any
        The output as JSON data; None where there is none.
    error, cause : str or None
        Of a failed execution.
    history : RecordedHistory or None
        None where the target keeps none: only the embedded engine has the histories of Express workflows.
    logs : str
        What the functions that ran in this process wrote.
    virtual : bool
        Whether it is known that its clock is a virtual one, on which nothing takes time but what is waited for.
    no_history : str
        Why there is no history; the message of a `NotOnTargetError` begins with it.
    """

    arn: str
    name: str
    state_machine_arn: str
    status: str
    input: Any
    output: Any
    error: str | None
    cause: str | None
    start: datetime
    stop: datetime
    history: RecordedHistory | None
    logs: str = field(default="", repr=False)
    virtual: bool = field(default=False, repr=False, compare=False)
    no_history: str = field(default="", repr=False, compare=False)

    @property
    def succeeded(self) -> bool:
        """Whether the status is ``SUCCEEDED``."""
        return self.status == "SUCCEEDED"

    @property
    def has_history(self) -> bool:
        """Whether there are events, a path and attempts."""
        return self.events is not None

    @property
    def events(self) -> list[Event] | None:
        """The history in the shape of boto3's GetExecutionHistory; None where there is none."""
        return None if self.history is None else self.history.events

    @property
    def path(self) -> tuple[str, ...]:
        """The names of the states, in the order in which they were entered."""
        return self.require_history("path").path

    @property
    def transitions(self) -> int:
        """State transitions as Standard workflows are charged for them: states entered, and retries."""
        return self.require_history("transitions").transitions

    def require_history(self, wanted: str = "events") -> RecordedHistory:
        """Return the history.

        Parameters
        ----------
        wanted : str
            What is asked for, as the error names it.

        Raises
        ------
        NotOnTargetError
            There is no history.
        """
        if self.history is None:
            raise NotOnTargetError(f"{self.no_history}: there is no {wanted}")
        return self.history

    @property
    def elapsed(self) -> float:
        """Seconds of the execution's clock from start to stop."""
        return (self.stop - self.start).total_seconds()

    def waited(self, seconds: float, *, until: datetime | None = None) -> bool:
        """Whether what it waited for adds up to so many seconds: exactly on a virtual clock, at least on any other.

        Where time passes by itself, everything takes a little of it, and nobody knows how much.

        Parameters
        ----------
        until : datetime, optional
            When it had taken so long, such as an attempt's ``scheduled``; its end where it is left out.
        """
        passed = ((until or self.stop) - self.start).total_seconds()
        if self.virtual:
            return abs(passed - seconds) < _MICROSECOND
        # AWS records moments to the millisecond, which cuts off what is below.
        return passed > seconds - _MILLISECOND

    def took(self, seconds: float, *, until: datetime | None = None) -> bool:
        """Return what `waited` returns, under its name up to version 0.1."""
        warnings.warn(
            "Execution.took is now Execution.waited; the old name goes in 0.3", DeprecationWarning, stacklevel=2
        )
        return self.waited(seconds, until=until)

    @property
    def event_types(self) -> list[str]:
        """The types of the events, in order."""
        return [event["type"] for event in self.require_history().events]

    def entered(self, state: str) -> int:
        """How often a state was entered."""
        return self.path.count(state)

    def attempts(self, state: str) -> list[Attempt]:
        """Return the attempts of a Task, a Parallel or a Map in all its visits, in the order in which they began."""
        # What reads histories is loaded when one is to be read.
        from everypath.history.visits import Visits

        visits = Visits(self.require_history().events).all
        attempts = [attempt for visit in visits if visit.name == state for attempt in visit.attempts]
        return sorted(attempts, key=lambda attempt: attempt.begun["id"])

    def input_of(self, state: str) -> list[str]:
        """The JSON texts that a state was entered with, one for each visit."""
        events = self.require_history().events
        return [event["stateEnteredEventDetails"]["input"] for event in events if _names(event, "stateEntered", state)]

    def output_of(self, state: str) -> list[str]:
        """The JSON texts that a state was left with, one for each visit that ended."""
        events = self.require_history().events
        return [event["stateExitedEventDetails"]["output"] for event in events if _names(event, "stateExited", state)]

    def outcome(self) -> dict[str, Any]:
        """The status, with the output of a success, and with error and cause of everything else."""
        if self.succeeded:
            return {"status": self.status, "output": self.output}
        return {"status": self.status, "error": self.error, "cause": self.cause}

    def to_dict(self) -> dict[str, Any]:
        """What ``everypath run --json`` prints."""
        if self.history is None:
            return self.outcome() | {"elapsed_seconds": self.elapsed}
        return self.outcome() | {
            "path": list(self.history.path),
            "elapsed_seconds": self.elapsed,
            "transitions": self.history.transitions,
            "events": [event | {"timestamp": event["timestamp"].isoformat()} for event in self.history.events],
        }


def _names(event: Event, prefix: str, state: str) -> bool:
    return bool(event.get(f"{prefix}EventDetails", {}).get("name") == state)
