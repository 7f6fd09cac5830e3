"""The attempts of a state are the same for whoever reads a history."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from everypath import Attempt, Execution, Return, Throw
from everypath.asl.parser.definition import parse
from everypath.coverage.trace import trace
from everypath.history.attempts import HEARTBEAT, TIMEOUT
from everypath.history.described_execution import transitions_of
from everypath.history.visits import Visits
from everypath.replay.recording import read_recording
from everypath.replay.replayer import RecordedTasks, run_again
from everypath.report.difference import difference_report
from tests.unit.engine.machines import Echo, Outcomes, chain, run_machine, task
from tests.unit.history.generated import Generated, generated
from tests.unit.replay.recorded import events_of, history, redriven

QUERY = "States.QueryEvaluationError"
HANDLER = ("Handler", {"Type": "Pass", "End": True})


def jsonata(**fields: Any) -> dict[str, Any]:
    return task(QueryLanguage="JSONata", **fields)


def retry(name: str, attempts: int = 2) -> list[dict[str, Any]]:
    return [{"ErrorEquals": [name], "MaxAttempts": attempts}]


def catch(name: str = "States.ALL") -> list[dict[str, Any]]:
    return [{"ErrorEquals": [name], "Next": "Handler"}]


def events_in(execution: Execution) -> list[dict[str, Any]]:
    return execution.require_history().events


def facts(attempts: list[Attempt]) -> list[tuple[Any, ...]]:
    """What every reader must agree on."""
    return [(one.number, one.failed, one.succeeded, one.error, one.cause, one.output) for one in attempts]


def of_coverage(definition: dict[str, Any], execution: Execution, state: str) -> list[Attempt]:
    visits = trace(parse(definition), execution.status, [events_in(execution)]).visits
    attempts = [attempt for visit in visits if visit.name == state for attempt in visit.attempts]
    return sorted(attempts, key=lambda attempt: int(attempt.begun["id"]))


def of_replay(execution: Execution, state: str) -> list[Attempt]:
    """The attempts that a replay of the execution plays, in their order."""
    visits = Visits(read_recording([history(execution)]).events)
    played = RecordedTasks(visits.all, visits.branches, Echo()).attempts
    attempts = [attempt for (_, name), queue in played.items() if name == state for attempt in queue]
    return sorted(attempts, key=lambda attempt: int(attempt.begun["id"]))


# A result that cannot be made the state's output


def test_a_task_whose_output_fails_twice_has_two_failed_attempts_for_every_reader() -> None:
    definition = chain(("T", jsonata(Output="{% $missing %}", Retry=retry(QUERY, 1))))
    execution = run_machine(definition, {"x": 1})
    assert execution.status == "FAILED"
    attempts = execution.attempts("T")
    assert [(one.number, one.succeeded, one.error, one.output) for one in attempts] == [
        (1, False, QUERY, '{"x":1}'),
        (2, False, QUERY, '{"x":1}'),
    ]
    assert facts(of_coverage(definition, execution, "T")) == facts(attempts)
    assert facts(of_replay(execution, "T")) == facts(attempts)
    covered = trace(parse(definition), execution.status, [events_in(execution)]).covered
    assert covered == {"state:T", "retry:T/0/exhausted", "unhandled:T"}
    assert run_again(read_recording([history(execution)]), parse(definition), Echo()).same_path


def test_a_task_whose_output_fails_and_then_does_not_recovers() -> None:
    output = "{% $states.context.State.RetryCount = 2 ? 'done' : $missing %}"
    definition = chain(("T", jsonata(Output=output, Retry=retry(QUERY))))
    execution = run_machine(definition)
    assert [(one.failed, one.error) for one in execution.attempts("T")] == [(True, QUERY), (True, QUERY), (False, None)]
    covered = trace(parse(definition), execution.status, [events_in(execution)]).covered
    assert covered == {"state:T", "retry:T/0/last"}


def test_a_result_selector_that_fails_makes_a_failed_attempt() -> None:
    selector = {"x.$": "$.missing"}
    execution = run_machine(chain(("T", task(ResultSelector=selector, Catch=catch())), HANDLER))
    [attempt] = execution.attempts("T")
    assert (attempt.failed, attempt.error, attempt.output) == (True, "States.Runtime", "{}")
    assert attempt.cause == execution.cause
    assert attempt.has_unusable_result


def test_a_result_path_that_does_not_fit_makes_failed_attempts_though_no_event_tells() -> None:
    definition = chain(("T", task(ResultPath="$.a.b", Retry=retry("States.ALL", 1), Catch=catch())), HANDLER)
    execution = run_machine(definition, {"a": 1})
    assert execution.path == ("T", "Handler")
    assert [(one.failed, one.error) for one in execution.attempts("T")] == [
        (True, None),  # only the last error is passed on, to the handler
        (True, "States.ReferencePathConflict"),
    ]
    covered = trace(parse(definition), execution.status, [events_in(execution)]).covered
    assert covered == {"state:T", "retry:T/0/exhausted", "catch:T/0", "state:Handler"}


def test_an_error_that_the_task_was_given_is_no_error_of_its_result_path() -> None:
    given = {"Error": "States.ReferencePathConflict", "Cause": "of a state before"}
    [attempt] = run_machine(chain(("T", task(ResultPath="$.b"))), given).attempts("T")
    assert attempt.succeeded


@pytest.mark.parametrize("kind", ["Parallel", "Map"])
def test_an_output_of_a_parallel_or_map_that_fails_makes_a_failed_attempt(kind: str) -> None:
    inner = chain(("I", {"Type": "Pass", "End": True}))
    fields = {"Branches": [inner]} if kind == "Parallel" else {"Items": [1], "ItemProcessor": inner}
    state = {"Type": kind, "QueryLanguage": "JSONata", "Output": "{% $missing %}", "End": True, **fields}
    [attempt] = run_machine(chain(("S", state))).attempts("S")
    assert (attempt.failed, attempt.error, attempt.source) == (True, QUERY, None)
    assert attempt.has_unusable_result


def test_a_result_that_a_branch_cannot_use_fails_the_branch_and_its_parallel() -> None:
    branch = chain(("T", task(ResultSelector={"x.$": "$.missing"})))
    execution = run_machine(chain(("P", {"Type": "Parallel", "Branches": [branch], "End": True})))
    assert execution.error == "States.Runtime"
    for state in ("T", "P"):
        [attempt] = execution.attempts(state)
        assert (attempt.failed, attempt.error, attempt.cause) == (True, execution.error, execution.cause)


# What is an attempt, and what is not


def test_an_expression_that_fails_before_the_task_is_scheduled_makes_an_attempt() -> None:
    arguments = "{% $states.context.State.RetryCount = 0 ? $missing : {} %}"
    execution = run_machine(chain(("T", jsonata(Arguments=arguments, Retry=retry(QUERY)))))
    first, second = execution.attempts("T")
    assert (first.number, first.failed, first.was_scheduled, first.error) == (1, True, False, QUERY)
    assert (second.number, second.succeeded, second.was_scheduled) == (2, True, True)
    assert (second.scheduled - first.scheduled).total_seconds() == 1


def test_a_catcher_whose_output_fails_makes_no_attempt() -> None:
    catcher = catch()[0] | {"Output": "{% $missing %}"}
    execution = run_machine(chain(("T", jsonata(Catch=[catcher])), HANDLER), outcomes={"T": [Throw("E", "why")]})
    assert execution.error == QUERY
    assert [(one.error, one.cause) for one in execution.attempts("T")] == [("E", "why")]


def test_an_attempt_that_the_end_of_the_execution_cuts_off_has_neither_failed_nor_succeeded() -> None:
    definition = chain(("T", task()), TimeoutSeconds=5)
    execution = run_machine(definition, outcomes={"T": [Return(1, seconds=9)]})
    assert execution.status == "TIMED_OUT"
    [attempt] = execution.attempts("T")
    assert (attempt.failed, attempt.succeeded, attempt.is_cut_off, attempt.output) == (False, False, True, None)


@pytest.mark.parametrize(
    ("scripted", "expired"),
    [(Return(1, seconds=9, heartbeats=True), TIMEOUT), (Return(1, seconds=9), HEARTBEAT), (Throw("E", seconds=1), "")],
)
def test_an_attempt_tells_which_limit_has_passed(scripted: Return | Throw, expired: str) -> None:
    state = task(TimeoutSeconds=8, HeartbeatSeconds=3)
    [attempt] = run_machine(chain(("T", state)), outcomes={"T": [scripted]}).attempts("T")
    assert (attempt.failed, attempt.expired) == (True, expired)


def test_attempts_are_in_the_order_in_which_they_began_whatever_iteration_they_are_of() -> None:
    processor = chain(("T", task(Retry=[{"ErrorEquals": ["E"], "IntervalSeconds": 5}])))
    state = {"Type": "Map", "MaxConcurrency": 2, "ItemProcessor": processor, "End": True}
    outcomes: Outcomes = {"T": [Throw("E"), Return(1, seconds=2), Return(2), Return(3)]}
    attempts = run_machine(chain(("M", state)), [1, 2, 3], outcomes).attempts("T")
    assert [(one.number, one.error, one.output) for one in attempts] == [
        (1, "E", None), (1, None, "1"), (1, None, "2"), (2, None, "3"),
    ]  # fmt: skip


def test_an_evaluation_that_fails_in_one_of_several_iterations_is_an_attempt_in_that_one() -> None:
    processor = chain(("T", jsonata(Output="{% $states.result.value %}", Retry=retry(QUERY))))
    definition = chain(("M", {"Type": "Map", "ItemProcessor": processor, "End": True}))
    outcomes = {"T": [Return({}), Return({"value": 1}), Return({"value": 2}), Return({"value": 3})]}
    execution = run_machine(definition, [1, 2, 3], outcomes)
    attempts = {visit.index: facts(visit.attempts) for visit in Visits(events_in(execution)).all if visit.name == "T"}
    assert [len(attempts[index]) for index in range(3)] == [2, 1, 1]
    assert [one[1] for one in attempts[0]] == [True, False]


def test_a_parallel_inside_a_parallel_fails_the_one_around_it() -> None:
    inner = {"Type": "Parallel", "Branches": [chain(("T", task()))], "End": True}
    outer = {"Type": "Parallel", "Branches": [chain(("Inner", inner))], "End": True, "Retry": retry("E", 1)}
    execution = run_machine(chain(("Outer", outer)), outcomes={"T": [Throw("E"), Throw("E")]})
    assert [one.error for one in execution.attempts("Outer")] == ["E", "E"]
    sources = [one.source.name for one in execution.attempts("Outer") if one.source is not None]
    assert sources == ["Inner", "Inner"]


def test_a_branch_may_begin_with_a_state_that_is_called_like_an_iteration() -> None:
    branches = [chain(("Check [all]", task()))]
    execution = run_machine(
        chain(("P", {"Type": "Parallel", "Branches": branches, "End": True})), None, {"Check [all]": [Throw("E")]}
    )
    [attempt] = execution.attempts("P")
    assert (attempt.error, attempt.source and attempt.source.name) == ("E", "Check [all]")


def test_a_call_that_could_not_be_started_makes_a_failed_attempt() -> None:
    entered = {"name": "T", "input": "{}"}
    events = events_of(
        ("ExecutionStarted", 0, {"input": "{}"}),
        ("TaskStateEntered", 0, entered),
        ("LambdaFunctionScheduled", 2, {"input": "{}"}),
        ("LambdaFunctionStartFailed", 3, {"error": "Lambda.ServiceException", "cause": "gone"}),
        ("LambdaFunctionScheduled", 4, {"input": "{}"}),
    )
    [visit] = Visits(read_recording([events]).events).all
    assert [(one.failed, one.error) for one in visit.attempts] == [(True, "Lambda.ServiceException"), (False, None)]


# Redrives


def test_a_redrive_makes_another_attempt_of_the_task_and_lets_its_parallel_go_on_in_one() -> None:
    branch = chain(("T", task(Retry=retry("E", 1))))
    definition = chain(("P", {"Type": "Parallel", "Branches": [branch], "End": True}))
    recorded = redriven(definition, None, {"T": [Throw("E"), Throw("E"), Throw("E"), Return(1)]})
    attempts = {visit.name: visit.attempts for visit in Visits(recorded.events).all}
    assert [(one.redrives, one.error) for one in attempts["T"]] == [(0, "E"), (0, "E"), (1, "E"), (1, None)]
    assert [(one.redrives, one.error, one.succeeded) for one in attempts["P"]] == [(0, "E", False), (1, None, True)]
    covered = trace(parse(definition), "SUCCEEDED", [recorded.events]).covered
    assert {"retry:T/0/exhausted", "unhandled:T", "unhandled:P", "branch:P/0", "retry:T/0/first"} <= covered


# All readers, and the engine itself


def tasks_of(made: Generated) -> set[str]:
    return {visit.name for visit in Visits(made.events).all if visit.type == "Task"}


@given(seed=st.integers(0, 2**32), redrives=st.integers(0, 2))
@settings(max_examples=200, deadline=None)
def test_execution_coverage_and_replay_see_the_same_attempts(seed: int, redrives: int) -> None:
    made = generated(seed, redrives)
    for state in tasks_of(made):
        attempts = made.execution.attempts(state)
        assert facts(of_coverage(made.definition, made.execution, state)) == facts(attempts)
        assert facts(of_replay(made.execution, state)) == facts([one for one in attempts if one.was_scheduled])


@given(seed=st.integers(0, 2**32))
@settings(max_examples=200, deadline=None)
def test_the_attempts_that_are_read_are_those_that_the_engine_has_made(seed: int) -> None:
    made = generated(seed)
    visits = Visits(made.events).all
    scheduled = Counter((visit.name, one.number) for visit in visits for one in visit.attempts if one.was_scheduled)
    # A call is made a moment after its task was scheduled, unless a branch has failed by then.
    assert not Counter((call.state, call.attempt) for call in made.calls) - scheduled
    for visit in visits:
        retries = made.retried[visit.entered["id"]]
        # A retrier may have taken an error when the branch was stopped, before the next attempt began.
        waiting = visit.exited is None and retries == len(visit.attempts)
        assert retries == max(len(visit.attempts) - 1, 0) or waiting
        assert all(attempt.failed for attempt in visit.attempts[:-1])
    assert transitions_of(made.events) == made.execution.transitions


@given(seed=st.integers(0, 2**32), redrives=st.integers(0, 2))
@example(seed=10506, redrives=0)  # activities of the same state and input, some of them stopped before they began
@settings(max_examples=100, deadline=None)
def test_a_replay_of_the_attempts_takes_the_same_path(seed: int, redrives: int) -> None:
    made = generated(seed, redrives)
    replay = run_again(read_recording([history(made.execution)]), parse(made.definition), Echo())
    assert replay.same_path, difference_report(replay)
