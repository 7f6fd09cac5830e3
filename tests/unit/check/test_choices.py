"""Rules of a Choice that leave nothing over."""

from __future__ import annotations

from typing import Any

import pytest

from everypath.check.choices import is_exhaustive

ABSENT, PRESENT = {"Variable": "$.x", "IsPresent": False}, {"Variable": "$.x", "IsPresent": True}
YES, NO = {"Variable": "$.x", "BooleanEquals": True}, {"Variable": "$.x", "BooleanEquals": False}
A, B = {"Variable": "$.x", "StringEquals": "A"}, {"Variable": "$.x", "StringEquals": "B"}
FLAG, NO_FLAG = {"Variable": "$.flag", "BooleanEquals": True}, {"Variable": "$.flag", "BooleanEquals": False}


def rule(operator: str, value: Any, variable: str = "$.x") -> dict[str, Any]:
    return {"Variable": variable, operator: value}


@pytest.mark.parametrize(
    "rules",
    [
        [YES, NO],
        [PRESENT, ABSENT],
        [A, {"Not": A}],
        [ABSENT, YES, NO],
        [{"And": [PRESENT, YES]}, ABSENT, NO],
        [rule("NumericLessThan", 3), rule("NumericGreaterThanEquals", 3)],
        [rule("NumericLessThan", 3), rule("NumericEquals", 3), rule("NumericGreaterThan", 3)],
        [rule("NumericLessThan", 9), rule("NumericGreaterThan", 3)],
        [rule("NumericEquals", 0, "$.Count"), rule("NumericGreaterThan", 0, "$.Count")],
        [rule("NumericLessThanPath", "$.y"), rule("NumericGreaterThanEqualsPath", "$.y")],
        [rule("TimestampLessThan", "2026-01-01T00:00:00Z"), rule("TimestampGreaterThanEquals", "2026-01-01T00:00:00Z")],
        [rule("IsNull", True), rule("IsNull", False)],
        [A, rule("StringMatches", "*")],
        [{"Or": [A, FLAG]}, {"And": [{"Not": A}, NO_FLAG]}],
        [{"And": [A, FLAG]}, {"And": [A, NO_FLAG]}, {"Not": A}],
    ],
)
def test_rules_of_which_one_always_matches_leave_nothing_over(rules: list[Any]) -> None:
    assert is_exhaustive(rules, jsonata=False)


@pytest.mark.parametrize(
    "rules",
    [
        [],
        [A, B],
        [YES],
        [PRESENT],
        [YES, NO_FLAG],
        [rule("NumericLessThan", 3), rule("NumericGreaterThan", 3)],
        [rule("NumericEquals", 0), rule("NumericGreaterThan", 0)],
        [rule("NumericLessThanPath", "$.y"), rule("NumericGreaterThanEqualsPath", "$.z")],
        [rule("StringMatches", "A*"), rule("StringMatches", "B*")],
        [{"And": [A, FLAG]}, {"Not": A}],
        [{"Variable": "$.x"}],
        [None],
        "rules",
        [rule("StringEquals", 5), A],
    ],
)
def test_rules_that_may_all_fail_leave_something_over(rules: Any) -> None:
    assert not is_exhaustive(rules, jsonata=False)


def jsonata(*conditions: str) -> bool:
    return is_exhaustive([{"Condition": f"{{% {each} %}}", "Next": "B"} for each in conditions], jsonata=True)


@pytest.mark.parametrize(
    "conditions",
    [
        ["$x > 5", "$x <= 5"],
        ["5 < $x", "$x <= 5"],
        ["$states.input.a = 'x'", "$states.input.a != 'x'"],
        ["$states.input.flag", "$not($states.input.flag)"],
        ["$flag = true", "$flag = false"],
        ["$exists($a.b)", "$not($exists($a.b))"],
        ["$count($items) = 0", "$count($items) > 0"],
        ["$a < $b", "$a >= $b"],
        ["($x and $y)", "$not($x) or $not($y)"],
        ["$contains($a, 'b')", "$not($contains($a, 'b'))"],
        ["$a = 'x'", "true"],
    ],
)
def test_conditions_of_which_one_always_holds_leave_nothing_over(conditions: list[str]) -> None:
    assert jsonata(*conditions)


@pytest.mark.parametrize(
    "conditions",
    [
        ["$x > 5", "$x < 5"],
        ["$a = 'x'", "$a = 'y'"],
        ["$exists($a)"],
        ["$x", "$not($y)"],
        ["$a < $b", "$a > $b"],
        ["("],
    ],
)
def test_conditions_that_may_all_fail_leave_something_over(conditions: list[str]) -> None:
    assert not jsonata(*conditions)


def test_what_distinguishes_too_many_combinations_is_not_looked_at() -> None:
    many = [rule("BooleanEquals", True, f"$.x{number}") for number in range(20)]
    assert not is_exhaustive([{"And": many}, {"Not": {"And": many}}], jsonata=False)
