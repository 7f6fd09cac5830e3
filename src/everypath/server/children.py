"""The child executions of distributed Maps: kept while they run, and taken up again where their map run is redriven."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from everypath.server.execution import Execution, Redrives
from everypath.server.redriving import is_final

if TYPE_CHECKING:
    from everypath.engine.context import MapRuns, RunContext
    from everypath.engine.distributed.child_result import ChildResult
    from everypath.engine.distributed.map_run import MapRun
    from everypath.history.resume_point import ResumeState
    from everypath.server.service import Service


class Children:
    """The child executions of an execution, which run in its thread; all methods are called there.

    Parameters
    ----------
    parent : Execution
        What they are part of.
    changed : dict of Execution to None
        Those with events that the state has not been told of.
    known : mapping of str to Execution
        By their ARNs, those that there were before it was redriven.
    """

    def __init__(
        self, service: Service, parent: Execution, changed: dict[Execution, None], known: Mapping[str, Execution]
    ) -> None:
        self._service = service
        self._parent = parent
        self._changed = changed
        self._known = known

    def observe(self, map_runs: MapRuns) -> None:
        """Be told of the children of some map runs, and asked for what they have behind them."""
        map_runs.on_child, map_runs.redrivable = self.adopt, self.redrivable
        map_runs.resume_state_of = self.resume_state_of

    def adopt(self, map_run: MapRun, run: RunContext) -> None:
        """Keep a child execution that begins or is redriven."""
        if run.machine.express:  # it cannot be listed or described
            return
        store, child = self._service.store, self._known.get(run.identity.arn)
        if child is None:
            child = Execution.of(run, self._parent.revision, run.input_text, map_run=map_run, items=run.items)
            store.note(store.add_execution, child)
        else:
            run.map_runs.started = child.map_runs
            child.runs(run)
            store.note(store.goes_on, child)
        if store.state is not None:
            store.state.keep_execution(child)
            store.state.watch(child, run, self._changed)

        def finish() -> None:
            store.note(store.ended, child)
            child.end()

        run.ended.then(finish)

    def redrivable(self, result: ChildResult) -> bool:
        """Whether a child execution that did not succeed can be redriven; one of which nothing is kept begins anew."""
        child = self._known.get(result.identity.arn)
        return child is None or not is_final(child)

    def resume_state_of(self, result: ChildResult, now: float) -> ResumeState | None:
        """Return what was recorded of a child execution that is redriven now."""
        # What reads histories is loaded when one is to be read.
        from everypath.history.resume import read_resume_point
        from everypath.history.resume_point import ResumeState

        child = self._known.get(result.identity.arn)
        if child is None:
            return None
        child.redrives = Redrives(child.redrives.count + 1, now)
        resume_point = read_resume_point(child.events, child.retried, redrive=True)
        return ResumeState(child.events, child.retried, resume_point, child.started, child.redrives.count, now)
