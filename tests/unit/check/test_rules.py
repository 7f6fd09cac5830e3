from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from everypath.check.finding import Finding
from tests.unit.check.projects import FAIL, RETRIED, catch, codes, definition, findings, handled, messages, task

HANDLER = """\
class OutOfStock(Exception): pass
class SoldOut(OutOfStock): pass
def handler(event, context):
    if event: raise OutOfStock()
    raise SoldOut()
"""
PUT = {
    "Type": "Task",
    "Resource": "arn:aws:states:::dynamodb:putItem",
    "Parameters": {"TableName": "t", "Item": {}},
    "End": True,
}


def of(found: list[Finding], code: str) -> list[tuple[str, str]]:
    return [(each.severity, each.pointer) for each in found if each.code == code]


def test_a_wildcard_of_an_outer_state_handles_what_a_handler_raises(tmp_path: Path) -> None:
    branch = {"StartAt": "Reserve", "States": {"Reserve": task()}}
    states = {"Both": {"Type": "Parallel", "Branches": [branch], "Catch": [catch("States.ALL")], "End": True}}
    assert "EP101" not in codes(findings(tmp_path, states, HANDLER))
    del states["Both"]["Catch"]
    assert len(messages(findings(tmp_path, states, HANDLER), "EP101")) == 2


def test_a_base_class_that_is_raised_itself_may_be_named(tmp_path: Path) -> None:
    assert "EP104" not in codes(findings(tmp_path, handled("OutOfStock", "SoldOut"), HANDLER))
    found = messages(findings(tmp_path, handled("Exception"), HANDLER), "EP104")
    assert len(found) == 1
    assert "OutOfStock, SoldOut" in found[0]


@pytest.mark.parametrize("name", ["outofstock", "OutOfStok", "errors.OutOfStock"])
def test_a_name_close_to_a_raised_one_is_an_error(name: str, tmp_path: Path) -> None:
    assert "write 'OutOfStock'" in messages(findings(tmp_path, handled(name), HANDLER), "EP102")[0]


def test_a_name_that_a_library_may_raise_is_an_info(tmp_path: Path) -> None:
    source = "import requests\ndef handler(event, context): return requests.get(event)\n"
    assert [each for each, _ in of(findings(tmp_path, handled("ReadTimeout"), source), "EP103")] == ["info"]


def test_a_modelled_error_of_a_client_that_is_called_may_be_named(tmp_path: Path) -> None:
    source = "import boto3\ndef handler(event, context): boto3.client('dynamodb').put_item(TableName='t', Item={})\n"
    names = ("ClientError", "ConditionalCheckFailedException")
    assert not {"EP102", "EP103", "EP108"} & codes(findings(tmp_path, handled(*names), source))


def test_an_exception_that_python_raises_by_itself_may_be_named(tmp_path: Path) -> None:
    assert not {"EP102", "EP103"} & codes(findings(tmp_path, handled("KeyError", "OutOfStock", "SoldOut"), HANDLER))


def test_an_exception_of_the_handler_may_be_called_like_one_of_aws(tmp_path: Path) -> None:
    source = "class ThrottlingException(Exception): pass\ndef handler(e, c): raise ThrottlingException()\n"
    assert "EP108" not in codes(findings(tmp_path, handled("ThrottlingException"), source))


@pytest.mark.parametrize(
    ("resource", "name", "meant"),
    [
        ("arn:aws:states:::ecs:runTask.sync", "Ecs.ServerException", "ECS.ServerException"),
        (
            "arn:aws:states:::dynamodb:putItem",
            "Dynamodb.ResourceNotFoundException",
            "DynamoDB.ResourceNotFoundException",
        ),
        ("arn:aws:states:::aws-sdk:dynamodb:putItem", "DynamoDB.LimitExceeded", "DynamoDb.LimitExceeded"),
        ("${ReserveFunctionArn}", "Lambda.TooManyRequestException", "Lambda.TooManyRequestsException"),
        ("${ReserveFunctionArn}", "lambda.ServiceException", "Lambda.ServiceException"),
        ("${ReserveFunctionArn}", "Sandbox.TimedOut", "Sandbox.Timedout"),
        ("${ReserveFunctionArn}", "State.ALL", "States.ALL"),
        ("${ReserveFunctionArn}", "states.timeout", "States.Timeout"),
    ],
)
def test_a_mistyped_name_of_aws_is_an_error(resource: str, name: str, meant: str, tmp_path: Path) -> None:
    state = {"Type": "Task", "Resource": resource, "Parameters": {}, "Catch": [catch(name)], "End": True}
    assert f"write '{meant}'" in messages(findings(tmp_path, {"X": state}), "EP109")[0]


@pytest.mark.parametrize("name", ["DynamoDB.ConditionalCheckFailedException", "States.TaskFailed", "States.ALL"])
def test_a_right_name_of_aws_is_none(name: str, tmp_path: Path) -> None:
    state = {**PUT, "Catch": [catch(name)]}
    assert not {"EP108", "EP109", "EP202"} & codes(findings(tmp_path, {"Put": state}))


@pytest.mark.parametrize("name", ["ConditionalCheckFailedException", "Lambda.ServiceException"])
def test_a_service_is_known_by_its_prefix(name: str, tmp_path: Path) -> None:
    assert "'DynamoDB.'" in messages(findings(tmp_path, {"Put": {**PUT, "Catch": [catch(name)]}}), "EP108")[0]


def test_any_name_may_come_from_a_callback(tmp_path: Path) -> None:
    resource = "arn:aws:states:::lambda:invoke.waitForTaskToken"
    state = task(Resource=resource, Parameters={"FunctionName": "${ReserveFunctionArn}"}, Catch=[catch("Declined")])
    assert not {"EP102", "EP103", "EP108"} & codes(findings(tmp_path, {"Reserve": state}, HANDLER))


def test_the_function_of_lambda_invoke_is_found_by_its_name(tmp_path: Path) -> None:
    parameters = {"FunctionName": "${ReserveFunctionArn}"}
    state = task(Resource="arn:aws:states:::lambda:invoke", Parameters=parameters)
    assert len(messages(findings(tmp_path, {"Reserve": state}, HANDLER), "EP101")) == 2


def test_states_all_beside_other_names_is_reported_once(tmp_path: Path) -> None:
    found = findings(tmp_path, handled("OutOfStock", "States.ALL"))
    assert of(found, "EP201") == [("error", "/States/Reserve/Catch/0/ErrorEquals/1")]
    assert "EP002" not in codes(found)


def test_the_rules_for_catchers_hold_for_retriers(tmp_path: Path) -> None:
    retry = [{"ErrorEquals": ["States.ALL"]}, {"ErrorEquals": ["A", "States.ALL"]}]
    found = findings(tmp_path, {"Reserve": task(Retry=retry)})
    assert [pointer for _, pointer in of(found, "EP201")] == [
        "/States/Reserve/Retry/0/ErrorEquals/0",
        "/States/Reserve/Retry/1/ErrorEquals/1",
    ]
    assert [pointer for _, pointer in of(found, "EP203")] == ["/States/Reserve/Retry/1"]


def test_one_name_of_several_that_is_taken_before_is_reported_at_the_name(tmp_path: Path) -> None:
    states = {"Reserve": task(Catch=[catch("A"), catch("B", "A")])}
    assert of(findings(tmp_path, states), "EP203") == [("warning", "/States/Reserve/Catch/1/ErrorEquals/1")]


def test_states_timeout_is_left_by_task_failed(tmp_path: Path) -> None:
    states = {"Reserve": task(Catch=[catch("States.TaskFailed"), catch("States.Timeout")])}
    assert "EP203" not in codes(findings(tmp_path, states))


def test_a_wildcard_retrier_is_one_for_lambda(tmp_path: Path) -> None:
    assert "EP206" not in codes(findings(tmp_path, {"Reserve": task(Retry=[RETRIED])}))
    none = {**RETRIED, "MaxAttempts": 0}
    assert "EP206" in codes(findings(tmp_path, {"Reserve": task(Retry=[none])}))


def test_missing_jitter_and_unlimited_waits_are_infos_wherever_they_are(tmp_path: Path) -> None:
    retry = [{"ErrorEquals": ["A"], "IntervalSeconds": 2, "MaxAttempts": 6, "BackoffRate": 2}]
    two = {"First": {**task(Retry=retry), "Next": "Second"}, "Second": task(Retry=retry)}
    del two["First"]["End"]
    found = findings(tmp_path, two)
    assert [severity for code in ("EP208", "EP209") for severity, _ in of(found, code)] == ["info"] * 4


@pytest.mark.parametrize(
    ("names", "fields", "found"),
    [
        (["States.HeartbeatTimeout"], {"HeartbeatSeconds": 5}, ["EP221"]),
        (["States.Timeout"], {"HeartbeatSecondsPath": "$.beat"}, ["EP221"]),
        (["States.Timeout"], {}, []),
        (["States.Timeout", "States.HeartbeatTimeout"], {"HeartbeatSeconds": 5}, []),
        (["States.ALL"], {"HeartbeatSeconds": 5}, []),
        (["States.HeartbeatTimeout"], {}, ["EP205"]),
    ],
)
def test_both_names_of_an_expired_heartbeat_are_asked_for(
    names: list[str], fields: dict[str, Any], found: list[str], tmp_path: Path
) -> None:
    listed = codes(findings(tmp_path, handled(*names, **fields)))
    assert sorted(listed & {"EP205", "EP221"}) == found


def test_two_catchers_may_name_the_two_timeouts_one_each(tmp_path: Path) -> None:
    catchers = [catch("States.HeartbeatTimeout"), catch("States.Timeout")]
    assert "EP221" not in codes(findings(tmp_path, {"Reserve": task(Catch=catchers, HeartbeatSeconds=5)}))


def test_a_catcher_of_a_parallel_is_asked_for_both_where_a_branch_has_a_heartbeat(tmp_path: Path) -> None:
    branch = {"StartAt": "Reserve", "States": {"Reserve": task(HeartbeatSeconds=5)}}
    states = {"Both": {"Type": "Parallel", "Branches": [branch], "Catch": [catch("States.Timeout")], "End": True}}
    assert [pointer for _, pointer in of(findings(tmp_path, states), "EP221")] == ["/States/Both/Catch/0/ErrorEquals/0"]


def test_the_waits_of_all_retriers_count_against_the_machine(tmp_path: Path) -> None:
    retry = [{"ErrorEquals": [name], "IntervalSeconds": 10, "MaxAttempts": 2} for name in "AB"]
    found = messages(findings(tmp_path, {"Reserve": task(Retry=retry)}, TimeoutSeconds=59), "EP210")
    assert "up to 60 s" in found[0]
    assert "EP210" not in codes(findings(tmp_path, {"Reserve": task(Retry=retry)}, TimeoutSeconds=60))


def test_max_delay_limits_the_waits(tmp_path: Path) -> None:
    retry = [{"ErrorEquals": ["A"], "MaxAttempts": 10, "MaxDelaySeconds": 1}]
    assert "EP210" not in codes(findings(tmp_path, {"Reserve": task(Retry=retry)}, TimeoutSeconds=11))


def test_a_lost_input_is_a_warning_only_where_it_is_read(tmp_path: Path) -> None:
    after: dict[str, Any] = {"Type": "Pass", "Parameters": {"x.$": "$.Cause"}, "End": True}
    states = {"Reserve": task(Catch=[catch("A", Next="After")]), "After": after}
    assert [severity for severity, _ in of(findings(tmp_path, states), "EP214")] == ["info"]
    after["Parameters"]["y.$"] = "$.customer"
    assert [severity for severity, _ in of(findings(tmp_path, states), "EP214")] == ["warning"]


def test_a_lost_input_is_seen_in_jsonata(tmp_path: Path) -> None:
    after = {"Type": "Pass", "Output": "{% $states.input.customer %}", "End": True}
    states = {"Reserve": task(Catch=[catch("A", Next="After")]), "After": after}
    found = findings(tmp_path, states, QueryLanguage="JSONata")
    assert [severity for severity, _ in of(found, "EP214")] == ["warning"]


def test_nothing_is_said_of_an_input_that_a_fail_state_gets(tmp_path: Path) -> None:
    assert "EP214" not in codes(findings(tmp_path, handled("A")))


@pytest.mark.parametrize(
    ("name", "after", "found"),
    [
        ("States.ALL", {"Type": "Succeed"}, ["/States/Reserve/Catch/0/Next"]),
        ("States.TaskFailed", {"Type": "Pass", "Result": "failed", "End": True}, ["/States/Reserve/Catch/0/Next"]),
        ("A", {"Type": "Succeed"}, []),
        ("States.ALL", {**PUT}, []),
        ("States.ALL", {"Type": "Pass", "Next": "Give Up"}, []),
    ],
)
def test_success_is_reported_after_a_wildcard_about_which_nothing_is_done(
    name: str, after: dict[str, Any], found: list[str], tmp_path: Path
) -> None:
    states = {"Reserve": task(Catch=[catch(name, Next="Note")]), "Note": after}
    assert of(findings(tmp_path, states), "EP216") == [("warning", place) for place in found]


def test_going_back_to_the_task_is_no_success(tmp_path: Path) -> None:
    states = {
        "Reserve": task(Catch=[catch("A", Next="Wait")]),
        "Wait": {"Type": "Wait", "Seconds": 1, "Next": "Reserve"},
    }
    assert "EP216" not in codes(findings(tmp_path, states))


def test_a_cause_parsed_in_jsonata_is_seen(tmp_path: Path) -> None:
    after = {"Type": "Pass", "Output": "{% $parse($states.input.Cause) %}", "Next": "Give Up"}
    states = {"Reserve": task(Catch=[catch("States.Timeout", Next="After")]), "After": after, "Give Up": FAIL}
    assert of(findings(tmp_path, states, QueryLanguage="JSONata"), "EP217") == [("warning", "/States/After/Output")]


def test_a_loop_that_counts_is_bounded(tmp_path: Path) -> None:
    rule = {"Variable": "$.tries", "NumericGreaterThan": 5, "Next": "Give Up"}
    states = {"Again?": {"Type": "Choice", "Choices": [rule], "Default": "Wait"}, "Give Up": FAIL}
    states["Wait"] = {"Type": "Wait", "Seconds": 1, "Next": "Again?"}
    assert "EP302" not in codes(findings(tmp_path, states))


def test_one_loop_is_reported_once(tmp_path: Path) -> None:
    states = {"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Choice", "Choices": [], "Default": "A"}}
    assert len(of(findings(tmp_path, states), "EP302")) == 1


def test_a_definition_that_is_wrong_in_one_place_is_checked_elsewhere(tmp_path: Path) -> None:
    states = {"Reserve": task(Catch=[catch("State.ALL")], Bogus=1, Retry="often")}
    assert {"EP002", "EP109", "EP206"} <= codes(findings(tmp_path, states))


@pytest.mark.parametrize(
    "states", [None, [], {"A": None}, {"A": {"Type": 5, "Retry": [1], "Catch": {"ErrorEquals": 3}}}]
)
def test_no_shape_of_a_definition_breaks_a_rule(states: Any, tmp_path: Path) -> None:
    from everypath.check.checker import check
    from everypath.check.load import load_file

    file = tmp_path / "broken.asl.json"
    file.write_text(__import__("json").dumps({"StartAt": 1, "States": states}))
    assert "EP002" in codes(check(load_file(file)))


def test_a_definition_that_is_too_large_is_found() -> None:
    from everypath.asl.parser.definition import read
    from everypath.check.checked_definition import CheckedDefinition
    from everypath.check.checker import check

    problems: list[Any] = []
    read('"' + "x" * 1_100_000 + '"', problems, express=False)
    assert codes(check(CheckedDefinition(Path("x"), {}, tuple(problems)))) == {"EP008"}


def test_a_whole_definition_is_made_of_states() -> None:
    assert definition({"A": {"Type": "Succeed"}})["StartAt"] == "A"


@pytest.mark.parametrize("name", ["ReadTimeoutError", "JSONDecodeError"])
def test_errors_of_botocore_and_the_standard_library_may_be_named(name: str, tmp_path: Path) -> None:
    source = "import boto3\ndef handler(event, context): boto3.client('sqs').list_queues()\n"
    found = findings(tmp_path, handled(name, "Declined"), source)
    assert ["'Declined'" in each for each in messages(found, "EP103")] == [True]


def test_two_loops_of_a_flow_are_reported_each(tmp_path: Path) -> None:
    states: dict[str, Any] = {"A": {"Type": "Choice", "Choices": [], "Default": "A"}}
    states["A"]["Choices"] = [{"Variable": "$.x", "IsPresent": True, "Next": "B"}]
    states["B"] = {"Type": "Choice", "Choices": [], "Default": "B"}
    assert [pointer for _, pointer in of(findings(tmp_path, states), "EP302")] == ["/States/A", "/States/B"]


def test_a_cause_parsed_in_the_catcher_itself_is_seen(tmp_path: Path) -> None:
    output = {"why": "{% $parse($states.errorOutput.Cause) %}"}
    states = {"Reserve": task(Catch=[catch("OutOfStock", Output=output), catch("States.ALL", Output=output)])}
    found = findings(tmp_path, states, QueryLanguage="JSONata")
    assert [pointer for _, pointer in of(found, "EP217")] == ["/States/Reserve/Catch/1/Output/why"]


def test_a_catcher_that_names_no_choice_matched_takes_nothing(tmp_path: Path) -> None:
    found = messages(findings(tmp_path, handled("States.NoChoiceMatched"), HANDLER), "EP204")
    assert len(found) == 1
    assert "fails with States.Runtime" in found[0]
