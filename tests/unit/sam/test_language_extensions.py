"""What transforms make of a template: loops and includes."""

from __future__ import annotations

import pytest

from everypath import sam
from everypath.errors import TemplateError
from tests.unit.sam.conftest import Write

TEMPLATE = """
Transform: [AWS::LanguageExtensions, AWS::Serverless-2016-10-31]
Parameters:
  Names: {Type: CommaDelimitedList, Default: "One,Two"}
Mappings:
  Teams: {all: {names: [a-b, c]}}
Resources:
  %s
  Machine:
    Type: AWS::Serverless::StateMachine
    Properties:
      Definition: %s
"""
PASS = "{StartAt: A, States: {A: {Type: Pass, End: true}}}"


def read(write: Write, resources: str, definition: str = PASS, **files: str) -> sam.Template:
    write({"template.yaml": TEMPLATE % (resources, definition), **files})
    return sam.read("template.yaml")


FUNCTION = (
    "{Type: AWS::Serverless::Function, Properties: {Handler: app.handler, Runtime: python3.13, FunctionName: %s}}"
)


@pytest.mark.parametrize(
    ("loop", "names"),
    [
        ("[Name, !Ref Names, {'Fn${Name}': %s}]" % (FUNCTION % "!Sub 'fn-${Name}'"),
         {"FnOne": "fn-One", "FnTwo": "fn-Two"}),
        ("[Name, [X], {'Fn${Name}': %s}]" % (FUNCTION % "!Ref Name"), {"FnX": "X"}),
        ("[Name, !FindInMap [Teams, all, names], {'Fn&{Name}': %s}]" % (FUNCTION % "'${Name}'"),
         {"Fnab": "a-b", "Fnc": "c"}),
        ("[A, [x, y], {'Fn::ForEach::Inner': [B, [1, 2], {'Fn${A}${B}': %s}]}]" % (FUNCTION % "'${A}-${B}'"),
         {"Fnx1": "x-1", "Fnx2": "x-2", "Fny1": "y-1", "Fny2": "y-2"}),
    ],
)  # fmt: skip
def test_a_loop_is_written_out(write: Write, loop: str, names: dict[str, str]) -> None:
    template = read(write, f"Fn::ForEach::Functions: {loop}")
    assert {key: function.name for key, function in template.functions.items()} == names
    assert template.state_machine().definition["StartAt"] == "A"


def test_a_loop_may_stand_in_a_definition(write: Write) -> None:
    states = "{Fn::ForEach::All: [N, [1, 2], {'S${N}': {Type: Pass, End: true}}]}"
    template = read(write, "Q: {Type: AWS::SQS::Queue}", f"{{StartAt: S1, States: {states}}}")
    assert list(template.state_machine().definition["States"]) == ["S1", "S2"]


def test_what_is_wrong_in_a_loop_is_told_where_it_is_written(write: Write) -> None:
    loop = (
        "[Name, [X], {'Fn${Name}': {Type: AWS::Serverless::Function, Properties: {Handler: 3, Runtime: python3.13}}}]"
    )
    template = read(write, f"Fn::ForEach::Functions: {loop}")
    assert template.functions["FnX"].problem == (
        "template.yaml:7: Resources/FnX/Properties/Handler: expected a string, got 3"
    )


@pytest.mark.parametrize(
    ("loop", "problem"),
    [
        ("[Name, [X]]", "expected a name, a list and a mapping to repeat, got a list"),
        ("x", 'expected a name, a list and a mapping to repeat, got "x"'),
        ("[Name, [[X]], {'A${Name}': {}}]", "expected a list of strings, got a list"),
        ("[Name, {a: b}, {'A${Name}': {}}]", "expected a list, got a mapping"),
        ("[Name, [a, b], {A: {}}]", "makes A twice; put ${Name} into its name"),
    ],
)
def test_a_malformed_loop_is_told(write: Write, loop: str, problem: str) -> None:
    with pytest.raises(TemplateError) as caught:
        read(write, f"Fn::ForEach::Functions: {loop}")
    assert str(caught.value).startswith("template.yaml:7: Resources/Fn::ForEach::Functions")
    assert str(caught.value).endswith(problem)


def test_loops_that_multiply_are_told_at_once(write: Write) -> None:
    items = "[a, b, c, d, e, f, g, h, i, j]"
    inner = "{'X${A0}${A1}${A2}${A3}${A4}${A5}': {Type: AWS::SQS::Queue}}"
    for depth in range(6):
        inner = f"{{'Fn::ForEach::L{depth}': [A{depth}, {items}, {inner}]}}"
    with pytest.raises(TemplateError, match="Fn::ForEach makes too much of the template"):
        read(write, f"Fn::ForEach::All: [Z, [z], {inner}]")


def test_an_included_definition_is_put_in(write: Write) -> None:
    include = "{'Fn::Transform': {Name: AWS::Include, Parameters: {Location: flow/m.yaml}}}"
    template = read(write, "Q: {Type: AWS::SQS::Queue}", include, **{"flow/m.yaml": PASS.replace("Pass", "Succeed")})
    assert template.state_machine().definition["States"]["A"]["Type"] == "Succeed"


def test_included_resources_stand_beside_those_of_the_template(write: Write) -> None:
    queue = "Q: {Type: AWS::SQS::Queue, Properties: {QueueName: orders}}"
    include = "Fn::Transform: {Name: AWS::Include, Parameters: {Location: more.yaml}}"
    template = read(write, include, "{StartAt: !GetAtt Q.QueueName}", **{"more.yaml": queue})
    assert template.state_machine().definition == {"StartAt": "orders"}


def test_a_template_may_be_included_as_a_whole(write: Write) -> None:
    included = "Resources:\n  Q: {Type: AWS::SQS::Queue, Properties: {QueueName: orders}}\n"
    template = """
    Transform: [{Name: AWS::Include, Parameters: {Location: more.yaml}}]
    Resources:
      Machine: {Type: AWS::Serverless::StateMachine, Properties: {Definition: {StartAt: !GetAtt Q.QueueName}}}
    """
    write({"template.yaml": template, "more.yaml": included})
    assert sam.read("template.yaml").state_machine().definition == {"StartAt": "orders"}


def test_an_include_that_is_not_there_is_told(write: Write) -> None:
    with pytest.raises(TemplateError) as caught:
        read(write, "Fn::Transform: {Name: AWS::Include, Parameters: {Location: none.yaml}}")
    assert str(caught.value) == (
        "template.yaml:7: Resources/Fn::Transform: expected the Location of a file, but there is no none.yaml"
    )


def test_a_ref_in_a_loop_to_what_is_no_name_is_told(write: Write) -> None:
    template = read(write, f"Fn::ForEach::F: [N, [x], {{'F${{N}}': {FUNCTION % '!Ref {a: b}'}}}]")
    assert "expected a logical id, got a mapping" in str(template.functions["Fx"].problem)


def test_a_location_that_can_be_no_path_is_told(write: Write) -> None:
    location = "a" * 5000
    with pytest.raises(TemplateError, match="expected the Location of a file, but there is no aaa"):
        read(write, f"Fn::Transform: {{Name: AWS::Include, Parameters: {{Location: {location}}}}}")
