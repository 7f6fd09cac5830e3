"""What a project requires of its own workflows; see `everypath.check.requirements`."""

from __future__ import annotations

from collections.abc import Iterator

from everypath.asl.error_catalog import takes
from everypath.check.checked_definition import CheckedDefinition
from everypath.check.finding import Hit, rule
from everypath.check.requirements import TABLE
from everypath.check.rules.inputs import keeps_input
from everypath.check.view import Data
from everypath.sam.document import Place


@rule("EP401", "error", "A Lambda task does not retry what the project requires")
def unretried(checked: CheckedDefinition) -> Iterator[Hit]:
    """Lambda tasks without a retrier for an error of ``lambda-retries``."""
    for state in checked.tasks if checked.requirements.lambda_retries else ():
        retried = {name for each in state.retriers if each.number("MaxAttempts", 3) for name in each.names}
        missing = [name for name in checked.requirements.lambda_retries if not takes(retried, name)]
        if state.calls_lambda and missing:
            yield Hit(
                state.place, f"The project requires a retrier for {', '.join(missing)} ({TABLE}, lambda-retries)."
            )


@rule("EP402", "error", "A task does not catch what the project requires")
def uncaught(checked: CheckedDefinition) -> Iterator[Hit]:
    """Tasks for which neither they nor a state around them catch an error of ``task-catches``."""
    for state in checked.tasks:
        caught = {name for each in (state, *state.outer) for catcher in each.catchers for name in catcher.names}
        missing = [name for name in checked.requirements.task_catches if not takes(caught, name)]
        if missing:
            yield Hit(state.place, f"The project requires a catcher for {', '.join(missing)} ({TABLE}, task-catches).")


@rule("EP403", "error", "A field that the project requires is missing")
def missing_field(checked: CheckedDefinition) -> Iterator[Hit]:
    """Objects without a field of ``…-fields``, or its ``…Path``."""
    for kind, place, data in _objects(checked):
        for field in checked.requirements.fields_of(kind):
            if field not in data and f"{field}Path" not in data:
                yield Hit(place, f"The project requires {field} of each {kind} ({TABLE}, {kind}-fields).")


@rule("EP404", "error", "A catcher does not keep the input, as the project requires")
def lost(checked: CheckedDefinition) -> Iterator[Hit]:
    """Catchers that replace the input, where ``catcher-keeps-input`` is true."""
    for state in checked.states if checked.requirements.catcher_keeps_input else ():
        for catcher in state.catchers:
            kept = "$states.input" in str(catcher.data.get("Output")) if state.jsonata else keeps_input(state, catcher)
            if not kept:
                advice = "Output, with $states.input" if state.jsonata else 'ResultPath, such as "$.error"'
                message = f"The project requires that each catcher keeps the input: set {advice}"
                yield Hit(catcher.place, f"{message} ({TABLE}, catcher-keeps-input).")


def _objects(checked: CheckedDefinition) -> Iterator[tuple[str, Place, Data]]:
    """The kind, the place and the fields of each object that may have to have some."""
    if checked.definition:
        yield "definition", (), checked.definition
    for state in checked.states:
        yield "state", state.place, state.data
        if state.type == "Task":
            yield "task", state.place, state.data
        for retrier in state.retriers:
            yield "retrier", retrier.place, retrier.data
        for catcher in state.catchers:
            yield "catcher", catcher.place, catcher.data
