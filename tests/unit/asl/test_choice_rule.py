from __future__ import annotations

from random import Random
from typing import Any

import pytest

from everypath.asl.errors import StateError
from everypath.asl.parser.block import Block
from everypath.asl.parser.choice_rule import compile_rule
from everypath.asl.scope import Scope
from tests.unit.asl.definitions import complaints

SELECT = "The object must have only one of the following fields, [And, Or, Not, Variable, Condition]"
LEAF = {"Variable": "$.x", "IsNull": True}
EARLY, LATE = "2026-01-01T00:00:00Z", "2026-01-01T02:00:00+01:00"

#: As AWS lists the operators (measured in 2026).
GROUP = (
    "StringEquals, IsBoolean, StringLessThan, IsNumeric, BooleanEquals, StringLessThanEqualsPath, NumericLessThan, "
    "NumericGreaterThan, NumericLessThanPath, StringMatches, TimestampLessThanEqualsPath, NumericEquals, "
    "TimestampGreaterThan, StringGreaterThanEqualsPath, TimestampGreaterThanEqualsPath, TimestampLessThanEquals, "
    "NumericLessThanEqualsPath, TimestampEquals, BooleanEqualsPath, IsTimestamp, StringLessThanEquals, "
    "NumericLessThanEquals, StringLessThanPath, TimestampGreaterThanPath, StringGreaterThan, StringGreaterThanPath, "
    "IsString, StringEqualsPath, TimestampEqualsPath, TimestampLessThan, StringGreaterThanEquals, "
    "NumericGreaterThanPath, NumericGreaterThanEquals, NumericEqualsPath, TimestampLessThanPath, IsNull, IsPresent, "
    "TimestampGreaterThanEquals, NumericGreaterThanEqualsPath"
)


def holds(rule: dict[str, Any], value: Any) -> bool:
    problems: list[Any] = []
    compiled = compile_rule(Block(rule, (), problems))
    assert compiled is not None, problems
    return compiled(Scope(value, lambda: {"State": {"Name": "C"}}, {"v": 1}, Random(0), lambda: 0.0))


@pytest.mark.parametrize(
    ("family", "low", "high", "other"),
    [("String", "a", "b", 1), ("Numeric", 1, 1.5, "1"), ("Timestamp", EARLY, LATE, "x")],
)
def test_the_orderings_of_every_family(family: str, low: Any, high: Any, other: Any) -> None:
    expected = {
        "Equals": (False, True, False), "LessThan": (True, False, False), "GreaterThan": (False, False, True),
        "LessThanEquals": (True, True, False), "GreaterThanEquals": (False, True, True),
    }  # fmt: skip
    for ordering, (less, same, more) in expected.items():
        name = family + ordering
        for left, right, wanted in ((low, high, less), (low, low, same), (high, low, more), (other, low, False)):
            assert holds({"Variable": "$.x", name: right}, {"x": left}) is wanted
            assert holds({"Variable": "$.x", f"{name}Path": "$.y"}, {"x": left, "y": right}) is wanted


@pytest.mark.parametrize(
    ("rule", "value", "expected"),
    [
        ({"Variable": "$.x", "BooleanEquals": True}, {"x": True}, True),
        ({"Variable": "$.x", "BooleanEquals": True}, {"x": 1}, False),
        ({"Variable": "$.x", "NumericEquals": 1}, {"x": True}, False),
        ({"Variable": "$.x", "IsNull": True}, {"x": None}, True),
        ({"Variable": "$.x", "IsString": False}, {"x": 1}, True),
        ({"Variable": "$.x", "IsNumeric": True}, {"x": True}, False),
        ({"Variable": "$.x", "IsBoolean": True}, {"x": False}, True),
        ({"Variable": "$.x", "IsTimestamp": True}, {"x": EARLY}, True),
        ({"Variable": "$.x[0]", "IsPresent": True}, {"x": []}, False),
        ({"Variable": "$.x[0]", "IsPresent": True}, {"x": [None]}, True),
        ({"Variable": "$.x", "IsPresent": True}, {"x": None}, True),
        ({"Variable": "$.x", "IsPresent": True}, {}, False),
        ({"Variable": "$.x", "IsPresent": False}, {}, True),
        ({"Variable": "$.x", "StringMatches": "a*\\*"}, {"x": "a\nb*"}, True),
        ({"Variable": "$.x", "StringMatches": "a*"}, {"x": 1}, False),
        ({"Variable": "$$.State.Name", "StringEquals": "C"}, {}, True),
        ({"Variable": "$v", "NumericEqualsPath": "$.x"}, {"x": 1}, True),
        ({"And": [LEAF, {"Not": LEAF}]}, {"x": None}, False),
        ({"Or": [LEAF, {"Not": LEAF}]}, {"x": 1}, True),
    ],
)
def test_a_rule_holds(rule: dict[str, Any], value: Any, expected: bool) -> None:
    assert holds(rule, value) is expected


def test_a_variable_that_leads_nowhere_fails_the_state() -> None:
    with pytest.raises(StateError, match=r"Invalid path '\$\.x': The choice state's condition path references an"):
        holds(LEAF, {})


@pytest.mark.parametrize(
    ("rule", "place", "message"),
    [
        ({}, "", SELECT),
        (LEAF | {"Or": [LEAF]}, "", SELECT),
        (LEAF | {"Unknown": 1}, "", "Field 'Unknown' is not supported"),
        (LEAF | {"IsString": True}, "", f"There should only be one of the following fields: [{GROUP}]"),
        ({"Variable": "$"}, "", f"This object should have only one of the following fields: [{GROUP}]"),
        ({"And": []}, "/And", "Value cannot be empty"),
        ({"And": [LEAF | {"Next": "Y"}]}, "/And[0]", "Field 'Next' is not supported"),
        ({"Not": LEAF | {"Assign": {}}}, "/Not", "Field 'Assign' is not supported"),
        ({"Not": [LEAF]}, "/Not", "Expected value of type [OBJECT]"),
        (LEAF | {"Variable": "x"}, "/Variable", "Value is not a Reference Path: Reference path didn't start with '$'"),
        (LEAF | {"Variable": "$.a[*]"}, "/Variable", "Value is not a Reference Path"),
        ({"Variable": "$", "StringEqualsPath": "x"}, "/StringEqualsPath",
         "Value is not a Reference Path: Reference path didn't start with '$'"),
        ({"Variable": "$", "StringEquals": 1}, "/StringEquals", "Expected value of type [STRING]"),
        ({"Variable": "$", "NumericEquals": "1"}, "/NumericEquals", "Expected value of type [NUMBER]"),
        ({"Variable": "$", "BooleanEquals": "x"}, "/BooleanEquals", "Expected value of type [BOOLEAN]"),
        ({"Variable": "$", "IsNull": 1}, "/IsNull", "Expected value of type [BOOLEAN]"),
        ({"Variable": "$", "TimestampEquals": "x"}, "/TimestampEquals", "String does not match RFC3339 timestamp"),
        (
            {"Condition": "{% true %}"},
            "",
            "The QueryLanguage is set to 'JSONPath', but field 'Condition' is only supported for the 'JSONata' "
            "QueryLanguage",
        ),
    ],
)  # fmt: skip
def test_a_wrong_rule_is_refused(rule: dict[str, Any], place: str, message: str) -> None:
    state = {"Type": "Choice", "Choices": [rule | {"Next": "Y"}]}
    assert complaints(state) == [("/States/X/Choices[0]" + place, message)]


def test_a_rule_at_the_top_needs_a_next_and_a_choice_needs_a_rule() -> None:
    assert complaints({"Type": "Choice", "Choices": [LEAF]}) == [
        ("/States/X/Choices[0]", "These fields are required: [Next]"),
    ]
    assert complaints({"Type": "Choice", "Choices": []}) == [("/States/X/Choices", "Value cannot be empty")]


@pytest.mark.parametrize(
    ("rule", "place", "message"),
    [
        ({"Condition": True}, None, ""),
        ({"Condition": "{% $states.input.a > 1 %}", "Assign": {"a": "{% 1 %}"}}, None, ""),
        ({"Condition": "true"}, "/Condition", "JSONata string must start with {% and end with %}"),
        ({"Condition": 1}, "/Condition", "Expected value of type [STRING]"),
        (
            {"Variable": "$"},
            "",
            "The QueryLanguage is set to 'JSONata', but field 'Variable' is only supported for the 'JSONPath' "
            "QueryLanguage",
        ),
    ],
)
def test_a_rule_of_a_jsonata_state_is_a_condition(rule: dict[str, Any], place: str | None, message: str) -> None:
    found = complaints({"Type": "Choice", "Choices": [rule | {"Next": "Y"}]}, QueryLanguage="JSONata")
    assert found == ([] if place is None else [("/States/X/Choices[0]" + place, message)])
