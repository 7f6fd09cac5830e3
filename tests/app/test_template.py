"""The template: what the roles may do, what is deployed, and what watches it."""

import ast
import json
import re
import tomllib
from collections.abc import Iterator
from graphlib import TopologicalSorter
from typing import Any

import pytest
import yaml

from tests.support.application import ROOT

TEXT = (ROOT / "template.yaml").read_text()


class TemplateLoader(yaml.SafeLoader):
    """Reads CloudFormation's short forms (`!Ref X`) as what they are short for (`{"Ref": "X"}`)."""


def long_form(loader: TemplateLoader, name: str, node: yaml.Node) -> dict[str, Any]:
    value: Any
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        assert isinstance(node, yaml.MappingNode)
        value = loader.construct_mapping(node, deep=True)
    if name == "GetAtt":
        value = value.split(".")
    return {name if name in ("Ref", "Condition") else f"Fn::{name}": value}


TemplateLoader.add_multi_constructor("!", long_form)
TEMPLATE: dict[str, Any] = yaml.load(TEXT, TemplateLoader)
RESOURCES: dict[str, Any] = TEMPLATE["Resources"]


def properties(name: str) -> dict[str, Any]:
    found: dict[str, Any] = RESOURCES[name]["Properties"]
    return found


def of_type(kind: str) -> dict[str, dict[str, Any]]:
    return {name: properties(name) for name, resource in RESOURCES.items() if resource["Type"] == kind}


def listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else [value]


def arn(name: str) -> dict[str, list[str]]:
    return {"Fn::GetAtt": [name, "Arn"]}


def statements(role: str) -> list[dict[str, Any]]:
    return [statement for policy in properties(role)["Policies"] for statement in policy["PolicyDocument"]["Statement"]]


def allowed(role: str, service: str) -> list[tuple[set[str], list[Any]]]:
    """List the actions of a service that a role may take, with the resources it may take them on."""
    return [
        (set(listed(statement["Action"])), listed(statement["Resource"]))
        for statement in statements(role)
        if any(action.startswith(f"{service}:") for action in listed(statement["Action"]))
    ]


ROLES = ("LambdaBasicExecutionRole", "StepFunctionsBasicExecutionRole")
LOG_DELIVERY = {
    "logs:CreateLogDelivery",
    "logs:GetLogDelivery",
    "logs:UpdateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:DescribeResourcePolicies",
    "logs:DescribeLogGroups",
}
X_RAY = {
    "xray:PutTraceSegments",
    "xray:PutTelemetryRecords",
    "xray:GetSamplingRules",
    "xray:GetSamplingTargets",
}


# Permissions


@pytest.mark.parametrize(
    ("role", "service"),
    [
        ("LambdaBasicExecutionRole", "lambda.amazonaws.com"),
        ("StepFunctionsBasicExecutionRole", "states.amazonaws.com"),
    ],
)
def test_each_role_trusts_its_own_service_only(role: str, service: str) -> None:
    (statement,) = properties(role)["AssumeRolePolicyDocument"]["Statement"]

    assert statement["Principal"] == {"Service": service}
    assert statement["Action"] == "sts:AssumeRole"


def test_step_functions_takes_its_role_only_for_state_machines_of_this_account() -> None:
    (statement,) = properties("StepFunctionsBasicExecutionRole")["AssumeRolePolicyDocument"]["Statement"]

    assert statement["Condition"] == {
        "StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}},
        "ArnLike": {
            "aws:SourceArn": {"Fn::Sub": "arn:${AWS::Partition}:states:${AWS::Region}:${AWS::AccountId}:stateMachine:*"}
        },
    }


def test_the_function_may_write_to_its_own_log_group_only() -> None:
    assert allowed("LambdaBasicExecutionRole", "logs") == [
        ({"logs:CreateLogStream", "logs:PutLogEvents"}, [arn("MockAPIFunctionLogGroup")])
    ]


def test_the_function_may_do_nothing_else_but_send_traces() -> None:
    actions = {action for statement in statements("LambdaBasicExecutionRole") for action in listed(statement["Action"])}

    assert {action for action in actions if not action.startswith("logs:")} <= X_RAY


def test_the_state_machine_may_invoke_this_one_function_and_nothing_else() -> None:
    assert allowed("StepFunctionsBasicExecutionRole", "lambda") == [
        ({"lambda:InvokeFunction"}, [arn("MockAPIFunction")])
    ]


def test_the_state_machine_may_besides_deliver_logs_and_send_traces_only() -> None:
    actions = {
        action for statement in statements("StepFunctionsBasicExecutionRole") for action in listed(statement["Action"])
    }

    assert actions == {"lambda:InvokeFunction"} | LOG_DELIVERY | X_RAY


def test_log_delivery_is_allowed_on_every_resource_as_cloudwatch_logs_demands() -> None:
    assert allowed("StepFunctionsBasicExecutionRole", "logs") == [(LOG_DELIVERY, ["*"])]


@pytest.mark.parametrize("role", ROLES)
def test_every_resource_is_open_only_to_actions_that_take_no_other(role: str) -> None:
    for statement in statements(role):
        if "*" in listed(statement["Resource"]):
            assert set(listed(statement["Action"])) <= LOG_DELIVERY | X_RAY


def test_each_permission_on_every_resource_says_why() -> None:
    reasons = re.findall(r"((?: *#.*\n)*) *- Effect: Allow\n *Action:\n(?: *- .*\n)+ *Resource: \"\*\"", TEXT)

    assert len(reasons) == TEXT.count('Resource: "*"') == 3
    assert all(reasons)


@pytest.mark.parametrize("role", ROLES)
def test_no_action_is_a_wildcard_and_no_managed_policy_is_attached(role: str) -> None:
    assert "ManagedPolicyArns" not in properties(role)
    assert all("*" not in action for statement in statements(role) for action in listed(statement["Action"]))


@pytest.mark.parametrize("name", ["MockAPIFunction", "MyAPIStateMachine"])
def test_sam_generates_no_role_or_policy_of_its_own(name: str) -> None:
    assert "Policies" not in properties(name)
    assert properties(name)["Role"] in [arn(role) for role in ROLES]


# The function and the state machine


def test_the_runtime_is_a_python_that_lambda_supports() -> None:
    runtime = TEMPLATE["Parameters"]["Runtime"]

    assert properties("MockAPIFunction")["Runtime"] == {"Ref": "Runtime"}
    assert runtime["AllowedValues"] == ["python3.11", "python3.12", "python3.13", "python3.14"]
    assert runtime["Default"] in runtime["AllowedValues"]


def test_the_architecture_is_x86_64_or_arm64() -> None:
    architecture = TEMPLATE["Parameters"]["Architecture"]

    assert properties("MockAPIFunction")["Architectures"] == [{"Ref": "Architecture"}]
    assert architecture["AllowedValues"] == ["x86_64", "arm64"]
    assert architecture["Default"] in architecture["AllowedValues"]


def test_the_handler_is_there() -> None:
    function = properties("MockAPIFunction")
    module, name = function["Handler"].split(".")
    tree = ast.parse((ROOT / function["CodeUri"] / f"{module}.py").read_text())

    assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_the_makefile_has_the_target_that_sam_build_calls() -> None:
    assert RESOURCES["MockAPIFunction"]["Metadata"]["BuildMethod"] == "makefile"
    makefile = (ROOT / properties("MockAPIFunction")["CodeUri"] / "Makefile").read_text()

    assert re.search(r"^build-MockAPIFunction:", makefile, re.MULTILINE)


def test_the_definition_takes_the_functions_arn_by_substitution() -> None:
    machine = properties("MyAPIStateMachine")
    definition = (ROOT / machine["DefinitionUri"]).read_text()

    assert machine["DefinitionUri"] == "workflow/my_api.asl.json"
    assert machine["DefinitionSubstitutions"] == {"MockAPIFunctionArn": arn("MockAPIFunction")}
    assert set(re.findall(r"\$\{(\w+)\}", definition)) == {"MockAPIFunctionArn"}
    assert json.loads(definition)["StartAt"] in json.loads(definition)["States"]


@pytest.mark.parametrize(
    ("resource", "name", "expected"),
    [
        ("MockAPIFunction", "FunctionName", "MockAPIFunction"),
        ("MyAPIStateMachine", "Name", "MyAPIStateMachine"),
        ("LambdaBasicExecutionRole", "RoleName", "lambda_basic_execution"),
        ("StepFunctionsBasicExecutionRole", "RoleName", "step_functions_basic_execution"),
    ],
)
def test_names_are_the_tutorials_unless_a_prefix_is_asked_for(resource: str, name: str, expected: str) -> None:
    assert properties(resource)[name] == {"Fn::Sub": f"${{NamePrefix}}{expected}"}
    assert TEMPLATE["Parameters"]["NamePrefix"]["Default"] == ""


def test_the_longest_prefix_leaves_role_names_within_64_characters() -> None:
    pattern = TEMPLATE["Parameters"]["NamePrefix"]["AllowedPattern"]

    assert re.fullmatch(pattern, "x" * 20)
    assert not re.fullmatch(pattern, "x" * 21)
    assert 20 + len("step_functions_basic_execution") <= 64


def references(value: object) -> Iterator[str]:
    """Name the resources that a part of the template refers to."""
    if isinstance(value, list):
        for item in value:
            yield from references(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            if key == "Ref":
                yield item
            elif key == "Fn::GetAtt":
                yield item[0]
            elif key == "Fn::Sub":
                yield from re.findall(r"\$\{([\w:.]+)\}", item)
            else:
                yield from references(item)


def test_no_resource_waits_for_itself() -> None:
    graph = {name: set(references(resource)) & RESOURCES.keys() for name, resource in RESOURCES.items()}

    order = list(TopologicalSorter(graph).static_order())

    assert order.index("LambdaBasicExecutionRole") < order.index("MockAPIFunction") < order.index("MyAPIStateMachine")


def test_every_reference_leads_somewhere() -> None:
    pseudo = {"AWS::AccountId", "AWS::Partition", "AWS::Region", "AWS::NoValue"}

    assert set(references(TEMPLATE)) <= RESOURCES.keys() | TEMPLATE["Parameters"].keys() | pseudo


# What can be seen of it


def test_function_and_state_machine_are_traced() -> None:
    assert properties("MockAPIFunction")["Tracing"] == "Active"
    assert properties("MyAPIStateMachine")["Tracing"] == {"Enabled": True}


def test_function_and_state_machine_log_to_groups_of_the_stack() -> None:
    logging = properties("MyAPIStateMachine")["Logging"]

    assert properties("MockAPIFunction")["LoggingConfig"]["LogGroup"] == {"Ref": "MockAPIFunctionLogGroup"}
    assert logging["Level"] == "ALL"
    assert logging["Destinations"] == [{"CloudWatchLogsLogGroup": {"LogGroupArn": arn("MyAPIStateMachineLogGroup")}}]


def test_no_log_is_kept_for_ever() -> None:
    groups = of_type("AWS::Logs::LogGroup")

    assert len(groups) == 2
    assert all(group["RetentionInDays"] == {"Ref": "LogRetentionDays"} for group in groups.values())


def test_the_state_machines_log_group_does_not_use_up_the_accounts_resource_policy() -> None:
    name = properties("MyAPIStateMachineLogGroup")["LogGroupName"]["Fn::Sub"]

    assert name.startswith("/aws/vendedlogs/states/")


def test_alarms_are_on_metrics_that_step_functions_has() -> None:
    alarms = of_type("AWS::CloudWatch::Alarm").values()

    assert {alarm["Namespace"] for alarm in alarms} == {"AWS/States"}
    assert {alarm["MetricName"] for alarm in alarms} == {
        "ExecutionsFailed",
        "ExecutionsTimedOut",
        "ExecutionThrottled",
    }
    for alarm in alarms:
        assert alarm["Dimensions"] == [{"Name": "StateMachineArn", "Value": {"Ref": "MyAPIStateMachine"}}]


# Deploying it


def test_sam_deploy_is_allowed_to_make_roles_with_names() -> None:
    deploy = tomllib.loads((ROOT / "samconfig.toml").read_text())["default"]["deploy"]["parameters"]

    assert deploy["capabilities"] == "CAPABILITY_NAMED_IAM"
    assert deploy["resolve_s3"] is True


def test_sam_deploy_has_a_stack_to_deploy_to() -> None:
    settings = tomllib.loads((ROOT / "samconfig.toml").read_text())["default"]["global"]["parameters"]

    assert settings["stack_name"]


def test_the_page_about_deploying_names_only_what_there_is() -> None:
    page = (ROOT / "docs" / "deploy.md").read_text()

    assert set(re.findall(r"^\| `(\w+)=", page, re.MULTILINE)) == TEMPLATE["Parameters"].keys()
    assert all((ROOT / event).is_file() for event in re.findall(r"events/\w+\.json", page))
    assert set(re.findall(r"sam local invoke (\w+)", page)) == {"MockAPIFunction"}
    assert set(re.findall(r"OutputKey=='(\w+)'", page)) <= TEMPLATE["Outputs"].keys()
