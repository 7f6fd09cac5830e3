"""Requests made up from botocore's model of the service, and what an answer to any request must be like."""

from __future__ import annotations

import copy
import json
from typing import Any

import botocore.session
from hypothesis import strategies as st

from tests.support.server import Answer

MODEL = botocore.session.get_session().get_service_model("stepfunctions")
#: What any operation may be refused with, beside what the model says of it (AWS: "Common Errors"; recorded).
COMMON = frozenset({
    "AccessDeniedException", "MissingRequiredParameter", "SerializationException", "StateMachineDoesNotExist",
    "UnknownOperationException", "ValidationException",
})  # fmt: skip
ARN = "arn:aws:states:us-east-1:123456789012:"
NOBODY = f"{ARN}activity:nobody"
FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:echo"
DEFINITIONS: list[Any] = [
    {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}},
    {"StartAt": "A", "States": {"A": {"Type": "Wait", "Seconds": 7, "Next": "B"}, "B": {"Type": "Succeed"}}},
    {"StartAt": "A", "States": {"A": {"Type": "Fail", "Error": "E", "Cause": "C"}}},
    {
        "QueryLanguage": "JSONata",
        "StartAt": "A",
        "States": {"A": {"Type": "Pass", "Output": "{% $states.input %}", "Assign": {"a": "{% 1 + 1 %}"}, "End": True}},
    },
    {
        "StartAt": "Each",
        "States": {
            "Each": {
                "Type": "Map",
                "ItemsPath": "$.items",
                "ItemProcessor": {
                    "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
                    "StartAt": "A",
                    "States": {"A": {"Type": "Pass", "End": True}},
                },
                "End": True,
            }
        },
    },
    {
        "StartAt": "Call",
        "States": {
            "Call": {
                "Type": "Task",
                "Resource": FUNCTION,
                "TimeoutSeconds": 5,
                "Retry": [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 1}],
                "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Kind"}],
                "Next": "Kind",
            },
            "Kind": {
                "Type": "Choice",
                "Choices": [{"Variable": "$.a", "NumericEquals": 1, "Next": "Done"}],
                "Default": "Done",
            },
            "Done": {"Type": "Succeed"},
        },
    },
]
NAMES = [f"m{number}" for number in range(len(DEFINITIONS))]
TOKENS = ["00000000-0000-4000-8000-000000000000", "token"]
_MACHINES = [f"{ARN}stateMachine:{name}" for name in NAMES]
#: Members that hold an ARN, and some that they may hold.
ARNS = {
    "stateMachineArn": [*_MACHINES, f"{ARN}stateMachine:express"],
    "executionArn": [f"{ARN}execution:{machine}:{name}" for machine in NAMES for name in ("one", "m0", "m1")],
    "activityArn": [f"{ARN}activity:{name}" for name in NAMES],
    "mapRunArn": [f"{ARN}mapRun:m4/Each:one", f"{ARN}mapRun:m4/Each:0b6ef1ee-4b5f-4a6d-a3c5-5f0a6a0a4b3e"],
    "resourceArn": [*_MACHINES, f"{ARN}activity:m0"],
    "stateMachineAliasArn": [f"{ARN}stateMachine:{machine}:{name}" for machine in NAMES for name in ("live", "m0")],
    "stateMachineVersionArn": [f"{machine}:{number}" for machine in _MACHINES for number in (1, 2)],
    "roleArn": ["arn:aws:iam::123456789012:role/workflow"],
    "logGroupArn": ["arn:aws:logs:us-east-1:123456789012:log-group:logs:*"],
}
TEXTS = st.one_of(st.text(max_size=20), st.text(st.characters(), max_size=5), st.sampled_from(["", "{", "$.a", "\0"]))
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)


@st.composite
def mutated(draw: st.DrawFn, value: Any) -> Any:
    """A JSON value in which something has been replaced, added or removed."""
    value = copy.deepcopy(value)
    node = value
    while isinstance(node, dict) and node:
        key = draw(st.sampled_from(sorted(node)))
        if not isinstance(node[key], dict) or draw(st.booleans()):
            what = draw(st.sampled_from(["replace", "add", "remove"]))
            if what == "remove":
                del node[key]
            else:
                node[key if what == "replace" else draw(TEXTS)] = draw(JUNK)
            break
        node = node[key]
    return value


def _rarely(one_in: int) -> st.SearchStrategy[bool]:
    return st.sampled_from([False] * (one_in - 1) + [True])


def _definitions(*, wild: bool) -> st.SearchStrategy[str]:
    valid = st.sampled_from(DEFINITIONS)
    if not wild:
        return valid.map(json.dumps)
    return st.one_of(
        valid.flatmap(mutated).map(json.dumps),
        valid.map(lambda definition: json.dumps(definition)[:-7]),
        JUNK.map(json.dumps),
        TEXTS,
    )


def _values(shape: Any, member: str, *, wild: bool) -> st.SearchStrategy[Any]:
    """Values for a shape of the model: right ones, or where it is wild anything at times."""
    kind = shape.type_name
    right: st.SearchStrategy[Any]
    if kind == "structure":
        right = _structures(shape, wild=wild)
    elif kind == "list":
        right = st.lists(_values(shape.member, member, wild=wild), min_size=0 if wild else 1, max_size=2)
    elif kind == "map":
        right = st.dictionaries(TEXTS, _values(shape.value, member, wild=wild), max_size=3)
    elif kind == "boolean":
        right = st.booleans()
    elif kind in ("integer", "long"):
        right = st.integers() if wild else st.integers(0, 100)
    elif kind == "float":
        right = st.floats(-1, 101) if wild else st.integers(0, 100)
    else:
        right = _texts(shape, member, wild=wild)
    return _rarely(8).flatmap(lambda junk: JUNK if junk else right) if wild else right


def _texts(shape: Any, member: str, *, wild: bool) -> st.SearchStrategy[str]:
    if shape.enum:
        return st.sampled_from([*shape.enum, "NONE"] if wild else shape.enum)
    if shape.name == "Definition":
        return _definitions(wild=wild)
    if shape.name.endswith("Arn"):
        if not wild:
            return st.sampled_from(ARNS.get(member, [ARN]))
        parts = st.sampled_from(["1", "live", "#Case", "a/b", "é", "9" * 30])
        anything = st.sampled_from([arn for arns in ARNS.values() for arn in arns])
        return st.one_of(anything, st.tuples(anything, parts).map(":".join), TEXTS)
    if not wild:
        right = {"name": NAMES, "nextToken": [], "taskToken": TOKENS, "revisionId": [], "key": ["a", "b"]}
        chosen = right.get(member, ['{"items": [1, 2]}', "[]", "1"])
        return st.sampled_from(chosen) if chosen else st.nothing()
    longest = shape.metadata.get("max", 200)
    return st.one_of(TEXTS, JUNK.map(json.dumps), st.sampled_from([*NAMES, "a" * longest, "a" * (longest + 1)]))


@st.composite
def _structures(draw: st.DrawFn, shape: Any, *, wild: bool) -> dict[str, Any]:
    found = {}
    for name, member in shape.members.items():
        required = name in shape.required_members
        values = _values(member, name, wild=wild)
        if not values.is_empty and (draw(st.booleans()) or (required and not (wild and draw(_rarely(8))))):
            found[name] = draw(values)
    if wild and draw(_rarely(8)):
        found[draw(TEXTS)] = draw(JUNK)
    return found


@st.composite
def requests(draw: st.DrawFn) -> tuple[str, bytes]:
    """An operation and the body of a request for it: a right one, a wild one, or a spoiled one."""
    operation = draw(st.sampled_from(MODEL.operation_names))
    kind = draw(st.sampled_from(["right", "right", "wild", "wild", "spoiled"]))
    shape = MODEL.operation_model(operation).input_shape
    request = draw(_structures(shape, wild=kind == "wild"))
    if operation == "GetActivityTask" and request.get("activityArn") in ARNS["activityArn"]:
        request["activityArn"] = NOBODY  # of one that is there it would wait for a task
    body = json.dumps(request).encode()
    if kind != "spoiled":
        return operation, body
    spoiled = st.one_of(
        st.integers(0, len(body)).map(lambda end: body[:end]),
        st.binary(max_size=30),
        JUNK.map(lambda value: json.dumps(value).encode()),
        st.just(b"[" * 50_000),
        st.just(b'{"name": 1e999, "maxResults": 1e999, "weight": -1e999}'),
    )
    return operation, draw(spoiled)


@st.composite
def invocations(draw: st.DrawFn) -> tuple[str, bytes, dict[str, str]]:
    """The path, the body and the headers of a request to Lambda's Invoke."""
    names = ["echo", "echo:live", FUNCTION, "none", "%20", "..", "a/b", "%00", "%F0%9F", "echo%3Alive", "a" * 300, ""]
    name = draw(st.sampled_from(names))
    query = draw(
        st.sampled_from(["", "?Qualifier=live", "?Qualifier=", "?Qualifier=%FF", "?&&", "?Qualifier=a&Qualifier=b"])
    )
    body = draw(st.one_of(JUNK.map(lambda value: json.dumps(value).encode()), st.binary(max_size=30), st.just(b"")))
    values = st.sampled_from(["RequestResponse", "DryRun", "Event", "Tail", "None", "e30=", "MQ==", "!", "", "\xff"])
    headers = ["X-Amz-Invocation-Type", "X-Amz-Log-Type", "X-Amz-Client-Context", "Content-Type", "X-Amz-Target"]
    given = draw(st.dictionaries(st.sampled_from(headers), values, max_size=3))
    return f"/2015-03-31/functions/{name}/invocations{query}", body, given


def check(operation: str, answer: Answer) -> None:
    """Fail where an answer is neither what the model says nor a refusal of AWS's form."""
    assert answer.headers["x-amzn-RequestId"]
    if answer.status == 200:
        _check_shape(MODEL.operation_model(operation).output_shape, answer.body, operation)
        return
    assert 400 <= answer.status < 500, (answer.status, answer.body)
    code = answer.body["__type"]
    assert isinstance(answer.body["message"], str)
    assert answer.headers["x-amzn-ErrorType"] == code
    known = {shape.name for shape in MODEL.operation_model(operation).error_shapes} | COMMON
    assert code in known, f"{operation} is refused with {code}, which is not among {sorted(known)}"


def check_invocation(answer: Answer) -> None:
    """The same for Lambda's Invoke, whose refusals have another form."""
    if answer.status in (200, 202, 204):
        return
    assert 400 <= answer.status < 500, (answer.status, answer.body)
    if "__type" not in answer.body:
        assert answer.body["Type"] == "User"
        assert answer.body.get("Message") or answer.body["message"]


def _check_shape(shape: Any, value: Any, place: str) -> None:
    kind = shape.type_name
    types: dict[str, Any] = {
        "structure": dict, "list": list, "map": dict, "string": str, "boolean": bool, "integer": int, "long": int,
        "float": (int, float), "timestamp": (int, float),
    }  # fmt: skip
    assert isinstance(value, types[kind]), f"{place}: expected a {kind}, but got {value!r}"
    if kind == "structure":
        assert value.keys() >= set(shape.required_members), f"{place} lacks one of {shape.required_members}: {value}"
        for name, member in value.items():
            assert name in shape.members, f"{place}: {name} is not in the model"
            _check_shape(shape.members[name], member, f"{place}.{name}")
    elif kind == "list":
        for index, item in enumerate(value):
            _check_shape(shape.member, item, f"{place}[{index}]")
    elif shape.type_name == "string" and shape.enum:
        assert value in shape.enum, f"{place}: {value!r} is not among {shape.enum}"
