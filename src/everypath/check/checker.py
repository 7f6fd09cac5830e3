"""Runs the rules."""

from __future__ import annotations

from everypath.check.checked_definition import CheckedDefinition
from everypath.check.config import Config
from everypath.check.finding import SEVERITIES, Finding
from everypath.check.rules import RULES


def check(checked: CheckedDefinition, config: Config | None = None) -> list[Finding]:
    """Return what there is to say about a definition, in the order of its places.

    Parameters
    ----------
    checked : CheckedDefinition
        The definition, and what belongs to it.
    config : Config, optional
        What is not to be reported.
    """
    found = [
        Finding(rule.code, hit.severity or rule.severity, hit.message, str(checked.file), hit.place)
        for rule in RULES
        for hit in rule.find(checked)
    ]
    located = [
        Finding(each.code, each.severity, each.message, each.file, each.place, checked.line(each.place))
        for each in dict.fromkeys(found)
        if config is None or config.keeps(each)
    ]
    return sorted(
        located,
        key=lambda each: (each.line or 0, SEVERITIES.index(each.severity), each.code, each.pointer, each.message),
    )
