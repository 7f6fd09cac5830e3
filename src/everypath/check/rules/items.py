"""What the items of a Map may come to."""

from __future__ import annotations

from collections.abc import Iterator

from everypath.check.checked_definition import CheckedDefinition
from everypath.check.finding import Hit, rule

_TOLERANCE = (
    "ToleratedFailurePercentage", "ToleratedFailurePercentagePath", "ToleratedFailureCount",
    "ToleratedFailureCountPath",
)  # fmt: skip


@rule("EP220", "warning", "A Map in INLINE mode tolerates no failed item")
def inline_tolerance(checked: CheckedDefinition) -> Iterator[Hit]:
    """``ToleratedFailure…`` on a Map that is not distributed (AWS lists it among the distributed Map's fields only)."""
    for state in checked.states:
        processor = state.data.get("ItemProcessor", state.data.get("Iterator"))
        config = processor.get("ProcessorConfig") if isinstance(processor, dict) else None
        distributed = isinstance(config, dict) and config.get("Mode") == "DISTRIBUTED"
        if state.type == "Map" and not distributed:
            for field in (name for name in _TOLERANCE if name in state.data):
                message = f"{field} is for distributed Maps: here, the first failed item fails the Map. Catch the error"
                yield Hit((*state.place, field), f"{message} inside the Map, or make it a distributed one.")
