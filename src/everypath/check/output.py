"""Findings as text, as JSON and as SARIF."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from everypath.check.finding import SEVERITIES, Finding
from everypath.check.rules import RULES

SARIF = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {"error": "error", "warning": "warning", "info": "note"}


def as_text(findings: Sequence[Finding]) -> str:
    """Findings as lines that editors can jump to, and how many there are of each severity."""
    lines = []
    for each in findings:
        where = f"{displayed_path(each.file)}:{each.line}" if each.line else displayed_path(each.file)
        lines += [f"{where}: {each.severity} {each.code} {each.pointer or '/'}", f"    {each.message}"]
    return "\n".join([*lines, summary(findings)])


def summary(findings: Sequence[Finding]) -> str:
    """How many findings there are: ``no errors, 1 warning, 2 infos``."""
    counts = [sum(each.severity == severity for each in findings) for severity in SEVERITIES]
    if not any(counts):
        return "nothing found"
    return ", ".join(_counted(count, severity) for count, severity in zip(counts, SEVERITIES, strict=True))


def as_json(findings: Sequence[Finding]) -> str:
    """Findings as a JSON array of objects."""
    return json.dumps([_object(each) for each in findings], indent=2, ensure_ascii=False)


def as_sarif(findings: Sequence[Finding]) -> str:
    """Findings as a SARIF 2.1.0 log, for code scanning."""
    codes = {each.code for each in findings}
    rules = [
        {
            "id": rule.code,
            "shortDescription": {"text": rule.title},
            "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        }
        for rule in RULES
        if rule.code in codes
    ]
    driver = {"name": "everypath", "rules": rules}
    run = {"tool": {"driver": driver}, "results": [_result(each) for each in findings]}
    return json.dumps({"$schema": SARIF, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False)


def displayed_path(file: str) -> str:
    """The path of a file relative to the working directory, if it is below it."""
    try:
        return Path(file).resolve().relative_to(Path.cwd()).as_posix()
    except ValueError:
        return file


def _counted(count: int, severity: str) -> str:
    return f"{count or 'no'} {severity}{'' if count == 1 else 's'}"


def _object(finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.code,
        "severity": finding.severity,
        "message": finding.message,
        "file": displayed_path(finding.file),
        "line": finding.line,
        "place": finding.pointer,
    }


def _result(finding: Finding) -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": {"uri": quote(displayed_path(finding.file))}}
    if finding.line:
        physical["region"] = {"startLine": finding.line}
    location: dict[str, Any] = {"physicalLocation": physical}
    if finding.pointer:
        location["logicalLocations"] = [{"fullyQualifiedName": finding.pointer}]
    return {
        "ruleId": finding.code,
        "level": _LEVELS[finding.severity],
        "message": {"text": finding.message},
        "locations": [location],
    }
