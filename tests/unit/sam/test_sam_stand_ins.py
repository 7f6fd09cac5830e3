"""Values that only a deployment knows."""

from __future__ import annotations

import pytest

from everypath import sam
from everypath.errors import InputError, TemplateError
from everypath.sam.model import Function, StateMachine
from tests.unit.sam.conftest import Write

TEMPLATE = """
Transform: AWS::Serverless-2016-10-31
Parameters:
  Subnet: {Type: String, Default: none}
Conditions:
  Known: !Equals [!Ref Subnet, none]
Resources:
  Database: {Type: AWS::RDS::DBInstance}
  Fn:
    Type: AWS::Serverless::Function
    Properties:
      Handler: app.handler
      Runtime: python3.13
      Environment: {Variables: {VALUE: %s}}
  Machine:
    Type: AWS::Serverless::StateMachine
    Properties:
      Role: !ImportValue role
      DefinitionUri: m.asl.json
      DefinitionSubstitutions: {Value: %s}
"""


def pieces(
    write: Write, value: str, definition: str = '{"Value": "${Value}"}', **values: str
) -> tuple[Function, StateMachine]:
    write({"template.yaml": TEMPLATE % (value, value), "m.asl.json": definition})
    template = sam.read("template.yaml", values=values)
    return template.functions["Fn"], template.state_machine()


@pytest.mark.parametrize(
    ("value", "name", "text"),
    [
        ("!ImportValue other-stack:TopicArn", "other-stack:TopicArn", "stand-in-for-other-stack-TopicArn"),
        ("!ImportValue {'Fn::Sub': '${AWS::Region}:Bus'}", "us-east-1:Bus", "stand-in-for-us-east-1-Bus"),
        ("{'Fn::GetStackOutput': {StackName: a, OutputName: b}}", "a.b", "stand-in-for-a-b"),
        ("!GetAtt Database.Endpoint.Address", "Database.Endpoint.Address", "stand-in-for-Database-Endpoint-Address"),
        ("!Sub 'x/${Database.Endpoint.Address}'", "Database.Endpoint.Address",
         "x/stand-in-for-Database-Endpoint-Address"),
        ("'{{resolve:ssm:/a/b}}'", "ssm:/a/b", "stand-in-for-ssm-a-b"),
        ("!Sub '{{resolve:ssm:/${AWS::StackName}/b}}'", "ssm:/local/b", "stand-in-for-ssm-local-b"),
        ("!Select [1, !Ref AWS::NotificationARNs]", "AWS::NotificationARNs.1", "stand-in-for-AWS-NotificationARNs-1"),
        ("!Select [2, !Split [',', !ImportValue subnets]]", "subnets.2", "stand-in-for-subnets-2"),
        ("!Select [0, !Cidr [!ImportValue block, 4, 8]]", "block.0", "stand-in-for-block-0"),
        ("!Join [',', !Split [':', !ImportValue subnets]]", "subnets", "stand-in-for-subnets"),
        ("!Split [',', !ImportValue subnets]", "subnets", "stand-in-for-subnets"),
    ],
)  # fmt: skip
def test_a_value_that_only_a_deployment_knows_has_a_stand_in_that_names_it(
    write: Write, value: str, name: str, text: str
) -> None:
    function, machine = pieces(write, value)
    assert machine.definition == {"Value": text}
    assert machine.unknown == (name,)
    assert function.stand_in_values == {"VALUE": text}
    assert function.problem is None


@pytest.mark.parametrize(
    ("value", "values", "text"),
    [
        ("!ImportValue topic:Arn", {"topic:Arn": "arn:x"}, "arn:x"),
        ("!Sub '${Database.Port}/tcp'", {"Database.Port": "5432"}, "5432/tcp"),
        ("!Select [1, !Split [',', !ImportValue subnets]]", {"subnets": "a,b"}, "b"),
        ("!Select [1, !Split [',', !ImportValue subnets]]", {"subnets.1": "b"}, "b"),
        ("'{{resolve:ssm:/a/b}}'", {"ssm:/a/b": "c"}, "c"),
        ("!Ref Database", {"Database": "orders"}, "orders"),
    ],
)
def test_a_value_that_is_given_takes_the_place_of_the_stand_in(
    write: Write, value: str, values: dict[str, str], text: str
) -> None:
    function, machine = pieces(write, value, **values)
    assert machine.definition == {"Value": text}
    assert machine.unknown == ()
    assert function.environment == {"VALUE": text}


def test_pyproject_gives_values_and_those_of_the_caller_come_first(write: Write) -> None:
    write({"pyproject.toml": "[tool.everypath.values]\n'topic:Arn' = 'a'\nport = 5\n"})
    assert pieces(write, "!ImportValue topic:Arn")[1].definition == {"Value": "a"}
    assert pieces(write, "!ImportValue port")[1].definition == {"Value": "5"}
    assert pieces(write, "!ImportValue topic:Arn", **{"topic:Arn": "b"})[1].definition == {"Value": "b"}


def test_values_of_pyproject_that_are_no_text_are_told(write: Write) -> None:
    write({"pyproject.toml": "[tool.everypath.values]\nDatabase.Port = 5\n"})
    with pytest.raises(InputError, match=r"\[tool.everypath.values\] Database: expected a string or a number"):
        pieces(write, "!ImportValue a")


def test_a_resource_that_is_known_only_once_deployed_is_taken_for_a_function(write: Write) -> None:
    _, machine = pieces(write, "!ImportValue pay:Arn", '{"A": {"Type": "Task", "Resource": "${Value}"}}')
    arn = "arn:aws:lambda:us-east-1:123456789012:function:stand-in-for-pay-Arn"
    assert machine.definition["A"]["Resource"] == arn
    assert machine.role_arn is None


def test_a_condition_is_not_decided_by_a_stand_in(write: Write) -> None:
    template = TEMPLATE.replace("[!Ref Subnet, none]", "[!ImportValue subnet, none]") + "    Condition: Known\n"
    write({"template.yaml": template % ("a", "a"), "m.asl.json": "{}"})
    with pytest.raises(TemplateError) as caught:
        sam.read("template.yaml")
    assert str(caught.value) == (
        "template.yaml:5: Conditions/Known/Fn::Equals: depends on the value of subnet, "
        "which is known only once it is deployed: give it with --value subnet=VALUE"
    )


def test_conditions_that_double_are_worked_out_once(write: Write) -> None:
    conditions = "".join(f"  C{n}: !And [Condition: C{n + 1}, Condition: C{n + 1}]\n" for n in range(60))
    template = TEMPLATE.replace("Conditions:\n", f"Conditions:\n{conditions}  C60: !Equals [a, a]\n")
    write({"template.yaml": template % ("!If [C0, a, b]", "!If [C0, a, b]"), "m.asl.json": '{"Value": "${Value}"}'})
    assert sam.read("template.yaml").state_machine().definition == {"Value": "a"}


def test_a_value_that_doubles_itself_is_told(write: Write) -> None:
    both = "${Q%d.QueueName}${Q%d.QueueName}"
    queues = (f"{{Type: 'AWS::SQS::Queue', Properties: {{QueueName: !Sub '{both % (n, n)}'}}}}" for n in range(1, 41))
    names = "".join(f"  Q{n}: {queue}\n" for n, queue in enumerate(queues))
    template = TEMPLATE.replace("Resources:\n", f"Resources:\n{names}  Q40: {{Type: 'AWS::SQS::Queue'}}\n")
    write({"template.yaml": template % ("!GetAtt Q0.QueueName", "a"), "m.asl.json": "{}"})
    assert "is a text of more than 1048576 characters" in sam.read("template.yaml").functions["Fn"].unresolved["VALUE"]
