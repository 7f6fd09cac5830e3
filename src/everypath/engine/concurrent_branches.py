"""Branches of a Parallel and iterations of an inline Map; they run at the same time until all are done or one fails."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any

from everypath.asl.tree import Map, Parallel, StateGraph, Task, Wait
from everypath.engine.cursor import Cursor
from everypath.engine.scheduler import Job, Scheduler, Signal
from everypath.history.outcome import Failure, Outcome
from everypath.history.resume_point import BranchProgress, FinishedBranch, ResumePoint

#: Runs the states of a branch from an input, or from where it is resumed; the interpreter has it.
GraphRunner = Callable[[StateGraph, Cursor, Any, BranchProgress], Coroutine[Signal, None, Outcome]]


@dataclass(slots=True)
class ConcurrentBranch:
    """One branch or iteration; `failure` is what it has failed with, `resume_point` where it is resumed."""

    index: int
    cursor: Cursor
    resume_point: ResumePoint | None = None
    job: Job | None = None
    failure: Failure | None = None


@dataclass(slots=True)
class ConcurrentBranches:
    """The branches of a Parallel, or the iterations of an inline Map, while it runs.

    Parameters
    ----------
    start : callable
        Makes the branch of an index; gets the event that it follows from.
    work : callable
        Returns the coroutine of a branch.
    limit : int
        How many run at the same time.
    resume : callable, optional
        Makes the branch of an index that had begun before an interruption.

    Attributes
    ----------
    outputs : list
        The outputs of the branches that are done, in the order of their indices.
    active : dict of int to ConcurrentBranch
        The branches that have begun and not succeeded. Only those are kept, so that what thousands of iterations leave
        behind is freed at once and the garbage collector need not search it.
    last : int
        The last event of the branch that was done last.
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
        """Run all branches; return the first that failed, None where none did.

        Parameters
        ----------
        first : int
            The event that the first branches follow from.
        begun : mapping of int to ResumePoint, FinishedBranch or None, optional
            The branches that had begun before an interruption, and where each is resumed.
        """
        self.last = first
        self._left = self.count
        self.outputs = [None] * self.count
        branches = [self._resume(index, resume_point) for index, resume_point in sorted((begun or {}).items())]
        if not self._left:
            return None
        active = [branch for branch in branches if branch is not None]
        # All first branches begin before any of them does anything (recorded).
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
        """Return the branch of an index that had begun before an interruption; None where it is done."""
        self._begun = index + 1
        if isinstance(resume_point, FinishedBranch):
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


def abort_state(cursor: Cursor, previous: int) -> None:
    """Write that the state which a branch is in is aborted, as another branch has failed, if such a state can be.

    A Task whose error ends its branch is aborted too; a Fail state or a failed Pass is not (recorded).
    """
    state = cursor.state
    if isinstance(state, (Task, Wait)) or (isinstance(state, (Map, Parallel)) and not _has_failed(cursor)):
        cursor.run.history.add(f"{type(state).__name__}StateAborted", previous)


def _has_failed(cursor: Cursor) -> bool:
    events = cursor.run.history.events
    return cursor.last > 0 and events[cursor.last - 1]["type"] in ("MapStateFailed", "ParallelStateFailed")
