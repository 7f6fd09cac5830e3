"""Branches and iterations that run at the same time, until all are done or one has failed."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any

from everypath.engine.cursor import Cursor
from everypath.engine.scheduler import Job, Scheduler, Signal
from everypath.history.outcome import Failure, Outcome
from everypath.history.resume_point import BranchProgress, Done, ResumePoint


@dataclass(slots=True)
class ConcurrentBranch:
    """One branch or iteration; `failure` is what it has failed with, `resume_point` where it goes on."""

    index: int
    cursor: Cursor
    resume_point: ResumePoint | None = None
    job: Job | None = None
    failure: Failure | None = None


@dataclass(slots=True)
class ConcurrentBranches:
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
    active : dict of int to ConcurrentBranch
        The members that have begun and not succeeded. Only those are kept: what thousands of iterations leave behind
        is theirs to free, and not the garbage collector's to search.
    last : int
        The last event of the member that was done last.
    """

    scheduler: Scheduler
    count: int
    limit: int
    start: Callable[[int, int], ConcurrentBranch]
    work: Callable[[ConcurrentBranch], Coroutine[Signal, None, Outcome]]
    resume: Callable[[int], ConcurrentBranch] | None = None
    outputs: list[Any] = field(default_factory=list)
    active: dict[int, ConcurrentBranch] = field(default_factory=dict)
    last: int = 0
    _begun: int = 0
    _left: int = 0
    _over: Signal = field(default_factory=Signal)

    async def run(self, first: int, begun: Mapping[int, BranchProgress] | None = None) -> ConcurrentBranch | None:
        """Run all members; return the first that failed, None where none did.

        Parameters
        ----------
        first : int
            The event that the first members follow from.
        begun : mapping of int to ResumePoint, Done or None, optional
            The members that have begun before an interruption, and where they stand.
        """
        self.last = first
        self._left = self.count
        self.outputs = [None] * self.count
        branches = [self._resume(index, resume_point) for index, resume_point in sorted((begun or {}).items())]
        if not self._left:
            return None
        active = [branch for branch in branches if branch is not None]
        # All first members begin before any of them does anything (recorded).
        room = min(self.limit - len(active), self.count - self._begun)
        for branch in active + [self._begin(self.last) for _ in range(room)]:
            self._launch(branch)
        try:
            failed: ConcurrentBranch | None = await self._over
            if failed is not None:
                # What is due at this moment still happens: timeouts that fire together are all seen (recorded).
                await self.scheduler.timer(0)
        finally:
            for branch in self.active.values():
                if branch.job:
                    branch.job.cancel()
        return failed

    def _resume(self, index: int, resume_point: BranchProgress) -> ConcurrentBranch | None:
        """Take up a member where it stands; None where it is done."""
        self._begun = index + 1
        if isinstance(resume_point, Done):
            self.outputs[index] = resume_point.output
            self._left -= 1
            self.last = max(self.last, resume_point.last)
            return None
        assert self.resume is not None
        branch = self.active[index] = self.resume(index)
        branch.resume_point = resume_point
        return branch

    def _begin(self, previous: int) -> ConcurrentBranch:
        branch = self.active[self._begun] = self.start(self._begun, previous)
        self._begun += 1
        return branch

    def _launch(self, branch: ConcurrentBranch) -> None:
        job = branch.job = self.scheduler.spawn(self.work(branch))
        job.then(lambda: self._done(branch, job.value))

    def _done(self, branch: ConcurrentBranch, outcome: Outcome) -> None:
        branch.job = None
        if isinstance(outcome, Failure):
            branch.failure = outcome
            self._over.resolve(branch)
            return
        del self.active[branch.index]
        self.outputs[branch.index] = outcome.output
        self._left -= 1
        self.last = branch.cursor.last
        if self._left == 0:
            self._over.resolve(None)
        elif self._begun < self.count and not self._over.done:
            self._launch(self._begin(branch.cursor.last))
