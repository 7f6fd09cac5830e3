"""Runs the rules."""

from __future__ import annotations

from dataclasses import replace

from everypath.check.checked_definition import CheckedDefinition
from everypath.check.config import Config
from everypath.check.finding import SEVERITIES, Finding
from everypath.check.rules import RULES


def check(checked: CheckedDefinition, config: Config | None = None) -> list[Finding]:
    """Return the findings for a definition, in the order of their lines.

    Parameters
    ----------
    checked : CheckedDefinition
        The definition, and what belongs to it.
    config : Config, optional
        What the project requires, and which findings are not reported.
    """
    if config is not None:
        checked = replace(checked, requirements=config.requirements)
    findings = [
        Finding(rule.code, hit.severity or rule.severity, hit.message, str(checked.file), hit.place)
        for rule in RULES
        for hit in rule.find(checked)
    ]
    located = [
        Finding(each.code, each.severity, each.message, each.file, each.place, checked.line(each.place))
        for each in dict.fromkeys(findings)
        if config is None or config.keeps(each)
    ]
    return sorted(
        located,
        key=lambda each: (each.line or 0, SEVERITIES.index(each.severity), each.code, each.pointer, each.message),
    )
