"""What a catcher passes on: an input that is lost, a Cause that is not JSON."""

from __future__ import annotations

import re
from collections.abc import Iterator

from everypath.asl.error_catalog import WILDCARDS
from everypath.check.checked_definition import CheckedDefinition
from everypath.check.finding import Hit, rule
from everypath.check.view import Data, Handler, StateView, reachable_from, strings, successors

_PATH = re.compile(r"(?<!\$)\$\.([A-Za-z_]\w*)")
_INPUT = re.compile(r"\$states\.input\.([A-Za-z_]\w*)")
_PARSED_CAUSE = re.compile(r"(?:States\.StringToJson|\$parse|\$eval)\(\s*\$[^)]*\bCause\b")
#: The states that do nothing that anybody would notice.
_IDLE = frozenset({"Pass", "Wait", "Succeed"})
_ERROR_OUTPUT = frozenset({"Error", "Cause"})


@rule("EP214", "info", "A catcher replaces the input with the error")
def lost_input(checked: CheckedDefinition) -> Iterator[Hit]:
    """Catchers without ``ResultPath``; a warning where a later state still reads the input."""
    for state in checked.states:
        for catcher in state.catchers:
            start = catcher.data.get("Next")
            if not isinstance(start, str) or keeps_input(state, catcher):
                continue
            reader = _reader(start, state)
            advice = "set Output to what is needed" if state.jsonata else 'set "ResultPath": "$.error"'
            if reader:
                name, member = reader
                message = f"The error replaces the input, but '{name}' still reads its '{member}': {advice}."
                yield Hit(catcher.place, message, "warning")
            elif state.siblings.get(start, {}).get("Type") != "Fail":
                yield Hit(catcher.place, f"The error replaces the input: {advice} if a later state needs it.")


@rule("EP216", "warning", "A handled error ends in success")
def ends_in_success(checked: CheckedDefinition) -> Iterator[Hit]:
    """Catchers of every error after which nothing is done, and the execution succeeds.

    Nothing is said where a task is run, or a Choice is made, which may tell somebody; where the flow goes on with its
    work, which does not need the result; in branches and items, whose results the flow around may look at; and in
    Express workflows, whose output is the answer to a caller.
    """
    for state in checked.states if not checked.express else ():
        for catcher in state.catchers if not state.outer else ():
            start = catcher.data.get("Next")
            behind = reachable_from(start, state.siblings) if isinstance(start, str) else []
            idle = all(state.siblings[name].get("Type") in _IDLE for name in behind)
            if WILDCARDS.isdisjoint(catcher.names) or not behind or not idle:
                continue
            what = ", ".join(catcher.names)
            message = f"After {what}, the execution ends SUCCEEDED with nothing done about it, and no alarm goes off:"
            yield Hit((*catcher.place, "Next"), f"{message} end in a Fail state if that is not intended.")


@rule("EP217", "warning", "A Cause that may not be JSON is parsed as JSON")
def cause_as_json(checked: CheckedDefinition) -> Iterator[Hit]:
    """``States.StringToJson($.Cause)`` after a catcher of errors whose Cause is plain text, or empty."""
    for state in checked.states:
        for text, place in strings(state.data):
            if _PARSED_CAUSE.search(text) and (names := _plain_causes(state, place)):
                message = f"The Cause of {', '.join(names)} may not be JSON, and parsing it then fails the execution:"
                yield Hit((*state.place, *place), f"{message} parse it only after catchers of the handler's errors.")


def keeps_input(state: StateView, catcher: Handler) -> bool:
    """Tell whether a catcher passes on more than the error."""
    if state.jsonata:
        return "Output" in catcher.data
    return bool(catcher.data.get("ResultPath", "$") != "$")


def _reader(start: str, state: StateView) -> tuple[str, str] | None:
    """The first state that reads a member of the lost input, with the member."""
    waiting, seen = [start], set()
    while waiting:
        name = waiting.pop(0)
        data = state.siblings.get(name)
        if data is None or name in seen:
            continue
        seen.add(name)
        members = [each for each in _members(data, jsonata=state.jsonata) if each not in _ERROR_OUTPUT]
        if members:
            return name, members[0]
        if not _replaces_input(data, jsonata=state.jsonata):
            waiting += successors(data)
    return None


def _members(data: Data, *, jsonata: bool) -> Iterator[str]:
    for text, place in strings(data):
        if place[0] in ("Comment", "ResultPath", "OutputPath", "ResultSelector", "Catch", "Branches", "Assign"):
            continue
        if jsonata:
            yield from _INPUT.findall(text)
        elif str(place[-1]).endswith(("Path", "$")) or place[-1] == "Variable":
            yield from _PATH.findall(text)


def _replaces_input(data: Data, *, jsonata: bool) -> bool:
    """Whether nothing of a state's input is in its output."""
    kind = data.get("Type")
    if jsonata:
        return kind in ("Task", "Parallel", "Map") or "Output" in data
    if kind == "Pass":
        return ("Result" in data or "Parameters" in data) and data.get("ResultPath", "$") == "$"
    return kind in ("Task", "Parallel", "Map") and data.get("ResultPath", "$") == "$"


def _plain_causes(state: StateView, place: tuple[str | int, ...]) -> list[str]:
    """The names in catchers that lead to a place in a state, of errors whose Cause is no JSON."""
    if place[0] == "Catch":
        return [
            name for catcher in state.catchers if catcher.place[-1] == place[1] for name in catcher.names if "." in name
        ]
    found: list[str] = []
    for data in state.siblings.values():
        catchers = data.get("Catch")
        for catcher in catchers if isinstance(catchers, list) else []:
            names = catcher.get("ErrorEquals") if isinstance(catcher, dict) else None
            start = catcher.get("Next") if isinstance(catcher, dict) else None
            if (
                isinstance(names, list)
                and isinstance(start, str)
                and state.name in reachable_from(start, state.siblings)
            ):
                found += [name for name in names if isinstance(name, str) and "." in name and name not in found]
    return found
