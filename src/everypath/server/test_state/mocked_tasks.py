"""What a mocked state reaches: the mock, and the data that a request says an item reader has read."""

from __future__ import annotations

from collections.abc import Coroutine, Mapping
from typing import Any

from everypath.asl.resource import Resource
from everypath.engine.item_store import ItemStore, StoreFailure
from everypath.engine.scheduler import Signal
from everypath.engine.task_call import CallingRun, TaskCall
from everypath.history.outcome import Outcome


class MockedTasks:
    """Answers every call with one outcome.

    Parameters
    ----------
    outcome : Outcome
        Of the mock.
    reader_data : str or None
        What an item reader reads.
    """

    def __init__(self, outcome: Outcome, reader_data: str | None) -> None:
        self._outcome = outcome
        self._reader_data = reader_data

    def problem(self, resource: Resource, arguments: Any) -> str | None:
        """Return None: what is not called can be called with any arguments."""
        return None

    def item_store(self, run: CallingRun) -> ItemStore:
        """Return the store that has the reader's data, whatever is asked for."""
        return _ReaderData(self._reader_data or "")

    def start(self, call: TaskCall) -> Coroutine[Signal, None, Outcome]:
        """Return the coroutine that answers."""
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
