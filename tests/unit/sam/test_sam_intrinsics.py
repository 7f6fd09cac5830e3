from __future__ import annotations

from collections.abc import Callable
from textwrap import indent

import pytest

from everypath import sam
from tests.unit.sam.conftest import Write

HEAD = """
Parameters:
  Stage: {Type: String, Default: dev}
Mappings:
  Sizes: {dev: {Memory: 128, Names: [a, b]}}
Conditions:
  IsDev: !Equals [!Ref Stage, dev]
  IsProd: !Equals [!Ref Stage, prod]
  Both: !And [!Condition IsDev, !Not [!Condition IsProd]]
  Either: !Or [!Condition IsProd, Condition: IsDev]
  Loop: !Not [!Condition Loop]
Resources:
  Fn:
    Type: AWS::Serverless::Function
    Properties:
      Handler: app.handler
      Runtime: python3.13
      AutoPublishAlias: live
      Environment:
        Variables:
"""
TAIL = """
  Other: {Type: AWS::Serverless::Function, Properties: {FunctionName: other, Handler: a.b, Runtime: python3.13}}
  Plain: {Type: AWS::Lambda::Function, Properties: {Handler: a.b, Runtime: python3.13, Code: .}}
  Machine: {Type: AWS::Serverless::StateMachine, Properties: {Name: flow}}
  Native: {Type: AWS::StepFunctions::StateMachine}
  Work: {Type: AWS::StepFunctions::Activity, Properties: {Name: work}}
  Queue: {Type: AWS::SQS::Queue}
  Fifo: {Type: AWS::SQS::Queue, Properties: {FifoQueue: true}}
  Topic: {Type: AWS::SNS::Topic}
  Table: {Type: AWS::DynamoDB::Table, Properties: {TableName: !Sub "t-${Stage}"}}
  Bucket: {Type: AWS::S3::Bucket}
  Role: {Type: AWS::IAM::Role}
  Logs: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: /my/logs}}
  Bus: {Type: AWS::Events::EventBus, Properties: {Name: bus}}
  Alias: {Type: AWS::Lambda::Alias, Properties: {FunctionName: !Ref Plain, Name: live}}
  Version: {Type: AWS::Lambda::Version, Properties: {FunctionName: !GetAtt Plain.Arn}}
  Database: {Type: AWS::RDS::DBInstance}
  Never: {Type: AWS::SQS::Queue, Condition: IsProd}
"""
LAMBDA = "arn:aws:lambda:us-east-1:123456789012:function"
STATES = "arn:aws:states:us-east-1:123456789012"


Resolved = Callable[[str], tuple[str | None, str | None]]


@pytest.fixture
def resolved(write: Write) -> Resolved:
    """Returns what a value in the template becomes, and the message if it is none."""

    def value(text: str) -> tuple[str | None, str | None]:
        variable = indent(f"VALUE: {text}", " " * 10)
        write({"template.yaml": f"{HEAD}{variable}\n{TAIL}"})
        function = sam.read("template.yaml").functions["Fn"]
        return function.environment.get("VALUE"), function.unresolved.get("VALUE", function.problem)

    return value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("!Ref Stage", "dev"),
        ("{Ref: Stage}", "dev"),
        ("!Ref AWS::Region", "us-east-1"),
        ("!Ref AWS::AccountId", "123456789012"),
        ("!Ref AWS::Partition", "aws"),
        ("!Ref AWS::StackName", "local"),
        ("!Ref AWS::URLSuffix", "amazonaws.com"),
        ('!Sub "${Stage}-${AWS::Region}-${!Literal}"', "dev-us-east-1-${Literal}"),
        ('!Sub ["${A}/${Stage}", {A: !Ref AWS::Region}]', "us-east-1/dev"),
        ('{"Fn::Sub": "${Queue.Arn}"}', "arn:aws:sqs:us-east-1:123456789012:local-Queue"),
        ('!Join ["-", [a, !Ref Stage, 3]]', "a-dev-3"),
        ("!Select [1, [a, b]]", "b"),
        ("!Select ['0', !Split ['/', 'x/y']]", "x"),
        ("!Select [0, !GetAZs '']", "us-east-1a"),
        ("!Select [1, !Cidr [10.0.0.0/16, 2, 8]]", "10.0.1.0/24"),
        ("!If [IsDev, yes-it-is, !ImportValue unknown]", "yes-it-is"),
        ("!If [IsProd, 1, 2]", "2"),
        ("!If [Both, both, x]", "both"),
        ("!If [Either, either, x]", "either"),
        ("!FindInMap [Sizes, !Ref Stage, Memory]", "128"),
        ("!FindInMap [Sizes, nope, Memory, {DefaultValue: 5}]", "5"),
        ("!Select [0, !FindInMap [Sizes, dev, Names]]", "a"),
        ("!Base64 text", "dGV4dA=="),
        ("{'Fn::ToJsonString': {a: [1, !Ref Stage]}}", '{"a":[1,"dev"]}'),
        ("{'Fn::Length': [1, 2]}", "2"),
        ("true", "true"),
        ("!Ref Fn", "local-Fn"),
        ("!GetAtt Fn.Arn", f"{LAMBDA}:local-Fn"),
        ("{'Fn::GetAtt': [Fn, Arn]}", f"{LAMBDA}:local-Fn"),
        ("{'Fn::GetAtt': Fn.Arn}", f"{LAMBDA}:local-Fn"),
        ("!Ref Fn.Alias", f"{LAMBDA}:local-Fn:live"),
        ("!Ref Fn.Version", f"{LAMBDA}:local-Fn:1"),
        ("!Ref FnAliaslive", f"{LAMBDA}:local-Fn:live"),
        ('!Sub "${Fn.Alias}"', f"{LAMBDA}:local-Fn:live"),
        ("!GetAtt FnRole.Arn", "arn:aws:iam::123456789012:role/local-FnRole"),
        ("!Ref Other", "other"),
        ("!GetAtt Other.Arn", f"{LAMBDA}:other"),
        ("!GetAtt Plain.Arn", f"{LAMBDA}:local-Plain"),
        ("!Ref Alias", f"{LAMBDA}:local-Plain:live"),
        ("!Ref Version", f"{LAMBDA}:local-Plain:1"),
        ("!Ref Machine", f"{STATES}:stateMachine:flow"),
        ("!GetAtt Machine.Name", "flow"),
        ("!GetAtt Native.Arn", f"{STATES}:stateMachine:local-Native"),
        ("!Ref Work", f"{STATES}:activity:work"),
        ("!Ref Queue", "https://sqs.us-east-1.amazonaws.com/123456789012/local-Queue"),
        ("!GetAtt Fifo.QueueName", "local-Fifo.fifo"),
        ("!Ref Topic", "arn:aws:sns:us-east-1:123456789012:local-Topic"),
        ("!Ref Table", "t-dev"),
        ("!GetAtt Table.Arn", "arn:aws:dynamodb:us-east-1:123456789012:table/t-dev"),
        ("!Ref Bucket", "local-bucket"),
        ("!GetAtt Bucket.Arn", "arn:aws:s3:::local-bucket"),
        ("!Ref Role", "local-Role"),
        ("!GetAtt Role.Arn", "arn:aws:iam::123456789012:role/local-Role"),
        ("!GetAtt Logs.Arn", "arn:aws:logs:us-east-1:123456789012:log-group:/my/logs:*"),
        ("!GetAtt Bus.Arn", "arn:aws:events:us-east-1:123456789012:event-bus/bus"),
        ("!Ref Database", "local-Database"),
        ("!GetAtt Database.Arn", "arn:aws:rds:us-east-1:123456789012:dbinstance/local-Database"),
    ],
)
def test_an_intrinsic_function_gives_what_cloudformation_would(resolved: Resolved, text: str, value: str) -> None:
    assert resolved(text) == (value, None)


def test_no_value_takes_the_property_away(resolved: Resolved) -> None:
    assert resolved("!Ref AWS::NoValue") == (None, None)
    assert resolved("!If [IsProd, x, !Ref AWS::NoValue]") == (None, None)


PLACE = "Resources/Fn/Properties/Environment/Variables/VALUE"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("!Ref AWS::Nope", "/Ref: there is no pseudo parameter 'AWS::Nope'"),
        ("{'Fn::Transform': {Name: x}}", ": Fn::Transform is not supported: "
         "what a macro makes of its input is known only on AWS"),
        ("{'Fn::Nope': 1}", ": the function Fn::Nope is not supported"),
        ("!GetAt Queue.Arn", ": the function Fn::GetAt is not supported; did you mean !GetAtt?"),
        ("!GetAtt Plain.arn", "/Fn::GetAtt: Plain (AWS::Lambda::Function) has no attribute arn; did you mean Arn?"),
        ("!Split ['', a]", "/Fn::Split/0: expected a separator, got an empty string"),
        ("!Cidr ['::/0', 1000000000, 8]", "/Fn::Cidr: expected [ipBlock, count, cidrBits]: count is from 1 to 256"),
        ("!GetAtt Queue", "/Fn::GetAtt: expected a logical id and the name of an attribute, got a list"),
        ("!Ref Never", "/Ref: Never does not exist, because the condition IsProd does not hold"),
        ("!If [Nope, 1, 2]", "/Fn::If/0: there is no condition 'Nope'; the template's are: "
         "IsDev, IsProd, Both, Either, Loop"),
        ("!If [IsDev, 1]", "/Fn::If: expected the name of a condition and two values, got a list"),
        ("!Join [a]", "/Fn::Join: expected a separator and a list, got a list"),
        ("!Join ['', b]", '/Fn::Join/1: expected a list, got "b"'),
        ("!Select [2, [a, b]]", "/Fn::Select/0: expected an index below 2, the length of the list, got 2"),
        ("!Split [a]", "/Fn::Split: expected a separator and a string, got a list"),
        ("!Sub {a: b}", "/Fn::Sub: expected a string, got a mapping"),
        ("!Sub [a]", "/Fn::Sub: expected a string and a mapping, got a list"),
        ("!FindInMap [Sizes, prod, Memory]", "/Fn::FindInMap: Mappings/Sizes/prod does not exist; there are: dev"),
        ("!Cidr [nope, 1]", "/Fn::Cidr: expected [ipBlock, count, cidrBits]: "
         "'nope' does not appear to be an IPv4 or IPv6 network"),
    ],
)  # fmt: skip
def test_what_cannot_be_resolved_is_told_with_its_place(resolved: Resolved, text: str, message: str) -> None:
    value, problem = resolved(text)
    assert value is None
    assert problem == f"template.yaml:20: {PLACE}{message}"


def test_a_reference_to_nothing_names_what_there_is(resolved: Resolved) -> None:
    _, problem = resolved("!Ref Queu")
    assert problem is not None
    assert problem.startswith(
        f"template.yaml:20: {PLACE}/Ref: there is no parameter or resource 'Queu'; the template's resources are: Fn, "
    )


def test_a_condition_in_terms_of_itself_is_told(resolved: Resolved) -> None:
    _, problem = resolved("!If [Loop, 1, 2]")
    assert problem == ("template.yaml:10: Conditions/Loop: the condition Loop is defined in terms of itself")


def test_a_variable_that_is_a_list_is_told(resolved: Resolved) -> None:
    assert resolved("[1, 2]") == (None, f"template.yaml:20: {PLACE}: expected a string, got a list")


def test_account_and_region_and_stack_are_in_what_is_resolved(write: Write) -> None:
    write({"template.yaml": f"{HEAD}          ARN: !GetAtt Plain.Arn\n{TAIL}"})
    template = sam.read("template.yaml", account="111111111111", region="cn-north-1", stack="shop")
    function = template.functions["Fn"]
    assert function.arn == "arn:aws-cn:lambda:cn-north-1:111111111111:function:shop-Fn"
    assert function.environment["ARN"] == "arn:aws-cn:lambda:cn-north-1:111111111111:function:shop-Plain"
