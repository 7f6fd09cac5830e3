"""The settings of a state machine that are refused: its role, its encryption, its log destination, its texts."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.server import PASS, ROLE, create, refused

OWNED = "AWS_OWNED_KEY"
CUSTOMER = "CUSTOMER_MANAGED_KMS_KEY"
ID = "00000000-0000-4000-8000-000000000000"
KEY = f"arn:aws:kms:us-east-1:123456789012:key/{ID}"
NO_KEY = "Must set a valid kmsKeyId."
LOGS = "arn:aws:logs:us-east-1:123456789012:log-group:g"


def message(caught: pytest.ExceptionInfo[Any]) -> str:
    text: str = caught.value.response["Error"]["Message"]
    return text


@pytest.mark.parametrize("role", ["<execution-role-arn>", "arn:aws:iam::aws:policy/AWSBatchFullAccess", f"{ROLE[:-9]}"])
def test_a_role_must_be_the_arn_of_a_role(sfn: Any, name: str, machine: str, role: str) -> None:
    with refused("InvalidArn") as caught:
        sfn.create_state_machine(name=f"{name}-2", definition=json.dumps(PASS), roleArn=role)
    assert message(caught) == f"Invalid Role Arn: '{role}'"
    with refused("InvalidArn"):
        sfn.update_state_machine(stateMachineArn=machine, roleArn=role)


@pytest.mark.parametrize(
    ("configuration", "reason"),
    [
        ({"type": CUSTOMER}, NO_KEY),
        ({"type": CUSTOMER, "kmsKeyId": KEY.replace("us-east-1", "eu-west-1")}, NO_KEY),
        ({"type": CUSTOMER, "kmsKeyId": "arn:aws:s3:::bucket"}, NO_KEY),
        ({"type": CUSTOMER, "kmsKeyId": "no key"}, NO_KEY),
        ({"type": OWNED, "kmsKeyId": KEY}, "Custom kmsKeyId is not allowed when selecting AWS_OWNED_KEY."),
        (
            {"type": OWNED, "kmsDataKeyReusePeriodSeconds": 60},
            "Custom kmsDataKeyReusePeriodSeconds is not allowed when selecting AWS_OWNED_KEY.",
        ),
    ],
)
def test_a_wrong_encryption_is_refused(
    sfn: Any, name: str, machine: str, configuration: dict[str, Any], reason: str
) -> None:
    with refused("InvalidEncryptionConfiguration") as caught:
        create(sfn, f"{name}-2", PASS, encryptionConfiguration=configuration)
    assert message(caught) == f"Invalid Encryption Configuration: {reason}"
    with refused("InvalidEncryptionConfiguration"):
        sfn.update_state_machine(stateMachineArn=machine, encryptionConfiguration=configuration)
    with refused("InvalidEncryptionConfiguration"):
        sfn.create_activity(name=name, encryptionConfiguration=configuration)


@pytest.mark.parametrize("key", [KEY, ID, "alias/mine", KEY.replace(f"key/{ID}", "alias/mine")])
def test_a_key_may_be_named_in_four_ways(sfn: Any, name: str, key: str) -> None:
    configuration = {"type": CUSTOMER, "kmsKeyId": key, "kmsDataKeyReusePeriodSeconds": 60}
    arn = create(sfn, name, PASS, encryptionConfiguration=configuration)
    assert sfn.describe_state_machine(stateMachineArn=arn)["encryptionConfiguration"] == configuration


@pytest.mark.parametrize(
    ("destination", "reason"),
    [
        ({}, "Must set valid CloudWatch Log Group ARN."),
        ({"cloudWatchLogsLogGroup": {}}, "Must set valid CloudWatch Log Group ARN."),
        (
            {"cloudWatchLogsLogGroup": {"logGroupArn": "arn:aws:s3:::b"}},
            "Provided ARN is not CloudWatch Logs Log Group ARN.",
        ),
        (
            {"cloudWatchLogsLogGroup": {"logGroupArn": LOGS}},
            "Log Group ARN must be provided with '*' qualifier.",
        ),
    ],
)
def test_a_wrong_log_destination_is_refused(sfn: Any, name: str, destination: dict[str, Any], reason: str) -> None:
    with refused("InvalidLoggingConfiguration") as caught:
        create(sfn, name, PASS, loggingConfiguration={"level": "ALL", "destinations": [destination]})
    assert message(caught) == f"Invalid Logging Configuration: {reason}"


def test_a_name_outside_ascii_cannot_log(sfn: Any, name: str) -> None:
    destinations = [{"cloudWatchLogsLogGroup": {"logGroupArn": f"{LOGS}:*"}}]
    logging = {"level": "ALL", "destinations": destinations}
    with refused("InvalidLoggingConfiguration"):
        create(sfn, f"größe-{name}", PASS, loggingConfiguration=logging)
    arn = create(sfn, f"größe-{name}", PASS, loggingConfiguration={"level": "OFF"})
    with refused("InvalidLoggingConfiguration"):
        sfn.update_state_machine(stateMachineArn=arn, loggingConfiguration=logging)


@pytest.mark.parametrize("text", ["{% a remark", "{% if x %} then", "{% ( %}"])
def test_a_comment_that_looks_like_an_expression_is_none(sfn: Any, name: str, text: str) -> None:
    rule = {"Condition": "{% $v %}", "Comment": text, "Next": "B"}
    states = {
        "A": {"Type": "Choice", "Comment": text, "Choices": [rule]},
        "B": {"Type": "Pass", "Comment": text, "Output": "{% $w %}", "End": True},
    }
    arn = create(sfn, name, {"Comment": text, "QueryLanguage": "JSONata", "StartAt": "A", "States": states})
    found = sfn.describe_state_machine(stateMachineArn=arn)
    assert found["variableReferences"] == {"A": ["v"], "B": ["w"]}


def test_a_result_is_no_template(sfn: Any, name: str) -> None:
    state = {"Type": "Pass", "Result": {"a.$": "$v"}, "Parameters": {"b.$": "$w"}, "End": True}
    arn = create(sfn, name, {"StartAt": "A", "States": {"A": state}})
    assert sfn.describe_state_machine(stateMachineArn=arn)["variableReferences"] == {"A": ["w"]}
