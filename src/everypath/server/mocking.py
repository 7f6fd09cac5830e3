"""Executions of a test case: ``stateMachineArn#Case``, as with Step Functions Local."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from everypath.errors import InputError
from everypath.server.protocol import ApiError
from everypath.tasks.mock_cases import Mocks, mocks_of
from everypath.tasks.mock_config import MockConfig, read_mock_config

if TYPE_CHECKING:
    from everypath.asl.tree import StateMachine as Tree
    from everypath.server.service import Service


class MockFile:
    """The mock configuration in a file, which is read again when it has changed.

    Parameters
    ----------
    path : str
        The file.

    Raises
    ------
    InputError
        It cannot be used.
    """

    def __init__(self, path: str) -> None:
        self.path = Path(path)
        self._version = self._now()
        self._config = read_mock_config(self.path)

    def config(self) -> MockConfig:
        """Return what the file holds now.

        Raises
        ------
        InputError
            It cannot be used any more.
        """
        version = self._now()
        if version != self._version:
            self._config = read_mock_config(self.path)
            self._version = version
        return self._config

    def _now(self) -> tuple[int, int, int] | None:
        try:
            found = self.path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino


def split_case(arn: str) -> tuple[str, str | None]:
    """Return a state machine's ARN and the test case that follows it; None where none does."""
    text, separator, case = arn.partition("#")
    return text, case if separator else None


def mocks_for(service: Service, machine: str, tree: Tree, case: str) -> Mocks:
    """Return what answers for the states of an execution of a test case.

    Raises
    ------
    ApiError
        ``ValidationException``, where there is no such test case or the file cannot be used.
    """
    if service.mocks is None:
        raise ApiError(
            "ValidationException",
            f"The test case '{case}' is asked for, but there is no mock configuration: start the server with "
            "--mock-config FILE or SFN_MOCK_CONFIG",
        )
    try:
        config = service.mocks.config()
    except InputError as error:
        raise ApiError("ValidationException", f"The mock configuration cannot be used: {error}") from None
    try:
        return mocks_of(config, machine, case, service.executor.tasks, tree)
    except InputError as error:
        raise ApiError("ValidationException", f"{service.mocks.path}: {error}") from None
