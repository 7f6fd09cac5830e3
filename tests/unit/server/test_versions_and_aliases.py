from __future__ import annotations

import json
from typing import Any

from tests.support.server import PASS, Running, create, ended, refused


def change(sfn: Any, arn: str, comment: str) -> str:
    definition = json.dumps(PASS | {"Comment": comment})
    version: str = sfn.update_state_machine(stateMachineArn=arn, definition=definition, publish=True)[
        "stateMachineVersionArn"
    ]
    return version


def test_the_answer_of_a_synchronous_execution_does_not_tell_of_a_version(server: Running, sfn: Any, name: str) -> None:
    arn = create(sfn, name, PASS, type="EXPRESS", publish=True)
    answer = server.post("StartSyncExecution", {"stateMachineArn": f"{arn}:1"}).body
    assert answer["stateMachineArn"] == arn
    assert "stateMachineVersionArn" not in answer


def test_a_revision_is_published_once(sfn: Any, machine: str) -> None:
    first = sfn.publish_state_machine_version(stateMachineArn=machine)
    again = sfn.publish_state_machine_version(stateMachineArn=machine)
    assert first["stateMachineVersionArn"] == again["stateMachineVersionArn"] == f"{machine}:1"


def test_the_number_of_a_deleted_version_is_not_used_again(sfn: Any, machine: str) -> None:
    change(sfn, machine, "one")
    second = change(sfn, machine, "two")
    sfn.delete_state_machine_version(stateMachineVersionArn=second)
    assert sfn.publish_state_machine_version(stateMachineArn=machine)["stateMachineVersionArn"] == f"{machine}:3"
    listed = sfn.list_state_machine_versions(stateMachineArn=machine)["stateMachineVersions"]
    assert [each["stateMachineVersionArn"] for each in listed] == [f"{machine}:3", f"{machine}:1"]


def test_a_version_is_described_with_its_own_definition_and_description(sfn: Any, name: str) -> None:
    arn = create(sfn, name, PASS, publish=True, versionDescription="the first")
    change(sfn, arn, "later")
    version = sfn.describe_state_machine(stateMachineArn=f"{arn}:1")
    assert version["description"] == "the first"
    assert json.loads(version["definition"]) == PASS


def test_a_version_of_an_older_revision_is_not_published(sfn: Any, machine: str) -> None:
    with refused("ConflictException"):
        sfn.publish_state_machine_version(stateMachineArn=machine, revisionId="another")


def test_a_version_cannot_be_updated(sfn: Any, name: str) -> None:
    arn = create(sfn, name, PASS, publish=True)
    with refused("StateMachineDoesNotExist"):
        sfn.update_state_machine(stateMachineArn=f"{arn}:1", definition=json.dumps(PASS))


def test_an_execution_started_by_an_alias_names_alias_and_version(sfn: Any, name: str) -> None:
    arn = create(sfn, name, PASS, publish=True)
    routes = [{"stateMachineVersionArn": f"{arn}:1", "weight": 100}]
    alias = sfn.create_state_machine_alias(name="live", routingConfiguration=routes)["stateMachineAliasArn"]
    change(sfn, arn, "not live")
    execution = ended(sfn, sfn.start_execution(stateMachineArn=alias)["executionArn"])
    assert execution["stateMachineAliasArn"] == alias == f"{arn}:live"
    assert execution["stateMachineVersionArn"] == f"{arn}:1"
    run = sfn.describe_state_machine_for_execution(executionArn=execution["executionArn"])
    assert json.loads(run["definition"]) == PASS
    for qualified, count in ((alias, 1), (f"{arn}:1", 1), (f"{arn}:2", 0)):
        assert len(sfn.list_executions(stateMachineArn=qualified)["executions"]) == count


def test_an_alias_is_made_once_and_updated_in_place(sfn: Any, name: str) -> None:
    arn = create(sfn, name, PASS, publish=True)
    second = change(sfn, arn, "two")
    routes = [{"stateMachineVersionArn": f"{arn}:1", "weight": 100}]
    alias = sfn.create_state_machine_alias(name="live", routingConfiguration=routes)["stateMachineAliasArn"]
    sfn.create_state_machine_alias(name="live", routingConfiguration=routes)
    with refused("ConflictException"):
        sfn.create_state_machine_alias(name="live", description="other", routingConfiguration=routes)
    half = [{"stateMachineVersionArn": version, "weight": 50} for version in (f"{arn}:1", second)]
    sfn.update_state_machine_alias(stateMachineAliasArn=alias, routingConfiguration=half)
    assert sfn.describe_state_machine_alias(stateMachineAliasArn=alias)["routingConfiguration"] == half
    with refused("ConflictException"):
        sfn.delete_state_machine_version(stateMachineVersionArn=second)
    sfn.delete_state_machine_alias(stateMachineAliasArn=alias)
    sfn.delete_state_machine_alias(stateMachineAliasArn=alias)
    with refused("ResourceNotFound"):
        sfn.describe_state_machine_alias(stateMachineAliasArn=alias)


def test_the_weights_of_an_alias_are_checked(sfn: Any, name: str) -> None:
    arn = create(sfn, name, PASS, publish=True)
    change(sfn, arn, "two")
    routes = [{"stateMachineVersionArn": f"{arn}:{number}", "weight": 40} for number in (1, 2)]
    with refused("ValidationException") as caught:
        sfn.create_state_machine_alias(name="live", routingConfiguration=routes)
    message = "Sum of routing configuration weights must equal 100. Received: [40, 40]"
    assert caught.value.response["Error"]["Message"] == message
