"""Cases as calls of the TestState API, one for each way to leave a state, with the response to expect."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from random import Random
from typing import Any

from everypath.asl.tree import Choice, ErrorHandlingState, Fail, Map, Parallel, Pass, State, Task, Wait
from everypath.coverage.trace import Trace
from everypath.engine.retry_catch import retry_delay
from everypath.history.events import details
from everypath.history.visits import Visit
from everypath.paths.cases import Enumeration
from everypath.paths.errors import ErrorClass, escapes, inner_graphs
from everypath.paths.tracking import raw_states

Call = dict[str, Any]
_NO_RANDOM = Random(0)


def state_calls(enumeration: Enumeration) -> list[Call]:
    """Return the calls in the order of the definition.

    ``call`` holds the parameters of boto3's ``test_state``, except for the role, which a mocked call does not need;
    ``expected`` holds the members of the response that matter. A backoff with jitter is left out of them, and so is one
    that is not a whole number of seconds, because the response cannot hold it.
    """
    raw = dict(raw_states(enumeration.tree.definition))
    calls: list[Call] = []
    seen: set[str] = set()
    for case in enumeration.cases:
        if case.undecided is not None:
            continue
        trace = case.plan_run.trace
        for visit, exit in zip(trace.visits, trace.exits, strict=True):
            for call in _visit_calls(enumeration, raw[visit.name], visit, exit, trace):
                key = f"{visit.name} {call['edge']}"
                if key not in seen:
                    seen.add(key)
                    calls.append(call)
    order = list(raw)
    return sorted(calls, key=lambda call: order.index(call["state"]))


def _visit_calls(
    enumeration: Enumeration, raw: Mapping[str, Any], visit: Visit, exit: str, trace: Trace
) -> Iterator[Call]:
    state = trace.states[visit.name]
    call = {
        "definition": _definition(enumeration, raw),
        "input": details(visit.entered)["input"],
        "inspectionLevel": "DEBUG",
    }
    if visit.variables:
        call["variables"] = json.dumps({name: json.loads(text) for name, text in visit.variables.items()})
    if isinstance(state, ErrorHandlingState):
        yield from _error_handling_calls(enumeration, state, call, visit, trace)
    elif isinstance(state, Fail):
        expected = {"status": "FAILED"} | {name.lower(): raw[name] for name in ("Error", "Cause") if name in raw}
        yield _call(state, "fails", call, expected)
    elif visit.exited is not None and isinstance(state, Choice | Pass | Wait):
        yield _call(state, exit or "end", call, _success(visit.following))


def _error_handling_calls(
    enumeration: Enumeration, state: ErrorHandlingState, call: Call, visit: Visit, trace: Trace
) -> Iterator[Call]:
    result = _result(state, visit, trace)
    if result is not None:
        mocked = call | {"mock": _mock(result=result)}
        yield _call(state, f"next:{state.name}", mocked, _success(state.next))
    for one in enumeration.classes[state.name]:
        yield from _error_calls(state, one, call)


def _error_calls(state: ErrorHandlingState, one: ErrorClass, call: Call) -> Iterator[Call]:
    error = one.names[0]
    origin = _origin(state, error)
    configuration: dict[str, Any] = {} if origin is None else {"errorCausedByState": origin.name}
    mocked = call | {"mock": _mock(error=error)} | _with_configuration(configuration)
    if one.retrier is not None:
        retrier = state.retriers[one.retrier]
        for count in sorted({0, retrier.max_attempts - 1}):
            if 0 <= count < retrier.max_attempts:
                details: dict[str, Any] = {"retryIndex": one.retrier}
                seconds = retry_delay(retrier, count, _NO_RANDOM)
                if not retrier.full_jitter and seconds == int(seconds):
                    details["retryBackoffIntervalSeconds"] = int(seconds)
                counted = mocked | _with_configuration(configuration | {"retrierRetryCount": count})
                edge = f"retry:{state.name}/{one.retrier} after {count} ({error})"
                yield _call(state, edge, counted, _failure("RETRIABLE", error, details))
        mocked |= _with_configuration(configuration | {"retrierRetryCount": retrier.max_attempts})
    if one.catcher is not None:
        expected = _failure("CAUGHT_ERROR", error, {"catchIndex": one.catcher})
        expected["nextState"] = state.catchers[one.catcher].next
        yield _call(state, f"catch:{state.name}/{one.catcher} ({error})", mocked, expected)
    else:
        details = {} if one.retrier is None else {"retryIndex": one.retrier}
        yield _call(state, f"unhandled:{state.name} ({error})", mocked, _failure("FAILED", error, details))


def _with_configuration(configuration: dict[str, Any]) -> Call:
    return {"stateConfiguration": configuration} if configuration else {}


def _origin(state: ErrorHandlingState, error: str) -> Task | None:
    """The Task inside a Map or a Parallel that its error may be from, which AWS wants to know; None where no Task is.

    Source: "Specifying error source with errorCausedByState" in AWS's guide to TestState.
    """
    if isinstance(state, Map) and state.distributed:
        return None
    for inner in (inner for graph in inner_graphs(state) for inner in escapes(graph, error)):
        origin = (
            inner
            if isinstance(inner, Task)
            else _origin(inner, error)
            if isinstance(inner, ErrorHandlingState)
            else None
        )
        if origin is not None:
            return origin
    return None


def _call(state: State, edge: str, call: Call, expected: dict[str, Any]) -> Call:
    return {"state": state.name, "edge": edge, "call": call, "expected": expected}


def _success(following: str | None) -> dict[str, Any]:
    return {"status": "SUCCEEDED"} | ({} if following is None else {"nextState": following})


def _failure(status: str, error: str, details: dict[str, Any]) -> dict[str, Any]:
    expected: dict[str, Any] = {"status": status, "error": error}
    return expected | ({"inspectionData": {"errorDetails": details}} if details else {})


def _mock(result: str | None = None, error: str | None = None) -> dict[str, Any]:
    if error is not None:
        return {"errorOutput": {"error": error, "cause": "made up by everypath"}}
    # A made-up result need not have all members that the service's model demands.
    return {"result": result, "fieldValidationMode": "NONE"}


def _definition(enumeration: Enumeration, raw: Mapping[str, Any]) -> str:
    """A state as TestState takes it: alone, and therefore with its query language."""
    language = {"QueryLanguage": "JSONata"} if enumeration.tree.jsonata and "QueryLanguage" not in raw else {}
    return json.dumps({**raw, **language}, ensure_ascii=False)


def _result(state: ErrorHandlingState, visit: Visit, trace: Trace) -> str | None:
    """The result of a state's work in a visit that succeeded, as JSON text; None where it did not."""
    if visit.exited is None or not visit.attempts or visit.attempts[-1].failed:
        return None
    if isinstance(state, Task):
        return visit.attempts[-1].output
    if isinstance(state, Map) and state.writer is not None and state.writer.resource is not None:
        return "{}"  # results go to a bucket, and the result says to which one
    return f"[{', '.join(_branch_outputs(state, visit, trace.visits))}]"


def _branch_outputs(state: ErrorHandlingState, container: Visit, visits: Sequence[Visit]) -> list[str]:
    """The outputs of the branches of a Parallel, or of the iterations of a Map, as JSON texts in order.

    A distributed Map's are in executions of their own, and not among the visits: it has none.
    """
    outputs: dict[int, str] = {}
    for visit in visits:
        if visit.parent is container and visit.exited is not None and visit.following is None:
            # What an attempt that was retried has left is overwritten by the one that succeeded.
            outputs[_branch_index(state, visit)] = details(visit.exited)["output"]
    return [outputs[number] for number in sorted(outputs)]


def _branch_index(state: ErrorHandlingState, visit: Visit) -> int:
    if isinstance(state, Parallel):
        return next(index for index, branch in enumerate(state.branches) if visit.name in branch.states)
    return visit.index or 0
