"""Definitions in files of their own, with functions that are given beside them."""

from __future__ import annotations

import json

import pytest

import everypath
from everypath.cli.main import main
from everypath.errors import EverypathError
from tests.unit.sam.conftest import Write

APP = "def handler(event, context):\n    return {'by': context.function_name}\n"


def definition(resource: str, **fields: object) -> str:
    return json.dumps({"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": resource, "End": True, **fields}}})


@pytest.mark.parametrize(
    "resource",
    [
        "arn:aws:lambda:eu-west-1:111122223333:function:process",
        "arn:aws:lambda:eu-west-1:111122223333:function:process:live",
        "arn:${AWS::Partition}:lambda:${region}:${account_id}:function:process",
        "${process}",
        "${aws_lambda_function.process.arn}",
        "${aws_lambda_function.process.arn}:$LATEST",
    ],
)
def test_a_function_that_is_given_runs(write: Write, resource: str) -> None:
    write({"flow.asl.json": definition(resource), "src/app.py": APP})
    machine = everypath.load("flow.asl.json", functions=["process=src:app.handler"])
    assert machine.name == "flow"
    assert machine.run().output == {"by": "process"}


def test_a_function_of_lambda_invoke_is_found_by_its_name(write: Write) -> None:
    text = definition("arn:${partition}:states:::lambda:invoke", Parameters={"FunctionName": "process"})
    write({"flow.json": text, "src/app.py": APP})
    machine = everypath.load("flow.json", functions=["process=src:app.handler"])
    assert machine.run().output["Payload"] == {"by": "process"}


def test_a_definition_may_be_yaml(write: Write) -> None:
    text = """
    StartAt: A
    States:
      A: {Type: Task, Resource: "${process}", End: true}
    """
    write({"flow.yaml": text, "src/app.py": APP})
    assert everypath.load("flow.yaml", functions=["process=src:app.handler"]).run().output == {"by": "process"}


def test_values_fill_in_what_is_not_text(write: Write) -> None:
    text = definition("${process}", TimeoutSeconds=0).replace(" 0", " ${timeout}")
    write({"flow.asl.json": text, "src/app.py": APP})
    functions = ["process=src:app.handler"]
    assert everypath.load("flow.asl.json", functions=functions, values={"timeout": "30"}).run().succeeded
    with pytest.raises(EverypathError) as caught:
        everypath.load("flow.asl.json", functions=functions)
    assert str(caught.value) == ("flow.asl.json:1: ${timeout} is no text: give its value with --value timeout=VALUE")


def test_check_paths_and_run_take_a_definition(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    resource = "${aws_lambda_function.process.arn}"
    raising = "def handler(event, context):\n    raise ValueError('x')\n"
    write({"flow.asl.json": definition(resource), "src/app.py": raising})
    given = ["flow.asl.json", "--function", "process=src:app.handler"]
    assert main(["check", *given]) == 0
    assert "EP101 /States/A" in capsys.readouterr().out
    assert main(["paths", *given]) == 0
    assert "nothing fails" in capsys.readouterr().out
    assert main(["run", *given, "--input", "{}"]) == 1
    assert "ValueError" in capsys.readouterr().out


def test_paths_of_a_definition_need_no_function_and_run_says_which_one_it_needs(
    write: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    write({"flow.asl.json": definition("${pay_arn}")})
    assert main(["paths", "flow.asl.json"]) == 0
    capsys.readouterr()
    assert main(["run", "flow.asl.json", "--input", "{}"]) == 2
    assert "calls the function arn:aws:lambda:us-east-1:123456789012:function:stand-in-for-pay_arn" in (
        capsys.readouterr().err
    )


def test_a_function_that_the_template_has_already_is_told(write: Write) -> None:
    template = """
    Resources:
      process: {Type: AWS::Serverless::Function, Properties: {Handler: app.handler, Runtime: python3.13, CodeUri: src}}
    """
    write({"template.yaml": template, "src/app.py": APP})
    with pytest.raises(EverypathError, match=r"--function: template.yaml already has a function process"):
        everypath.load(functions=["process=src:app.handler"])


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{", "flow.asl.json:1:2: not valid JSON: Expecting property name enclosed in double quotes"),
        ("[1]", "flow.asl.json: expected a template (a mapping with Resources), got a list"),
        ('{"StartAt": 1}', "flow.asl.json: "),
    ],
)
def test_a_file_that_is_no_definition_is_told(write: Write, text: str, problem: str) -> None:
    write({"flow.asl.json": text})
    with pytest.raises(EverypathError) as caught:
        everypath.load("flow.asl.json")
    assert str(caught.value).startswith(problem)


def test_a_definition_that_is_not_there_is_told(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    write({})
    assert main(["paths", "flow.asl.json"]) == 2
    assert capsys.readouterr().err == "everypath: flow.asl.json: no such definition\n"
