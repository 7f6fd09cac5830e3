"""The mock configuration of a server: test cases that executions are started with, as with Step Functions Local."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from everypath.errors import InputError
from everypath.tasks.mock_cases import Mocks, mocks_of
from everypath.tasks.mock_config import MockConfig, read_mock_config

if TYPE_CHECKING:
    from everypath.asl.tree import StateMachine as Tree
    from everypath.engine.task_call import Tasks


class MockFile:
    """A mock configuration in a file, which is read again after it has changed.

    Parameters
    ----------
    path : str
        The file.

    Raises
    ------
    InputError
        The file cannot be used.
    """

    def __init__(self, path: str) -> None:
        self._path = Path(path)
        self._version = self._current_version()
        self._config = read_mock_config(self._path)

    def mocks(self, machine: str, case: str, behind: Tasks, tree: Tree) -> Mocks:
        """Return what mocks the tasks of an execution of a test case; see `mocks_of`.

        Raises
        ------
        InputError
            The file cannot be used any more, or the test case cannot.
        """
        try:
            config = self._read()
        except InputError as error:
            raise InputError(f"The mock configuration cannot be used: {error}") from None
        try:
            return mocks_of(config, machine, case, behind, tree)
        except InputError as error:
            raise InputError(f"{self._path}: {error}") from None

    def _read(self) -> MockConfig:
        version = self._current_version()
        if version != self._version:
            self._config = read_mock_config(self._path)
            self._version = version
        return self._config

    def _current_version(self) -> tuple[int, int, int] | None:
        try:
            status = self._path.stat()
        except OSError:
            return None
        return status.st_mtime_ns, status.st_size, status.st_ino
