"""Distributed Maps for tests: a store in memory, tasks that fail on what they are told to, and the run afterwards."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import Any

from everypath.asl.parser.definition import parse
from everypath.asl.resource import Resource
from everypath.engine.clock import EPOCH, VirtualClock
from everypath.engine.data import to_text
from everypath.engine.identity import Identity
from everypath.engine.interpreter import Run
from everypath.engine.item_store import StoreFailure
from everypath.engine.scheduler import Scheduler, Signal
from everypath.engine.task_call import CallingRun, TaskCall
from everypath.history.execution import Execution
from everypath.history.outcome import Failure, Outcome, Success
from tests.unit.engine.machines import MACHINE, task

READ = "arn:aws:states:::s3:getObject"
LIST = "arn:aws:states:::s3:listObjectsV2"
WRITE = "arn:aws:states:::s3:putObject"
PASS = {"Type": "Pass", "End": True}
CHILDREN = MACHINE.replace("stateMachine", "execution") + "/L:"


@dataclass
class Store:
    """Objects by key."""

    objects: dict[str, bytes] = field(default_factory=dict)
    written: dict[str, Any] = field(default_factory=dict)

    blocks = True

    def get_object(self, parameters: Mapping[str, Any]) -> bytes:
        if parameters["Key"] not in self.objects:
            raise StoreFailure("The specified key does not exist.")
        return self.objects[parameters["Key"]]

    def list_objects(self, parameters: Mapping[str, Any], limit: int | None) -> list[dict[str, Any]]:
        keys = sorted(key for key in self.objects if key.startswith(parameters.get("Prefix", "")))
        moment = datetime(2026, 1, 1, tzinfo=UTC)
        return [
            {
                "Key": key,
                "ETag": '"e"',
                "Size": len(self.objects[key]),
                "LastModified": moment,
                "StorageClass": "STANDARD",
            }
            for key in keys[:limit]
        ]

    def put_object(self, parameters: Mapping[str, Any]) -> None:
        if parameters["Bucket"] == "closed":
            raise StoreFailure("Access Denied")
        self.written[parameters["Key"]] = parameters["Body"].decode()


@dataclass
class World:
    """Tasks that echo, but fail on the arguments in `failing`, and take `seconds`."""

    store: Store = field(default_factory=Store)
    failing: tuple[Any, ...] = ()
    seconds: float = 0.0
    most: int = 0
    _running: int = 0

    def problem(self, resource: Resource, arguments: Any) -> str | None:
        return None

    def start(self, call: TaskCall) -> Coroutine[Signal, None, Outcome]:
        async def work() -> Outcome:
            self._running += 1
            self.most = max(self.most, self._running)
            await call.run.scheduler.sleep(self.seconds)
            self._running -= 1
            return Failure("Bad", "too bad") if call.arguments in self.failing else Success(call.arguments)

        return work()

    def item_store(self, run: CallingRun) -> Store:
        return self.store


def run_map(
    state: dict[str, Any],
    input: Any = None,
    world: World | None = None,
    observe: Callable[[Run], None] | None = None,
    **fields: Any,
) -> tuple[Execution, Run]:
    """Run a machine whose only state is the Map `M`; `observe` gets its run before it starts."""
    return run_definition({"StartAt": "M", "States": {"M": state}, **fields}, input, world, observe)


def run_definition(
    definition: dict[str, Any],
    input: Any = None,
    world: World | None = None,
    observe: Callable[[Run], None] | None = None,
) -> tuple[Execution, Run]:
    """Run a whole definition; see `run_map`."""
    machine = parse(definition)
    value = {} if input is None else input
    identity = Identity(
        name="e",
        arn=f"{MACHINE.replace('stateMachine', 'execution')}:e",
        state_machine_name="M",
        state_machine_arn=MACHINE,
        role_arn="arn:aws:iam::123456789012:role/R",
        account="123456789012",
        region="us-east-1",
    )
    scheduler = Scheduler(VirtualClock(EPOCH))
    run = Run(machine, value, to_text(value), identity, world or World(), scheduler, Random(0))
    if observe:
        observe(run)
    execution: Execution = scheduler.run(run.execute())
    return execution, run


def distributed(child: dict[str, Any] | None = None, *, kind: str = "STANDARD", **fields: Any) -> dict[str, Any]:
    """A distributed Map with one state for each item, labelled ``L``."""
    processor = {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": kind},
        "StartAt": "Each",
        "States": {"Each": child or PASS},
    }
    return {"Type": "Map", "ItemProcessor": processor, "Label": "L", "End": True, **fields}


def failing_children(**fields: Any) -> dict[str, Any]:
    """A distributed Map whose children call a task with their item."""
    return distributed(task(), **fields)


def reader(config: dict[str, Any] | None = None, resource: str = READ, **parameters: Any) -> dict[str, Any]:
    """An item reader of the object ``file`` in the bucket ``b``."""
    given = parameters or {"Bucket": "b", "Key": "file"}
    return {"Resource": resource, "Parameters": given, **({} if config is None else {"ReaderConfig": config})}


def read(content: str | bytes, config: dict[str, Any], **fields: Any) -> Execution:
    """Run a Map over a file and return the execution; its output is what was read."""
    data = content.encode() if isinstance(content, str) else content
    world = World(Store({"file": data}))
    return run_map(distributed(ItemReader=reader(config), **fields), world=world)[0]
