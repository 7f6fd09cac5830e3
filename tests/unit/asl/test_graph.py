from __future__ import annotations

from typing import Any

import pytest

from tests.unit.asl.definitions import PASS, problems

TARGET = "MISSING_TRANSITION_TARGET"
LOOP = {"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Pass", "Next": "A"}}
NO_END = ("MISSING_END_STATE", "", "Workflow has no terminal state")


def missing(name: str, location: str) -> tuple[str, str, str]:
    return TARGET, location, f"Missing 'Next' target: {name}"


def unreached(name: str, location: str) -> tuple[str, str, str]:
    return TARGET, location, f'State "{name}" is not reachable.'


def test_a_loop_without_an_end_is_refused_and_nothing_is_said_of_what_is_not_reached() -> None:
    assert problems({"StartAt": "A", "States": LOOP}) == [NO_END]
    assert problems({"StartAt": "A", "States": LOOP | {"C": {"Type": "Pass", "Next": "A"}}}) == [NO_END]
    assert problems({"StartAt": "A", "States": LOOP | {"C": PASS}}) == [unreached("C", "/States/C")]


def test_a_dangling_target_comes_before_the_missing_end() -> None:
    states = {"A": {"Type": "Pass", "Next": "NOPE"}}
    assert problems({"StartAt": "A", "States": states}) == [missing("NOPE", "/States/A/Next"), NO_END]


def test_with_a_dangling_start_nothing_is_reached() -> None:
    definition = {"StartAt": "Nope", "States": {"A": PASS}}
    assert problems(definition) == [missing("Nope", "/StartAt"), unreached("A", "/States/A")]


@pytest.mark.parametrize(
    ("state", "location"),
    [
        ({"Type": "Choice", "Choices": [{"Variable": "$", "IsNull": True, "Next": "No"}]}, "Choices[0]/Next"),
        ({"Type": "Choice", "Choices": [{"Variable": "$", "IsNull": True, "Next": "Z"}], "Default": "No"}, "Default"),
        (
            {
                "Type": "Parallel",
                "Branches": [{"StartAt": "P", "States": {"P": PASS}}],
                "Catch": [{"ErrorEquals": ["E"], "Next": "No"}],
                "Next": "Z",
            },
            "Catch[0]/Next",
        ),
    ],
)
def test_every_transition_must_lead_to_a_state_beside_it(state: dict[str, Any], location: str) -> None:
    found = problems({"StartAt": "A", "States": {"A": state, "Z": PASS}})
    assert found[0] == missing("No", f"/States/A/{location}")


def test_a_branch_needs_no_end_but_all_its_states_are_reached() -> None:
    def parallel(branch: dict[str, Any]) -> dict[str, Any]:
        return {"StartAt": "P", "States": {"P": {"Type": "Parallel", "Branches": [branch], "End": True}}}

    assert problems(parallel({"StartAt": "A", "States": LOOP})) == []
    found = problems(parallel({"StartAt": "A", "States": LOOP | {"a/b": PASS}}))
    assert found == [unreached("a/b", "/States/P/Branches[0]/States/a/b")]
    assert problems(parallel({"StartAt": "P", "States": {"P": PASS}})) == [
        ("DUPLICATE_STATE_NAME", "/States/P/Branches[0]/States/P", "Duplicate State name: P"),
    ]


def test_names_are_unique_over_all_branches() -> None:
    branch = {"StartAt": "X", "States": {"X": PASS}}
    state = {"Type": "Parallel", "Branches": [branch, branch], "End": True}
    assert problems({"StartAt": "P", "States": {"P": state}}) == [
        ("DUPLICATE_STATE_NAME", "/States/P/Branches[1]/States/X", "Duplicate State name: X"),
    ]


def test_a_name_has_at_most_80_characters() -> None:
    assert problems({"StartAt": "x" * 80, "States": {"x" * 80: PASS}}) == []
    name = "x" * 81
    message = f"Invalid State name: State '{name}' exceeds the 80-character limit allowed by the service"
    assert problems({"StartAt": name, "States": {name: PASS}}) == [("INVALID_STATE_NAME", f"/States/{name}", message)]


def test_states_that_lead_to_each_other_are_reached_for_aws() -> None:
    away = {"B": {"Type": "Pass", "Next": "C"}, "C": {"Type": "Pass", "Next": "B"}}
    assert problems({"StartAt": "A", "States": {"A": PASS} | away}) == []
    assert problems({"StartAt": "A", "States": {"A": PASS} | away | {"D": {"Type": "Pass", "Next": "B"}}}) == [
        unreached("D", "/States/D")
    ]


def labelled(*labels: str) -> dict[str, Any]:
    def each(index: int, label: str) -> dict[str, Any]:
        config = {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
        processor = {"ProcessorConfig": config, "StartAt": f"P{index}", "States": {f"P{index}": PASS}}
        following = {"Next": f"M{index + 1}"} if index + 1 < len(labels) else {"End": True}
        return {"Type": "Map", "Label": label, "ItemProcessor": processor, **following}

    return {"StartAt": "M0", "States": {f"M{index}": each(index, label) for index, label in enumerate(labels)}}


def test_a_label_has_at_most_40_characters_and_is_the_only_one() -> None:
    assert problems(labelled("l" * 40, "m")) == []
    [(code, location, _)] = problems(labelled("l" * 41))
    assert (code, location) == ("INVALID_LABEL_NAME", "/States/M0/Label")
    assert problems(labelled("l", "m", "l")) == [
        ("DUPLICATE_LABEL_NAME", "/States/M2/Label", "Duplicate Label name: l")
    ]


@pytest.mark.parametrize("label", ["", "a b", "a*", "a:b", "a/b{}", 'a"', "a\n"])
def test_a_label_has_no_special_characters(label: str) -> None:
    assert [code for code, _, _ in problems(labelled(label))] == ["INVALID_LABEL_NAME"]


def test_an_inline_map_has_no_execution_type() -> None:
    config = {"Mode": "INLINE", "ExecutionType": "STANDARD"}
    state = {
        "Type": "Map",
        "ItemProcessor": {"ProcessorConfig": config, "StartAt": "P", "States": {"P": PASS}},
        "End": True,
    }
    assert [(location, message) for _, location, message in problems({"StartAt": "M", "States": {"M": state}})] == [
        ("/States/M/ItemProcessor/ProcessorConfig", "Field 'ExecutionType' is not supported")
    ]
