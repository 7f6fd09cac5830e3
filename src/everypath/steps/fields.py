"""The fields that steps collect, and how they are rendered to the Amazon States Language."""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeAlias

from everypath.steps import sdk
from everypath.steps.errors import StepError
from everypath.steps.sdk import Placeholder

QueryLanguage: TypeAlias = Literal["JSONPath", "JSONata"]
Json: TypeAlias = "bool | int | float | str | list[Any] | tuple[Any, ...] | Mapping[str, Any] | None"
"""A JSON value in Python: what ``json.dumps`` writes, with strings as keys."""
Payload: TypeAlias = "Json | Placeholder"
"""A JSON value in which the SDK's placeholders may stand for values of the input."""
Template: TypeAlias = "Mapping[str, Any]"
"""A JSON object with ``key.$`` (JSONPath), ``{% … %}`` (JSONata) or placeholders in it: a payload template."""

#: The order in which a definition shows its fields, whatever the order in which a step was given them.
ORDER = (
    "Type", "Comment", "StartAt", "QueryLanguage", "ErrorEquals", "Condition", "Resource",
    "Credentials", "InputPath", "Parameters", "Arguments", "Result", "Seconds", "SecondsPath", "Timestamp",
    "TimestampPath", "Error", "ErrorPath", "Cause", "CausePath", "TimeoutSeconds", "TimeoutSecondsPath",
    "HeartbeatSeconds", "HeartbeatSecondsPath", "Version", "States", "ReaderConfig", "WriterConfig",
    "MaxItemsPerBatch", "MaxItemsPerBatchPath", "MaxInputBytesPerBatch", "MaxInputBytesPerBatchPath", "BatchInput",
    "Label", "ItemReader", "ItemsPath", "Items", "ItemSelector", "ItemBatcher", "MaxConcurrency",
    "MaxConcurrencyPath", "ToleratedFailureCount", "ToleratedFailureCountPath", "ToleratedFailurePercentage",
    "ToleratedFailurePercentagePath", "ItemProcessor", "Branches", "ResultWriter", "Choices", "Default",
    "ResultSelector", "ResultPath", "IntervalSeconds", "MaxAttempts", "BackoffRate", "MaxDelaySeconds",
    "JitterStrategy", "Retry", "Catch", "Assign", "Output", "OutputPath", "Next", "End",
)  # fmt: skip
_POSITION = {name: position for position, name in enumerate(ORDER)}


class Block(sdk.Block):
    """A step, or a part of one such as a retrier, with the fields of today's language.

    Subclasses declare theirs once, as a TypedDict for ``**fields``: mypy and editors read the types from it,
    and `FIELDS` the names.
    """

    FIELDS: ClassVar[frozenset[str]] = frozenset()

    def is_field_allowed(self, field_name: str) -> bool:
        """Whether the block may have a field, for the SDK's own check of names."""
        return field_name in self.FIELDS

    def render(self, prefix: str) -> dict[str, Any]:
        """Return the fields as the Amazon States Language writes them, in a fixed order.

        Parameters
        ----------
        prefix
            What stands before the field's name in a message, such as ``Task 'Call API': Retry[0].``.

        Raises
        ------
        StepError
            When a value is none that JSON has.
        """
        return in_order(render_fields(prefix, self.fields))

    def to_dict(self) -> dict[str, Any]:
        """Return `render`, under the name that the SDK calls it by."""
        return self.render(f"{type(self).__name__}: ")

    def __str__(self) -> str:
        # The SDK's shows the JSON, which an unfinished step does not have yet.
        return repr(self)

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            # The SDK answers None to every name: a typing error goes unseen, and copy.copy() never ends.
            fields = self.__dict__.get("fields", {})
            if name in fields or name in self.FIELDS or name == "type":
                return fields.get(name)
            raise AttributeError(f"{type(self).__name__!r} has no attribute {name!r}")


def check_field_names(
    label: str, fields: Iterable[str], allowed: frozenset[str], *, others: frozenset[str] = frozenset()
) -> None:
    """Refuse fields that a block does not have.

    Parameters
    ----------
    label
        The block, for the message.
    fields
        The names that were given.
    allowed
        The names it may have.
    others
        More names that may have been meant.

    Raises
    ------
    StepError
        Naming the field, and the one that was probably meant.
    """
    for name in fields:
        if name not in allowed:
            known = sorted(allowed | others)
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"it has {', '.join(known)}"
            raise StepError(f"{label} has no field {name!r}; {hint}")


def in_order(definition: Mapping[str, Any]) -> dict[str, Any]:
    """Return an object of a definition with its fields in the order of `ORDER`."""
    return dict(sorted(definition.items(), key=lambda item: _POSITION[item[0]]))


def render_fields(prefix: str, fields: Mapping[str, object]) -> dict[str, Any]:
    """Return fields under the names and with the values that a definition has for them.

    Raises
    ------
    StepError
        When a value is none that JSON has.
    """
    names = {field: sdk.to_pascalcase(field) for field in fields}
    return {
        # A Result is taken as it stands: a path in it would never be followed.
        name: render_json(prefix + name, fields[field], placeholders=name != "Result")
        for field, name in names.items()
    }


def render_json(place: str, value: object, *, placeholders: bool = True) -> Any:
    """Return `value` as `json.dumps` takes it, with a placeholder under ``key`` as a path under ``key.$``.

    Parameters
    ----------
    place
        The step and the field, for the message.
    value
        What was given.
    placeholders
        Whether the SDK's placeholders may stand for values of its objects.

    Raises
    ------
    StepError
        When JSON has no such value; the message names the place inside `value`, such as ``Result.items[2]``.
    """
    if isinstance(value, Mapping):
        return dict(_render_member(place, key, item, placeholders) for key, item in value.items())
    if isinstance(value, (list, tuple)):
        return [
            render_json(f"{place}[{position}]", item, placeholders=placeholders) for position, item in enumerate(value)
        ]
    if isinstance(value, Placeholder):
        raise StepError(f"{place} cannot be a placeholder: only a value of a template's object can be one")
    if not isinstance(value, (str, int, float, type(None))) or (isinstance(value, float) and not math.isfinite(value)):
        raise StepError(f"{place} must be a JSON value, got {value!r}")
    return value


def _render_member(place: str, key: object, item: object, placeholders: bool) -> tuple[str, Any]:
    if not isinstance(key, str):
        raise StepError(f"{place} must have strings as keys, got {key!r}")
    if placeholders and isinstance(item, Placeholder):
        return f"{key}.$", item.to_jsonpath()
    return key, render_json(f"{place}.{key}", item, placeholders=placeholders)
