"""Text with delimiters as items: one object for each row, all of its values strings.

Source: AWS, "ItemReader (Map)", the rules for text delimited files; recorded, ``distributed_map``.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

DELIMITERS = {"COMMA": ",", "PIPE": "|", "SEMICOLON": ";", "SPACE": " ", "TAB": "\t"}


def csv_items(text: str, config: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    """Yield the items of a file.

    Missing values are empty strings, values beyond the last header are left out, lines without anything are no rows.

    Parameters
    ----------
    text : str
        The file.
    config : mapping
        ``ReaderConfig``: CSVDelimiter, CSVHeaderLocation and CSVHeaders are used.

    Raises
    ------
    csv.Error
        The text cannot be read.
    """
    delimiter = DELIMITERS[config.get("CSVDelimiter", "COMMA")]
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, escapechar="\\")
    filled = (row for row in rows if row)
    headers = config.get("CSVHeaders") if config.get("CSVHeaderLocation") == "GIVEN" else next(filled, [])
    return rows_as_items(headers or [], filled)


def rows_as_items(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[dict[str, str]]:
    """Yield an object for each row, with its fields in the order in which the service has them."""
    position = {name: index for index, name in enumerate(headers)}
    fields = [(name, position[name]) for name in java_order(position)]
    for row in rows:
        count = len(row)
        yield {name: row[index] if index < count else "" for name, index in fields}


def java_order(names: Iterable[str]) -> list[str]:
    """Return names in the order in which Java's HashMap has them: the service's, for the fields of a row (recorded).

    The map's table has a power of two of places, at least 16, and is never filled to more than three quarters. Names
    that share a place stay in the order in which they came.
    """
    found = list(names)
    places = 16
    while len(found) > places * 3 // 4:
        places *= 2
    return sorted(found, key=lambda name: _spread(name) & (places - 1))


def _spread(name: str) -> int:
    hashed = 0
    units = name.encode("utf-16-be", "surrogatepass")
    for high, low in zip(units[::2], units[1::2], strict=True):
        hashed = (31 * hashed + (high << 8 | low)) & 0xFFFFFFFF
    return hashed ^ hashed >> 16
