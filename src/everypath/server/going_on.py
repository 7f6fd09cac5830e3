"""Executions that go on where they stand: after a restart of the server, and when they are redriven."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from everypath.asl.error_catalog import RUNTIME
from everypath.history.branches import Branches
from everypath.history.resume import read_resume_point
from everypath.history.resume_point import ResumePoint, ResumeState
from everypath.server.mocking import mocks_for
from everypath.server.protocol import ApiError
from everypath.server.starting import launch

if TYPE_CHECKING:
    from everypath.engine.interpreter import Run
    from everypath.history.outcome import Outcome
    from everypath.history.resume_point import BranchProgress
    from everypath.server.execution import Execution
    from everypath.server.service import Service
    from everypath.tasks.mock_cases import Mocks


def go_on(service: Service, execution: Execution, answers: Mapping[str, Outcome]) -> None:
    """Let an execution go on that was interrupted; one of which nothing is known but that it was started, begins.

    Parameters
    ----------
    answers : mapping of str to Outcome
        Answers by task token that had arrived.
    """
    resume_point = read_resume_point(execution.events, execution.retried)
    counts = _invocations(execution)
    counts.subtract(_in_flight(resume_point))
    try:
        mocks = _mocks(service, execution, counts)
    except ApiError as error:
        # Nothing may be called that was mocked.
        _prepare(service, execution, resume_point, answers, None).fail(RUNTIME, error.message)
        execution.end()
        service.store.ended(execution)
        if service.store.state is not None:
            service.store.state.settle(execution)
        return
    # It may have been redriven and not yet have come to redrive its map runs.
    children = service.store.descendants_of(execution)
    launch(service, execution, _prepare(service, execution, resume_point, answers, mocks), children=children)


def redrive(service: Service, execution: Execution, resume_point: BranchProgress) -> None:
    """Let an execution that was not successful go on where it failed.

    Raises
    ------
    ApiError
        Its test case is not there any more.
    """
    store = service.store
    children = store.descendants_of(execution)
    counts: Counter[str] = Counter()
    if execution.case is not None:
        for each in (execution, *children.values()):
            counts.update(_invocations(each))
    mocks = _mocks(service, execution, counts)
    # That it has ended may be noted and not yet done: what is noted is done in order.
    store.note(store.goes_on, execution)
    run = _prepare(service, execution, resume_point, {}, mocks)
    launch(service, execution, run, children=children, redrive=True)


def _prepare(
    service: Service,
    execution: Execution,
    resume_point: BranchProgress,
    answers: Mapping[str, Outcome],
    mocks: Mocks | None,
) -> Run:
    redrives = execution.redrives
    resume_state = ResumeState(
        execution.events, execution.retried, resume_point, execution.started, redrives.count, redrives.date, answers
    )
    value, tree = json.loads(execution.input_text), execution.revision.tree
    run = service.executor.prepare(tree, value, execution.input_text, execution.identity, mocks, resume_state)
    run.map_runs.started = execution.map_runs
    execution.runs(run)
    return run


def _mocks(service: Service, execution: Execution, counts: Mapping[str, int]) -> Mocks | None:
    """What answers in the test case of an execution, after the invocations that it has behind it."""
    if execution.case is None:
        return None
    mocks = mocks_for(service, execution.identity.state_machine_name, execution.revision.tree, execution.case)
    mocks.skip(counts)
    return mocks


def _invocations(execution: Execution) -> Counter[str]:
    """How often each Task was scheduled."""
    found: Counter[str] = Counter()
    for branch in Branches(execution.events).all.values():
        found += branch.scheduled
    return found


def _in_flight(resume_point: BranchProgress) -> Iterator[str]:
    """The states whose calls are made again."""
    if isinstance(resume_point, ResumePoint):
        if resume_point.pending is not None:
            yield resume_point.state
        for member in resume_point.branches.values():
            yield from _in_flight(member)
