"""The Map state, inline and distributed, and what a distributed one reads, batches and writes with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, TypedDict, Unpack

from everypath.steps import sdk
from everypath.steps.errors import StepError
from everypath.steps.fields import Block, Json, Payload, Template, check_field_names
from everypath.steps.handlers import Catch, Retry
from everypath.steps.state import RenderInner, State, Step, WorkFields, require_step


class ReaderConfig(TypedDict, total=False):
    """How to read a file of items, spelled as the Amazon States Language spells it."""

    InputType: Literal["CSV", "JSON", "JSONL", "PARQUET", "MANIFEST"]
    Transformation: Literal["NONE", "LOAD_AND_FLATTEN"]
    ManifestType: Literal["ATHENA_DATA", "S3_INVENTORY"]
    CSVDelimiter: Literal["COMMA", "PIPE", "SEMICOLON", "SPACE", "TAB"]
    CSVHeaderLocation: Literal["FIRST_ROW", "GIVEN"]
    CSVHeaders: list[str]
    ItemsPointer: str
    MaxItems: int | str
    MaxItemsPath: str


class WriterConfig(TypedDict, total=False):
    """How to write the results, spelled as the Amazon States Language spells it."""

    Transformation: Literal["NONE", "COMPACT", "FLATTEN"]
    OutputType: Literal["JSON", "JSONL"]


class ReaderFields(TypedDict, total=False):
    """The optional fields of an item reader."""

    parameters: Template
    arguments: Payload
    reader_config: ReaderConfig


class BatcherFields(TypedDict, total=False):
    """The fields of an item batcher."""

    max_items_per_batch: int | str
    max_items_per_batch_path: str
    max_input_bytes_per_batch: int | str
    max_input_bytes_per_batch_path: str
    batch_input: Template | str


class WriterFields(TypedDict, total=False):
    """The fields of a result writer."""

    resource: str
    parameters: Template
    arguments: Payload
    writer_config: WriterConfig


class MapPart(Block):
    """What a distributed Map reads its items from, how it batches them, or where it writes its results."""

    def __init__(self, **fields: Any) -> None:
        check_field_names(type(self).__name__, fields, self.FIELDS)
        super().__init__(**fields)


class ItemReader(MapPart):
    """Reads the items of a distributed Map, from Amazon S3.

    Parameters
    ----------
    resource : str
        ``arn:aws:states:::s3:getObject`` for a file of items, ``arn:aws:states:::s3:listObjectsV2`` for
        objects.
    parameters : dict, optional
        JSONPath: what the call gets, such as ``{"Bucket": …, "Key": …}``.
    arguments : JSON, optional
        JSONata: the same.
    reader_config : ReaderConfig, optional
        How to read the file: ``{"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"}``.

    Notes
    -----
    Source: AWS Step Functions Developer Guide, "ItemReader (Map)".
    """

    FIELDS = ReaderFields.__optional_keys__ | {"resource"}

    def __init__(self, *, resource: str, **fields: Unpack[ReaderFields]) -> None:
        super().__init__(resource=resource, **fields)


class ItemBatcher(MapPart):
    """Gives the child executions of a distributed Map several items at once.

    Parameters
    ----------
    max_items_per_batch : int or str, optional
        Items; in JSONata also an expression. `max_items_per_batch_path` finds them in the input.
    max_input_bytes_per_batch : int or str, optional
        Bytes; in JSONata also an expression. `max_input_bytes_per_batch_path` finds them in the input.
    batch_input : dict, optional
        What every batch gets besides its items.

    Notes
    -----
    Source: AWS Step Functions Developer Guide, "ItemBatcher (Map)".
    """

    FIELDS = BatcherFields.__optional_keys__

    def __init__(self, **fields: Unpack[BatcherFields]) -> None:
        super().__init__(**fields)


class ResultWriter(MapPart):
    """Writes the results of a distributed Map, to Amazon S3.

    Parameters
    ----------
    resource : str, optional
        ``arn:aws:states:::s3:putObject``.
    parameters : dict, optional
        JSONPath: ``{"Bucket": …, "Prefix": …}``.
    arguments : JSON, optional
        JSONata: the same.
    writer_config : WriterConfig, optional
        How to write them: ``{"Transformation": "FLATTEN", "OutputType": "JSONL"}``.

    Notes
    -----
    Source: AWS Step Functions Developer Guide, "ResultWriter (Map)".
    """

    FIELDS = WriterFields.__optional_keys__

    def __init__(self, **fields: Unpack[WriterFields]) -> None:
        super().__init__(**fields)


class MapFields(WorkFields, total=False):
    """The optional fields of a Map."""

    items_path: str
    items: Sequence[Json] | str
    item_selector: Template | str
    max_concurrency: int | str
    max_concurrency_path: str
    tolerated_failure_count: int | str
    tolerated_failure_count_path: str
    tolerated_failure_percentage: float | str
    tolerated_failure_percentage_path: str
    label: str


class Map(State, sdk.Map):
    """A step that runs a processor once for each item, inline or as child executions.

    Parameters
    ----------
    item_processor : State or Chain, optional
        The step the processor starts at; `attach_iterator` sets it too. One is needed.
    mode : {'INLINE', 'DISTRIBUTED'}, optional
        Where iterations run: in this execution, or each in a child execution. AWS takes ``INLINE``.
    execution_type : {'STANDARD', 'EXPRESS'}, optional
        The type of the child executions; needed in distributed mode.
    items_path : str, optional
        JSONPath: where in the input the items are.
    items : list or str, optional
        JSONata: the items, or an expression for them.
    item_selector : dict or str, optional
        What an iteration gets instead of its item, a payload template; in JSONata also an expression.
    item_reader : ItemReader, optional
        Distributed mode: where to read the items from.
    item_batcher : ItemBatcher, optional
        Distributed mode: how many items a child execution gets.
    result_writer : ResultWriter, optional
        Distributed mode: where to write the results.
    max_concurrency : int or str, optional
        Iterations at the same time, where 0 means no limit; in JSONata also an expression.
    tolerated_failure_count : int or str, optional
        Items that may fail; in JSONata also an expression.
    tolerated_failure_percentage : float or str, optional
        Per cent of the items that may fail, 0 to 100; in JSONata also an expression.
    max_concurrency_path, tolerated_failure_count_path, tolerated_failure_percentage_path : str, optional
        JSONPath: where in the input to find them.
    label : str, optional
        Distributed mode: what names the map runs, unique in the state machine.
    **fields
        What every state takes, see `State`. `parameters` is what `item_selector` was called before 2022.

    Raises
    ------
    StepError
        When a value is not what AWS takes; the message names the step and the field.

    Notes
    -----
    Source: AWS Step Functions Developer Guide, "Map workflow state", "Using Map state in Distributed mode".
    """

    TYPE = "Map"
    FIELDS = MapFields.__optional_keys__

    def __init__(
        self,
        state_id: str,
        *,
        item_processor: Step | None = None,
        mode: Literal["INLINE", "DISTRIBUTED"] | None = None,
        execution_type: Literal["STANDARD", "EXPRESS"] | None = None,
        item_reader: ItemReader | None = None,
        item_batcher: ItemBatcher | None = None,
        result_writer: ResultWriter | None = None,
        retry: Retry | Sequence[Retry] = (),
        catch: Catch | Sequence[Catch] = (),
        end: bool = False,
        **fields: Unpack[MapFields],
    ) -> None:
        self.mode = mode
        self.execution_type = execution_type
        self.map_parts = {
            "ItemReader": item_reader,
            "ItemBatcher": item_batcher,
            "ResultWriter": result_writer,
        }
        self._check_parts(f"{self.TYPE} {state_id!r}")
        self.item_processor: Step | None = None
        super().__init__(state_id, fields, retry=retry, catch=catch, end=end)
        if item_processor is not None:
            self.attach_iterator(item_processor)

    def attach_iterator(self, iterator: Step) -> None:
        """Set the step the item processor starts at, in place of the one that was there.

        Raises
        ------
        StepError
            When it is neither a state nor a chain.
        """
        require_step(f"{self.label}: ItemProcessor", iterator)
        self.item_processor = iterator

    def inner_starts(self) -> list[Step]:
        """Return the step that the item processor starts at, if there is one."""
        return [] if self.item_processor is None else [self.item_processor]

    def render_body(self, render_inner: RenderInner) -> dict[str, Any]:
        """Return the state as the Amazon States Language writes it, but for what comes next."""
        config = {"Mode": self.mode, "ExecutionType": self.execution_type}
        config = {name: value for name, value in config.items() if value is not None}
        processor = {"ProcessorConfig": config} if config else {}
        parts = {
            name: part.render(f"{self.label}: {name}.") for name, part in self.map_parts.items() if part is not None
        }
        body = super().render_body(render_inner) | parts
        return body | {"ItemProcessor": processor | render_inner(self.item_processor)}

    def _check_parts(self, label: str) -> None:
        for kind in (ItemReader, ItemBatcher, ResultWriter):
            name, part = kind.__name__, self.map_parts[kind.__name__]
            if part is not None and not isinstance(part, kind):
                raise StepError(f"{label}: {name} must be everypath.steps.{name}, got {part!r}")
            if part is not None and self.mode != "DISTRIBUTED":
                raise StepError(f"{label}: {name} is for distributed mode: give mode='DISTRIBUTED'")
