from __future__ import annotations

from pathlib import Path

import pytest

from everypath import sam
from everypath.sam import Function
from tests.unit.sam.conftest import Write

MINIMAL = """
Resources:
  Fn:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src
      Handler: app.handler
      Runtime: python3.13
"""


def function(template: str = "template.yaml") -> Function:
    return sam.read(template).functions["Fn"]


def test_a_function_has_lambdas_defaults(write: Write) -> None:
    write({"template.yaml": MINIMAL, "src/app.py": ""})
    assert function() == Function(
        logical_id="Fn",
        name="local-Fn",
        arn="arn:aws:lambda:us-east-1:123456789012:function:local-Fn",
        code_dir=Path.cwd() / "src",
        handler="app.handler",
        runtime="python3.13",
        timeout=3.0,
        memory=128,
        environment={},
        architecture="x86_64",
        place="template.yaml: Resources/Fn",
        log_group="/aws/lambda/local-Fn",
    )


def test_a_function_has_what_its_properties_say(write: Write) -> None:
    write(
        {
            "app/template.yaml": """
            Parameters:
              Timeout: {Type: Number, Default: 20}
            Resources:
              Fn:
                Type: AWS::Serverless::Function
                Properties:
                  FunctionName: !Sub "${AWS::StackName}-orders"
                  CodeUri: ../src/orders/
                  Handler: package.module.handle
                  Runtime: python3.12
                  Timeout: !Ref Timeout
                  MemorySize: 512
                  Architectures: [arm64]
                  LoggingConfig: {LogGroup: /orders}
                  Environment: {Variables: {TABLE: t, SIZE: 3, ON: false}}
            """,
            "src/orders/package/module.py": "",
        }
    )
    found = function("app/template.yaml")
    assert found.problem is None
    assert found.name == "local-orders"
    assert found.code_dir.samefile(Path("src/orders"))
    assert (found.handler, found.runtime) == ("package.module.handle", "python3.12")
    assert (found.timeout, found.memory, found.architecture) == (20.0, 512, "arm64")
    assert found.environment == {"TABLE": "t", "SIZE": "3", "ON": "false"}
    assert found.log_group == "/orders"


def test_globals_are_merged_under_a_function_key_by_key(write: Write) -> None:
    write(
        {
            "template.yaml": """
            Globals:
              Function:
                Runtime: python3.13
                Timeout: 10
                MemorySize: 256
                Environment: {Variables: {A: general, B: general}}
            Resources:
              Fn:
                Type: AWS::Serverless::Function
                Properties:
                  Handler: app.handler
                  Timeout: 20
                  Environment: {Variables: {B: own, C: own}}
              Other:
                Type: AWS::Lambda::Function
                Properties: {Handler: app.handler, Runtime: python3.12, Code: .}
            """
        }
    )
    template = sam.read("template.yaml")
    found = template.functions["Fn"]
    assert (found.runtime, found.timeout, found.memory) == ("python3.13", 20.0, 256)
    assert found.environment == {"A": "general", "B": "own", "C": "own"}
    assert template.functions["Other"].timeout == 3.0


def test_variables_may_be_chosen_by_a_condition(write: Write) -> None:
    write(
        {
            "template.yaml": """
            Conditions: {IsOn: !Equals [a, a]}
            Resources:
              Fn:
                Type: AWS::Serverless::Function
                Properties:
                  Handler: app.handler
                  Runtime: python3.13
                  Environment: !If [IsOn, {Variables: {A: b}}, !Ref AWS::NoValue]
            """
        }
    )
    assert function().environment == {"A": "b"}


def test_code_is_beside_the_template_where_no_code_uri_is_given(write: Write) -> None:
    write({"template.yaml": MINIMAL.replace("      CodeUri: src\n", "")})
    assert function().code_dir == Path.cwd()


def test_inline_code_is_kept_as_text(write: Write) -> None:
    write(
        {
            "template.yaml": """
            Resources:
              Fn:
                Type: AWS::Serverless::Function
                Properties: {InlineCode: "def handler(e, c): return 1", Handler: index.handler, Runtime: python3.13}
              Plain:
                Type: AWS::Lambda::Function
                Properties: {Code: {ZipFile: "x = 1"}, Handler: index.handler, Runtime: python3.13}
            """
        }
    )
    functions = sam.read("template.yaml").functions
    assert functions["Fn"].inline_code == "def handler(e, c): return 1"
    assert functions["Plain"].inline_code == "x = 1"
    assert [found.problem for found in functions.values()] == [None, None]


def test_the_code_of_a_synthesised_cdk_template_is_its_asset(write: Write) -> None:
    write(
        {
            "template.json": """
            {"Resources": {"Fn": {
              "Type": "AWS::Lambda::Function",
              "Metadata": {"aws:asset:path": "asset.1", "aws:asset:property": "Code"},
              "Properties": {"Code": {"S3Bucket": "b", "S3Key": "k"},
                             "Handler": "app.handler", "Runtime": "python3.13"}}}}
            """,
            "asset.1/app.py": "",
        }
    )
    assert function("template.json").code_dir == Path.cwd() / "asset.1"


def test_local_layers_are_found_and_layers_on_aws_are_not_looked_for(write: Write) -> None:
    write(
        {
            "template.yaml": """
            Resources:
              Packed: {Type: AWS::Serverless::LayerVersion, Properties: {ContentUri: packed}}
              Source:
                Type: AWS::Serverless::LayerVersion
                Metadata: {BuildMethod: python3.13}
                Properties: {ContentUri: shared}
              Fn:
                Type: AWS::Serverless::Function
                Properties:
                  Handler: app.handler
                  Runtime: python3.13
                  Layers: [!Ref Packed, !Ref Source, "arn:aws:lambda:us-east-1:1:layer:Powertools:1"]
            """,
            "packed/python/tools.py": "",
            "shared/common.py": "",
        }
    )
    assert function().layers == (Path.cwd() / "packed/python", Path.cwd() / "shared")


@pytest.mark.parametrize(
    ("properties", "problem"),
    [
        ("Runtime: python3.13", "template.yaml:4: {P}/Handler: expected a string such as app.handler, got nothing"),
        ("{Handler: [a], Runtime: python3.13}", "template.yaml:4: {P}/Handler: expected a string, got a list"),
        ("Handler: a.b", "template.yaml:4: {P}/Runtime: expected a string such as python3.13, got nothing"),
        ("{Handler: a.b, Runtime: nodejs22.x}", "template.yaml:4: {P}/Runtime: "
         '"nodejs22.x", which is not Python, cannot be run in this process: give what the task comes to with faults, '
         "or have the function invoked elsewhere, with --lambda-endpoint and sam local start-lambda"),
        ("{Handler: a.b, Runtime: python3.13, Timeout: 0}", "template.yaml:4: {P}/Timeout: "
         "expected a whole number from 1 to 900, got 0"),
        ("{Handler: a.b, Runtime: python3.13, Timeout: soon}", "template.yaml:4: {P}/Timeout: "
         'expected a whole number from 1 to 900, got "soon"'),
        ("{Handler: a.b, Runtime: python3.13, MemorySize: 64}", "template.yaml:4: {P}/MemorySize: "
         "expected a whole number from 128 to 10240, got 64"),
        ("{Handler: a.b, Runtime: python3.13, Architectures: [mips]}", "template.yaml:4: {P}/Architectures: "
         'expected [x86_64] or [arm64], got "mips"'),
        ("{Handler: a.b, Runtime: python3.13, CodeUri: nowhere}", "template.yaml:4: {P}/CodeUri: "
         'expected a directory, got "nowhere": there is no nowhere'),
        ("{Handler: a.b, Runtime: python3.13, CodeUri: code.zip}", "template.yaml:4: {P}/CodeUri: "
         "expected a directory, got the file code.zip, which cannot be run here"),
        ("{Handler: a.b, Runtime: python3.13, CodeUri: s3://b/k}", "template.yaml:4: {P}/CodeUri: "
         'expected a local directory, got "s3://b/k" in S3, which cannot be run here'),
        ("{Handler: a.b, Runtime: python3.13, CodeUri: {Bucket: b, Key: k}}", "template.yaml:4: {P}/CodeUri: "
         "expected a local directory, got an object in S3, which cannot be run here"),
        ("{PackageType: Image, ImageUri: x}", "template.yaml:4: {P}/PackageType: "
         "a container image cannot be run in this process: give what the task comes to with faults, "
         "or have the function invoked elsewhere, with --lambda-endpoint and sam local start-lambda"),
        ("{Handler: a.b, Runtime: python3.13, Environment: [a]}", "template.yaml:4: {P}/Environment: "
         "expected a mapping, got a list"),
        ("{Handler: a.b, Runtime: python3.13, Timeout: !ImportValue x}", "template.yaml:4: {P}/Timeout: "
         'expected a whole number from 1 to 900, got "stand-in-for-x"; it stands in for x, '
         "which is known only once it is deployed: give it with --value x=VALUE"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_function_is_kept_until_it_is_called(write: Write, properties: str, problem: str) -> None:
    properties = properties if properties.startswith("{") else f"{{{properties}}}"
    write(
        {
            "template.yaml": f"Resources:\n  Fn:\n    Type: AWS::Serverless::Function\n    Properties: {properties}\n",
            "code.zip": "PK",
        }
    )
    assert function().problem == problem.replace("{P}", "Resources/Fn/Properties")


def test_a_wrong_global_is_told_where_it_is_written(write: Write) -> None:
    write({"template.yaml": "Globals:\n  Function:\n    Timeout: 901" + MINIMAL, "src/app.py": ""})
    assert function().problem == (
        "template.yaml:3: Globals/Function/Timeout: expected a whole number from 1 to 900, got 901"
    )


def test_a_function_whose_condition_does_not_hold_is_not_there(write: Write) -> None:
    write(
        {
            "template.yaml": """
            Conditions: {Never: !Equals [a, b]}
            Resources:
              Fn: {Type: AWS::Serverless::Function, Condition: Never, Properties: {Handler: a.b}}
            """
        }
    )
    assert not sam.read("template.yaml").functions


@pytest.mark.parametrize(
    "reference",
    [
        "Fn",
        "orders",
        "orders:live",
        "123456789012:function:orders",
        "arn:aws:lambda:us-east-1:123456789012:function:orders",
        "arn:aws:lambda:us-east-1:123456789012:function:orders:$LATEST",
    ],
)
def test_a_function_is_found_by_whatever_lambda_would_know_it_by(write: Write, reference: str) -> None:
    write({"template.yaml": MINIMAL + "      FunctionName: orders\n", "src/app.py": ""})
    template = sam.read("template.yaml")
    assert template.find_function(reference) is template.functions["Fn"]


@pytest.mark.parametrize("reference", ["other", "arn:aws:lambda:eu-west-1:123456789012:function:orders", "local-Fn"])
def test_a_function_that_is_not_in_the_template_is_none(write: Write, reference: str) -> None:
    write({"template.yaml": MINIMAL + "      FunctionName: orders\n", "src/app.py": ""})
    assert sam.read("template.yaml").find_function(reference) is None
