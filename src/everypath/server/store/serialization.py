"""Serializes what the server saves to JSON texts, and reads them back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import UTC, datetime
from typing import Any

from everypath.asl.parser.definition import parse
from everypath.engine.child_result import ChildResult, Remains, Tolerance
from everypath.engine.identity import Identity
from everypath.engine.map_run import Counts, MapRun
from everypath.history.events import Event
from everypath.history.outcome import Failure, Outcome, Success
from everypath.history.resume_point import Retried
from everypath.server.protocol import Json
from everypath.server.store.execution_record import ExecutionRecord, Redrives
from everypath.server.store.records import ActivityRecord, Alias, MachineRecord, Revision, Version

_encode = json.JSONEncoder(separators=(",", ":")).encode

_IDENTITY = tuple(field.name for field in fields(Identity))
_COUNTS = ("executions", "items")
#: The fields of a map run, and of the result of a child execution, that are written as they are.
_MAP_RUN = tuple(each.name for each in fields(MapRun) if each.name not in (*_COUNTS, "remains", "awaiting"))
_RESULT = ("status", "start", "stop", "output", "redrives")
#: The fields of a revision that are written as they are.
_PLAIN = ("id", "definition", "role_arn", "logging", "tracing", "encryption", "references", "updated", "key")


def dump_revision(revision: Revision) -> str:
    """Serialize a revision; its definition is parsed again when it is read."""
    kind = "EXPRESS" if revision.tree.express else "STANDARD"
    return _encode({name: getattr(revision, name) for name in _PLAIN} | {"kind": kind})


def load_revision(text: str) -> Revision:
    """Read a revision."""
    members: Json = json.loads(text)
    tree = parse(members["definition"], kind=members.pop("kind"))
    return Revision(tree=tree, **members)


def revisions_of(machine: MachineRecord) -> list[Revision]:
    """Return the current revision of a state machine and those of its versions."""
    revisions = {machine.revision.key: machine.revision}
    revisions |= {version.revision.key: version.revision for version in machine.versions.values()}
    return list(revisions.values())


def dump_machine(machine: MachineRecord) -> str:
    """Serialize a state machine with its versions, aliases and tags."""
    versions = [
        {"number": each.number, "revision": each.revision.key, "description": each.description, "created": each.created}
        for each in machine.versions.values()
    ]
    return _encode(
        {
            "name": machine.name,
            "type": machine.type,
            "created": machine.created,
            "revision": machine.revision.key,
            "last_version": machine.last_version,
            "versions": versions,
            "aliases": [asdict(alias) for alias in machine.aliases.values()],
            "tags": machine.tags,
        }
    )


def load_machine(arn: str, text: str, revisions: Mapping[str, Revision]) -> MachineRecord:
    """Read a state machine."""
    members = json.loads(text)
    versions = {
        each["number"]: Version(
            f"{arn}:{each['number']}",
            each["number"],
            revisions[each["revision"]],
            each["description"],
            each["created"],
        )
        for each in members["versions"]
    }
    aliases = {each["name"]: Alias(**each) for each in members["aliases"]}
    revision = revisions[members["revision"]]
    return MachineRecord(
        arn, members["name"], members["type"], members["created"], revision, members["last_version"], versions, aliases,
        members["tags"],
    )  # fmt: skip


def dump_activity(activity: ActivityRecord) -> str:
    """Serialize an activity with its tags."""
    return _encode(asdict(activity))


def load_activity(text: str) -> ActivityRecord:
    """Read an activity."""
    return ActivityRecord(**json.loads(text))


def dump_execution(execution: ExecutionRecord) -> str:
    """Serialize an execution without its history."""
    redrives = execution.redrives
    return _encode(
        {
            # asdict would take as long as everything else.
            "identity": {name: getattr(execution.identity, name) for name in _IDENTITY},
            "revision": execution.revision.key,
            "input": execution.input_text,
            "started": execution.started,
            "version": execution.version_arn,
            "alias": execution.alias_arn,
            "map_run": execution.map_run and execution.map_run.arn,
            "items": execution.items,
            "trace": execution.trace_header,
            "case": execution.case,
            "redrives": [redrives.count, redrives.date, redrives.tokens],
        }
    )


def load_execution(
    text: str, events: list[Event], revisions: Mapping[str, Revision], map_runs: Mapping[str, MapRun]
) -> ExecutionRecord | None:
    """Read an execution; None for a child of a map run that was interrupted before it was saved itself."""
    members = json.loads(text)
    if members["map_run"] and members["map_run"] not in map_runs:
        return None
    execution = ExecutionRecord(
        Identity(**members["identity"]),
        revisions[members["revision"]],
        members["input"],
        members["started"],
        events,
        version_arn=members["version"],
        alias_arn=members["alias"],
        map_run=map_runs[members["map_run"]] if members["map_run"] else None,
        items=members["items"],
        trace_header=members["trace"],
        case=members["case"],
    )
    execution.redrives = Redrives(*members["redrives"])
    return execution


def dump_events(events: list[Event]) -> str:
    """Serialize some events of a history."""
    return json.dumps(events, default=_seconds, separators=(",", ":"))


def load_events(text: str) -> list[Event]:
    """Read events."""
    events: list[Event] = json.loads(text)
    for event in events:
        event["timestamp"] = datetime.fromtimestamp(event["timestamp"], UTC)
    return events


def dump_retried(retried: list[Retried]) -> str:
    """Serialize the retries of an execution."""
    return _encode([[each.entered, each.after, each.retrier, each.due, each.last] for each in retried])


def load_retried(text: str) -> list[Retried]:
    """Read retries."""
    return [Retried(*each) for each in json.loads(text)]


def dump_map_run(map_run: MapRun) -> str:
    """Serialize a map run, without what a redrive of it needs."""
    counts = {name: asdict(getattr(map_run, name)) for name in _COUNTS}
    return _encode({name: getattr(map_run, name) for name in _MAP_RUN} | counts)


def load_map_run(text: str) -> MapRun:
    """Read a map run."""
    members = json.loads(text)
    members |= {name: Counts(**members[name]) for name in _COUNTS}
    return MapRun(**members)


def dump_remains(remains: Remains) -> str:
    """Serialize what a redrive of a map run needs."""
    results = [None if result is None else _dump_result(result) for result in remains.results]
    return _encode({"inputs": remains.inputs, "results": results, "tolerance": asdict(remains.tolerance)})


def load_remains(text: str) -> Remains:
    """Read what a redrive of a map run needs."""
    members = json.loads(text)
    inputs = [(value, number) for value, number in members["inputs"]]
    results = [
        None if result is None else _load_result(value, result)
        for (value, _), result in zip(inputs, members["results"], strict=True)
    ]
    return Remains(inputs, results, Tolerance(**members["tolerance"]))


def _dump_result(result: ChildResult) -> Json:
    members = {name: getattr(result, name) for name in _RESULT}
    failure = result.failure and asdict(result.failure)
    return members | {"identity": {name: getattr(result.identity, name) for name in _IDENTITY}, "failure": failure}


def _load_result(value: Any, members: Json) -> ChildResult:
    """Read the result of a child execution; its input is that of the map run."""
    failure = members["failure"] and Failure(**members["failure"])
    return ChildResult(**members | {"identity": Identity(**members["identity"]), "input": value, "failure": failure})


def dump_outcome(outcome: Outcome) -> str:
    """Serialize what a worker sent for a task."""
    return _encode({"output": outcome.output} if isinstance(outcome, Success) else {"failure": asdict(outcome)})


def load_outcome(text: str) -> Outcome:
    """Read what a worker sent for a task."""
    members = json.loads(text)
    return Failure(**members["failure"]) if "failure" in members else Success(members["output"])


def _seconds(moment: Any) -> float:
    if not isinstance(moment, datetime):
        raise TypeError(f"{type(moment).__name__} cannot be serialized")
    return moment.timestamp()
