from __future__ import annotations

import pytest

from everypath import sam
from everypath.errors import TemplateError
from tests.unit.sam.conftest import Write

TEMPLATE = """
Parameters:
  Stage: {Type: String, Default: dev, AllowedValues: [dev, prod]}
  Count: {Type: Number, Default: 3}
  Zones: {Type: CommaDelimitedList, Default: "a, b"}
  Secret: {Type: String}
  Prefix: {Type: String, Default: "", AllowedPattern: "[a-z]*"}
  Key: {Type: "AWS::SSM::Parameter::Value<String>", Default: /path/of/key}
Resources:
  Fn:
    Type: AWS::Serverless::Function
    Properties:
      Handler: app.handler
      Runtime: python3.13
      Environment:
        Variables:
          STAGE: !Ref Stage
          COUNT: !Ref Count
          ZONES: !Join ["-", !Ref Zones]
          KEY: !Ref Key
          SECRET: !Ref Secret
"""


def environment(**overrides: str) -> dict[str, str]:
    return dict(sam.read("template.yaml", overrides).functions["Fn"].environment)


def message(**overrides: str) -> str:
    with pytest.raises(TemplateError) as caught:
        sam.read("template.yaml", overrides)
    return str(caught.value)


def test_a_parameter_has_its_default_and_numbers_are_text(write: Write) -> None:
    write({"template.yaml": TEMPLATE})
    assert environment() == {"STAGE": "dev", "COUNT": "3", "ZONES": "a-b", "KEY": "/path/of/key"}


def test_an_override_takes_the_place_of_a_default(write: Write) -> None:
    write({"template.yaml": TEMPLATE})
    assert environment(Stage="prod", Count="5", Zones="x", Key="value", Secret="s") == {
        "STAGE": "prod",
        "COUNT": "5",
        "ZONES": "x",
        "KEY": "value",
        "SECRET": "s",
    }


def test_an_override_of_no_parameter_is_told(write: Write) -> None:
    write({"template.yaml": TEMPLATE})
    assert message(Stge="dev") == (
        "template.yaml: --parameter-overrides: no parameter 'Stge'; the template's are: "
        "Stage, Count, Zones, Secret, Prefix, Key"
    )


def test_an_override_that_is_not_allowed_is_told(write: Write) -> None:
    write({"template.yaml": TEMPLATE})
    assert message(Stage="test") == (
        'template.yaml: --parameter-overrides Stage: expected one of "dev", "prod", got "test"'
    )


def test_an_override_that_is_no_number_is_told(write: Write) -> None:
    write({"template.yaml": TEMPLATE})
    assert message(Count="many") == ('template.yaml: --parameter-overrides Count: expected a number, got "many"')


def test_an_override_that_does_not_match_the_pattern_is_told(write: Write) -> None:
    write({"template.yaml": TEMPLATE})
    assert message(Prefix="A1") == (
        'template.yaml: --parameter-overrides Prefix: expected a string that matches [a-z]*, got "A1"'
    )


def test_a_parameter_without_a_value_is_an_error_only_where_it_is_needed(write: Write) -> None:
    write({"template.yaml": TEMPLATE})
    function = sam.read("template.yaml").functions["Fn"]
    assert function.problem is None
    assert function.unresolved == {
        "SECRET": "template.yaml:5: Parameters/Secret: has no Default: "
        "give it a value with --parameter-overrides Secret=VALUE"
    }


def test_a_parameter_without_a_value_that_is_needed_is_told(write: Write) -> None:
    write(
        {
            "template.yaml": """
            Parameters:
              Uri: {Type: String}
            Resources:
              Machine:
                Type: AWS::Serverless::StateMachine
                Properties: {DefinitionUri: !Ref Uri}
            """
        }
    )
    with pytest.raises(TemplateError) as caught:
        sam.read("template.yaml").state_machine()
    assert str(caught.value) == (
        "template.yaml:2: Parameters/Uri: has no Default: give it a value with --parameter-overrides Uri=VALUE"
    )


def test_a_parameter_that_is_declared_as_nothing_is_missing(write: Write) -> None:
    write({"template.yaml": "Parameters: {A: null}\nResources:\n  Q: {Type: AWS::SQS::Queue, Condition: C}\n"
           "  F: {Type: AWS::Lambda::Function, Condition: C}\nConditions: {C: !Equals [!Ref A, a]}\n"})  # fmt: skip
    with pytest.raises(TemplateError, match="Parameters/A: has no Default"):
        sam.read("template.yaml")
