"""Cases as a file of pytest tests: written once, and then the user's own."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterator

from everypath.asl.settings import Constant
from everypath.asl.tree import Handling, Map, StateMachine, Task, all_states
from everypath.paths.cases import Case, Enumeration
from everypath.paths.errors import reaches_outside
from everypath.paths.mock_config import case_names
from everypath.tasks.script import Return, Throw

WIDTH = 100


def pytest_file(found: Enumeration, template: str, machine: str) -> str:
    """Return the text of a file with a test for each case.

    Parameters
    ----------
    template, machine : str
        What the tests load.
    """
    cases = [
        (case, name) for case, name in zip(found.cases, case_names(found.cases), strict=True) if _runs(found.tree, case)
    ]
    parts = [_head(found, template, machine, len(found.cases) - len(cases))]
    parts += ["\n".join(_test(found.tree, case, name)) for case, name in cases]
    return "\n\n\n".join(parts) + "\n"


def _head(found: Enumeration, template: str, machine: str, left_out: int) -> str:
    why = "their items are elsewhere, or their tasks send heartbeats"
    note = f"\n\n{left_out} cases are not here: {why}." if left_out else ""
    return f'''"""Every error path of {machine}, as `everypath paths --export pytest` wrote them.{note}"""

import pytest

import everypath
from everypath import Return, Throw


@pytest.fixture(scope="module")
def machine():
    return everypath.load({_literal(template, 0)}, {_literal(machine, 0)}{_scripted(found.tree)})'''


def _scripted(tree: StateMachine) -> str:
    """The tasks that everypath cannot call have to be named to `everypath.load`."""
    names = [state.name for state in all_states(tree.flow) if isinstance(state, Task) and not state.resource.supported]
    return f", scripted={_literal(names, 4)}" if names else ""


def _test(tree: StateMachine, case: Case, name: str) -> Iterator[str]:
    yield f"def test_{re.sub('[^a-z0-9]+', '_', name.lower())}(machine):"
    if len(case.errors) > 1:
        alike = f"So do {', '.join(case.errors[1:])}."
        yield from textwrap.wrap(alike, WIDTH, initial_indent="    # ", subsequent_indent="    # ")
    yield "    execution = machine.run("
    yield f"        {_literal(case.input, 8)},"
    if case.outcomes:
        yield "        faults={"
        for state, outcomes in case.outcomes.items():
            yield f"            {_literal(state, 0)}: ["
            yield from (f"                {_outcome(tree, state, one)}," for one in outcomes)
            yield "            ],"
        yield "        },"
    yield "    )"
    yield f"    assert execution.status == {_literal(case.execution.status, 0)}"
    if case.execution.error is not None:
        yield f"    assert execution.error == {_literal(case.execution.error, 0)}"
    yield f"    assert execution.path == {_literal(case.execution.path, 4)}"
    if not _time_varies(tree, case):
        yield f"    assert execution.elapsed == {case.execution.elapsed:g}"


def _outcome(tree: StateMachine, state: str, outcome: Return | Throw) -> str:
    seconds = f", seconds={outcome.seconds:g}" if outcome.seconds else ""
    if isinstance(outcome, Throw):
        cause = f", {_literal(outcome.cause, 0)}" if outcome.cause else ""
        return f"Throw({_literal(outcome.error, 0)}{cause}{seconds})"
    if seconds and _beats(tree, state, outcome.seconds):
        return 'Throw("States.Timeout")'
    return f"Return({_literal(outcome.output, 16)}{seconds})"


def _beats(tree: StateMachine, state: str, seconds: float, margin: int = 1) -> bool:
    """Whether a slow attempt sends heartbeats, which a script cannot."""
    task = next(one for one in all_states(tree.flow) if one.name == state)
    if not isinstance(task, Task) or task.heartbeat_seconds is None or not seconds:
        return False
    heartbeat = task.heartbeat_seconds
    return not isinstance(heartbeat, Constant) or seconds > heartbeat.value + margin


def _time_varies(tree: StateMachine, case: Case) -> bool:
    """Whether jitter, or a heartbeat that a script cannot send, has a part in how long it takes."""
    jitter = any(
        retrier.full_jitter
        for state in all_states(tree.flow)
        if isinstance(state, Handling)
        for retrier in state.retriers
    )
    slow = any(
        isinstance(one, Return) and one.seconds and _beats(tree, state, one.seconds)
        for state, outcomes in case.outcomes.items()
        for one in outcomes
    )
    return jitter or slow


def _runs(tree: StateMachine, case: Case) -> bool:
    """Whether a case can be run as it is: a script neither reads and writes items elsewhere nor sends heartbeats."""
    outside = {state.name for state in all_states(tree.flow) if isinstance(state, Map) and reaches_outside(state)}
    timed_out = case.execution.status == "TIMED_OUT" and any(
        isinstance(one, Return) and _beats(tree, state, one.seconds, margin=0)
        for state, outcomes in case.outcomes.items()
        for one in outcomes
    )
    return outside.isdisjoint(case.execution.path) and not timed_out


def _literal(value: object, indent: int) -> str:
    """A value as source, on as many lines as it takes."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False) if value.isprintable() else repr(value)
    if not isinstance(value, dict | list | tuple) or not value:
        return repr(value)
    opening, closing = "{}" if isinstance(value, dict) else "[]" if isinstance(value, list) else "()"
    inner = indent + 4
    if isinstance(value, dict):
        items = [f"{_literal(key, inner)}: {_literal(one, inner)}" for key, one in value.items()]
    else:
        items = [_literal(one, inner) for one in value]
    line = ", ".join(items)
    if "\n" not in line and len(line) + indent < WIDTH:
        return f"{opening}{line}{',' if isinstance(value, tuple) and len(value) == 1 else ''}{closing}"
    lines = "".join(f"{' ' * inner}{item},\n" for item in items)
    return f"{opening}\n{lines}{' ' * indent}{closing}"
