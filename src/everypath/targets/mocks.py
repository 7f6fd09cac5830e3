"""Scripted faults through the mock configuration that an endpoint reads."""

from __future__ import annotations

import hashlib
import json
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from everypath.errors import InputError, NotOnTargetError
from everypath.history.attempts import data_of
from everypath.paths.exports.mock_config import response_of
from everypath.targets.faults import in_words
from everypath.tasks.mock_config import read_mock_config
from everypath.tasks.scripted_outcomes import Faults, Return, Throw

if TYPE_CHECKING:
    from everypath.api import Machine

Outcomes = Mapping[str, Sequence[Return | Throw]]


class MockFile:
    """A mock configuration, to which cases are added that it lacks.

    everypath serve reads the file again when it has changed. Step Functions Local reads it when it starts, and refuses
    a case that was not there then.

    Parameters
    ----------
    path : path
        The file.

    Raises
    ------
    InputError
        It cannot be used.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._path = Path(path)
        read_mock_config(self._path)

    def case(self, machine: str, outcomes: Outcomes) -> str:
        """Return the name of the test case in which the attempts of these states come to these outcomes."""
        wanted = {state: response_of(one) for state, one in outcomes.items()}
        with self._locked():
            read_mock_config(self._path)
            content = json.loads(self._path.read_text(encoding="utf-8"))
            cases = content["StateMachines"].setdefault(machine, {"TestCases": {}})["TestCases"]
            for name, states in cases.items():
                if {state: content["MockedResponses"].get(one) for state, one in states.items()} == wanted:
                    return str(name)
            name = f"faults-{_digest(wanted)}"
            cases[name] = {state: f"{name}-{_digest(response)}" for state, response in wanted.items()}
            for response in wanted.values():
                content["MockedResponses"][f"{name}-{_digest(response)}"] = response
            self._write(json.dumps(content, indent=2, ensure_ascii=False) + "\n")
        return name

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Let one process at a time change the file: pytest-xdist has several."""
        if sys.platform == "win32":  # where a folder cannot be locked
            yield
            return
        import fcntl

        folder = os.open(self._path.resolve().parent, os.O_RDONLY)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            yield
        finally:
            os.close(folder)

    def _write(self, text: str) -> None:
        """Replace the file, so that who reads it finds the old one or the new one."""
        folder = self._path.resolve().parent
        try:
            handle, name = tempfile.mkstemp(dir=folder, prefix=f"{self._path.name}.")
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
            Path(name).chmod(self._path.stat().st_mode & 0o777)
            Path(name).replace(self._path.resolve())
        except OSError as error:
            raise InputError(f"{self._path}: cannot be written: {error.strerror}") from None


def scripted_outcomes(machine: Machine, text: str, faults: Faults) -> Outcomes:
    """Return the outcomes of all attempts that the states with faults make: the scripted ones, and the handler's after.

    Raises
    ------
    NotOnTargetError
        An outcome takes time, and a mock has none.
    """
    for state, outcomes in faults.items():
        for number, outcome in enumerate(outcomes, 1):
            if outcome.seconds:
                raise NotOnTargetError(
                    f"{in_words({state: outcomes})}: attempt {number} takes {outcome.seconds:g} s, a mock none"
                )
    embedded = machine.run_embedded(text, faults)
    return {
        state: [*outcomes, *_handled(embedded.attempts(state)[len(outcomes) :])] for state, outcomes in faults.items()
    }


def _handled(attempts: Sequence[Any]) -> Iterator[Return | Throw]:
    for attempt in attempts:
        if attempt.output is not None:
            yield Return(data_of(attempt.output))
        else:
            yield Throw(attempt.error or "", attempt.cause or "")


def _digest(data: Any) -> str:
    return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()[:12]
