"""Definitions of the usual kinds: what is made up for them lets nothing fail, and takes what can be taken."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from everypath.asl.parser.definition import parse
from everypath.paths.cases import enumerate_cases

CORPUS = Path(__file__).parents[2] / "corpus"
#: How many elements each definition has, and those of them that nothing can take.
ELEMENTS: dict[str, tuple[int, set[str]]] = {
    "agent-loop": (21, {"unhandled:Use Tools", "item:Use Tools"}),
    "batch-jsonata": (20, set()),
    "etl-partitions": (23, set()),
    "fan-out-regions": (14, {"unhandled:Each", "item:Each"}),
    "human-approval": (18, set()),
    "image-review-batches": (16, {"unhandled:Review"}),
    "ingest-distributed": (19, set()),
    "media-pipeline": (24, set()),
    "nightly-report": (19, set()),
    "onboarding": (14, set()),
    "order-jsonata": (32, set()),
    "poller-counted": (15, set()),
    "poller-job": (15, set()),
    "saga-trip": (21, set()),
    "webhook-payment": (22, set()),
}


@pytest.mark.parametrize("name", sorted(ELEMENTS))
def test_nothing_fails_and_every_element_is_taken_that_can_be(name: str) -> None:
    number, impossible = ELEMENTS[name]
    enumeration = enumerate_cases(parse(json.loads((CORPUS / f"{name}.asl.json").read_text(encoding="utf-8"))))
    assert len(enumeration.elements) == number
    assert {one.element.id for one in enumeration.unreachable} == impossible
    success = enumeration.cases[0]
    assert (success.id, success.execution.status) == ("success", "SUCCEEDED")
    assert [case.id for case in enumeration.cases if case.undecided is not None] == []


def test_each_definition_of_the_corpus_has_its_figures() -> None:
    assert sorted(file.name.removesuffix(".asl.json") for file in CORPUS.glob("*.asl.json")) == sorted(ELEMENTS)
