"""The commands for an Express workflow on a target."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.command import run_command
from tests.unit.targets.conftest import Application

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def everypath_command(template: Path, capsys: pytest.CaptureFixture[str]) -> Command:
    def run(*arguments: str) -> tuple[int, str, str]:
        return run_command(capsys, *arguments, "--template", template)

    return run


def test_a_run_shows_the_outcome_and_says_that_there_is_no_more(shop: Application, everypath_command: Command) -> None:
    code, out, err = everypath_command("run", "--target", shop.url, "--input", '{"quantity": 11}')
    assert (code, err) == (0, "")
    assert out == (
        '--input  {"quantity":11}\n'
        '  SUCCEEDED    {"quantity":11}\n'
        "  time         20 s (the target's clock)\n"
        "  events       unknown: only the embedded engine has the history of an Express workflow\n"
    )
    code, out, _ = everypath_command("run", "--target", shop.url, "--input", '{"quantity": 101}', "--json")
    assert code == 1
    assert json.loads(out)["error"] == "Broken"


def test_outcomes_are_compared_and_that_there_are_no_events_is_said(
    shop: Application, everypath_command: Command
) -> None:
    why = f"  an Express workflow: {shop.url} keeps no history, so that events cannot be compared\n"
    for quantity in (3, 11, 101):
        compare = ["compare", "embedded", shop.url, "--input", f'{{"quantity": {quantity}}}']
        assert everypath_command(*compare) == (0, f"same outcome: embedded and {shop.url}\n{why}", "")
    _, out, _ = everypath_command("compare", shop.url, shop.url, "--input", '{"quantity": 3}')
    assert out.endswith(why)
    _, out, _ = everypath_command("compare", "embedded", "embedded", "--input", '{"quantity": 3}')
    assert out == "same: embedded and embedded\n"


def test_outcomes_that_differ_are_shown_side_by_side(
    shop: Application, everypath_command: Command, tmp_path: Path
) -> None:
    saved = tmp_path / "saved.json"
    saved.write_text(everypath_command("run", "--input", '{"quantity": 101}', "--json")[1].replace("Broken", "Busy"))
    code, out, _ = everypath_command("compare", str(saved), shop.url)
    lines = [line.split() for line in out.splitlines()]
    assert code == 1
    assert lines[0] == ["different", "outcome:", str(saved), "and", shop.url]
    assert lines[3] == [str(saved), shop.url]
    assert lines[5:] == [["error", "Busy", "Broken"], ["cause.errorType", "Busy", "Broken"]]
    code, out, _ = everypath_command("compare", str(saved), shop.url, "--json")
    assert (code, json.loads(out)) == (
        1,
        {
            "left": str(saved),
            "right": shop.url,
            "same": False,
            "compared": "outcome",
            "fields": [
                {"place": "error", "left": "Busy", "right": "Broken"},
                {"place": "cause.errorType", "left": "Busy", "right": "Broken"},
            ],
        },
    )


def test_an_outcome_of_another_status_differs_in_all_that_it_has(
    shop: Application, everypath_command: Command, tmp_path: Path
) -> None:
    saved = tmp_path / "saved.json"
    saved.write_text(everypath_command("run", "--input", '{"quantity": 3}', "--json")[1])
    code, out, _ = everypath_command("compare", str(saved), shop.url, "--input", '{"quantity": 101}', "--json")
    assert code == 1
    assert [field["place"] for field in json.loads(out)["fields"]] == ["status", "output", "error", "cause"]


def test_every_case_is_judged_by_its_outcome(
    shop: Application, template: Path, everypath_command: Command, tmp_path: Path
) -> None:
    (tmp_path / "failed.json").write_text('{"quantity": 101}')
    options = ["--mock-config", str(shop.mocks), "--events", str(tmp_path)]
    code, out, _ = everypath_command("paths", "--target", shop.url, *options)
    assert code == 0, out
    assert " same, 0 differs, 0 skipped" in out.splitlines()[0]
    own = tmp_path / "own.json"
    own.write_text(shop.mocks.read_text())
    content = json.loads(shop.mocks.read_text())
    for response in content["MockedResponses"].values():
        response.update({number: {"Return": "anything"} for number in response if number in ("0", "0-1")})
    shop.mocks.write_text(json.dumps(content))
    code, out, _ = everypath_command("paths", "--target", shop.url, "--mock-config", str(own))
    assert code == 1
    assert "status SUCCEEDED in place of FAILED" in out
