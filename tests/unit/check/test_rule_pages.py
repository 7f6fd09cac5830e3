"""Every rule has a page whose example breaks it and whose fix does not."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from everypath.check.checker import check
from everypath.check.config import Config, find_config
from everypath.check.load import load_file, load_machine
from everypath.check.rules import CODES, RULES
from tests.support.application import ROOT
from tests.unit.check.projects import TEMPLATE, codes, definition

PAGES = ROOT / "docs" / "rules"
#: Modules that the examples import.
BESIDE = {
    "orders.py": "class Conflict(Exception): pass\nclass OrderConflict(Exception): pass\n",
    "stock.py": "class Conflict(Exception): pass\nclass StockConflict(Exception): pass\n",
}
#: What has no JSON example is tested in test_load.py and test_rules.py.
WITH_EXAMPLE = [rule for rule in RULES if rule.code not in ("EP008", "EP010", "EP011")]


def blocks(code: str, language: str) -> list[str]:
    """The examples of a page in a language; the one of the fix is that of the mistake where it has none."""
    found = re.findall(rf"^```{language}\n(.*?)^```", (PAGES / f"{code}.md").read_text(), re.M | re.S)
    return found * 2 if len(found) == 1 else found


def found_in(folder: Path, text: str, source: str | None, required: str | None = None) -> set[str]:
    """The codes for an example: a whole definition, or its states."""
    if text.startswith('{"StartAt"') or '"StartAt"' in text.split("\n")[1]:
        whole = text
    else:
        whole = json.dumps(definition(json.loads(text)))
    (folder / "order.asl.json").write_text(whole)
    config = Config()
    if required is not None:
        (folder / "pyproject.toml").write_text(required)
        config = find_config(folder, CODES)
    if source is None:
        return codes(check(load_file(folder / "order.asl.json"), config))
    (folder / "code").mkdir(exist_ok=True)
    for name, module in {**BESIDE, "app.py": source}.items():
        (folder / "code" / name).write_text(module)
    (folder / "template.yaml").write_text(TEMPLATE)
    return codes(check(load_machine(str(folder / "template.yaml"), None, {})))


def source(code: str, index: int) -> str | None:
    """The handler of a page."""
    found = blocks(code, "py")
    return found[index] if found else None


def required(code: str) -> str | None:
    """The pyproject.toml of a page."""
    found = blocks(code, "toml")
    return found[0] if found else None


@pytest.mark.parametrize("rule", WITH_EXAMPLE, ids=lambda rule: rule.code)
def test_the_example_of_a_page_breaks_its_rule(rule: Any, tmp_path: Path) -> None:
    assert rule.code in found_in(tmp_path, blocks(rule.code, "json")[0], source(rule.code, 0), required(rule.code))


@pytest.mark.parametrize("rule", WITH_EXAMPLE, ids=lambda rule: rule.code)
def test_the_fix_of_a_page_keeps_its_rule(rule: Any, tmp_path: Path) -> None:
    assert rule.code not in found_in(tmp_path, blocks(rule.code, "json")[1], source(rule.code, 1), required(rule.code))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_a_page_has_the_rules_title_and_severity(rule: Any) -> None:
    text = (PAGES / f"{rule.code}.md").read_text()
    assert text.startswith(f"# {rule.code}: {rule.title}\n\nSeverity: {rule.severity}.\n")


def test_the_overview_lists_every_rule() -> None:
    overview = (ROOT / "docs" / "check.md").read_text()
    rows = [f"| [{rule.code}](rules/{rule.code}.md) | {rule.severity} | {rule.title} |" for rule in RULES]
    assert [row for row in rows if row not in overview] == []
    assert len({rule.code for rule in RULES}) == len(RULES) == len(list(PAGES.glob("EP*.md")))
