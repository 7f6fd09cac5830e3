from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from everypath.check.finding import Finding
from everypath.check.output import as_json, as_sarif, as_text, summary

FOUND = [
    Finding("EP206", "warning", "Add a retrier.", "order.asl.json", ("States", "A/B"), 4),
    Finding("EP011", "error", "Remove it.", "order.asl.json", ()),
]


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_text_has_file_line_severity_code_and_place() -> None:
    assert as_text(FOUND) == (
        "order.asl.json:4: warning EP206 /States/A~1B\n    Add a retrier.\n"
        "order.asl.json: error EP011 /\n    Remove it.\n"
        "1 error, 1 warning, no infos"
    )


def test_nothing_found_is_said() -> None:
    assert as_text([]) == summary([]) == "nothing found"


def test_json_has_every_field() -> None:
    assert json.loads(as_json(FOUND))[0] == {
        "code": "EP206",
        "severity": "warning",
        "message": "Add a retrier.",
        "file": "order.asl.json",
        "line": 4,
        "place": "/States/A~1B",
    }


def test_sarif_names_the_rules_and_the_places() -> None:
    log = json.loads(as_sarif(FOUND))
    (run,) = log["runs"]
    assert log["version"] == "2.1.0"
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["EP011", "EP206"]
    assert [result["level"] for result in run["results"]] == ["warning", "error"]
    location = run["results"][0]["locations"][0]["physicalLocation"]
    assert location == {"artifactLocation": {"uri": "order.asl.json"}, "region": {"startLine": 4}}


def test_sarif_has_all_that_the_standard_requires() -> None:
    found = [*FOUND, Finding("EP001", "info", "Say more.", "my workflow/über order.asl.json", ())]
    log = json.loads(as_sarif(found))
    assert log["$schema"].endswith("sarif-2.1.0.json")
    (run,) = log["runs"]
    assert run["tool"]["driver"]["name"] == "everypath"
    described = {rule["id"] for rule in run["tool"]["driver"]["rules"]}
    for result in run["results"]:
        assert result["ruleId"] in described
        assert result["level"] in ("none", "note", "warning", "error")
        assert result["message"]["text"]
        (location,) = result["locations"]
        assert re.fullmatch(r"[!-~]+", location["physicalLocation"]["artifactLocation"]["uri"])
        assert location["physicalLocation"].get("region", {"startLine": 1})["startLine"] >= 1
        assert all(each["fullyQualifiedName"] for each in location.get("logicalLocations", ()))
    uri = run["results"][2]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert uri == "my%20workflow/%C3%BCber%20order.asl.json"
