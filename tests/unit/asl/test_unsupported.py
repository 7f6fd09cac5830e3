from __future__ import annotations

from everypath.asl.parser.definition import parse, unsupported

SUPPORTED = "arn:aws:states:::sqs:sendMessage"
UNSUPPORTED = "arn:aws:states:::mediaconvert:createJob"


def machine(resource: str, **parameters: object) -> dict[str, object]:
    inner = {"Type": "Task", "Resource": resource, "Parameters": parameters, "End": True}
    branch = {"StartAt": "T", "States": {"T": inner}}
    return {"StartAt": "P", "States": {"P": {"Type": "Parallel", "Branches": [branch], "End": True}}}


def test_a_resource_that_cannot_be_called_is_refused_by_name_wherever_it_stands() -> None:
    [problem] = unsupported(parse(machine(UNSUPPORTED, Role="r", Settings={})))
    assert problem.code == "UNSUPPORTED_RESOURCE"
    assert problem.location == "/States/P/Branches[0]/States/T/Resource"
    assert UNSUPPORTED in problem.message


def test_a_resource_that_can_be_called_is_not_refused() -> None:
    assert unsupported(parse(machine(SUPPORTED, QueueUrl="q", MessageBody="m"))) == []


def test_a_state_whose_outcome_is_scripted_is_not_refused() -> None:
    assert unsupported(parse(machine(UNSUPPORTED, Role="r", Settings={})), {"T": []}) == []
