"""Cases as a file of pytest tests: written once, and then the user's own."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterator

from everypath.asl.tree import ErrorHandlingState, Map, StateMachine, Task, all_states
from everypath.paths.cases import Case, Enumeration
from everypath.paths.errors import reaches_outside
from everypath.paths.exports.mock_config import case_names
from everypath.tasks.scripted_outcomes import Return, Throw

WIDTH = 100


def pytest_file(enumeration: Enumeration, template: str, machine: str) -> str:
    """Return the text of a file with a test for each case.

    Parameters
    ----------
    template, machine : str
        What the tests load.
    """
    decided = [
        (case, name)
        for case, name in zip(enumeration.cases, case_names(enumeration.cases), strict=True)
        if case.undecided is None
    ]
    cases = [(case, name) for case, name in decided if needs_no_store(enumeration.tree, case)]
    parts = [_module_head(enumeration, template, machine, len(decided) - len(cases))]
    parts += ["\n".join(_test(enumeration.tree, case, name)) for case, name in cases]
    return "\n\n\n".join(parts) + "\n"


def _module_head(enumeration: Enumeration, template: str, machine: str, left_out: int) -> str:
    note = f"\n\n{left_out} cases are not here: their items are elsewhere." if left_out else ""
    return f'''"""Every error path of {machine}, as `everypath paths --export pytest` wrote them.{note}"""

import pytest

import everypath
from everypath import Return, Throw


@pytest.fixture(scope="module")
def machine():
    return everypath.load({_literal(template, 0)}, {_literal(machine, 0)}{_scripted_argument(enumeration.tree)})'''


def _scripted_argument(tree: StateMachine) -> str:
    """The tasks that everypath cannot call have to be named to `everypath.load`."""
    names = [state.name for state in all_states(tree.graph) if isinstance(state, Task) and not state.resource.supported]
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
            yield from (f"                {_outcome(one)}," for one in outcomes)
            yield "            ],"
        yield "        },"
    yield "    )"
    yield f"    assert execution.status == {_literal(case.execution.status, 0)}"
    if case.execution.error is not None:
        yield f"    assert execution.error == {_literal(case.execution.error, 0)}"
    yield f"    assert execution.path == {_literal(case.execution.path, 4)}"
    if not _time_varies(tree):
        yield f"    assert execution.waited({case.execution.elapsed:.12g})"


def _outcome(outcome: Return | Throw) -> str:
    seconds = f", seconds={outcome.seconds:g}" if outcome.seconds else ""
    more = f"{seconds}, heartbeats=True" if outcome.heartbeats else seconds
    if isinstance(outcome, Throw):
        cause = f", {_literal(outcome.cause, 0)}" if outcome.cause else ""
        return f"Throw({_literal(outcome.error, 0)}{cause}{more})"
    return f"Return({_literal(outcome.output, 16)}{more})"


def _time_varies(tree: StateMachine) -> bool:
    """Whether jitter has a part in how long it takes."""
    handling = [state for state in all_states(tree.graph) if isinstance(state, ErrorHandlingState)]
    return any(retrier.full_jitter for state in handling for retrier in state.retriers)


def needs_no_store(tree: StateMachine, case: Case) -> bool:
    """Whether no Map of a case reads its items elsewhere, or writes its results there: it can then be run anywhere."""
    outside = {state.name for state in all_states(tree.graph) if isinstance(state, Map) and reaches_outside(state)}
    return outside.isdisjoint(case.execution.path)


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
