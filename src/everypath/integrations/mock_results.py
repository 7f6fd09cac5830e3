"""TestState's check of a mocked result against the API that the task would have called.

Source: recordings of TestState; the words for a text that is too long are not among them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from everypath.asl import sdk_services
from everypath.asl.java_names import member_name, optimized_member_name
from everypath.asl.resource import Resource
from everypath.integrations.sync_jobs import job_of

_KINDS: dict[str, tuple[type | tuple[type, ...], str]] = {
    "structure": (dict, "an object"),
    "map": (dict, "an object"),
    "list": (list, "an array"),
    "string": (str, "a string"),
    "blob": (str, "a string"),
    "timestamp": (str, "a string"),
    "boolean": (bool, "a boolean"),
    **dict.fromkeys(("integer", "long", "short", "float", "double"), ((int, float), "a number")),
}
_TEXTS = frozenset({"string", "blob"})
_Name = Callable[[str], str]


def mock_problem(resource: Resource, result: Any, mode: str = "STRICT") -> str | None:
    """Return what TestState says against a mocked result, None where it takes it.

    Fields that the API does not have are taken in every mode.

    Parameters
    ----------
    resource : Resource
        What the task calls; only service integrations by an API of AWS are checked.
    result : Any
        The mocked result, parsed.
    mode : {"STRICT", "PRESENT", "NONE"}
        Whether required fields must be there, and whether those that are there are checked.
    """
    shape = _output_shape(resource) if mode != "NONE" else None
    if shape is None:
        return None
    name = member_name if resource.kind == "sdk" else optimized_member_name
    problem = next(_problems(shape, result, "", name, strict=mode == "STRICT"), None)
    return f"Mock result schema validation error: {problem}" if problem else None


def _output_shape(resource: Resource) -> Any:
    """Return the shape of the answer, or of what a job is asked for; None where no API model that is known has it."""
    if not resource.client or (resource.runs_job and not resource.supported):
        return None
    operation = job_of(resource).operation if resource.runs_job else resource.operation
    model = sdk_services.service_model(resource.client)
    return model.operation_model(operation).output_shape if operation in model.operation_names else None


def _problems(shape: Any, value: Any, field: str, name: _Name, *, strict: bool) -> Iterator[str]:
    kind, words = _KINDS.get(shape.type_name, (object, ""))
    if getattr(shape, "is_document_type", False):
        return
    if not _is(value, kind):
        yield f"Field '{field}' must be {words}" if field else f"Mock result must be {words}"
        return
    yield from _limits(shape, value, field)
    if shape.type_name == "structure":
        yield from _member_problems(shape, value, name, strict=strict)
    elif shape.type_name == "list":
        for item in value:
            yield from _problems(shape.member, item, field, name, strict=strict)
    elif shape.type_name == "map":
        for item in value.values():
            yield from _problems(shape.value, item, field, name, strict=strict)


def _is(value: Any, kind: type | tuple[type, ...]) -> bool:
    """Tell whether a JSON value is of a kind; Python takes true and false for numbers."""
    return isinstance(value, kind) and (kind in (bool, object) or not isinstance(value, bool))


def _member_problems(shape: Any, value: dict[str, Any], name: _Name, *, strict: bool) -> Iterator[str]:
    for member in shape.required_members:
        if strict and name(member) not in value:
            yield f"Required field '{name(member)}' is missing"
    for member, inner in shape.members.items():
        # The payload of a function is whatever the function returned, not the text that the API model says.
        if name(member) in value and not (member == "Payload" and inner.type_name == "blob"):
            yield from _problems(inner, value[name(member)], name(member), name, strict=strict)


def _limits(shape: Any, value: Any, field: str) -> Iterator[str]:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if shape.type_name in _TEXTS:
        if least is not None and len(value) < least:
            yield f"Field '{field}' is smaller than the minimum length"
        if most is not None and len(value) > most:
            yield f"Field '{field}' exceeds the maximum length"
        if shape.metadata.get("enum") and value not in shape.metadata["enum"]:
            yield f"Field '{field}' is not an expected value"
    elif isinstance(value, int | float) and not isinstance(value, bool):
        if least is not None and value < least:
            yield f"Field '{field}' is less than the minimum value"
        if most is not None and value > most:
            yield f"Field '{field}' exceeds the maximum value"
