"""The Map state, inline and distributed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, Unpack

from everypath.steps import _sdk
from everypath.steps._fields import Json, Template, in_order
from everypath.steps._graph import render_scope
from everypath.steps._state_fields import WorkFields
from everypath.steps.errors import StepError
from everypath.steps.handlers import Catch, Retry
from everypath.steps.map_parts import ItemBatcher, ItemReader, ResultWriter
from everypath.steps.state import Part, State, Step, require_step

_MODES = ("INLINE", "DISTRIBUTED")
_EXECUTION_TYPES = ("STANDARD", "EXPRESS")


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


class Map(State, _sdk.Map):
    """A step that runs a processor once for each item, inline or as child executions.

    Parameters
    ----------
    item_processor : State or Chain, optional
        The step the processor starts at; `attach_iterator` sets it too. One is needed.
    mode : {'INLINE', 'DISTRIBUTED'}, optional
        Where iterations run: in this execution, or each in a child execution. AWS takes ``INLINE``.
    execution_type : {'STANDARD', 'EXPRESS'}, optional
        The type of the child executions; needed in distributed mode, and for it only.
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
        Distributed mode: what names the map runs, up to 40 characters, unique in the state machine.
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

    @classmethod
    def check_together(cls, prefix: str, fields: Mapping[str, object]) -> None:
        """Refuse the old and the new name of one field together."""
        if {"parameters", "item_selector"} <= fields.keys():
            raise StepError(f"{prefix}Parameters and ItemSelector exclude each other, got both")

    def parts(self) -> Iterator[Part]:
        """Yield the state itself, its handlers, its item reader and batcher and its result writer."""
        self._check_mode()
        yield from super().parts()
        for name, part in self.map_parts.items():
            if part is not None:
                part.check_together(f"{self.label}: {name}.")
                yield f"{name}.", part

    def scopes(self) -> list[tuple[str, Any]]:
        """Return the item processor: the field it is in, and the step it starts at."""
        return [("ItemProcessor", self.item_processor)]

    def check_complete(self) -> None:
        """Refuse a Map without an item processor or without a next step.

        Raises
        ------
        StepError
            When one of them is missing.
        """
        super().check_complete()
        if self.item_processor is None:
            raise StepError(f"{self.label} has no item processor: give item_processor=…, or call .attach_iterator(…)")

    def to_dict(self) -> dict[str, Any]:
        """Return the state as the Amazon States Language writes it, with everything inside it."""
        result = super().to_dict()
        assert self.item_processor is not None
        config: dict[str, str] = {"Mode": self.mode} if self.mode else {}
        if self.execution_type:
            config["ExecutionType"] = self.execution_type
        result["ItemProcessor"] = ({"ProcessorConfig": config} if config else {}) | render_scope(self.item_processor)
        parts = {name: part.to_dict() for name, part in self.map_parts.items() if part is not None}
        return in_order(result | parts)

    def _check_mode(self) -> None:
        place = f"{self.label}: ProcessorConfig"
        if self.mode not in (None, *_MODES):
            raise StepError(f"{place}.Mode must be 'INLINE' or 'DISTRIBUTED', got {self.mode!r}")
        if self.mode == "DISTRIBUTED":
            if self.execution_type not in _EXECUTION_TYPES:
                raise StepError(f"{place}.ExecutionType must be 'STANDARD' or 'EXPRESS', got {self.execution_type!r}")
            return
        distributed = [name for name, part in self.map_parts.items() if part is not None]
        distributed += ["ExecutionType"] if self.execution_type is not None else []
        distributed += ["Label"] if "label" in self.fields else []
        if distributed:
            raise StepError(f"{self.label}: {distributed[0]} is for distributed mode: give mode='DISTRIBUTED'")
