"""The functions that AWS adds to JSONata: ``$partition``, ``$range``, ``$hash``, ``$random``, ``$uuid``, ``$parse``.

Sources: "Transforming data with JSONata in Step Functions", the recordings of category intrinsic_functions, and for
what is wrong or missing among the arguments, measurements on AWS with TestState (floci-io/floci issue 2662 and pull
request 2676): fractions are cut off, and calls that make no sense are undefined more often than an error.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
import uuid
from collections.abc import Callable
from typing import Any

from jsonata.utils import Utils

from everypath.asl.jsonata.messages import MEMORY, JsonataError
from everypath.asl.jsonata.values import to_engine

Engine = Any  # engine.Engine, which needs this module

_ALGORITHMS = ("SHA-1", "SHA-384", "SHA-256", "SHA-512", "MD5")  # in the order of AWS's message
_LONGEST_RANGE = 360_145
_IN_SINGLE = re.compile(r"\\.|\"", re.DOTALL)
_IN_DOUBLE = {r"\'": "'", '"': r"\""}
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"|\'((?:[^\'\\]|\\.)*)\'', re.DOTALL)


def partition(engine: Engine, array: Any, size: float | None) -> Any:
    """Return an array in pieces of a size; all in one where no size is given."""
    if array is not None and not isinstance(array, list):
        raise JsonataError("T0412", index=1)
    if size is None and array is not None:
        return [array]  # one piece, also of no item (measured on AWS: iwamot/sfnx, docs/design.md)
    if not array:
        return None
    assert size is not None
    length = math.trunc(size)
    if length < 0:
        raise JsonataError("D3137", message="Second argument must be zero or greater")
    if length == 0:
        return None
    return [array[start : start + length] for start in range(0, len(array), length)]


def number_range(engine: Engine, start: float | None, end: float | None, step: float | None) -> Any:
    """Return the numbers from one to another; a single one is no array (recorded)."""
    if start is None or end is None or step is None:
        return None
    first, last, by = math.trunc(start), math.trunc(end), math.trunc(step)
    if by == 0:
        return None
    numbers = range(first, last + (1 if by > 0 else -1), by)
    if _size(numbers) > _LONGEST_RANGE:
        raise JsonataError(None, MEMORY)
    return Utils.create_sequence_from_iter(numbers)


def hashed(engine: Engine, data: str | None, algorithm: str | None) -> str | None:
    """Return the hash of a string in hexadecimal digits."""
    if data is None or algorithm is None:
        return None
    if algorithm not in _ALGORITHMS:
        raise JsonataError("D3137", message=f"Hash algorithm '{algorithm}' must be one of {', '.join(_ALGORITHMS)}")
    return hashlib.new(algorithm.replace("-", ""), data.encode(), usedforsecurity=False).hexdigest()


def random(engine: Engine, seed: float | None) -> float:
    """Return a number from 0 to 1: with a seed that of Java, else one of the execution's source of randomness."""
    if seed is None:
        drawn: float = engine.scope.random.random()
        return drawn
    return _java_random(math.trunc(seed))


def random_uuid(engine: Engine) -> str:
    """Return a UUID of version 4 from the execution's source of randomness."""
    return str(uuid.UUID(int=engine.scope.random.getrandbits(128), version=4))


def parse(engine: Engine, text: str | None) -> Any:
    """Return the data that a JSON text means; it must be JSON without repeated keys, but may have single quotes."""
    if text is None:
        return None
    try:
        text = _QUOTED.sub(_double_quoted, text)
        return to_engine(json.loads(text, parse_constant=_refuse, parse_float=_finite, object_pairs_hook=_unique))
    except ValueError as error:
        raise JsonataError("D3137", message="Invalid JSON") from error


FUNCTIONS: dict[str, tuple[str, Callable[..., Any]]] = {
    "partition": ("<x?n?:a>", partition),
    "range": ("<nnn?:a<n>>", number_range),
    "hash": ("<ss?:s>", hashed),
    "random": ("<n?:n>", random),
    "uuid": ("<:s>", random_uuid),
    "parse": ("<s?:x>", parse),
}


def _size(numbers: range) -> int:
    """The length of a range, also where it is more than an index can be."""
    return max(0, (numbers.stop - numbers.start + numbers.step - (1 if numbers.step > 0 else -1)) // numbers.step)


def _java_random(seed: int) -> float:
    """The first `nextDouble` of Java's linear congruential generator (documentation of `java.util.Random`)."""
    mask = (1 << 48) - 1
    first = ((seed ^ 0x5DEECE66D) * 0x5DEECE66D + 0xB) & mask
    second = (first * 0x5DEECE66D + 0xB) & mask
    return float(((first >> 22) << 27) + (second >> 21)) / (1 << 53)


def _refuse(constant: str) -> Any:
    raise ValueError(constant)


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(text)
    return number


def _double_quoted(found: re.Match[str]) -> str:
    """A string of a JSON text in double quotes, as Java's Jackson reads one in single quotes."""
    if found[0].startswith('"'):
        return found[0]
    return '"' + _IN_SINGLE.sub(lambda part: _IN_DOUBLE.get(part[0], part[0]), found[1]) + '"'


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        raise ValueError("a key is repeated")
    return made
