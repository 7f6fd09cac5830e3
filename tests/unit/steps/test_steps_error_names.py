"""Error names: exception classes and strings in ErrorEquals."""

from __future__ import annotations

from typing import Any

import pytest

from everypath.steps import Catch, Fail, Retry, StateMachine, StepError, Task

ARN = "arn:aws:lambda:us-east-1:123456789012:function:F"


class TooManyRequestsException(Exception):
    pass


class Outer:
    class NestedError(Exception):
        pass


# The same bare name as above, as two functions of one application can have it.
Other = type("TooManyRequestsException", (Exception,), {"__module__": "other"})


def with_retries(*error_equals: Any) -> Task:
    return Task("Call API", resource=ARN, retry=[Retry(error_equals=names) for names in error_equals], end=True)


def with_catches(*error_equals: Any) -> Task:
    catch = [Catch(error_equals=names, next_step=Fail("F")) for names in error_equals]
    return Task("Call API", resource=ARN, catch=catch, end=True)


def test_a_class_is_rendered_as_its_bare_name_as_lambda_reports_it() -> None:
    state = with_retries([TooManyRequestsException, Outer.NestedError, ValueError, "Lambda.Unknown"])
    assert state.to_dict()["Retry"][0]["ErrorEquals"] == [
        "TooManyRequestsException",
        "NestedError",
        "ValueError",
        "Lambda.Unknown",
    ]


def test_a_base_class_stands_for_its_own_name_only() -> None:
    # Step Functions knows no inheritance.
    assert with_catches([Exception]).to_dict()["Catch"][0]["ErrorEquals"] == ["Exception"]


@pytest.mark.parametrize(
    "name", ["States.ALL", "States.ReferencePathConflict", "States.Http.Socket", "Lambda.Unknown", "State.ALL", "Mine"]
)
@pytest.mark.parametrize("kind", ["Retry", "Catch"])
def test_every_name_is_taken_as_aws_takes_it(kind: str, name: str) -> None:
    make = with_retries if kind == "Retry" else with_catches
    definition = StateMachine(make([name])).to_definition()
    assert definition["States"]["Call API"][kind][0]["ErrorEquals"] == [name]


@pytest.mark.parametrize(
    ("errors", "message"),
    [
        ([], "ErrorEquals: Value cannot be empty"),
        ("States.ALL", "ErrorEquals must be a list of exception classes and error names, got 'States.ALL'"),
        (ValueError, "ErrorEquals must be a list of exception classes and error names, got <class 'ValueError'>"),
        ([ValueError()], "ErrorEquals must hold exception classes and error names, got ValueError()"),
        ([int], "ErrorEquals must hold exception classes and error names, got <class 'int'>"),
        (["A", "States.ALL"], "ErrorEquals[1]: States.ALL must appear alone and at end of list (got 'States.ALL')"),
    ],
)
@pytest.mark.parametrize("kind", ["Retry", "Catch"])
def test_wrong_error_names_are_refused(kind: str, errors: Any, message: str) -> None:
    make = with_retries if kind == "Retry" else with_catches
    with pytest.raises(StepError) as refusal:
        make(errors)
    assert str(refusal.value).startswith(f"Task 'Call API': {kind}[0].{message}")


def test_two_classes_of_one_name_in_a_list_are_named_with_their_modules() -> None:
    message = (
        r"Retry\[0\].ErrorEquals has a second class called 'TooManyRequestsException' \(from .*error_names and other\)"
    )
    with pytest.raises(StepError, match=message):
        with_retries([TooManyRequestsException, Other])


@pytest.mark.parametrize(("kind", "make"), [("Retry", with_retries), ("Catch", with_catches)])
def test_two_classes_of_one_name_in_one_state_cannot_be_told_apart(kind: str, make: Any) -> None:
    message = (
        rf"{kind}\[1\].ErrorEquals has a second class called 'TooManyRequestsException' "
        r"\(from .*error_names and other\): Step Functions sees the bare name only"
    )
    with pytest.raises(StepError, match=message):
        make([TooManyRequestsException], [Other])


def test_two_classes_of_one_name_in_two_states_are_two_errors() -> None:
    first, second = with_retries([TooManyRequestsException]), with_retries([Other])
    assert first is not second


def test_one_class_can_be_retried_and_caught() -> None:
    state = Task(
        "Call API",
        resource=ARN,
        retry=Retry(error_equals=[TooManyRequestsException]),
        catch=Catch(error_equals=[TooManyRequestsException], next_step=Fail("F")),
        end=True,
    )
    found = StateMachine(state).to_definition()["States"]["Call API"]
    assert found["Retry"][0]["ErrorEquals"] == found["Catch"][0]["ErrorEquals"] == ["TooManyRequestsException"]


@pytest.mark.parametrize(("kind", "make"), [("Retry", with_retries), ("Catch", with_catches)])
def test_states_all_must_be_in_the_last_retrier_and_in_the_last_catcher(kind: str, make: Any) -> None:
    make(["A"], ["States.ALL"])
    message = rf"Task 'Call API': {kind}\[0\].ErrorEquals\[0\]: States.ALL must appear alone and at end of list"
    with pytest.raises(StepError, match=message):
        make(["States.ALL"], ["A"])


def test_a_retrier_added_after_states_all_is_refused() -> None:
    state = with_retries(["States.ALL"])
    with pytest.raises(StepError, match=r"States\.ALL must appear alone and at end of list"):
        state.add_retry(Retry(error_equals=["A"]))
    assert len(state.retries) == 1
