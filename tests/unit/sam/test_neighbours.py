"""Nested templates, templates that are imported from, and templates that other tools have made."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import everypath
from everypath import sam
from everypath.cli.main import main
from everypath.errors import TemplateError
from tests.unit.sam.conftest import Write

APP = "def handler(event, context):\n    return {'by': context.function_name}\n"
FUNCTION = "{Type: AWS::Serverless::Function, Properties: {CodeUri: %s, Handler: app.handler, Runtime: python3.13}}"
TASK = "{StartAt: A, States: {A: {Type: Task, Resource: %s, End: true}}}"
MACHINE = "{Type: AWS::Serverless::StateMachine, Properties: {Definition: " + TASK + "}}"


def test_an_output_of_a_nested_application_is_that_of_its_template(write: Write) -> None:
    write(
        {
            "template.yaml": f"""
            Parameters: {{Stage: {{Type: String, Default: dev}}}}
            Resources:
              Pay:
                Type: AWS::Serverless::Application
                Properties:
                  Location: pay/template.yaml
                  Parameters: {{Stage: !Ref Stage, Topic: !ImportValue topic}}
              Machine: {MACHINE % "!GetAtt Pay.Outputs.ChargeArn"}
            """,
            "pay/template.yaml": f"""
            Parameters:
              Stage: {{Type: String, AllowedValues: [dev]}}
              Topic: {{Type: String, AllowedPattern: 'arn:.*'}}
            Resources:
              Charge: {FUNCTION % "src"}
              Refund: {MACHINE % "!GetAtt Charge.Arn"}
            Outputs:
              ChargeArn: {{Value: !GetAtt Charge.Arn}}
              Topic: {{Value: !Ref Topic}}
            """,
            "pay/src/app.py": APP,
        }
    )
    assert everypath.load().run().output == {"by": "local-Pay-Charge"}
    assert everypath.load(machine="Pay/Refund").run().output == {"by": "local-Pay-Charge"}
    assert main(["check"]) == 0


def test_an_output_that_a_template_beside_it_exports_is_taken_from_there(write: Write) -> None:
    write(
        {
            "b.yaml": f"Resources:\n  Machine: {MACHINE % '!ImportValue shared:Charge'}\n",
            "a.yaml": f"""
            Resources: {{Charge: {FUNCTION % "src"}}}
            Outputs: {{Any: {{Value: !GetAtt Charge.Arn, Export: {{Name: !Sub "shared:Charge"}}}}}}
            """,
            "broken.yaml": "a: [",
            "src/app.py": APP,
        }
    )
    machine = everypath.load("b.yaml")
    assert machine.run().output == {"by": "local-a-Charge"}
    assert machine.state_machine.unknown == ()


def test_a_nested_application_that_is_not_local_has_stand_ins(write: Write) -> None:
    application = (
        "{Type: AWS::Serverless::Application, Properties: {Location: {ApplicationId: a, SemanticVersion: 1.0.0}}}"
    )
    write({"template.yaml": f"Resources:\n  Pay: {application}\n  M: {MACHINE % '!GetAtt Pay.Outputs.Arn'}\n"})
    assert sam.read(".").state_machine().unknown == ("Pay.Outputs.Arn",)


def test_applications_that_are_nested_in_each_other_come_to_an_end(write: Write) -> None:
    application = "{Type: AWS::Serverless::Application, Properties: {Location: template.yaml}}"
    write({"template.yaml": f"Resources:\n  Me: {application}\n  M: {MACHINE % '!GetAtt Me.Outputs.Arn'}\n"})
    assert sam.read(".").state_machine("M").unknown == ("Me.Outputs.Arn",)


DIGEST = "0123456789abcdef"


def cdk(metadata: bool, **properties: object) -> str:
    code = {"Code": {"S3Bucket": {"Fn::Sub": "cdk-assets-${AWS::AccountId}"}, "S3Key": f"{DIGEST}.zip"}}
    function = {
        "Type": "AWS::Lambda::Function",
        "Properties": {**code, "Handler": "app.handler", "Runtime": "python3.13"},
    }
    if metadata:
        function["Metadata"] = {"aws:asset:path": f"asset.{DIGEST}", "aws:asset:property": "Code"}
    text = [
        '{"StartAt":"A","States":{"A":{"Type":"Task","Resource":"',
        {"Fn::GetAtt": ["FnABC", "Arn"]},
        '","End":true}}}',
    ]
    properties = properties or {"DefinitionString": {"Fn::Join": ["", text]}}
    machine = {"Type": "AWS::StepFunctions::StateMachine", "Properties": {**properties, "RoleArn": "r"}}
    bootstrap = {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/cdk-bootstrap/hnb659fds/version"}
    resources = {"FnABC": function, "Machine123": machine}
    return json.dumps({"Resources": resources, "Parameters": {"BootstrapVersion": bootstrap}})


@pytest.mark.parametrize("folder", ["cdk.out", "."])
@pytest.mark.parametrize("metadata", [True, False])
def test_what_the_cdk_made_runs_with_and_without_asset_metadata(write: Write, metadata: bool, folder: str) -> None:
    other = json.dumps({"Resources": {"Q": {"Type": "AWS::SQS::Queue"}}})
    write(
        {
            "cdk.out/Orders.template.json": cdk(metadata),
            "cdk.out/Base.template.json": other,
            f"cdk.out/asset.{DIGEST}/app.py": APP,
        }
    )
    machine = everypath.load(folder)
    assert machine.template.path == Path("cdk.out/Orders.template.json")
    assert machine.run().output == {"by": "local-FnABC"}


def test_assets_of_the_cdk_are_found_by_its_manifest(write: Write) -> None:
    files = {DIGEST: {"source": {"path": "other/place"}}, "ffff": {"source": {"path": "asset.ffff.json"}}}
    write(
        {
            "cdk.out/Orders.template.json": cdk(False, DefinitionS3Location={"Bucket": "b", "Key": "ffff.json"}),
            "cdk.out/Orders.assets.json": json.dumps({"files": files}),
            "cdk.out/other/place/app.py": APP,
            "cdk.out/asset.ffff.json": '{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}',
        }
    )
    machine = everypath.load()
    assert machine.run().succeeded
    assert machine.template.functions["FnABC"].code_dir == Path("cdk.out/other/place").absolute()


def test_of_several_stacks_of_the_cdk_one_must_be_named(write: Write) -> None:
    write({"cdk.out/A.template.json": cdk(True), "cdk.out/B.template.json": cdk(True)})
    with pytest.raises(TemplateError) as caught:
        everypath.load("cdk.out")
    assert str(caught.value) == (
        "cdk.out: which template? Name one of: cdk.out/A.template.json, cdk.out/B.template.json"
    )


def test_what_the_serverless_framework_made_runs_from_the_project(write: Write) -> None:
    code = {"S3Bucket": {"Ref": "Bucket"}, "S3Key": "serverless/orders/dev/1700000000000-2023/orders.zip"}
    function = {"Code": code, "Handler": "src/app.handler", "Runtime": "python3.13"}
    text = '{"StartAt":"A","States":{"A":{"Type":"Task","Resource":"${f1}","End":true}}}'
    resources = {
        "Bucket": {"Type": "AWS::S3::Bucket"},
        "ChargeLambdaFunction": {"Type": "AWS::Lambda::Function", "Properties": function},
        "Flow": {
            "Type": "AWS::StepFunctions::StateMachine",
            "Properties": {
                "DefinitionString": {"Fn::Sub": [text, {"f1": {"Fn::GetAtt": ["ChargeLambdaFunction", "Arn"]}}]}
            },
        },
    }
    write(
        {
            ".serverless/cloudformation-template-update-stack.json": json.dumps({"Resources": resources}),
            "src/app.py": APP,
        }
    )
    assert everypath.load().run().output == {"by": "local-ChargeLambdaFunction"}
