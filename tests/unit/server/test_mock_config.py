"""Executions that a mock configuration of Step Functions Local answers for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from everypath import load
from everypath.cli.main import main
from everypath.paths.exports.mock_config import case_names, mock_config
from everypath.paths.machine_cases import enumerate_machine
from tests.support.application import ROOT
from tests.support.server import client_of, create, ended, refused, serve

FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:call"
CALL = {
    "Type": "Task",
    "Resource": FUNCTION,
    "Retry": [{"ErrorEquals": ["Busy"], "MaxAttempts": 3, "IntervalSeconds": 1}],
}
ITEMS = {
    "StartAt": "Each",
    "States": {
        "Each": {
            "Type": "Map",
            "ItemProcessor": {"StartAt": "Call", "States": {"Call": {**CALL, "End": True}}},
            "End": True,
        }
    },
}
LOOP = {
    "StartAt": "Call",
    "States": {
        "Call": {**CALL, "Next": "Enough"},
        "Enough": {
            "Type": "Choice",
            "Choices": [{"Variable": "$", "StringEquals": "idx3", "Next": "Done"}],
            "Default": "Call",
        },
        "Done": {"Type": "Succeed"},
    },
}
HANDLERS = "def handler(event, context): return ['real', event]\n"


def throw(error: str, cause: str = "") -> dict[str, Any]:
    return {"Throw": {"Error": error, "Cause": cause}}


SEQUENCE = {
    "0": throw("Busy", "attempt 0"),
    "1": {"Return": "idx1"},
    "2": {"Return": "idx2"},
    "3": {"Return": "idx3"},
}


class Mocked:
    """A server and its mock file."""

    def __init__(self, file: Path, sfn: Any) -> None:
        self.file = file
        self.sfn = sfn
        self.number = 0

    def machine(self, definition: Any, cases: Any, responses: Any, **more: Any) -> str:
        self.number += 1
        name = f"mocked-{self.number}"
        self.write(name, cases, responses)
        return create(self.sfn, name, definition, **more)

    def write(self, name: str, cases: Any, responses: Any) -> None:
        content = {"StateMachines": {name: {"TestCases": cases}}, "MockedResponses": responses}
        self.file.write_text(json.dumps(content))

    def run(self, arn: str, input: Any = None) -> Any:
        started = self.sfn.start_execution(stateMachineArn=arn, input=json.dumps(input or {}))
        return ended(self.sfn, started["executionArn"])


@pytest.fixture(scope="module")
def mocked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mocked]:
    folder = tmp_path_factory.mktemp("mocks")
    (folder / "app.py").write_text(HANDLERS)
    file = folder / "mocks.json"
    file.write_text('{"StateMachines": {}, "MockedResponses": {}}')
    with serve("--mock-config", str(file), "--function", f"call={folder}:app.handler") as server:
        yield Mocked(file, client_of(server))


def test_the_iterations_of_a_map_and_their_retries_are_counted_together(mocked: Mocked) -> None:
    arn = mocked.machine({**ITEMS}, {"Case": {"Call": "Sequence"}}, {"Sequence": SEQUENCE})
    found = mocked.run(f"{arn}#Case", [1, 2])
    # Two iterations: the first one takes invocation 0, which fails, and its retry comes after those of the others.
    assert (found["status"], json.loads(found["output"])) == ("SUCCEEDED", ["idx2", "idx1"])
    events = mocked.sfn.get_execution_history(executionArn=found["executionArn"])["events"]
    assert [event["type"] for event in events].count("LambdaFunctionFailed") == 1


def test_the_iterations_of_a_map_one_by_one_are_counted_in_their_order(mocked: Mocked) -> None:
    definition = json.loads(json.dumps(ITEMS))
    definition["States"]["Each"]["MaxConcurrency"] = 1
    arn = mocked.machine(definition, {"Case": {"Call": "Sequence"}}, {"Sequence": SEQUENCE})
    assert json.loads(mocked.run(f"{arn}#Case", [1, 2])["output"]) == ["idx1", "idx2"]


def test_the_children_of_a_distributed_map_are_counted_together(mocked: Mocked) -> None:
    definition = json.loads(json.dumps(ITEMS))
    processor = definition["States"]["Each"]["ItemProcessor"]
    processor["ProcessorConfig"] = {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
    definition["States"]["Each"]["MaxConcurrency"] = 1
    arn = mocked.machine(definition, {"Case": {"Call": "Sequence"}}, {"Sequence": SEQUENCE})
    assert json.loads(mocked.run(f"{arn}#Case", [1, 2, 3])["output"]) == ["idx1", "idx2", "idx3"]


def test_the_visits_of_a_loop_are_counted_together(mocked: Mocked) -> None:
    arn = mocked.machine(LOOP, {"Case": {"Call": "Sequence"}}, {"Sequence": SEQUENCE})
    found = mocked.run(f"{arn}#Case")
    assert (found["status"], found["output"]) == ("SUCCEEDED", '"idx3"')
    again = mocked.run(f"{arn}#Case")
    assert (again["status"], again["output"]) == ("SUCCEEDED", '"idx3"')


def test_a_range_holds_for_all_its_invocations(mocked: Mocked) -> None:
    responses = {"Late": {"0-1": throw("Busy", "attempt"), "2-10": {"Return": "idx3"}}}
    arn = mocked.machine(LOOP, {"Case": {"Call": "Late"}}, responses)
    found = mocked.run(f"{arn}#Case")
    assert found["output"] == '"idx3"'
    events = mocked.sfn.get_execution_history(executionArn=found["executionArn"])["events"]
    failed = [event["lambdaFunctionFailedEventDetails"] for event in events if event["type"] == "LambdaFunctionFailed"]
    assert failed == [{"error": "Busy", "cause": "attempt"}] * 2
    assert (found["stopDate"] - found["startDate"]).total_seconds() >= 3


@pytest.mark.parametrize(
    ("response", "number", "there"),
    [({"0": {"Return": 1}}, 1, "0"), ({}, 0, "none"), ({"1-2": {"Return": 1}}, 0, "1-2")],
)
def test_an_invocation_without_a_response_ends_the_execution(
    mocked: Mocked, response: Any, number: int, there: str
) -> None:
    definition = json.loads(json.dumps(LOOP))
    definition["States"]["Call"]["Catch"] = [{"ErrorEquals": ["States.ALL"], "Next": "Done"}]
    definition["States"]["Enough"]["Choices"][0] = {"Variable": "$", "StringEquals": "never", "Next": "Done"}
    arn = mocked.machine(definition, {"Case": {"Call": "Short"}}, {"Short": response})
    found = mocked.run(f"{arn}#Case")
    assert (found["status"], found["error"]) == ("FAILED", "States.Runtime")
    assert found["cause"] == (
        f"The test case 'Case' has no response for invocation {number} of the state 'Call'; "
        f"the invocations in 'Short': {there}"
    )


def test_states_that_a_case_does_not_mention_run_for_real(mocked: Mocked) -> None:
    task = {"Type": "Task", "Resource": FUNCTION}
    definition = {"StartAt": "A", "States": {"A": {**task, "Next": "B"}, "B": {**task, "End": True}}}
    arn = mocked.machine(definition, {"Half": {"A": "One"}, "None": {}}, {"One": {"0": {"Return": 1}}})
    assert json.loads(mocked.run(f"{arn}#Half")["output"]) == ["real", 1]
    assert json.loads(mocked.run(f"{arn}#None")["output"]) == ["real", ["real", {}]]
    assert json.loads(mocked.run(arn)["output"]) == ["real", ["real", {}]]


def test_integrations_that_wait_are_answered_for(mocked: Mocked) -> None:
    resource = "arn:aws:states:::sqs:sendMessage.waitForTaskToken"
    parameters = {"QueueUrl": "q", "MessageBody": {"Token.$": "$$.Task.Token"}}
    task = {"Type": "Task", "Resource": resource, "Parameters": parameters, "End": True}
    arn = mocked.machine(
        {"StartAt": "Ask", "States": {"Ask": task}},
        {"Yes": {"Ask": "Yes"}, "No": {"Ask": "No"}},
        {"Yes": {"0": {"Return": {"approved": True}}}, "No": {"0": throw("Refused", "by the boss")}},
    )
    found = mocked.run(f"{arn}#Yes")
    assert json.loads(found["output"]) == {"approved": True}
    events = [event["type"] for event in mocked.sfn.get_execution_history(executionArn=found["executionArn"])["events"]]
    assert events[2:6] == ["TaskScheduled", "TaskStarted", "TaskSubmitted", "TaskSucceeded"]
    found = mocked.run(f"{arn}#No")
    assert (found["error"], found["cause"]) == ("Refused", "by the boss")


def test_an_activity_that_is_not_there_is_answered_for(mocked: Mocked) -> None:
    resource = "arn:aws:states:us-east-1:123456789012:activity:nobody"
    definition = {"StartAt": "Ask", "States": {"Ask": {"Type": "Task", "Resource": resource, "End": True}}}
    arn = mocked.machine(definition, {"Case": {"Ask": "Done"}}, {"Done": {"0": {"Return": "done"}}})
    assert mocked.run(f"{arn}#Case")["output"] == '"done"'


def test_an_express_execution_is_answered_for(mocked: Mocked) -> None:
    arn = mocked.machine(LOOP, {"Case": {"Call": "Sequence"}}, {"Sequence": SEQUENCE}, type="EXPRESS")
    found = mocked.sfn.start_sync_execution(stateMachineArn=f"{arn}#Case")
    assert (found["status"], found["output"], found["stateMachineArn"]) == ("SUCCEEDED", '"idx3"', arn)
    with refused("ValidationException"):
        mocked.sfn.start_sync_execution(stateMachineArn=f"{arn}#Other")


def test_versions_have_test_cases_too(mocked: Mocked) -> None:
    arn = mocked.machine(LOOP, {"Case": {"Call": "Sequence"}}, {"Sequence": SEQUENCE})
    version = mocked.sfn.publish_state_machine_version(stateMachineArn=arn)["stateMachineVersionArn"]
    assert mocked.run(f"{version}#Case")["stateMachineVersionArn"] == version


def test_what_a_test_case_cannot_be_started_with_is_named(mocked: Mocked) -> None:
    cases = {"Case": {"Call": "Sequence"}, "Typo": {"Cal": "Sequence"}, "Loose": {"Call": "Nothing"}}
    arn = mocked.machine(LOOP, cases, {"Sequence": SEQUENCE})
    other = create(mocked.sfn, "unmocked", LOOP)
    name = arn.rpartition(":")[2]
    for case, message in {
        f"{arn}#Other": f"it has no test case 'Other' of the state machine '{name}'; there are: Case, Loose, Typo",
        f"{arn}#": f"it has no test case '' of the state machine '{name}'; there are: Case, Loose, Typo",
        f"{arn}#Typo": "test case 'Typo' mocks 'Cal', which is no Task state; Task states: Call",
        f"{arn}#Loose": "test case 'Loose' names the response 'Nothing', which is not among MockedResponses",
        f"{other}#Case": f"it has no state machine 'unmocked'; state machines there: {name}",
    }.items():
        with refused("ValidationException") as caught:
            mocked.sfn.start_execution(stateMachineArn=case)
        assert caught.value.response["Error"]["Message"] == f"{mocked.file}: {message}"
    with refused("StateMachineDoesNotExist"):
        mocked.sfn.start_execution(stateMachineArn=f"{arn}-not#Case")


def test_the_file_is_read_again_when_it_has_changed(mocked: Mocked) -> None:
    arn = mocked.machine(LOOP, {"Case": {"Call": "Sequence"}}, {"Sequence": {"0": {"Return": "idx3"}}})
    name = arn.rpartition(":")[2]
    assert mocked.run(f"{arn}#Case")["status"] == "SUCCEEDED"
    mocked.write(name, {"Case": {"Call": "Sequence"}}, {"Sequence": {"0": throw("Changed")}})
    assert mocked.run(f"{arn}#Case")["error"] == "Changed"
    mocked.write(name, {"Case": {"Call": "Sequence"}}, {"Sequence": {"0": throw("Changed") | {"Return": 1}}})
    with refused("ValidationException") as caught:
        mocked.sfn.start_execution(stateMachineArn=f"{arn}#Case")
    assert caught.value.response["Error"]["Message"] == (
        f"The mock configuration cannot be used: {mocked.file}: /MockedResponses/Sequence/0: expected either Return or "
        'Throw and nothing else, but got ["Throw", "Return"]'
    )
    mocked.file.unlink()
    with refused("ValidationException") as caught:
        mocked.sfn.start_execution(stateMachineArn=f"{arn}#Case")
    assert "cannot be read: No such file or directory" in caught.value.response["Error"]["Message"]
    mocked.write(name, {"Case": {"Call": "Sequence"}}, {"Sequence": {"0": {"Return": "idx3"}}})
    assert mocked.run(f"{arn}#Case")["status"] == "SUCCEEDED"


def test_without_a_mock_configuration_a_test_case_is_refused(sfn: Any, machine: str) -> None:
    with refused("ValidationException") as caught:
        sfn.start_execution(stateMachineArn=f"{machine}#Case")
    assert "there is no mock configuration: start the server with --mock-config FILE or SFN_MOCK_CONFIG" in str(
        caught.value
    )


def responses(value: Any) -> dict[str, Any]:
    return {"StateMachines": {}, "MockedResponses": {"R/1": value}}


def machines(value: Any) -> dict[str, Any]:
    return {"StateMachines": {"m~1": value}, "MockedResponses": {}}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{\n 1", "line 2 column 2: expected JSON, but "),
        ("[" * 100_000, "expected JSON, but "),
        ([], "/: expected an object with StateMachines and MockedResponses, but got []"),
        ({}, "/StateMachines: expected an object, but got nothing"),
        ({"StateMachines": {}, "MockedResponse": {}}, "/MockedResponses: expected an object, but got nothing"),
        (machines(1), "/StateMachines/m~01: expected an object with TestCases, but got 1"),
        (machines({}), "/StateMachines/m~01/TestCases: expected an object with test cases by name, but got nothing"),
        (
            machines({"TestCases": {"c": []}}),
            "/StateMachines/m~01/TestCases/c: expected an object with names of MockedResponses by state, but got []",
        ),
        (
            machines({"TestCases": {"c": {"s": {}}}}),
            "/StateMachines/m~01/TestCases/c/s: expected the name of one of MockedResponses, but got {}",
        ),
        (
            responses([]),
            "/MockedResponses/R~11: expected an object with Return or Throw by the number of the invocation, such as "
            '"0" or "1-2", but got []',
        ),
        (
            responses({"2-1": {"Return": 1}}),
            '/MockedResponses/R~11: expected the number of an invocation or a range, such as "0" or "1-2", but got '
            '"2-1"',
        ),
        (responses({"one": {"Return": 1}}), 'such as "0" or "1-2", but got "one"'),
        (responses({"0-1": {"Return": 1}, "1": {"Return": 1}}), "/R~11/1: expected every invocation once, but got"),
        (responses({"0": 1}), "/MockedResponses/R~11/0: expected an object with Return or Throw, but got 1"),
        (responses({"0": {"Retrun": 1}}), 'expected either Return or Throw and nothing else, but got ["Retrun"]'),
        (responses({"0": {"Throw": 1}}), "/R~11/0/Throw: expected an object with Error and Cause, but got 1"),
        (responses({"0": {"Throw": {"Error": "E"}}}), "/R~11/0/Throw/Cause: expected a text, but got nothing"),
    ],
)
def test_a_file_that_is_wrong_is_told_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], content: Any, message: str
) -> None:
    file = tmp_path / "mocks.json"
    file.write_text(content if isinstance(content, str) else json.dumps(content))
    assert main(["serve", "--mock-config", str(file)]) == 2
    told = capsys.readouterr().err
    assert told.startswith(f"everypath: {file}: ")
    assert message in told
    assert told.count("\n") == 1
    monkeypatch.setenv("SFN_MOCK_CONFIG", str(file))
    assert main(["serve"]) == 2
    assert capsys.readouterr().err == told


def test_a_file_that_is_not_there_is_told_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve", "--mock-config", str(tmp_path / "none.json")]) == 2
    assert "none.json: cannot be read: No such file or directory" in capsys.readouterr().err
    (tmp_path / "binary.json").write_bytes(b"\xff")
    assert main(["serve", "--mock-config", str(tmp_path / "binary.json")]) == 2
    assert "binary.json: expected a text in UTF-8" in capsys.readouterr().err


def test_it_is_found_where_step_functions_local_is(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["serve", "--help"])
    told = capsys.readouterr().out
    for default in ("127.0.0.1", "8083", "123456789012", "us-east-1"):
        assert f"(default: {default})" in told


@pytest.mark.parametrize(
    ("template", "name"),
    [("template.yaml", "MyAPIStateMachine"), ("examples/order/template.yaml", "OrderStateMachine")],
)
def test_every_exported_case_takes_the_path_that_was_enumerated(template: str, name: str, tmp_path: Path) -> None:
    machine = load(ROOT / template, name)
    found = enumerate_machine(machine)
    file = tmp_path / "mocks.json"
    config = mock_config(found, machine.name)
    file.write_text(json.dumps(config))
    mocked = config["StateMachines"][machine.name]["TestCases"]
    cases = [pair for pair in zip(found.cases, case_names(found.cases), strict=True) if pair[1] in mocked]
    with serve("--template", str(ROOT / template), "--mock-config", str(file)) as server:
        sfn = client_of(server)
        arn = machine.state_machine.arn
        taken = {}
        for case, case_name in cases:
            started = sfn.start_execution(stateMachineArn=f"{arn}#{case_name}", input=json.dumps(case.input))
            status = ended(sfn, started["executionArn"])["status"]
            pages = sfn.get_paginator("get_execution_history").paginate(executionArn=started["executionArn"])
            taken[case_name] = (status, entered(event for page in pages for event in page["events"]))
    assert len(taken) == len(mocked) >= 7
    assert taken == {case_name: (case.execution.status, entered(case.execution.events)) for case, case_name in cases}


def entered(events: Any) -> list[str]:
    return [event["stateEnteredEventDetails"]["name"] for event in events if "stateEnteredEventDetails" in event]
