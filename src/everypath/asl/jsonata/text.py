"""Values as text, as ``$string`` and ``&`` write them."""

from __future__ import annotations

import math
from decimal import ROUND_FLOOR, Context, Decimal
from typing import Any

from everypath.asl.java_values import double_text
from everypath.asl.jsonata.messages import JsonataError
from everypath.asl.jsonata.values import NULL, is_function

_FIGURES = Context(prec=15, rounding=ROUND_FLOOR)
#: All that is escaped; U+0001 and U+2028 are written as they are (measured on AWS: iwamot/sfnx, docs/design.md).
_ESCAPES = {'"': r"\"", "\\": r"\\", "\b": r"\b", "\f": r"\f", "\n": r"\n", "\r": r"\r", "\t": r"\t"}
_ESCAPED = str.maketrans(_ESCAPES)


def text_of(value: Any, prettify: Any = None) -> str | None:
    """Return a value as text; None where it is undefined.

    Raises
    ------
    JsonataError
        D3001 for infinity and for what is no number.
    """
    if value is None or isinstance(value, str):
        return value
    if is_function(value):
        return ""
    if isinstance(value, float) and not math.isfinite(value):
        raise JsonataError("D3001", value=None)
    return _written(value, "\n" if prettify is True else None)


def number_text(value: float) -> str:
    """Return a number as Java's ``BigDecimal`` writes it, cut to 15 digits towards minus infinity.

    A whole number below 1e21 has all of its digits (both measured on AWS: iwamot/sfnx, docs/design.md); within 64 bits
    it is exact (measured with TestState: floci-io/floci pull request 2783).
    """
    if isinstance(value, int) and -(2**63) <= value < 2**63:
        return str(value)
    if not math.isfinite(value):
        return "null"
    decimal = Decimal(double_text(float(value)))
    if decimal == decimal.to_integral_value() and abs(decimal) < 10**21:
        return f"{int(decimal)}"
    sign, digits, exponent = _FIGURES.plus(decimal).normalize(_FIGURES).as_tuple()
    figures = "".join(map(str, digits))
    point = len(figures) + int(exponent)  # where the decimal point is, counted from the first figure
    if int(exponent) > 0 or point <= -6:
        text = figures[0] + ("." + figures[1:] if figures[1:] else "") + f"e{point - 1:+d}"
    elif point <= 0:
        text = "0." + "0" * -point + figures
    else:
        text = figures[:point] + ("." + figures[point:] if figures[point:] else "")
    return "-" * sign + text


def clone(value: Any) -> Any:
    """Return a copy, its fractions rounded to 15 digits because JavaScript's goes by way of text."""
    if isinstance(value, dict):
        return {key: clone(item) for key, item in value.items()}
    if isinstance(value, list):
        return [clone(item) for item in value]
    return float(number_text(value)) if isinstance(value, float) and math.isfinite(value) else value


def _written(value: Any, line: str | None) -> str:
    """JSON text; with `line`, a line feed and what the line is indented by, on several lines."""
    if isinstance(value, str):
        return '"' + value.translate(_ESCAPED) + '"'
    if value is None or value is NULL:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return number_text(value)
    if not isinstance(value, (dict, list)):
        return '""'
    inner = None if line is None else line + "  "
    if isinstance(value, dict):
        colon = ":" if line is None else ": "
        parts = [_written(str(key), None) + colon + _written(item, inner) for key, item in value.items()]
    else:
        parts = [_written(item, inner) for item in value]
    start, end = "{}" if isinstance(value, dict) else "[]"
    if not parts or line is None:
        return start + ",".join(parts) + end
    return f"{start}{inner}{f',{inner}'.join(parts)}{line}{end}"
