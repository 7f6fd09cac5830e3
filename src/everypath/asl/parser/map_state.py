"""Parses a Map state."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from everypath.asl.error_catalog import ITEM_READER_FAILED, RUNTIME
from everypath.asl.jsonata import is_jsonata
from everypath.asl.parser import expressions
from everypath.asl.parser.block import LARGEST_NUMBER, Block
from everypath.asl.parser.fields import refuse_fields
from everypath.asl.resource import READING, WRITING, Resource, UnknownResource, parse_map_resource
from everypath.asl.scope import Expression
from everypath.asl.settings import NumberAt
from everypath.asl.tree import Batcher, Map, Reader, StateGraph, Writer

LARGEST_DATASET = 100_000_000
LARGEST_BATCH = 262_144
PROCESSOR_FIELDS = frozenset({"ProcessorConfig", "StartAt", "States", "Comment"})

READER_FIELDS = frozenset({"Resource", "ReaderConfig", "Parameters", "Arguments"})
BATCHER_FIELDS = frozenset(
    {"MaxItemsPerBatch", "MaxItemsPerBatchPath", "MaxInputBytesPerBatch", "MaxInputBytesPerBatchPath", "BatchInput"}
)
WRITER_FIELDS = frozenset({"Resource", "WriterConfig", "Parameters", "Arguments"})
WRITER_CHOICES = {"Transformation": ("NONE", "COMPACT", "FLATTEN"), "OutputType": ("JSON", "JSONL")}

#: Fields of ``ReaderConfig`` with their possible values (AWS: "ItemReader (Map)"), by what reads them.
READER_CHOICES = {
    "Transformation": ("NONE", "LOAD_AND_FLATTEN"),
    "ManifestType": ("ATHENA_DATA", "S3_INVENTORY"),
    "CSVDelimiter": ("COMMA", "PIPE", "SEMICOLON", "SPACE", "TAB"),
}
INPUT_TYPES = ("CSV", "JSON", "JSONL", "PARQUET", "MANIFEST")
HEADER_LOCATIONS = ("FIRST_ROW", "GIVEN")
_ALWAYS_CONFIGURED = frozenset({"InputType", "Transformation", "MaxItems", "MaxItemsPath"})
_CSV_CONFIGURED = frozenset({"CSVHeaderLocation", "CSVDelimiter", "CSVHeaders"})
_CONFIGURED = _ALWAYS_CONFIGURED | _CSV_CONFIGURED | {"ManifestType", "ItemsPointer"}
#: The fields of ``ReaderConfig`` by its InputType; CSVHeaders goes with ``GIVEN`` only.
CONFIGURED_BY_TYPE: dict[str, frozenset[str]] = {
    "CSV": _ALWAYS_CONFIGURED | {"CSVHeaderLocation", "CSVDelimiter", "ManifestType"},
    "JSON": _ALWAYS_CONFIGURED | {"ItemsPointer"},
    "JSONL": _ALWAYS_CONFIGURED | {"ManifestType"},
    "PARQUET": _ALWAYS_CONFIGURED | {"ManifestType"},
    "MANIFEST": _ALWAYS_CONFIGURED | _CSV_CONFIGURED | {"ManifestType"},
}
#: The fields inside ItemReader, ItemBatcher and ResultWriter that exist in one query language only.
JSONPATH_ONLY = frozenset({"Parameters", "MaxItemsPath", "MaxItemsPerBatchPath", "MaxInputBytesPerBatchPath"})
JSONATA_ONLY = frozenset({"Arguments"})


def parse_map(
    block: Block, jsonata: bool, fields: dict[str, Any], processor: Callable[[Block], StateGraph | None]
) -> Map | None:
    """Parse the fields that only a Map has; `fields` are already parsed."""
    block.exactly_one("ItemProcessor", "Iterator")
    # Parameters is the old name of ItemSelector.
    block.at_most_one("ItemSelector", "Parameters")
    inner = block.block("ItemProcessor") or block.block("Iterator")
    if inner is None:
        return None
    inner.refuse_others(PROCESSOR_FIELDS)
    distributed, express = _mode(inner)
    graph = processor(inner)
    selector = expressions.template(block, "ItemSelector", jsonata=jsonata) or fields.pop("parameters")
    fields["parameters"] = None
    if graph is None:
        return None
    return Map(
        **fields,
        processor=graph,
        distributed=distributed,
        express_children=express,
        items=_items(block, jsonata, distributed=distributed),
        items_path=block.string("ItemsPath"),
        item_selector=selector,
        max_concurrency=_number(block, "MaxConcurrency", jsonata=jsonata, maximum=LARGEST_NUMBER),
        tolerated_failure_count=_number(block, "ToleratedFailureCount", jsonata=jsonata, maximum=LARGEST_NUMBER),
        tolerated_failure_percentage=_number(
            block,
            "ToleratedFailurePercentage",
            jsonata=jsonata,
            minimum=0.0,
            maximum=100.0,
            path_maximum=100.0,
            integer=False,
            refusal="ToleratedFailurePercentage must be between 0 and 100.",
        ),
        reader=_reader(block, jsonata),
        batcher=_batcher(block, jsonata),
        writer=_writer(block, jsonata),
        label=block.string("Label"),
    )


def _mode(processor: Block) -> tuple[bool, bool]:
    """Whether the mode is DISTRIBUTED, and whether the children are Express executions."""
    config = processor.block("ProcessorConfig")
    if config is None:
        return False, False
    mode = config.string("Mode", choices=("INLINE", "DISTRIBUTED"), default="INLINE")
    if mode == "INLINE":
        config.refuse_others({"Mode"})
        return False, False
    config.refuse_others({"Mode", "ExecutionType"})
    config.require("ExecutionType")
    return True, config.string("ExecutionType", choices=("STANDARD", "EXPRESS"), default="STANDARD") == "EXPRESS"


def _items(block: Block, jsonata: bool, *, distributed: bool) -> Expression | None:
    if not jsonata:
        return expressions.filter_path(block, "ItemsPath")
    items = block.get("Items")
    if "Items" not in block:
        return None
    if not isinstance(items, (list, dict)) and not is_jsonata(items):
        block.problem("Expected an array, an object or a JSONata expression", "Items")
        return None
    return expressions.items(block, distributed=distributed)


def _reader(block: Block, jsonata: bool) -> Reader | None:
    inner = block.block("ItemReader")
    if inner is None or not inner.require("Resource", _arguments(jsonata)):
        return None
    _refuse_fields(inner, READER_FIELDS, jsonata)
    resource = _resource(inner, READING)
    config = inner.block("ReaderConfig")
    if config is not None:
        _check_reader_config(config, jsonata, lists=resource is not None and resource.action == "listObjectsV2")
    config = config or Block({}, inner.place, inner.problems)
    arguments = expressions.template(inner, _arguments(jsonata), jsonata=jsonata)
    most = _number(
        config, "MaxItems", jsonata=jsonata, maximum=LARGEST_DATASET, refusal="field MaxItems must be positive",
        error=ITEM_READER_FAILED,
    )  # fmt: skip
    return (
        None if resource is None else Reader(resource=resource, arguments=arguments, config=config.data, max_items=most)
    )


def _check_reader_config(config: Block, jsonata: bool, *, lists: bool) -> None:
    """Check ``ReaderConfig``, whose InputType decides which other fields it may have.

    InputType and CSVHeaderLocation are asked for first, and where one is missing, nothing else is said (measured on AWS
    in 2026, as were the messages).
    """
    known: frozenset[str] | None = _CONFIGURED
    kinds: tuple[str, ...] = READER_CHOICES["ManifestType"]
    loads = not lists or config.get("Transformation") == "LOAD_AND_FLATTEN"
    if "InputType" in config or (loads and "ManifestType" not in config):
        kind = config.deciding("InputType", INPUT_TYPES)
        known = CONFIGURED_BY_TYPE.get(kind or "")
        if kind in ("CSV", "JSONL", "PARQUET"):
            kinds = ("ATHENA_DATA",)
        if kind == "CSV":
            known = _csv_fields(config)
    if known is None:
        return
    _refuse_fields(config, known, jsonata)
    for field, choices in (READER_CHOICES | {"ManifestType": kinds}).items():
        if field in known:
            config.string(field, choices=choices)
    headers = config.get("CSVHeaders")
    if "CSVHeaders" in config and not (isinstance(headers, list) and all(isinstance(name, str) for name in headers)):
        config.problem("Expected value of type Array of String", "CSVHeaders")
    pointer = config.string("ItemsPointer") if "ItemsPointer" in known else None
    if pointer and not pointer.startswith("/"):
        config.problem(
            f"Invalid input: JSON Pointer expression must start with '/': {json.dumps(pointer, ensure_ascii=False)}",
            "ItemsPointer",
        )


def _csv_fields(config: Block) -> frozenset[str] | None:
    """Return the fields that go with the place of a CSV file's headers; None where there is no such place."""
    location = config.deciding("CSVHeaderLocation", HEADER_LOCATIONS)
    if location is None:
        return None
    if location == "FIRST_ROW":
        return CONFIGURED_BY_TYPE["CSV"]
    config.require("CSVHeaders")
    return CONFIGURED_BY_TYPE["CSV"] | {"CSVHeaders"}


def _batcher(block: Block, jsonata: bool) -> Batcher | None:
    inner = block.block("ItemBatcher")
    if inner is None:
        return None
    _refuse_fields(inner, BATCHER_FIELDS, jsonata)
    return Batcher(
        batch_input=expressions.template(inner, "BatchInput", jsonata=jsonata),
        max_items=_number(
            inner,
            "MaxItemsPerBatch",
            jsonata=jsonata,
            minimum=1,
            maximum=LARGEST_NUMBER,
            refusal="MaxItemsPerBatch must be positive.",
        ),
        max_bytes=_number(
            inner,
            "MaxInputBytesPerBatch",
            jsonata=jsonata,
            minimum=1,
            maximum=LARGEST_BATCH,
            path_maximum=LARGEST_BATCH,
            refusal=f"MaxInputBytesPerBatch must be between 1 and {LARGEST_BATCH}.",
        ),
    )


def _writer(block: Block, jsonata: bool) -> Writer | None:
    """Parse ``ResultWriter``; AWS accepts an empty one, and fails its executions (aws/aws-cdk pull request 33831).

    What is missing is reported alone (aws/aws-cdk issue 33396).
    """
    inner = block.block("ResultWriter")
    if inner is None or ("Resource" in inner and not inner.require(_arguments(jsonata))):
        return None
    _refuse_fields(inner, WRITER_FIELDS, jsonata)
    config = inner.block("WriterConfig")
    if config is not None:
        config.refuse_others(WRITER_CHOICES)
        for field, choices in WRITER_CHOICES.items():
            config.string(field, choices=choices)
    return Writer(
        resource=_resource(inner, WRITING) if "Resource" in inner else None,
        arguments=expressions.template(inner, _arguments(jsonata), jsonata=jsonata),
        config=config.data if config is not None else {},
    )


def _resource(block: Block, actions: frozenset[str]) -> Resource | None:
    text = block.string("Resource")
    try:
        return parse_map_resource(text, actions) if text is not None else None
    except UnknownResource as error:
        block.problem(str(error), "Resource")
        return None


def _refuse_fields(block: Block, known: frozenset[str], jsonata: bool) -> None:
    refuse_fields(block, known, jsonata=jsonata, foreign=JSONPATH_ONLY if jsonata else JSONATA_ONLY)


def _arguments(jsonata: bool) -> str:
    return "Arguments" if jsonata else "Parameters"


def _number(
    block: Block,
    field: str,
    *,
    jsonata: bool,
    minimum: float = 0,
    maximum: float,
    path_maximum: float = float("inf"),
    integer: bool = True,
    refusal: str = "",
    error: str = RUNTIME,
) -> Expression | None:
    """Compile a number: in the field itself, at the path in ``fieldPath``, or in JSONata by an expression.

    A number at a path is checked only when the state runs, and has a message of its own (recorded,
    ``distributed_map``). `path_maximum` is its upper bound: AWS accepts a number at ``MaxItemsPath`` that is larger
    than any ``MaxItems`` may be (recorded).
    """
    name = field + "Path"
    if jsonata or name not in block:
        return expressions.number(block, field, jsonata=jsonata, minimum=minimum, maximum=maximum, integer=integer)
    if not block.at_most_one(field, name):
        return None
    found = expressions.path(block, name)
    if found is None:
        return None
    refusal = refusal or f"{field} cannot be negative."
    return NumberAt(found, field, block.get(name), integer, minimum, path_maximum, refusal, error)
