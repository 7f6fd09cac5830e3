"""What is kept on disk, as JSON texts, and back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import UTC, datetime
from typing import Any

from everypath.asl.parser.definition import parse
from everypath.engine.distributed.child_result import ChildResult, Remains, Tolerance
from everypath.engine.distributed.map_run import Counts, MapRun
from everypath.engine.identity import Identity
from everypath.history.log import Event
from everypath.history.outcome import Failure, Outcome, Success
from everypath.history.resume_point import Retried
from everypath.server.execution import Execution, Redrives
from everypath.server.protocol import Json
from everypath.server.store import Activity, Alias, Machine, Revision, Version

_encode = json.JSONEncoder(separators=(",", ":")).encode

_IDENTITY = tuple(field.name for field in fields(Identity))
_COUNTS = ("executions", "items")
#: What of a map run is written as it is, and what of the result of a child execution.
_MAP_RUN = tuple(each.name for each in fields(MapRun) if each.name not in (*_COUNTS, "remains", "awaiting"))
_RESULT = ("status", "start", "stop", "output", "redrives")
#: What of a revision is written as it is.
_PLAIN = ("id", "definition", "role_arn", "logging", "tracing", "encryption", "references", "updated", "key")


def revision_text(revision: Revision) -> str:
    """A revision; its definition is parsed again when it is read."""
    kind = "EXPRESS" if revision.tree.express else "STANDARD"
    return _encode({name: getattr(revision, name) for name in _PLAIN} | {"kind": kind})


def read_revision(text: str) -> Revision:
    """The revision of a text."""
    found: Json = json.loads(text)
    tree = parse(found["definition"], kind=found.pop("kind"))
    return Revision(tree=tree, **found)


def revisions_of(machine: Machine) -> list[Revision]:
    """The revisions that a state machine has now."""
    found = {machine.revision.key: machine.revision}
    found |= {version.revision.key: version.revision for version in machine.versions.values()}
    return list(found.values())


def machine_text(machine: Machine) -> str:
    """A state machine with its versions, aliases and tags."""
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


def read_machine(arn: str, text: str, revisions: Mapping[str, Revision]) -> Machine:
    """The state machine of a text."""
    found = json.loads(text)
    versions = {
        each["number"]: Version(
            f"{arn}:{each['number']}",
            each["number"],
            revisions[each["revision"]],
            each["description"],
            each["created"],
        )
        for each in found["versions"]
    }
    aliases = {each["name"]: Alias(**each) for each in found["aliases"]}
    revision = revisions[found["revision"]]
    return Machine(
        arn, found["name"], found["type"], found["created"], revision, found["last_version"], versions, aliases,
        found["tags"],
    )  # fmt: skip


def activity_text(activity: Activity) -> str:
    """An activity with its tags."""
    return _encode(asdict(activity))


def read_activity(text: str) -> Activity:
    """The activity of a text."""
    return Activity(**json.loads(text))


def execution_text(execution: Execution) -> str:
    """An execution without its history."""
    redrives = execution.redrives
    return _encode(
        {
            # Not by asdict, which takes as long as all the rest.
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


def read_execution(
    text: str, events: list[Event], revisions: Mapping[str, Revision], map_runs: Mapping[str, MapRun]
) -> Execution | None:
    """The execution of a text; None for a child of a map run that was interrupted before it was kept itself."""
    found = json.loads(text)
    if found["map_run"] and found["map_run"] not in map_runs:
        return None
    execution = Execution(
        Identity(**found["identity"]),
        revisions[found["revision"]],
        found["input"],
        found["started"],
        events,
        version_arn=found["version"],
        alias_arn=found["alias"],
        map_run=map_runs[found["map_run"]] if found["map_run"] else None,
        items=found["items"],
        trace_header=found["trace"],
        case=found["case"],
    )
    execution.redrives = Redrives(*found["redrives"])
    return execution


def events_text(events: list[Event]) -> str:
    """Some events of a history."""
    return json.dumps(events, default=_seconds, separators=(",", ":"))


def read_events(text: str) -> list[Event]:
    """The events of a text."""
    events: list[Event] = json.loads(text)
    for event in events:
        event["timestamp"] = datetime.fromtimestamp(event["timestamp"], UTC)
    return events


def retried_text(retried: list[Retried]) -> str:
    """What the retriers of an execution have taken."""
    return _encode([[each.entered, each.after, each.retrier, each.due, each.last] for each in retried])


def read_retried(text: str) -> list[Retried]:
    """What retriers have taken, of a text."""
    return [Retried(*each) for each in json.loads(text)]


def map_run_text(map_run: MapRun) -> str:
    """A map run, without what it takes to redrive it."""
    counts = {name: asdict(getattr(map_run, name)) for name in _COUNTS}
    return _encode({name: getattr(map_run, name) for name in _MAP_RUN} | counts)


def read_map_run(text: str) -> MapRun:
    """The map run of a text."""
    found = json.loads(text)
    found |= {name: Counts(**found[name]) for name in _COUNTS}
    return MapRun(**found)


def remains_text(remains: Remains) -> str:
    """What it takes to redrive a map run."""
    results = [None if result is None else _result(result) for result in remains.results]
    return _encode({"inputs": remains.inputs, "results": results, "tolerance": asdict(remains.tolerance)})


def read_remains(text: str) -> Remains:
    """What it takes to redrive a map run, of a text."""
    found = json.loads(text)
    inputs = [(value, number) for value, number in found["inputs"]]
    results = [
        None if result is None else _read_result(value, result)
        for (value, _), result in zip(inputs, found["results"], strict=True)
    ]
    return Remains(inputs, results, Tolerance(**found["tolerance"]))


def _result(result: ChildResult) -> Json:
    found = {name: getattr(result, name) for name in _RESULT}
    failure = result.failure and asdict(result.failure)
    return found | {"identity": {name: getattr(result.identity, name) for name in _IDENTITY}, "failure": failure}


def _read_result(value: Any, found: Json) -> ChildResult:
    """The result of a child execution; its input is that of the map run."""
    failure = found["failure"] and Failure(**found["failure"])
    return ChildResult(**found | {"identity": Identity(**found["identity"]), "input": value, "failure": failure})


def outcome_text(outcome: Outcome) -> str:
    """An answer to a task."""
    return _encode({"output": outcome.output} if isinstance(outcome, Success) else {"failure": asdict(outcome)})


def read_outcome(text: str) -> Outcome:
    """The answer of a text."""
    found = json.loads(text)
    return Failure(**found["failure"]) if "failure" in found else Success(found["output"])


def _seconds(moment: Any) -> float:
    if not isinstance(moment, datetime):
        raise TypeError(f"{type(moment).__name__} cannot be kept")
    return moment.timestamp()
