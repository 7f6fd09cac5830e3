from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.server import PASS, ROLE, Running, create, refused

OTHER = PASS | {"Comment": "another"}


def test_a_state_machine_is_described_as_it_was_created(sfn: Any, name: str) -> None:
    arn = create(sfn, name, PASS)
    found = sfn.describe_state_machine(stateMachineArn=arn)
    assert arn == f"arn:aws:states:us-east-1:123456789012:stateMachine:{name}"
    assert json.loads(found["definition"]) == PASS
    assert found["status"] == "ACTIVE"
    assert found["type"] == "STANDARD"
    assert found["roleArn"] == ROLE
    assert found["loggingConfiguration"] == {"level": "OFF", "includeExecutionData": False}
    assert found["tracingConfiguration"] == {"enabled": False}
    assert found["encryptionConfiguration"] == {"type": "AWS_OWNED_KEY"}
    assert "revisionId" not in found


def test_the_same_state_machine_again_is_the_one_that_is_there(sfn: Any, name: str) -> None:
    assert create(sfn, name, PASS) == create(sfn, name, PASS)


def test_another_definition_under_the_same_name_is_refused(sfn: Any, name: str) -> None:
    arn = create(sfn, name, PASS)
    with refused("StateMachineAlreadyExists") as caught:
        create(sfn, name, json.dumps(PASS, indent=2))
    assert caught.value.response["Error"]["Message"] == f"State Machine Already Exists: '{arn}'"


def test_a_role_does_not_make_another_state_machine(sfn: Any, name: str) -> None:
    arn = create(sfn, name, PASS)
    sfn.create_state_machine(name=name, definition=json.dumps(PASS), roleArn=f"{ROLE}2")
    assert sfn.describe_state_machine(stateMachineArn=arn)["roleArn"] == ROLE


def test_a_bad_definition_is_refused_with_all_its_problems(sfn: Any, name: str) -> None:
    with refused("InvalidDefinition") as caught:
        create(sfn, name, {"StartAt": "A"})
    assert caught.value.response["Error"]["Message"] == (
        "Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: These fields are required: [States] at /'"
    )


@pytest.mark.parametrize("wrong", ["has space", "a/b", "a#b", "tab\t", "nul\0", "semi;colon"])
def test_a_name_with_a_forbidden_character_is_refused(sfn: Any, wrong: str) -> None:
    with refused("InvalidName") as caught:
        create(sfn, wrong, PASS)
    assert caught.value.response["Error"]["Message"] == f"Invalid Name: '{wrong}'"


def test_an_update_makes_a_revision_unless_it_changes_nothing(sfn: Any, machine: str) -> None:
    first = sfn.update_state_machine(stateMachineArn=machine, definition=json.dumps(OTHER))
    second = sfn.update_state_machine(stateMachineArn=machine, definition=json.dumps(OTHER))
    third = sfn.update_state_machine(stateMachineArn=machine, roleArn=f"{ROLE}2")
    assert first["revisionId"] == second["revisionId"] != third["revisionId"]
    assert sfn.describe_state_machine(stateMachineArn=machine)["revisionId"] == third["revisionId"]


def test_an_update_of_nothing_is_refused(sfn: Any, machine: str) -> None:
    with refused("MissingRequiredParameter"):
        sfn.update_state_machine(stateMachineArn=machine)


def test_a_deleted_state_machine_is_gone(sfn: Any, machine: str) -> None:
    sfn.delete_state_machine(stateMachineArn=machine)
    sfn.delete_state_machine(stateMachineArn=machine)
    with refused("StateMachineDoesNotExist"):
        sfn.describe_state_machine(stateMachineArn=machine)


def test_state_machines_are_listed_in_pages(sfn: Any, name: str) -> None:
    created = {create(sfn, f"{name}-{number}", PASS) for number in range(3)}
    pages = list(sfn.get_paginator("list_state_machines").paginate(PaginationConfig={"PageSize": 2}))
    found = [each["stateMachineArn"] for page in pages for each in page["stateMachines"]]
    assert all(len(page["stateMachines"]) <= 2 for page in pages)
    assert created <= set(found)
    assert len(found) == len(set(found))


def test_a_token_that_was_never_given_out_is_refused(sfn: Any) -> None:
    with refused("InvalidToken"):
        sfn.list_state_machines(nextToken="made up")


def test_an_arn_of_something_else_is_refused(sfn: Any) -> None:
    with refused("InvalidArn") as caught:
        sfn.describe_state_machine(stateMachineArn="no arn")
    assert caught.value.response["Error"]["Message"] == "Invalid Arn: 'Invalid ARN prefix: no arn'"


def test_the_variables_that_states_read_are_told(sfn: Any, name: str) -> None:
    states = {
        "Set": {"Type": "Pass", "Assign": {"left": 1, "right": 2, "text.$": "$.text"}, "Next": "Add"},
        "Add": {
            "Type": "Pass",
            "Parameters": {"sum.$": "States.MathAdd($left, $right)", "not": "$left"},
            "Next": "Say",
        },
        "Say": {
            "Type": "Pass",
            "QueryLanguage": "JSONata",
            "Output": "{% ($own := $text; $uppercase($own) & $states.context.Execution.Name) %}",
            "End": True,
        },
    }
    arn = create(sfn, name, {"StartAt": "Set", "States": states})
    found = sfn.describe_state_machine(stateMachineArn=arn)
    assert found["variableReferences"] == {"Add": ["left", "right"], "Say": ["text"]}


def test_a_definition_is_validated_without_being_kept(sfn: Any) -> None:
    good = sfn.validate_state_machine_definition(definition=json.dumps(PASS))
    assert (good["result"], good["diagnostics"], good["truncated"]) == ("OK", [], False)
    bad = sfn.validate_state_machine_definition(definition="no JSON")
    assert bad["result"] == "FAIL"
    assert bad["diagnostics"] == [
        {
            "severity": "ERROR",
            "code": "INVALID_JSON_DESCRIPTION",
            "message": "Unrecognized token 'no': was expecting (JSON String, Number, Array, Object or token 'null', "
            "'true' or 'false')\n at [Source: (String)\"no JSON\"; line: 1, column: 3]",
            "location": '[Source: (String)"no JSON"; line: 1, column: 3]',
        }
    ]


def test_logging_needs_one_destination(sfn: Any, name: str) -> None:
    with refused("InvalidLoggingConfiguration") as caught:
        create(sfn, name, PASS, loggingConfiguration={"level": "ALL"})
    message = caught.value.response["Error"]["Message"]
    assert message == "Invalid Logging Configuration: Must specify exactly one Log Destination."


def test_tags_are_set_listed_and_removed(sfn: Any, name: str) -> None:
    arn = create(sfn, name, PASS, tags=[{"key": "team", "value": "a"}])
    sfn.tag_resource(resourceArn=arn, tags=[{"key": "team", "value": "b"}, {"key": "empty", "value": ""}])
    sfn.untag_resource(resourceArn=arn, tagKeys=["empty", "never there"])
    assert sfn.list_tags_for_resource(resourceArn=arn)["tags"] == [{"key": "team", "value": "b"}]


def test_moments_are_numbers_of_seconds(server: Running, machine: str) -> None:
    answer = server.post("DescribeStateMachine", {"stateMachineArn": machine})
    assert isinstance(answer.body["creationDate"], float)


def test_metadata_alone_has_an_empty_definition(sfn: Any, machine: str) -> None:
    found = sfn.describe_state_machine(stateMachineArn=machine, includedData="METADATA_ONLY")
    assert (found["definition"], found["roleArn"]) == ("{}", ROLE)
    execution = sfn.start_execution(stateMachineArn=machine)["executionArn"]
    found = sfn.describe_state_machine_for_execution(executionArn=execution, includedData="METADATA_ONLY")
    assert found["definition"] == "{}"
