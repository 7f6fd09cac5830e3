"""Compiles the expressions in an object's fields; what cannot be compiled becomes a problem of its block."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from everypath.asl.errors import ExpressionSyntaxError
from everypath.asl.jsonpath.path import check_path, compile_path
from everypath.asl.jsonpath.payload_template import compile_template, compile_value
from everypath.asl.jsonpath.reference_path import ReferencePath, compile_reference_path
from everypath.asl.parser import jsonata_fields as query
from everypath.asl.parser.block import Block
from everypath.asl.parser.jsonata_fields import is_jsonata
from everypath.asl.scope import Expression
from everypath.asl.settings import AtPath, Constant, Moment, Seconds, WholeNumber

__all__ = [
    "condition", "filter_path", "is_jsonata", "items", "moment", "number", "path", "result_path", "string",
    "string_path", "template", "timestamp",
]  # fmt: skip

Compiled = TypeVar("Compiled")


def filter_path(block: Block, field: str) -> Expression | None:
    """``InputPath``, ``OutputPath`` or ``ItemsPath``; None for ``$``, which changes nothing.

    ``null`` stands for an empty object (specification, "Filters"); ItemsPath has none, and must be a reference path,
    though it may lead into the context object (recorded: ``base``, ``distributed_map``).
    """
    if block.get(field) == "$":
        return None
    is_items = field == "ItemsPath"
    if field in block and block.get(field) is None and not is_items:
        return Constant({})
    return path(block, field, reference=is_items, context=is_items)


def path(block: Block, field: str, *, reference: bool = True, context: bool = False) -> AtPath | None:
    """A field that holds a path; None, with the problem noted, where it is none.

    Parameters
    ----------
    reference : bool
        Whether it must be a reference path, as those of numbers and times (measured on AWS: floci-io/floci
        issue 3733).
    context : bool
        Whether a reference path may lead into the context object.
    """
    text = block.string(field)
    if text is None:
        return None
    # A reference path into the context object is one into the input but for its first character.
    checked = text[1:] if context and text.startswith("$$") else text
    problem = check_path(checked, reference=reference)
    if problem is not None:
        block.problem(problem, field)
        return None
    return AtPath(compile_path(text))


def string_path(block: Block, field: str) -> Expression | None:
    """``ErrorPath`` and ``CausePath``: a path or an intrinsic function that gives a string."""
    text = block.string(field)
    if text is None:
        return None
    return _tried(block, field, lambda: compile_value(text, field))


def result_path(block: Block) -> tuple[ReferencePath | None, bool]:
    """``ResultPath``: where the result goes (None for ``$``), and whether it is kept at all."""
    if "ResultPath" in block and block.get("ResultPath") is None:
        return None, False
    text = block.string("ResultPath")
    if text is None or text == "$":
        return None, True
    return _tried(block, "ResultPath", lambda: compile_reference_path(text)), True


def template(block: Block, field: str, *, jsonata: bool) -> Expression | None:
    """A payload template; in JSONata any JSON data with expressions in it. Every wrong expression is noted."""
    if field not in block:
        return None
    data = block.get(field)
    if jsonata:
        return query.template(block, field)
    try:
        return compile_template(data)
    except ExpressionSyntaxError:
        _note_all(block, field, data)
        return None


def condition(block: Block) -> Callable[[Any], bool] | None:
    """``Condition`` of a JSONata choice rule: a boolean, or an expression that gives one."""
    value = block.get("Condition")
    if isinstance(value, bool):
        return lambda scope: value
    compiled = query.expression(block, "Condition", "compile_boolean")
    return None if compiled is None else lambda scope: bool(compiled.evaluate(scope))


def number(
    block: Block, field: str, *, jsonata: bool, minimum: float, maximum: float, integer: bool = True
) -> Expression | None:
    """A number, in ``field`` itself, by ``fieldPath``, or by a JSONata expression."""
    value = block.get(field)
    if jsonata and isinstance(value, str) and value.startswith("{%"):
        return query.expression(block, field, "compile_number", minimum, maximum, integer)
    if field in block:
        found = block.number(field, minimum=minimum, maximum=maximum, integer=integer)
        return None if found is None else Constant(found)
    name = field + "Path"
    found_path = None if jsonata else path(block, name)
    if found_path is None:
        return None
    if name == "SecondsPath":
        return Seconds(found_path.path)
    return WholeNumber(found_path, name, found_path.path.text, minimum)


def moment(block: Block) -> Expression | None:
    """``TimestampPath`` of a Wait."""
    found = path(block, "TimestampPath")
    return None if found is None else Moment(found.path)


def string(block: Block, field: str, *, jsonata: bool) -> Expression | None:
    """A string, or in JSONata an expression that gives one."""
    value = block.get(field)
    if jsonata and isinstance(value, str) and value.startswith("{%"):
        return query.expression(block, field, "compile_string")
    found = block.string(field)
    return None if found is None else Constant(found)


def items(block: Block) -> Expression | None:
    """``Items`` of a JSONata Map: an array, or an expression that gives one."""
    return query.items(block)


def timestamp(block: Block, field: str, *, jsonata: bool) -> Expression | None:
    """A timestamp, or in JSONata an expression that gives one."""
    value = block.get(field)
    if jsonata and isinstance(value, str) and value.startswith("{%"):
        return query.expression(block, field, "compile_timestamp")
    return string(block, field, jsonata=False)


def _note_all(block: Block, field: str, data: Any) -> None:
    """Note every wrong ``name.$`` of a template, all at the template's own place, as AWS does (cfn-lint pull 4643)."""
    if isinstance(data, list):
        for item in data:
            _note_all(block, field, item)
    elif isinstance(data, dict):
        for name, value in data.items():
            if not name.endswith(".$"):
                _note_all(block, field, value)
                continue
            _tried(block, field, lambda name=name, value=value: compile_template({name: value}))  # type: ignore[misc]


def _tried(block: Block, field: str, make: Callable[[], Compiled]) -> Compiled | None:
    try:
        return make()
    except ExpressionSyntaxError as error:
        block.problem(str(error), field)
        return None
