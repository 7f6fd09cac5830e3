"""One typo is one finding, with what was meant."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from everypath.check.checker import check
from everypath.check.load import load_file
from everypath.check.typos import nearest
from tests.unit.check.projects import catch, codes, findings, handled, messages, project, task

LARGE = {
    "StartAt": "Has Items?",
    "States": {
        "Has Items?": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.n", "NumericGreaterThan": 0, "Next": "Large?"}],
            "Default": "Empty",
        },
        "Large?": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.n", "NumericGreaterThan": 9, "Next": "Ask"}],
            "Default": "Charge",
        },
        "Ask": {"Type": "Pass", "Next": "Charge"},
        "Charge": {"Type": "Pass", "Next": "Done"},
        "Done": {"Type": "Succeed"},
        "Empty": {"Type": "Fail"},
    },
}


def found_after(
    folder: Path, old: str, new: str, definition: dict[str, Any] = LARGE
) -> list[tuple[str, str, int | None]]:
    """The findings for a definition with a change in its text: code, message, line."""
    text = json.dumps(definition, indent=1)
    assert old in text
    file = folder / "order.asl.json"
    file.write_text(text.replace(old, new, 1))
    return [(each.code, each.message, each.line) for each in check(load_file(file))]


@pytest.mark.parametrize(
    ("old", "new", "code", "meant", "line"),
    [
        ('"Next": "Large?"', '"Next": "Largee?"', "EP003", "Large?", 10),
        ('"Next": "Large?"', '"Next": "large"', "EP003", "Large?", 10),
        ('"StartAt": "Has Items?"', '"StartAt": "HasItems"', "EP003", "Has Items?", 2),
        ('"Default": "Charge"', '"Default": "Chargee"', "EP003", "Charge", 24),
        ('"Default": "Charge"', '"Defalt": "Charge"', "EP002", "Default", 15),
        ('"Type": "Succeed"', '"Type": "Suceed"', "EP002", "Succeed", 35),
        ('"Next": "Done"', '"Nextt": "Done"', "EP002", "Next", 30),
    ],
)
def test_a_typo_is_one_finding_with_its_line_and_what_was_meant(
    old: str, new: str, code: str, meant: str, line: int, tmp_path: Path
) -> None:
    found = found_after(tmp_path, old, new)
    assert [(each[0], each[2]) for each in found] == [(code, line)]
    assert found[0][1].endswith(f"; did you mean '{meant}'?")


def test_a_target_that_is_near_nothing_is_one_finding(tmp_path: Path) -> None:
    found = found_after(tmp_path, '"Next": "Large?"', '"Next": "Somewhere"')
    assert [(code, message) for code, message, _ in found] == [("EP003", "Missing 'Next' target: Somewhere")]


def test_a_state_that_is_unreachable_anyway_is_reported_beside_a_typo(tmp_path: Path) -> None:
    lonely = {**LARGE, "States": {**LARGE["States"], "Nobody's": {"Type": "Succeed"}}}  # type: ignore[dict-item]
    found = found_after(tmp_path, '"Next": "Large?"', '"Next": "Largee?"', lonely)
    assert sorted(message for _, message, _ in found) == [
        "Missing 'Next' target: Largee?; did you mean 'Large?'?",
        'State "Nobody\'s" is not reachable.',
    ]


def test_two_typos_are_two_findings(tmp_path: Path) -> None:
    twice = json.loads(json.dumps(LARGE).replace('"Next": "Done"', '"Next": "Donee"'))
    found = found_after(tmp_path, '"Next": "Large?"', '"Next": "Largee?"', twice)
    assert [code for code, _, _ in found] == ["EP003", "EP003"]


def test_a_typo_in_a_branch_is_corrected_in_the_branch(tmp_path: Path) -> None:
    whole = {"StartAt": "Both", "States": {"Both": {"Type": "Parallel", "Branches": [LARGE], "End": True}}}
    found = found_after(tmp_path, '"Next": "Large?"', '"Next": "Largee?"', whole)
    assert [code for code, _, _ in found] == ["EP003"]


def test_the_fields_of_retriers_and_rules_are_corrected(tmp_path: Path) -> None:
    states = {"Reserve": task(Retry=[{"ErrorEquals": ["States.ALL"], "MaxAttemps": 2, "JitterStrategy": "FULL"}])}
    found = findings(tmp_path, states)
    assert [each.message for each in found] == ["Field 'MaxAttemps' is not supported; did you mean 'MaxAttempts'?"]


def test_an_error_name_that_is_mistyped_is_not_unhandled_as_well(tmp_path: Path) -> None:
    source = "class OutOfStock(Exception): pass\ndef handler(event, context):\n    raise OutOfStock()\n"
    found = findings(tmp_path, handled("OutOfStok"), source)
    assert codes(found) & {"EP101", "EP102"} == {"EP102"}
    assert codes(findings(tmp_path, handled("State.ALL"), source)) & {"EP101", "EP109"} == {"EP109"}


def test_a_mistyped_error_of_lambda_is_not_missing_as_well(tmp_path: Path) -> None:
    names = ["Lambda.TooManyRequestException", "Lambda.ServiceException", "Lambda.AWSLambdaException"]
    retry = {"ErrorEquals": [*names, "Lambda.SdkClientException"], "JitterStrategy": "FULL"}
    assert codes(findings(tmp_path, {"Reserve": task(Retry=[retry])})) == {"EP109"}


def test_a_mistyped_substitution_is_not_unused_as_well(tmp_path: Path) -> None:
    from everypath.check.load import load_machine

    template = project(tmp_path, {"Reserve": task(Resource="${ReserveFunctionAr}", Catch=[catch("A")])})
    found = check(load_machine(str(template), None, {}))
    assert "EP011" not in codes(found)
    assert messages(found, "EP010")[0].endswith("did you mean ${ReserveFunctionArn}?")


@pytest.mark.parametrize(
    ("name", "meant"), [("large", "Large?"), ("LARGE ?", "Large?"), ("Larg?", "Large?"), ("Small", None), ("", None)]
)
def test_the_nearest_name_is_one_that_differs_little(name: str, meant: str | None) -> None:
    assert nearest(name, ["Charge", "Large?", "Has Items?"]) == meant
