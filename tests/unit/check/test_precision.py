"""How often the rules that have to guess are right, on projects as people write them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from everypath.check.checker import check
from everypath.check.load import load_file, load_machine
from tests.support.application import ROOT
from tests.unit.check.everyday_projects import PROJECTS, Place, Project
from tests.unit.check.projects import TEMPLATE, project

MEASURED = ("EP107", "EP108", "EP202", "EP216", "EP301", "EP302")


def reported(folder: Path, everyday: Project) -> set[Place]:
    """The findings of the measured rules."""
    folder.mkdir(exist_ok=True)
    modules = {"app.py" if everyday.runtime.startswith("python") else "app.js": everyday.source or ""}
    template = project(folder, everyday.states, modules | everyday.modules, **everyday.fields)
    text = TEMPLATE.replace("python3.13", everyday.runtime)
    template.write_text(
        text.replace("DefinitionUri", "Type: EXPRESS\n      DefinitionUri") if everyday.express else text
    )
    bare = everyday.source is None
    checked = load_file(folder / "order.asl.json") if bare else load_machine(str(template), None, {})
    return {(each.code, each.pointer) for each in check(checked) if each.code in MEASURED}


@pytest.mark.parametrize("everyday", PROJECTS, ids=lambda each: each.title.replace(" ", "-"))
def test_what_is_reported_is_what_is_wrong(everyday: Project, tmp_path: Path) -> None:
    assert reported(tmp_path, everyday) == set(everyday.right)


def test_the_projects_break_no_rule_of_structure(tmp_path: Path) -> None:
    for number, everyday in enumerate(PROJECTS):
        folder = tmp_path / str(number)
        reported(folder, everyday)
        found = check(load_file(folder / "order.asl.json"))
        assert [each for each in found if each.code < "EP010"] == [], everyday.title


def test_the_precision_in_the_documentation_is_that_of_these_projects(tmp_path: Path) -> None:
    found: Counter[str] = Counter()
    right: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    for number, everyday in enumerate(PROJECTS):
        listed = reported(tmp_path / str(number), everyday)
        found.update(code for code, _ in listed)
        right.update(code for code, _ in listed & set(everyday.right))
        missed.update(code for code, _ in set(everyday.right) - listed)
    text = (ROOT / "docs" / "check.md").read_text()
    rows = [f"| {code} | {found[code]} | {right[code]} | {missed[code]} |" for code in MEASURED]
    assert [row for row in rows if row not in text] == []
    assert f"On {len(PROJECTS)} small projects" in text
