from __future__ import annotations

from typing import Any

import pytest

from everypath.asl.parser.definition import parse
from everypath.asl.tree import Catcher, Retrier, Task
from tests.unit.asl.definitions import TASK, complaints, machine

ALL = "States.ALL must appear alone and at end of list"


def retrier(**fields: Any) -> dict[str, Any]:
    return TASK | {"Retry": [{"ErrorEquals": ["E"], **fields}]}


def catcher(**fields: Any) -> dict[str, Any]:
    return TASK | {"Catch": [{"ErrorEquals": ["E"], "Next": "Y", **fields}]}


@pytest.mark.parametrize(
    ("state", "place", "message"),
    [
        (TASK | {"Retry": [{}]}, "/Retry[0]", "These fields are required: [ErrorEquals]"),
        (TASK | {"Retry": {}}, "/Retry", "Expected value of type [ARRAY]"),
        (TASK | {"Catch": [5]}, "/Catch[0]", "Expected value of type [OBJECT]"),
        (TASK | {"Catch": [{}]}, "/Catch[0]", "These fields are required: [Next, ErrorEquals]"),
        (retrier(ErrorEquals=[]), "/Retry[0]/ErrorEquals", "Value cannot be empty"),
        (retrier(ErrorEquals="E"), "/Retry[0]/ErrorEquals", "Expected value of type [ARRAY]"),
        (retrier(ErrorEquals=[5]), "/Retry[0]/ErrorEquals[0]", "Expected value of type [STRING]"),
        (retrier(ErrorEquals=["E", "States.ALL"]), "/Retry[0]/ErrorEquals[1]", ALL),
        (retrier(MaxAttempts=-1), "/Retry[0]/MaxAttempts", "Minimum value is 0"),
        (retrier(MaxAttempts=100_000_000), "/Retry[0]/MaxAttempts", "Maximum value is 99999999"),
        (retrier(MaxAttempts="3"), "/Retry[0]/MaxAttempts", "Expected value of type Integer"),
        (retrier(IntervalSeconds=1.5), "/Retry[0]/IntervalSeconds", "Expected value of type Integer"),
        (retrier(BackoffRate=0.5), "/Retry[0]/BackoffRate", "Minimum value is 1.0"),
        (retrier(MaxDelaySeconds=0), "/Retry[0]/MaxDelaySeconds", "Minimum value is 1"),
        (retrier(MaxDelaySeconds=31_622_401), "/Retry[0]/MaxDelaySeconds", "Maximum value is 31622400"),
        (
            retrier(JitterStrategy="full"),
            "/Retry[0]/JitterStrategy",
            "Value should be one of the following: [NONE, FULL]",
        ),
        (retrier(Next="Y"), "/Retry[0]", "Field 'Next' is not supported"),
        (catcher(ResultPath="$.a..b"), "/Catch[0]/ResultPath", "Value is not a Reference Path"),
        (catcher(ResultSelector={}), "/Catch[0]", "Field 'ResultSelector' is not supported"),
        (
            catcher(Output=1),
            "/Catch[0]",
            "The QueryLanguage is set to 'JSONPath', "
            "but field 'Output' is only supported for the 'JSONata' QueryLanguage",
        ),
    ],
)  # fmt: skip
def test_a_wrong_retrier_or_catcher_is_refused_in_the_words_of_aws(state: Any, place: str, message: str) -> None:
    assert ("/States/X" + place, message) in complaints({**state, "Next": "Y"} | {"End": False})


def test_states_all_comes_in_the_last_element() -> None:
    handlers = [{"ErrorEquals": ["States.ALL"], "Next": "Y"}, {"ErrorEquals": ["E"], "Next": "Y"}]
    assert complaints(TASK | {"Catch": handlers}) == [("/States/X/Catch[0]/ErrorEquals[0]", ALL)]
    assert complaints(TASK | {"Catch": handlers[::-1]}) == []


@pytest.mark.parametrize(
    "fields",
    [
        {"ErrorEquals": ["State.ALL"]},
        {"ErrorEquals": ["States.Runtime", "States.Unheard"]},
        {"IntervalSeconds": 0},
        {"MaxAttempts": 0, "BackoffRate": 1, "MaxDelaySeconds": 1, "JitterStrategy": "FULL"},
    ],
)
def test_what_aws_takes_in_a_retrier_is_taken(fields: dict[str, Any]) -> None:
    assert complaints(retrier(**fields)) == []


def test_the_defaults_of_a_retrier_and_a_catcher() -> None:
    state = parse(machine(retrier() | {"Catch": [{"ErrorEquals": ["E"], "Next": "Y", "ResultPath": None}]}))
    task = state.graph.states["X"]
    assert isinstance(task, Task)
    assert task.retriers == (Retrier(("E",), 1, 3, 2.0, None, False),)
    assert task.catchers == (Catcher(("E",), "Y", keeps_result=False),)
