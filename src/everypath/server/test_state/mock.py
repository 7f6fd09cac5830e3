"""The mock of a request: what the work of a state comes to, instead of being done.

What is refused, and in which words, is recorded (``test_state_api``), but for what a comment says otherwise.
"""

from __future__ import annotations

import json
from typing import Any

from everypath.asl.tree import ErrorHandlingState, Map, Parallel, State, Task
from everypath.history.outcome import Failure, Outcome, Success
from everypath.integrations.mock_results import mock_problem
from everypath.server.protocol import ApiError, Json

_NEEDS_MOCK = (
    "TestState API does not support Map or Parallel states. Supported state types include: "
    "[Task, Wait, Pass, Succeed, Fail, Choice]"
)
#: That they are refused as a ``ValidationException`` is from AWS's guide to TestState; the words are not recorded.
_WAITS = (
    "TestState API does not support Activity tasks, and the .sync and .waitForTaskToken service integration patterns, "
    "unless a mock is specified"
)


def mocked_outcome(request: Json, state: State) -> Outcome | None:
    """Return what the state's work comes to by the mock; None where it is to be done.

    Raises
    ------
    ApiError
        The state needs a mock or takes none, or the mock does not fit it.
    """
    mock = request.get("mock")
    if mock is None:
        if isinstance(state, Map | Parallel):
            raise ApiError("InvalidDefinition", _NEEDS_MOCK)
        if isinstance(state, Task) and (state.resource.needs_token or state.resource.runs_job):
            raise _refusal(_WAITS)
        return None
    if not isinstance(state, ErrorHandlingState):
        kind = type(state).__name__
        raise _refusal(f"State type '{kind}' is not supported when a mock is specified")
    if request.get("revealSecrets"):
        raise _refusal("TestState does not support RevealSecrets when a mock is specified.")
    result, error = mock.get("result"), mock.get("errorOutput")
    if result is not None and error is not None:
        # The words are those that LocalStack has for it; not recorded.
        raise _refusal("A test mock should have only one of the following fields: [result, errorOutput].")
    if error is not None:
        return _failure(error)
    if result is None:
        raise _refusal("A test mock must have one of the following fields: [result, errorOutput].")  # not recorded
    return Success(_result(state, result, mock.get("fieldValidationMode") or "STRICT"))


def _failure(error: Json) -> Failure:
    if error.get("error") is None:
        # Required by AWS's documents; the words are not recorded.
        raise _refusal("The field 'error' is required in the errorOutput of a mock.")
    return Failure(error["error"], error.get("cause"))


def _result(state: ErrorHandlingState, text: str, mode: str) -> Any:
    try:
        result = json.loads(text)
    except (ValueError, RecursionError):
        raise _refusal("Mocked result must be valid JSON") from None  # as LocalStack words it; not recorded
    problem = _problem(state, result, mode)
    if problem is not None:
        raise _refusal(problem)
    return result


def _problem(state: ErrorHandlingState, result: Any, mode: str) -> str | None:
    if isinstance(state, Map) and state.writer is not None and state.writer.resource is not None:
        return None if isinstance(result, dict) else "Mocked result must be a JSON object."
    if isinstance(state, Map | Parallel) and not isinstance(result, list):
        return "Mocked result must be an array."
    if isinstance(state, Parallel) and len(result) != len(state.branches):
        return "Mocked result must contain the same number of items as number of Parallel branches."
    return mock_problem(state.resource, result, mode) if isinstance(state, Task) else None


def _refusal(message: str) -> ApiError:
    return ApiError("ValidationException", message)
