"""Branches and iterations that run at the same time, until all are done or one has failed."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any

from everypath.engine.cursor import Cursor
from everypath.engine.scheduler import Job, Scheduler, Signal
from everypath.history.outcome import Failure, Outcome
from everypath.history.resume_point import Done, Standing
from everypath.history.resume_point import Member as Stands


@dataclass(slots=True)
class Member:
    """One branch or iteration; `failure` is what it has failed with, `standing` where it goes on."""

    index: int
    cursor: Cursor
    standing: Standing | None = None
    job: Job | None = None
    failure: Failure | None = None


@dataclass(slots=True)
class Group:
    """The members of a Parallel or an inline Map while it runs.

    Parameters
    ----------
    start : callable
        Makes the member of an index; gets the event that it follows from.
    work : callable
        Returns the coroutine of a member.
    limit : int
        How many run at the same time.
    resume : callable, optional
        Makes the member of an index that has begun before an interruption.

    Attributes
    ----------
    outputs : list
        The outputs of the members that are done, in the order of their indices.
    active : dict of int to Member
        The members that have begun and not succeeded. Only those are kept: what thousands of iterations leave behind
        is theirs to free, and not the garbage collector's to search.
    last : int
        The last event of the member that was done last.
    """

    scheduler: Scheduler
    count: int
    limit: int
    start: Callable[[int, int], Member]
    work: Callable[[Member], Coroutine[Signal, None, Outcome]]
    resume: Callable[[int], Member] | None = None
    outputs: list[Any] = field(default_factory=list)
    active: dict[int, Member] = field(default_factory=dict)
    last: int = 0
    _begun: int = 0
    _left: int = 0
    _over: Signal = field(default_factory=Signal)

    async def run(self, first: int, begun: Mapping[int, Stands] | None = None) -> Member | None:
        """Run all members; return the first that failed, None where none did.

        Parameters
        ----------
        first : int
            The event that the first members follow from.
        begun : mapping of int to Standing, Done or None, optional
            The members that have begun before an interruption, and where they stand.
        """
        self.last = first
        self._left = self.count
        self.outputs = [None] * self.count
        members = [self._resume(index, standing) for index, standing in sorted((begun or {}).items())]
        if not self._left:
            return None
        active = [member for member in members if member is not None]
        # All first members begin before any of them does anything (recorded).
        room = min(self.limit - len(active), self.count - self._begun)
        for member in active + [self._begin(self.last) for _ in range(room)]:
            self._launch(member)
        try:
            failed: Member | None = await self._over
            if failed is not None:
                # What is due at this moment still happens: timeouts that fire together are all seen (recorded).
                await self.scheduler.timer(0)
        finally:
            for member in self.active.values():
                if member.job:
                    member.job.cancel()
        return failed

    def _resume(self, index: int, standing: Stands) -> Member | None:
        """Take up a member where it stands; None where it is done."""
        self._begun = index + 1
        if isinstance(standing, Done):
            self.outputs[index] = standing.output
            self._left -= 1
            self.last = max(self.last, standing.last)
            return None
        assert self.resume is not None
        member = self.active[index] = self.resume(index)
        member.standing = standing
        return member

    def _begin(self, previous: int) -> Member:
        member = self.active[self._begun] = self.start(self._begun, previous)
        self._begun += 1
        return member

    def _launch(self, member: Member) -> None:
        job = member.job = self.scheduler.spawn(self.work(member))
        job.then(lambda: self._done(member, job.value))

    def _done(self, member: Member, outcome: Outcome) -> None:
        member.job = None
        if isinstance(outcome, Failure):
            member.failure = outcome
            self._over.resolve(member)
            return
        del self.active[member.index]
        self.outputs[member.index] = outcome.output
        self._left -= 1
        self.last = member.cursor.last
        if self._left == 0:
            self._over.resolve(None)
        elif self._begun < self.count and not self._over.done:
            self._launch(self._begin(member.cursor.last))
