"""``Transform.RequestBodyEncoding`` of an HTTP Task: a request body as URL-encoded form data."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

from everypath.engine.data import to_text

#: How ``RequestEncodingOptions.ArrayFormat`` spells the items of an array, by the array's name and an item's index.
_ITEM_NAMES: dict[str, Callable[[str, int], str]] = {
    "INDICES": lambda name, index: f"{name}[{index}]",
    "REPEAT": lambda name, _: name,
    "BRACKETS": lambda name, _: f"{name}[]",
}


def form_encoded(body: Any, array_format: str = "INDICES") -> str:
    """Return form data for a JSON object: ``{"a": {"b": [1]}}`` is ``a[b][0]=1``, percent-encoded.

    Parameters
    ----------
    body : Any
        The object; a text is passed on as it is.
    array_format : str
        ``INDICES``, ``REPEAT``, ``BRACKETS``, ``COMMAS`` or ``NONE``, which leaves an array as JSON text.
    """
    if not isinstance(body, dict):
        return body if isinstance(body, str) else to_text(body)
    return urlencode([pair for name, value in body.items() for pair in _pairs(name, value, array_format)])


def _pairs(name: str, value: Any, array_format: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _pairs(f"{name}[{key}]", item, array_format)
    elif isinstance(value, list) and array_format in _ITEM_NAMES:
        for index, item in enumerate(value):
            yield from _pairs(_ITEM_NAMES[array_format](name, index), item, array_format)
    elif isinstance(value, list) and array_format == "COMMAS":
        yield name, ",".join(map(_text, value))
    else:
        yield name, _text(value)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else to_text(value)
