"""Variables of an outer scope, which inner scopes may not assign."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.asl.definitions import PASS, problems

Data = dict[str, Any]


def assign(name: str, following: str | None = None, **fields: Any) -> Data:
    return {"Type": "Pass", "Assign": {name: 1}, **({"Next": following} if following else {"End": True}), **fields}


def parallel(inner: Data, **fields: Any) -> Data:
    end = {} if "Next" in fields else {"End": True}
    return {"Type": "Parallel", "Branches": [{"StartAt": "I", "States": {"I": inner}}], **end, **fields}


def refused(definition: Data) -> list[str]:
    found = problems(definition)
    assert {code for code, _, _ in found} <= {"DUPLICATE_VARIABLE_NAME"}
    assert all(message == "The variable name 'v' was already defined in a parent scope." for _, _, message in found)
    return [location for _, location, _ in found]


@pytest.mark.parametrize("language", ["JSONPath", "JSONata"])
@pytest.mark.parametrize("config", [None, {"Mode": "INLINE"}, {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"}])
def test_what_is_assigned_on_the_way_in_is_not_assigned_inside(language: str, config: Data | None) -> None:
    processor = {"StartAt": "I", "States": {"I": assign("v")}} | ({"ProcessorConfig": config} if config else {})
    states = {"A": assign("v", "P"), "P": {"Type": "Map", "ItemProcessor": processor, "End": True}}
    definition = {"QueryLanguage": language, "StartAt": "A", "States": states}
    assert refused(definition) == ["/States/P/ItemProcessor/States/I/Assign/v"]


def test_a_loop_leads_in_as_well() -> None:
    states = {
        "P": parallel(assign("v"), Next="L"),
        "L": assign("v", "C"),
        "C": {"Type": "Choice", "Choices": [{"Variable": "$.again", "IsPresent": True, "Next": "P"}], "Default": "E"},
        "E": PASS,
    }
    assert refused({"StartAt": "P", "States": states}) == ["/States/P/Branches[0]/States/I/Assign/v"]
    states["C"]["Choices"][0]["Next"] = "E"
    assert refused({"StartAt": "P", "States": states}) == []


def test_what_only_the_state_itself_assigns_is_free_inside() -> None:
    catch = [{"ErrorEquals": ["States.ALL"], "Assign": {"v": 1}, "Next": "E"}]
    states = {"P": parallel(assign("v"), Catch=catch, Assign={"v": 2}, Next="E"), "E": PASS}
    assert refused({"StartAt": "P", "States": states}) == []


def test_the_way_in_may_be_a_rule_a_default_or_a_catcher() -> None:
    rule = {"Variable": "$.x", "IsPresent": True, "Assign": {"v": 1}}
    choice = {"Type": "Choice", "Choices": [rule | {"Next": "P"}], "Default": "P"}
    inside = ["/States/P/Branches[0]/States/I/Assign/v.$"]
    inner = {"Type": "Pass", "Assign": {"v.$": "$.a"}, "End": True}
    assert refused({"StartAt": "C", "States": {"C": choice, "P": parallel(inner)}}) == inside
    away = choice | {"Choices": [rule | {"Next": "E"}]}
    assert refused({"StartAt": "C", "States": {"C": away, "P": parallel(inner), "E": PASS}}) == []
    defaults = choice | {"Choices": [{"Variable": "$.x", "IsPresent": True, "Next": "E"}], "Assign": {"v": 1}}
    assert refused({"StartAt": "C", "States": {"C": defaults, "P": parallel(inner), "E": PASS}}) == inside
    caught = parallel(PASS, Catch=[{"ErrorEquals": ["States.ALL"], "Assign": {"v": 1}, "Next": "P"}])
    caught["Branches"][0] = {"StartAt": "O", "States": {"O": PASS}}
    assert refused({"StartAt": "C", "States": {"C": caught, "P": parallel(inner)}}) == inside


def test_an_outer_scope_is_that_of_everything_inside() -> None:
    inner = {"Type": "Parallel", "Branches": [{"StartAt": "J", "States": {"J": assign("v")}}], "End": True}
    definition = {"StartAt": "A", "States": {"A": assign("v", "P"), "P": parallel(inner)}}
    assert refused(definition) == ["/States/P/Branches[0]/States/I/Branches[0]/States/J/Assign/v"]


def test_branches_beside_each_other_may_assign_the_same_name() -> None:
    branches = [{"StartAt": name, "States": {name: assign("v")}} for name in ("I", "J")]
    assert refused({"StartAt": "P", "States": {"P": parallel(PASS) | {"Branches": branches}}}) == []
