"""The fields of JSONata states: which expressions are taken where, and what each of them can see.

The library that evaluates them is loaded only where a definition has an expression.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from everypath.asl.errors import ExpressionSyntaxError
from everypath.asl.parser.block import Block, Place
from everypath.asl.scope import Expression

#: What AWS says of a string that begins as an expression and does not end as one (badmintoncryer/cdk-preflight).
UNCLOSED = "JSONata string must start with {% and end with %}"
_INPUT = frozenset({"input", "context"})


def is_jsonata(value: object) -> bool:
    """Whether a value is written as a JSONata expression."""
    return isinstance(value, str) and value.startswith("{%") and value.endswith("%}") and len(value) >= 4


def expression(block: Block, field: str, compiler: str, *bounds: Any) -> Expression | None:
    """Compile a field that is one expression, by a function of the jsonata package.

    Parameters
    ----------
    compiler : str
        The function's name: ``compile_number``, ``compile_boolean`` and others.
    *bounds
        What it takes besides text and field.
    """
    text = block.get(field)
    if not isinstance(text, str):
        block.wrong_type("STRING", field)
        return None
    if not is_jsonata(text):
        block.problem(UNCLOSED, field)
        return None
    from everypath.asl import jsonata

    name = block.prefix + field
    try:
        jsonata.compile_jsonata(text, name, states=_states(block, field))
        found: Expression = getattr(jsonata, compiler)(text, name, *bounds)
    except ExpressionSyntaxError as error:
        _note(block, error)
        return None
    return found


def template(block: Block, field: str) -> Expression | None:
    """Compile JSON data with expressions in it; every wrong one is noted."""
    from everypath.asl import jsonata

    data = block.get(field)
    name, states = block.prefix + field, _states(block, field)
    before = len(block.problems)
    _note_unclosed(block, field, data)
    try:
        found = jsonata.compile_jsonata_template(data, name, states=states)
    except ExpressionSyntaxError:
        for text, place in _leaves(data, ()):
            try:
                jsonata.compile_jsonata(text, name, place=(field, *place), states=states)
            except ExpressionSyntaxError as error:
                _note(block, error)
        return None
    return found if len(block.problems) == before else None


def items(block: Block) -> Expression | None:
    """Compile ``Items`` of a Map: an array, an object, or an expression that gives one of them."""
    from everypath.asl import jsonata

    before = len(block.problems)
    template(block, "Items")
    return jsonata.compile_items(block.get("Items"), "Items") if len(block.problems) == before else None


def _states(block: Block, field: str) -> frozenset[str]:
    """What ``$states`` has: a result once there can be one, an error in a catcher.

    That AWS refuses ``$states.errorOutput`` elsewhere was measured (floci-io/floci issue 2745); that there is no
    result before the state's work is done is from the documents ("Transforming data with JSONata").
    """
    if field not in ("Output", "Assign"):
        return _INPUT
    return _INPUT | {"result", "errorOutput"} if block.prefix.startswith("Catch[") else _INPUT | {"result"}


def _note(block: Block, error: ExpressionSyntaxError) -> None:
    block.problem(str(error), *error.place, code=getattr(error, "code", "INVALID_JSONATA_EXPRESSION"))


def _note_unclosed(block: Block, field: str, data: Any) -> None:
    for text, place in _strings(data, ()):
        if text.startswith("{%") and not is_jsonata(text):
            block.problem(UNCLOSED, field, *place)


def _leaves(data: Any, place: Place) -> Iterator[tuple[str, Place]]:
    return ((text, where) for text, where in _strings(data, place) if is_jsonata(text))


def _strings(data: Any, place: Place) -> Iterator[tuple[str, Place]]:
    if isinstance(data, str):
        yield data, place
    elif isinstance(data, dict):
        for key, value in data.items():
            yield from _strings(value, (*place, key))
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from _strings(value, (*place, index))
