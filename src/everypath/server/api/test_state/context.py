"""The context object of a request.

Sources: recordings (``test_state_api``) for what is refused; AWS's "Context object" for the fields that there are.
"""

from __future__ import annotations

from typing import Any

from everypath.asl import json_text
from everypath.asl.tree import State, Task
from everypath.server.protocol import ApiError, Json

_WORDS = {str: "a string", int: "an integer", dict: "an object"}
#: The types of the members of each field; object stands for any value.
_FIELDS: dict[str, dict[str, type]] = {
    "Execution": {
        "Id": str,
        "Input": object,
        "Name": str,
        "RoleArn": str,
        "StartTime": str,
        "RedriveCount": int,
        "RedriveTime": str,
    },
    "State": {"EnteredTime": str, "Name": str, "RetryCount": int},
    "StateMachine": {"Id": str, "Name": str},
    "Task": {"Token": str},
}


def given_context(request: Json, state: State) -> dict[str, Any] | None:
    """Return the context object of a request, to which nothing is added; None if it has none.

    Raises
    ------
    ApiError
        ``ValidationException``.
    """
    text = request.get("context")
    if text is None:
        return None
    if request.get("mock") is None:
        # That it is refused is from AWS's API reference; the words are not recorded.
        raise ApiError("ValidationException", "A Context object can only be specified when a mock is specified")
    problem, context = _read(text)
    problem = problem or _problem(context, state)
    if problem is not None:
        raise ApiError("ValidationException", f"Invalid Context object provided: {problem}")
    return context


def _read(text: str) -> tuple[str | None, dict[str, Any]]:
    try:
        context = json_text.load(text)
    except ValueError:
        return "it is not valid JSON", {}
    return (None, context) if isinstance(context, dict) else ("it must be a JSON object", {})


def _problem(context: dict[str, Any], state: State) -> str | None:
    for name, members in context.items():
        if name == "Map":
            return "'Map' field is not supported when mocking a Context object"
        if name not in _FIELDS:
            return f"Field '{name}' is not allowed"
        if name == "Task" and not _has_token(state):
            return (
                "Context object contains 'Task' when state is not a Task state with a '.sync' or "
                "'.waitForTaskToken' service integration pattern"
            )
        if not isinstance(members, dict):
            return f"{name} must be an object"
        problem = _member_problem(name, members)
        if problem is not None:
            return problem
    return None


def _has_token(state: State) -> bool:
    return isinstance(state, Task) and (state.resource.needs_token or state.resource.runs_job)


def _member_problem(name: str, members: dict[str, Any]) -> str | None:
    for member, value in members.items():
        kind = _FIELDS[name].get(member)
        if kind is None:
            return f"Field '{member}' is not allowed"
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            return f"{name}.{member} must be {_WORDS[kind]}"
    return None
