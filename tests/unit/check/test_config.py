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


def required(folder: Path, text: str, **fields: object) -> list[tuple[str, str]]:
    """The house rules that a project with one task breaks."""
    project(folder, {"Reserve": task(**fields)})
    (folder / "pyproject.toml").write_text(f"[tool.everypath.require]\n{text}\n")
    found = check(load_file(folder / "order.asl.json"), find_config(folder, CODES))
    return [(each.code, each.pointer) for each in found if each.code.startswith("EP4")]


def test_nothing_is_required_by_default(tmp_path: Path) -> None:
    assert required(tmp_path, "") == []


def test_a_wildcard_retries_what_is_required_and_a_retrier_without_attempts_does_not(tmp_path: Path) -> None:
    text = 'lambda-retries = ["Lambda.ServiceException"]'
    assert required(tmp_path, text, Retry=[{"ErrorEquals": ["States.ALL"]}]) == []
    assert required(tmp_path, text, Retry=[{"ErrorEquals": ["States.ALL"], "MaxAttempts": 0}]) == [
        ("EP401", "/States/Reserve")
    ]


def test_a_catcher_around_a_task_is_one_for_the_task(tmp_path: Path) -> None:
    branch = {"StartAt": "Reserve", "States": {"Reserve": task()}}
    catcher = {"ErrorEquals": ["States.ALL"], "Next": "Give Up", "ResultPath": "$.error"}
    project(tmp_path, {"Both": {"Type": "Parallel", "Branches": [branch], "Catch": [catcher], "End": True}})
    (tmp_path / "pyproject.toml").write_text('[tool.everypath.require]\ntask-catches = ["States.ALL"]\n')
    found = check(load_file(tmp_path / "order.asl.json"), find_config(tmp_path, CODES))
    assert "EP402" not in codes(found)


def test_the_path_form_of_a_required_field_is_enough(tmp_path: Path) -> None:
    text = 'task-fields = ["TimeoutSeconds"]'
    assert required(tmp_path, text, TimeoutSecondsPath="$.limit") == []
    assert required(tmp_path, text) == [("EP403", "/States/Reserve")]


def test_fields_are_required_of_every_kind_of_object(tmp_path: Path) -> None:
    text = 'definition-fields = ["TimeoutSeconds"]\nstate-fields = ["Comment"]\nretrier-fields = ["JitterStrategy"]'
    assert sorted(required(tmp_path, text, Retry=[{"ErrorEquals": ["A"]}])) == [
        ("EP403", ""),
        ("EP403", "/States/Reserve"),
        ("EP403", "/States/Reserve/Retry/0"),
    ]


@pytest.mark.parametrize(("output", "found"), [("{% $states.input %}", []), ("{% 'lost' %}", ["EP404"])])
def test_an_output_keeps_the_input_if_it_reads_it(output: str, found: list[str], tmp_path: Path) -> None:
    catcher = {"ErrorEquals": ["A"], "Next": "Give Up", "Output": output}
    listed = required(tmp_path, "catcher-keeps-input = true", QueryLanguage="JSONata", Catch=[catcher])
    assert [code for code, _ in listed] == found


def test_a_house_rule_is_turned_off_for_a_state(tmp_path: Path) -> None:
    project(tmp_path, {"Reserve": task()})
    (tmp_path / "pyproject.toml").write_text(
        '[tool.everypath.require]\ntask-fields = ["TimeoutSeconds"]\n'
        '[tool.everypath.check.per-state]\nReserve = ["EP403"]\n'
    )
    assert "EP403" not in codes(check(load_file(tmp_path / "order.asl.json"), find_config(tmp_path, CODES)))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('lambda-retry = ["Lambda.ServiceException"]', "there is no lambda-retry; did you mean lambda-retries?"),
        ('lambda-retries = "Lambda.ServiceException"', "lambda-retries: expected a list of names"),
        ('lambda-retries = ["Lambda.ServiceExcepton"]', "did you mean Lambda.ServiceException?"),
        ('task-catches = ["States.Al"]', "Step Functions has no error States.Al; did you mean States.ALL?"),
        ('task-fields = ["TimeoutSecond"]', "there is no field TimeoutSecond; did you mean TimeoutSeconds?"),
        ('retrier-fields = ["ResultPath"]', "retrier-fields: there is no field ResultPath"),
        ("catcher-keeps-input = 1", "catcher-keeps-input: expected true or false, got 1"),
    ],
)
def test_a_wrong_table_of_requirements_is_refused_with_its_file_and_place(
    text: str, message: str, tmp_path: Path
) -> None:
    with pytest.raises(InputError) as refused:
        required(tmp_path, text)
    assert str(refused.value).startswith(f"{(tmp_path / 'pyproject.toml').resolve()}: [tool.everypath.require]")
    assert message in str(refused.value)
