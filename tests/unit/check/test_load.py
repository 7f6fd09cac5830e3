from __future__ import annotations

import json
from pathlib import Path

import pytest

from everypath.check.checker import check
from everypath.check.load import load_file, load_machine
from everypath.errors import EverypathError
from tests.unit.check.projects import RETRIED, codes, findings, project, task

GOOD = {"Reserve": task(Retry=[RETRIED])}


def test_nothing_is_found_in_a_good_project(tmp_path: Path) -> None:
    assert findings(tmp_path, GOOD, "def handler(event, context): return event\n") == []


def test_a_substitution_that_is_missing_and_one_too_many_are_found(tmp_path: Path) -> None:
    template = project(tmp_path, {"Reserve": task(Resource="${ReserveFn}", Retry=[RETRIED])})
    found = check(load_machine(str(template), None, {}))
    assert [(each.code, each.pointer) for each in found] == [("EP011", ""), ("EP010", "/States/Reserve/Resource")]


def test_the_lines_are_those_of_the_file(tmp_path: Path) -> None:
    found = findings(tmp_path, {"Reserve": task()})
    line = (tmp_path / "order.asl.json").read_text().splitlines()[(found[0].line or 0) - 1]
    assert '"Reserve"' in line


def test_a_definition_inside_a_template_has_the_templates_lines(tmp_path: Path) -> None:
    (tmp_path / "template.yaml").write_text(
        "Resources:\n"
        "  Order:\n"
        "    Type: AWS::Serverless::StateMachine\n"
        "    Properties:\n"
        "      Definition:\n"
        "        StartAt: Choose\n"
        "        States:\n"
        "          Choose:\n"
        "            Type: Choice\n"
        "            Choices: [{Variable: $.a, IsPresent: true, Next: Done}]\n"
        "          Done: {Type: Succeed}\n"
    )
    found = check(load_machine(str(tmp_path / "template.yaml"), "Order", {}))
    assert [(each.code, each.line) for each in found] == [("EP301", 8)]


def test_a_definition_string_is_not_asked_for_its_substitutions(tmp_path: Path) -> None:
    text = json.dumps({"StartAt": "A", "States": {"A": {"Type": "Succeed"}}})
    (tmp_path / "template.yaml").write_text(
        "Resources:\n"
        "  Order:\n"
        "    Type: AWS::StepFunctions::StateMachine\n"
        f"    Properties: {{RoleArn: arn:aws:iam::1:role/r, DefinitionString: '{text}'}}\n"
    )
    assert check(load_machine(str(tmp_path / "template.yaml"), None, {})) == []


def test_a_bare_file_may_hold_placeholders_of_any_kind(tmp_path: Path) -> None:
    file = tmp_path / "bare.asl.json"
    text = json.dumps({"StartAt": "Reserve", "States": {"Reserve": task(TimeoutSeconds="@", Retry=[RETRIED])}})
    file.write_text(text.replace('"@"', "${Limit}"))
    assert check(load_file(file)) == []
    file.write_text(text.replace('"@"', '"${Limit}"'))
    assert check(load_file(file)) == []


def test_the_partition_of_a_bare_files_resource_may_be_a_placeholder(tmp_path: Path) -> None:
    resource = "arn:${AWS::Partition}:states:::lambda:invoke"
    state = task(Resource=resource, Parameters={"FunctionName": "${F}"}, Retry=[RETRIED])
    assert findings(tmp_path, {"Reserve": state}) == []


def test_a_bare_file_may_be_yaml(tmp_path: Path) -> None:
    file = tmp_path / "bare.asl.yaml"
    file.write_text("StartAt: A\nStates:\n  A: {Type: Pass, Next: B}\n")
    assert "EP003" in codes(check(load_file(file))) or "EP004" in codes(check(load_file(file)))


def test_a_bare_file_that_is_no_json_is_a_finding(tmp_path: Path) -> None:
    file = tmp_path / "bare.asl.json"
    file.write_text("{]")
    assert codes(check(load_file(file))) == {"EP001"}


def test_a_file_or_a_machine_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EverypathError, match="no such definition"):
        load_file(tmp_path / "none.asl.json")
    template = project(tmp_path, GOOD)
    with pytest.raises(EverypathError, match="no state machine 'Other'"):
        load_machine(str(template), "Other", {})


def test_a_handler_in_another_language_is_not_read(tmp_path: Path) -> None:
    template = project(tmp_path, GOOD)
    template.write_text(template.read_text().replace("python3.13", "nodejs22.x"))
    assert check(load_machine(str(template), "local-Order", {})) == []


def test_what_sub_replaces_in_an_inline_definition_is_no_substitution(tmp_path: Path) -> None:
    (tmp_path / "template.yaml").write_text(
        "Resources:\n"
        "  Order:\n"
        "    Type: AWS::Serverless::StateMachine\n"
        "    Properties:\n"
        "      DefinitionSubstitutions: {Reason: late}\n"
        "      Definition:\n"
        "        StartAt: Stop\n"
        "        States:\n"
        "          Stop: {Type: Fail, Error: !Sub 'In.${AWS::Region}', Cause: '${Reason}'}\n"
    )
    assert check(load_machine(str(tmp_path / "template.yaml"), None, {})) == []


def test_an_inline_definition_may_miss_a_substitution(tmp_path: Path) -> None:
    (tmp_path / "template.yaml").write_text(
        "Resources:\n"
        "  Order:\n"
        "    Type: AWS::Serverless::StateMachine\n"
        "    Properties:\n"
        "      Definition:\n"
        "        StartAt: Stop\n"
        "        States:\n"
        "          Stop: {Type: Fail, Error: Late, Cause: '${Reason}'}\n"
    )
    found = check(load_machine(str(tmp_path / "template.yaml"), None, {}))
    assert [(each.code, each.pointer, each.line) for each in found] == [("EP010", "/States/Stop/Cause", 8)]


def test_two_machines_of_one_template_are_read_apart(tmp_path: Path) -> None:
    template = project(tmp_path, GOOD)
    template.write_text(
        template.read_text() + "  Second:\n    Type: AWS::Serverless::StateMachine\n    Properties:\n"
        "      Definition: {StartAt: A, States: {A: {Type: Pass, Next: B}}}\n"
    )
    assert check(load_machine(str(template), "Order", {})) == []
    assert codes(check(load_machine(str(template), "Second", {}))) == {"EP003", "EP004"}


def test_a_definition_of_a_template_that_is_not_json_is_a_finding_with_its_line_and_column(tmp_path: Path) -> None:
    template = project(tmp_path, GOOD)
    (tmp_path / "order.asl.json").write_text('{\n "StartAt": "A",\n "States": {"A": {"Type": "Succeed"}} "B": 1}')
    found = check(load_machine(str(template), None, {}))
    assert [each.code for each in found] == ["EP001"]
    assert "[Source" not in found[0].message
    assert "(line 3, column" in found[0].message


def test_a_definition_of_a_template_is_measured_as_it_is_written(tmp_path: Path) -> None:
    assert "EP008" in codes(
        findings(tmp_path, GOOD, "def handler(event, context): return 1\n", Comment="x" * 1_048_576)
    )
