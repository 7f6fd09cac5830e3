from __future__ import annotations

from pathlib import Path

import pytest

from everypath.check.checker import check
from everypath.check.config import Config, find_config, read_config
from everypath.check.finding import Finding
from everypath.check.load import load_file
from everypath.check.rules import CODES
from everypath.errors import InputError
from tests.unit.check.projects import codes, project, task


def written(folder: Path, text: str) -> Path:
    file = folder / "pyproject.toml"
    file.write_text(f"[tool.everypath.check]\n{text}\n")
    return file


def test_an_ignored_code_is_not_reported(tmp_path: Path) -> None:
    project(tmp_path, {"Reserve": task(Retry=[{"ErrorEquals": ["A"]}])})
    checked = load_file(tmp_path / "order.asl.json")
    assert codes(check(checked)) == {"EP206", "EP208"}
    assert codes(check(checked, Config(frozenset({"EP208"})))) == {"EP206"}


def test_a_code_is_ignored_in_one_state_and_what_is_inside_it() -> None:
    config = Config(per_state={"Both": frozenset({"EP206"})})
    place = ("States", "Both", "Branches", 0, "States", "Reserve")
    assert not config.keeps(Finding("EP206", "warning", "", "f", place))
    assert config.keeps(Finding("EP206", "warning", "", "f", ("States", "Reserve")))
    assert config.keeps(Finding("EP301", "warning", "", "f", place))


def test_the_nearest_pyproject_counts(tmp_path: Path) -> None:
    written(tmp_path, 'ignore = ["EP206"]\nper-state = {"Call API" = ["EP208"]}')
    (tmp_path / "a" / "b").mkdir(parents=True)
    assert find_config(tmp_path / "a" / "b", CODES) == Config(frozenset({"EP206"}), {"Call API": frozenset({"EP208"})})


def test_a_pyproject_without_the_table_ignores_nothing(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'x'\n")
    assert find_config(tmp_path, CODES) == Config()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('ignore = ["EP999"]', "no rule EP999"),
        ('ignore = "EP206"', "expected a list of codes"),
        ('ignored = ["EP206"]', "expected ignore and per-state, got ignored"),
        ('per-state = ["EP206"]', "expected a table"),
        ('per-state = {"A" = ["X"]}', "no rule X"),
        ("ignore = [", "cannot be read as TOML"),
    ],
)
def test_a_wrong_table_is_refused(text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=message):
        read_config(written(tmp_path, text), CODES)
