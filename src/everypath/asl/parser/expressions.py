"""Compiles the expressions in the fields of an object, in both query languages.

What cannot be compiled becomes a problem of its block.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from everypath.asl.errors import ExpressionSyntaxError
from everypath.asl.jsonata import (
    compile_boolean,
    compile_items,
    compile_jsonata,
    compile_jsonata_template,
    compile_number,
    compile_string,
    compile_timestamp,
    is_jsonata,
)
from everypath.asl.jsonpath.path import check_path, compile_path
from everypath.asl.jsonpath.payload_template import both_fields, compile_template, compile_value
from everypath.asl.jsonpath.reference_path import ItemsAt, ReferencePath, compile_reference_path
from everypath.asl.parser.block import Block, Place
from everypath.asl.scope import Expression
from everypath.asl.settings import AtPath, Constant, Moment, Seconds, WholeNumber

Compiled = TypeVar("Compiled")

RESERVED_VARIABLE = "RESERVED_VARIABLE_NAME"
INVALID_VARIABLE = "INVALID_VARIABLE_NAME"
#: Characters (AWS: "Passing data between states with variables").
LONGEST_VARIABLE = 80
#: What AWS says of a string that begins like an expression and does not end like one (badmintoncryer/cdk-preflight).
UNCLOSED = "JSONata string must start with {% and end with %}"
#: The fields that ``$states`` has everywhere.
_ALWAYS = frozenset({"input", "context"})
#: The states that have a ``$states.result``.
_WITH_RESULT = ("Task", "Parallel", "Map")


def filter_path(block: Block, field: str) -> Expression | None:
    """Compile ``InputPath``, ``OutputPath`` or ``ItemsPath``; return None for ``$``, which changes nothing.

    ``null`` stands for an empty object (specification, "Filters"). ItemsPath cannot be null, and must be a reference
    path, which may lead into the context object (recorded: ``base``, ``distributed_map``).
    """
    if block.get(field) == "$":
        return None
    is_items = field == "ItemsPath"
    if field in block and block.get(field) is None and not is_items:
        return Constant({})
    found = path(block, field, reference=is_items, context=is_items)
    return ItemsAt(found.path) if is_items and found is not None else found


def path(block: Block, field: str, *, reference: bool = True, context: bool = False) -> AtPath | None:
    """Compile a field that holds a path; return None, with the problem noted, where it holds none.

    Parameters
    ----------
    block : Block
        The object.
    field : str
        The field.
    reference : bool
        Whether it must be a reference path, as in the fields of numbers and times (measured on AWS: floci-io/floci
        issue 3733).
    context : bool
        Whether a reference path may lead into the context object.
    """
    text = block.string(field)
    if text is None:
        return None
    # A reference path into the context object is one into the input but for its first character.
    checked = text[1:] if context and (text == "$$" or text.startswith(("$$.", "$$["))) else text
    problem = check_path(checked, reference=reference)
    if problem is not None:
        block.problem(problem, field)
        return None
    return AtPath(compile_path(text))


def string_path(block: Block, field: str) -> Expression | None:
    """Compile ``ErrorPath`` or ``CausePath``: a path or an intrinsic function that returns a string."""
    text = block.string(field)
    if text is None:
        return None
    return _tried(block, field, lambda: compile_value(text, field))


def result_path(block: Block) -> tuple[ReferencePath | None, bool]:
    """Compile ``ResultPath``: where the result goes (None for ``$``), and whether it is kept at all."""
    if "ResultPath" in block and block.get("ResultPath") is None:
        return None, False
    text = block.string("ResultPath")
    if text is None or text == "$":
        return None, True
    return _tried(block, "ResultPath", lambda: compile_reference_path(text)), True


def template(block: Block, field: str, *, jsonata: bool) -> Expression | None:
    """Compile a payload template, or in JSONata any data with expressions in it; note every wrong expression."""
    if field not in block:
        return None
    data = block.get(field)
    if jsonata:
        return _jsonata_template(block, field)
    try:
        return compile_template(data)
    except ExpressionSyntaxError:
        _note_all(block, field, data)
        return None


def condition(block: Block) -> Callable[[Any], bool] | None:
    """Compile ``Condition`` of a JSONata choice rule: a boolean, or an expression that returns one."""
    value = block.get("Condition")
    if isinstance(value, bool):
        return lambda scope: value
    compiled = _expression(block, "Condition", compile_boolean)
    return None if compiled is None else lambda scope: bool(compiled.evaluate(scope))


def number(
    block: Block, field: str, *, jsonata: bool, minimum: float, maximum: float, integer: bool = True
) -> Expression | None:
    """Compile a number: in the field itself, at the path in ``fieldPath``, or in JSONata by an expression."""
    value = block.get(field)
    if jsonata and _begins_expression(value):
        return _expression(block, field, lambda text, name: compile_number(text, name, minimum, maximum, integer))
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
    """Compile ``TimestampPath`` of a Wait."""
    found = path(block, "TimestampPath")
    return None if found is None else Moment(found.path)


def string(block: Block, field: str, *, jsonata: bool) -> Expression | None:
    """Compile a string, or in JSONata an expression that returns one."""
    value = block.get(field)
    if jsonata and _begins_expression(value):
        return _expression(block, field, compile_string)
    found = block.string(field)
    return None if found is None else Constant(found)


def items(block: Block, *, distributed: bool) -> Expression | None:
    """Compile ``Items`` of a JSONata Map: an array, an object, or an expression that returns one of them."""
    before = len(block.problems)
    _jsonata_template(block, "Items")
    return (
        compile_items(block.get("Items"), "Items", distributed=distributed) if len(block.problems) == before else None
    )


def timestamp(block: Block, field: str, *, jsonata: bool) -> Expression | None:
    """Compile a timestamp, or in JSONata an expression that returns one."""
    value = block.get(field)
    if jsonata and _begins_expression(value):
        return _expression(block, field, compile_timestamp)
    return string(block, field, jsonata=False)


def assign(block: Block, *, jsonata: bool) -> Expression | None:
    """Compile ``Assign`` of a state, a choice rule or a catcher, and check the names of its variables.

    The codes and messages for wrong names are AWS's (badmintoncryer/cdk-preflight, ``pf-sfn-asl-jsonpath-syntax``),
    except for the message about a name that is too long.
    """
    value = block.get("Assign")
    if "Assign" in block and not isinstance(value, dict):
        block.wrong_type("OBJECT", "Assign")
        return None
    for key in value or ():
        _check_variable(block, key, key if jsonata else key.removesuffix(".$"))
    return template(block, "Assign", jsonata=jsonata)


def _expression(block: Block, field: str, compile_field: Callable[[str, str], Expression]) -> Expression | None:
    """Compile a field that is one JSONata expression, whose value `compile_field` knows the type of."""
    text = block.get(field)
    if not isinstance(text, str):
        block.wrong_type("STRING", field)
        return None
    if not is_jsonata(text):
        block.problem(UNCLOSED, field)
        return None
    name = block.prefix + field
    try:
        compile_jsonata(text, name, states=_states(block, field))
        return compile_field(text, name)
    except ExpressionSyntaxError as error:
        _note(block, error)
        return None


def _jsonata_template(block: Block, field: str) -> Expression | None:
    """Compile data with JSONata expressions in it; note every wrong one."""
    data = block.get(field)
    name, states = block.prefix + field, _states(block, field)
    before = len(block.problems)
    _note_unclosed(block, field, data)
    try:
        found = compile_jsonata_template(data, name, states=states)
    except ExpressionSyntaxError:
        for text, place in _strings(data, ()):
            if is_jsonata(text):
                _note_wrong(block, text, name, (field, *place), states)
        return None
    return found if len(block.problems) == before else None


def _note_wrong(block: Block, text: str, name: str, place: Place, states: frozenset[str]) -> None:
    try:
        compile_jsonata(text, name, place=place, states=states)
    except ExpressionSyntaxError as error:
        _note(block, error)


def _begins_expression(value: object) -> bool:
    return isinstance(value, str) and value.startswith("{%")


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
            if name[:-2] in data:
                block.problem(both_fields(name), field)
            _tried(block, field, lambda name=name, value=value: compile_template({name: value}))  # type: ignore[misc]


def _tried(block: Block, field: str, make: Callable[[], Compiled]) -> Compiled | None:
    try:
        return make()
    except ExpressionSyntaxError as error:
        block.problem(str(error), field)
        return None


def _states(block: Block, field: str) -> frozenset[str]:
    """Return the fields that ``$states`` has: a result after the work of a state that does any, an error in a catcher.

    AWS refuses the others everywhere else (measured: floci-io/floci issue 2745, and in 2026).
    """
    if field not in ("Output", "Assign"):
        return _ALWAYS
    if block.prefix.startswith("Catch["):
        return _ALWAYS | {"result", "errorOutput"}
    return _ALWAYS | {"result"} if block.get("Type") in _WITH_RESULT else _ALWAYS


def _note(block: Block, error: ExpressionSyntaxError) -> None:
    block.problem(str(error), *error.place, code=getattr(error, "code", "INVALID_JSONATA_EXPRESSION"))


def _note_unclosed(block: Block, field: str, data: Any) -> None:
    for text, place in _strings(data, ()):
        if _begins_expression(text) and not is_jsonata(text):
            block.problem(UNCLOSED, field, *place)


def _strings(data: Any, place: Place) -> Iterator[tuple[str, Place]]:
    if isinstance(data, str):
        yield data, place
    elif isinstance(data, dict):
        for key, value in data.items():
            yield from _strings(value, (*place, key))
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from _strings(value, (*place, index))


def _check_variable(block: Block, key: str, name: str) -> None:
    if name == "states":
        block.problem("Cannot assign to reserved variable '$states'.", "Assign", key, code=RESERVED_VARIABLE)
    elif not name.isidentifier() or name.startswith("_"):
        message = f"Invalid variable name '{name}': the variable name contains invalid characters."
        block.problem(message, "Assign", key, code=INVALID_VARIABLE)
    elif len(name) > LONGEST_VARIABLE:
        message = f"Invalid variable name '{name}': the variable name exceeds {LONGEST_VARIABLE} characters."
        block.problem(message, "Assign", key, code=INVALID_VARIABLE)
