"""Validates requests against botocore's model of the service, and refuses them in the words of AWS."""

from __future__ import annotations

import gzip
import json
import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from everypath.server.protocol import ApiError, Json

#: The names of JSON types in messages about a wrong type.
_TOKENS = {bool: "BOOLEAN_VALUE", int: "NUMBER_VALUE", float: "DECIMAL_VALUE", str: "STRING_VALUE"}
_CLASSES = {"string": "String", "integer": "Integer", "long": "Long", "float": "Float", "boolean": "Boolean"}


@cache
def operations() -> dict[str, str]:
    """Return the names of the operations' input shapes, by the operations' names."""
    return {name: operation["input"]["shape"] for name, operation in _model()["operations"].items()}


def check(operation: str, request: Json) -> None:
    """Validate a request.

    Raises
    ------
    ApiError
        ``SerializationException`` for a value of a wrong type; ``ValidationException`` with all constraints that are
        not satisfied.
    """
    problems: list[str] = []
    _check(operations()[operation], request, "", problems)
    if problems:
        count = f"{len(problems)} validation error{'s' if len(problems) > 1 else ''} detected"
        raise ApiError("ValidationException", f"{count}: {'; '.join(problems)}")


@cache
def _model() -> Any:
    # botocore's loader would import most of botocore; to read the file alone takes a few milliseconds.
    spec = find_spec("botocore")
    assert spec is not None and spec.origin is not None
    folder = Path(spec.origin).parent / "data" / "stepfunctions"
    file = max(folder.glob("*/service-2.json*"))
    content = file.read_bytes()
    return json.loads(gzip.decompress(content) if file.suffix == ".gz" else content)


def _check(name: str, value: Any, path: str, problems: list[str]) -> None:
    shape = _model()["shapes"][name]
    kind = shape["type"]
    if kind == "structure":
        _check_structure(name, shape, value, path, problems)
    elif kind == "list":
        if not isinstance(value, list):
            raise _wrong_type(value, "list")
        _check_constraints(name, shape, value, len(value), path, problems)
        for index, item in enumerate(value, 1):
            _check(shape["member"]["shape"], item, f"{path}.{index}.member", problems)
    elif kind == "string":
        if not isinstance(value, str):
            raise _wrong_type(value, kind)
        _check_constraints(name, shape, value, len(value), path, problems)
    elif kind == "boolean":
        if not isinstance(value, bool):
            raise _wrong_type(value, kind)
    elif kind in ("integer", "long", "float"):
        if isinstance(value, bool) or not isinstance(value, (int, float)) or (kind != "float" and not _is_whole(value)):
            raise _wrong_type(value, kind)
        _check_constraints(name, shape, value, value, path, problems)


def _is_whole(number: float) -> bool:
    # A number beyond the range of floats is read as infinity, which is not whole.
    return isinstance(number, int) or number.is_integer()


def _check_structure(name: str, shape: Json, value: Any, path: str, problems: list[str]) -> None:
    if not isinstance(value, dict):
        raise _wrong_type(value, "structure")
    for member, target in shape["members"].items():
        place = f"{path}.{member}" if path else member
        if value.get(member) is not None:
            _check(target["shape"], value[member], place, problems)
        elif member in shape.get("required", ()):
            problems.append(f"Value null at '{place}' failed to satisfy constraint: Member must not be null")


def _check_constraints(name: str, shape: Json, value: Any, size: float, path: str, problems: list[str]) -> None:
    what = "value" if isinstance(value, (int, float)) else "length"
    broken = []
    if "max" in shape and size > shape["max"]:
        broken.append(f"Member must have {what} less than or equal to {shape['max']}")
    if "min" in shape and size < shape["min"]:
        broken.append(f"Member must have {what} greater than or equal to {shape['min']}")
    if "pattern" in shape and not re.fullmatch(_python(shape["pattern"]), value):
        broken.append(f"Member must satisfy regular expression pattern: {shape['pattern']}")
    if "enum" in shape and value not in shape["enum"]:
        broken.append(f"Member must satisfy enum value set: [{', '.join(_enum_order(shape['enum']))}]")
    if broken:
        shown = "Value" if shape.get("sensitive") else f"Value '{_shown(name, value)}'"
        problems.extend(f"{shown} at '{path}' failed to satisfy constraint: {constraint}" for constraint in broken)


def _python(pattern: str) -> str:
    """Return a pattern of the model in Python's syntax."""
    return pattern.replace(r"\p{ASCII}", r"[\x00-\x7f]")


def _enum_order(values: list[str]) -> list[str]:
    """Return values in the order in which the service lists them (recorded).

    It is the order of a Java hash table with 32 buckets, with the last value of each bucket first.
    """
    last_first = values[::-1]
    return sorted(last_first, key=lambda value: _java_hash(value) & 31)


def _java_hash(text: str) -> int:
    result = 0
    for character in text:
        result = (31 * result + ord(character)) & 0xFFFFFFFF
    return result


def _shown(name: str, value: Any) -> str:
    """Return a value as Java prints it (recorded)."""
    shape = _model()["shapes"][name]
    if shape["type"] == "list":
        return f"[{', '.join(_shown(shape['member']['shape'], item) for item in value)}]"
    if shape["type"] == "structure" and isinstance(value, dict):
        given = [(member, target["shape"]) for member, target in shape["members"].items() if member in value]
        return f"{name}({', '.join(f'{member}={_shown(target, value[member])}' for member, target in given)})"
    return str(value)


def _wrong_type(value: Any, wanted: str) -> ApiError:
    if isinstance(value, dict):
        message = "Start of structure or map found where not expected"
    elif isinstance(value, list):
        message = "Start of list found where not expected"
    elif wanted in _CLASSES and value is not None:
        message = f"{_TOKENS[type(value)]} can not be converted to a{'n' * (wanted == 'integer')} {_CLASSES[wanted]}"
    else:
        message = f"Expected a {wanted}"
    return ApiError("SerializationException", message)
