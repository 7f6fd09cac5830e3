"""Parses a Map state."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from everypath.asl.error_catalog import ITEM_READER_FAILED, RUNTIME
from everypath.asl.jsonata import is_jsonata
from everypath.asl.parser import expressions
from everypath.asl.parser.block import LARGEST_NUMBER, Block
from everypath.asl.resource import UnknownResource, parse_map_resource
from everypath.asl.scope import Expression
from everypath.asl.settings import NumberAt
from everypath.asl.tree import Batcher, Map, Reader, StateGraph, Writer

LARGEST_DATASET = 100_000_000
LARGEST_BATCH = 262_144
LONGEST_LABEL = 40
PROCESSOR_FIELDS = frozenset({"ProcessorConfig", "StartAt", "States", "Comment"})

#: Fields of ``ReaderConfig`` and their possible values (AWS: "ItemReader (Map)").
READER_CHOICES = {
    "InputType": ("CSV", "JSON", "JSONL", "PARQUET", "MANIFEST"),
    "Transformation": ("NONE", "LOAD_AND_FLATTEN"),
    "ManifestType": ("ATHENA_DATA", "S3_INVENTORY"),
    "CSVDelimiter": ("COMMA", "PIPE", "SEMICOLON", "SPACE", "TAB"),
    "CSVHeaderLocation": ("FIRST_ROW", "GIVEN"),
}
READER_FIELDS = READER_CHOICES.keys() | {"CSVHeaders", "ItemsPointer", "MaxItems", "MaxItemsPath"}
#: What AWS can read and everypath cannot; refused by name when the definition is loaded.
UNREADABLE = (("InputType", "PARQUET"), ("ManifestType", "ATHENA_DATA"))
WRITER_CHOICES = {"Transformation": ("NONE", "COMPACT", "FLATTEN"), "OutputType": ("JSON", "JSONL")}


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
        label=_label(block),
    )


def _mode(processor: Block) -> tuple[bool, bool]:
    """Whether the mode is DISTRIBUTED, and whether the children are Express executions."""
    config = processor.block("ProcessorConfig")
    if config is None:
        return False, False
    config.refuse_others({"Mode", "ExecutionType"})
    mode = config.string("Mode", choices=("INLINE", "DISTRIBUTED"), default="INLINE")
    kind = config.string("ExecutionType", choices=("STANDARD", "EXPRESS"), default="STANDARD")
    if mode == "DISTRIBUTED":
        config.require("ExecutionType")
    return mode == "DISTRIBUTED", kind == "EXPRESS"


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
    if inner is None or not inner.require("Resource"):
        return None
    inner.refuse_others({"Resource", "ReaderConfig", _arguments(jsonata)})
    config = inner.block("ReaderConfig") or Block({}, inner.place, inner.problems)
    _check_reader_config(config)
    resource = _resource(inner)
    if resource is None:
        return None
    return Reader(
        resource=resource,
        arguments=expressions.template(inner, _arguments(jsonata), jsonata=jsonata),
        config=config.data,
        max_items=_number(
            config, "MaxItems", jsonata=jsonata, maximum=LARGEST_DATASET, refusal="field MaxItems must be positive",
            error=ITEM_READER_FAILED,
        ),
    )  # fmt: skip


def _check_reader_config(config: Block) -> None:
    config.refuse_others(READER_FIELDS)
    for field, choices in READER_CHOICES.items():
        config.string(field, choices=choices)
    for field, value in UNREADABLE:
        if config.get(field) == value:
            config.problem(f"{field} {value} is known to AWS, but everypath cannot read it yet", field)
    if config.get("CSVHeaderLocation") == "GIVEN":
        config.require("CSVHeaders")
    headers = config.get("CSVHeaders")
    if "CSVHeaders" in config and not (isinstance(headers, list) and all(isinstance(name, str) for name in headers)):
        config.problem("Expected value of type Array of String", "CSVHeaders")
    pointer = config.string("ItemsPointer")
    if pointer and not pointer.startswith("/"):
        config.problem("Expected a JSON pointer, which begins with '/'", "ItemsPointer")


def _batcher(block: Block, jsonata: bool) -> Batcher | None:
    inner = block.block("ItemBatcher")
    if inner is None:
        return None
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
    inner = block.block("ResultWriter")
    if inner is None:
        return None
    if "Resource" not in inner and "WriterConfig" not in inner:
        inner.problem("There should be one of the following fields: [Resource, WriterConfig]")
    config = inner.block("WriterConfig")
    if config is not None:
        config.refuse_others(WRITER_CHOICES)
        for field, choices in WRITER_CHOICES.items():
            config.string(field, choices=choices)
    return Writer(
        resource=_resource(inner) if "Resource" in inner else None,
        arguments=expressions.template(inner, _arguments(jsonata), jsonata=jsonata),
        config=config.data if config is not None else {},
    )


def _resource(block: Block) -> Any:
    text = block.string("Resource")
    try:
        return parse_map_resource(text) if text is not None else None
    except UnknownResource as error:
        block.problem(str(error), "Resource")
        return None


def _label(block: Block) -> str | None:
    label = block.string("Label")
    if label is not None and not 0 < len(label) <= LONGEST_LABEL:
        block.problem(f"A Label must have 1 to {LONGEST_LABEL} characters", "Label")
    return label


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
