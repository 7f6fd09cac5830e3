"""Which cases are enumerated, and what they come to."""

from __future__ import annotations

from typing import Any

import pytest

from everypath import Return
from everypath.asl.error_catalog import LAMBDA_TRANSIENT
from everypath.paths.cases import enumerate_cases
from everypath.paths.errors import error_classes
from everypath.paths.measure import LOST, cost_per_million, rows
from everypath.report.paths_table import paths_table
from tests.unit.paths.machines import FUNCTION, case, enumeration_of, machine, missing, task

RETRY = [{"ErrorEquals": ["Busy"], "MaxAttempts": 2}]


def test_a_retrier_recovers_first_and_last_and_is_exhausted() -> None:
    enumeration = enumeration_of({"A": task(Retry=RETRY)})
    assert case(enumeration, "retry:A/0/first").execution.elapsed == 1
    assert case(enumeration, "retry:A/0/last").execution.elapsed == 3
    assert any("retry:A/0/exhausted" in one.covered for one in enumeration.cases)
    assert missing(enumeration) == {}


def test_equivalent_errors_give_one_case() -> None:
    tree = machine({"A": task("B", Catch=[{"ErrorEquals": ["X", "Y"], "Next": "B"}]), "B": {"Type": "Succeed"}})
    state: Any = tree.graph.states["A"]
    assert [one.names[:2] for one in error_classes(state)] == [
        ("X", "Y"),
        ("Lambda.TooManyRequestsException", "Lambda.ServiceException"),
    ]
    assert case(enumerate_cases(tree), "catch:A/0").errors == ("X", "Y")


def test_all_of_lambdas_transient_errors_are_considered() -> None:
    tree = machine({"A": task(Catch=[{"ErrorEquals": ["States.ALL"], "Next": "B"}]), "B": {"Type": "Succeed"}})
    state: Any = tree.graph.states["A"]
    [one] = error_classes(state)
    assert set(one.names) >= {*LAMBDA_TRANSIENT, "Sandbox.Timedout", "Runtime.ExitError"}


@pytest.mark.parametrize(
    ("resource", "error"),
    [
        ("arn:aws:states:::apigateway:invoke", "ApiGateway.SdkClientException"),
        ("arn:aws:states:::eks:call", "EKS.SdkClientException"),
        ("arn:aws:states:::sagemaker:createTrainingJob.sync", "SageMaker.SdkClientException"),
        ("arn:aws:states:::aws-sdk:s3:getObject", "S3.S3Exception"),
    ],
)
def test_an_error_of_the_service_that_a_task_calls_is_considered(resource: str, error: str) -> None:
    tree = machine({"A": {"Type": "Task", "Resource": resource, "Parameters": {}, "End": True}})
    state: Any = tree.graph.states["A"]
    [one] = error_classes(state)
    assert one.names[0] == error


def test_exceptions_of_the_handler_are_considered() -> None:
    tree = machine({"A": task(Catch=[{"ErrorEquals": ["States.ALL"], "Next": "B"}]), "B": {"Type": "Succeed"}})
    enumeration = enumerate_cases(tree, raised=lambda state: ["OutOfStock"])
    assert case(enumeration, "catch:A/0").errors[0] == "OutOfStock"


def test_a_catcher_behind_one_that_takes_its_names_is_not_reached() -> None:
    catch = [{"ErrorEquals": ["X"], "Next": "B"}, {"ErrorEquals": ["X"], "Next": "B"}]
    enumeration = enumeration_of({"A": task("B", Catch=catch), "B": {"Type": "Succeed"}})
    assert "earlier catcher" in missing(enumeration)["catch:A/1"]


def test_timeouts_and_heartbeats_pass_on_the_virtual_clock() -> None:
    enumeration = enumeration_of({"A": task(TimeoutSeconds=60, HeartbeatSeconds=10)})
    assert case(enumeration, "timeout:A").execution.elapsed == 60
    assert case(enumeration, "heartbeat:A").execution.elapsed == 10


def test_an_execution_runs_into_its_own_timeout() -> None:
    enumeration = enumeration_of({"A": task()}, TimeoutSeconds=300)
    assert case(enumeration, "timeout:").execution.status == "TIMED_OUT"


def test_every_rule_of_a_choice_is_solved_and_verified() -> None:
    def text(**rule: Any) -> dict[str, Any]:
        return {"Variable": "$.kind", **rule}

    def number(**rule: Any) -> dict[str, Any]:
        return {"Variable": "$.n", **rule}

    rules = [
        {"And": [text(StringEquals="a"), number(NumericGreaterThan=5)], "Next": "B"},
        {"Or": [text(StringMatches="b*c"), number(NumericLessThan=0)], "Next": "C"},
        {"Not": number(NumericEquals=7), "Next": "D"},
    ]
    ends = {name: {"Type": "Succeed"} for name in "BCDE"}
    enumeration = enumeration_of({"A": {"Type": "Choice", "Choices": rules, "Default": "E"}, **ends})
    assert missing(enumeration) == {}
    assert case(enumeration, "default:A").input["n"] == 7


def test_a_rule_that_contradicts_itself_is_reported_with_its_place() -> None:
    rule = {"And": [{"Variable": "$.x", "StringEquals": "a"}, {"Variable": "$.x", "StringEquals": "b"}], "Next": "B"}
    enumeration = enumeration_of({"A": {"Type": "Choice", "Choices": [rule], "Default": "B"}, "B": {"Type": "Succeed"}})
    assert "/States/A/Choices/0" in missing(enumeration)["choice:A/0"]


def test_a_choice_is_reached_by_the_result_of_the_task_before_it() -> None:
    rule = {"Variable": "$.answer.status", "StringEquals": "DONE", "Next": "C"}
    enumeration = enumeration_of(
        {
            "A": task("B", ResultPath="$.answer"),
            "B": {"Type": "Choice", "Choices": [rule], "Default": "D"},
            "C": {"Type": "Succeed"},
            "D": {"Type": "Wait", "Seconds": 5, "Next": "A"},
        }
    )
    assert missing(enumeration) == {}
    polling = case(enumeration, "loop:next:D")
    assert polling.execution.path == ("A", "B", "D", "A", "B", "D", "A", "B", "C")
    assert polling.execution.elapsed == 10


def test_a_jsonata_condition_is_solved_from_its_own_constants() -> None:
    rule = {"Condition": "{% $states.input.score >= 7 and $states.input.tag = 'gold' %}", "Next": "B"}
    ends = {name: {"Type": "Succeed"} for name in "BC"}
    enumeration = enumeration_of(
        {"A": {"Type": "Choice", "Choices": [rule], "Default": "C"}, **ends}, QueryLanguage="JSONata"
    )
    assert missing(enumeration) == {}


def test_a_choice_by_error_name_is_reached_by_another_error() -> None:
    rule = {"Variable": "$.problem.Error", "StringEquals": "Declined", "Next": "C"}
    enumeration = enumeration_of(
        {
            "A": task("C", Catch=[{"ErrorEquals": ["States.ALL"], "ResultPath": "$.problem", "Next": "B"}]),
            "B": {"Type": "Choice", "Choices": [rule], "Default": "D"},
            "C": {"Type": "Succeed"},
            "D": {"Type": "Fail"},
        }
    )
    assert missing(enumeration) == {}


def test_every_branch_of_a_parallel_fails_once() -> None:
    branches = [{"StartAt": name, "States": {name: task()}} for name in ("P", "Q")]
    parallel = {"Type": "Parallel", "Branches": branches, "End": True, "Retry": RETRY}
    enumeration = enumeration_of({"A": parallel})
    assert missing(enumeration) == {}
    assert case(enumeration, "retry:A/0/last").execution.entered("P") == 3


def test_an_item_of_a_distributed_map_fails_tolerated_and_not() -> None:
    processor = {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
        "StartAt": "P",
        "States": {"P": task()},
    }
    reader = {
        "Resource": "arn:aws:states:::s3:getObject",
        "ReaderConfig": {"InputType": "JSON"},
        "Parameters": {"Bucket": "b", "Key": "k"},
    }
    catch = [{"ErrorEquals": ["States.ExceedToleratedFailureThreshold"], "Next": "B"}]
    mapped = {
        "Type": "Map", "ItemReader": reader, "ItemProcessor": processor, "ToleratedFailureCount": 1, "Next": "B",
        "Catch": catch,
    }  # fmt: skip
    enumeration = enumeration_of({"A": mapped, "B": {"Type": "Succeed"}})
    assert case(enumeration, "tolerated:A").execution.path == ("A", "B")
    assert case(enumeration, "catch:A/0").execution.path == ("A", "B")


def test_a_catcher_without_result_path_loses_the_input() -> None:
    catch = [{"ErrorEquals": ["X"], "Next": "B"}, {"ErrorEquals": ["Y"], "ResultPath": "$.error", "Next": "B"}]
    lines = {row.case.id: row for row in rows(enumeration_of({"A": task("B", Catch=catch), "B": {"Type": "Succeed"}}))}
    assert (lines["catch:A/0"].input, lines["catch:A/1"].input) == (LOST, "kept")


def test_standard_workflows_cost_by_transition_and_express_ones_by_time() -> None:
    assert cost_per_million(4, 100, express=False) == 100
    assert 1 < cost_per_million(4, 1, express=True) < 3


def test_the_table_is_the_same_each_time() -> None:
    states = {"A": task("B", Retry=RETRY, Catch=[{"ErrorEquals": ["X"], "Next": "B"}]), "B": {"Type": "Succeed"}}
    assert paths_table(enumeration_of(states), "m") == paths_table(enumeration_of(states), "m")


def test_a_large_definition_is_covered_with_few_cases_and_the_table_says_so() -> None:
    states: dict[str, Any] = {
        f"S{n}": {
            "Type": "Task", "Resource": FUNCTION + "f", "Retry": RETRY, "Next": f"S{n + 1}" if n < 79 else "OK",
            "Catch": [{"ErrorEquals": ["X"], "Next": "OK"}, {"ErrorEquals": ["States.ALL"], "Next": "OK"}],
        }
        for n in range(80)
    }  # fmt: skip
    enumeration = enumeration_of({**states, "OK": {"Type": "Succeed"}}, StartAt="S0")
    assert missing(enumeration) == {}
    assert enumeration.reduced
    assert len(enumeration.cases) < 2 * 80 + 10
    assert "too many cases" in paths_table(enumeration, "m")


def branches(**states: dict[str, Any]) -> dict[str, Any]:
    """A Parallel with a branch for each of some states."""
    flows = [{"StartAt": name, "States": {name: state}} for name, state in states.items()]
    return {"Type": "Parallel", "Branches": flows}


def test_the_final_state_is_the_one_that_failed_and_not_the_last_one_entered() -> None:
    enumeration = enumeration_of({"P": {**branches(A=task(), B=task()), "End": True}})
    ends = {row.case.id: row.final_state for row in rows(enumeration)}
    assert (ends["unhandled:A"], ends["unhandled:B"]) == ("A", "B")


def test_jitter_waits_as_long_as_it_may() -> None:
    enumeration = enumeration_of({"A": task(Retry=[{**RETRY[0], "JitterStrategy": "FULL"}])})
    assert case(enumeration, "retry:A/0/last").execution.elapsed == 3


def test_a_state_that_recovers_by_itself_has_lost_nothing() -> None:
    lines = {row.case.id: row.input for row in rows(enumeration_of({"A": task(Retry=RETRY)}))}
    assert lines["retry:A/0/first"] == ""


def test_a_rule_over_what_a_parallel_in_a_map_has_made_is_solved_in_jsonata() -> None:
    fetch = {**task(), "Catch": [{"ErrorEquals": ["Gone"], "Next": "Skip"}]}
    invoke = {"FunctionName": "convert", "Payload": "{% $states.input %}"}
    convert = {
        "Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Arguments": invoke,
        "Output": "{% $states.result.Payload %}", "End": True,
    }  # fmt: skip
    both = branches(Fetch=fetch, Convert=convert)
    both["Branches"][0]["States"]["Skip"] = {"Type": "Pass", "End": True}
    made = '{% {"text": $states.result[0].text, "format": $states.result[1].format} %}'
    each = {"StartAt": "Both", "States": {"Both": {**both, "Output": made, "End": True}}}
    text = "$states.input[0].text"
    rules = [
        {"Condition": f"{{% $exists({text}) and $length({text}) > 100 %}}", "Next": "Long"},
        {"Condition": "{% $states.input[0].format in ['pdf', 'docx'] %}", "Next": "Office"},
    ]
    enumeration = enumeration_of(
        {
            "Each": {"Type": "Map", "Items": "{% $states.input.documents %}", "ItemProcessor": each, "Next": "Kind"},
            "Kind": {"Type": "Choice", "Choices": rules, "Default": "Other"},
            **{name: {"Type": "Succeed"} for name in ("Long", "Office", "Other")},
        },
        QueryLanguage="JSONata",
    )
    assert missing(enumeration) == {}
    assert case(enumeration, "success").execution.succeeded


def test_a_loop_that_no_data_ends_is_given_up_early_and_shown_to_its_end() -> None:
    never = {"And": [{"Variable": "$.x", "IsPresent": True}, {"Variable": "$.x", "IsPresent": False}], "Next": "Done"}
    states = {"Poll": task("Ask"), "Ask": {"Type": "Choice", "Choices": [never], "Default": "Poll"}}
    enumeration = enumeration_of({**states, "Done": {"Type": "Succeed"}})
    assert "/States/Ask/Choices/0" in missing(enumeration)["choice:Ask/0"]
    assert len(case(enumeration, "success").execution.require_history().events) == 25_000


def test_a_rule_may_ask_for_the_input_and_the_results_of_two_tasks() -> None:
    def asks(**wanted: Any) -> dict[str, Any]:
        comparisons = {bool: "BooleanEquals", str: "StringEquals", int: "NumericEquals"}
        return {"And": [{"Variable": f"$.{path}", comparisons[type(value)]: value} for path, value in wanted.items()]}

    rules = [
        asks(vip=True) | {"Next": "D"},
        {"And": [*asks(vip=True)["And"], *asks(**{"r.status": "OK", "s.n": 3})["And"]], "Next": "E"},
        asks(**{"vip": False, "r.status": "BAD", "s.n": 0}) | {"Next": "E"},
    ]
    states = {
        "A": task("B", ResultPath="$.r"),
        "B": task("C", ResultPath="$.s"),
        "C": {"Type": "Choice", "Choices": rules[::-1], "Default": "F"},
        **{name: {"Type": "Succeed"} for name in "DEF"},
    }
    enumeration = enumeration_of(states)
    assert missing(enumeration) == {}
    found_case = case(enumeration, "choice:C/1")
    assert found_case.input["vip"] is True
    assert found_case.outcomes["A"] == [Return({"status": "OK"})]
    assert found_case.outcomes["B"] == [Return({"n": 3})]


def test_a_choice_without_default_fails_whatever_is_caught_around_it() -> None:
    which = {"Type": "Choice", "Choices": [{"Variable": "$.kind", "StringEquals": "a", "Next": "A"}]}
    branch = {"StartAt": "Which", "States": {"Which": which, "A": {"Type": "Pass", "End": True}}}
    catchers = [{"ErrorEquals": [name], "Next": "Z"} for name in ("States.NoChoiceMatched", "States.TaskFailed")]
    guarded = {"Type": "Parallel", "Branches": [branch], "Catch": catchers, "End": True}
    enumeration = enumeration_of({"Guarded": guarded, "Z": {"Type": "Pass", "End": True}})
    failed = next(each for each in enumeration.cases if "unhandled:Which" in each.covered)
    assert (failed.execution.error, failed.execution.status) == ("States.Runtime", "FAILED")
    assert {"catch:Guarded/0", "catch:Guarded/1"} <= missing(enumeration).keys()


def test_a_missed_heartbeat_goes_to_the_catcher_that_names_it() -> None:
    catch = [{"ErrorEquals": ["States.HeartbeatTimeout"], "Next": "Late"}]
    callback = "arn:aws:states:::sqs:sendMessage.waitForTaskToken"
    message = {"QueueUrl": "q", "MessageBody": {"token.$": "$$.Task.Token"}}
    state = task(Resource=callback, Parameters=message, HeartbeatSeconds=5, TimeoutSeconds=60, Catch=catch)
    enumeration = enumeration_of({"Ask": state, "Late": {"Type": "Succeed"}})
    assert case(enumeration, "heartbeat:Ask").execution.status == "SUCCEEDED"
    assert case(enumeration, "timeout:Ask").execution.status == "FAILED"
