"""``variableReferences``: which workflow variables each state of a definition reads."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from everypath.server.protocol import Json

#: The fields of a state that hold states of their own.
_NESTED = frozenset({"ItemProcessor", "Iterator", "Branches"})
#: Fields whose value is a path without saying so by their name.
_PATHS = frozenset({"Variable"})
#: A variable in a path or in the arguments of an intrinsic function; ``$$`` is the context object.
_VARIABLE = re.compile(r"(?<!\$)\$([^\W\d]\w*)")
#: What is in quotes is text, except where it is a field's name in brackets, which holds no variable either.
_QUOTED = re.compile(r"'(?:[^'\\]|\\.)*'")


def variable_references(definition: Json) -> dict[str, list[str]]:
    """Return the variables that each state reads, in order of their names; states that read none are left out."""
    return dict(_of_flow(definition, jsonata=definition.get("QueryLanguage") == "JSONata"))


def _of_flow(graph: Json, *, jsonata: bool) -> Iterator[tuple[str, list[str]]]:
    for name, state in graph.get("States", {}).items():
        language = state.get("QueryLanguage")
        own_jsonata = jsonata if language is None else language == "JSONata"
        fields = {key: value for key, value in state.items() if key not in _NESTED}
        found = _in_jsonata(fields) if own_jsonata else _in_paths(fields)
        names = sorted(set(found))
        if names:
            yield name, names
        for key in ("ItemProcessor", "Iterator"):
            if isinstance(state.get(key), dict):
                yield from _of_flow(state[key], jsonata=jsonata)
        for branch in state.get("Branches", ()):
            yield from _of_flow(branch, jsonata=jsonata)


def _in_paths(value: Any, key: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for name, item in value.items():
            yield from _in_paths(item, name)
    elif isinstance(value, list):
        for item in value:
            yield from _in_paths(item)
    elif isinstance(value, str) and (key.endswith((".$", "Path")) or key in _PATHS):
        yield from _VARIABLE.findall(_QUOTED.sub("''", value))


def _in_jsonata(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _in_jsonata(item)
    elif isinstance(value, str) and value.strip().startswith("{%"):
        yield from _of_expression(value.strip().removeprefix("{%").removesuffix("%}"))


def _of_expression(text: str) -> list[str]:
    from everypath.asl.jsonata.builtins import BUILTINS
    from everypath.asl.jsonata.parser import parse

    return [name for name in parse(text).variables if name != "states" and name not in BUILTINS]
