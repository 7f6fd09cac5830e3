"""Reads delimited text as Step Functions does (AWS: "How Step Functions parses input CSV files").

Unlike in other dialects of CSV, doubled quotes and backslashes mean the same inside and outside of a quoted field: an
unquoted ``{""a"":1}`` is ``{"a":1}``, and a backslash that escapes nothing is removed, at the end of a line, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_NEWLINES = re.compile(r"\r\n?")


def read_rows(text: str, delimiter: str) -> Iterator[list[str]]:
    """Yield the fields of each row; an empty line is no row.

    Parameters
    ----------
    text : str
        The file.
    delimiter : str
        The character between two fields.
    """
    text = _NEWLINES.sub("\n", text)
    special = re.compile(f'["\\\\\n{re.escape(delimiter)}]')
    position = 0
    while position < len(text):
        end = text.find("\n", position)
        end = len(text) if end < 0 else end
        line = text[position:end]
        if '"' in line or "\\" in line:
            row, position = _read_row(text, position, delimiter, special)
            yield row
        else:
            position = end + 1
            if line:
                yield line.split(delimiter)


def _read_row(text: str, position: int, delimiter: str, special: re.Pattern[str]) -> tuple[list[str], int]:
    """Return the fields of the row that begins at a position, and the position after it."""
    row: list[str] = []
    field = ""
    quoted = False
    while True:
        found = special.search(text, position)
        start = len(text) if found is None else found.start()
        field += text[position:start]
        position = start + 1
        character, following = text[start : start + 1], text[position : position + 1]
        if character == "\\":
            if following and following in f'\\"{delimiter}':
                field += following
                position += 1
        elif character == '"':
            if following == '"' and (quoted or field):
                field += '"'
                position += 1
            elif quoted or not field.strip():
                # A quote that opens a field may have blanks before it, which are not part of the field.
                field, quoted = field if quoted else "", not quoted
            else:
                field += '"'
        elif not character or not quoted:
            row.append(field)
            field = ""
            if character != delimiter:
                return row, position
        else:
            field += character
