"""The mock configuration of Step Functions Local: the file that ``SFN_MOCK_CONFIG`` names.

Source: AWS Step Functions developer guide, "Configuration file for mocked service integrations".
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from everypath.errors import InputError
from everypath.tasks.scripted_outcomes import Return, Throw

_ATTEMPTS = re.compile(r"(0|[1-9]\d*)(?:-(0|[1-9]\d*))?")


@dataclass(frozen=True, slots=True)
class Response:
    """What the invocations of a state come to, by their number.

    Parameters
    ----------
    name : str
        What the file calls it.
    outcomes : mapping of range to Return or Throw
        The first invocation is number 0. There may be none at all: that matters once a state asks.
    """

    name: str
    outcomes: Mapping[range, Return | Throw]

    def outcome(self, number: int) -> Return | Throw | None:
        """Return the outcome of an invocation; None where the file does not say."""
        return next((outcome for numbers, outcome in self.outcomes.items() if number in numbers), None)


@dataclass(frozen=True, slots=True)
class MockConfig:
    """Test cases, and the responses that they name.

    Parameters
    ----------
    cases : mapping
        Names of responses by state, by test case, by name of the state machine.
    responses : mapping of str to Response
        By name. A test case may name one that is not there: that matters once it is started.
    """

    cases: Mapping[str, Mapping[str, Mapping[str, str]]]
    responses: Mapping[str, Response]


def read_mock_config(path: Path) -> MockConfig:
    """Read a mock configuration.

    Raises
    ------
    InputError
        It cannot be read, or is not of the form that Step Functions Local wants.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise InputError(f"{path}: expected a text in UTF-8") from None
    except json.JSONDecodeError as error:
        raise InputError(f"{path}: line {error.lineno} column {error.colno}: expected JSON, but {error.msg}") from None
    except (RecursionError, ValueError) as error:
        raise InputError(f"{path}: expected JSON, but {error}") from None
    return _Reader(path).config(content)


class _Reader:
    def __init__(self, path: Path) -> None:
        self._path = path

    def config(self, content: Any) -> MockConfig:
        self._object(content, "", "an object with StateMachines and MockedResponses")
        for key in ("StateMachines", "MockedResponses"):
            self._object(content.get(key), f"/{key}", "an object")
        machines, responses = content["StateMachines"], content["MockedResponses"]
        return MockConfig(
            {name: self._machine(value, _place("/StateMachines", name)) for name, value in machines.items()},
            {name: self._response(name, value, _place("/MockedResponses", name)) for name, value in responses.items()},
        )

    def _machine(self, value: Any, place: str) -> dict[str, dict[str, str]]:
        self._object(value, place, "an object with TestCases")
        place = f"{place}/TestCases"
        cases = self._object(value.get("TestCases"), place, "an object with test cases by name")
        return {name: self._case(case, _place(place, name)) for name, case in cases.items()}

    def _case(self, value: Any, place: str) -> dict[str, str]:
        for state, name in self._object(value, place, "an object with names of MockedResponses by state").items():
            if not isinstance(name, str):
                raise self._wrong(_place(place, state), "the name of one of MockedResponses", name)
        return dict(value)

    def _response(self, name: str, value: Any, place: str) -> Response:
        expected = 'an object with Return or Throw by the number of the invocation, such as "0" or "1-2"'
        outcomes: dict[range, Return | Throw] = {}
        for key, outcome in self._object(value, place, expected).items():
            numbers = self._numbers(key, place)
            for others in outcomes:
                if numbers.start < others.stop and others.start < numbers.stop:
                    raise self._wrong(_place(place, key), "every invocation once", key)
            outcomes[numbers] = self._outcome(outcome, _place(place, key))
        return Response(name, outcomes)

    def _numbers(self, key: str, place: str) -> range:
        match = _ATTEMPTS.fullmatch(key)
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (1, 0)
        if last < first:
            raise self._wrong(place, 'the number of an invocation or a range, such as "0" or "1-2"', key)
        return range(first, last + 1)

    def _outcome(self, value: Any, place: str) -> Return | Throw:
        self._object(value, place, "an object with Return or Throw")
        if len(value) != 1 or not {"Return", "Throw"} & value.keys():
            raise self._wrong(place, "either Return or Throw and nothing else", list(value))
        if "Return" in value:
            return Return(value["Return"])
        thrown = self._object(value["Throw"], f"{place}/Throw", "an object with Error and Cause")
        for key in ("Error", "Cause"):
            if not isinstance(thrown.get(key), str):
                raise self._wrong(f"{place}/Throw/{key}", "a text", thrown.get(key))
        return Throw(thrown["Error"], thrown["Cause"])

    def _object(self, value: Any, place: str, expected: str) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise self._wrong(place, expected, value)
        return value

    def _wrong(self, place: str, expected: str, got: Any) -> InputError:
        text = "nothing" if got is None else json.dumps(got, ensure_ascii=False)
        shown = text if len(text) <= 80 else f"{text[:79]}…"
        return InputError(f"{self._path}: {place or '/'}: expected {expected}, but got {shown}")


def _place(place: str, key: str) -> str:
    """A JSON pointer (RFC 6901) one level deeper."""
    return f"{place}/{key.replace('~', '~0').replace('/', '~1')}"
