"""What samconfig.toml says of a template."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from everypath import sam
from everypath.cli.main import main
from everypath.errors import EverypathError
from tests.unit.sam.conftest import Write

TEMPLATE = """
Parameters:
  Stage: {Type: String}
  Team: {Type: String}
Resources:
  Machine:
    Type: AWS::Serverless::StateMachine
    Properties:
      Name: !Sub "${Team}-${Stage}"
      Definition: {StartAt: A, States: {A: {Type: Pass, End: true}}}
"""


def name(path: str = ".", overrides: dict[str, str] | None = None, **options: str) -> str:
    return sam.read(path, overrides, **options).state_machine().name  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("config", "found"),
    [
        ('[default.global.parameters]\nparameter_overrides = "Stage=dev Team=orders"', "orders-dev"),
        ("[default.deploy.parameters]\nparameter_overrides = ['Stage=dev', 'Team=\"the orders\"']", "the orders-dev"),
        ('[default.deploy.parameters]\nparameter_overrides = "ParameterKey=Stage,ParameterValue=dev Team=x"', "x-dev"),
        ('[default.deploy.parameters]\nparameter_overrides = {Stage = "dev", Team = 3, Other = true}', "3-dev"),
        ('[default.global.parameters]\nparameter_overrides = "Stage=a Team=b"\n'
         '[default.build.parameters]\nparameter_overrides = "Stage=c Team=d"\n'
         '[default.deploy.parameters]\nparameter_overrides = "Stage=e Team=f"', "f-e"),
        ('[default.deploy.parameters]\nparameter_overrides = "Stage=dev Team=t NotInTheTemplate=x"', "t-dev"),
    ],
)  # fmt: skip
def test_parameters_come_from_samconfig(write: Write, config: str, found: str) -> None:
    write({"template.yaml": TEMPLATE, "samconfig.toml": f"version = 0.1\n{config}\n"})
    assert name() == found
    assert name(overrides={"Stage": "mine"}).endswith("-mine")


def test_another_environment_is_taken_where_it_is_asked_for(write: Write) -> None:
    config = '[%s.global.parameters]\nparameter_overrides = "Stage=%s Team=t"\n'
    write({"template.yaml": TEMPLATE, "samconfig.toml": config % ("default", "dev") + config % ("prod", "live")})
    assert name() == "t-dev"
    assert name(config_env="prod") == "t-live"
    with pytest.raises(EverypathError, match=r"samconfig.toml: no environment 'test'; there are: default, prod"):
        name(config_env="test")


def test_samconfig_names_the_template(write: Write) -> None:
    config = '[default.global.parameters]\ntemplate_file = "infra/app.yaml"\nparameter_overrides = "Stage=a Team=b"\n'
    write({"infra/app.yaml": TEMPLATE, "samconfig.toml": config, "template.yaml": "no: template"})
    assert sam.read(".").path == Path("infra/app.yaml")
    assert name() == "b-a"


def test_all_missing_parameters_are_named_at_once(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    write({"template.yml": TEMPLATE})
    assert main(["run", "--input", "{}"]) == 2
    assert capsys.readouterr().err == (
        "everypath: template.yml:1: Parameters: Stage and Team have no Default: "
        "give them values with --parameter-overrides Stage=VALUE Team=VALUE\n"
    )


def test_the_command_line_takes_an_environment(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    config = '[prod.global.parameters]\nparameter_overrides = "Stage=live Team=t"\n'
    write({"template.yaml": TEMPLATE, "samconfig.toml": config})
    assert main(["paths", "--json", "--config-env", "prod"]) == 0
    assert json.loads(capsys.readouterr().out)["machine"] == "t-live"


@pytest.mark.parametrize(
    ("config", "problem"),
    [
        ("[default", "samconfig.toml: not valid TOML: "),
        ("default = 3", "samconfig.toml: [default]: expected a table"),
        ("[default.deploy.parameters]\nparameter_overrides = 3",
         "samconfig.toml: parameter_overrides: expected a string"),
        ("[default.deploy.parameters]\nparameter_overrides = 'Stage'",
         "samconfig.toml: parameter_overrides: expected KEY=VALUE, but got 'Stage'"),
        ("[default.deploy.parameters]\nparameter_overrides = 'Stage=\"a'",
         "samconfig.toml: parameter_overrides: expected KEY=VALUE, but got "),
    ],
)  # fmt: skip
def test_a_wrong_samconfig_is_told(write: Write, config: str, problem: str) -> None:
    write({"template.yaml": TEMPLATE, "samconfig.toml": config})
    with pytest.raises(EverypathError) as caught:
        name()
    assert str(caught.value).startswith(problem)


def test_a_value_of_samconfig_that_is_not_allowed_is_told_with_its_origin(write: Write) -> None:
    template = TEMPLATE.replace("Stage: {Type: String}", "Stage: {Type: String, AllowedValues: [dev, live]}")
    config = "[default.deploy.parameters]\nparameter_overrides = 'Stage=x Team=y'"
    write({"template.yaml": template, "samconfig.toml": config})
    with pytest.raises(EverypathError) as caught:
        name()
    assert str(caught.value) == (
        'template.yaml: parameter_overrides of samconfig.toml, Stage: expected one of "dev", "live", got "x"'
    )


def test_a_pattern_that_takes_for_ever_is_told(write: Write) -> None:
    template = TEMPLATE.replace("Stage: {Type: String}", "Stage: {Type: String, AllowedPattern: '(a+)+$'}")
    write({"template.yaml": template})
    assert name(overrides={"Stage": "a" * 30, "Team": "t"}) == f"t-{'a' * 30}"
    with pytest.raises(EverypathError, match="which could not be found out within 1 s"):
        name(overrides={"Stage": "a" * 40 + "!", "Team": "t"})
