from __future__ import annotations

import gzip
import json
from typing import Any

import pytest

from everypath.asl.errors import DefinitionError
from everypath.asl.parser.definition import parse
from everypath.engine.distributed.item_reader import java_order
from tests.unit.engine.distributed import LIST, Store, World, distributed, read, reader, run_map

FIRST_ROW = {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"}


def test_the_items_of_a_file_are_read_after_the_map_run_has_started() -> None:
    execution = read("[1, 2]", {"InputType": "JSON"})
    assert execution.output == [1, 2]
    assert execution.require_history().events[2]["mapStateStartedEventDetails"] == {"length": 0}
    assert execution.event_types[2:5] == ["MapStateStarted", "MapRunStarted", "MapRunSucceeded"]


def test_items_path_is_not_applied_where_there_is_a_reader() -> None:
    assert read("[[1]]", {"InputType": "JSON"}, ItemsPath="$.nowhere").output == [[1]]


def test_the_members_of_a_json_object_are_items() -> None:
    assert read('{"a": 1}', {"InputType": "JSON"}).output == [{"Key": "a", "Value": 1}]


def test_an_items_pointer_finds_the_items_in_a_json_file() -> None:
    config = {"InputType": "JSON", "ItemsPointer": "/a~1b/1"}
    assert read('{"a/b": [0, [7, 8]]}', config).output == [7, 8]


def test_json_lines_are_items() -> None:
    assert read('{"a": 1}\n\n[2]\n', {"InputType": "JSONL"}).output == [{"a": 1}, [2]]


def test_csv_takes_its_headers_from_the_first_row() -> None:
    assert read("A,B\n1,2\n", FIRST_ROW).output == [{"A": "1", "B": "2"}]


def test_csv_takes_given_headers_and_then_the_first_row_is_an_item() -> None:
    config = {"InputType": "CSV", "CSVHeaderLocation": "GIVEN", "CSVHeaders": ["A", "B"]}
    assert read("1,2\n3,4", config).output == [{"A": "1", "B": "2"}, {"A": "3", "B": "4"}]


def test_a_row_that_is_too_short_is_filled_up_and_one_that_is_too_long_cut_off() -> None:
    assert read("A,B\n1\n1,2,3\n,,,\n   \n\n", FIRST_ROW).output == [
        {"A": "1", "B": ""}, {"A": "1", "B": "2"}, {"A": "", "B": ""}, {"A": "   ", "B": ""},
    ]  # fmt: skip


def test_a_header_may_be_empty() -> None:
    assert read("A,\n1,2", FIRST_ROW).output == [{"A": "1", "": "2"}]


def test_quoted_values_may_hold_commas_newlines_and_quotes() -> None:
    assert read('A,B\n"1,\n2","say ""hi"""', FIRST_ROW).output == [{"A": "1,\n2", "B": 'say "hi"'}]


def test_a_backslash_escapes_what_follows_it() -> None:
    assert read("A,B\n1\\,2,\\\\x\\y", FIRST_ROW).output == [{"A": "1,2", "B": "\\xy"}]


@pytest.mark.parametrize(
    ("name", "sign"), [("PIPE", "|"), ("SEMICOLON", ";"), ("SPACE", " "), ("TAB", "\t"), ("COMMA", ",")]
)
def test_values_may_be_delimited_by_other_signs(name: str, sign: str) -> None:
    assert read(f"A{sign}B\n1{sign}2", FIRST_ROW | {"CSVDelimiter": name}).output == [{"A": "1", "B": "2"}]


def test_the_fields_of_a_row_are_in_the_order_of_a_java_hash_map() -> None:
    assert java_order(["0", "True", "{}"]) == ["0", "{}", "True"]
    assert java_order(["H1", ""]) == ["", "H1"]
    assert java_order(["Col1", "Col2", "Col3"]) == ["Col1", "Col2", "Col3"]


@pytest.mark.parametrize(("limit", "count"), [(0, 3), (2, 2), (100_000_000, 3)])
def test_max_items_limits_what_is_read_and_zero_does_not(limit: int, count: int) -> None:
    assert len(read("[1, 2, 3]", {"InputType": "JSON", "MaxItems": limit}).output) == count


@pytest.mark.parametrize(("given", "count"), [(0, 3), ("2", 2), (100_000_001, 3)])
def test_max_items_may_be_in_the_input_as_a_number_or_its_digits(given: object, count: int) -> None:
    state = distributed(ItemReader=reader({"InputType": "JSON", "MaxItemsPath": "$.most"}))
    execution, _ = run_map(state, {"most": given}, World(Store({"file": b"[1, 2, 3]"})))
    assert len(execution.output) == count


@pytest.mark.parametrize(
    ("given", "cause"),
    [
        (-1, "field MaxItems must be positive"),
        ("x", 'The MaxItemsPath field refers to value "x" which is not a valid integer: $.most'),
    ],
)
def test_a_limit_that_makes_no_sense_fails_the_reader(given: object, cause: str) -> None:
    state = distributed(ItemReader=reader({"InputType": "JSON", "MaxItemsPath": "$.most"}))
    execution, _ = run_map(state, {"most": given})
    assert (execution.error, execution.cause) == ("States.ItemReaderFailed", cause)


@pytest.mark.parametrize(
    ("content", "config"),
    [
        ("{", {"InputType": "JSON"}),
        ("1\nx", {"InputType": "JSONL"}),
        (b"\xff", FIRST_ROW),
        ("7", {"InputType": "JSON"}),
    ],
)
def test_a_file_that_cannot_be_read_fails_the_map_run(content: str | bytes, config: dict[str, Any]) -> None:
    execution = read(content, config)
    assert execution.error == "States.ItemReaderFailed"
    assert execution.event_types[-3:] == ["MapRunFailed", "MapStateFailed", "ExecutionFailed"]


def test_an_object_that_does_not_exist_fails_the_reader_with_what_the_store_says() -> None:
    execution, _ = run_map(distributed(ItemReader=reader({"InputType": "JSON"})))
    assert (execution.error, execution.cause) == ("States.ItemReaderFailed", "The specified key does not exist.")
    failed = next(event for event in execution.require_history().events if event["type"] == "MapRunFailed")
    assert failed["mapRunFailedEventDetails"]["error"] == "States.ItemReaderFailed"


def test_listed_objects_are_items_as_the_service_spells_them() -> None:
    world = World(Store({"p/a": b"12", "p/b": b"3", "q": b""}))
    state = distributed(ItemReader=reader(None, LIST, Bucket="b", Prefix="p/"))
    execution, _ = run_map(state, world=world)
    assert list(execution.output[0]) == ["Etag", "LastModified", "Key", "Size", "StorageClass"]
    assert [(item["Key"], item["Size"]) for item in execution.output] == [("p/a", 2), ("p/b", 1)]
    assert execution.output[0]["LastModified"] == 1767225600


def test_the_source_of_an_item_is_where_it_was_read() -> None:
    selector = {"s.$": "$$.Map.Item.Source"}
    world = World(Store({"file": b"[1]", "p/a": b"[2]"}))
    listed = reader(None, LIST, Bucket="b", Prefix="p/")
    flattened = reader({"InputType": "JSON", "Transformation": "LOAD_AND_FLATTEN"}, LIST, Bucket="b", Prefix="p/")
    for given, source in ((reader(), "S3://b/file"), (listed, "S3://b"), (flattened, "S3://b/p/a")):
        execution, _ = run_map(distributed(ItemReader=given, ItemSelector=selector), world=world)
        assert execution.output == [{"s": source}]


def test_the_contents_of_listed_objects_can_be_items() -> None:
    world = World(Store({"p/a": b"[1, 2]", "p/b": b"[3, 4]"}))
    config = {"InputType": "JSON", "Transformation": "LOAD_AND_FLATTEN", "MaxItems": 3}
    execution, _ = run_map(distributed(ItemReader=reader(config, LIST, Bucket="b", Prefix="p/")), world=world)
    assert execution.output == [1, 2, 3]


def test_the_rows_of_an_inventory_are_items() -> None:
    manifest = {
        "destinationBucket": "arn:aws:s3:::inventory",
        "fileFormat": "CSV",
        "fileSchema": "Bucket, Key, Size",
        "files": [{"key": "data.csv.gz"}],
    }
    world = World(Store({"file": json.dumps(manifest).encode(), "data.csv.gz": gzip.compress(b'"b","k","1"\n')}))
    execution, _ = run_map(distributed(ItemReader=reader({"InputType": "MANIFEST"})), world=world)
    assert execution.output == [{"Bucket": "b", "Key": "k", "Size": "1"}]


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"InputType": "PARQUET"}, "InputType PARQUET is known to AWS"),
        ({"InputType": "MANIFEST", "ManifestType": "ATHENA_DATA"}, "ManifestType ATHENA_DATA is known to AWS"),
        ({"InputType": "XML"}, "The field 'InputType' should have one of these values"),
        ({"InputType": "CSV", "CSVHeaderLocation": "GIVEN"}, "CSVHeaders"),
        ({"Format": "CSV"}, "Field 'Format' is not supported"),
    ],
)
def test_a_reader_that_cannot_be_followed_is_refused_when_the_definition_is_loaded(
    config: dict[str, Any], message: str
) -> None:
    with pytest.raises(DefinitionError, match=message):
        parse({"StartAt": "M", "States": {"M": distributed(ItemReader=reader(config))}})
