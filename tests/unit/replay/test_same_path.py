from __future__ import annotations

from typing import Any

import pytest

import everypath.replay
from everypath.replay.recording import read_recording
from everypath.tasks.scripted_outcomes import Return, Throw
from tests.unit.engine.machines import Outcomes, chain, task
from tests.unit.replay.recorded import again, events_of, recording

SQS = "arn:aws:states:::sqs:sendMessage.waitForTaskToken"
RETRY = [{"ErrorEquals": ["Busy"], "IntervalSeconds": 3, "MaxAttempts": 2}]
CATCH = [{"ErrorEquals": ["States.ALL"], "Next": "Caught"}]
END = ("Caught", {"Type": "Pass", "End": True})


def parallel(*branches: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"Type": "Parallel", "Branches": list(branches), "End": True, **fields}


def mapped(processor: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"Type": "Map", "ItemProcessor": processor, "End": True, **fields}


ASK = task(Resource=SQS, Parameters={"QueueUrl": "q", "MessageBody": {"t.$": "$$.Task.Token"}}, HeartbeatSeconds=60)
WORK = task(Resource="arn:aws:states:us-east-1:123456789012:activity:A", TimeoutSeconds=9, Catch=CATCH)
LOOP = chain(
    ("A", task(Next="More?")),
    ("More?", {"Type": "Choice", "Choices": [{"Variable": "$.m", "BooleanEquals": True, "Next": "A"}], "Default": "B"}),
    ("B", {"Type": "Succeed"}),
)
OUTER = mapped(chain(("M", mapped(chain(("A", task(Retry=RETRY))), MaxConcurrency=2))))

CASES: dict[str, tuple[dict[str, Any], Any, Outcomes]] = {
    "a task that succeeds": (chain(("A", task())), {"x": 1}, {"A": [Return({"y": [1.5, "é"]}, seconds=2.5)]}),
    "a task that is retried": (chain(("A", task(Retry=RETRY))), None, {"A": [Throw("Busy"), Throw("Busy"), Return(1)]}),
    "an error that is caught": (chain(("A", task(Catch=CATCH)), END), None, {"A": [Throw("No", "way")]}),
    "an error that nothing catches": (chain(("A", task())), None, {"A": [Throw("No", "way")]}),
    "a task that times out": (chain(("A", task(TimeoutSeconds=5))), None, {"A": [Return(1, seconds=9)]}),
    "a callback": (chain(("A", ASK)), None, {"A": [Return({"by": "Ada"}, seconds=30)]}),
    "a heartbeat that stops": (chain(("A", ASK)), None, {"A": [Return(1, seconds=90)]}),
    "an activity": (chain(("A", WORK), END), None, {"A": [Return(1, seconds=3)]}),
    "a loop": (LOOP, None, {"A": [Return({"m": True}), Return({"m": True}), Return({"m": False})]}),
    "a wait": (chain(("W", {"Type": "Wait", "Seconds": 500, "End": True})), None, {}),
    "a machine that times out": (chain(("A", task()), TimeoutSeconds=4), None, {"A": [Return(1, seconds=9)]}),
    "branches": (
        chain(("P", parallel(chain(("A", task(Retry=RETRY))), chain(("B", task(Next="C")), ("C", task()))))),
        None,
        {"A": [Throw("Busy", seconds=2), Return(1)], "B": [Return(2, seconds=1)], "C": [Return(3, seconds=8)]},
    ),
    "a branch that fails": (
        chain(("P", parallel(chain(("A", task())), chain(("B", task())), Catch=CATCH)), END),
        None,
        {"A": [Throw("No", seconds=1)], "B": [Return(2, seconds=5)]},
    ),
    "branches that are retried": (
        chain(("P", parallel(chain(("A", task())), chain(("B", task())), Retry=RETRY))),
        None,
        {"A": [Throw("Busy", seconds=1), Return(1, seconds=2)], "B": [Return(2, seconds=3), Return(3)]},
    ),
    "iterations": (
        chain(("M", mapped(chain(("A", task())), MaxConcurrency=2))),
        [1, 2, 3, 4],
        {"A": [Return("a", seconds=9), Return("b", seconds=1), Return("c", seconds=2), Return("d", seconds=1)]},
    ),
    "an iteration that fails": (
        chain(("M", mapped(chain(("A", task())), Catch=CATCH)), END),
        [1, 2, 3],
        {"A": [Return(1, seconds=5), Throw("No", seconds=2), Return(3, seconds=1)]},
    ),
    "iterations in iterations": (
        chain(("M2", OUTER)),
        [[1, 2, 3], [4], []],
        {"A": [Return(1, seconds=5), Throw("Busy", seconds=2), Return(3), Return(4, seconds=1), Return(5)]},
    ),
    "no items": (chain(("M", mapped(chain(("A", task()))))), [], {}),
}


@pytest.mark.parametrize("case", CASES)
def test_an_execution_takes_the_same_path_again(case: str) -> None:
    definition, input, outcomes = CASES[case]
    recorded = recording(definition, input, outcomes)
    found = again(recorded, definition)
    assert found.difference is None
    assert len(found.execution.require_history().events) == len(recorded.events)
    assert found.execution.require_history().events[-1]["type"] == recorded.end


def test_iterations_get_their_own_outcomes_whatever_the_order_in_which_they_run() -> None:
    definition = chain(("M", mapped(chain(("A", task(Next="B")), ("B", task())))))
    outcomes = {
        "A": [Return(f"a{index}", seconds=9 - index) for index in range(8)],
        "B": [Return(f"b{index}", seconds=index) for index in range(8)],
    }
    recorded = recording(definition, list(range(8)), outcomes)
    one_by_one = chain(("M", mapped(chain(("A", task(Next="B")), ("B", task())), MaxConcurrency=1)))
    found = again(recorded, one_by_one)
    assert found.difference is None
    assert found.execution.event_types != [event["type"] for event in recorded.events]


def test_branches_may_be_written_in_another_order() -> None:
    first, second = chain(("A", task())), chain(("B", task()))
    outcomes: Outcomes = {"A": [Return(1, seconds=3)], "B": [Return(2, seconds=1)]}
    drop = {"ResultPath": None}
    recorded = recording(chain(("P", parallel(first, second, **drop))), None, outcomes)
    assert again(recorded, chain(("P", parallel(second, first, **drop)))).same_path


def test_ids_moments_and_tokens_are_another_in_each_execution() -> None:
    parameters = {"id.$": "States.UUID()", "at.$": "$$.State.EnteredTime", "of.$": "$$.Execution.Id"}
    definition = chain(("P", {"Type": "Pass", "Parameters": parameters, "Next": "A"}), ("A", ASK))
    recorded = recording(definition, None, {"A": [Return(1)]})
    for event in recorded.events:
        if "taskScheduledEventDetails" in event:
            event["taskScheduledEventDetails"]["parameters"] = '{"QueueUrl":"q","MessageBody":{"t":"AQCEAAAAKgAA"}}'
        elif "output" in event.get("stateExitedEventDetails", {}):
            told = event["stateExitedEventDetails"]
            told["output"] = told["output"].replace(':e"', ':another"').replace("-4", "-5")
    assert again(recorded, definition).difference is None


def test_a_function_of_another_account_and_stack_is_the_same_function() -> None:
    recorded = recording(chain(("A", task())), None, {"A": [Return(1)]})
    scheduled = recorded.events[2]["lambdaFunctionScheduledEventDetails"]
    scheduled["resource"] = "arn:aws:lambda:eu-west-1:999999999999:function:F"
    assert again(recorded, chain(("A", task()))).same_path
    scheduled["resource"] = "arn:aws:lambda:eu-west-1:999999999999:function:G"
    assert not again(recorded, chain(("A", task()))).same_path


def test_an_execution_that_was_stopped_goes_as_far_as_it_had_come() -> None:
    recorded = events_of(
        ("ExecutionStarted", 0, {"input": "{}"}),
        ("TaskStateEntered", 0, {"name": "A", "input": "{}"}),
        ("LambdaFunctionScheduled", 2, {"input": "{}", "resource": "arn:aws:lambda:us-east-1:123456789012:function:F"}),
        ("LambdaFunctionStarted", 3, {}),
        ("ExecutionAborted", 0, {"error": "Stop", "cause": "enough"}),
    )
    found = again(read_recording([recorded]), chain(("A", task())))
    assert found.same_path
    assert (found.execution.status, found.execution.error) == ("ABORTED", "Stop")


def test_an_execution_that_is_still_running_is_compared_as_far_as_it_has_come() -> None:
    whole = recording(chain(("A", task(Next="B")), ("B", task())), None, {"A": [Return(1)]})
    running = read_recording([list(whole.events[:8])])
    assert again(running, chain(("A", task(Next="B")), ("B", task()))).same_path
    assert not again(running, chain(("A", task(Next="C")), ("C", task()))).same_path


@pytest.mark.parametrize("early", ["LambdaFunctionScheduleFailed", "LambdaFunctionStartFailed"])
def test_a_call_that_could_not_begin_has_failed(early: str) -> None:
    told = {"error": "Lambda.AccessDenied", "cause": "no"}
    recorded = events_of(
        ("ExecutionStarted", 0, {"input": "{}"}),
        ("TaskStateEntered", 0, {"name": "A", "input": "{}"}),
        ("LambdaFunctionScheduled", 2, {"input": "{}", "resource": "arn:aws:lambda:us-east-1:123456789012:function:F"}),
        (early, 3, told),
        ("ExecutionFailed", 4, told),
    )
    assert again(read_recording([recorded]), chain(("A", task()))).difference is None


def test_a_distributed_map_has_the_result_that_was_recorded() -> None:
    config = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}}
    definition = chain(
        ("M", mapped(chain(("A", task())) | config, ResultPath="$.made", ItemsPath="$.items", End=False, Next="N")),
        ("N", {"Type": "Pass", "End": True}),
    )
    definition["States"]["M"].pop("End")
    recorded = recording(definition, {"items": [1, 2]}, {"A": [Return("x"), Return("y")]})
    found = again(recorded, definition)
    assert found.difference is None
    assert found.execution.output == {"items": [1, 2], "made": ["x", "y"]}


def test_a_distributed_map_fails_as_it_was_recorded() -> None:
    config = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}}
    definition = chain(("M", mapped(chain(("A", task())) | config, Catch=CATCH)), END)
    recorded = recording(definition, [1, 2], {"A": [Throw("No"), Return("y")]})
    found = again(recorded, definition)
    assert found.difference is None
    assert found.execution.path == ("M", "Caught")


def test_a_distributed_map_does_not_read_its_items_again() -> None:
    made = '{"total":3}'
    recorded = events_of(
        ("ExecutionStarted", 0, {"input": "{}"}),
        ("MapStateEntered", 0, {"name": "M", "input": "{}"}),
        ("MapStateStarted", 2, {"length": 0}),
        ("MapRunStarted", 3, {"mapRunArn": "arn:aws:states:us-east-1:123456789012:mapRun:M/l:r"}),
        ("MapRunSucceeded", 4, {}),
        ("MapStateSucceeded", 5, {}),
        ("MapStateExited", 5, {"name": "M", "output": made, "assignedVariables": {"n": "3"}}),
        ("PassStateEntered", 7, {"name": "N", "input": made}),
        ("PassStateExited", 8, {"name": "N", "output": "3"}),
        ("ExecutionSucceeded", 9, {"output": "3"}),
    )
    reader = {"Resource": "arn:aws:states:::s3:getObject", "Arguments": {"Bucket": "b", "Key": "k"}}
    processor = chain(("A", task())) | {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}}
    states = {
        "M": {"Type": "Map", "ItemReader": reader, "ItemProcessor": processor, "Assign": {"n": 1}, "Next": "N"},
        "N": {"Type": "Pass", "Output": "{% $n %}", "End": True},
    }
    found = again(read_recording([recorded]), {"QueryLanguage": "JSONata", "StartAt": "M", "States": states})
    assert found.difference is None


def test_the_names_of_version_0_1_still_work_and_say_what_they_are_called_now() -> None:
    recorded = recording(chain(("A", task())), {}, {})
    result = again(recorded, chain(("A", task())))
    with pytest.warns(DeprecationWarning, match=r"Replay\.same_path"):
        assert result.same
    with pytest.warns(DeprecationWarning, match=r"Execution\.waited"):
        assert result.execution.took(0)
    with pytest.warns(DeprecationWarning, match="ReplayedMachine"):
        assert everypath.replay.Subject is everypath.replay.ReplayedMachine
