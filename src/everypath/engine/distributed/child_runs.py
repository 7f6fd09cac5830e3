"""The child executions of a map run: each an execution of its own, on the same scheduler and clock."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Coroutine, Sequence

from everypath.asl.tree import Map, StateMachine
from everypath.engine.child_result import ChildInput, ChildResult, Remains, Tolerance
from everypath.engine.context import MAX_EXPRESS_SECONDS, RunContext
from everypath.engine.data import to_text
from everypath.engine.identity import Identity
from everypath.engine.map_run import Changes, MapRun
from everypath.engine.scheduler import Job, Signal, Timer
from everypath.history.outcome import Failure

#: Runs the states of an execution and ends it; the interpreter has it.
MachineRunner = Callable[[RunContext], Coroutine[Signal, None, None]]

#: Child executions that run at the same time where MaxConcurrency is 0, and the most that there may be
#: (AWS: "Map state in Distributed mode").
MAX_CONCURRENCY = 10_000

#: Child executions are launched in waves of this size, and those that exist get this many turns before the next wave.
#: All that may run at the same time are launched at the same moment of virtual time; but where they take no time, only
#: few of them exist at once.
WAVE, TURNS = 100, 20


class ChildRuns:
    """Runs the child executions of a map run, until all have ended or too many items have failed.

    A child execution runs in one job. When it has ended, it and its history are freed, unless an observer keeps them.
    For that reason a Standard one has no timer: timers would keep 10,000 of them for a year of virtual time.

    Parameters
    ----------
    parent : RunContext
        The execution that the Map is part of.
    state : Map
        What is run for each input.
    map_run : MapRun
        Where they are counted.
    inputs : sequence
        Their inputs, with the number of items in each.
    tolerance : Tolerance
        How many items may fail.
    run_machine : MachineRunner
        Runs each of them.
    results : sequence of ChildResult or None, optional
        Of a map run that is redriven: how they had ended before. What succeeded is not run again.

    Attributes
    ----------
    results : list of ChildResult or None
        In the order of the inputs; None for those that have not ended.
    """

    def __init__(
        self,
        parent: RunContext,
        state: Map,
        map_run: MapRun,
        inputs: Sequence[ChildInput],
        tolerance: Tolerance,
        run_machine: MachineRunner,
        results: Sequence[ChildResult | None] | None = None,
    ) -> None:
        self.results: list[ChildResult | None] = [None] * len(inputs) if results is None else list(results)
        self.inputs = inputs
        self._parent = parent
        self._machine = StateMachine(graph=state.processor, jsonata=state.jsonata, express=state.express_children)
        self._map_run = map_run
        self._tolerance = tolerance
        self._run_machine = run_machine
        self._limit = _limit(map_run.max_concurrency)
        # By index, how those ended before that are pending redrive.
        self._before: dict[int, ChildResult] = {}
        self._jobs: dict[int, Job] = {}
        self._children: dict[int, RunContext] = {}
        self._over = Signal()
        self._launching: Job | None = None
        if results is None:
            map_run.executions.pending = len(inputs)
            map_run.items.pending = sum(number for _, number in inputs)
        else:
            self._select_redrivable()
        self._waiting = deque(index for index, result in enumerate(self.results) if result is None)

    def _select_redrivable(self) -> None:
        """Make those pending redrive that did not succeed and can be redriven; the result of the others is final."""
        redrivable = self._parent.map_runs.redrivable
        for index, result in enumerate(self.results):
            if result is None or result.failure is None or (redrivable is not None and not redrivable(result)):
                continue
            self._before[index] = result
            self.results[index] = None
            self._map_run.awaiting.add(result.identity.arn)
            self._count(index, result.status, "PENDING_REDRIVE")

    async def run(self) -> bool:
        """Run them; return whether no more failed than are tolerated. Those that still run are aborted."""
        try:
            # Those that cannot be redriven may be too many already.
            if self._has_failed():
                return False
            if not self._waiting:
                return True
            self._launching = self._parent.scheduler.spawn(self._launch_all())
            tolerated: bool = await self._over
        finally:
            if self._launching is not None:
                self._launching.cancel()
            self.abort()
        return tolerated

    def change(self, changes: Changes) -> None:
        """Continue with another concurrency, or other tolerated failures."""
        if changes.max_concurrency is not None:
            self._limit = _limit(changes.max_concurrency)
        before = self._tolerance
        count, percentage = changes.tolerated_failure_count, changes.tolerated_failure_percentage
        self._tolerance = Tolerance(
            before.count if count is None else count, before.percentage if percentage is None else percentage
        )
        if self._has_failed():
            self._fail()
        elif self._launching is not None and (self._launching.done or self._launching.cancelled):
            self._launching = self._parent.scheduler.spawn(self._launch_all())

    def remains(self) -> Remains:
        """Return what it takes to redrive the map run."""
        return Remains(self.inputs, self.results, self._tolerance)

    def abort(self) -> None:
        """Stop the children that still run, and start no others."""
        self._waiting.clear()
        for index, job in list(self._jobs.items()):
            child = self._children.get(index)
            if child is None:  # launched, but not begun
                del self._jobs[index]
                self._count(index, "RUNNING", "PENDING" if index not in self._before else "PENDING_REDRIVE")
            else:
                child.stop()
            job.cancel()
        # No child is pending redrive once the map run has ended (AWS: "Redriving Map Runs").
        for index, result in self._before.items():
            self.results[index] = result
            self._count(index, "PENDING_REDRIVE", result.status)
        self._before.clear()
        self._map_run.awaiting.clear()

    async def _launch_all(self) -> None:
        """Launch as many as may run at the same time; each that ends launches another one."""
        count = 0
        while self._waiting and len(self._jobs) < self._limit:
            self._launch()
            count += 1
            if count % WAVE == 0:
                for _ in range(TURNS):
                    await self._parent.scheduler.pause()

    def _launch(self) -> None:
        index = self._waiting.popleft()
        self._count(index, "PENDING" if index not in self._before else "PENDING_REDRIVE", "RUNNING")
        self._jobs[index] = self._parent.scheduler.spawn(self._run_child(index))

    async def _run_child(self, index: int) -> None:
        """Run a child execution, which is made only now that its turn has come."""
        child = self._children[index] = self._make(index)
        child.ended.then(lambda: self._ended(index))
        if child.history.events:
            child.redrive()
        else:
            child.begin()
        self._map_run.awaiting.discard(child.identity.arn)
        timer: Timer | None = None
        if self._machine.express:
            timer = child.scheduler.timer(MAX_EXPRESS_SECONDS)
            timer.then(child.time_out)
        try:
            await self._run_machine(child)
        finally:
            if timer:
                timer.stop()

    def _make(self, index: int) -> RunContext:
        parent, (value, items) = self._parent, self.inputs[index]
        before = self._before.pop(index, None)
        resume_state = None
        if before is not None and not self._machine.express and parent.map_runs.resume_state_of is not None:
            resume_state = parent.map_runs.resume_state_of(before, parent.scheduler.clock.now())
        identity = self._identity() if before is None else before.identity
        child = RunContext(
            self._machine, value, to_text(value), identity, parent.tasks, parent.scheduler, parent.random, resume_state
        )
        child.items = items
        child.map_runs.observe_as(parent.map_runs)
        if child.map_runs.on_child is not None:
            child.map_runs.on_child(self._map_run, child)
        return child

    def _identity(self) -> Identity:
        parent, name, map_run = self._parent.identity, self._parent.new_uuid(), self._map_run
        kind = "execution"
        ending = name
        if self._machine.express:
            kind, ending = "express", f"{name}:{self._parent.new_uuid()}"
        partition = parent.arn.split(":")[1]
        return Identity(
            name=name,
            arn=f"arn:{partition}:states:{parent.region}:{parent.account}:{kind}:{map_run.name}:{ending}",
            state_machine_name=map_run.name,
            state_machine_arn=map_run.state_machine_arn,
            role_arn=parent.role_arn,
            account=parent.account,
            region=parent.region,
        )

    def _ended(self, index: int) -> None:
        job, child = self._jobs.pop(index), self._children.pop(index)
        result = self.results[index] = _result_of(child)
        if not _is_running(job):  # it was ended from outside: stopped, or timed out
            job.cancel()
        self._count(index, "RUNNING", result.status)
        if self._has_failed():
            self._fail()
        elif self._waiting:
            if len(self._jobs) < self._limit:
                self._launch()
        elif not self._jobs:
            self._over.resolve(True)

    def _has_failed(self) -> bool:
        items = self._map_run.items
        return self._tolerance.exceeded(items.failed + items.timed_out, items.total)

    def _fail(self) -> None:
        self._waiting.clear()
        self._over.resolve(False)

    def _count(self, index: int, before: str, status: str) -> None:
        self._map_run.executions.recount(before, status, 1)
        self._map_run.items.recount(before, status, self.inputs[index][1])


def _limit(max_concurrency: int) -> int:
    return min(max_concurrency or MAX_CONCURRENCY, MAX_CONCURRENCY)


def _result_of(child: RunContext) -> ChildResult:
    outcome, now = child.outcome, child.scheduler.clock.now()
    failure = outcome if isinstance(outcome, Failure) else None
    output = None if isinstance(outcome, Failure) else outcome.output
    return ChildResult(child.identity, child.status, child.input, child.started, now, output, failure, child.redrives)


def _is_running(job: Job) -> bool:
    return bool(getattr(job.coroutine, "cr_running", False))
