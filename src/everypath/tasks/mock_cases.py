"""Task states that a test case of a mock configuration answers for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Coroutine, Mapping
from typing import Any

from everypath.asl.error_catalog import RUNTIME
from everypath.asl.resource import Resource
from everypath.asl.tree import StateMachine, Task, all_states
from everypath.engine.item_store import ItemStore
from everypath.engine.scheduler import Signal
from everypath.engine.task_call import CallingRun, TaskCall, Tasks
from everypath.errors import InputError
from everypath.history.outcome import Failure, Outcome
from everypath.tasks.mock_config import MockConfig, Response
from everypath.tasks.scripted_outcomes import play


class Mocks:
    """Answers the invocations of some states of one execution, and leaves all others to `behind`.

    The invocations of a state are counted over the whole execution: retries, visits of a loop and iterations of a Map
    all count, as with Step Functions Local 2.0. One for which there is no response ends the execution with
    ``States.Runtime``, as there.

    Parameters
    ----------
    case : str
        The name of the test case.
    responses : mapping of str to Response
        By state.
    behind : Tasks
        Who makes the invocations of the other states.
    tree : StateMachine
        What is run.
    """

    def __init__(self, case: str, responses: Mapping[str, Response], behind: Tasks, tree: StateMachine) -> None:
        self._case = case
        self._responses = responses
        self._behind = behind
        self._counts: Counter[str] = Counter()
        mocked = [state for state in all_states(tree.graph) if isinstance(state, Task) and state.name in responses]
        self._activities = {state.resource.text for state in mocked if state.resource.kind == "activity"}

    def skip(self, counts: Mapping[str, int]) -> None:
        """Count the invocations, by state, that an execution has behind it."""
        self._counts.update(counts)

    def problem(self, resource: Resource, arguments: Any) -> str | None:
        """Return why a call with these arguments would not be scheduled; a mocked activity need not be there."""
        return None if resource.text in self._activities else self._behind.problem(resource, arguments)

    def item_store(self, run: CallingRun) -> ItemStore:
        """Return where a distributed Map reads its items and writes its results."""
        return self._behind.item_store(run)

    def start(self, call: TaskCall) -> Coroutine[Signal, None, Outcome]:
        """Return the coroutine that makes a call."""
        response = self._responses.get(call.state)
        if response is None:
            return self._behind.start(call)
        number = self._counts[call.state]
        self._counts[call.state] += 1
        outcome = response.outcome(number)
        return self._missing(call.state, number, response) if outcome is None else play(call, outcome)

    async def _missing(self, state: str, number: int, response: Response) -> Outcome:
        numbers = ", ".join(_shown(each) for each in response.outcomes) or "none"
        cause = (
            f"The test case '{self._case}' has no response for invocation {number} of the state '{state}'; "
            f"the invocations in '{response.name}': {numbers}"
        )
        return Failure(RUNTIME, cause, fatal=True)


def mocks_of(config: MockConfig, machine: str, case: str, behind: Tasks, tree: StateMachine) -> Mocks:
    """Return what answers for the states that a test case names.

    Raises
    ------
    InputError
        There is no such test case, or it names a state or a response that is not there.
    """
    cases = config.cases.get(machine)
    if cases is None:
        raise InputError(f"it has no state machine '{machine}'; state machines there: {_names(config.cases)}")
    if case not in cases:
        raise InputError(f"it has no test case '{case}' of the state machine '{machine}'; there are: {_names(cases)}")
    tasks = sorted(state.name for state in all_states(tree.graph) if isinstance(state, Task))
    for state, name in cases[case].items():
        if state not in tasks:
            raise InputError(
                f"test case '{case}' mocks '{state}', which is no Task state; Task states: {_names(tasks)}"
            )
        if name not in config.responses:
            raise InputError(f"test case '{case}' names the response '{name}', which is not among MockedResponses")
    responses = {state: config.responses[name] for state, name in cases[case].items()}
    return Mocks(case, responses, behind, tree)


def _names(names: Any) -> str:
    return ", ".join(sorted(names)) or "none"


def _shown(numbers: range) -> str:
    return str(numbers.start) if len(numbers) == 1 else f"{numbers.start}-{numbers.stop - 1}"
