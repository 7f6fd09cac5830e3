"""Reads the items of a distributed Map from Amazon S3 (AWS: "ItemReader (Map)")."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from everypath.asl import json_text
from everypath.asl.error_catalog import ITEM_READER_FAILED
from everypath.asl.errors import StateError
from everypath.asl.tree import Map, Reader
from everypath.engine.cursor import Cursor
from everypath.engine.data import to_text
from everypath.engine.distributed.delimited_text import read_rows
from everypath.engine.item_store import ItemStore, StoreFailure
from everypath.engine.map_items import MapItems

_DELIMITERS = {"COMMA": ",", "PIPE": "|", "SEMICOLON": ";", "SPACE": " ", "TAB": "\t"}


@dataclass(frozen=True, slots=True)
class Dataset:
    """What is to be read: an ``ItemReader`` with its expressions evaluated.

    Parameters
    ----------
    reader : Reader
        Of the definition.
    parameters : dict
        Of the S3 operation.
    limit : int or None
        How many items; None for all.
    """

    reader: Reader
    parameters: dict[str, Any]
    limit: int | None

    @property
    def bucket(self) -> str:
        """The bucket's name."""
        return str(self.parameters.get("Bucket", ""))


async def read_items(state: Map, cursor: Cursor, value: Any) -> MapItems:
    """Read the items of a Map that has a reader.

    ``ItemsPath`` is not applied to what is read, nor to the input (recorded, ``distributed_map``).

    Raises
    ------
    StateError
        ``States.ItemReaderFailed``, or what an expression of the reader comes to.
    """
    reader = state.reader
    assert reader is not None
    scope = cursor.scope(value)
    parameters = {} if reader.arguments is None else reader.arguments.evaluate(scope)
    if not isinstance(parameters, dict):
        raise StateError(ITEM_READER_FAILED, f"The arguments of S3 must be an object, but are {to_text(parameters)}.")
    # Zero is no limit (recorded).
    limit = None if reader.max_items is None else int(reader.max_items.evaluate(scope)) or None
    dataset = Dataset(reader, parameters, limit)
    store = cursor.run.tasks.item_store(cursor.run)
    try:
        items = _read(store, dataset) if not store.blocks else await _outside(cursor, store, dataset)
    except StoreFailure as failure:
        raise StateError(ITEM_READER_FAILED, str(failure)) from None
    return items


async def _outside(cursor: Cursor, store: ItemStore, dataset: Dataset) -> MapItems:
    items: MapItems = await cursor.run.scheduler.outside(lambda: _read(store, dataset))
    return items


def _read(store: ItemStore, dataset: Dataset) -> MapItems:
    config = dataset.reader.config
    if dataset.reader.resource.action == "listObjectsV2":
        if config.get("Transformation") == "LOAD_AND_FLATTEN":
            return _load_and_flatten(store, dataset)
        objects = store.list_objects(dataset.parameters, dataset.limit)
        return MapItems([_listed(each) for each in objects], source=f"s3://{dataset.bucket}")
    _refuse_parquet(config, dataset.parameters)
    content = store.get_object(dataset.parameters)
    key = str(dataset.parameters.get("Key", ""))
    if config.get("ManifestType") == "ATHENA_DATA":
        return _athena_data(store, dataset, content)
    if config.get("InputType") == "MANIFEST" or config.get("ManifestType") == "S3_INVENTORY":
        rows = _inventory(store, content)
        return MapItems(list(islice(rows, dataset.limit)), source=f"s3://{dataset.bucket}/{key}")
    items = _parse(content, config, dataset.limit)
    items.source = f"s3://{dataset.bucket}/{key}"
    return items


def _listed(stored: Mapping[str, Any]) -> dict[str, Any]:
    """Return an object of a bucket as the item that the service makes of it (recorded, ``api_scenarios``)."""
    return {
        "Etag": stored.get("ETag"),
        # The service's examples show whole seconds since the epoch.
        "LastModified": int(stored["LastModified"].timestamp()),
        "Key": stored.get("Key"),
        "Size": stored.get("Size"),
        "StorageClass": stored.get("StorageClass", "STANDARD"),
    }


def _load_and_flatten(store: ItemStore, dataset: Dataset) -> MapItems:
    """Return the items of all objects under a prefix, one after another."""
    _refuse_parquet(dataset.reader.config, {})
    listed = store.list_objects(dataset.parameters, None)
    return _all_items(store, dataset, ((dataset.bucket, stored["Key"]) for stored in listed))


def _athena_data(store: ItemStore, dataset: Dataset, manifest: bytes) -> MapItems:
    """Return the items of all objects that a manifest of Athena names: one ``s3://bucket/key`` in each line."""
    names = [line.strip().strip('"') for line in manifest.decode("utf-8-sig", errors="replace").splitlines()]
    places = [name.removeprefix("s3://").partition("/") for name in names if name]
    if not all(name.startswith("s3://") for name in names if name):
        raise StateError(
            ITEM_READER_FAILED, "The manifest is not one of Athena: its lines must be URIs of objects in S3."
        )
    return _all_items(store, dataset, ((bucket, key) for bucket, _, key in places))


def _all_items(store: ItemStore, dataset: Dataset, places: Iterable[tuple[str, str]]) -> MapItems:
    """Return the items of objects, given by bucket and key, one after another; Athena compresses what it unloads."""
    values: list[Any] = []
    sources: list[str] = []
    for bucket, key in places:
        left = None if dataset.limit is None else dataset.limit - len(values)
        if left == 0:
            break
        content = store.get_object({"Bucket": bucket, "Key": key})
        read = _parse(_unzipped(content), dataset.reader.config, left)
        values += [read.value(index) for index in range(len(read))]
        sources += [f"s3://{bucket}/{key}"] * len(read)
    return MapItems(values, sources=sources)


def _unzipped(content: bytes) -> bytes:
    try:
        return gzip.decompress(content) if content.startswith(b"\x1f\x8b") else content
    except OSError as error:
        raise StateError(ITEM_READER_FAILED, f"A file could not be decompressed: {error}") from None


def _refuse_parquet(config: Mapping[str, Any], parameters: Mapping[str, Any]) -> None:
    """Say that Parquet cannot be read: by AWS, if a version is asked for (measured in 2026), and by everypath."""
    if config.get("InputType") != "PARQUET":
        return
    if "VersionId" in parameters:
        raise StateError(ITEM_READER_FAILED, "S3 Version ID selection is not currently supported for PARQUET files")
    raise StateError(
        ITEM_READER_FAILED,
        "everypath cannot read PARQUET files, which AWS can: give it the same items as JSON Lines.",
    )


def _parse(content: bytes, config: Mapping[str, Any], limit: int | None) -> MapItems:
    kind = config.get("InputType", "JSON")
    try:
        text = content.decode("utf-8-sig")
        if kind == "JSON":
            return _json(text, config.get("ItemsPointer", ""), limit)
        items: Iterable[Any] = csv_items(text, config) if kind == "CSV" else _json_lines(text)
        return MapItems(list(islice(items, limit)))
    except ValueError as error:
        raise StateError(ITEM_READER_FAILED, f"The content of the file could not be read as {kind}: {error}") from None


def csv_items(text: str, config: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    """Yield an item for each row of a delimited file: an object, all of its values strings.

    Missing values are empty strings, values beyond the last header are left out, empty lines are no rows (AWS,
    "ItemReader (Map)", the rules for text delimited files; recorded, ``distributed_map``).

    Parameters
    ----------
    text : str
        The file.
    config : mapping
        ``ReaderConfig``: CSVDelimiter, CSVHeaderLocation and CSVHeaders are used.

    Raises
    ------
    StateError
        Two headers are the same (recorded).
    """
    rows = read_rows(text, _DELIMITERS[config.get("CSVDelimiter", "COMMA")])
    headers = (config.get("CSVHeaders") if config.get("CSVHeaderLocation") == "GIVEN" else next(rows, [])) or []
    if len(set(headers)) < len(headers):
        raise StateError(ITEM_READER_FAILED, "CSV headers cannot contain duplicates.")
    return rows_as_items(headers, rows)


def rows_as_items(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[dict[str, str]]:
    """Yield an object for each row, with its fields in the order in which the service has them."""
    position = {name: index for index, name in enumerate(headers)}
    fields = [(name, position[name]) for name in java_order(position)]
    for row in rows:
        count = len(row)
        yield {name: row[index] if index < count else "" for name, index in fields}


def java_order(names: Iterable[str]) -> list[str]:
    """Return names in the order of Java's HashMap, which is the service's for the fields of a row (recorded).

    The map's table has a power of two of buckets, at least 16, and is never filled to more than three quarters. Names
    that share a bucket stay in the order in which they came.
    """
    unordered = list(names)
    buckets = 16
    while len(unordered) > buckets * 3 // 4:
        buckets *= 2
    return sorted(unordered, key=lambda name: _spread(name) & (buckets - 1))


def _spread(name: str) -> int:
    hashed = 0
    units = name.encode("utf-16-be", "surrogatepass")
    for high, low in zip(units[::2], units[1::2], strict=True):
        hashed = (31 * hashed + (high << 8 | low)) & 0xFFFFFFFF
    return hashed ^ hashed >> 16


def _json(text: str, pointer: str, limit: int | None) -> MapItems:
    """Return the items of a JSON file, which must be an array (recorded)."""
    data = _at(json_text.load(text), pointer)
    if not isinstance(data, list):
        raise StateError(ITEM_READER_FAILED, "Attempting to map over non-iterable node.")
    return MapItems(data[:limit])


def _at(data: Any, pointer: str) -> Any:
    """Follow a JSON pointer (RFC 6901)."""
    for token in pointer.split("/")[1:]:
        name = token.replace("~1", "/").replace("~0", "~")
        try:
            data = data[int(name)] if isinstance(data, list) else data[name]
        except (KeyError, IndexError, ValueError, TypeError):
            raise StateError(
                ITEM_READER_FAILED, f"The ItemsPointer '{pointer}' could not be found in the file."
            ) from None
    return data


def _json_lines(text: str) -> Iterator[Any]:
    return (json_text.load(line) for line in text.split("\n") if line.strip())


def _inventory(store: ItemStore, content: bytes) -> Iterator[dict[str, str]]:
    """Yield the rows of an S3 inventory: its manifest names gzipped CSV files, and the fields in them."""
    try:
        manifest = json.loads(content)
        bucket = manifest["destinationBucket"].rpartition(":")[2]
        headers = [name.strip() for name in manifest["fileSchema"].split(",")]
        keys = [file["key"] for file in manifest["files"]]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise StateError(ITEM_READER_FAILED, f"The manifest is not one of an S3 inventory: {error}") from None
    if manifest.get("fileFormat", "CSV") != "CSV":
        raise StateError(ITEM_READER_FAILED, f"Inventory files in the format {manifest['fileFormat']} cannot be read.")
    for key in keys:
        yield from rows_as_items(headers, _gzipped_rows(store.get_object({"Bucket": bucket, "Key": key})))


def _gzipped_rows(content: bytes) -> Iterator[list[str]]:
    try:
        yield from read_rows(gzip.decompress(content).decode("utf-8"), ",")
    except (OSError, EOFError, ValueError) as error:
        raise StateError(ITEM_READER_FAILED, f"An inventory file could not be read: {error}") from None
