"""Choices: rules in JSONPath, conditions in JSONata."""

from __future__ import annotations

from typing import Any

import pytest

from everypath.steps import Choice, ChoiceRule, Fail, Pass, Rule, StateMachine, StepError, StepInput, Succeed, sdk

WHEN = "2026-03-14T01:59:00Z"
OPERATORS: dict[str, Any] = {
    **{
        f"{kind}{comparison}": value
        for kind, value in (("String", "a"), ("Numeric", 1.5), ("Timestamp", WHEN))
        for comparison in ("Equals", "LessThan", "GreaterThan", "LessThanEquals", "GreaterThanEquals")
    },
    "BooleanEquals": True,
    "StringMatches": "log-*.txt",
    **{f"Is{what}": False for what in ("Null", "Present", "Numeric", "String", "Boolean", "Timestamp")},
}
NOT_ROOTED = "Value is not a Reference Path: Reference path didn't start with '$'"
PATHS = [name + "Path" for name in OPERATORS if not name.startswith("Is") and name != "StringMatches"]


def one(rule: Any, **fields: Any) -> Any:
    choice = Choice("C")
    choice.add_choice(rule, Succeed("S"), **fields)
    language: Any = {"query_language": "JSONata"} if isinstance(rule, str) else {}
    return StateMachine(choice, **language).to_definition()["States"]["C"]["Choices"][0]


@pytest.mark.parametrize("operator", OPERATORS)
def test_every_operator_of_the_language_makes_a_rule(operator: str) -> None:
    rule = getattr(ChoiceRule, operator)("$.a", OPERATORS[operator])
    assert isinstance(rule, sdk.Rule)
    assert one(rule) == {"Variable": "$.a", operator: OPERATORS[operator], "Next": "S"}


@pytest.mark.parametrize("operator", PATHS)
def test_every_operator_that_compares_with_a_path_makes_a_rule(operator: str) -> None:
    assert one(getattr(ChoiceRule, operator)("$.a", "$.b")) == {"Variable": "$.a", operator: "$.b", "Next": "S"}


def test_there_is_no_operator_but_those() -> None:
    assert {name for name in vars(ChoiceRule) if name[0].isupper()} == {*OPERATORS, *PATHS, "And", "Or", "Not"}


def test_rules_are_combined() -> None:
    rule = ChoiceRule.And(
        [
            ChoiceRule.IsPresent("$.a", True),
            ChoiceRule.Or([ChoiceRule.NumericEquals("$.a", 1), ChoiceRule.Not(ChoiceRule.IsNull("$.a", True))]),
        ]
    )
    assert one(rule) == {
        "And": [
            {"Variable": "$.a", "IsPresent": True},
            {"Or": [{"Variable": "$.a", "NumericEquals": 1}, {"Not": {"Variable": "$.a", "IsNull": True}}]},
        ],
        "Next": "S",
    }


def test_the_sdks_own_rules_go_with_a_choice() -> None:
    rule = sdk.CompoundRule("Or", [sdk.Rule("$.a", "StringEquals", "x"), ChoiceRule.IsNull("$.b", True)])
    assert one(rule)["Or"] == [{"Variable": "$.a", "StringEquals": "x"}, {"Variable": "$.b", "IsNull": True}]


def test_placeholders_stand_for_paths_on_both_sides() -> None:
    answer = StepInput()
    assert one(ChoiceRule.NumericLessThanPath(answer["a"], answer["b"])) == {
        "Variable": "$['a']",
        "NumericLessThanPath": "$['b']",
        "Next": "S",
    }


@pytest.mark.parametrize("variable", ["$", "$.a", "$['a'][0]", "$$.Execution.Input.a", "$variable"])
def test_a_variable_is_any_path(variable: str) -> None:
    assert one(ChoiceRule.IsNull(variable, True))["Variable"] == variable


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        (ChoiceRule.StringEquals("a", "x"), f"Choices[0].Variable: {NOT_ROOTED} (got 'a')"),
        (ChoiceRule.StringEquals("$.a", 1), "Choices[0].StringEquals: Expected value of type [STRING] (got 1)"),  # type: ignore[arg-type]
        (ChoiceRule.NumericEquals("$.a", True), "Choices[0].NumericEquals: Expected value of type [NUMBER] (got True)"),
        (ChoiceRule.NumericEquals("$.a", "1"), "Choices[0].NumericEquals: Expected value of type [NUMBER] (got '1')"),  # type: ignore[arg-type]
        (ChoiceRule.NumericEquals("$.a", float("nan")), "Choices[0].NumericEquals must be a JSON value, got nan"),
        (ChoiceRule.BooleanEquals("$.a", 1), "Choices[0].BooleanEquals: Expected value of type [BOOLEAN] (got 1)"),  # type: ignore[arg-type]
        (ChoiceRule.IsNull("$.a", None), "Choices[0].IsNull: Expected value of type [BOOLEAN] (got None)"),  # type: ignore[arg-type]
        (
            ChoiceRule.TimestampEquals("$.a", "today"),
            "Choices[0].TimestampEquals: String does not match RFC3339 timestamp (got 'today')",
        ),
        (ChoiceRule.StringEqualsPath("$.a", "b"), f"Choices[0].StringEqualsPath: {NOT_ROOTED} (got 'b')"),
        (
            ChoiceRule.And([ChoiceRule.IsNull("$.a", True), ChoiceRule.Not(ChoiceRule.NumericEquals("$.a", "1"))]),  # type: ignore[arg-type]
            "Choices[0].And[1].Not.NumericEquals: Expected value of type [NUMBER] (got '1')",
        ),
        (ChoiceRule.And([]), "Choices[0].And: Value cannot be empty"),
        (
            ChoiceRule.Or([ChoiceRule.Not("$.a")]),  # type: ignore[arg-type]
            "Choices[0].Or[0].Not must be a choice rule, got '$.a'",
        ),
        (None, "Choices[0] must be a choice rule, got None"),
        ("$.a > 1", "Choices[0].Condition: JSONata string must start with {% and end with %} (got '$.a > 1')"),
    ],
)
def test_a_wrong_rule_is_refused_by_the_choice_it_is_given_to(rule: Any, message: str) -> None:
    with pytest.raises(StepError) as refusal:
        one(rule)
    assert str(refusal.value) == f"Choice 'C': {message}"


def test_an_operator_that_the_language_does_not_have_is_refused() -> None:
    with pytest.raises(StepError, match=r"Choice 'C': Choices\[0\]: Field 'StringLike' is not supported"):
        one(Rule("$.a", "StringLike", "x"))


def test_a_condition_in_jsonata_is_a_string() -> None:
    assert one("{% $states.input.total > 10 %}") == {"Condition": "{% $states.input.total > 10 %}", "Next": "S"}


def test_a_branch_can_assign_variables_and_have_a_comment() -> None:
    assert one(ChoiceRule.IsNull("$.a", True), assign={"v.$": "$.b"}, comment="c") == {
        "Variable": "$.a",
        "IsNull": True,
        "Comment": "c",
        "Assign": {"v.$": "$.b"},
        "Next": "S",
    }


def test_a_branch_in_jsonata_can_have_an_output() -> None:
    assert one("{% true %}", output={"a": "{% 1 %}"}, assign={"v": 1}) == {
        "Condition": "{% true %}",
        "Assign": {"v": 1},
        "Output": {"a": "{% 1 %}"},
        "Next": "S",
    }


def test_a_branch_takes_no_other_field() -> None:
    with pytest.raises(StepError, match=r"Choice 'C': Choices\[0\] has no field 'result_path'"):
        one(ChoiceRule.IsNull("$.a", True), result_path="$.b")


def test_a_refused_branch_leaves_the_choice_as_it_was() -> None:
    choice = Choice("C")
    choice.add_choice(ChoiceRule.IsNull("$.a", True), Succeed("S"))
    with pytest.raises(StepError):
        choice.add_choice(ChoiceRule.IsNull("a", True), Succeed("T"))
    with pytest.raises(StepError, match=r"Choice 'C': Choices\[1\].Next must be a state or a chain, got 'T'"):
        choice.add_choice(ChoiceRule.IsNull("$.a", True), "T")  # type: ignore[arg-type]
    assert len(choice.choices) == 1


def test_a_choice_has_the_fields_of_its_state_for_when_no_branch_holds() -> None:
    choice = Choice("C", query_language="JSONata", comment="c", assign={"v": 1}, output="{% 1 %}")
    choice.add_choice("{% false %}", Fail("F"))
    choice.default_choice(Pass("P", end=True))
    assert (
        StateMachine(choice).to_definition()["States"]["C"]
        == {
            "Type": "Choice",
            "Comment": "c",
            "QueryLanguage": "JSONata",
            "Choices": [{"Condition": "{% false %}", "Next": "F"}],
            "Assign": {"v": 1},
            "Output": "{% 1 %}",
            "Default": "P",
        }
        | {}
    )


def test_a_second_default_is_refused_unless_it_is_the_same() -> None:
    choice, first = Choice("C"), Succeed("First")
    assert choice.next(first) is first
    choice.default_choice(first)
    with pytest.raises(StepError, match="Choice 'C' has 'First' as its default already, got 'Second' too"):
        choice.next(Succeed("Second"))
