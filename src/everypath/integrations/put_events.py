"""``events:putEvents``, which fails when the bus takes some of the events and not the others."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from everypath.asl.error_catalog import optimized_error
from everypath.engine.data import to_text
from everypath.integrations.answer import AwsAnswer, AwsFailure, Caller

_MALFORMED = {"ErrorCode": "MalformedDetail", "ErrorMessage": "Detail is malformed."}

Send = Callable[[dict[str, Any]], AwsAnswer | AwsFailure]


def put_events(arguments: dict[str, Any], caller: Caller, send: Send) -> AwsAnswer | AwsFailure:
    """Put the events; any that the bus refuses makes the task fail with all of the answer as its cause (recorded).

    Parameters
    ----------
    arguments : dict
        botocore's arguments of PutEvents.
    caller : Caller
        The execution, whose ARN and whose state machine's are added to every event's resources, as the guide says.
    send : callable
        Makes the call.
    """
    entries = [_naming(entry, caller) for entry in arguments.get("Entries", [])]
    # The bus takes JSON objects only (recorded). Stand-ins take any JSON, so such events are not even sent.
    sent = [entry for entry in entries if _is_object(entry)]
    answer: AwsAnswer | AwsFailure = AwsAnswer({"Entries": [], "FailedEntryCount": 0})
    if sent or not entries:
        answer = send(arguments | {"Entries": sent})
    if isinstance(answer, AwsFailure):
        return answer
    taken = iter(answer.output["Entries"])
    results = [next(taken, {}) if _is_object(entry) else _MALFORMED for entry in entries]
    failed = sum("ErrorCode" in result for result in results)
    if failed:
        return AwsFailure(
            optimized_error("events", "FailedEntry"), to_text({"Entries": results, "FailedEntryCount": failed})
        )
    return answer


def _naming(entry: Any, caller: Caller) -> Any:
    added = [arn for arn in (caller.execution_arn, caller.state_machine_arn) if arn]
    if not added:
        return entry
    return entry | {"Resources": [*entry.get("Resources", []), *added]}


def _is_object(entry: Any) -> bool:
    """Tell whether an event's detail is fit for the bus; an event without one is the bus's own to refuse."""
    if "Detail" not in entry:
        return True
    try:
        return isinstance(json.loads(entry["Detail"]), dict)
    except ValueError:
        return False
