from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from everypath import sam
from everypath.errors import TemplateError
from tests.unit.sam.conftest import Write

ARN = "arn:aws:lambda:us-east-1:123456789012:function:local-Fn"
FUNCTION = """
  Fn:
    Type: AWS::Serverless::Function
    Properties: {InlineCode: "", Handler: index.handler, Runtime: python3.13}
"""


def machine(properties: str, type_: str = "AWS::Serverless::StateMachine") -> str:
    lines = "\n".join(f"      {line}" for line in properties.strip().splitlines())
    return f"Resources:{FUNCTION}  Machine:\n    Type: {type_}\n    Properties:\n{lines}\n"


def definition(resource: str = "${FnArn}", **more: Any) -> dict[str, Any]:
    return {"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": resource, "End": True, **more}}}


def message(name: str | None = "Machine") -> str:
    with pytest.raises(TemplateError) as caught:
        sam.read("template.yaml").state_machine(name)
    return str(caught.value)


URI = """
DefinitionUri: flow/machine.asl.json
DefinitionSubstitutions: {FnArn: !GetAtt Fn.Arn, Retries: 3}
"""


def test_a_state_machine_is_read_from_its_definition_uri(write: Write) -> None:
    write({"template.yaml": machine(URI), "flow/machine.asl.json": json.dumps(definition())})
    found = sam.read("template.yaml").state_machine("Machine")
    assert found == sam.StateMachine(
        logical_id="Machine",
        name="local-Machine",
        arn="arn:aws:states:us-east-1:123456789012:stateMachine:local-Machine",
        type="STANDARD",
        definition=definition(ARN),
        source=Path("flow/machine.asl.json"),
        place="template.yaml: Resources/Machine",
        role_arn="arn:aws:iam::123456789012:role/local-MachineRole",
    )


def test_a_substitution_stays_text_also_for_a_number(write: Write) -> None:
    write(
        {
            "template.yaml": machine(URI),
            "flow/machine.asl.json": json.dumps(definition(Comment="${Retries} of ${Retries}", Max="${Retries}")),
        }
    )
    state = sam.read("template.yaml").state_machine().definition["States"]["A"]
    assert (state["Comment"], state["Max"]) == ("3 of 3", "3")


def test_a_substitution_outside_quotes_is_made_before_the_text_is_parsed(write: Write) -> None:
    write({"template.yaml": machine(URI), "flow/machine.asl.json": '{"FnArn": "${FnArn}", "Max": ${Retries}}'})
    assert sam.read("template.yaml").state_machine().definition == {"FnArn": ARN, "Max": 3}


def test_a_substitution_may_bring_in_another(write: Write) -> None:
    substitutions = "DefinitionSubstitutions: {A: '${B}!', B: b, Loop: '${Loop}'}"
    write({"template.yaml": machine(f"DefinitionUri: m.json\n{substitutions}"), "m.json": '{"X": "${A}"}'})
    assert sam.read("template.yaml").state_machine().definition == {"X": "b!"}


def test_a_substitution_is_also_made_in_keys(write: Write) -> None:
    substitutions = "DefinitionSubstitutions: {Name: Start}"
    write({"template.yaml": machine(f"DefinitionUri: m.json\n{substitutions}"), "m.json": '{"${Name}": 1}'})
    assert sam.read("template.yaml").state_machine().definition == {"Start": 1}


def test_a_definition_may_be_yaml(write: Write) -> None:
    text = """
    StartAt: No
    States:
      No:
        Type: Task
        Resource: ${FnArn}
        Comment: 2026-01-01
        Retry: [{ErrorEquals: [States.ALL], MaxAttempts: ${Retries}, BackoffRate: 1.5}]
        End: true
    """
    write({"template.yaml": machine(URI.replace(".json", ".yaml")), "flow/machine.asl.yaml": text})
    found = sam.read("template.yaml").state_machine().definition
    assert found["StartAt"] == "No"
    assert found["States"]["No"] == {
        "Type": "Task",
        "Resource": ARN,
        "Comment": "2026-01-01",
        "Retry": [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 3, "BackoffRate": 1.5}],
        "End": True,
    }


def test_a_definition_may_stand_in_the_template_with_intrinsic_functions_in_it(write: Write) -> None:
    properties = """
    Name: flow
    Type: EXPRESS
    Role: arn:aws:iam::1:role/given
    DefinitionSubstitutions: {What: it}
    Definition:
      StartAt: A
      States:
        A: {Type: Task, Resource: !GetAtt Fn.Arn, Comment: !Sub "${AWS::Region}: ${!What}", End: true}
    """
    write({"template.yaml": machine("\n".join(line[4:] for line in properties.strip("\n").splitlines()))})
    found = sam.read("template.yaml").state_machine("flow")
    assert found.definition == definition(ARN, Comment="us-east-1: it")
    assert (found.name, found.type, found.role_arn) == ("flow", "EXPRESS", "arn:aws:iam::1:role/given")
    assert found.source == Path("template.yaml")


def test_a_plain_state_machine_has_its_definition_in_a_string(write: Write) -> None:
    properties = """
StateMachineName: plain
StateMachineType: EXPRESS
RoleArn: !ImportValue role
DefinitionString: !Sub |
  {"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "${Fn.Arn}", "End": true}}}
"""
    write({"template.yaml": machine(properties, "AWS::StepFunctions::StateMachine")})
    found = sam.read("template.yaml").state_machine()
    assert found.definition == definition(ARN)
    assert (found.name, found.type, found.role_arn) == ("plain", "EXPRESS", None)


def test_a_plain_state_machine_may_name_a_local_file(write: Write) -> None:
    write(
        {
            "template.yaml": machine("DefinitionS3Location: m.json", "AWS::StepFunctions::StateMachine"),
            "m.json": '{"StartAt": "A"}',
        }
    )
    assert sam.read("template.yaml").state_machine().definition == {"StartAt": "A"}


def test_a_name_that_is_not_substituted_is_told_with_its_place(write: Write) -> None:
    write({"template.yaml": machine(URI), "flow/machine.asl.json": json.dumps(definition("${FnArm}"))})
    assert message() == (
        "flow/machine.asl.json: /States/A/Resource: nothing is substituted for ${FnArm}; "
        "the DefinitionSubstitutions of template.yaml: Resources/Machine are: FnArn, Retries"
    )


def test_a_name_that_is_not_substituted_in_an_inline_definition_is_told_with_its_place(write: Write) -> None:
    write({"template.yaml": machine('Definition: {States: {"A/B": {Next: ["${X}"]}}}')})
    assert message() == (
        "template.yaml: Resources/Machine/Properties/Definition: /States/A~1B/Next/0: nothing is substituted for "
        "${X}; the DefinitionSubstitutions of template.yaml: Resources/Machine are: none"
    )


PLACE = "Resources/Machine/Properties"


@pytest.mark.parametrize(
    ("properties", "text"),
    [
        ("Name: x", f"template.yaml:7: {PLACE}: expected exactly one of DefinitionUri, Definition, got none"),
        (
            "DefinitionString: '{}'",
            f"template.yaml:7: {PLACE}: expected exactly one of DefinitionUri, Definition, "
            "got DefinitionString, which AWS::Serverless::StateMachine does not have",
        ),
        (
            "DefinitionUri: a\nDefinition: {}",
            f"template.yaml:7: {PLACE}: expected exactly one of DefinitionUri, Definition, "
            "got DefinitionUri and Definition",
        ),
        (
            "DefinitionUri: flow/none.json",
            f"template.yaml:8: {PLACE}/DefinitionUri: expected the path of a definition, "
            'got "flow/none.json": there is no flow/none.json',
        ),
        (
            "DefinitionUri: s3://bucket/key",
            f'template.yaml:8: {PLACE}/DefinitionUri: expected the path of a local file, got "s3://bucket/key" in S3',
        ),
        (
            "DefinitionUri: {Bucket: b, Key: k}",
            f"template.yaml:8: {PLACE}/DefinitionUri: expected the path of a local file, got an object in S3",
        ),
        (
            "DefinitionUri: .",
            f'template.yaml:8: {PLACE}/DefinitionUri: expected the path of a definition, got ".", which is a folder',
        ),
        (
            "DefinitionUri: [a]",
            f"template.yaml:8: {PLACE}/DefinitionUri: expected the path of a local file, got a list",
        ),
        ("Definition: text", f'template.yaml:8: {PLACE}/Definition: expected a mapping, got "text"'),
        (
            "Definition: {a: b}\nType: FAST",
            f'template.yaml:9: {PLACE}/Type: expected STANDARD or EXPRESS, got "FAST"',
        ),
        (
            "Definition: {a: b}\nDefinitionSubstitutions: [a]",
            f"template.yaml:9: {PLACE}/DefinitionSubstitutions: expected a mapping, got a list",
        ),
        (
            "Definition: {a: b}\nDefinitionSubstitutions: {A: {b: c}}",
            f"template.yaml:9: {PLACE}/DefinitionSubstitutions/A: expected a string or a number, got a mapping",
        ),
        (
            "Definition: {a: !GetAtt Fn.Nope}",
            f"template.yaml:8: {PLACE}/Definition/a/Fn::GetAtt: Fn (AWS::Serverless::Function) has no attribute Nope",
        ),
    ],
)
def test_what_is_wrong_with_a_state_machine_is_told_with_its_place(write: Write, properties: str, text: str) -> None:
    write({"template.yaml": machine(properties)})
    assert message() == text


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("m.json", '{\n  "a": 1\n  "b": 2\n}', "m.json:3:3: not valid JSON: Expecting ',' delimiter"),
        (
            "m.json",
            '{"a" 1}',
            "m.json:1:6: not valid JSON: Expecting ':' delimiter",
        ),
        ("m.json", "[1]", "m.json: expected a definition (a mapping), got a list"),
        ("m.yaml", "a: 1\n b: 2", "m.yaml:2:3: not valid YAML: mapping values are not allowed in this context"),
        ("m.yaml", "", "m.yaml: expected a definition (a mapping), got nothing"),
    ],
)
def test_a_definition_that_does_not_parse_is_told_with_file_line_and_column(
    write: Write, name: str, text: str, told: str
) -> None:
    write({"template.yaml": machine(f"DefinitionUri: {name}"), name: text})
    assert message() == told


@pytest.mark.parametrize(
    ("text", "definition", "warning"),
    [
        (
            '{"a": {"b": 1,}, "c": "two\n  lines"}',
            {"a": {"b": 1}, "c": "two lines"},
            "m.json:1:15: not valid JSON: Expecting property name enclosed in double quotes;"
            " read as YAML, as CloudFormation does",
        ),
        ('{"a": 1, "a": 2}', {"a": 2},
         "m.json:1:10: the key 'a' is also at 1:2 in the same mapping; the last one counts"),
        ('{"a": No, "b": 012}', {"a": "No", "b": "012"},
         "m.json:1:7: not valid JSON: Expecting value; read as YAML, as CloudFormation does"),
    ],
)  # fmt: skip
def test_a_definition_that_is_not_json_is_read_as_yaml_with_a_warning(
    write: Write, text: str, definition: str, warning: str
) -> None:
    write({"template.yaml": machine("DefinitionUri: m.json"), "m.json": text})
    found = sam.read("template.yaml").state_machine()
    assert found.definition == definition
    assert found.warnings == (warning,)


@pytest.mark.parametrize(
    "names", ["{X: '${X}${X}'}", str({f"S{n}": f"${{S{n + 1}}}" * 2 for n in range(40)} | {"X": "${S0}"})]
)
def test_substitutions_that_double_a_definition_are_told_at_once(write: Write, names: str) -> None:
    substitutions = f"DefinitionUri: m.json\nDefinitionSubstitutions: {names}"
    write({"template.yaml": machine(substitutions), "m.json": '{"a": "${X}"}'})
    if "S0" in names:
        assert message().endswith(
            "DefinitionSubstitutions: the definition has more than 4194304 characters after substitution"
        )
    else:
        assert "nothing is substituted for ${X}" in message()


TWO = """
Resources:
  First: {Type: AWS::Serverless::StateMachine, Properties: {Name: one, Definition: {StartAt: A}}}
  Second: {Type: AWS::Serverless::StateMachine, Properties: {Definition: {StartAt: "${B}"}}}
"""


def test_of_several_state_machines_one_must_be_named(write: Write) -> None:
    write({"template.yaml": TWO})
    assert message(None) == "template.yaml: which state machine? Name one of: First, Second"


def test_a_state_machine_that_is_not_there_is_told_with_those_that_are(write: Write) -> None:
    write({"template.yaml": TWO})
    assert message("Third") == "template.yaml: no state machine 'Third'; there are: First, Second"


def test_a_state_machine_is_found_by_its_name_and_by_its_logical_id(write: Write) -> None:
    write({"template.yaml": TWO})
    template = sam.read("template.yaml")
    assert template.state_machine("one") is template.state_machine("First")


def test_a_wrong_state_machine_does_not_stand_in_the_way_of_another(write: Write) -> None:
    write({"template.yaml": TWO})
    template = sam.read("template.yaml")
    assert template.state_machine("First").definition == {"StartAt": "A"}
    assert list(template.state_machines) == ["First", "Second"]
    with pytest.raises(TemplateError):
        template.state_machines["Second"]


def test_a_template_without_state_machines_says_so(write: Write) -> None:
    write({"template.yaml": f"Resources:{FUNCTION}"})
    assert message(None) == (
        "template.yaml: expected a state machine (AWS::Serverless::StateMachine or "
        "AWS::StepFunctions::StateMachine) among its Resources, found none"
    )


def test_the_template_of_this_repository_is_read() -> None:
    root = Path(__file__).parents[3]
    template = sam.read(root / "template.yaml", use_build=False)
    found = template.state_machine()
    assert found.logical_id == "MyAPIStateMachine"
    assert found.definition["States"]["Call API"]["Resource"] == template.functions["MockAPIFunction"].arn
    assert template.functions["MockAPIFunction"].problem is None
