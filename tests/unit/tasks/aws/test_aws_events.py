import json
from typing import Any

from everypath.integrations.service_call import AwsFailure, Caller
from tests.unit.tasks.aws.conftest import Request
from tests.unit.tasks.aws.stand_in import StandIn

CALLER = Caller("arn:aws:states:us-east-1:1:execution:m:e", "arn:aws:states:us-east-1:1:stateMachine:m")


def event(detail: Any, **more: Any) -> dict[str, Any]:
    return {"Detail": detail, "DetailType": "t", "Source": "s", **more}


def test_the_execution_and_its_machine_are_added_to_the_resources_of_an_event(call: Request, service: StandIn) -> None:
    service.answers({"FailedEntryCount": 0, "Entries": [{"EventId": "1"}]})
    call("events:putEvents", {"Entries": [event({"a": 1}, Resources=["mine"])]}, caller=CALLER)
    (sent,) = service.request.json["Entries"]
    assert sent["Resources"] == ["mine", CALLER.execution_arn, CALLER.state_machine_arn]
    assert sent["Detail"] == '{"a":1}'


def test_an_sdk_integration_adds_nothing_to_an_event(call: Request, service: StandIn) -> None:
    service.answers({"FailedEntryCount": 0, "Entries": [{"EventId": "1"}]})
    call("aws-sdk:eventbridge:putEvents", {"Entries": [event("{}")]}, caller=CALLER)
    assert "Resources" not in service.request.json["Entries"][0]


def test_an_event_that_is_refused_fails_the_task_with_the_answer_as_cause(call: Request, service: StandIn) -> None:
    service.answers({"FailedEntryCount": 1, "Entries": [{"EventId": "1"}, {"ErrorCode": "E", "ErrorMessage": "m"}]})
    failure = call("events:putEvents", {"Entries": [event("{}"), event("{}")]})
    assert failure == AwsFailure(
        "EventBridge.FailedEntry",
        '{"Entries":[{"EventId":"1"},{"ErrorCode":"E","ErrorMessage":"m"}],"FailedEntryCount":1}',
    )


def test_a_detail_that_is_no_object_is_malformed_and_the_other_events_are_put(call: Request, service: StandIn) -> None:
    service.answers({"FailedEntryCount": 0, "Entries": [{"EventId": "1"}]})
    failure = call("events:putEvents", {"Entries": [event('"text"'), event("{}")]})
    assert json.loads(failure.cause) == {
        "Entries": [{"ErrorCode": "MalformedDetail", "ErrorMessage": "Detail is malformed."}, {"EventId": "1"}],
        "FailedEntryCount": 1,
    }
    assert len(service.request.json["Entries"]) == 1


def test_events_that_are_all_malformed_are_not_sent(call: Request, service: StandIn) -> None:
    assert call("events:putEvents", {"Entries": [event("text")]}).error == "EventBridge.FailedEntry"
    assert service.requests == []
