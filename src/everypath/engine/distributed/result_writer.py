"""Writes the results of a distributed Map, to Amazon S3 or into its output (AWS: "ResultWriter (Map)")."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from everypath.asl.error_catalog import RESULT_WRITER_FAILED
from everypath.asl.errors import StateError
from everypath.asl.timestamps import format_timestamp
from everypath.asl.tree import Map, Writer
from everypath.engine.child_result import ChildResult
from everypath.engine.cursor import Cursor
from everypath.engine.data import to_text
from everypath.engine.distributed.child_runs import ChildRuns
from everypath.engine.item_store import StoreFailure
from everypath.engine.map_run import MapRun


def results_as_output(writer: Writer | None, results: Iterable[ChildResult | None]) -> Any:
    """Return the results as the Map's own result, in the order of the items.

    A child execution that failed, which was tolerated, has its status, its error and its cause there (measured on AWS);
    without a transformation, all that is known of it.
    """
    config = {} if writer is None else writer.config
    records = _transformed(
        config.get("Transformation", "COMPACT"), [each for each in results if each is not None], _tolerated
    )
    return _jsonl(records) if config.get("OutputType") == "JSONL" else records


async def write_results(state: Map, cursor: Cursor, value: Any, map_run: MapRun, children: ChildRuns) -> Any:
    """Write the results to the bucket that a Map's writer names, and return the Map's own result.

    Raises
    ------
    StateError
        ``States.ResultWriterFailed``, or what an expression of the writer comes to.
    """
    assert state.writer is not None
    arguments = state.writer.arguments
    parameters = {} if arguments is None else arguments.evaluate(cursor.scope(value))
    if not isinstance(parameters, dict):
        raise StateError(RESULT_WRITER_FAILED, f"The arguments of S3 must be an object, but are {to_text(parameters)}.")
    bucket = parameters.get("Bucket", "")
    folder = "/".join(part for part in (str(parameters.get("Prefix") or "").strip("/"), map_run.id) if part)
    files, manifest = _files(state.writer, folder, bucket, map_run, children)
    key = f"{folder}/manifest.json"
    store = cursor.run.tasks.item_store(cursor.run)

    def put() -> None:
        for name, text in [*files, (key, to_text(manifest))]:
            store.put_object(parameters | {"Key": name, "Body": text.encode(), "ContentType": "application/json"})

    parameters = {name: value for name, value in parameters.items() if name != "Prefix"}
    try:
        if store.blocks:
            await cursor.run.scheduler.outside(put)
        else:
            put()
    except StoreFailure as failure:
        raise StateError(RESULT_WRITER_FAILED, str(failure)) from None
    return {"MapRunArn": map_run.arn, "ResultWriterDetails": {"Bucket": bucket, "Key": key}}


def _files(
    writer: Writer, folder: str, bucket: str, map_run: MapRun, children: ChildRuns
) -> tuple[list[tuple[str, str]], dict[str, Any]]:
    """Return the files of the results, as key and content, and the manifest that lists them."""
    json_lines = writer.config.get("OutputType") == "JSONL"
    transformation = writer.config.get("Transformation", "NONE")
    ended = [result for result in children.results if result is not None]
    by_status = {
        "FAILED": _transformed(transformation, [result for result in ended if result.failure is not None], _record),
        "PENDING": [_pending(children, index) for index, result in enumerate(children.results) if result is None],
        "SUCCEEDED": _transformed(transformation, [result for result in ended if result.failure is None], _record),
    }
    files: list[tuple[str, str]] = []
    listed: dict[str, list[dict[str, Any]]] = {}
    for status, records in by_status.items():
        listed[status] = []
        if records:
            key = f"{folder}/{status}_0.{'jsonl' if json_lines else 'json'}"
            text = _jsonl(records) if json_lines else to_text(records)
            files.append((key, text))
            listed[status].append({"Key": key, "Size": len(text.encode())})
    return files, {"DestinationBucket": bucket, "MapRunArn": map_run.arn, "ResultFiles": listed}


def _tolerated(result: ChildResult) -> dict[str, Any]:
    assert result.failure is not None
    record = {"Status": result.status, "Error": result.failure.error, "Cause": result.failure.cause}
    return {name: text for name, text in record.items() if text is not None}


def _transformed(
    transformation: str, results: list[ChildResult], failed: Callable[[ChildResult], dict[str, Any]]
) -> list[Any]:
    """Return the results as COMPACT, FLATTEN or NONE has them; `failed` makes the record of one that failed."""
    transformed: list[Any] = []
    for result in results:
        if transformation == "NONE":
            transformed.append(_record(result))
        elif result.failure is not None:
            transformed.append(failed(result))
        elif transformation == "FLATTEN" and isinstance(result.output, list):
            transformed += result.output
        else:
            transformed.append(result.output)
    return transformed


def _record(result: ChildResult) -> dict[str, Any]:
    """Return all that is known of a child execution, as the service's example of a result file shows it.

    The fields of one that failed are those of a file that the service wrote in January 2025.
    """
    identity, failure = result.identity, result.failure
    record: dict[str, Any] = {} if failure is None else {"Cause": failure.cause, "Error": failure.error}
    record = {name: text for name, text in record.items() if text is not None}
    record |= {"ExecutionArn": identity.arn, "Input": to_text(result.input), "InputDetails": {"Included": True}}
    record["Name"] = identity.name
    if failure is None:
        record["Output"] = to_text(result.output)
    record |= {"OutputDetails": {"Included": True}, "RedriveCount": result.redrives}
    record["RedriveStatus"] = "REDRIVABLE_BY_MAP_RUN" if failure else "NOT_REDRIVABLE"
    if failure is None:
        record["RedriveStatusReason"] = "Execution is SUCCEEDED and cannot be redriven"
    return record | {
        "StartDate": format_timestamp(result.start),
        "StateMachineArn": identity.state_machine_arn,
        "Status": result.status,
        "StopDate": format_timestamp(result.stop),
    }


def _pending(children: ChildRuns, index: int) -> dict[str, Any]:
    return {"Input": to_text(children.inputs[index][0]), "InputDetails": {"Included": True}, "Status": "PENDING"}


def _jsonl(records: list[Any]) -> str:
    return "".join(to_text(record) + "\n" for record in records)
