from __future__ import annotations

import gzip
import json
from typing import Any

import pytest

from everypath.asl.errors import DefinitionError
from everypath.asl.parser.definition import parse
from everypath.engine.distributed.item_reader import java_order
from tests.unit.engine.distributed import (
    LIST,
    PASS,
    READ,
    WRITE,
    Store,
    World,
    distributed,
    read,
    reader,
    run_definition,
    run_map,
)

FIRST_ROW = {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"}


def test_the_items_of_a_file_are_read_after_the_map_run_has_started() -> None:
    execution = read("[1, 2]", {"InputType": "JSON"})
    assert execution.output == [1, 2]
    assert execution.require_history().events[2]["mapStateStartedEventDetails"] == {"length": 0}
    assert execution.event_types[2:5] == ["MapStateStarted", "MapRunStarted", "MapRunSucceeded"]


def test_items_path_is_not_applied_where_there_is_a_reader() -> None:
    assert read("[[1]]", {"InputType": "JSON"}, ItemsPath="$.nowhere").output == [[1]]


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


def test_a_backslash_escapes_a_backslash_a_quote_or_the_delimiter_and_is_removed_before_anything_else() -> None:
    assert read("A,B\n1\\,2,\\\\x\\y", FIRST_ROW).output == [{"A": "1,2", "B": "\\xy"}]
    assert read('A,B\n\\"1\\",\\|', FIRST_ROW).output == [{"A": '"1"', "B": "|"}]
    assert read("A,B\n5,C:\\data\\\n6,D:\\more\n", FIRST_ROW).output == [
        {"A": "5", "B": "C:data"}, {"A": "6", "B": "D:more"},
    ]  # fmt: skip


def test_an_unquoted_value_keeps_its_text_and_one_of_two_quotes() -> None:
    assert read('A,B\nann,{""sku"":""p1""}\n', FIRST_ROW).output == [{"A": "ann", "B": '{"sku":"p1"}'}]
    assert read('A,B\n5" disk,x "y" z', FIRST_ROW).output == [{"A": '5" disk', "B": 'x "y" z'}]
    assert read('A,B\n "a b" , c ', FIRST_ROW).output == [{"A": "a b ", "B": " c "}]
    assert read('A,B\n"",""""\n', FIRST_ROW).output == [{"A": "", "B": '"'}]


def test_a_quoted_value_may_go_over_several_lines_and_to_the_end_of_the_file() -> None:
    assert read('A,B\r\n"1\r\n,\r\n2",x\r\n3,"4\n', FIRST_ROW).output == [
        {"A": "1\n,\n2", "B": "x"}, {"A": "3", "B": "4\n"},
    ]  # fmt: skip


def test_a_value_may_be_as_long_as_it_likes() -> None:
    assert read(f"A,B\n{'x' * 140_000},1", FIRST_ROW).output[0]["B"] == "1"
    assert len(read(f'A\n"{"x" * 140_000}"', FIRST_ROW).output[0]["A"]) == 140_000


@pytest.mark.parametrize(
    ("content", "config"),
    [("A,B,A\n1,2,3", FIRST_ROW), ("1,2", FIRST_ROW | {"CSVHeaderLocation": "GIVEN", "CSVHeaders": ["A", "A"]})],
)
def test_headers_that_are_the_same_fail_the_map_run(content: str, config: dict[str, Any]) -> None:
    execution = read(content, config)
    assert (execution.error, execution.cause) == ("States.ItemReaderFailed", "CSV headers cannot contain duplicates.")
    assert execution.event_types[-3:] == ["MapRunFailed", "MapStateFailed", "ExecutionFailed"]


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


def test_a_negative_limit_fails_the_reader() -> None:
    state = distributed(ItemReader=reader({"InputType": "JSON", "MaxItemsPath": "$.most"}))
    execution, _ = run_map(state, {"most": -1})
    assert (execution.error, execution.cause) == ("States.ItemReaderFailed", "field MaxItems must be positive")


@pytest.mark.parametrize(
    ("input", "shown"), [({"most": "x"}, "x"), ({"most": 2.5}, "2.5"), ({"most": None}, "null"), ({}, None)]
)
def test_a_limit_that_is_no_whole_number_is_a_runtime_error(input: dict[str, Any], shown: str | None) -> None:
    catch = [{"ErrorEquals": ["States.ItemReaderFailed", "States.TaskFailed"], "Next": "Z"}]
    state = distributed(ItemReader=reader({"InputType": "JSON", "MaxItemsPath": "$.most"}), Catch=catch)
    execution, _ = run_definition({"StartAt": "M", "States": {"M": state, "Z": PASS}}, input)
    assert execution.error == "States.Runtime"
    wrong = f'The MaxItemsPath field refers to value "{shown}" which is not a valid integer: $.most'
    missing = "Invalid path '$.most' : No results for path: $['most']"
    assert execution.cause is not None
    assert execution.cause.endswith(missing if shown is None else wrong)


@pytest.mark.parametrize(
    ("content", "config"),
    [
        ("{", {"InputType": "JSON"}),
        ("1\nx", {"InputType": "JSONL"}),
        (b"\xff", FIRST_ROW),
        ("7", {"InputType": "JSON"}),
        ('{"a": 1}', {"InputType": "JSON"}),
        ("[NaN]", {"InputType": "JSON"}),
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
    for given, source in ((reader(), "s3://b/file"), (listed, "s3://b"), (flattened, "s3://b/p/a")):
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


def reader_problems(resource: str = READ, language: str = "JSONPath", **config: Any) -> list[str]:
    arguments = "Arguments" if language == "JSONata" else "Parameters"
    item_reader = {"Resource": resource, "ReaderConfig": config, arguments: {"Bucket": "b", "Key": "k"}}
    state = distributed(QueryLanguage=language, ItemReader=item_reader)
    try:
        parse({"StartAt": "M", "States": {"M": state}})
    except DefinitionError as error:
        assert {problem.location for problem in error.problems} <= {
            "/States/M/ItemReader/ReaderConfig",
            *(f"/States/M/ItemReader/ReaderConfig/{field}" for field in config),
        }
        return [problem.message for problem in error.problems]
    return []


@pytest.mark.parametrize(
    ("config", "messages"),
    [
        ({"InputType": "CSV"}, ["The field 'CSVHeaderLocation' is required"]),
        ({"ManifestType": "S3_INVENTORY", "InputType": "CSV"}, ["The field 'CSVHeaderLocation' is required"]),
        ({"InputType": "CSV", "ItemsPointer": "/a"}, ["The field 'CSVHeaderLocation' is required"]),
        (
            {"InputType": "CSV", "CSVHeaderLocation": "GIVEN"},
            ["These fields are required: [CSVHeaders]"],
        ),
        (
            {"InputType": "CSV", "CSVHeaderLocation": "LAST_ROW"},
            ["The field 'CSVHeaderLocation' should have one of these values: [FIRST_ROW, GIVEN]"],
        ),
        (
            {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW", "CSVHeaders": ["a"], "ItemsPointer": "/a"},
            ["Field 'CSVHeaders' is not supported", "Field 'ItemsPointer' is not supported"],
        ),
        (
            {"InputType": "JSONL", "CSVHeaderLocation": "GIVEN", "CSVHeaders": ["id"]},
            ["Field 'CSVHeaderLocation' is not supported", "Field 'CSVHeaders' is not supported"],
        ),
        ({"ManifestType": "ATHENA_DATA", "InputType": "JSON"}, ["Field 'ManifestType' is not supported"]),
        (
            {"InputType": "JSON", "ItemsPointer": "data/items"},
            ["Invalid input: JSON Pointer expression must start with '/': \"data/items\""],
        ),
        ({"MaxItems": 2}, ["The field 'InputType' is required"]),
        (
            {"InputType": "XML", "Format": "x"},
            ["The field 'InputType' should have one of these values: [CSV, JSON, JSONL, PARQUET, MANIFEST]"],
        ),
        ({"InputType": "JSON", "Format": "x"}, ["Field 'Format' is not supported"]),
        ({"InputType": "PARQUET"}, []),
        ({"InputType": "PARQUET", "ManifestType": "ATHENA_DATA"}, []),
        ({"ManifestType": "S3_INVENTORY"}, []),
        ({"InputType": "MANIFEST"}, []),
    ],
)
def test_the_input_type_decides_what_a_reader_may_have(config: dict[str, Any], messages: list[str]) -> None:
    assert reader_problems(**config) == messages


def test_a_reader_of_a_list_needs_an_input_type_where_it_loads_what_is_listed() -> None:
    assert reader_problems(LIST, MaxItems=2) == []
    assert reader_problems(LIST, Transformation="LOAD_AND_FLATTEN") == ["The field 'InputType' is required"]
    assert reader_problems(LIST, Transformation="LOAD_AND_FLATTEN", InputType="JSONL") == []


def test_a_jsonata_reader_has_no_path_fields() -> None:
    assert reader_problems(language="JSONata", InputType="JSON", MaxItemsPath="$.n") == [
        "The QueryLanguage is set to 'JSONata', but field 'MaxItemsPath' is only supported for the 'JSONPath' "
        "QueryLanguage"
    ]


NEEDS_ARGUMENTS = "These fields are required: [Arguments]"
WRONG_LANGUAGE = "is only supported for the 'JSONPath' QueryLanguage"


@pytest.mark.parametrize(
    ("field", "block", "language", "place", "message"),
    [
        ("ItemReader", {"Resource": WRITE, "Parameters": {}}, "JSONPath", "/Resource", "is not recognized"),
        ("ItemReader", {"Resource": READ}, "JSONPath", "", "These fields are required: [Parameters]"),
        ("ItemReader", {"Parameters": {}}, "JSONata", "", "These fields are required: [Resource, Arguments]"),
        ("ItemReader", {"Resource": READ, "Parameters": {}, "Prefix": "p"}, "JSONPath", "", "Field 'Prefix' is not"),
        ("ItemBatcher", {"MaxItemPerBatch": 2}, "JSONPath", "", "Field 'MaxItemPerBatch' is not supported"),
        ("ItemBatcher", {"MaxItemsPerBatchPath": "$.n"}, "JSONata", "", WRONG_LANGUAGE),
        ("ItemBatcher", {"MaxInputBytesPerBatchPath": "$.n"}, "JSONata", "", WRONG_LANGUAGE),
        ("ResultWriter", {"Resource": WRITE}, "JSONata", "", NEEDS_ARGUMENTS),
        ("ResultWriter", {"Resource": WRITE, "Parameters": {}}, "JSONata", "", NEEDS_ARGUMENTS),
        ("ResultWriter", {"Resource": READ, "Parameters": {}}, "JSONPath", "/Resource", "is not recognized"),
        ("ResultWriter", {"Resource": WRITE, "Parameters": {}, "Prefix": "p"}, "JSONPath", "", "Field 'Prefix' is not"),
        (
            "ResultWriter",
            {"WriterConfig": {"Output": 1}},
            "JSONPath",
            "/WriterConfig",
            "Field 'Output' is not supported",
        ),
    ],
)
def test_what_is_inside_a_map_is_checked(
    field: str, block: dict[str, Any], language: str, place: str, message: str
) -> None:
    with pytest.raises(DefinitionError) as caught:
        state = distributed(QueryLanguage=language) | {field: block}
        parse({"StartAt": "M", "States": {"M": state}})
    [problem] = caught.value.problems
    assert problem.location == f"/States/M/{field}{place}"
    assert message in problem.message


def test_a_parquet_file_of_a_version_is_what_aws_cannot_read_and_any_other_everypath() -> None:
    def failed(**parameters: str) -> tuple[str | None, str | None]:
        given = reader({"InputType": "PARQUET"}, Bucket="b", Key="file", **parameters)
        execution, _ = run_map(distributed(ItemReader=given), world=World(Store({"file": b"PAR1"})))
        return execution.error, execution.cause

    refused = "S3 Version ID selection is not currently supported for PARQUET files"
    assert failed(VersionId="1") == ("States.ItemReaderFailed", refused)
    assert "everypath cannot read PARQUET files" in str(failed()[1])


def test_a_manifest_of_athena_names_the_objects_that_have_the_items() -> None:
    config = {"ManifestType": "ATHENA_DATA", "InputType": "JSONL", "MaxItems": 3}
    objects = {"file": b'"s3://b/one.gz"\n"s3://b/two"\n', "one.gz": gzip.compress(b"1\n2\n"), "two": b"3\n4\n"}
    execution, _ = run_map(distributed(ItemReader=reader(config)), world=World(Store(objects)))
    assert execution.output == [1, 2, 3]


def test_every_mistake_inside_a_map_is_told() -> None:
    state = distributed(
        QueryLanguage="JSONata",
        ItemReader={
            "Resource": WRITE,
            "ReaderConfig": {"InputType": "JSON", "MaxItemsPath": "$.limit"},
            "Arguments": {"Bucket": "some-bucket", "Key": "rows.json"},
        },
        ItemBatcher={"MaxItemsPerBatchPath": "$.size", "MaxItemPerBatch": 2},
        ResultWriter={"Resource": WRITE, "Parameters": {"Bucket": "some-bucket"}, "Prefix": "out"},
    )
    with pytest.raises(DefinitionError) as caught:
        parse({"StartAt": "M", "States": {"M": state}})
    assert [problem.location.removeprefix("/States/M/") for problem in caught.value.problems] == [
        "ItemReader/Resource", "ItemReader/ReaderConfig", "ItemBatcher", "ItemBatcher", "ResultWriter",
    ]  # fmt: skip
