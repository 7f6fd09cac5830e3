from __future__ import annotations

from typing import Any

from everypath.replay.replayer import Replay
from everypath.report.difference import difference_as_data, difference_report
from everypath.tasks.scripted_outcomes import Return, Throw
from tests.unit.engine.machines import chain, task
from tests.unit.replay.recorded import again, recording

CATCH = [{"ErrorEquals": ["Busy"], "Next": "B"}]
RETRY = [{"ErrorEquals": ["Busy"], "MaxAttempts": 1}]
B = ("B", {"Type": "Pass", "End": True})
P = {"Type": "Pass", "Next": "A"}


def kinds(found: Replay) -> tuple[Any, Any]:
    assert found.difference is not None
    recorded, now = found.difference.recorded, found.difference.now
    return recorded and (recorded["id"], recorded["type"]), now and now["type"]


def test_another_state_is_a_difference_of_its_name() -> None:
    recorded = recording(chain(("A", task(Next="B")), B), None, {"A": [Return(1)]})
    found = again(recorded, chain(("A", task(Next="C")), ("C", {"Type": "Pass", "End": True})))
    assert kinds(found) == ((7, "PassStateEntered"), "PassStateEntered")
    assert found.difference and found.difference.fields == (("name", "B", "C"),)


def test_an_error_that_is_no_longer_caught_is_a_difference() -> None:
    recorded = recording(chain(("A", task(Catch=CATCH)), B), None, {"A": [Throw("Busy")]})
    assert kinds(again(recorded, chain(("A", task())))) == ((6, "TaskStateExited"), "ExecutionFailed")


def test_an_attempt_that_nobody_recorded_is_a_difference_and_ends_the_replay() -> None:
    recorded = recording(chain(("A", task())), None, {"A": [Throw("Busy")]})
    found = again(recorded, chain(("A", task(Retry=RETRY))))
    assert kinds(found) == ((6, "ExecutionFailed"), "LambdaFunctionScheduled")
    assert found.execution.status == "ABORTED"


def test_an_attempt_that_is_no_longer_made_is_a_difference() -> None:
    recorded = recording(chain(("A", task(Retry=RETRY))), None, {"A": [Throw("Busy"), Return(1)]})
    assert kinds(again(recorded, chain(("A", task())))) == ((6, "LambdaFunctionScheduled"), "ExecutionFailed")


def test_a_timeout_that_is_shorter_than_what_a_task_took_is_a_difference() -> None:
    recorded = recording(chain(("A", task(TimeoutSeconds=60))), None, {"A": [Return(1, seconds=30)]})
    found = again(recorded, chain(("A", task(TimeoutSeconds=20))))
    assert found.difference and found.difference.fields == (("timeoutInSeconds", 60, 20),)
    assert found.execution.error == "States.Timeout"


def test_data_that_is_another_is_named_by_its_place() -> None:
    recorded = recording(chain(("P", P | {"Result": {"a": {"b": [1, 2]}, "c": 1}}), ("A", task())))
    found = again(recorded, chain(("P", P | {"Result": {"a": {"b": [1, 3]}, "d": 1}}), ("A", task())))
    assert found.difference and found.difference.recorded and found.difference.recorded["id"] == 3
    assert [place for place, _, _ in found.difference.fields] == ["output.a.b[1]", "output.c", "output.d"]


def test_a_difference_in_an_iteration_names_the_iteration() -> None:
    def definition(after: dict[str, Any]) -> dict[str, Any]:
        inner = chain(("C", {"Type": "Choice", "Choices": [after], "Default": "A"}), ("A", task()), B)
        return chain(("M", {"Type": "Map", "ItemProcessor": inner, "End": True}))

    rule = {"Variable": "$", "NumericGreaterThan": 2, "Next": "B"}
    recorded = recording(definition(rule), [1, 2, 3], {"A": [Return("x"), Return("y")]})
    found = again(recorded, definition(rule | {"NumericGreaterThan": 1}))
    assert found.difference is not None
    assert found.difference.branch == ((1, "M [1]"),)
    assert "differs in M [1]" in difference_report(found)


def test_a_branch_that_is_no_longer_there_is_a_difference() -> None:
    def definition(*names: str) -> dict[str, Any]:
        return chain(("P", {"Type": "Parallel", "Branches": [chain((name, task())) for name in names], "End": True}))

    recorded = recording(definition("A", "B"), None, {"A": [Return(1)], "B": [Return(2)]})
    found = again(recorded, definition("A"))
    assert found.difference is not None
    assert (found.difference.branch, found.difference.now) == (((1, "B"),), None)
    assert "nothing more" in difference_report(found)


def test_the_first_difference_is_the_first_one_of_the_recorded_history() -> None:
    def definition(first: int, second: int) -> dict[str, Any]:
        slow = chain(("W", {"Type": "Wait", "Seconds": 9, "Next": "X"}), ("X", task(Parameters={"x": first})))
        quick = chain(("Y", task(Parameters={"y": second})))
        return chain(("P", {"Type": "Parallel", "Branches": [slow, quick], "End": True}))

    recorded = recording(definition(1, 1))
    found = again(recorded, definition(2, 2))
    assert found.difference and found.difference.fields == (("input.y", 1, 2),)


def test_the_report_shows_both_sides() -> None:
    recorded = recording(chain(("A", task(Catch=CATCH)), B), None, {"A": [Throw("Busy", "try later")]})
    text = difference_report(again(recorded, chain(("A", task()))))
    assert text.startswith("differs: history")
    assert ["TaskStateExited", "ExecutionFailed"] in [line.split()[1:] for line in text.splitlines()]
    assert "try later" in text


def test_the_report_of_the_same_path_says_how_it_ended() -> None:
    definition = chain(("A", task()))
    assert "same path: history\n  6 events, 1 transitions, FAILED" in difference_report(
        again(recording(definition, None, {"A": [Throw("Busy")]}), definition)
    )


def test_the_result_as_data_holds_both_events_and_the_fields() -> None:
    recorded = recording(chain(("A", task(Next="B")), B), None, {"A": [Return(1)]})
    data = difference_as_data(again(recorded, chain(("A", task(Next="C")), ("C", {"Type": "Pass", "End": True}))))
    assert (data["same"], data["recorded_end"]) == (False, "ExecutionSucceeded")
    assert data["difference"]["recorded"]["state"] == "B"
    assert data["difference"]["fields"] == [{"place": "name", "recorded": "B", "today": "C"}]
