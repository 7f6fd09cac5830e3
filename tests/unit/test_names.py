"""Names that the project has given up stay given up: the field's own terms have taken their places."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2] / "src" / "everypath"
MODULES = sorted(SOURCE.rglob("*.py"))

#: Classes, functions and parameters, and what they are called now.
GIVEN_UP = {
    "Standing": "ResumePoint",
    "standing": "resume_point",
    "Stands": "BranchProgress",
    "Past": "ResumeState",
    "Flight": "PendingAttempt",
    "flight": "pending",
    "go_on": "resume",
    "going_on": "resume",
    "brief": "inline_execution",
    "exchange": "request_guard",
    "stranger": "rejection_reason",
    "state_rows": "serialization",
    "State": "StateStore, or the state of a definition",
    "Kept": "PersistedMark",
    "Line": "Branch",
    "Lines": "Branches",
    "same": "equivalence",
    "Sameness": "Equivalence",
    "Atlas": "FlowGraph",
    "atlas": "flow_graph",
    "Workshop": "InputSearch",
    "workshop": "input_search",
    "Stage": "PlanRunner",
    "Director": "ScriptedTasks",
    "director": "scripted_tasks",
    "Move": "PlannedOutcome",
    "move": "planned",
    "moves": "outcomes",
    "Spot": "DataPath",
    "spot": "data_path",
    "Try": "Attempt",
    "tries": "attempts",
    "taken": "covered",
    "Handling": "ErrorHandlingState",
    "handling": "retry_catch",
    "simple": "flow_states",
    "Flow": "StateGraph",
    "stand_ins": "emulator_quirks",
    "OfTemplate": "TemplateNames",
    "took": "waited",
    "run": "a name that says what is run",
    "covered": "trace",
    "subject": "what is checked, replayed or tested",
    "Subject": "CheckedDefinition, ReplayedMachine",
    "Member": "BranchProgress, ConcurrentBranch",
    "LIMIT": "MAX_EVENTS, MAX_DATA_BYTES and the like",
}
#: Given up as names of modules only: elsewhere they mean something else.
OF_MODULES = {"run", "covered", "exchange", "brief", "State"}
#: Where an old name is right: the state of a definition; public names that warn.
ALLOWED = {("asl/tree.py", "State"), ("history/execution.py", "took"), ("replay/replayer.py", "same")}
#: Words of a private vocabulary, and the term of the field for each.
PHRASES = {
    "fare alike": "equivalent errors",
    "a stranger": "an unexpected caller",
    "brief execution": "inline execution",
}


def names(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """The names of the classes, functions, parameters and module constants that a module defines."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.lineno, node.name
        elif isinstance(node, ast.arg):
            yield node.lineno, node.arg
    for node in tree.body:
        if isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            yield from ((target.lineno, target.id) for target in targets if isinstance(target, ast.Name))


@pytest.mark.parametrize("module", MODULES, ids=lambda module: str(module.relative_to(SOURCE)))
def test_a_module_defines_nothing_by_a_name_that_was_given_up(module: Path) -> None:
    place = module.relative_to(SOURCE).as_posix()
    text = module.read_text(encoding="utf-8")
    wrong = [
        f"{place}:{line}: {name}, which is {GIVEN_UP[name.lstrip('_')]} now"
        for line, name in names(ast.parse(text))
        if name.lstrip("_") in GIVEN_UP.keys() - OF_MODULES and (place, name) not in ALLOWED
    ]
    if module.stem in GIVEN_UP and place != "cli/run.py":  # the command of that name
        wrong.append(f"{place}: a module of that name, which is {GIVEN_UP[module.stem]} now")
    for phrase, term in PHRASES.items():
        wrong += [f"{place}: {phrase!r}; write {term!r}" for _ in re.finditer(phrase.replace(" ", r"\s+"), text)]
    assert not wrong, "\n".join(wrong)
