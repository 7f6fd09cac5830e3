"""Where the data of cases are made up: by what each state needs, in the source that it comes from."""

from __future__ import annotations

from typing import Any

from everypath.paths.measure import rows
from tests.unit.paths.machines import FUNCTION, case, enumeration_of, missing, task

INVOKE = "arn:aws:states:::lambda:invoke"


def invoke(following: str | None = None, payload: Any = None, **fields: Any) -> dict[str, Any]:
    parameters = {"FunctionName": FUNCTION + "f"} | ({"Payload.$": "$"} if payload is None else {"Payload": payload})
    return task(following, Resource=INVOKE, Parameters=parameters, **fields)


def test_parameters_are_read_from_what_the_input_path_leads_to() -> None:
    enumeration = enumeration_of({"A": invoke("B", {"n.$": "$.number"}, InputPath="$.account"), "B": invoke()})
    assert missing(enumeration) == {}
    success = case(enumeration, "success")
    assert success.execution.status == "SUCCEEDED"
    assert success.input["account"] == {"number": "text"}


def test_a_result_whose_fields_are_learned_later_is_given_to_earlier_cases() -> None:
    def ask(payload: str, following: str | None, **fields: Any) -> dict[str, Any]:
        arguments = {"FunctionName": FUNCTION + "f", "Payload": payload}
        return task(following, Resource=INVOKE, Arguments=arguments, **fields)

    enumeration = enumeration_of(
        {
            "A": ask("{% $states.input.order %}", "B", Assign={"id": "{% $states.result.Payload.id %}"}),
            "B": ask("{% $id %}", None),
        },
        QueryLanguage="JSONata",
    )
    assert case(enumeration, "success").execution.status == "SUCCEEDED"


def test_a_result_that_only_another_route_reads_is_there_after_a_catcher_too() -> None:
    def call(**fields: Any) -> dict[str, Any]:
        return {"Type": "Task", "Resource": INVOKE, "Arguments": {"FunctionName": FUNCTION + "f"}, **fields}

    enumeration = enumeration_of(
        {
            "Score": call(
                Output="{% {'risk': $states.result.Payload.risk} %}",
                Catch=[{"ErrorEquals": ["States.ALL"], "Next": "Assume"}],
                Next="Risky?",
            ),
            "Assume": {"Type": "Pass", "Output": {"risk": "high"}, "Next": "Risky?"},
            "Risky?": {
                "Type": "Choice",
                "Choices": [{"Condition": "{% $states.input.risk = 'high' %}", "Next": "Ask"}],
                "Default": "Charge",
            },
            "Ask": {"Type": "Pass", "Next": "Charge"},
            "Charge": call(Output="{% {'payment': $states.result.Payload} %}", Next="Done"),
            "Done": {"Type": "Succeed", "Output": {"receipt": "{% $states.input.payment.receipt %}"}},
        },
        QueryLanguage="JSONata",
    )
    ends = {row.case.id: (row.status, row.final_state) for row in rows(enumeration)}
    assert ends["success"] == ends["catch:Score/0"] == ("SUCCEEDED", "Done")
    assert ends["unhandled:Charge"] == ("FAILED", "Charge")


def test_an_input_may_be_an_array_of_what_the_items_need() -> None:
    each = {"StartAt": "X", "States": {"X": task(Resource=INVOKE, Parameters={"FunctionName": "f", "P.$": "$.user"})}}
    enumeration = enumeration_of({"M": {"Type": "Map", "ItemProcessor": each, "Next": "B"}, "B": invoke()})
    assert missing(enumeration) == {}
    assert case(enumeration, "success").input == [{"user": "text"}]


def test_any_number_of_tests_of_different_fields_is_met() -> None:
    tests = [{"Variable": f"$.row.Item.f{n}.S", "IsPresent": True} for n in range(9)]
    get = {"TableName": "t", "Key": {"id": {"S.$": "$.id"}}}
    enumeration = enumeration_of(
        {
            "G": task("C", Resource="arn:aws:states:::dynamodb:getItem", Parameters=get, ResultPath="$.row"),
            "C": {"Type": "Choice", "Choices": [{"And": tests, "Next": "U"}], "Default": "X"},
            "U": {"Type": "Succeed"},
            "X": {"Type": "Fail", "Error": "Invalid"},
        }
    )
    assert missing(enumeration) == {}


def test_a_text_that_is_parsed_is_json_and_has_what_is_read_from_it() -> None:
    selector = {"b.$": "States.StringToJson($.Payload.body)"}
    enumeration = enumeration_of(
        {"A": invoke("B", ResultSelector=selector), "B": invoke(None, {"id.$": "$.b.user.id"})}
    )
    assert missing(enumeration) == {}
    result: Any = case(enumeration, "success").outcomes["A"][0]
    assert result.output["Payload"]["body"] == '{"user": {"id": "text"}}'


def test_a_counter_of_the_loop_decides_when_it_ends() -> None:
    enumeration = enumeration_of(
        {
            "Zero": {"Type": "Pass", "Result": 0, "ResultPath": "$.n", "Next": "Add"},
            "Add": {"Type": "Pass", "Parameters": {"n.$": "States.MathAdd($.n, 1)"}, "Next": "Enough?"},
            "Enough?": {
                "Type": "Choice",
                "Choices": [{"Variable": "$.n", "NumericGreaterThan": 4, "Next": "Done"}],
                "Default": "Add",
            },
            "Done": {"Type": "Succeed"},
        }
    )
    assert missing(enumeration) == {}
    assert case(enumeration, "success").execution.path.count("Add") == 5


def test_the_final_state_is_where_a_catcher_of_a_map_leads() -> None:
    catch = [{"ErrorEquals": ["States.ALL"], "Next": "Sorry"}]
    each = {"StartAt": "Work", "States": {"Work": task()}}
    mapped = {"Type": "Map", "ItemsPath": "$.items", "ItemProcessor": each, "Catch": catch, "End": True}
    enumeration = enumeration_of({"Each": mapped, "Sorry": {"Type": "Fail", "Error": "Sorry"}})
    assert {row.final_state for row in rows(enumeration) if row.status == "FAILED"} == {"Sorry"}


def test_a_field_that_the_definition_itself_leaves_out_is_a_failure_and_not_undecided() -> None:
    made = {"Type": "Pass", "Parameters": {"id.$": "$.id"}, "Next": "B"}
    enumeration = enumeration_of({"A": made, "B": task(Parameters={"x.$": "$.missing"})})
    success = case(enumeration, "success")
    assert (success.execution.status, success.undecided) == ("FAILED", None)
