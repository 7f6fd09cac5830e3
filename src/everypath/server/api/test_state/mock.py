"""The mock of a request: the result of a state's work, which is then not done.

What is refused, and in which words, is recorded (``test_state_api``), unless a comment says otherwise.
"""

from __future__ import annotations

from collections.abc import Coroutine, Mapping
from typing import Any

from everypath.asl import json_text
from everypath.asl.resource import Resource
from everypath.asl.tree import ErrorHandlingState, Map, Parallel, State, Task
from everypath.engine.item_store import ItemStore, StoreFailure
from everypath.engine.scheduler import Signal
from everypath.engine.task_call import CallingRun, TaskCall
from everypath.history.outcome import Failure, Outcome, Success
from everypath.integrations.mock_results import mock_problem
from everypath.server.protocol import ApiError, Json

_NEEDS_MOCK = (
    "TestState API does not support Map or Parallel states. Supported state types include: "
    "[Task, Wait, Pass, Succeed, Fail, Choice]"
)
#: That they are refused as a ``ValidationException`` is from AWS's guide to TestState; the words are not recorded.
_NEEDS_MOCK_TO_WAIT = (
    "TestState API does not support Activity tasks, and the .sync and .waitForTaskToken service integration patterns, "
    "unless a mock is specified"
)


def mocked_outcome(request: Json, state: State) -> Outcome | None:
    """Return the mocked result of the state's work; None if the work is to be done.

    Raises
    ------
    ApiError
        The state requires a mock or supports none, or the mock does not fit the state.
    """
    mock = request.get("mock")
    if mock is None:
        if isinstance(state, Map | Parallel):
            raise ApiError("InvalidDefinition", _NEEDS_MOCK)
        if isinstance(state, Task) and (state.resource.needs_token or state.resource.runs_job):
            raise _refusal(_NEEDS_MOCK_TO_WAIT)
        return None
    if not isinstance(state, ErrorHandlingState):
        kind = type(state).__name__
        raise _refusal(f"State type '{kind}' is not supported when a mock is specified")
    if request.get("revealSecrets"):
        raise _refusal("TestState does not support RevealSecrets when a mock is specified.")
    result, error = mock.get("result"), mock.get("errorOutput")
    if result is not None and error is not None:
        # In LocalStack's words; not recorded.
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
        result = json_text.load(text)
    except ValueError:
        raise _refusal("Mocked result must be valid JSON") from None  # in LocalStack's words; not recorded
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


class MockedTasks:
    """Answers every call with one outcome.

    Parameters
    ----------
    outcome : Outcome
        That of the mock.
    reader_data : str or None
        ``mapItemReaderData``: what an item reader reads.
    """

    def __init__(self, outcome: Outcome, reader_data: str | None) -> None:
        self._outcome = outcome
        self._reader_data = reader_data

    def problem(self, resource: Resource, arguments: Any) -> str | None:
        """Return None: a call that is not made may have any arguments."""
        return None

    def item_store(self, run: CallingRun) -> ItemStore:
        """Return a store in which every object has the reader's data as its content."""
        return _ReaderData(self._reader_data or "")

    def start(self, call: TaskCall) -> Coroutine[Signal, None, Outcome]:
        """Return a coroutine with the outcome."""
        return self._answer()

    async def _answer(self) -> Outcome:
        return self._outcome


class _ReaderData:
    blocks = False

    def __init__(self, text: str) -> None:
        self._text = text

    def get_object(self, parameters: Mapping[str, Any]) -> bytes:
        return self._text.encode()

    def list_objects(self, parameters: Mapping[str, Any], limit: int | None) -> list[dict[str, Any]]:
        raise StoreFailure("mapItemReaderData stands for the content of an object, and not for a list of objects")

    def put_object(self, parameters: Mapping[str, Any]) -> None:
        raise StoreFailure("the results of a mocked Map are not written")
